"""The client."""

from collections.abc import Mapping
from typing import ClassVar

from ._api import API
from ._core.api import Api
from ._index import MODELS
from ._runtime.client import SyncClient
from ._runtime.errors import APIStatusError
from ._runtime.index import ModelEntry
from .errors import STATUS_ERRORS


class Acme(SyncClient):
    """The client of the invented API."""

    _api: ClassVar[Api] = API
    models: ClassVar[Mapping[str, ModelEntry]] = MODELS
    _status_errors: ClassVar[Mapping[int, type[APIStatusError]]] = STATUS_ERRORS
