"""A model that takes files."""

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
        Parameter(
            name="scan",
            wire="scan",
            flag="--scan",
            type="file",
            media_types=("image/png", "image/jpeg"),
            max_size=1000,
        ),
        Parameter(
            name="views",
            wire="views[]",
            flag="--views",
            type="array",
            items=Parameter(name="", wire="", type="file"),
        ),
    )
    body: ClassVar[str | None] = "multipart"
    surfaces: ClassVar[tuple[str, ...]] = ("sync",)
    returns: ClassVar[tuple[str, ...]] = ("audio/mpeg",)
    price: ClassVar[str] = "~$0.04 / request"
    deprecated: ClassVar[str] = ""
    sync_path: ClassVar[str | None] = None
    submit_path: ClassVar[str | None] = None
