"""The package's logger. It is silent unless the application configures logging; bodies and keys are never logged."""

from __future__ import annotations

import logging
import os
from typing import Final

from . import PACKAGE
from .errors import ConfigurationError
from .plain_text import clean

__all__ = ["PACKAGE", "log_as_environment_says", "logger"]

logger: Final = logging.getLogger(PACKAGE)
logger.addHandler(logging.NullHandler())


def _strip_controls(record: logging.LogRecord) -> bool:
    """Remove control characters, because handlers often write to a terminal, and texts of servers are logged."""
    record.msg, record.args = clean(record.getMessage()), ()
    return True


logger.addFilter(_strip_controls)

_LEVELS = ("debug", "info", "warning", "error")


def log_as_environment_says(variable: str | None) -> None:
    """Log to standard error from the level that an environment variable names. Raises ConfigurationError.

    The application's own handlers and levels stay as they are.
    """
    level = os.environ.get(variable, "").strip().lower() if variable else ""
    if not level:
        return
    if level not in _LEVELS:
        raise ConfigurationError(
            f"{variable} must be {', '.join(_LEVELS[:-1])} or {_LEVELS[-1]}, not {level!r}"
        )
    logger.setLevel(level.upper())
    handlers = [*logger.handlers, *logging.root.handlers]
    if all(isinstance(handler, logging.NullHandler) for handler in handlers):
        handler = logging.StreamHandler()
        handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
        logger.addHandler(handler)
