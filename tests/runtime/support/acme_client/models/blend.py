"""A model that takes media inside JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from acme_client._core.omit import OMIT, Omit
from acme_client._core.parameter import Parameter
from acme_client._runtime.options import CallOptions
from acme_client._runtime.resources import AsyncModel, SyncModel

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from acme_client._runtime import types

_ITEM = Parameter(wire="", name="", type="string", media=("image",), forms=("url", "base64"))


class _Model:
    slug: ClassVar[str] = "blend"
    title: ClassVar[str] = "Blend"
    parameters: ClassVar[tuple[Parameter, ...]] = (
        Parameter(
            wire="image",
            name="image",
            type="string",
            required=True,
            media=("image",),
            forms=("url", "base64", "data_uri"),
            max_size=2**28,
            max_width=4096,
        ),
        Parameter(wire="film", name="film", type="string", media=("video", "audio"), forms=("base64",)),
        Parameter(wire="images", name="images", type="array", max_items=3, items=_ITEM),
        Parameter(
            wire="scene",
            name="scene",
            type="object",
            properties=(
                Parameter(wire="name", name="name", type="string", required=True, default="a"),
                Parameter(
                    wire="face",
                    name="face",
                    type="string",
                    media=("image",),
                    forms=("data_uri",),
                    nullable=True,
                ),
            ),
        ),
        Parameter(
            wire="either",
            name="either",
            type="union",
            branches=(
                Parameter(wire="", name="", type="integer"),
                Parameter(
                    wire="",
                    name="",
                    type="string",
                    media=("image",),
                    forms=("data_uri",),
                    media_types=("image/jpeg",),
                ),
                Parameter(wire="", name="", type="array", items=_ITEM),
            ),
        ),
        Parameter(wire="steps", name="steps", type="integer", maximum=9),
    )
    surfaces: ClassVar[tuple[str, ...]] = ("sync",)
    returns: ClassVar[tuple[str, ...]] = ("image/png",)


class Blend(_Model, SyncModel):
    """The model."""

    def generate(
        self,
        *,
        image: types.MediaInput,
        film: types.MediaInput | Omit = OMIT,
        images: Sequence[types.MediaInput] | Omit = OMIT,
        scene: Mapping[str, Any] | Omit = OMIT,
        either: int | types.MediaInput | Sequence[types.MediaInput] | Omit = OMIT,
        steps: int | Omit = OMIT,
        validate: bool | Omit = OMIT,
        extra_body: Mapping[str, object] | None = None,
    ) -> types.Result:
        """Call the model."""
        values = {
            "image": image,
            "film": film,
            "images": images,
            "scene": scene,
            "either": either,
            "steps": steps,
        }
        return self._generate(values, CallOptions(validate=validate, extra_body=extra_body))


class AsyncBlend(_Model, AsyncModel):
    """The model, awaited."""

    async def generate(
        self,
        *,
        image: types.MediaInput,
        film: types.MediaInput | Omit = OMIT,
        images: Sequence[types.MediaInput] | Omit = OMIT,
        scene: Mapping[str, Any] | Omit = OMIT,
        either: int | types.MediaInput | Sequence[types.MediaInput] | Omit = OMIT,
        steps: int | Omit = OMIT,
        validate: bool | Omit = OMIT,
        extra_body: Mapping[str, object] | None = None,
    ) -> types.AsyncResult:
        """Call the model."""
        values = {
            "image": image,
            "film": film,
            "images": images,
            "scene": scene,
            "either": either,
            "steps": steps,
        }
        return await self._generate(values, CallOptions(validate=validate, extra_body=extra_body))
