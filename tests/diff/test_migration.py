"""`speccast diff --migration`: calls and commands before and after."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from speccast.diff.migration import migration
from tests.diff.conftest import compare_versions

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("before", "after", "rows"),
    [
        (
            "size: {type: integer, maximum: 100}",
            "size: {type: integer, maximum: 50}",
            [
                ("client.fox.generate(size=100, prompt='xxxxxxxx')", "client.fox.generate(size=50, prompt='xxxxxxxx')"),
                ("fox fox --size 100 --prompt xxxxxxxx", "fox fox --size 50 --prompt xxxxxxxx"),
            ],
        ),
        (
            "is_safe: {type: boolean}",
            "is_checked: {type: boolean}",
            [
                ("client.fox.generate(is_safe=False, prompt='xxxxxxxx')", "client.fox.generate(is_checked=False, prompt='xxxxxxxx')"),
                ("fox fox --no-is-safe --prompt xxxxxxxx", "fox fox --no-is-checked --prompt xxxxxxxx"),
            ],
        ),
        (
            "one: {type: integer}, two: {type: integer}",
            "three: {type: integer}, four: {type: integer}",
            [
                ("client.fox.generate(one=1, prompt='xxxxxxxx')", "client.fox.generate(three=1, prompt='xxxxxxxx')"),
                ("fox fox --one 1 --prompt xxxxxxxx", "fox fox --three 1 --prompt xxxxxxxx"),
                ("client.fox.generate(two=1, prompt='xxxxxxxx')", "client.fox.generate(four=1, prompt='xxxxxxxx')"),
                ("fox fox --two 1 --prompt xxxxxxxx", "fox fox --four 1 --prompt xxxxxxxx"),
            ],
        ),
        (
            "gone: {type: string, enum: [a b]}",
            "size: {type: integer, required: true, minimum: 3}",
            [
                ("client.fox.generate(gone='a b', prompt='xxxxxxxx')", "client.fox.generate(prompt='xxxxxxxx', size=3)"),
                ("fox fox --gone 'a b' --prompt xxxxxxxx", "fox fox --prompt xxxxxxxx --size 3"),
                ("client.fox.generate(prompt='xxxxxxxx')", "client.fox.generate(prompt='xxxxxxxx', size=3)"),
                ("fox fox --prompt xxxxxxxx", "fox fox --prompt xxxxxxxx --size 3"),
            ],
        ),
        ("size: {type: integer, maximum: 50}", "size: {type: integer, maximum: 100}", []),
    ],
)  # fmt: skip
def test_calls_and_commands_are_adapted(
    before: str, after: str, rows: list[tuple[str, str]], tmp_path: Path
) -> None:
    files = {"before/fox.yaml": f"parameters: {{{before}}}", "after/fox.yaml": f"parameters: {{{after}}}"}

    lines = migration(*compare_versions(files, tmp_path)).splitlines()

    found = [tuple(cell.strip("` ") for cell in line.split(" | ")[1:]) for line in lines if "`" in line][1:]
    assert [(old, new.removesuffix("` |")) for old, new in found] == rows
    assert rows or lines[-1] == "No code has to change."
