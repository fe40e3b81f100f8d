"""`TypedDict`, as pydantic accepts it: before Python 3.12, only that of `typing_extensions`, which pydantic depends on."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, NotRequired

if TYPE_CHECKING or sys.version_info >= (3, 12):
    from typing import TypedDict
else:
    try:
        from typing_extensions import TypedDict
    except ModuleNotFoundError:
        from typing import TypedDict

__all__ = ["NotRequired", "TypedDict"]
