"""The quick answer to whether a document is valid, beside that of a general validator."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from specwright.spec.accepts import accepting
from specwright.spec.document import DocumentError, read_document
from specwright.spec.validator import validator
from specwright.spec.violations import schema

if TYPE_CHECKING:
    from specwright.spec.violations import Kind

ROOT = Path(__file__).parents[2]
KINDS: tuple[Kind, ...] = ("api", "model")
FILES = sorted(
    [
        *ROOT.glob("specs/*/*.yaml"),
        *ROOT.glob("tests/apis/*/*.yaml"),
        *ROOT.glob("tests/spec/broken/*.yaml"),
        *ROOT.glob("tests/lint/cases/**/*.yaml"),
    ]
)
ACCEPTING = {kind: accepting(schema(kind)) for kind in KINDS}
VALIDATORS = {kind: validator(kind) for kind in KINDS}


def readable(path: Path) -> Any:
    try:
        return read_document(path.read_bytes(), path.name).value
    except DocumentError:
        return None


VALUES = [value for value in map(readable, FILES) if isinstance(value, dict)]


def test_both_accept_the_same_of_all_specs_valid_and_broken() -> None:
    answers = [
        (kind, ACCEPTING[kind](value), VALIDATORS[kind].is_valid(value)) for kind in KINDS for value in VALUES
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
    assert ACCEPTING[kind](value) == VALIDATORS[kind].is_valid(value)


@pytest.mark.parametrize(
    ("part", "value", "is_valid"),
    [
        ({"type": "integer"}, 1.0, True),
        ({"type": "integer"}, 1.5, False),
        ({"type": "integer"}, True, False),
        ({"type": ["string", "null"]}, None, True),
        ({"const": 1}, True, False),
        ({"const": 1}, 1.0, True),
        ({"enum": ["a", 1]}, "a", True),
        ({"enum": ["a", 1]}, True, False),
        ({"minLength": 2}, 1, True),
        ({"exclusiveMinimum": 0}, 0, False),
        ({"maximum": 2}, 2, True),
        ({"maxItems": 1}, [1, 2], False),
        ({"minProperties": 1}, {}, False),
        ({"contains": {"const": "null"}}, ["a"], False),
        ({"uniqueItems": True}, ["a", "a"], False),
        ({"additionalProperties": {"type": "string"}}, {"a": 1}, False),
        ({}, object(), True),
    ],
)
def test_keywords_mean_what_they_mean_in_json_schema(
    part: dict[str, Any], value: Any, is_valid: bool
) -> None:
    assert accepting(part)(value) is is_valid
    if part:
        assert Draft202012Validator(part).is_valid(value) is is_valid


def test_a_line_break_at_the_end_is_no_end() -> None:
    assert not accepting({"pattern": "^a$"})("a\n")


def test_a_keyword_that_is_not_known_is_refused_when_the_function_is_made() -> None:
    with pytest.raises(NotImplementedError, match="oneOf"):
        accepting({"properties": {"a": {"oneOf": []}}})
