# speccast: if durations
"""How the seconds of sounds and films are measured, by media type."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .avi import seconds_of_avi
from .matroska import seconds_of_matroska
from .mp4 import seconds_of_mp4
from .ogg import seconds_of_ogg
from .sounds import seconds_of_aac, seconds_of_flac, seconds_of_mp3, seconds_of_wav

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from .media import Read

__all__ = ["MEASURES"]

MEASURES: Mapping[str, Callable[[Read, int | None], float | None]] = {
    "audio/wav": seconds_of_wav,
    "audio/mpeg": seconds_of_mp3,
    "audio/flac": seconds_of_flac,
    "audio/aac": seconds_of_aac,
    "audio/ogg": seconds_of_ogg,
    "video/mp4": seconds_of_mp4,
    "video/quicktime": seconds_of_mp4,
    "audio/mp4": seconds_of_mp4,
    "video/webm": seconds_of_matroska,
    "video/x-msvideo": seconds_of_avi,
}
"""Functions from a file and its size, if that is known, to its seconds, or None if it does not show them.

They raise what reading raises, and ValueError, IndexError, OverflowError or struct.error for damaged files.
"""


# speccast: end
