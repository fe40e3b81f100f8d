"""A model with a parameter of every kind, on both surfaces."""

from __future__ import annotations

from typing import ClassVar

from .._calls import Model
from .._core.parameter import Parameter

_PARAMETERS = (
    Parameter(name="prompt", wire="prompt", flag="--prompt", type="string", description="What to paint", required=True),
    Parameter(
        name="sampler", wire="sampler", flag="--sampler", type="string", description="Sampling method", required=True,
        default="euler", choices=("euler", "euler_cfg", "heun"), open=True, hidden_values=16,
    ),
    Parameter(
        name="steps", wire="steps", flag="--steps", type="integer", description="Number of\x1b]0;title\x07 steps",
        default=25, minimum=10, maximum=100, renamed_from="timeout_",
    ),
    Parameter(
        name="guidance", wire="guidance-scale", flag="--guidance", type="number", description="How closely to follow",
        exclusive_minimum=0, maximum=15, renamed_from="cfg_scale",
    ),
    Parameter(
        name="aspect_ratio", wire="aspect_ratio", flag="--aspect-ratio", type="string", description="Shape",
        default="custom", choices=("custom", "1:1 square 1024x1024", "16:9 landscape 1344x768"),
    ),
    Parameter(
        name="width", wire="width", flag="--width", type="integer", description="Width in pixels", minimum=64,
        multiple_of=8, applies_when=(("aspect_ratio", ("custom",)),),
    ),
    Parameter(name="base64", wire="base64", flag="--base64", type="boolean", description="As text", default=False, renamed_from="text"),
    Parameter(name="tile", wire="tile", flag="--tile", type="boolean", description="Make it repeat", nullable=True),
    Parameter(name="seed", wire="seed", flag="--seed", type="integer", description="Seed", nullable=True),
    Parameter(name="json", wire="json", flag="--param-json", type="string", description="A name of ours"),
    Parameter(name="validate_", wire="validate", flag="--validate", type="boolean", description="Not ours"),
    Parameter(
        name="image_urls", wire="image_urls", flag="--image-urls", type="array", description="Images to start from",
        items=Parameter(name="item", wire="item", flag="", type="string", format="uri"), max_items=3, renamed_from="urls",
    ),
    Parameter(
        name="loras", wire="loras", flag="--loras", type="array", description="Adapters",
        items=Parameter(
            name="item", wire="item", flag="", type="object",
            properties=(Parameter(name="path", wire="path", flag="--path", type="string", required=True),),
        ),
    ),
    Parameter(
        name="frame", wire="frame", flag="--frame", type="object", description="A frame around it",
        properties=(
            Parameter(name="colour", wire="colour", flag="--colour", type="string", description="Of all sides"),
            Parameter(
                name="corners", wire="corners", flag="--corners", type="array", applies_when=(("colour", ("red",)),),
                items=Parameter(
                    name="item", wire="item", flag="", type="object",
                    properties=(Parameter(name="size", wire="size", flag="", type="integer", description="In pixels"),),
                ),
            ),
        ),
    ),
)  # fmt: skip


class Paint10(Model):
    """Paints what the prompt says."""

    slug: ClassVar[str] = "paint-1.0"
    title: ClassVar[str] = "Paint 1.0"
    parameters: ClassVar[tuple[Parameter, ...]] = _PARAMETERS
    surfaces: ClassVar[tuple[str, ...]] = ("sync", "async")
    returns: ClassVar[tuple[str, ...]] = ("image/jpeg", "application/json")
    deprecated: ClassVar[str] = ""
    sync_path: ClassVar[str | None] = None
    submit_path: ClassVar[str | None] = None
