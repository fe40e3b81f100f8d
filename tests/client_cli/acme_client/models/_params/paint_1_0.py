"""Parameters of paint-1.0."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field
from pydantic.experimental.missing_sentinel import MISSING

from ..._runtime.params import Params


class Frame(Params):
    colour: str | MISSING = MISSING


class Lora(Params):
    path: str


class Paint10Params(Params):
    prompt: str
    sampler: Literal["euler", "euler_cfg", "heun"] | str = "euler"
    steps: Annotated[int, Field(ge=10, le=100)] | MISSING = MISSING
    guidance: Annotated[float | MISSING, Field(gt=0, le=15, alias="guidance-scale")] = MISSING
    aspect_ratio: Literal["custom", "1:1 square 1024x1024", "16:9 landscape 1344x768"] | MISSING = MISSING
    width: Annotated[int, Field(ge=64, multiple_of=8)] | MISSING = MISSING
    base64: bool | MISSING = MISSING
    tile: bool | MISSING | None = MISSING
    seed: int | MISSING | None = MISSING
    json_: Annotated[str | MISSING, Field(alias="json")] = MISSING
    validate_: Annotated[bool | MISSING, Field(alias="validate")] = MISSING
    image_urls: Annotated[list[str], Field(max_length=3)] | MISSING = MISSING
    loras: list[Lora] | MISSING = MISSING
    frame: Frame | MISSING = MISSING
