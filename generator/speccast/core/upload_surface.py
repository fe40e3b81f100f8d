# speccast: if uploads
"""The request with which an API takes a file before a call, and returns the address that the call then contains."""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING, Any, Final

from .answers import Answer, parse_text
from .frozen_classes import Frozen
from .omit import OMIT, Omit
from .parameter import GENERATOR_ONLY

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .parameter import Json
    from .places import Paths

__all__ = ["ABOVE", "ADDRESSES", "CONTENTS", "DESCRIPTIONS", "RETENTION", "UploadSurface", "fill_sample"]

ABOVE: Final = 4 * 1024 * 1024
"""Bytes up to which a file is sent within the request, if a spec says nothing else. Our choice."""

RETENTION: Final = 3600.0
"""Seconds for which an address is valid, if a spec says nothing else. Our choice."""

CONTENTS: Final = ("file", "data_uri", "base64")
"""Placeholders of the content of a file: as a part of a form or the whole body, as a data URI, as base64."""

DESCRIPTIONS: Final = ("name", "extension", "media_type", "size")
"""Placeholders of what is known about a file. The extension is without a dot."""

ADDRESSES: Final = ("url", "put_url", "post_url", "fields")
"""Placeholders of an answer that the client reads: what a call contains instead of the file; where the file is sent by a
second request, as the body of a PUT or as `file` in a form; the other fields of that form."""


class UploadSurface(Frozen, kw_only=True):
    """An upload: one request, or two if the response to the first one says where the file is sent."""

    path: str
    """Path, perhaps with a query."""
    base_url: str | None = None
    """Origin of the upload, if it differs from the API's."""
    encoding: str = "json"
    """How the body is encoded: a key of `encoding.ENCODINGS`, or `binary` if it is the file itself."""
    body: Json | Omit = field(default=OMIT, hash=False)
    """The body with placeholders; OMIT if it is the file itself."""
    places: Mapping[str, Paths] = field(default_factory=dict[str, "Paths"], hash=False)
    """Where the response has what the client reads."""
    above: int = ABOVE
    """Bytes up to which a file is sent within a request that can contain it."""
    retention: float = RETENTION
    """Seconds for which the address is valid."""
    answer: Answer = field(default_factory=Answer, metadata=GENERATOR_ONLY)
    """The answer with placeholders."""
    observed: bool = field(default=False, metadata=GENERATOR_ONLY)
    """Seen in requests, but not documented."""
    note: str = field(default="", metadata=GENERATOR_ONLY)
    """Why the spec reads as it does; for maintainers."""

    @property
    def has_second_request(self) -> bool:
        """Whether the file is sent by a second request, to an address in the response."""
        return "put_url" in self.places or "post_url" in self.places


def fill_sample(sample: Json, values: Mapping[str, Any]) -> Any:
    """Return a sample with values for its placeholders. One that is the whole text is the value itself, of any type."""
    if isinstance(sample, dict):
        return {name: fill_sample(value, values) for name, value in sample.items()}
    if isinstance(sample, list):
        return [fill_sample(item, values) for item in sample]
    if not isinstance(sample, str):
        return sample
    parts = parse_text(sample)
    if len(parts) == 1 and parts[0].name:
        return values[parts[0].name]
    return "".join(str(values[part.name]) if part.name else part.text for part in parts)


# speccast: end
