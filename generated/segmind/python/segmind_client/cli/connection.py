"""The client that a command works with: made from the options and the environment, with its log on standard error."""

from __future__ import annotations

import logging
import os
from importlib import import_module
from typing import TYPE_CHECKING, Final

import click

from .._api import API
from .._runtime.log import logger
from .settings import Session
from .terminal import one_line, say

if TYPE_CHECKING:
    from .._runtime.client import SyncClient


KEY_VARIABLE: Final = API.env_api_key or f"{API.package.upper()}_API_KEY"
"""Where the key comes from: never from an option, which other users of the machine could read."""


def connect(base_url: str | None) -> SyncClient:
    """A client, to be used as a context manager.

    Raises click.UsageError where there is no key, and ConfigurationError where key or address is not usable.
    """
    _show_log(debug=click.get_current_context().ensure_object(Session).debug)
    key = os.environ.get(KEY_VARIABLE, "").strip()
    if API.auth is not None and not key:
        raise click.UsageError(f"there is no API key. {key_advice()}")
    kind: type[SyncClient] = getattr(import_module("...client", __name__), API.client)
    return kind(key or None, base_url=base_url)


def key_advice() -> str:
    """What to do about a key that is missing or not valid."""
    where = (
        f" {one_line(API.auth.description).rstrip('.')}."
        if API.auth is not None and API.auth.description
        else ""
    )
    return f"Set the environment variable {KEY_VARIABLE} to a valid key.{where}"


class _StandardErrorHandler(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        label = "" if record.levelno < logging.WARNING else f"{record.levelname.capitalize()}: "
        say(f"{label}{one_line(record.getMessage())}")


def _show_log(*, debug: bool) -> None:
    if not any(isinstance(handler, _StandardErrorHandler) for handler in logger.handlers):
        logger.addHandler(_StandardErrorHandler())
    logger.setLevel(logging.DEBUG if debug else logging.WARNING)
