"""The methods of the invented models, which take any parameter."""

from __future__ import annotations

from typing import Any

from ._runtime.options import CallOptions
from ._runtime.resources import SyncModel


class Model(SyncModel):
    """A model with all methods, as generated ones have them for their surfaces."""

    def generate(self, **given: Any) -> Any:
        return self._generate(*_split(given))

    def stream(self, **given: Any) -> Any:
        return self._stream(*_split(given))

    def submit(self, **given: Any) -> Any:
        return self._submit(*_split(given))


class StreamedModel(Model):
    """A model whose text is streamed."""

    def stream(self, **given: Any) -> Any:
        return self._stream_text(*_split(given))


def _split(given: dict[str, Any]) -> tuple[dict[str, Any], CallOptions]:
    options = {name: given.pop(name) for name in CallOptions._fields if name in given}
    return given, CallOptions(**options)
