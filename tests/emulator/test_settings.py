"""The settings of an emulator."""

from __future__ import annotations

import pytest

from speccast.emulator.settings import EmulatorSettings, JobProgress, parse_progress
from speccast.errors import SpeccastError


@pytest.mark.parametrize(
    ("text", "progress"),
    [
        ("immediate", JobProgress(0)),
        ("polls:0", JobProgress(0)),
        ("polls:3", JobProgress(3)),
        ("polls:100", JobProgress(100)),
        ("time:0", JobProgress(seconds=0.0)),
        ("time:2.5", JobProgress(seconds=2.5)),
    ],
)
def test_progress_is_immediate_or_polls_or_a_time(text: str, progress: JobProgress) -> None:
    assert parse_progress(text) == progress


@pytest.mark.parametrize(
    "text",
    [
        "",
        "polls",
        "polls:",
        "polls:-1",
        "polls:1.5",
        "polls:x",
        "polls: 3",
        "POLLS:3",
        "polls:9999999999",
        "3",
        "time",
        "time:",
        "time:-1",
        "time:1s",
        "time:1e3",
        "time:inf",
    ],
)
def test_invalid_progress_is_refused_with_a_hint(text: str) -> None:
    with pytest.raises(SpeccastError, match="invalid progress") as caught:
        parse_progress(text)
    assert repr(text) in caught.value.message
    assert "immediate, polls:N" in caught.value.hint


@pytest.mark.parametrize("key", ["", " "])
def test_an_empty_key_is_refused(key: str) -> None:
    with pytest.raises(SpeccastError, match="the key is empty") as caught:
        EmulatorSettings(key=key)
    assert caught.value.hint == "omit it to accept any key"
