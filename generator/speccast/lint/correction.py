"""The fix of a value that is not of the type that its parameter takes: with quotes as text, without them as anything else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from speccast.specs.edits import retyped

if TYPE_CHECKING:
    from speccast.core.check import Mismatch
    from speccast.findings import Fix
    from speccast.lint.place import Place


def correction(place: Place, mismatch: Mismatch) -> Fix | None:
    """The fix of what is wrong with the value at a place, where it is certain."""
    if mismatch.keyword != "type" or mismatch.parameter is None or mismatch.is_null:
        return None
    return retyped(place.document, place.pointer, mismatch.value, mismatch.parameter.type)
