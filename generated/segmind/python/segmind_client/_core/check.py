"""The check of values against parameters: every mismatch, with its place and the keyword that is violated.

The client checks requests with it, and the generator checks the defaults, examples and enum values of specs. What a
mismatch means in words is up to each of them. Lengths are counted in code points.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, TypeAlias, cast

from .frozen_classes import Frozen
from .omit import OMIT, Omit
from .values import is_equal, is_kind, is_multiple, read_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from .parameter import Json, Keyword, Parameter
    from .uploads import Upload

__all__ = [
    "Mismatch",
    "Pointer",
    "branch_of",
    "match_pattern",
    "member_mismatches",
    "mismatches",
]

Pointer: TypeAlias = tuple[str | int, ...]
"""The path from a value to a part of it: names of members and indexes of items."""


class Mismatch(Frozen):
    """One reason why a parameter does not accept a value."""

    pointer: Pointer
    """From the checked value to the part of it that is wrong; for `required`, to the object that lacks a member."""
    value: Json
    """That part."""
    keyword: Keyword
    """The keyword of the spec format that is violated. Null where it is not allowed violates `type`."""
    parameter: Parameter | None
    """The parameter that the part belongs to; for `required`, the missing one; None for unknown names."""
    known: tuple[str, ...] = ()
    """For unknown names, the known ones."""

    @property
    def is_null(self) -> bool:
        """Whether the value is null where null is not allowed."""
        return self.keyword == "type" and self.value is None

    @property
    def is_limit(self) -> bool:
        """Whether the value has the right type and exceeds a limit."""
        return self.keyword not in ("type", "enum", "required", "additionalProperties")


def mismatches(parameter: Parameter, value: Json | Omit, pointer: Pointer = ()) -> Iterator[Mismatch]:
    """Check a value against a parameter.

    The text of a number is checked as the number where the parameter takes it. Limits of another type than the value do not apply. A value that is `OMIT`, at any depth, is skipped.
    """
    if isinstance(value, Omit):
        return
    if value is None:
        if not parameter.nullable:
            yield Mismatch(pointer, value, "type", parameter)
        return
    if parameter.branches:
        yield from _union_mismatches(parameter, value, pointer)
        return
    given = value
    if parameter.takes_text and isinstance(given, str):
        value = read_text(given)
    if not _has_type(parameter, value):
        yield Mismatch(pointer, given, "type", parameter)
        return
    known = (*parameter.choices, *parameter.also_accepted)
    if known and not parameter.open and not _is_listed(value, known):
        yield Mismatch(pointer, given, "enum", parameter)
    for keyword in _find_exceeded(parameter, value):
        yield Mismatch(pointer, given, keyword, parameter)
    if isinstance(value, list) and parameter.items is not None:
        for index, item in enumerate(value):
            yield from mismatches(parameter.items, item, (*pointer, index))
    elif isinstance(value, dict) and parameter.properties:
        yield from member_mismatches(parameter.properties, value, pointer)


def member_mismatches(
    members: Sequence[Parameter], value: Mapping[str, Json], pointer: Pointer = ()
) -> Iterator[Mismatch]:
    """Check an object against its members. Other members are not allowed."""
    by_name = {member.wire: member for member in members}
    for name, part in value.items():
        if name in by_name:
            yield from mismatches(by_name[name], part, (*pointer, name))
        else:
            yield Mismatch((*pointer, name), part, "additionalProperties", None, tuple(by_name))
    for member in members:
        if member.must_be_given and member.wire not in value:
            yield Mismatch(pointer, dict(value), "required", member)


def branch_of(parameter: Parameter, value: Json) -> Parameter | None:
    """Return what a value is checked against: the parameter, or the branch of a union that has the value's type and tag.

    None if a union has no such branch.
    """
    if not parameter.branches:
        return parameter
    found = [branch for branch in parameter.branches if _has_type(branch, value)]
    if parameter.tag and isinstance(value, dict):
        found = [branch for branch in found if branch.tag_value(parameter.tag) == value.get(parameter.tag)]
    return found[0] if found else None


def _union_mismatches(parameter: Parameter, value: Json, pointer: Pointer) -> Iterator[Mismatch]:
    branch = branch_of(parameter, value)
    tags = [each for form in parameter.branches for each in form.properties if each.wire == parameter.tag]
    if branch is not None:
        yield from mismatches(branch, value, pointer)
    elif tags and isinstance(value, dict):
        tag = replace(tags[0], choices=tuple(each.choices[0] for each in tags))
        yield from _member_mismatches(tag, value, pointer)
    else:
        yield Mismatch(pointer, value, "type", parameter)


def _member_mismatches(member: Parameter, value: Mapping[str, Json], pointer: Pointer) -> Iterator[Mismatch]:
    if isinstance(value.get(member.wire, OMIT), Omit):
        yield Mismatch(pointer, dict(value), "required", member)
    else:
        yield from mismatches(member, value[member.wire], (*pointer, member.wire))


def match_pattern(pattern: str, text: str) -> bool | None:
    """Return whether a pattern matches somewhere in a text, or None if it is invalid or the search would take too long."""
    from .patterns import (  # takes time to load, and few parameters have a pattern
        PatternError,
        compile_pattern,
    )

    try:
        return compile_pattern(pattern).search(text)
    except PatternError:
        return None


def _is_listed(value: Json, known: tuple[Json, ...]) -> bool:
    # The first comparison is Python's own and much faster, but takes 1 for True.
    return value in known and any(is_equal(value, choice) for choice in known[known.index(value) :])


def _has_type(parameter: Parameter, value: Json) -> bool:
    """Return whether a value has the type of a parameter. A text with `media` can be a file that is encoded when it is sent."""
    if is_kind(value, parameter.type):
        return True
    return bool(parameter.media) and is_kind(value, "file")


def _find_exceeded(parameter: Parameter, value: Json) -> Iterator[Keyword]:
    if not isinstance(value, str) and parameter.is_media:
        yield from cast("Upload", value).find_exceeded(parameter)
        return
    # Pages print values such as "" as the default of media that may be left out.
    if isinstance(value, str) and parameter.media and value not in (parameter.default, *parameter.choices):
        from .inputs import find_exceeded  # few models take media
        from .media import read_form

        yield from find_exceeded(parameter, read_form(value))
    if isinstance(value, str):
        if parameter.min_length is not None and len(value) < parameter.min_length:
            yield "minLength"
        if parameter.max_length is not None and len(value) > parameter.max_length:
            yield "maxLength"
        if parameter.pattern is not None and match_pattern(parameter.pattern, value) is False:
            yield "pattern"
    elif isinstance(value, list):
        if parameter.min_items is not None and len(value) < parameter.min_items:
            yield "minItems"
        if parameter.max_items is not None and len(value) > parameter.max_items:
            yield "maxItems"
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield from _find_exceeded_by_number(parameter, value)


def _find_exceeded_by_number(parameter: Parameter, value: float) -> Iterator[Keyword]:
    if parameter.minimum is not None and value < parameter.minimum:
        yield "minimum"
    if parameter.exclusive_minimum is not None and value <= parameter.exclusive_minimum:
        yield "exclusiveMinimum"
    if parameter.maximum is not None and value > parameter.maximum:
        yield "maximum"
    if parameter.exclusive_maximum is not None and value >= parameter.exclusive_maximum:
        yield "exclusiveMaximum"
    if parameter.multiple_of is not None and not is_multiple(value, parameter.multiple_of):
        yield "multipleOf"
