"""The clients of the invented API."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from ._api import API
from ._index import MODELS
from ._runtime.client import AsyncClient, SyncClient
from .errors import STATUS_ERRORS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ._core.api import Api
    from ._runtime.errors import APIStatusError
    from ._runtime.index import ModelEntry
    from .models.blend import AsyncBlend, Blend
    from .models.fox_1_5 import AsyncFox15, Fox15
    from .models.owl import AsyncOwl, Owl
    from .models.scan import AsyncScan, Scan


class Acme(SyncClient):
    """A client of the invented API."""

    _api: ClassVar[Api] = API
    models: ClassVar[Mapping[str, ModelEntry]] = MODELS
    _status_errors: ClassVar[Mapping[int, type[APIStatusError]]] = STATUS_ERRORS

    if TYPE_CHECKING:

        @property
        def blend(self) -> Blend: ...

        @property
        def fox_1_5(self) -> Fox15: ...

        @property
        def owl(self) -> Owl: ...

        @property
        def scan(self) -> Scan: ...


class AsyncAcme(AsyncClient):
    """An asynchronous client of the invented API."""

    _api: ClassVar[Api] = API
    models: ClassVar[Mapping[str, ModelEntry]] = MODELS
    _status_errors: ClassVar[Mapping[int, type[APIStatusError]]] = STATUS_ERRORS

    if TYPE_CHECKING:

        @property
        def blend(self) -> AsyncBlend: ...

        @property
        def fox_1_5(self) -> AsyncFox15: ...

        @property
        def owl(self) -> AsyncOwl: ...

        @property
        def scan(self) -> AsyncScan: ...
