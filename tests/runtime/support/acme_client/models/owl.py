"""owl: a model without jobs, with its own path."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from acme_client._core.omit import OMIT, Omit
from acme_client._core.parameter import Parameter
from acme_client._runtime.options import CallOptions
from acme_client._runtime.resources import AsyncModel, SyncModel

if TYPE_CHECKING:
    from acme_client._runtime.results import AsyncResult, Result

PARAMETERS: tuple[Parameter, ...] = (Parameter(name="prompt", wire="prompt", flag="--prompt", type="string"),)


class Owl(SyncModel):
    """owl"""

    slug: ClassVar[str] = "owl"
    parameters: ClassVar[tuple[Parameter, ...]] = PARAMETERS
    surfaces: ClassVar[tuple[str, ...]] = ("sync",)
    returns: ClassVar[tuple[str, ...]] = ("text/html",)
    sync_path: ClassVar[str | None] = "/legacy/{slug}/run"

    def generate(self, *, prompt: str | Omit = OMIT) -> Result:
        return self._generate({"prompt": prompt}, CallOptions())


class AsyncOwl(AsyncModel):
    """owl"""

    slug: ClassVar[str] = "owl"
    parameters: ClassVar[tuple[Parameter, ...]] = PARAMETERS
    surfaces: ClassVar[tuple[str, ...]] = ("sync",)
    returns: ClassVar[tuple[str, ...]] = ("text/html",)
    sync_path: ClassVar[str | None] = "/legacy/{slug}/run"

    async def generate(self, *, prompt: str | Omit = OMIT) -> AsyncResult:
        return await self._generate({"prompt": prompt}, CallOptions())
