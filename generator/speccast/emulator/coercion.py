"""Lenient reading of parameters (`--lenient`), as some APIs do it for their own older clients.

Unknown names are ignored, and a value of another type is converted if its text says what is meant. All limits still apply.
"""

from __future__ import annotations

import json
import re
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from speccast.emulator.exact_numbers import branch_of_exact, exact_number, plain

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from speccast.core.parameter import Parameter

_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")
_BOOLEANS = {"true": True, "1": True, "false": False, "0": False}


def coerce(values: Mapping[str, Any], known: Iterable[Parameter]) -> dict[str, Any]:
    """Return the values of known parameters, converted to their types where that is possible."""
    by_name = {parameter.wire: parameter for parameter in known}
    return {name: _coerce_value(value, by_name[name]) for name, value in values.items() if name in by_name}


def _coerce_value(value: Any, parameter: Parameter) -> Any:
    match parameter.type:
        case "union":
            return _coerce_to_branch(value, parameter)
        case "integer" | "number" if isinstance(value, str) and _NUMBER.fullmatch(value.strip()):
            try:
                return exact_number(value.strip())
            except ValueError:
                return value
        case "boolean" if isinstance(value, str | int):
            return _BOOLEANS.get(str(value).strip().lower(), value)
        case "string" if isinstance(value, bool | int | Decimal):
            return json.dumps(value, default=plain).strip('"')
        case "array" if isinstance(value, list) and parameter.items is not None:
            return [_coerce_value(item, parameter.items) for item in value]
        case "object" if isinstance(value, dict) and parameter.properties:
            return coerce(value, parameter.properties)
    return value


def _coerce_to_branch(value: Any, union: Parameter) -> Any:
    """Return the value as the branch that it has the type of, else as the first one whose type it can be converted to."""
    branch = branch_of_exact(union, value)
    if branch is not None:
        return _coerce_value(value, branch)
    converted = (_coerce_value(value, branch) for branch in union.branches)
    return next((each for each in converted if each is not value), value)
