"""From an exception to what the user is told, and to the exit code.

One line for an error of the API: its status and name, what the server said, and what can be done about it. A traceback
is only shown with --debug.
"""

from __future__ import annotations

import traceback
from typing import TYPE_CHECKING, Final

import click

from .._api import API
from .._runtime.errors import (
    APIConnectionError,
    ApiError,
    APIStatusError,
    APITimeoutError,
    ConfigurationError,
    JobTimeoutError,
    ParameterError,
)
from .connection import key_advice
from .terminal import fail, one_line, say

if TYPE_CHECKING:
    from collections.abc import Sequence

FAILED: Final = 1
USAGE: Final = 2
INTERRUPTED: Final = 130


class ParameterProblems(click.UsageError):
    """All that is wrong with the parameters of a call, a line each."""

    def __init__(self, model: str, lines: Sequence[str], context: click.Context | None) -> None:
        count = "1 thing is" if len(lines) == 1 else f"{len(lines)} things are"
        super().__init__("\n  ".join([f"{count} not right for {model}; nothing was sent.", *lines]), context)


def report(error: BaseException, *, debug: bool) -> int:
    """Tell what went wrong, on standard error; answers the exit code."""
    if debug:
        say("".join(traceback.format_exception(error)).rstrip())
    if isinstance(error, click.exceptions.NoArgsIsHelpError):
        say(error.format_message())
        return USAGE
    if isinstance(error, click.UsageError):
        if error.ctx is not None:
            say(f"{error.ctx.get_usage()}\nTry '{error.ctx.command_path} --help' for help.\n")
        fail(error.format_message())
        return USAGE
    if isinstance(error, click.ClickException):
        fail(error.format_message())
        return error.exit_code
    if isinstance(error, ApiError):
        fail(sentence(error))
        for note in getattr(error, "__notes__", ()):
            say(note)
        return USAGE if isinstance(error, ConfigurationError | ParameterError) else FAILED
    if isinstance(error, OSError):
        place = f": {error.filename}" if error.filename else ""
        fail(f"{error.strerror or error}{place}")
        return FAILED
    fail(one_line(f"unexpected {type(error).__name__}: {error}"))
    if not debug:
        say("This is a bug. Add --debug to see where it happened.")
    return FAILED


def sentence(error: ApiError) -> str:
    """What happened and what can be done, on one line."""
    text = one_line(str(error)).replace("(validate=False)", "(--no-validate)")
    if isinstance(error, JobTimeoutError):
        text = f"job {one_line(error.request_id)} was not done after {error.elapsed_s:.3g} s; it may still be running"
    advice = _advice(error)
    if not advice:
        return text
    return f"{text if text.endswith(('.', '!', '?', ')')) else f'{text}.'} {advice}"


def _advice(error: ApiError) -> str:
    """What the user can do, where the kind of the error tells it."""
    if isinstance(error, APITimeoutError):
        return "--timeout SECONDS waits longer."
    if isinstance(error, APIConnectionError):
        variable = f" or {API.env_base_url}" if API.env_base_url else ""
        return f"The address comes from --base-url{variable}, else it is {API.base_url}."
    if not isinstance(error, APIStatusError):
        return ""
    if error.status == 401:
        return key_advice()
    if error.status == 429:
        return _advice_on_limit(error)
    # What the specs say of the status helps where the client has not said more of the occasion.
    endings = (one_line(error.detail or ""), f"(request {error.request_id})")
    known = next((entry for entry in API.errors if entry.status == error.status), None)
    if known is None or not known.description or not one_line(str(error)).endswith(endings):
        return ""
    description = one_line(known.description).rstrip(".")
    return f"{description}." if description.casefold() not in str(error).casefold() else ""


def _advice_on_limit(error: APIStatusError) -> str:
    """When to try again; where the server says so, the error's own text does."""
    names = {
        "retry-after",
        *(header.name.lower() for header in API.headers if header.meaning == "rate_limit_reset"),
    }
    is_told = any(name in names for name in error.headers)
    return "" if is_told else "Wait a minute before you try again."
