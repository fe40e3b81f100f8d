"""Small valid files, for the requests of tests."""

from __future__ import annotations

from functools import lru_cache

from speccast.core.answers import Answers
from speccast.emulator.formats import format_of
from speccast.emulator.media import make_file
from speccast.emulator.output_request import OutputRequest


@lru_cache(maxsize=64)
def sample_file(media_type: str) -> tuple[str, bytes, str]:
    """Return the name, the content and the media type of a file."""
    made = format_of(media_type)
    request = OutputRequest("sample", made, "sample", 0, 8, 8, 75, 1, 0.1, Answers(), {"sample": True})
    return f"sample.{made.extension}", make_file(request), media_type
