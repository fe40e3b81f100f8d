"""How often tests repeat that could run with any number of cases: each change needs a few, a release needs all.

`make thorough` sets SPECCAST_THOROUGH.
"""

from __future__ import annotations

import os

__all__ = ["cases"]

_IS_THOROUGH = os.environ.get("SPECCAST_THOROUGH", "") != ""


def cases(usual: int, thorough: int) -> int:
    """Return the number of cases to run."""
    return thorough if _IS_THOROUGH else usual
