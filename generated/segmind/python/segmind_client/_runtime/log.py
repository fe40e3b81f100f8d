"""The package's logger. It is silent unless the application configures logging; bodies and keys are never logged."""

from __future__ import annotations

import logging
from typing import Final

__all__ = ["PACKAGE", "logger"]

PACKAGE: Final = __name__.rpartition("._runtime")[0]
"""Import name of the package; a vendored copy has another one."""

logger: Final = logging.getLogger(PACKAGE)
logger.addHandler(logging.NullHandler())
