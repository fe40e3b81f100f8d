"""Packages that also export the names of another SDK."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from acme_client._runtime.drop_in import DropInClient, default_client
from acme_client._runtime.errors import ApiError, ConfigurationError, JobFailedError, JobTimeoutError
from acme_client.client import Acme
from acme_support.adapter import KEY
from acme_support.server import Reply


class OtherClient(DropInClient, Acme):
    """A client as the other SDK has it, as a generated package defines it."""


@pytest.fixture(autouse=True)
def _answers(server: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    server.on("/v2/fox-1.5", Reply(body={"request_id": "j"}))
    server.on("/v2/requests/j/status", Reply(body={"status": "COMPLETED"}))
    server.on(
        "/v2/requests/j", Reply(body={"status": "COMPLETED", "output": "o", "metrics": {"inference_time": 2}})
    )
    server.on("/v1/fox-1.5", Reply(body=b"x"))
    monkeypatch.setenv("ACME_KEY", KEY)
    monkeypatch.setenv("ACME_URL", server.url)


def test_code_for_the_other_sdk_runs(server: Any) -> None:
    client = OtherClient()
    job = client.submit_async("fox-1.5", prompt="a")
    assert job.request_id == "j"
    result = job.wait(timeout=600, interval=1.0)
    assert result["status"] == "COMPLETED"
    assert result.get("output") == "o"
    assert result["metrics"]["inference_time"] == 2
    response = client.run_sync("fox-1.5", prompt="a")
    assert (response.status_code, response.content) == (200, b"x")


def test_the_client_has_the_other_sdks_constructor(server: Any) -> None:
    client = OtherClient("key-of-mine", f"{server.url}/v1", 5)
    client.run_sync("fox-1.5", prompt="a")
    assert server.requests[0].headers["x-acme-key"] == "key-of-mine"
    assert client._settings.timeout == 5
    assert OtherClient()._settings.timeout == 30.0
    assert OtherClient(api_key="key-of-mine", base_url=server.url, timeout=None).fox_1_5.generate(prompt="a")


def test_the_errors_have_the_other_sdks_attributes(server: Any) -> None:
    server.on("/v2/requests/j/status", Reply(422, {"status": "FAILED", "error": "blocked"}))
    with pytest.raises(JobFailedError) as failed:
        OtherClient().run("fox-1.5", prompt="a")
    assert (failed.value.detail, failed.value.status_body["status"]) == ("blocked", "FAILED")
    server.on("/v2/requests/j/status", Reply(body={"status": "QUEUED"}))
    with pytest.raises(JobTimeoutError) as late:
        OtherClient().submit_async("fox-1.5", prompt="a").wait(0.01, 0.01)
    assert late.value.request_id == "j"
    assert late.value.elapsed_s >= 0.01
    assert isinstance(late.value, ApiError)


def test_the_default_client_is_created_once_on_first_use(
    server: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("ACME_KEY")
    default = default_client(Acme)
    for _ in range(2):
        with pytest.raises(ConfigurationError, match="ACME_KEY"):
            default()
    monkeypatch.setenv("ACME_KEY", KEY)
    client = default()
    assert default() is client
    assert client.run_sync("fox-1.5", prompt="a").content == b"x"


def test_a_changed_environment_or_a_closed_client_creates_a_new_default(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    default = default_client(Acme)
    first = default()
    monkeypatch.setenv("ACME_KEY", "another-key")
    second = default()
    assert second is not first
    second.close()
    third = default()
    assert third is not second
    monkeypatch.setenv("ACME_URL", "http://127.0.0.1:1")
    assert default() is not third


def test_threads_get_the_same_default_client() -> None:
    default = default_client(Acme)
    found: list[Acme] = []
    threads = [threading.Thread(target=lambda: found.append(default())) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(map(id, found))) == 1
