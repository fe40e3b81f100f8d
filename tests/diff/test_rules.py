"""The rules of `speccast diff`: every rule is documented, and its examples are correct."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from speccast.diff.change import Level, Side
from speccast.diff.rules import RULES, documentation

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from typing import Any

    from speccast.diff.change import ChangeRule
    from tests.diff.conftest import Compare

EACH = pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.code)


@EACH
def test_documentation_explains_before_the_examples(rule: ChangeRule) -> None:
    assert len(documentation(rule).prose.split()) >= 3


@EACH
def test_the_bad_example_is_reported_at_the_highest_level(rule: ChangeRule, changes: Compare) -> None:
    found = [each.change for each in changes(documentation(rule).bad) if each.change.rule is rule]

    assert max(change.level for change in found) is rule.level


@EACH
def test_the_good_example_is_not_reported_at_that_level(rule: ChangeRule, changes: Compare) -> None:
    text = documentation(rule).good
    found = [each.change.level for each in changes(text) if each.change.rule is rule]

    assert text
    assert all(level < rule.level for level in found)


@EACH
def test_every_break_has_a_witness(rule: ChangeRule, changes: Compare) -> None:
    for text in (documentation(rule).bad, documentation(rule).good):
        found = [each.change for each in changes(text) if each.change.level is Level.BREAKING]

        assert all(change.witness is not None for change in found)


def test_codes_are_unique_and_sorted() -> None:
    codes = [rule.code for rule in RULES]

    assert codes == sorted(set(codes))


def test_every_side_is_affected_by_some_break(changes: Compare) -> None:
    breaks = {
        side
        for rule in RULES
        for each in changes(documentation(rule).bad)
        for side, effect in each.change.effects.items()
        if effect.level is Level.BREAKING
    }

    assert breaks == set(Side)


def test_explain_shows_a_change(speccast: Callable[..., Any], tmp_path: Path) -> None:
    result = speccast("explain", "range-changed", cwd=tmp_path, code=0)

    assert result.lines[0] == "V303 range-changed"
    assert result.lines[-1] == "docs/changes.md#v303-range-changed"
