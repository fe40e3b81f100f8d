"""The quick answer to whether a document is valid, beside that of the validator that also says why."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hypothesis import given, settings
from hypothesis import strategies as st

from speccast.specs.document import DocumentError, read_document
from speccast.specs.validator import validator
from speccast.specs.violations import is_plainly_valid, violations

if TYPE_CHECKING:
    from speccast.specs.violations import Kind

ROOT = Path(__file__).parents[2]
KINDS: tuple[Kind, ...] = ("api", "model")
FILES = sorted(
    [
        *ROOT.glob("specs/*/*.yaml"),
        *ROOT.glob("tests/apis/*/*.yaml"),
        *ROOT.glob("tests/specs/broken/*.yaml"),
        *ROOT.glob("tests/lint/cases/**/*.yaml"),
    ]
)
VALIDATORS = {kind: validator(kind) for kind in KINDS}


def readable(path: Path) -> Any:
    try:
        return read_document(path.read_bytes(), path.name).value
    except DocumentError:
        return None


VALUES = [value for value in map(readable, FILES) if isinstance(value, dict)]


def test_both_accept_the_same_of_all_specs_valid_and_broken() -> None:
    answers = [
        (kind, is_plainly_valid(kind, value), VALIDATORS[kind].is_valid(value))
        for kind in KINDS
        for value in VALUES
    ]

    assert [answer for answer in answers if answer[1] != answer[2]] == []
    assert {answer for _, answer, _ in answers} == {True, False}


SCALARS = st.sampled_from(
    [None, True, False, 0, 1, 1.0, -1, 0.5, 2, "", "a", "null", "string", "A b", "sync", "/v1/{slug}", "2026-01-31", "image/png", "x" * 200]
)  # fmt: skip
REPLACEMENTS = (
    SCALARS | st.lists(SCALARS, max_size=3) | st.dictionaries(st.text(max_size=3), SCALARS, max_size=2)
)


@st.composite
def changed(draw: st.DrawFn) -> tuple[Kind, Any]:
    """A real spec in which some values are others, are missing or are twice."""
    whole = copy.deepcopy(draw(st.sampled_from(VALUES)))
    for _ in range(draw(st.integers(1, 3))):
        part: Any = whole
        while True:
            keys = list(part) if isinstance(part, dict) else list(range(len(part)))
            if not keys:
                break
            key = draw(st.sampled_from(keys))
            if isinstance(part[key], dict | list) and draw(st.booleans()):
                part = part[key]
                continue
            match draw(st.sampled_from(["replace", "remove", "repeat", "rename"])):
                case "replace":
                    part[key] = draw(REPLACEMENTS)
                case "remove":
                    del part[key]
                case "repeat" if isinstance(part, list):
                    part.append(part[key])
                case _ if isinstance(part, dict):
                    part[draw(st.sampled_from(["type", "enum", "minimum", "examples", "odd"]))] = part.pop(
                        key
                    )
                case _:
                    pass
            break
    return draw(st.sampled_from(KINDS)), whole


@settings(deadline=None, max_examples=300)
@given(changed())
def test_both_accept_the_same_of_what_specs_might_be(case: tuple[Kind, Any]) -> None:
    kind, value = case
    assert is_plainly_valid(kind, value) == VALIDATORS[kind].is_valid(value)


def test_a_line_break_at_the_end_is_no_end() -> None:
    spec = next(value for value in VALUES if is_plainly_valid("model", value))

    assert not is_plainly_valid("model", spec | {"slug": spec["slug"] + "\n"})


def test_a_text_that_no_encoding_holds_is_left_to_the_general_validator() -> None:
    spec = next(value for value in VALUES if is_plainly_valid("model", value)) | {"slug": "\ud800"}

    assert not is_plainly_valid("model", spec)
    assert [violation.pointer for violation in violations("model", spec)] == [("slug",)]
