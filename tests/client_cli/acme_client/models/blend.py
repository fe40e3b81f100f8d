"""A model that takes media inside JSON."""

from __future__ import annotations

from typing import ClassVar

from .._calls import Model
from .._core.parameter import Parameter

_IMAGE = Parameter(name="", wire="", type="string", media=("image",), forms=("url", "data_uri"))


class Blend(Model):
    """Blends pictures."""

    slug: ClassVar[str] = "blend"
    title: ClassVar[str] = "Blend"
    parameters: ClassVar[tuple[Parameter, ...]] = (
        Parameter(
            name="image",
            wire="image",
            flag="--image",
            type="string",
            required=True,
            media=("image",),
            forms=("url", "data_uri"),
            max_size=1000,
        ),
        Parameter(
            name="film",
            wire="film",
            flag="--film",
            type="string",
            media=("video",),
            forms=("base64",),
            default="",
        ),
        Parameter(name="images", wire="images", flag="--images", type="array", items=_IMAGE, max_items=3),
        Parameter(
            name="either",
            wire="either",
            flag="--either",
            type="union",
            branches=(
                _IMAGE,
                Parameter(name="", wire="", type="array", items=_IMAGE),
                Parameter(name="", wire="", type="object"),
            ),
        ),
        Parameter(
            name="title",
            wire="title",
            flag="--title",
            type="union",
            branches=(
                Parameter(name="", wire="", type="integer"),
                Parameter(name="", wire="", type="array", items=_IMAGE),
            ),
        ),
        Parameter(
            name="cast",
            wire="cast",
            flag="--cast",
            type="array",
            items=Parameter(
                name="",
                wire="",
                type="object",
                properties=tuple(
                    Parameter(name=form, wire=form, type="string", media=("image",), forms=forms)
                    for form, forms in (
                        ("link", ("url",)),
                        ("inline", ("url", "data_uri")),
                        ("text", ("base64", "data_uri")),
                    )
                ),
            ),
        ),
    )
    surfaces: ClassVar[tuple[str, ...]] = ("sync",)
    returns: ClassVar[tuple[str, ...]] = ("image/png",)
    deprecated: ClassVar[str] = ""
    sync_path: ClassVar[str | None] = None
    submit_path: ClassVar[str | None] = None
