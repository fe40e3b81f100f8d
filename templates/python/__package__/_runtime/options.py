"""Options of a single call, besides the model's parameters."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple, TypeAlias

from .._core.omit import OMIT, Omit
from . import types

__all__ = ["CallOptions", "TimeoutLike"]

TimeoutLike: TypeAlias = "float | types.Timeout | None"
"""Seconds to wait for each read and write; an `httpx2.Timeout` says more, None waits without limit. See `total_timeout`."""


class CallOptions(NamedTuple):
    """Options of one call; the default is the client's."""

    timeout: float | types.Timeout | Omit | None = OMIT
    """Limits each read and each write."""
    total_timeout: float | Omit | None = OMIT
    """Seconds that the call may take in total, with all retries; None for any time."""
    max_retries: int | Omit = OMIT
    """How often a request may be repeated that cannot have been accepted."""
    validate: bool | Omit = OMIT
    """False sends the parameters unchecked, without defaults."""
    extra_headers: Mapping[str, str] | None = None
    extra_body: Mapping[str, Any] | None = None
    """Merged over the parameters last, unchecked."""

    @property
    def keeps_settings(self) -> bool:
        """Whether no option changes the client's settings."""
        return (
            self.timeout is OMIT
            and self.total_timeout is OMIT
            and self.max_retries is OMIT
            and self.validate is OMIT
            and not self.extra_headers
        )
