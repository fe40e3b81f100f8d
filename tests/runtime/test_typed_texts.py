"""Arguments of the command line and cells of tables become values in the same way."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from acme_client._core.parameter import Parameter
from acme_client._runtime.typed_texts import UnreadableError, value_of
from acme_client.batch._cells import Cell, Reader

TEXT = Parameter(name="", wire="", type="string")
NUMBER = Parameter(name="", wire="", type="number")
INTEGER = Parameter(name="", wire="", type="integer")
BOOLEAN = Parameter(name="", wire="", type="boolean")
OBJECT = Parameter(name="", wire="", type="object")


def array(items: Parameter) -> Parameter:
    return Parameter(name="", wire="", type="array", items=items)


def union(*branches: Parameter) -> Parameter:
    return Parameter(name="", wire="", type="union", branches=branches)


CASES: list[tuple[Parameter, str, Any]] = [
    (TEXT, "7", "7"),
    (INTEGER, "7", 7),
    (INTEGER, " +7.0 ", 7),
    (INTEGER, "1e23", 10**23),
    (INTEGER, "9007199254740993", 9007199254740993),
    (INTEGER, "7.5", 7.5),
    (INTEGER, "1e999", "1e999"),
    (INTEGER, "1" * 5000, "1" * 5000),
    (INTEGER, "many", "many"),
    (NUMBER, ".5", 0.5),
    (NUMBER, "nan", "nan"),
    (BOOLEAN, "TRUE", True),
    (BOOLEAN, "false", False),
    (BOOLEAN, "yes", "yes"),
    (OBJECT, '{"a": 1}', {"a": 1}),
    (array(INTEGER), "[1, 2]", [1, 2]),
    (union(TEXT, INTEGER), "7", 7),
    (union(TEXT, BOOLEAN), "True", True),
    (union(BOOLEAN, INTEGER), "many", "many"),
    (union(INTEGER, array(TEXT)), "a red fox", ["a red fox"]),
    (union(TEXT, array(OBJECT)), '{"a": 1}', [{"a": 1}]),
    (union(TEXT, array(OBJECT)), '[{"a": 1}]', [{"a": 1}]),
]


@pytest.mark.parametrize(("parameter", "text", "value"), CASES)
def test_a_text_is_the_same_value_in_an_argument_and_in_a_cell(
    parameter: Parameter, text: str, value: Any
) -> None:
    typed = value_of(parameter, text)
    assert (typed, type(typed)) == (value, type(value))
    cell = _cell(parameter, text)
    assert (cell, type(cell)) == (value, type(value))


@pytest.mark.parametrize(
    ("parameter", "text", "cell"),
    [
        (OBJECT, "{", "{"),
        (OBJECT, '{"a": NaN}', '{"a": NaN}'),
        (OBJECT, "[" * 100_000, "[" * 100_000),
        (union(TEXT, OBJECT), "{", "{"),
        (array(TEXT), "a red fox", ["a red fox"]),
        (TEXT, "\udcff", "\udcff"),
    ],
)
def test_a_text_that_must_be_json_is_an_error_in_an_argument_only(
    parameter: Parameter, text: str, cell: object
) -> None:
    with pytest.raises(UnreadableError):
        value_of(parameter, text)
    assert _cell(parameter, text) == cell


def test_a_cell_may_contain_one_item_of_an_array() -> None:
    assert _cell(array(INTEGER), "7") == [7]
    assert _cell(array(OBJECT), '{"a": 1}') == [{"a": 1}]


def _cell(parameter: Parameter, text: str) -> object:
    reader = Reader([replace(parameter, name="a", wire="a")])
    return reader.read({"a": Cell(text)}, None)["a"]
