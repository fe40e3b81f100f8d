"""What can be said for a single call, beside the model's parameters."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from .._core.omit import OMIT, Omit

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .http import Timeout

__all__ = ["CallOptions", "TimeoutLike"]

TimeoutLike: TypeAlias = "float | Timeout | None"
"""Seconds to wait for each read and write; an `httpx2.Timeout` says more, None waits for ever."""


class CallOptions(NamedTuple):
    """Options of one call; what is left out is as the client has it."""

    timeout: TimeoutLike | Omit = OMIT
    max_retries: int | Omit = OMIT
    """How often a request is repeated that cannot have been accepted."""
    validate: bool | Omit = OMIT
    """False sends the parameters unchecked and as they are, without defaults."""
    extra_headers: Mapping[str, str] | None = None
    extra_body: Mapping[str, Any] | None = None
    """Merged over the parameters last, unchecked."""

    @property
    def leave_settings(self) -> bool:
        """Whether all that concerns the client's settings is left out."""
        return (
            self.timeout is OMIT
            and self.max_retries is OMIT
            and self.validate is OMIT
            and not self.extra_headers
        )
