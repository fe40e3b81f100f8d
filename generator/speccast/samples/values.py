"""Valid values of a parameter for the requests of tests: from its spec, or made from its limits."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

from speccast.core.check import branch_of, match_pattern, mismatches
from speccast.core.omit import OMIT, Omit
from speccast.core.values import exact
from speccast.samples.bounds import bounds, number_of
from speccast.samples.content import ADDRESS, files, texts
from speccast.samples.size import MAX_SIZE, expand, repeat, size

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from speccast.core.parameter import Json, Parameter

_TRIED: Final = 100
"""Maximum number of texts that are tried to find one that matches a pattern."""


def sample(parameter: Parameter) -> Json | Omit:
    """Return a valid value: the default, an example, an enum value, or one made from the limits.

    Returns:
        OMIT, if none is found or every valid value is larger than `MAX_SIZE`.
    """
    candidates = [parameter.default, *parameter.examples, *parameter.choices, *_candidates(parameter)]
    for value in candidates:
        if not isinstance(value, Omit) and value is not None and is_valid(parameter, value):
            return value
    return None if parameter.nullable else OMIT


def minimal_object(members: Iterable[Parameter]) -> dict[str, Json] | None:
    """Return the required members with valid values, by wire name.

    Members with a default are included, since a client that does not check parameters does not add them.

    Returns:
        None, if no value is found for one of them or all together are larger than `MAX_SIZE`.
    """
    values: dict[str, Json] = {}
    for member in members:
        if member.required:
            value = sample(member)
            if isinstance(value, Omit):
                return None
            values[member.wire] = value
    return values if size(values) <= MAX_SIZE else None


def sample_item(parameter: Parameter) -> Json | Omit:
    """Return a valid item of an array."""
    return "x" if parameter.items is None else sample(parameter.items)


def is_valid(parameter: Parameter, value: Any) -> bool | None:
    """Return whether a value, which can be an expression, is valid.

    None if it is not decided, because to search a pattern would take too long.
    """
    value = expand(value)
    if any(mismatches(parameter, value)):
        return False
    return True if _is_decided(parameter, value) else None


def _is_decided(parameter: Parameter, value: Json) -> bool:
    parameter = branch_of(parameter, value) or parameter
    if isinstance(value, str):
        return parameter.pattern is None or match_pattern(parameter.pattern, value) is not None
    if isinstance(value, list) and (item := parameter.items) is not None:
        return all(_is_decided(item, part) for part in value)
    if isinstance(value, dict):
        members = {member.wire: member for member in parameter.properties}
        return all(_is_decided(members[name], part) for name, part in value.items() if name in members)
    return True


def text_of_length(parameter: Parameter, length: int) -> Any:
    """Return a text of this length, as an expression if it is long (`speccast.samples.size`).

    It matches the parameter's pattern if such a text is easy to find.
    """
    plain = repeat("x", length, "", "")
    if "url" in parameter.forms and length > len(ADDRESS):
        return repeat("x", length - len(ADDRESS), ADDRESS, "")
    pattern = parameter.pattern
    if pattern is None or match_pattern(pattern, "x" * length) is not False:
        return plain
    valid = sample(parameter)
    texts = _resize(valid, length) if isinstance(valid, str) else iter(())
    return next((text for text in islice(texts, _TRIED) if match_pattern(pattern, text)), plain)


def fraction(parameter: Parameter) -> float | None:
    """Return a number with a fraction that only the type `integer` refuses; None if none is near the bounds."""
    inside = sample(parameter)
    if not isinstance(inside, int | float) or isinstance(inside, bool) or parameter.choices:
        return None
    limits = [exact(value) for value in (parameter.minimum, parameter.maximum) if value is not None]
    near = [exact(inside), sum(limits, Fraction(0)) / max(len(limits), 1)]
    # Above this, not every fraction of one half is a float.
    near = [value for value in near if abs(value) < 2**48]
    candidates = [*near, *(value + half for value in near for half in (Fraction(1, 2), Fraction(-1, 2)))]
    candidates.append(sum(near, Fraction(0)) / max(len(near), 1))
    any_number = replace(parameter, type="number")
    return next(
        (float(value) for value in candidates if value % 1 and is_valid(any_number, float(value))), None
    )


def _resize(text: str, length: int) -> Iterator[str]:
    """Yield the text with one character repeated, or some left out, so that it has this length; the end changes first."""
    more = length - len(text)
    if more >= 0:
        for index in reversed(range(len(text))):
            yield text[:index] + text[index] * (more + 1) + text[index + 1 :]
    else:
        for index in reversed(range(length + 1)):
            yield text[:index] + text[index - more :]


def _candidates(parameter: Parameter) -> Iterator[Json]:
    """Yield values that are probably valid."""
    match parameter.type:
        case "string" if parameter.media:
            yield from texts(parameter)
        case "string":
            length = max(parameter.min_length or 0, min(8, parameter.max_length or 8))
            if length > MAX_SIZE:
                return
            yield from (
                "x" * length,
                "0" * length,
                "A" * length,
                "a-1",
                "2024-01-01",
                "https://example.com/a.png",
            )
        case "integer" | "number":
            outermost = (number_of(bound.valid, parameter) for bound in bounds(parameter))
            yield from (value for value in outermost if value is not None)
            yield from (1, 0, parameter.multiple_of or 0)
        case "boolean":
            yield False
        case "file":
            yield from files(parameter)
        case "array":
            item = sample_item(parameter)
            least = parameter.min_items or 0
            if isinstance(item, Omit):
                yield []
            elif least * size(item) <= MAX_SIZE:
                yield [item] * least
        case "object":
            yield minimal_object(parameter.properties) or {}
        case "union":
            yield from (value for value in map(sample, parameter.branches) if not isinstance(value, Omit))
