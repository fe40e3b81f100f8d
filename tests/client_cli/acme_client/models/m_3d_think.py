"""A model with one parameter."""

from __future__ import annotations

from typing import ClassVar

from .._core.parameter import Parameter
from .._runtime.resources import SyncModel


class M3dThink(SyncModel):
    """Thinks."""

    slug: ClassVar[str] = "3d-think"
    title: ClassVar[str] = "M3dThink"
    parameters: ClassVar[tuple[Parameter, ...]] = (
        Parameter(name="question", wire="question", flag="--question", type="string", required=True),
    )
    surfaces: ClassVar[tuple[str, ...]] = ("sync",)
    returns: ClassVar[tuple[str, ...]] = ("application/json",)
    deprecated: ClassVar[str] = ""
    _sync_path: ClassVar[str | None] = None
    _submit_path: ClassVar[str | None] = None
