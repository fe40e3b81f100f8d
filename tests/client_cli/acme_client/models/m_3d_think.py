"""A model with one parameter."""

from __future__ import annotations

from typing import ClassVar

from .._calls import Model
from .._core.parameter import Parameter


class M3dThink(Model):
    """Thinks."""

    slug: ClassVar[str] = "3d-think"
    title: ClassVar[str] = "M3dThink"
    parameters: ClassVar[tuple[Parameter, ...]] = (
        Parameter(name="question", wire="question", flag="--question", type="string", required=True),
    )
    surfaces: ClassVar[tuple[str, ...]] = ("sync",)
    returns: ClassVar[tuple[str, ...]] = ("application/json",)
    deprecated: ClassVar[str] = ""
    sync_path: ClassVar[str | None] = None
    submit_path: ClassVar[str | None] = None
