"""Values of Python as parameters: what is sent as JSON, and what JSON lacks."""

from __future__ import annotations

import copy
import json
import sys
from collections import ChainMap, UserDict, UserList
from decimal import Decimal
from enum import Enum, IntEnum, StrEnum
from fractions import Fraction
from pathlib import Path
from types import MappingProxyType, SimpleNamespace
from typing import Any

import pytest
from acme_client._core.omit import OMIT
from acme_client._core.parameter import Parameter
from acme_client._runtime.check import Prepared, check_body, convert_body
from acme_client._runtime.errors import ParameterError
from acme_client.models._params.fox_1_5 import Lora
from acme_client.models.fox_1_5 import PARAMETERS
from acme_support.checks import fox, wrong


class Sampler(StrEnum):
    HEUN = "heun"


class Format(Enum):
    PNG = "png"


class Size(IntEnum):
    SMALL = 64


class Text(str):
    """A text with another face."""

    __slots__ = ()

    def __str__(self) -> str:
        return "another"


def test_values_of_pythons_richer_types_become_jsons() -> None:
    body = fox(
        sampler=Sampler.HEUN,
        format=Format.PNG,
        width=Size.SMALL,
        class_=Text("own"),
        urls=("one", "two"),
        loras=UserList([MappingProxyType({"path": "p"}), UserDict(path="q"), ChainMap({"path": "r"})]),
    )
    assert body == {
        "sampler": "heun",
        "format": "png",
        "width": 64,
        "class": "own",
        "urls": ["one", "two"],
        "loras": [{"path": "p"}, {"path": "q"}, {"path": "r"}],
    }
    for value in (body["sampler"], body["format"], body["class"]):
        assert type(value) is str
    assert type(body["width"]) is int
    assert json.loads(json.dumps(body)) == body


def test_the_generated_classes_may_be_passed_for_dicts() -> None:
    assert fox(loras=[Lora(path="p"), Lora(path="q", weight=0.5)]) == {
        "loras": [{"path": "p"}, {"path": "q", "weight": 0.5}]
    }


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (b"bytes", "is bytes: pass base64 text or a URL"),
        (bytearray(b"bytes"), "is bytes: pass base64 text or a URL"),
        (Path("a.png"), "is a path: pass the file's content as base64 text"),
        ({1, 2}, "a set is not JSON serializable"),
        (1j, "a complex is not JSON serializable"),
        (object(), "a object is not JSON serializable"),
        ("\ud800", "contains half of a surrogate pair"),
    ],
)
def test_types_that_json_lacks_are_refused(value: Any, message: str) -> None:
    assert wrong(class_=value)["class_"].startswith(message)
    assert wrong(urls=["ok", value])["urls[1]"].startswith(message)


class Scalar:
    """A scalar of numpy, as far as the conversion needs it."""

    def __init__(self, value: float) -> None:
        self.value = value

    def tolist(self) -> float:
        return self.value


@pytest.mark.parametrize(
    ("value", "sent"),
    [
        (Decimal("0.1"), "0.1"),
        (Decimal("1.50"), "1.5"),
        (Decimal("1E+2"), "100"),
        (Decimal(10) ** 23, "1" + "0" * 23),
        (Fraction(1, 2), "0.5"),
        (Fraction(6, 3), "2.0"),
        (Scalar(0.10000000149011612), "0.10000000149011612"),
        (Scalar(2.0), "2.0"),
        (Scalar(True), "true"),
        ([Decimal("0.1"), Scalar(3)], "[0.1, 3]"),
    ],
)
def test_numbers_of_other_types_are_sent_exactly(
    monkeypatch: pytest.MonkeyPatch, value: Any, sent: str
) -> None:
    monkeypatch.setitem(sys.modules, "numpy", SimpleNamespace(generic=Scalar, ndarray=Scalar))
    assert json.dumps(convert_body("fox-1.5", {"x": value})["x"]) == sent
    name = "base64" if sent == "true" else "urls" if sent.startswith("[") else "seed"
    kind: Any = {"base64": "boolean", "urls": "array", "seed": "number"}[name]
    any_number = (Parameter(name=name, wire=name, flag="", type=kind),)
    assert json.dumps(check_body("fox", Prepared(any_number), {name: value})[name]) == sent


def test_an_integral_number_of_another_type_is_an_integer() -> None:
    assert json.dumps(fox(width=Decimal("64.0"), seed=Fraction(7))) == '{"width": 64, "seed": 7}'
    assert wrong(width=Decimal("64.5")) == {"width": "must be an integer, not a number"}
    assert wrong(width=Decimal(65)) == {"width": "must be 64 to 2048, in steps of 8"}


@pytest.mark.parametrize("value", [Decimal("0.1234567890123456789"), Fraction(1, 3), Decimal("1e500")])
def test_a_number_that_would_be_rounded_is_refused(value: Any) -> None:
    assert wrong(strength=value) == {"strength": "cannot be sent exactly: pass a float, or fewer digits"}
    for infinite in (Decimal("nan"), Decimal("sNaN"), Decimal("-Infinity")):
        assert wrong(strength=infinite) == {"strength": "must be a finite number"}


def test_omitted_members_of_a_dict_are_not_sent() -> None:
    assert fox(loras=[{"path": "p", "weight": OMIT}]) == {"loras": [{"path": "p"}]}
    assert wrong(urls=["ok", OMIT]) == {"urls[1]": "cannot be omitted here"}


def test_a_string_is_not_a_list() -> None:
    assert wrong(urls="https://a.test") == {"urls": "must be a list, not text"}


def test_values_are_left_as_they_are() -> None:
    values = {"prompt": "a", "width": 64.0, "urls": ("one",), "loras": [{"path": "p", "weight": 1}]}
    before = copy.deepcopy(values)
    check_body("fox-1.5", Prepared(PARAMETERS), values)
    assert values == before
    assert type(values["width"]) is float


def test_something_that_holds_itself_is_refused() -> None:
    loop: list[Any] = []
    loop.append(loop)
    open_object = (Parameter(name="o", wire="o", flag="--o", type="object"),)
    with pytest.raises(ParameterError, match="nested more than 64 deep"):
        check_body("m", Prepared(open_object), {"o": {"loop": loop}})
