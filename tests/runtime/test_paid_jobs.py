"""A job that was submitted is never lost: every exception names it, and the log does."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import threading
import traceback
from typing import TYPE_CHECKING, Any

import pytest
from acme_client._runtime.errors import (
    APIConnectionError,
    ApiError,
    InvalidResponseError,
    JobFailedError,
    JobTimeoutError,
)
from acme_client.client import Acme, AsyncAcme
from acme_client.errors import AuthenticationError, NotFoundError
from acme_support.adapter import KEY
from acme_support.server import Reply

if TYPE_CHECKING:
    from pathlib import Path

STATUS = "/v2/requests/j-1/status"


@pytest.fixture(autouse=True)
def _accepted(server: Any) -> None:
    server.on("/v2/fox-1.5", Reply(body={"request_id": "j-1"}))
    server.on("/v2/unheard-of", Reply(body={"request_id": "j-1"}))
    server.on(STATUS, Reply(body={"status": "QUEUED"}))


def assert_named(error: BaseException) -> None:
    assert getattr(error, "job_id", None) == "j-1"
    assert "j-1" in "".join(traceback.format_exception(error))


TROUBLE = [
    (Reply(401, {"error": "expired"}), AuthenticationError),
    (Reply(404, {"error": "gone"}), NotFoundError),
    (Reply(302, b"", {"location": "https://elsewhere.test"}), InvalidResponseError),
    (Reply(422, {"status": "FAILED", "error": "blocked"}), JobFailedError),
]


@pytest.mark.parametrize(("reply", "kind"), TROUBLE, ids=[kind.__name__ for _, kind in TROUBLE])
@pytest.mark.parametrize("slug", ["fox-1.5", "unheard-of"])
def test_an_error_while_run_waits_names_the_job(
    acme: Any, server: Any, reply: Reply, kind: type[ApiError], slug: str
) -> None:
    server.on(STATUS, reply)
    for client in (acme.client(), acme.client().with_options(timeout=9)):
        with pytest.raises(kind) as caught:
            acme.run(client.run(slug, prompt="a"))
        assert_named(caught.value)


def test_an_error_of_the_result_names_the_job(acme: Any, server: Any) -> None:
    server.on(STATUS, Reply(body={"status": "COMPLETED"}))
    server.on("/v2/requests/j-1", Reply(401, {"error": "expired"}))
    job = acme.run(acme.client().fox_1_5.submit(prompt="a"))
    for look in (job.result, job.wait):
        with pytest.raises(AuthenticationError) as caught:
            acme.run(look())
        assert_named(caught.value)
        assert len(caught.value.__notes__) == 1
    with pytest.raises(AuthenticationError) as caught:
        acme.run(acme.client().job("j-1").wait())
    assert caught.value.job_id == "j-1"
    assert not hasattr(caught.value, "__notes__")


def test_a_timeout_and_a_lost_connection_name_the_job(acme: Any, server: Any) -> None:
    job = acme.run(acme.client(max_retries=0).submit_async("fox-1.5", prompt="a"))
    with pytest.raises(JobTimeoutError) as timeout:
        acme.run(job.wait(timeout=0))
    assert_named(timeout.value)
    server.on(STATUS, Reply(reset=True))
    with pytest.raises(APIConnectionError) as caught:
        acme.run(job.status())
    assert_named(caught.value)


def test_an_exception_of_on_status_names_the_job(acme: Any) -> None:
    def interrupt(_: object) -> None:
        raise KeyboardInterrupt

    job = acme.run(acme.client().submit_async("fox-1.5", prompt="a"))
    with pytest.raises(KeyboardInterrupt) as caught:
        acme.run(job.wait(on_status=interrupt))
    assert_named(caught.value)


def test_ctrl_c_names_the_job(server: Any) -> None:
    with Acme(KEY, base_url=server.url) as client:
        threading.Timer(0.1, os.kill, (os.getpid(), signal.SIGINT)).start()
        with pytest.raises(KeyboardInterrupt) as caught:
            client.run("fox-1.5", prompt="a")
    assert_named(caught.value)


def test_a_cancellation_names_the_job(server: Any) -> None:
    async def main() -> BaseException:
        async with AsyncAcme(KEY, base_url=server.url) as client:
            task = asyncio.create_task(client.run("fox-1.5", prompt="a"))
            while STATUS not in server.paths():
                await asyncio.sleep(0.01)
            task.cancel()
            with pytest.raises(asyncio.CancelledError) as caught:
                await task
            return caught.value

    assert_named(asyncio.run(main()))


def test_an_error_of_an_output_names_the_job(acme: Any, server: Any, tmp_path: Path) -> None:
    server.on(STATUS, Reply(body={"status": "COMPLETED"}))
    server.on("/v2/requests/j-1", Reply(body={"status": "COMPLETED", "output": f"{server.url}/fox.png"}))
    result = acme.run(acme.client(max_retries=0).run("fox-1.5", prompt="a"))

    async def pieces() -> list[bytes]:
        async with result.stream() as stream:
            return [piece async for piece in stream]

    def read_all() -> list[bytes]:
        with result.stream() as stream:
            return list(stream)

    looks = (
        lambda: result.save(tmp_path / "fox.png"),
        result.outputs[0].read,
        result.pil,
        pieces if acme.is_async else read_all,
    )
    for reply in (Reply(404), Reply(reset=True), Reply(body=b"\x89PNG\r\n\x1a\n" + bytes(99), cut=True)):
        server.on("/fox.png", reply)
        for look in looks:
            with pytest.raises(ApiError) as caught:
                acme.run(look())
            assert_named(caught.value)
            assert len(caught.value.__notes__) == 1
    again = acme.run(acme.client(max_retries=0).job("j-1").result())
    with pytest.raises(ApiError) as caught:
        acme.run(again.save(tmp_path / "fox.png"))
    assert caught.value.job_id == "j-1"
    assert not hasattr(caught.value, "__notes__")


def test_ctrl_c_in_a_download_names_the_job(server: Any, tmp_path: Path) -> None:
    server.on(STATUS, Reply(body={"status": "COMPLETED"}))
    server.on("/v2/requests/j-1", Reply(body={"status": "COMPLETED", "output": f"{server.url}/fox.png"}))
    server.on("/fox.png", Reply(hang=True))
    with Acme(KEY, base_url=server.url) as client:
        result = client.run("fox-1.5", prompt="a")
        threading.Timer(0.1, os.kill, (os.getpid(), signal.SIGINT)).start()
        with pytest.raises(KeyboardInterrupt) as caught:
            result.save(tmp_path / "fox.png")
    assert_named(caught.value)


def test_errors_before_the_submit_name_no_job(acme: Any, server: Any) -> None:
    server.on("/v2/fox-1.5", Reply(401, {"error": "no"}))
    with pytest.raises(AuthenticationError) as caught:
        acme.run(acme.client().run("fox-1.5", prompt="a"))
    assert caught.value.job_id is None


def test_an_accepted_submit_is_logged_with_its_job(acme: Any, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, "acme_client"):
        acme.run(acme.client().fox_1_5.submit(prompt="a secret"))
    assert [(record.levelname, record.getMessage()) for record in caplog.records] == [
        ("INFO", "job j-1 of fox-1.5 was accepted")
    ]
