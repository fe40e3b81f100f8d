"""Creates the client of a command from the options and the environment, and shows its log on standard error."""

from __future__ import annotations

import logging
import os
from importlib import import_module
from typing import TYPE_CHECKING, Final

import click

from .._api import API
from .._runtime.log import log_as_environment_says, logger
from .settings import Session
from .terminal import one_line, print_message

if TYPE_CHECKING:
    from .._runtime.client import SyncClient
    from .settings import CommandSettings


KEY_VARIABLE: Final = API.env_api_key or f"{API.package.upper()}_API_KEY"
"""Variable of the key. It cannot be an option, because other users of the machine could read it."""


def connect(settings: CommandSettings, *, needs_key: bool = True) -> SyncClient:
    """Return a client, for use as a context manager. Unless it is to be quiet, messages say why it waits.

    Without a need for the key, nothing can be sent if it is missing.

    Raises click.UsageError if the key is missing, and ConfigurationError if the key or the base URL is invalid.
    """
    log_as_environment_says(API.env_log)
    _show_log(debug=click.get_current_context().ensure_object(Session).debug, quiet=settings.quiet)
    key = os.environ.get(KEY_VARIABLE, "").strip()
    if not needs_key:
        key = key or "none"
    if API.auth is not None and not key:
        raise click.UsageError(f"The API key is missing. {key_advice()}")
    kind: type[SyncClient] = getattr(import_module("...client", __name__), API.client)
    return kind(
        key or None,
        base_url=settings.base_url,
        max_cost=settings.max_cost,
    )


def key_advice() -> str:
    """Return what to do about a missing or invalid key."""
    where = (
        f" {one_line(API.auth.description).rstrip('.')}."
        if API.auth is not None and API.auth.description
        else ""
    )
    return f"Set the environment variable {KEY_VARIABLE} to a valid key.{where}"


class _StandardErrorHandler(logging.Handler):
    shows_all = False
    is_quiet = False

    def emit(self, record: logging.LogRecord) -> None:
        is_pause = not self.is_quiet and getattr(record, "is_pause", False)
        if not (record.levelno >= logging.WARNING or self.shows_all or is_pause):
            return
        label = "" if record.levelno < logging.WARNING else f"{record.levelname.capitalize()}: "
        print_message(f"{label}{one_line(record.getMessage())}")


def _show_log(*, debug: bool, quiet: bool) -> None:
    if any(type(each) is logging.StreamHandler for each in logger.handlers):
        return  # The environment has turned logging on.
    handler = next((each for each in logger.handlers if isinstance(each, _StandardErrorHandler)), None)
    if handler is None:
        handler = _StandardErrorHandler()
        logger.addHandler(handler)
    handler.shows_all = debug
    handler.is_quiet = quiet
    logger.setLevel(logging.DEBUG if debug else logging.INFO)
