"""Writes the code of common shapes of fields, as datamodel-code-generator generates it.

.venv/bin/python tools/scripts/shapes.py [FILE]
"""

from __future__ import annotations

import json
import sys
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from speccast.targets.python import datamodel
from speccast.targets.python.datamodel import generated_shapes, shape_of

if TYPE_CHECKING:
    from collections.abc import Iterator

PLACE = Path(datamodel.__file__).with_name("shapes.json")

Keywords: TypeAlias = dict[str, Any]


def _bounds(**keywords: float | None) -> Keywords:
    return {keyword: value for keyword, value in keywords.items() if value is not None}


# 7 and 70 are any integers, 7.5 and 70.5 any numbers with decimals: only 0 and 1 have separate shapes.
LENGTHS: list[Keywords] = [
    {},
    {"min": 1},
    {"min": 7},
    {"max": 70},
    {"min": 1, "max": 70},
    {"min": 7, "max": 70},
]
INTEGERS = [
    _bounds(minimum=low, maximum=high, multipleOf=step)
    for low, high, step in product((None, 0, 1, 7, -1, -7), (None, 70), (None, 7))
]
LEAST = (None, 0, 0.0, 1, 1.0, 7, 7.5, -1, -1.0, -7, -7.5, 0.01, 0.05, 0.1, 0.5)
NUMBERS = [
    _bounds(minimum=low, exclusiveMinimum=over, maximum=high, multipleOf=step)
    for low, over in [*((low, None) for low in LEAST), (None, 0)]
    for high, step in product((None, 1, 1.0, 70, 70.5), (None, 7, 7.5))
]
TEXTS: list[Keywords] = [{f"{end}Length": limit for end, limit in limits.items()} for limits in LENGTHS]
ENUM = ["one", "two"]


def main() -> None:
    """Write the shapes to a file, by default to the one of the package."""
    shapes = {
        shape.key: shape
        for shape in (shape_of(schema, is_required=required) for schema, required in fields())
    }
    found = {key: code for key, code in sorted(generated_shapes(shapes).items()) if code}
    place = Path(sys.argv[1]) if len(sys.argv) > 1 else PLACE
    place.write_text(json.dumps(found, indent=0) + "\n", encoding="utf-8")


def fields() -> Iterator[tuple[Keywords, bool]]:
    """Yield schemas of common fields, and whether they are required."""
    binary = {"type": "string", "format": "binary"}
    for is_required in (False, True):
        yield binary, is_required
        yield {"anyOf": [binary, {"type": "null"}]}, is_required
        for null in ([], ["null"]):
            for limits in _values(null):
                yield limits, is_required
        for items, limits in product(
            ({"type": "string"}, {"type": "integer"}, {"type": "number"}, binary), LENGTHS
        ):
            array = {"type": "array", "items": items}
            yield {**array, **{f"{end}Items": limit for end, limit in limits.items()}}, is_required


def _values(null: list[str]) -> Iterator[Keywords]:
    def typed(kind: str) -> Keywords:
        return {"type": [kind, *null] if null else kind}

    yield typed("boolean")
    yield typed("object")
    for limits in TEXTS:
        yield {**typed("string"), **limits}
    yield {**typed("string"), "enum": [*ENUM, None] if null else ENUM}
    yield {"anyOf": [{"enum": [*ENUM, None] if null else ENUM}, typed("string")]}
    for limits in INTEGERS:
        yield {**typed("integer"), **limits}
    for limits in NUMBERS:
        yield {**typed("number"), **limits}


if __name__ == "__main__":
    main()
