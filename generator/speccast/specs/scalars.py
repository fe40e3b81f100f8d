"""Resolves unquoted YAML scalars by the core schema of YAML 1.2.2 (section 10.3.2).

`16:9`, `no`, `on`, `2024-01-01` and `1_000` are text, `0777` is the integer 777 and `1e3` is a number. Python's YAML
libraries follow YAML 1.1, so they are not used for this.
"""

from __future__ import annotations

import math
import re
from typing import Final, TypeAlias

Scalar: TypeAlias = str | int | float | bool | None

TAG_PREFIX: Final = "tag:yaml.org,2002:"
CORE_TAGS: Final = frozenset({"null", "bool", "int", "float", "str", "seq", "map"})

_NULLS: Final = frozenset({"", "~", "null", "Null", "NULL"})
_BOOLEANS: Final = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_WORDS: Final[dict[str, bool | None]] = dict.fromkeys(_NULLS) | _BOOLEANS
_NUMBER_STARTS: Final = frozenset("0123456789+-.")
_DECIMAL: Final = re.compile(r"[-+]?[0-9]+")
_OCTAL: Final = re.compile(r"0o([0-7]+)")
_HEXADECIMAL: Final = re.compile(r"0x([0-9a-fA-F]+)")
_FLOAT: Final = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_NOT_FINITE: Final = re.compile(r"[-+]?(\.inf|\.Inf|\.INF)|\.nan|\.NaN|\.NAN")
_LONGEST: Final = 1000
"""Maximum length of a number, far beyond the 309 digits of the largest one."""


class NumberError(ValueError):
    """A number that JSON cannot represent: infinite, not a number, or outside the range of a double."""


class TagError(ValueError):
    """A value does not match its tag."""


def resolve(text: str) -> Scalar:
    """Return the value of an unquoted scalar without a tag.

    Raises:
        NumberError: it is a number outside the range of a double.
    """
    if text in _WORDS:
        return _WORDS[text]
    return _number(text) if text[0] in _NUMBER_STARTS else text


def resolve_tagged(text: str, tag: str) -> Scalar:
    """Return the value of a scalar with a tag; `tag` is the part after `tag:yaml.org,2002:`.

    Raises:
        NumberError: as `resolve`.
        TagError: the text is not of that type, or the core schema has no scalar type of that name.
    """
    match tag:
        case "str":
            return text
        case "null" if text in _NULLS:
            return None
        case "bool" if text in _BOOLEANS:
            return _BOOLEANS[text]
        case "int" | "float":
            value = _number(text) if text else text
            if isinstance(value, int):
                return value if tag == "int" else float(value)
            if isinstance(value, float) and tag == "float":
                return value
    raise TagError(text)


def _number(text: str) -> int | float | str:
    if _DECIMAL.fullmatch(text):
        return _limit(text, 10)
    if match := _HEXADECIMAL.fullmatch(text):
        return _limit(match[1], 16)
    if match := _OCTAL.fullmatch(text):
        return _limit(match[1], 8)
    if _FLOAT.fullmatch(text):
        return _finite(text)
    if _NOT_FINITE.fullmatch(text):
        raise NumberError(text)
    return text


def _limit(digits: str, base: int) -> int:
    """Return an integer within the range of a double, so that later arithmetic cannot overflow."""
    if len(digits) > _LONGEST:
        raise NumberError(digits)
    value = int(digits, base)
    try:
        float(value)
    except OverflowError:
        raise NumberError(digits) from None
    return value


def _finite(text: str) -> float:
    if len(text) > _LONGEST:
        raise NumberError(text)
    value = float(text)
    vanished = value == 0 and re.search("[1-9]", re.split("[eE]", text)[0])
    if math.isinf(value) or vanished:
        raise NumberError(text)
    return value
