"""A model that takes files."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from acme_client._core.omit import OMIT, Omit
from acme_client._core.parameter import Parameter
from acme_client._runtime.options import CallOptions
from acme_client._runtime.resources import AsyncModel, SyncModel

if TYPE_CHECKING:
    from collections.abc import Sequence

    from acme_client._runtime import types


class _Model:
    slug: ClassVar[str] = "scan"
    title: ClassVar[str] = "Scan"
    parameters: ClassVar[tuple[Parameter, ...]] = (
        Parameter(
            wire="image",
            name="image",
            type="file",
            required=True,
            media_types=("image/png", "image/jpeg"),
            max_size=2**30,
        ),
        Parameter(
            wire="pages[]",
            name="pages",
            type="array",
            items=Parameter(wire="", name="", type="file", max_size=4),
        ),
        Parameter(wire="prompt", name="prompt", type="string"),
        Parameter(wire="fast", name="fast", type="boolean"),
    )
    surfaces: ClassVar[tuple[str, ...]] = ("sync",)
    returns: ClassVar[tuple[str, ...]] = ("image/png",)
    body: ClassVar[str | None] = "multipart"


class Scan(_Model, SyncModel):
    """The model."""

    def generate(
        self,
        *,
        image: types.MediaInput,
        pages: Sequence[types.MediaInput] | Omit = OMIT,
        prompt: str | Omit = OMIT,
        fast: bool | Omit = OMIT,
        validate: bool | Omit = OMIT,
    ) -> types.Result:
        """Call the model."""
        values = {"image": image, "pages": pages, "prompt": prompt, "fast": fast}
        return self._generate(values, CallOptions(validate=validate))


class AsyncScan(_Model, AsyncModel):
    """The model, awaited."""

    async def generate(
        self,
        *,
        image: types.MediaInput,
        pages: Sequence[types.MediaInput] | Omit = OMIT,
        prompt: str | Omit = OMIT,
        fast: bool | Omit = OMIT,
        validate: bool | Omit = OMIT,
    ) -> types.AsyncResult:
        """Call the model."""
        values = {"image": image, "pages": pages, "prompt": prompt, "fast": fast}
        return await self._generate(values, CallOptions(validate=validate))
