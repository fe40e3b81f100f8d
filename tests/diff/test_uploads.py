"""What a change of `upload` means."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from speccast.diff.change import Level, Side

if TYPE_CHECKING:
    from tests.diff.conftest import Compare

PLAIN = 'upload: { url: /files, body: { data: "{base64}" }, answer: { body: { url: "{url}" } } }'

FOX = "parameters: {image: {type: string, media: image, forms: [url]}}"
USED = {"before/fox.yaml": FOX, "after/fox.yaml": FOX}
"""A model that takes files which are uploaded."""


@pytest.mark.parametrize(
    ("before", "after", "level", "message"),
    [
        ("", PLAIN, Level.ADDITION, "files can be uploaded"),
        (PLAIN, "", Level.BREAKING, "files that parameters take as addresses only are not uploaded anymore"),
        (PLAIN, PLAIN.replace("/files", "https://files.example/x"), Level.BREAKING, "files are uploaded to"),
        (
            PLAIN,
            PLAIN.replace("{base64}", "{data_uri}"),
            Level.BREAKING,
            "the body of uploads is another one",
        ),
        (PLAIN, PLAIN.replace('{ url: "{url}" }', '{ link: "{url}" }'), Level.BREAKING, "at another place"),
        (
            PLAIN,
            PLAIN.replace("answer:", "above: 1000, answer:"),
            Level.BEHAVIOR,
            "from 4194304 to 1000 bytes",
        ),
        (PLAIN, PLAIN.replace("answer:", "retention: 60, answer:"), Level.BEHAVIOR, "from 3600.0 to 60 s"),
    ],
)
def test_a_change_of_uploads_is_reported(
    changes: Compare, before: str, after: str, level: Level, message: str
) -> None:
    [found] = changes({"before/api.yaml": before, "after/api.yaml": after, **USED})
    assert (found.change.rule.code, found.change.level) == ("V422", level)
    assert message in found.change.message


@pytest.mark.parametrize(
    "after",
    [
        PLAIN.replace("/files", "https://api.example/files"),
        PLAIN.replace('url: "{url}"', 'url: "{url}", id: "{id}"'),
        PLAIN.replace("answer:", "observed: true, note: Found in a program, answer:"),
    ],
)
def test_the_same_uploads_are_not_a_change(changes: Compare, after: str) -> None:
    assert changes({"before/api.yaml": PLAIN, "after/api.yaml": after}) == ()


def test_an_upload_that_is_gone_breaks_code_that_passes_files(changes: Compare) -> None:
    [found] = changes({"before/api.yaml": PLAIN, "after/api.yaml": "", **USED})
    assert {Side.PYTHON, Side.COMMAND_LINE} <= found.change.effects.keys()


def test_an_upload_that_no_model_uses_breaks_nothing(changes: Compare) -> None:
    for after in ("", PLAIN.replace("/files", "/assets")):
        [found] = changes({"before/api.yaml": PLAIN, "after/api.yaml": after})
        assert found.change.level is Level.BEHAVIOR
