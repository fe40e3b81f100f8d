"""Subclasses of `Frozen` behave as frozen dataclasses of the standard library do."""

from __future__ import annotations

import copy
import pickle
from dataclasses import FrozenInstanceError, asdict, dataclass, field, fields, is_dataclass, replace
from typing import TYPE_CHECKING, Any, ClassVar

import pytest

from speccast.core.frozen_classes import Frozen
from speccast.core.parameter import Parameter

if TYPE_CHECKING:
    from collections.abc import Callable


class Point(Frozen):
    x: int
    y: int = 0
    tags: list[str] = field(default_factory=list[str], hash=False)
    note: str = field(default="", repr=False, compare=False, metadata={"is_private": True})
    origin: ClassVar[str] = "center"


class Pixel(Point, kw_only=True):
    color: str


@dataclass(frozen=True)
class StandardPoint:
    x: int
    y: int = 0
    tags: list[str] = field(default_factory=list[str], hash=False)
    note: str = field(default="", repr=False, compare=False, metadata={"is_private": True})
    origin: ClassVar[str] = "center"


def make(kind: Any, *args: object, **values: object) -> Any:
    return kind(*args, **values)


@pytest.mark.parametrize(
    ("args", "values"), [((1,), {}), ((1, 2), {"note": "n"}), ((), {"x": 1, "tags": ["a"]})]
)
def test_it_has_the_values_and_the_text_of_a_dataclass(args: tuple[int, ...], values: dict[str, Any]) -> None:
    ours, standard = make(Point, *args, **values), make(StandardPoint, *args, **values)
    assert asdict(ours) == asdict(standard)
    assert repr(ours) == repr(standard).removeprefix("Standard")
    assert [each.metadata for each in fields(ours)] == [each.metadata for each in fields(standard)]
    assert hash(ours) == hash(make(Point, *args, **{**values, "tags": ["other"], "note": "other"}))


@pytest.mark.parametrize(
    ("args", "values"),
    [
        ((), {}),
        ((), {"y": 1}),
        ((1,), {"x": 1}),
        ((1, 2, [], "", 5), {}),
        ((1,), {"z": 1}),
        ((1,), {"origin": ""}),
    ],
)
def test_wrong_arguments_are_refused(args: tuple[int, ...], values: dict[str, Any]) -> None:
    for kind in (StandardPoint, Point):
        with pytest.raises(TypeError):
            make(kind, *args, **values)


def test_arguments_after_keyword_only_are_refused_by_position() -> None:
    assert make(Pixel, 1, 2, [], "", color="red").color == "red"
    with pytest.raises(TypeError, match="too many"):
        make(Pixel, 1, 2, [], "", "red")
    with pytest.raises(TypeError, match="'color'"):
        make(Pixel, 1)


def double(number: int) -> int:
    return 2 * number


class Rule(Frozen):
    apply: Callable[[int], int] = double


def test_a_default_that_is_a_function_does_not_become_a_method() -> None:
    assert Rule().apply(3) == 6 == replace(Rule(), apply=double).apply(3)
    assert Rule() == Rule(double)


def test_only_equal_values_of_the_same_class_are_equal() -> None:
    assert Point(1, tags=[]) == Point(1, 0, note="other")
    assert Point(1) != Point(2)
    assert Pixel(1, color="red") == Pixel(1, color="red") != Pixel(1, color="blue")
    assert Point(1) != Pixel(1, color="red")
    assert Point(1) != make(StandardPoint, 1)
    assert len({Point(1), Point(1), Point(2)}) == 2


def test_it_cannot_be_changed() -> None:
    point: Any = Point(1)
    for name in ("x", "other"):
        with pytest.raises(FrozenInstanceError, match=name):
            setattr(point, name, 2)
        with pytest.raises(FrozenInstanceError, match=name):
            delattr(point, name)
    assert point.x == 1


def test_copies_have_the_same_values_and_separate_lists() -> None:
    point = Pixel(1, tags=["a"], color="red")
    assert replace(point, y=5) == Pixel(1, 5, ["a"], color="red")
    assert pickle.loads(pickle.dumps(point)) == copy.deepcopy(point) == copy.copy(point) == point
    assert copy.deepcopy(point).tags is not point.tags
    assert Point(1).tags is not Point(1).tags
    assert is_dataclass(point)


def test_defaults_take_no_memory() -> None:
    parameter = Parameter(wire="a", name="a", type="string")
    changed = replace(parameter, minimum=None, maximum=5)
    assert vars(changed) == {"wire": "a", "name": "a", "type": "string", "maximum": 5}
