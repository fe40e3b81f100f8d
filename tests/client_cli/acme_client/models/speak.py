"""A model with one parameter."""

from __future__ import annotations

from typing import ClassVar

from .._core.parameter import Parameter
from .._runtime.resources import SyncModel


class Speak(SyncModel):
    """Speaks."""

    slug: ClassVar[str] = "speak"
    title: ClassVar[str] = "Speak"
    parameters: ClassVar[tuple[Parameter, ...]] = (
        Parameter(name="text", wire="text", flag="--text", type="string", required=True),
    )
    surfaces: ClassVar[tuple[str, ...]] = ("sync",)
    returns: ClassVar[tuple[str, ...]] = ("audio/mpeg",)
    deprecated: ClassVar[str] = ""
    _sync_path: ClassVar[str | None] = None
    _submit_path: ClassVar[str | None] = None
