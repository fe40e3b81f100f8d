"""Texts as values of parameters: arguments of the command line, and cells of tables.

A text that does not match the type of its parameter stays a text: the check then reports it together with all other
violations, and without checks it is sent as it is.
"""

from __future__ import annotations

import json
import re
import sys
from decimal import Decimal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .._core.parameter import Json, Parameter

__all__ = ["UNITS", "UnreadableError", "as_unicode", "number_of", "parse_json", "read_seconds", "value_of"]

UNITS = {"s": 1.0, "m": 60.0, "h": 3600.0}
"""Seconds in the units of times."""

# More lenient than JSON: +5, .5 and 5. are numbers too. NaN and infinities are not.
_NUMBER = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?", re.ASCII)

# Larger exponents would only fill the memory with digits.
_LARGEST_EXPONENT = 400


class UnreadableError(ValueError):
    """A text, file or stream that cannot be read; the message says why."""


def value_of(parameter: Parameter, text: str) -> Json:
    """Return the value that a text means: null, a boolean, a number, JSON of an array or object, or the text itself.

    Raises:
        UnreadableError: the text must be JSON and is not, or is not Unicode.
    """
    if parameter.nullable and text == "null":
        return None
    # speccast: if unions
    if parameter.branches:
        return _value_of_union(parameter, text)
    # speccast: end
    match parameter.type:
        case "integer" | "number":
            return number_of(text, integral=parameter.type == "integer")
        case "boolean":
            return _boolean_of(text)
        case "array" | "object":
            return parse_json(text)
        case _:
            return as_unicode(text)


def number_of(text: str, *, integral: bool) -> Json:
    """Return the number; integers are exact, so that 1e23 is not rounded to a float. Other text is unchanged."""
    word = text.strip()
    if not _NUMBER.fullmatch(word):
        return as_unicode(text)
    number = Decimal(word)
    if abs(number.adjusted()) > _LARGEST_EXPONENT:
        return text
    if integral and number == number.to_integral_value():
        return int(number)
    return float(number) if abs(number) <= Decimal(sys.float_info.max) else text


def read_seconds(text: str) -> float | None:
    """Read a time above 0, such as `90`, `90s`, `1.5m` or `2h`, as seconds; None for other texts."""
    found = re.fullmatch(r"(\d{1,9}(?:\.\d*)?|\.\d+)([smh])?", text.strip(), re.ASCII)
    return float(found[1]) * UNITS[found[2] or "s"] or None if found else None


def parse_json(text: str) -> Json:
    """Return the value of a JSON text.

    Raises:
        UnreadableError: it is not valid JSON; the message says where.
    """
    try:
        value: Json = json.loads(as_unicode(text), parse_constant=_refuse_constant)
    except json.JSONDecodeError as error:
        place = (
            f"line {error.lineno}, column {error.colno}" if "\n" in text.strip() else f"column {error.colno}"
        )
        raise UnreadableError(f"is not valid JSON: {error.msg} at {place}") from None
    except RecursionError:
        raise UnreadableError("is nested too deeply") from None
    except UnreadableError:
        raise
    except ValueError as error:
        raise UnreadableError(f"is not valid JSON: {error}") from None
    return value


def as_unicode(text: str) -> str:
    """Return the text, if it is valid Unicode. Arguments that are not UTF-8 contain lone surrogates.

    Raises:
        UnreadableError: it is not.
    """
    try:
        text.encode()
    except UnicodeEncodeError:
        raise UnreadableError("is not UTF-8 text") from None
    return text


def _boolean_of(text: str) -> Json:
    """Return the boolean, also as spreadsheets write it. Other text is unchanged."""
    return {"true": True, "false": False}.get(text.lower(), as_unicode(text))


# speccast: if unions
def _value_of_union(union: Parameter, text: str) -> Json:
    """Return JSON if the text begins like an array or object that a branch is, a boolean, a number, or the text.

    What no branch but the items of an array can be becomes an array with this item.
    """
    kinds = {branch.type for branch in union.branches}
    arrays = [branch.items for branch in union.branches if branch.items is not None]
    of_items = {form.type for items in arrays for form in items.branches or (items,)} - kinds
    first = text.lstrip()[:1]
    if (first == "[" and "array" in kinds) or (first == "{" and "object" in kinds | of_items):
        try:
            value = parse_json(text)
            return [value] if first == "{" and "object" in of_items else value
        except UnreadableError as error:
            hint = f"; a text that begins with {first} is passed by --param or --params-file"
            raise UnreadableError(f"{error}{hint if 'string' in kinds else ''}") from None
    value = _boolean_of(text) if "boolean" in kinds else as_unicode(text)
    if isinstance(value, str) and kinds & {"integer", "number"}:
        value = number_of(text, integral="integer" in kinds)
    return [value] if isinstance(value, str) and of_items & {"string", "file"} else value


# speccast: end
def _refuse_constant(name: str) -> Json:
    raise ValueError(f"{name} is not a number in JSON")
