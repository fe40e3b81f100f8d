"""Fixes and related locations for values that do not match their parameter."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from speccast.core.values import is_kind, read_text
from speccast.specs.edits import retype
from speccast.specs.wording import advise

if TYPE_CHECKING:
    from speccast.core.check import Mismatch
    from speccast.findings import Fix
    from speccast.lint.context import ParameterContext
    from speccast.lint.location import Location

_ALSO_TEXT: Final = ("integer", "number", "boolean")
"""Types whose values a page can show as text."""


def fix_type(location: Location, mismatch: Mismatch, *, is_safe: bool = True) -> Fix | None:
    """Return the fix of a value of the wrong type, or None if it is not certain."""
    if mismatch.keyword != "type" or mismatch.parameter is None or mismatch.is_null:
        return None
    fix = retype(location.document, location.pointer, mismatch.value, mismatch.parameter.type)
    return None if fix is None else replace(fix, is_safe=is_safe)


def advise_on_sample(mismatch: Mismatch) -> str:
    """Return advice on a value that the page shows. Such a value is evidence, so the spec may be wrong."""
    value, parameter = mismatch.value, mismatch.parameter
    if (
        mismatch.keyword == "type"
        and isinstance(value, str)
        and parameter is not None
        and parameter.type in _ALSO_TEXT
        and is_kind(read_text(value), parameter.type)
    ):
        return "if the page shows it as text, write `also_accepts: string` at the parameter; else write it without quotes"
    return advise(mismatch) or "correct the example or the limit"


def find_violated(
    context: ParameterContext, mismatch: Mismatch, depth: int = 0
) -> tuple[tuple[Location, str], ...]:
    """Return the location of the violated limit or enum, unless a nested value violates it.

    `depth` is the depth of the parameter's value at which the pointer of the mismatch begins.
    """
    if not (mismatch.is_limit or mismatch.keyword == "enum") or len(mismatch.pointer) > depth:
        return ()
    # Forms have a default that depends on `format`.
    keyword = "media" if mismatch.keyword == "forms" and "forms" not in context.spec else mismatch.keyword
    return ((context.value(keyword), f"{keyword} is here"),)
