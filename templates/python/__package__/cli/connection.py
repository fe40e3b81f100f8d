"""The client that a command works with: made from the options and the environment, with its log on standard error."""

from __future__ import annotations

import logging
import os
from importlib import import_module
from typing import TYPE_CHECKING

import click

from .._api import API
from .._runtime.log import logger
from .settings import Session
from .terminal import one_line, say

if TYPE_CHECKING:
    from .._runtime.client import SyncClient


def connect(base_url: str | None) -> SyncClient:
    """A client, to be used as a context manager.

    Raises ConfigurationError where there is no usable key or address.
    """
    _show_log(debug=click.get_current_context().ensure_object(Session).debug)
    require_key()
    kind: type[SyncClient] = getattr(import_module("...client", __name__), API.client)
    return kind(base_url=base_url)


def require_key() -> None:
    """Refuse to start without a key, in the words of a command rather than those of the library."""
    variable = API.env_api_key
    if API.auth is None or variable is None or os.environ.get(variable, "").strip():
        return
    where = f" {one_line(API.auth.description).rstrip('.')}." if API.auth.description else ""
    raise click.UsageError(f"there is no API key: set the environment variable {variable}.{where}")


class _StandardErrorHandler(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        label = "" if record.levelno < logging.WARNING else f"{record.levelname.capitalize()}: "
        say(f"{label}{one_line(record.getMessage())}")


def _show_log(*, debug: bool) -> None:
    if not any(isinstance(handler, _StandardErrorHandler) for handler in logger.handlers):
        logger.addHandler(_StandardErrorHandler())
    logger.setLevel(logging.DEBUG if debug else logging.WARNING)
