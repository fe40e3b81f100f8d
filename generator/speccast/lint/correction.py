"""The fix of a value that is not of the type that its parameter takes: with quotes as text, without them as anything else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from speccast.specs.edits import retyped

if TYPE_CHECKING:
    from speccast.findings import Fix
    from speccast.lint.place import Place
    from speccast.specs.fit import Misfit


def correction(place: Place, misfit: Misfit) -> Fix | None:
    """The fix of what is wrong with the value at a place, where it is certain."""
    if misfit.kind is None:
        return None
    return retyped(place.document, place.pointer, misfit.value, misfit.kind)
