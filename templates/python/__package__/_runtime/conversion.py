"""Conversion of arguments to JSON values: tuples to lists, enum members to their values, pydantic models to objects."""

from __future__ import annotations

import math
import os
import sys
from collections.abc import Mapping, Sequence
from enum import Enum
from typing import TYPE_CHECKING, Any, cast

from .._core.check import branch_of
from .._core.omit import OMIT, Omit
from .errors import Violation
from .wording import format_value

if TYPE_CHECKING:
    from decimal import Decimal

    from .._core.parameter import Json, Parameter

__all__ = ["to_json"]

_BINARY = (bytes, bytearray, memoryview)
_NOT_SEQUENCES = (str, *_BINARY)
_MAX_DEPTH = 64
_MOST_DIGITS = 400
"""More digits would only fill the memory."""
# speccast: if files
_SCALARS = frozenset({"boolean", "integer", "number", "string"})
"""Types of values that are neither files nor made of other values."""
# speccast: end


def to_json(
    parameter: Parameter | None,
    value: object,
    path: str,
    violations: list[Violation],
    depth: int = 0,
    *,
    is_checked: bool = True,
) -> Json | Omit:
    """Return an argument as a JSON value. Required members that are missing get their default.

    What JSON cannot express is added to `violations`, and is `OMIT` in the result. `parameter` is None where any value
    is accepted. Unless `is_checked`, texts for media are sent as they are.
    """
    # speccast: if files
    if parameter is not None and (parameter.media or parameter.type not in _SCALARS):
        from .inputs import convert_content  # few parameters take content

        is_content, value = convert_content(parameter, value, path, violations, is_checked=is_checked)
        if is_content:
            return cast("Json", value)
    # speccast: end
    if value is None or type(value) in (bool, int) or (type(value) is str and value.isascii()):
        return cast("Json", value)  # most values; other text may contain surrogates
    if isinstance(value, Enum) and value is not OMIT:
        value = value.value
    value = _plain(value)
    # speccast: if unions
    parameter = _branch_of(parameter, value)
    # speccast: end
    if _is_container(value):
        if depth > _MAX_DEPTH:
            problem = f"is nested more than {_MAX_DEPTH} deep"
        elif isinstance(value, Mapping):
            members = cast("Mapping[object, object]", value)
            return _object(parameter, members, path, violations, depth, is_checked=is_checked)
        else:
            item = parameter.items if parameter is not None else None
            elements = enumerate(cast("Sequence[object]", value))
            converted = [
                to_json(item, each, f"{path}[{index}]", violations, depth + 1, is_checked=is_checked)
                for index, each in elements
            ]
            return cast("list[Json]", converted)
    else:
        problem = _problem(value)
    if problem:
        violations.append(Violation(path, format_value(value), problem))
        return OMIT
    return _scalar(parameter, value)


# speccast: if unions
def _branch_of(parameter: Parameter | None, value: object) -> Parameter | None:
    """Return the branch of a union that a value is meant for. Only the tag of an object is converted yet."""
    if parameter is None or not parameter.branches:
        return parameter
    if isinstance(value, Mapping):
        tag = cast("Mapping[object, object]", value).get(parameter.tag)
        value = {parameter.tag: tag.value if isinstance(tag, Enum) else tag}
    elif _is_container(value):
        value = []
    return branch_of(parameter, cast("Json", value))


# speccast: end
def _is_container(value: object) -> bool:
    return isinstance(value, Mapping | Sequence) and not isinstance(value, _NOT_SEQUENCES)


def _object(
    parameter: Parameter | None,
    value: Mapping[object, object],
    path: str,
    violations: list[Violation],
    depth: int,
    *,
    is_checked: bool,
) -> Json:
    properties = parameter.properties if parameter is not None else ()
    known = {member.wire: member for member in properties}
    members: dict[str, Json | Omit] = {}
    for name, member in value.items():
        if not isinstance(name, str) or not _is_unicode(name):
            violations.append(
                Violation(
                    f"{path}[{format_value(name)}]", format_value(member), "has a name that is not text"
                )
            )
        elif properties and name not in known and is_checked:
            members[name] = cast("Json", member)  # the check refuses the name
        elif member is not OMIT:
            place, inside = known.get(name), f"{path}.{name}"
            members[name] = to_json(place, member, inside, violations, depth + 1, is_checked=is_checked)
    for name, missing in known.items():
        if name not in members and missing.is_sent_by_default:
            members[name] = missing.default
    return cast("Json", members)


def _plain(value: object) -> object:
    """Return the members of a pydantic model, or what a scalar or an array of numpy holds.

    Only who uses these packages has such values, so they are not imported here.
    """
    model: type | None = getattr(sys.modules.get("pydantic.main"), "BaseModel", None)
    if model is not None and isinstance(value, model):
        return cast("Any", value).model_dump(by_alias=True)
    numpy = sys.modules.get("numpy")
    scalar: type | None = getattr(numpy, "generic", None)
    array: type | None = getattr(numpy, "ndarray", None)
    # Another thread may be importing numpy: then it has no names yet.
    if scalar is not None and array is not None and isinstance(value, (scalar, array)):
        plain: object = cast("Any", value).tolist()
        return _number(plain) if isinstance(plain, scalar) else plain
    return value if isinstance(value, str | int | float) else _number(value)


def _number(value: object) -> object:
    """Return a number of another type as one of Python's own, if it is exactly that number; other values unchanged."""
    from decimal import Decimal  # Few arguments need these modules.
    from numbers import Integral, Real

    try:
        if isinstance(value, Decimal):
            return _from_decimal(value)
        if isinstance(value, Real) and not isinstance(value, Integral):
            number = float(value)
            return number if number == value or not math.isfinite(number) else value
    except (ArithmeticError, TypeError, ValueError):
        pass
    return value


def _from_decimal(value: Decimal) -> int | float | Decimal:
    from decimal import Decimal

    if not value.is_finite():
        return math.nan
    if value == value.to_integral_value() and value.adjusted() < _MOST_DIGITS:
        return int(value)
    number = float(value)
    return number if Decimal(repr(number)) == value else value


def _scalar(parameter: Parameter | None, value: object) -> str | int | float | bool | None:
    """Return a value of one of Python's own types. An integral float becomes an integer for an integer parameter."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return str.__str__(value)
    if isinstance(value, float):
        is_integer = parameter is not None and parameter.type == "integer" and value.is_integer()
        return int(value) if is_integer else float(value)
    return int(cast("int", value))


def _problem(value: object) -> str:
    """Return why a scalar cannot be sent, and what to pass instead; "" if it can be sent."""
    if value is OMIT:
        return "cannot be omitted here"
    if isinstance(value, str):
        return "" if _is_unicode(value) else "contains half of a surrogate pair, which is not a character"
    if isinstance(value, float):
        return "" if math.isfinite(value) else "must be a finite number"
    if value is None or isinstance(value, int):
        return ""
    from decimal import Decimal
    from numbers import Integral, Real

    if isinstance(value, Integral):
        return ""
    if isinstance(value, Real | Decimal):
        return "cannot be sent exactly: pass a float, or fewer digits"
    if isinstance(value, _BINARY):
        return "is bytes: pass base64 text or a URL, whichever the API accepts"
    if isinstance(value, os.PathLike):
        return "is a path: pass the file's content as base64 text, or a URL, whichever the API accepts"
    return f"a {type(value).__name__} is not JSON serializable"


def _is_unicode(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
