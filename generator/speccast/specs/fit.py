"""Whether a value is one that a parameter takes: everything that is wrong with it, and what would be right.

Defaults, examples, enum values and the values of conditions are all measured here. Strings are counted in code points.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from difflib import get_close_matches
from operator import gt, lt
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from speccast.core.patterns import PatternError, compile_pattern
from speccast.specs.problems import Pointer, clipped
from speccast.specs.scalars import NumberError, resolve
from speccast.specs.values import ARTICLES, Number, is_kind, is_multiple, kind_of, same, shown

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from speccast.core.parameter import Json, Kind, Parameter

Reason: TypeAlias = Literal["type", "null", "choice", "limit", "unknown", "missing"]

_COMPARED: Final = 100
"""Characters of the longest texts that are compared for a suggestion; the time that takes grows with their square."""


@dataclass(frozen=True, slots=True)
class Misfit:
    """Why a value is none that a parameter takes.

    `pointer` leads from the value to the part of it that is wrong. `text` continues a sentence that began with the
    value, such as "is above the maximum 10"; `help` says what would be right where that does not say it already. `kind` is
    the type that a value of another one should have, `keyword` the one of the parameter's that refuses it.
    """

    reason: Reason
    pointer: Pointer
    value: Json
    text: str
    help: str = ""
    kind: Kind | None = None
    keyword: str = ""


def misfits(value: Json, parameter: Parameter, pointer: Pointer = ()) -> Iterator[Misfit]:
    """Everything about a value that the parameter does not take; limits of another type than the value say nothing."""
    if value is None:
        if not parameter.nullable:
            hint = f'write {ARTICLES[parameter.type]}, or allow null: `type: [{parameter.type}, "null"]`'
            yield Misfit("null", pointer, value, "is not allowed here", hint)
        return
    if not is_kind(value, parameter.type):
        text = f"is {ARTICLES[kind_of(value)]}, but must be {ARTICLES[parameter.type]}"
        yield Misfit("type", pointer, value, text, correction(value, parameter.type), parameter.type, "type")
        return
    known = (*parameter.choices, *parameter.also_accepted)
    if known and not parameter.open and not any(same(value, choice) for choice in known):
        hint = suggestion(value, known)
        yield Misfit("choice", pointer, value, "is none of the enum's values", hint, keyword="enum")
    yield from _beyond_limits(value, parameter, pointer)
    if isinstance(value, list) and parameter.items is not None:
        for index, item in enumerate(value):
            yield from misfits(item, parameter.items, (*pointer, index))
    if isinstance(value, dict) and parameter.properties:
        yield from member_misfits(value, parameter.properties, pointer)


def member_misfits(
    value: Mapping[str, Json], members: Sequence[Parameter], pointer: Pointer = ()
) -> Iterator[Misfit]:
    """Everything about an object that is not what its members say; it may have no others."""
    by_name = {member.wire: member for member in members}
    for name, part in value.items():
        if name in by_name:
            yield from misfits(part, by_name[name], (*pointer, name))
        else:
            yield Misfit("unknown", (*pointer, name), part, "is not a known name", suggestion(name, by_name))
    for member in members:
        if member.must_be_given and member.wire not in value:
            yield Misfit(
                "missing", pointer, dict(value), f"lacks `{clipped(member.wire)}`, which is required"
            )


def limits_are_inverted(parameter: Parameter) -> bool:
    """Whether a lower limit is above the upper one, so that every value is beyond one of them."""
    pairs = (
        (parameter.minimum, parameter.maximum),
        (parameter.min_length, parameter.max_length),
        (parameter.min_items, parameter.max_items),
    )
    return any(least is not None and most is not None and least > most for least, most in pairs)


def _beyond_limits(value: Json, parameter: Parameter, pointer: Pointer) -> Iterator[Misfit]:
    texts: Iterable[tuple[str, str]]
    if isinstance(value, int | float) and not isinstance(value, bool):
        texts = _beyond_bounds(value, parameter)
    elif isinstance(value, str):
        limits = ("minLength", parameter.min_length), ("maxLength", parameter.max_length)
        texts = _beyond_lengths(len(value), *limits, unit="character")
        if parameter.pattern is not None and not matches(parameter.pattern, value):
            texts = [*texts, ("pattern", f"does not match the pattern {shown(parameter.pattern)}")]
    elif isinstance(value, list):
        limits = ("minItems", parameter.min_items), ("maxItems", parameter.max_items)
        texts = _beyond_lengths(len(value), *limits, unit="item")
    else:
        return
    for keyword, text in texts:
        yield Misfit("limit", pointer, value, text, keyword=keyword)


def _beyond_bounds(value: Number, parameter: Parameter) -> Iterator[tuple[str, str]]:
    if parameter.minimum is not None and value < parameter.minimum:
        yield "minimum", f"is below the minimum {shown(parameter.minimum)}"
    if parameter.exclusive_minimum is not None and value <= parameter.exclusive_minimum:
        yield "exclusiveMinimum", f"is not above the exclusive minimum {shown(parameter.exclusive_minimum)}"
    if parameter.maximum is not None and value > parameter.maximum:
        yield "maximum", f"is above the maximum {shown(parameter.maximum)}"
    if parameter.exclusive_maximum is not None and value >= parameter.exclusive_maximum:
        yield "exclusiveMaximum", f"is not below the exclusive maximum {shown(parameter.exclusive_maximum)}"
    if parameter.multiple_of is not None and not is_multiple(value, parameter.multiple_of):
        yield "multipleOf", f"is no multiple of {shown(parameter.multiple_of)}"


def _beyond_lengths(
    length: int, lower: tuple[str, int | None], upper: tuple[str, int | None], *, unit: str
) -> Iterator[tuple[str, str]]:
    count = f"has {length} {unit}{'' if length == 1 else 's'}"
    for (keyword, limit), is_beyond, how in ((lower, lt, "fewer"), (upper, gt, "more")):
        if limit is not None and is_beyond(length, limit):
            yield keyword, f"{count}, {how} than {limit}"


def matches(pattern: str, text: str) -> bool:
    """Whether a pattern is found somewhere in a text; true if it is invalid, or takes too long to search for."""
    try:
        return compile_pattern(pattern).search(text) is not False
    except PatternError:
        return True


def correction(value: Json, kind: Kind) -> str:
    """How to write a value so that it has a type."""
    if kind == "string" and isinstance(value, float):
        # How the number is written is not known here: 1e3 and 1000.0 are the same value.
        return "if it is meant as text, put it in quotes as it stands"
    if kind == "string" and not isinstance(value, list | dict):
        return f'if it is meant as text, quote it: "{_as_written(value)}"'
    if isinstance(value, str):
        try:
            meant = resolve(value)
        except NumberError:
            meant = None
        if is_kind(meant, kind):
            return f"write it without quotes: {clipped(value)}"
    return f"write {ARTICLES[kind]}, or correct `type`"


def suggestion(value: Json, known: Iterable[Json]) -> str:
    """The known value that was probably meant, else what is known."""
    values = list(known)
    if isinstance(value, str) and len(value) <= _COMPARED:
        words = [choice for choice in values if isinstance(choice, str) and len(choice) <= _COMPARED]
        near = get_close_matches(value, words, 1)
        if near:
            return f"did you mean {shown(near[0])}?"
    if not values:
        return ""
    more = ", …" if len(values) > 12 else ""
    return f"known: {', '.join(shown(choice) for choice in values[:12])}{more}"


def _as_written(value: Json) -> str:
    return value if isinstance(value, str) else json.dumps(value)
