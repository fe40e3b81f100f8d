"""Unquoted scalars mean what YAML 1.2.2's core schema says (section 10.3.2), without the additions of YAML 1.1."""

from __future__ import annotations

import pytest

from speccast.specs.scalars import NumberError, Scalar, TagError, resolve, resolve_tagged

NULLS = ["", "~", "null", "Null", "NULL"]
TRUE = ["true", "True", "TRUE"]
FALSE = ["false", "False", "FALSE"]
INTEGERS = {
    "0": 0,
    "-0": 0,
    "+12": 12,
    "-19": -19,
    "0777": 777,
    "00": 0,
    "0o14": 12,
    "0x3A": 58,
    "0xdeadBEEF": 0xDEADBEEF,
    "9007199254740993": 9007199254740993,
    "999999999999999": 999999999999999,
    "1" + "0" * 308: 10**308,
}
FLOATS = {
    "0.": 0.0,
    "-0.0": -0.0,
    ".5": 0.5,
    "+12e03": 12000.0,
    "-2E+05": -200000.0,
    "1e3": 1000.0,
    "1.5": 1.5,
    "6.8523015e+5": 685230.15,
    "0e9999": 0.0,
    "1.7976931348623157e308": 1.7976931348623157e308,
}
TEXTS = [
    "16:9",
    "1:1",
    "190:20:30",
    "no",
    "No",
    "NO",
    "yes",
    "on",
    "off",
    "y",
    "n",
    "2024-01-01",
    "2001-12-14t21:59:43.10-05:00",
    "1_000",
    "0b1010",
    "0o8",
    "0xg",
    "-0x1",
    "+0o7",
    "0X1F",
    "nUll",
    "tRue",
    "nil",
    "<<",
    "=",
    "1e",
    "e3",
    ".",
    "-",
    "+",
    "1.2.3",
    "1e3.5",
    "--1",
    "١٢",
    "1٢",
    "1.٢",
    "1\n",
    "\N{FULLWIDTH DIGIT ONE}",
]
NOT_FINITE = [".inf", ".Inf", ".INF", "-.inf", "+.INF", ".nan", ".NaN", ".NAN"]
OUT_OF_RANGE = [
    "1e309",
    "-1e400",
    "2" + "0" * 308,
    "9" * 10_000,
    "1e-400",
    "0x" + "f" * 5000,
    "0." + "0" * 2000 + "1",
]


@pytest.mark.parametrize("text", NULLS)
def test_null(text: str) -> None:
    assert resolve(text) is None


@pytest.mark.parametrize("text", TRUE + FALSE)
def test_booleans(text: str) -> None:
    assert resolve(text) is (text in TRUE)


@pytest.mark.parametrize(("text", "value"), [*INTEGERS.items(), *FLOATS.items()])
def test_numbers(text: str, value: float) -> None:
    resolved = resolve(text)

    assert (type(resolved), repr(resolved)) == (type(value), repr(value))


@pytest.mark.parametrize("text", [*TEXTS, ".infinity", "nan", "inf", "-.nan", ".iNF"])
def test_everything_else_is_text(text: str) -> None:
    assert resolve(text) == text


@pytest.mark.parametrize("text", NOT_FINITE + OUT_OF_RANGE)
def test_numbers_that_json_cannot_hold_are_refused(text: str) -> None:
    with pytest.raises(NumberError):
        resolve(text)


@pytest.mark.parametrize(
    ("tag", "text", "value"),
    [
        ("str", "12", "12"),
        ("str", "", ""),
        ("str", "null", "null"),
        ("int", "0x10", 16),
        ("float", "1", 1.0),
        ("float", "1e3", 1000.0),
        ("bool", "TRUE", True),
        ("null", "~", None),
        ("null", "", None),
    ],
)
def test_core_tags_decide_the_type(tag: str, text: str, value: Scalar) -> None:
    resolved = resolve_tagged(text, tag)

    assert (type(resolved), resolved) == (type(value), value)


@pytest.mark.parametrize(
    ("tag", "text"),
    [
        ("int", "abc"),
        ("int", "1.5"),
        ("int", ""),
        ("float", "1_0"),
        ("bool", "yes"),
        ("null", "nothing"),
        ("seq", "a"),
        ("map", ""),
        ("binary", "aGk="),
        ("timestamp", "2024-01-01"),
    ],
)
def test_a_tag_that_does_not_fit_is_refused(tag: str, text: str) -> None:
    with pytest.raises(TagError):
        resolve_tagged(text, tag)
