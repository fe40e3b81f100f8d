"""From the bytes of a request to a JSON object, strictly: what a careless parser would let pass is refused here."""

from __future__ import annotations

import json
from types import NoneType
from typing import Any, NoReturn

from speccast.emulator.exact import exact_number

MAX_DEPTH = 100
"""Objects and arrays within each other; specs nest less deeply."""


class BodyError(ValueError):
    """The body is no JSON object. The text says why, for the person who sent it."""


def parse_object(raw: bytes) -> dict[str, Any]:
    """The object in a body. Its numbers are exact: integers, or decimals that are not integral.

    Raises:
        BodyError: not UTF-8, not JSON, not an object, a name given twice, nested too deeply, a number out of range.
    """
    if not raw.strip():
        raise BodyError("The body is empty; send a JSON object.")
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise BodyError(f"The body is not UTF-8: byte {error.start} cannot be read.") from None
    if text.startswith("\ufeff"):
        raise BodyError("The body begins with a byte order mark; send plain UTF-8.")
    try:
        value = _DECODER.decode(text)
    except json.JSONDecodeError as error:
        raise BodyError(f"The body is not JSON: {error}.") from None
    except RecursionError:
        raise BodyError(_TOO_DEEP) from None
    except ValueError as error:
        raise BodyError(f"The body cannot be read: {error}.") from None
    if not isinstance(value, dict):
        raise BodyError(f"The body must be a JSON object, not {json_type(value)}.")
    _check_depth(value)
    return value


def json_type(value: object) -> str:
    """What JSON calls a value, with its article."""
    return next((name for kind, name in _TYPES if isinstance(value, kind)), "a number")


# bool stands before int, of which it is a subclass.
_TYPES = (
    (NoneType, "null"),
    (bool, "a boolean"),
    (int, "an integer"),
    (str, "a string"),
    (list, "an array"),
    (dict, "an object"),
)

_TOO_DEEP = f"The body is nested too deeply; {MAX_DEPTH} levels are allowed."


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) < len(pairs):
        seen: set[str] = set()
        for name, _ in pairs:
            if name in seen:
                raise ValueError(f"the name {json.dumps(name)} is given twice")
            seen.add(name)
    return members


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number in JSON")


def _check_depth(value: dict[str, Any]) -> None:
    level: list[Any] = [value]
    for _ in range(MAX_DEPTH):
        level = [
            inner
            for outer in level
            for inner in (outer.values() if isinstance(outer, dict) else outer)
            if isinstance(inner, dict | list)
        ]
        if not level:
            return
    raise BodyError(_TOO_DEEP)


_DECODER = json.JSONDecoder(
    parse_int=exact_number,
    parse_float=exact_number,
    parse_constant=_refuse_constant,
    object_pairs_hook=_members,
)
