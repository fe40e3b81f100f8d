"""A model with one parameter."""

from __future__ import annotations

from typing import ClassVar

from .._calls import Model
from .._core.parameter import Parameter


class Film(Model):
    """Films."""

    slug: ClassVar[str] = "film"
    title: ClassVar[str] = "Film"
    deadline: ClassVar[float | None] = 900
    interval: ClassVar[float | None] = 2.5
    parameters: ClassVar[tuple[Parameter, ...]] = (
        Parameter(name="prompt", wire="prompt", flag="--prompt", type="string", required=True),
        Parameter(
            name="mood",
            wire="mood",
            flag="--mood",
            type="string",
            choices=(
                "a $(touch pwned)",
                "b it's `touch pwned`",
                'c "d" \\ ! $HOME; *|&~#',
                "e:f=g $(touch pwned)",
            ),
            open=True,
        ),
        Parameter(name="scene", wire="scene", flag="--scene", type="object"),
    )
    surfaces: ClassVar[tuple[str, ...]] = ("async",)
    returns: ClassVar[tuple[str, ...]] = ("video/mp4",)
    deprecated: ClassVar[str] = ""
    sync_path: ClassVar[str | None] = None
    submit_path: ClassVar[str | None] = None
