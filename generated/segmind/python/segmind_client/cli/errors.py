"""Error messages and exit codes of exceptions.

An error of the API is one line: status and name, the server's message, and what to do about it. A traceback is only shown
with --debug.
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
    BudgetError,
    ConfigurationError,
    JobTimeoutError,
    ParameterError,
)
from .connection import key_advice
from .terminal import one_line, print_error, print_message

if TYPE_CHECKING:
    from collections.abc import Sequence

FAILED: Final = 1
USAGE: Final = 2
INTERRUPTED: Final = 130


class ParameterProblems(click.UsageError):
    """Invalid parameters of a call, one line each."""

    def __init__(self, model: str, lines: Sequence[str], context: click.Context | None) -> None:
        heading = (
            f"{len(lines)} invalid parameter{'' if len(lines) == 1 else 's'} for {model}; nothing was sent."
        )
        super().__init__("\n  ".join([heading, *lines]), context)


def report(error: BaseException, *, debug: bool) -> int:
    """Print the error to standard error, and return the exit code."""
    if debug:
        print_message("".join(traceback.format_exception(error)).rstrip())
    if isinstance(error, click.exceptions.NoArgsIsHelpError):
        print_message(error.format_message())
        return USAGE
    if isinstance(error, click.UsageError):
        if error.ctx is not None:
            print_message(f"{error.ctx.get_usage()}\nTry '{error.ctx.command_path} --help' for help.\n")
        print_error(error.format_message())
        return USAGE
    if isinstance(error, click.ClickException):
        print_error(error.format_message())
        return error.exit_code
    if isinstance(error, ApiError):
        print_error(sentence(error))
        for note in getattr(error, "__notes__", ()):
            print_message(note)
        if isinstance(error, BudgetError):
            return USAGE
        return USAGE if isinstance(error, ConfigurationError | ParameterError) else FAILED
    if isinstance(error, OSError):
        place = f": {error.filename}" if error.filename else ""
        print_error(f"{error.strerror or error}{place}")
        return FAILED
    print_error(one_line(f"unexpected {type(error).__name__}: {error}"))
    if not debug:
        print_message("This is a bug. Add --debug to see the traceback.")
    return FAILED


def sentence(error: ApiError) -> str:
    """Return the error and what to do about it, on one line."""
    text = one_line(str(error).replace("\n  ", "; ")).replace("(validate=False)", "(--no-validate)")
    if isinstance(error, JobTimeoutError):
        text = f"job {one_line(error.request_id)} did not finish within {error.elapsed_s:.3g} s; it may still be running"
    advice = _advice(error)
    if not advice:
        return text
    return f"{text if text.endswith(('.', '!', '?', ')')) else f'{text}.'} {advice}"


def _advice(error: ApiError) -> str:
    """Return what the user can do about this kind of error, or an empty text."""
    if isinstance(error, APITimeoutError):
        return "To wait longer, pass --timeout SECONDS."
    if isinstance(error, APIConnectionError):
        variable = f" or {API.env_base_url}" if API.env_base_url else ""
        return f"The URL is set by --base-url{variable}; the default is {API.base_url}."
    if not isinstance(error, APIStatusError):
        return ""
    if error.status in (401, API.error_for("missing_key").status, API.error_for("invalid_key").status):
        return key_advice()
    if error.status in (429, API.error_for("rate_limit").status):
        return _advice_on_limit(error)
    # The description of the status only helps if the message does not say more already.
    endings = (one_line(error.detail or ""), f"(request {error.request_id})")
    known = next((entry for entry in API.errors if entry.status == error.status), None)
    if known is None or not known.description or not one_line(str(error)).endswith(endings):
        return ""
    description = one_line(known.description).rstrip(".")
    return f"{description}." if description.casefold() not in str(error).casefold() else ""


def _advice_on_limit(error: APIStatusError) -> str:
    """Return when to try again, unless the message contains it because the server says so."""
    names = {
        "retry-after",
        *(header.name.lower() for header in API.headers if header.meaning == "rate_limit_reset"),
    }
    is_in_message = any(name in names for name in error.headers)
    return "" if is_in_message else "Wait a minute, then try again."
