"""A model with unions."""

from __future__ import annotations

from typing import ClassVar

from .._calls import Model
from .._core.parameter import Parameter


def _type(value: str) -> Parameter:
    return Parameter(name="type", wire="type", type="string", choices=(value,), required=True)


_TEXT = Parameter(
    name="",
    wire="",
    type="object",
    properties=(_type("text"), Parameter(name="text", wire="text", type="string")),
)
_IMAGE = Parameter(name="", wire="", type="object", properties=(_type("image"),))
_BLOCKS = Parameter(
    name="",
    wire="",
    type="array",
    items=Parameter(name="", wire="", type="union", branches=(_TEXT, _IMAGE), tag="type"),
)
_SHORT = Parameter(name="", wire="", type="string", max_length=5)
_NUMBER = Parameter(name="", wire="", type="integer", minimum=0)


class M3dThink(Model):
    """Thinks."""

    slug: ClassVar[str] = "3d-think"
    title: ClassVar[str] = "M3dThink"
    parameters: ClassVar[tuple[Parameter, ...]] = (
        Parameter(name="question", wire="question", flag="--question", type="string", required=True),
        Parameter(
            name="content", wire="content", flag="--content", type="union", nullable=True, branches=(_SHORT, _BLOCKS)
        ),
        Parameter(
            name="stop", wire="stop", flag="--stop", type="union",
            branches=(_NUMBER, Parameter(name="", wire="", type="array", items=_SHORT)),
        ),
        Parameter(
            name="tool", wire="tool", flag="--tool", type="union",
            branches=(_TEXT, Parameter(name="", wire="", type="boolean")),
        ),
    )  # fmt: skip
    surfaces: ClassVar[tuple[str, ...]] = ("sync",)
    returns: ClassVar[tuple[str, ...]] = ("application/json",)
    deprecated: ClassVar[str] = ""
    sync_path: ClassVar[str | None] = None
    submit_path: ClassVar[str | None] = None
