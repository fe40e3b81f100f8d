"""A request that costs credits is repeated only if the server cannot have accepted it: every status, every failure.

The client runs as usual, on a pool of connections that answers without a network: there are thousands of requests.
`test_retries.py` has examples over HTTP. The mutation run executes this module against changed copies of the runtime
(`SPECCAST_RUNTIME`, see `conftest.py`).
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import httpx2
import pytest
from acme_client._api import API
from acme_client._core.api import ErrorStatus
from acme_client._runtime.errors import ApiError
from acme_client._runtime.retry import is_transient, was_not_accepted
from acme_client._runtime.steps import RequestFailure, Response

if TYPE_CHECKING:
    from collections.abc import Callable

STATUSES = range(200, 600)
REFUSALS = range(400, 600)
"""Statuses that end a call with an error."""

BY_DEFAULT = {429}
"""Repeated for an API whose spec marks no status as `rejected_unprocessed`."""

TRANSIENT = {408, 425, 429, *range(500, 600)}
"""Repeated when a request reads the state of a job, which costs nothing."""

NOT_SENT = {"ConnectError", "ConnectTimeout", "PoolTimeout", "ProxyError"}
"""Exceptions of the HTTP library that are raised before a request is sent."""
NOT_SENDABLE = {"InvalidURL", "LocalProtocolError", "UnsupportedProtocol"}
"""Exceptions for requests that can never be sent."""
MAY_BE_SENT = {
    "CloseError",
    "DecodingError",
    "HTTPError",
    "HTTPStatusError",
    "NetworkError",
    "ProtocolError",
    "ReadError",
    "ReadTimeout",
    "RemoteProtocolError",
    "RequestError",
    *({"SSEError"} if hasattr(httpx2, "SSEError") else ()),  # of later versions
    "TimeoutException",
    "TooManyRedirects",
    "TransportError",
    "WriteError",
    "WriteTimeout",
}
EXCEPTIONS = sorted(NOT_SENT | NOT_SENDABLE | MAY_BE_SENT)


def generate(acme: Any, client: Any) -> Any:
    return acme.run(client.fox_1_5.generate(prompt="a"))


def submit(acme: Any, client: Any) -> Any:
    return acme.run(client.fox_1_5.submit(prompt="a"))


def stream(acme: Any, client: Any) -> Any:
    return acme.run(client.fox_1_5.stream(prompt="a").send())


def run_unknown(acme: Any, client: Any) -> Any:
    return acme.run(client.run_sync("fox-9", prompt="a"))


def submit_unknown(acme: Any, client: Any) -> Any:
    return acme.run(client.submit_async("fox-9", prompt="a"))


PAID = (generate, submit, stream, run_unknown, submit_unknown)


def read_status(acme: Any, client: Any) -> Any:
    return acme.run(client.job("j").status())


def read_result(acme: Any, client: Any) -> Any:
    return acme.run(client.job("j").result())


FREE = (read_status, read_result)

by_name: Any = {"ids": lambda call: call.__name__}


class Server:
    """Returns the outcomes in turn, repeats the last one, and counts the requests."""

    def __init__(self, acme: Any, *outcomes: int | Exception | dict[str, Any]) -> None:
        self.attempts = 0
        self._outcomes = list(outcomes)
        kind = httpx2.AsyncClient if acme.is_async else httpx2.Client
        self.pool = kind(transport=httpx2.MockTransport(self._handle))

    def _handle(self, request: httpx2.Request) -> httpx2.Response:
        self.attempts += 1
        outcome = self._outcomes.pop(0) if len(self._outcomes) > 1 else self._outcomes[0]
        if isinstance(outcome, Exception):
            raise outcome
        return httpx2.Response(outcome) if isinstance(outcome, int) else httpx2.Response(200, json=outcome)


def attempts(acme: Any, call: Callable[..., Any], outcome: int | Exception, **options: Any) -> int:
    """Return how often the client sends a request that always has this outcome."""
    server = Server(acme, outcome)
    with pytest.raises(ApiError):
        call(acme, acme.client(http_client=server.pool, **options))
    return server.attempts


def find_repeated(acme: Any, call: Callable[..., Any], **options: Any) -> set[int]:
    """Return the statuses after which the client sends the same request once more."""
    return {status for status in REFUSALS if attempts(acme, call, status, max_retries=1, **options) == 2}


@pytest.mark.parametrize("call", PAID, **by_name)
def test_a_paid_request_is_repeated_after_429_alone(acme: Any, clock: Any, call: Any) -> None:
    assert find_repeated(acme, call, clock=clock, api=replace(API, errors=())) == BY_DEFAULT


@pytest.mark.parametrize("call", PAID, **by_name)
def test_a_spec_decides_which_statuses_are_repeated(acme: Any, clock: Any, call: Any) -> None:
    errors = (
        ErrorStatus(status=409, title="Busy", rejected_unprocessed=True),
        ErrorStatus(status=429, title="Slow down"),
        ErrorStatus(status=529, title="Overloaded", rejected_unprocessed=True),
    )
    assert find_repeated(acme, call, clock=clock, api=replace(API, errors=errors)) == {409, 529}


@pytest.mark.parametrize("call", FREE, **by_name)
def test_reading_a_job_is_repeated_after_every_status_that_may_pass(acme: Any, clock: Any, call: Any) -> None:
    assert find_repeated(acme, call, clock=clock) == TRANSIENT


DONE = {"status": "COMPLETED", "output": "o"}


@pytest.mark.parametrize("outcomes", [(DONE, DONE), (DONE,)], ids=["status", "result"])
def test_waiting_for_a_job_continues_after_every_status_that_may_pass(
    acme: Any, clock: Any, outcomes: Any
) -> None:
    def wait(acme: Any, client: Any) -> Any:
        return acme.run(client.job("j").wait())

    for status in REFUSALS:
        before = [DONE] * (2 - len(outcomes))
        server = Server(acme, *before, status, *outcomes)
        client = acme.client(clock=clock, http_client=server.pool)
        if status in TRANSIENT:
            assert wait(acme, client).output == "o"
        else:
            with pytest.raises(ApiError):
                wait(acme, client)
            assert server.attempts == len(before) + 1


def test_the_rules_cover_every_exception_of_the_http_library() -> None:
    exported = {name for name in dir(httpx2) if _is_error(getattr(httpx2, name))}
    assert sorted(exported) == EXCEPTIONS


@pytest.mark.parametrize("call", PAID, **by_name)
@pytest.mark.parametrize("name", EXCEPTIONS)
def test_a_paid_request_is_repeated_only_after_a_failure_to_send_it(
    acme: Any, clock: Any, call: Any, name: str
) -> None:
    assert attempts(acme, call, make_error(name), clock=clock) == (3 if name in NOT_SENT else 1)


@pytest.mark.parametrize("call", FREE, **by_name)
@pytest.mark.parametrize("name", EXCEPTIONS)
def test_reading_a_job_is_repeated_after_every_failure_of_the_connection(
    acme: Any, clock: Any, call: Any, name: str
) -> None:
    assert attempts(acme, call, make_error(name), clock=clock) == (1 if name in NOT_SENDABLE else 3)


@pytest.mark.parametrize("name", EXCEPTIONS)
def test_an_error_says_whether_a_paid_request_may_have_been_billed(acme: Any, clock: Any, name: str) -> None:
    client = acme.client(clock=clock, http_client=Server(acme, make_error(name)).pool)
    with pytest.raises(ApiError) as caught:
        generate(acme, client)
    assert ("may have been processed and billed" in str(caught.value)) == (name in MAY_BE_SENT)


@pytest.mark.parametrize("max_retries", [0, 1, 4])
@pytest.mark.parametrize("call", [*PAID, *FREE], **by_name)
def test_a_request_is_repeated_max_retries_times(acme: Any, clock: Any, call: Any, max_retries: int) -> None:
    assert attempts(acme, call, 503, clock=clock, max_retries=max_retries) == max_retries + 1


def test_the_decisions_agree_with_the_requests() -> None:
    """The same tables without a connection, which a mutation run can repeat a thousand times."""
    api = replace(API, errors=())
    answers = {status: Response(status, "", {}, b"") for status in STATUSES}
    assert {status for status in STATUSES if was_not_accepted(answers[status], api)} == BY_DEFAULT
    assert {status for status in STATUSES if is_transient(answers[status])} == TRANSIENT
    for kind in ("connection", "timeout"):
        assert was_not_accepted(RequestFailure(kind, sent=False, text=""), api)
        assert not was_not_accepted(RequestFailure(kind, sent=True, text=""), api)
        assert is_transient(RequestFailure(kind, sent=True, text=""))
        assert is_transient(RequestFailure(kind, sent=False, text=""))
    for sent in (True, False):
        assert not was_not_accepted(RequestFailure("request", sent=sent, text=""), api)
        assert not is_transient(RequestFailure("request", sent=sent, text=""))


def _is_error(value: object) -> bool:
    return isinstance(value, type) and issubclass(value, httpx2.HTTPError | httpx2.InvalidURL)


def make_error(name: str) -> Exception:
    kind: Callable[..., Exception] = getattr(httpx2, name)
    request = httpx2.Request("POST", "https://api.acme.test")
    if name == "HTTPStatusError":
        return kind("reason", request=request, response=httpx2.Response(500))
    with suppress(TypeError):
        return kind("reason", request=request)
    return kind("reason")
