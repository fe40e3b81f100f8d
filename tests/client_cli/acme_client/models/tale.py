"""A model whose text can be streamed."""

from __future__ import annotations

from typing import ClassVar

from .._calls import StreamedModel
from .._core.parameter import Parameter
from .._core.places import EventPlaces, Places


class Tale(StreamedModel):
    """Tells."""

    slug: ClassVar[str] = "tale"
    title: ClassVar[str] = "Tale"
    parameters: ClassVar[tuple[Parameter, ...]] = (
        Parameter(name="prompt", wire="prompt", flag="--prompt", type="string", required=True),
        Parameter(name="stream", wire="stream", flag="--stream", type="boolean", default=False),
    )
    surfaces: ClassVar[tuple[str, ...]] = ("sync",)
    returns: ClassVar[tuple[str, ...]] = ("application/json",)
    deprecated: ClassVar[str] = ""
    sync_path: ClassVar[str | None] = None
    submit_path: ClassVar[str | None] = None
    places: ClassVar[Places | None] = Places(sync={"text": (("said",),)})
    events: ClassVar[EventPlaces | None] = EventPlaces(
        asks={"stream": (True,)}, text=("piece",), last_data="[DONE]"
    )
