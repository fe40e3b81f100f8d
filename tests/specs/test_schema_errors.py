"""Schema errors, compared with those of another validator."""

from __future__ import annotations

import copy
import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator, ValidationError, validators

from speccast.specs.document import DocumentError, read_document
from speccast.specs.schema_errors import is_valid, schema, schema_errors

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from speccast.specs.schema_errors import SchemaName

ROOT = Path(__file__).parents[2]
KINDS: tuple[SchemaName, ...] = ("api", "model")
FILES = sorted(
    [
        *ROOT.glob("specs/*/*.yaml"),
        *ROOT.glob("tests/apis/*/*.yaml"),
        *ROOT.glob("tests/specs/broken/*.yaml"),
        *ROOT.glob("tests/lint/cases/**/*.yaml"),
    ]
)


def _pattern(_: Any, pattern: str, instance: Any, __: Any) -> Iterator[ValidationError]:
    """As in JSON Schema, where `$` does not match before a line break at the end."""
    if isinstance(instance, str) and not re.search(
        f"{pattern.removesuffix('$')}\\Z" if pattern.endswith("$") else pattern, instance
    ):
        yield ValidationError(pattern)


_extend: Any = validators.extend
JSONSCHEMA = {kind: _extend(Draft202012Validator, {"pattern": _pattern})(schema(kind)) for kind in KINDS}


def readable(path: Path) -> Any:
    try:
        return read_document(path.read_bytes(), path.name).value
    except DocumentError:
        return None


VALUES = [value for value in map(readable, FILES) if isinstance(value, dict)]


def pointers(kind: SchemaName, value: Any) -> set[tuple[tuple[str | int, ...], str]]:
    return {(error.pointer, error.keyword) for error in schema_errors(kind, value)}


def test_the_errors_are_those_of_jsonschema_for_all_specs_valid_and_broken() -> None:
    for kind in KINDS:
        for value in VALUES:
            assert pointers(kind, value) == list_expected(kind, value)
            assert is_valid(kind, value) is not bool(list_expected(kind, value))


def list_expected(kind: SchemaName, value: Any) -> set[tuple[tuple[str | int, ...], str]]:
    """Return the errors that the validator `jsonschema` reports, a repeated item at the item.

    For one answer or a list of answers, they are those of the alternative that the type of the value chooses.
    """
    found = set()
    for error in of_meant_alternatives(JSONSCHEMA[kind].iter_errors(value)):
        pointer, keyword = tuple(error.absolute_path), str(error.validator)
        if keyword == "uniqueItems":
            items = [json.dumps(item, sort_keys=True) for item in error.instance]  # true is not 1
            found |= {
                ((*pointer, index), keyword) for index, item in enumerate(items) if item in items[:index]
            }
        else:
            found.add((pointer, keyword))
    return found


def of_meant_alternatives(errors: Iterable[Any]) -> Iterator[Any]:
    for error in errors:
        if (
            error.validator == "anyOf"
            and "answers" in error.absolute_path
            and isinstance(error.instance, dict | list)
        ):
            index = int(isinstance(error.instance, list))
            yield from (inner for inner in error.context if inner.schema_path[0] == index)
        else:
            yield error


SCALARS = st.sampled_from(
    [None, True, False, 0, 1, 1.0, -1, 0.5, 2, "", "a", "null", "string", "A b", "sync", "/v1/{slug}", "2026-01-31", "image/png", "x" * 200]
)  # fmt: skip
REPLACEMENTS = (
    SCALARS | st.lists(SCALARS, max_size=3) | st.dictionaries(st.text(max_size=3), SCALARS, max_size=2)
)


@st.composite
def changed(draw: st.DrawFn) -> tuple[SchemaName, Any]:
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
def test_the_errors_are_those_of_jsonschema_for_random_changes(case: tuple[SchemaName, Any]) -> None:
    kind, value = case
    assert pointers(kind, value) == list_expected(kind, value)


def test_a_line_break_at_the_end_does_not_match_a_pattern() -> None:
    spec = next(value for value in VALUES if is_valid("model", value))

    assert not is_valid("model", spec | {"slug": spec["slug"] + "\n"})


def test_text_that_cannot_be_encoded_is_not_valid() -> None:
    spec = next(value for value in VALUES if is_valid("model", value))

    assert not is_valid("model", spec | {"slug": "\ud800"})
