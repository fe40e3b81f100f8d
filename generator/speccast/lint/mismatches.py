"""Fixes and related locations for values that do not match their parameter."""

from __future__ import annotations

from typing import TYPE_CHECKING

from speccast.specs.edits import retyped

if TYPE_CHECKING:
    from speccast.core.check import Mismatch
    from speccast.findings import Fix
    from speccast.lint.context import ParameterContext
    from speccast.lint.location import Location


def fix_type(location: Location, mismatch: Mismatch) -> Fix | None:
    """Return the fix of a value of the wrong type, or None if it is not certain."""
    if mismatch.keyword != "type" or mismatch.parameter is None or mismatch.is_null:
        return None
    return retyped(location.document, location.pointer, mismatch.value, mismatch.parameter.type)


def violated_limit(
    context: ParameterContext, mismatch: Mismatch, depth: int = 0
) -> tuple[tuple[Location, str], ...]:
    """Return the location of the violated limit or enum, unless a nested value violates it.

    `depth` is the depth of the parameter's value at which the pointer of the mismatch begins.
    """
    if not (mismatch.is_limit or mismatch.keyword == "enum") or len(mismatch.pointer) > depth:
        return ()
    return ((context.value(mismatch.keyword), f"{mismatch.keyword} is here"),)
