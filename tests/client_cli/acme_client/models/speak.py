"""A model with one parameter."""

from __future__ import annotations

from typing import ClassVar

from .._calls import Model
from .._core.parameter import Parameter


class Speak(Model):
    """Speaks."""

    slug: ClassVar[str] = "speak"
    title: ClassVar[str] = "Speak"
    parameters: ClassVar[tuple[Parameter, ...]] = (
        Parameter(name="text", wire="text", flag="--text", type="string", required=True),
    )
    surfaces: ClassVar[tuple[str, ...]] = ("sync",)
    returns: ClassVar[tuple[str, ...]] = ("audio/mpeg",)
    deprecated: ClassVar[str] = ""
    sync_path: ClassVar[str | None] = None
    submit_path: ClassVar[str | None] = None
