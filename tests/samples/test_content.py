"""Content of each media type is within the limits of its parameter."""

from __future__ import annotations

from speccast.core.check import mismatches
from speccast.core.parameter import Parameter
from speccast.samples.content import files_of_types
from speccast.samples.size import expand


def test_sounds_of_each_type_last_as_long_as_they_must() -> None:
    parameter = Parameter(
        wire="voice",
        name="voice",
        type="string",
        media=("audio",),
        media_types=("audio/wav", "audio/mpeg", "audio/flac", "audio/ogg"),
        min_duration=15,
    )
    made = {file.media_type: file for file in files_of_types(parameter)}
    assert made.keys() == {"audio/wav", "audio/mpeg", "audio/flac"}  # any Ogg could be too short
    for file in made.values():
        assert list(mismatches(parameter, expand(file))) == []
