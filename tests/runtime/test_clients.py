"""Clients: models as attributes, options, closing, sharing between threads."""

from __future__ import annotations

import asyncio
import gc
import logging
import sys
import threading
import warnings
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import anyio
import httpx2
import pytest
import trio
from acme_client._runtime.errors import ConfigurationError, ParameterError
from acme_client.client import Acme, AsyncAcme
from acme_client.errors import BadRequestError
from acme_client.models.fox_1_5 import AsyncFox15, Fox15
from acme_support.adapter import KEY
from acme_support.server import Reply

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(autouse=True)
def _answers(server: Any) -> None:
    server.on("/v1/fox-1.5", Reply(body=b"x"))
    server.on("/v1/unheard-of", Reply(body=b"y"))


def test_models_are_attributes_created_once(acme: Any) -> None:
    client = acme.client()
    assert type(client.fox_1_5) is (AsyncFox15 if acme.is_async else Fox15)
    assert client.fox_1_5 is client.fox_1_5
    assert {"fox_1_5", "owl", "run", "close"} <= set(dir(client))
    assert repr(client.fox_1_5).startswith("<model fox-1.5 of A")


def test_an_unknown_attribute_is_an_error_with_a_suggestion(acme: Any) -> None:
    with pytest.raises(AttributeError, match="has no attribute 'fox_1'") as caught:
        _ = acme.client().fox_1
    assert (caught.value.name, type(caught.value.obj)) == ("fox_1", type(caught.value.obj))
    assert not hasattr(acme.client(), "_fox")


def test_requests_have_a_user_agent(acme: Any, server: Any) -> None:
    acme.run(
        acme.client(extra_headers={"X-Team": "t"}).fox_1_5.generate(prompt="ä", extra_headers={"x-more": "m"})
    )
    (request,) = server.requests
    assert (request.method, request.path) == ("POST", "/v1/fox-1.5")
    assert request.headers["user-agent"].startswith("acme-client/1.2.3 python/3.")
    assert request.headers["content-type"] == "application/json"
    assert (request.headers["x-team"], request.headers["x-more"]) == ("t", "m")
    assert request.body == '{"prompt":"ä","sampler":"euler"}'.encode()


def test_requests_equal_those_of_the_http_library(acme: Any, server: Any) -> None:
    """Without a caller's client they are put together past it, for speed."""
    own = httpx2.AsyncClient() if acme.is_async else httpx2.Client()
    sent = []
    for client in (acme.client(), acme.client(http_client=own)):
        server.on(
            "/v1/fox-1.5", Reply(body=b"x", headers={"set-cookie": "route=a7; Path=/"}), Reply(body=b"x")
        )
        server.requests.clear()
        acme.run(client.fox_1_5.generate(prompt="a"))
        acme.run(client.fox_1_5.generate(prompt="a", extra_headers={"accept": "image/png"}))
        sent.append([(request.method, request.path, {**request.headers}) for request in server.requests])
    assert sent[0] == sent[1]
    assert sent[0][1][2]["cookie"] == "route=a7"
    assert sent[0][1][2]["accept"] == "image/png"
    acme.close_http(own)


@pytest.mark.parametrize("headers", [{"bad name": "x"}, {"": "x"}, {"x": "a\nb"}, {"x": "ä"}, {"x": 3}])
def test_invalid_headers_are_refused_without_showing_the_value(acme: Any, headers: Any) -> None:
    with pytest.raises(ConfigurationError, match="extra_headers"):
        acme.client(extra_headers=headers)
    with pytest.raises(ConfigurationError, match="extra_headers"):
        acme.run(acme.client().fox_1_5.generate(prompt="a", extra_headers=headers))


def test_options_that_are_not_mappings_are_refused(acme: Any, server: Any) -> None:
    for option in ("extra_headers", "extra_body"):
        with pytest.raises(ConfigurationError, match=f"{option} must be a mapping, not list"):
            acme.run(acme.client().fox_1_5.generate(prompt="a", **{option: [("x", "y")]}))
    assert server.requests == []


def test_run_forwards_every_keyword(acme: Any, server: Any) -> None:
    client = acme.client()
    words = {"self": 1, "slug": 2, "timeout": 3, "interval": 4, "extra_body": 5, "params": 6, "validate": 7}
    acme.run(client.run_sync("unheard-of", **words))
    assert server.requests[0].json == words


def test_run_of_a_known_model_checks_and_takes_names_of_either_kind(acme: Any, server: Any) -> None:
    client = acme.client()
    acme.run(client.run_sync("fox-1.5", prompt="a", **{"class": "c", "timeout": 4}))
    acme.run(client.run_sync("fox-1.5", prompt="a", class_="c", timeout_=4))
    for request in server.requests:
        assert request.json == {"prompt": "a", "sampler": "euler", "class": "c", "timeout": 4}
    with pytest.raises(ParameterError, match="width=7"):
        acme.run(client.run_sync("fox-1.5", prompt="a", width=7))
    with pytest.raises(ParameterError, match="interval"):
        acme.run(client.run("fox-1.5", prompt="a", interval=1))


def test_with_options_shares_the_connections(acme: Any, server: Any) -> None:
    client = acme.client(extra_headers={"a": "1", "b": "2"})
    other = client.with_options(validate=False, extra_headers={"B": "3"}, max_retries=0, timeout=5)
    acme.run(client.fox_1_5.generate(prompt="a"))
    acme.run(other.fox_1_5.generate(prompt=""))
    first, second = server.requests
    assert (first.headers["b"], second.headers["a"], second.headers["b"]) == ("2", "1", "3")
    assert first.connection == second.connection
    assert type(other) is type(client)
    assert other.fox_1_5 is not client.fox_1_5
    with pytest.raises(ParameterError):
        acme.run(client.fox_1_5.generate(prompt=""))


def test_closing_the_other_client_leaves_the_first_one_open(acme: Any) -> None:
    client = acme.client()
    other = client.with_options(timeout=5)
    acme.run(other.close())
    assert (client.is_closed, other.is_closed) == (False, True)
    acme.run(client.fox_1_5.generate(prompt="a"))
    with pytest.raises(ConfigurationError, match="the client is closed"):
        acme.run(other.fox_1_5.generate(prompt="a"))
    another = client.with_options()
    acme.run(client.close())
    assert another.is_closed
    with pytest.raises(ConfigurationError, match="the client is closed"):
        acme.run(another.fox_1_5.generate(prompt="a"))


def test_a_client_is_closed_at_the_end_of_its_with_block(acme: Any) -> None:
    async def block(client: Any) -> None:
        async with client as inside:
            assert inside is client
            await client.fox_1_5.generate(prompt="a")

    client = acme.client()
    if acme.is_async:
        acme.run(block(client))
    else:
        with client as inside:
            assert inside is client
            client.fox_1_5.generate(prompt="a")
    acme.run(client.close())
    acme.run(client.close())
    with pytest.raises(ConfigurationError, match="the client is closed"):
        acme.run(client.fox_1_5.generate(prompt="a"))
    with pytest.raises(ConfigurationError, match="the client is closed"):
        acme.run(client.job("j").status())


def test_each_client_has_one_pool(acme: Any, server: Any) -> None:
    client = acme.client()
    server.on("/v2/requests/j/status", Reply(body={"status": "QUEUED"}))
    for _ in range(3):
        acme.run(client.fox_1_5.generate(prompt="a"))
        acme.run(client.job("j").status())
    assert len({request.connection for request in server.requests}) == 1


def test_a_callers_own_http_client_is_used_as_it_is_and_not_closed(acme: Any, server: Any) -> None:
    kind = httpx2.AsyncClient if acme.is_async else httpx2.Client
    own = kind(headers={"x-trace": "t"}, base_url="https://ignored.test/x")
    client = acme.client(http_client=own)
    acme.run(client.fox_1_5.generate(prompt="a"))
    acme.run(client.close())
    assert server.requests[0].headers["x-trace"] == "t"
    assert server.requests[0].headers["x-acme-key"] == KEY
    assert not own.is_closed
    acme.close_http(own)
    with pytest.raises(ConfigurationError, match="http_client is closed"):
        acme.run(acme.client(http_client=own).fox_1_5.generate(prompt="a"))


def test_an_http_client_of_the_other_kind_is_refused() -> None:
    with pytest.raises(ConfigurationError, match=r"httpx2\.Client, not httpx2\.AsyncClient"):
        Acme(KEY, http_client=httpx2.AsyncClient())
    with pytest.raises(ConfigurationError, match=r"httpx2\.AsyncClient, not httpx2\.Client"):
        AsyncAcme(KEY, http_client=httpx2.Client())


def test_threads_share_a_client(server: Any) -> None:
    server.on("/v1/fox-1.5", Reply(body=b"x", delay=0.02))
    with Acme(KEY, base_url=server.url) as client, ThreadPoolExecutor(16) as threads:
        start = threading.Barrier(16)

        def work(number: int) -> tuple[int, bytes]:
            start.wait()
            model = client.fox_1_5
            return id(model), b"".join(model.generate(prompt=f"{number}").content for _ in range(5))

        models, contents = zip(*threads.map(work, range(16)), strict=True)
    assert len(set(models)) == 1
    assert set(contents) == {b"xxxxx"}
    assert len(server.requests) == 80


def test_threads_that_start_together_share_one_pool(server: Any) -> None:
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        for _ in range(5):
            client, start = Acme(KEY, base_url=server.url), threading.Barrier(16)

            def work(_: int, client: Acme = client, start: threading.Barrier = start) -> httpx2.Client:
                start.wait()
                return client._transport._pool()

            with client, ThreadPoolExecutor(16) as threads:
                assert len(set(map(id, threads.map(work, range(16))))) == 1
    finally:
        sys.setswitchinterval(interval)


def test_tasks_share_a_client(server: Any) -> None:
    import asyncio

    async def main() -> list[Any]:
        async with AsyncAcme(KEY, base_url=server.url) as client:
            return await asyncio.gather(*(client.fox_1_5.generate(prompt="a") for _ in range(16)))

    assert [result.content for result in asyncio.run(main())] == [b"x"] * 16


def test_the_log_has_requests_but_no_bodies(
    acme: Any, server: Any, caplog: pytest.LogCaptureFixture, clock: Any
) -> None:
    server.on("/v1/fox-1.5", Reply(429, {"error": "secret answer"}), Reply(400, {"error": "secret answer"}))
    with caplog.at_level(logging.DEBUG, "acme_client"), pytest.raises(BadRequestError):
        acme.run(acme.client(clock=clock).fox_1_5.generate(prompt="secret prompt"))
    messages = [record.getMessage() for record in caplog.records if record.name == "acme_client"]
    assert messages[0] == f"POST {server.url}/v1/fox-1.5"
    assert "Response(429, 'application/json'" in messages[1]
    assert messages[2].startswith("429 Rate Limited: attempt 2 of 3 in 0.5 s")
    assert "secret" not in "".join(messages)


def test_the_log_is_silent_by_default() -> None:
    assert any(
        isinstance(handler, logging.NullHandler) for handler in logging.getLogger("acme_client").handlers
    )


def test_an_unused_client_is_discarded_without_a_warning(acme: Any) -> None:
    with resource_warnings() as found:
        kind = AsyncAcme if acme.is_async else Acme
        kind(KEY, base_url=acme.url)
    assert found == []


@contextmanager
def resource_warnings() -> Iterator[list[str]]:
    """Collect the texts of ResourceWarnings, those of the collector included. It does not run within the block.

    What exists before the block is frozen: looking through all objects of all tests takes a third of a second.
    """
    gc.collect()
    gc.freeze()
    gc.disable()
    found: list[str] = []
    try:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            yield found
            found += [str(each.message) for each in caught]
            gc.collect()
            found += [str(each.message) for each in caught[len(found) :]]
    finally:
        gc.enable()


UNCLOSED = "unclosed client of acme_client: close it, or use it in a `with` block"


@pytest.mark.parametrize("derive", [lambda client: client, lambda client: client.with_options(timeout=9)])
def test_an_unclosed_client_is_discarded_at_once_with_one_warning(server: Any, derive: Any) -> None:
    with resource_warnings() as found:
        client = derive(Acme(KEY, base_url=server.url))
        client.fox_1_5.generate(prompt="a")
        pool = client._transport._pool().client
        assert not pool.is_closed
        del client
        assert pool.is_closed
    assert found == [UNCLOSED]


def test_a_discarded_result_discards_its_client(server: Any) -> None:
    with resource_warnings() as found:
        Acme(KEY, base_url=server.url).fox_1_5.generate(prompt="a")
    assert found == [UNCLOSED]


@pytest.mark.parametrize("run", [asyncio.run, trio.run], ids=["asyncio", "trio"])
@pytest.mark.parametrize("moment", ["in the loop", "with the loop", "after the loop"])
def test_an_unclosed_asynchronous_client_is_discarded_with_one_warning(
    server: Any, run: Any, moment: str
) -> None:
    kept: list[Any] = []

    async def main() -> None:
        client = AsyncAcme(KEY, base_url=server.url)
        await client.fox_1_5.generate(prompt="a")
        if moment == "after the loop":
            kept.append(client)
        if moment == "in the loop":
            del client
            await anyio.sleep(0.01)

    with resource_warnings() as found:
        run(main() if run is asyncio.run else main)
        kept.clear()
    assert found == [UNCLOSED]


def test_a_closed_client_is_discarded_without_a_warning(acme: Any) -> None:
    with resource_warnings() as found:
        client = (AsyncAcme if acme.is_async else Acme)(KEY, base_url=acme.url)
        acme.run(client.fox_1_5.generate(prompt="a"))
        acme.run(client.close())
        del client
    assert found == []


@pytest.mark.parametrize("level", ["debug", "INFO", " warning "])
def test_the_environment_turns_logging_on(
    acme: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], level: str
) -> None:
    logger = logging.getLogger("acme_client")
    before = logger.level, list(logger.handlers)
    monkeypatch.setattr(logging.root, "handlers", [])
    monkeypatch.setenv("ACME_LOG", level)
    try:
        for _ in range(2):
            acme.run(acme.client().run_sync("unheard-of", prompt="secret prompt"))
        printed = capsys.readouterr().err
    finally:
        logger.setLevel(before[0])
        logger.handlers[:] = before[1]
    assert printed.count("DEBUG acme_client: POST") == (4 if level == "debug" else 0)
    assert "secret" not in printed
    assert KEY not in printed


def test_the_environment_leaves_handlers_of_the_application_alone(
    acme: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    logger = logging.getLogger("acme_client")
    before = list(logger.handlers)
    monkeypatch.setenv("ACME_LOG", "debug")
    acme.client()
    try:
        assert logger.handlers == before
        assert logger.level == logging.DEBUG
    finally:
        logger.setLevel(logging.NOTSET)


def test_an_unknown_level_of_logging_is_refused(acme: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ACME_LOG", "loud")
    with pytest.raises(
        ConfigurationError, match="ACME_LOG must be debug, info, warning or error, not 'loud'"
    ):
        acme.client()
