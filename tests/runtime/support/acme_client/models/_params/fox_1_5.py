"""Parameters of fox-1.5, as datamodel-code-generator makes them."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, RootModel
from pydantic_core import MISSING

from acme_client._runtime.params import Params


class Url(RootModel[str]):
    root: Annotated[str, Field(min_length=2)]


class Lora(Params):
    path: str
    weight: Annotated[float | MISSING, Field(ge=0.0, le=2.0, multiple_of=0.1)] = MISSING


class Fox15Params(Params):
    prompt: Annotated[str, Field(min_length=1)]
    sampler: Literal["euler", "heun"] | str
    format: Literal["jpeg", "png", "jpg"] | MISSING = MISSING
    ratio: Literal["custom", "1:1"] | MISSING = MISSING
    width: Annotated[int | MISSING, Field(ge=64, le=2048, multiple_of=8)] = MISSING
    seed: Annotated[int | MISSING | None, Field(ge=-1)] = MISSING
    strength: Literal[1] | float | MISSING = MISSING
    base64: bool | MISSING = MISSING
    urls: Annotated[list[Url] | MISSING, Field(max_length=3, min_length=1)] = MISSING
    loras: list[Lora] | MISSING = MISSING
    class_: Annotated[str | MISSING, Field(alias="class")] = MISSING
    timeout: int | MISSING = MISSING
