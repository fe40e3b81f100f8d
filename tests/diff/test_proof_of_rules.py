"""Every break of the corpus is shown by the emulators, the clients and mypy, for exactly the sides that it names."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from speccast.diff.proof import prove
from tests.diff.conftest import compare_versions
from tests.diff.test_corpus import FILES, FOX, PARAMETERS, PRESENCE, parameters, written
from tests.thorough import one_of_each

if TYPE_CHECKING:
    from pathlib import Path

    from speccast.diff.change import PlacedChange


BEYOND_LINT = ("anyOf: [{type: object, properties", "anyOf: [{type: array", "minimum: 1, maximum: 0")
"""Parts of specs that `speccast lint` refuses, so that they have no client."""


def breaks(expected: str) -> bool:
    return bool({*expected} & {*"BTR"})


def results(found: tuple[PlacedChange, ...], code: str) -> list[tuple[str, bool]]:
    return [
        (written(each.change.effects), each.change.witness is not None and each.change.witness.is_proven)
        for each in found
        if each.change.rule.code == code
    ]


def kind(row: Any) -> tuple[str, str]:
    """Return the rule and the effects of a change."""
    return row[2], row[3]


def test_changes_of_models_break_what_is_said(tmp_path: Path) -> None:
    rows = [(parameters(a), parameters(b), code, effects) for a, b, code, effects in PARAMETERS]
    rows += [(a, b, code, effects) for file, a, b, code, effects in FILES if file == "fox"]
    rows = [row for row in rows if breaks(row[3]) and not any(part in row[0] for part in BEYOND_LINT)]
    rows = [*one_of_each(kind, rows)]
    files = {
        f"{side}/fox-{number}.yaml": text
        for number, row in enumerate(rows)
        for side, text in zip(("before", "after"), row, strict=False)
    }
    before, after, found = compare_versions(files, tmp_path)

    proven = prove(before, after, found, requests=1)

    shown = {
        (number, row): results(tuple(each for each in proven if each.model == f"fox-{number}"), row[2])
        for number, row in enumerate(rows)
    }
    assert {row: each for row, each in shown.items() if each != [(row[1][3], True)]} == {}


CHANGES_OF_APIS = one_of_each(
    lambda row: row[2],
    [
        (old, new, code, effects)
        for file, old, new, code, effects in FILES
        if file == "api" and breaks(effects)
    ],
)


@pytest.mark.parametrize(("before", "after", "code", "expected"), CHANGES_OF_APIS, ids=str)
def test_changes_of_apis_break_what_is_said(
    before: str, after: str, code: str, expected: str, *, tmp_path: Path
) -> None:
    files = {
        "before/fox.yaml": FOX,
        "after/fox.yaml": FOX,
        "before/api.yaml": before,
        "after/api.yaml": after,
    }
    old, new, found = compare_versions(files, tmp_path)

    assert results(prove(old, new, found, requests=1), code) == [(expected, True)]


@pytest.mark.parametrize(("before", "after", "code", "expected"), [row for row in PRESENCE if breaks(row[3])])
def test_changes_of_which_specs_there_are_break_what_is_said(
    before: dict[str, str], after: dict[str, str], code: str, expected: str, *, tmp_path: Path
) -> None:
    sides = {"before": before, "after": after}
    files = {f"{side}/{name}.yaml": text for side in sides for name, text in sides[side].items()}
    old, new, found = compare_versions(files, tmp_path)

    assert results(prove(old, new, found, requests=1), code) == [(expected, True)]
