"""What refuses a value, as the other place that a finding is about."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from speccast.core.check import Mismatch
    from speccast.lint.context import ParameterContext
    from speccast.lint.place import Place


def refusal(context: ParameterContext, mismatch: Mismatch, depth: int = 0) -> tuple[tuple[Place, str], ...]:
    """The limit or enum of a parameter that refuses a value. `depth` is how far down the value is where the pointer begins.

    What refuses a part of an object or an array stands elsewhere, and the part's own name leads there.
    """
    if not (mismatch.is_limit or mismatch.keyword == "enum") or len(mismatch.pointer) > depth:
        return ()
    return ((context.value(mismatch.keyword), f"{mismatch.keyword} is here"),)
