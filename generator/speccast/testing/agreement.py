"""Checks that a client and the API it talks to agree on a case of the case table."""

from __future__ import annotations

import sys
import warnings
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Protocol, cast
from unittest import SkipTest

if TYPE_CHECKING:
    from collections.abc import Mapping

    from speccast.testing.table import Case

POLLS = 2
"""Polls of a job before it is waited for: as many as the emulator of generated tests reports it unfinished."""


class Client(Protocol):
    """The synchronous client of a generated package."""

    def with_options(self, *, validate: bool) -> Any: ...

    def run_sync(self, slug: str, /, **params: Any) -> Any: ...

    def submit_async(self, slug: str, /, **params: Any) -> Any: ...


def check_case(client: Client, case: Case) -> None:
    """Send the request of a case, and check that client and API both do what the case expects.

    An accepted job is waited for. A request that must be refused is sent twice: the client itself must raise a
    `ParameterError` that names the parameters, and the API must refuse what a client without that check sends.

    Raises:
        AssertionError: one of them does something else; the message says which and what.
        unittest.SkipTest: the case cannot be shown; the message says why.
    """
    if case.expected == "skipped":
        raise SkipTest(case.reason)
    with warnings.catch_warnings():
        # A case may pass a parameter that has no effect without another one.
        warnings.simplefilter("ignore", class_of(client, "ParameterWarning"))
        if case.expected == "streamed":
            _check_streamed(client, case)
        elif case.expected in ("refused", "refused-by-client"):
            _check_client_refuses(client, case)
        else:
            _check_accepted(client, case)
        if case.expected in ("refused", "completed"):
            _check_api_refuses(client, case)


def _send(client: Client, case: Case) -> object:
    send = client.run_sync if case.surface == "sync" else client.submit_async
    return send(case.slug, **case.arguments)


def _check_accepted(client: Client, case: Case) -> None:
    try:
        response: Any = _send(client, case)
        result = _result_of(response) if case.surface == "async" else response.content
    except class_of(client, "ApiError") as error:
        raise AssertionError(f"{case} must be accepted: {error}") from error
    assert result, f"{case} must be accepted, and the response is empty"


def _check_streamed(client: Client, case: Case) -> None:
    """Check that the API takes the request, and that the client sends it by `stream` only."""
    _check_client_refuses(client, replace(case, parameters=case.parameters[:1]))
    _check_accepted(client.with_options(validate=False), case)
    models: Mapping[str, Any] = cast("Any", client).models
    attribute = next(name for name, entry in models.items() if entry.slug == case.slug)
    arguments = {name: value for name, value in case.keywords.items() if name not in case.parameters}
    with getattr(client, attribute).stream(**arguments) as stream:
        pieces = list(stream)
    assert "".join(pieces) == stream.text, f"{case}: the pieces must be the whole text"
    assert pieces, f"{case} must be answered with text"


def _result_of(job: Any) -> Any:
    for _ in range(POLLS):
        job.status()  # unlike `wait`, without a pause
    return job.wait(timeout=30, interval=0.001)


def _check_client_refuses(client: Client, case: Case) -> None:
    try:
        _send(client, case)
    except class_of(client, "ParameterError") as error:
        named = {violation.parameter for violation in error.violations}
        missing = [name for name in case.parameters if name not in named]
        assert not missing, f"{case}: the client's error must name {', '.join(missing)}: {error}"
        return
    except class_of(client, "ApiError") as error:
        raise AssertionError(f"{case} must be refused by the client before it is sent: {error}") from error
    raise AssertionError(f"{case} must be refused by the client, but was accepted")


def _check_api_refuses(client: Client, case: Case) -> None:
    try:
        _send(client.with_options(validate=False), case)
    except class_of(client, "APIStatusError") as error:
        assert error.status == case.status, f"{case} must be refused with {case.status}: {error}"
        return
    raise AssertionError(f"{case} must be refused by the API with {case.status}, but was accepted")


def class_of(client: Client, name: str) -> Any:
    """Return an exception class of the client's package, which may be a vendored copy under any name."""
    package = type(client).__module__.rpartition(".")[0]
    return getattr(sys.modules[package], name)
