"""Numbers that touch, such as 248: which values, or which default and values, they can be."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from speccast.core.values import is_equal
from speccast.pages.facts import ABSENT, Fact
from speccast.pages.values import LONGEST_NUMBER, LONGEST_RUN, SHOWN_VALUES, Token, most_even, split_run

if TYPE_CHECKING:
    from speccast.pages.entries import Entry
    from speccast.pages.literals import SampleValue
    from speccast.pages.values import TextBlock

_MOST_READINGS: Final = 12


def single_value(
    token: Token, entry: Entry, kind: str, sample: SampleValue | None
) -> tuple[Fact | None, Fact | None]:
    """Return the default and the allowed values of a parameter with one printed value."""
    default = Fact(token.value, (token.span,))
    can_touch = kind in ("integer", "number") and entry.layout.glues_names and len(token.text) <= LONGEST_RUN
    if not can_touch and token.is_run:
        return _touching(default), None
    is_shortened = entry.block.more is not None
    are_several = token.is_run or len(token.text) > LONGEST_NUMBER
    if not can_touch or (sample is not None and is_equal(sample.value, token.value) and not is_shortened):
        return default, None
    sent = None if sample is None else sample.value
    found: list[tuple[Any, list[int | float]]] = []
    count = SHOWN_VALUES if is_shortened else 0
    for length in range(1, len(token.text)):
        first, rest = token.text[:length], list(_runs(token.text[length:], kind, count))
        found += [(run[0], values) for run in _runs(first, kind) if len(run) == 1 for values in rest]
    found = [(first, run) for first, run in found if first in run and (len(run) > 1 or first == sent)]
    if not found and isinstance(token.value, int | float) and not is_shortened:
        # Without a default, the digits are a list only if the sample sends one of its values.
        found = [(ABSENT, run) for run in _runs(token.text, kind) if sent in run and len(run) > 1]
    elif not found:
        found = [(ABSENT, run) for run in _runs(token.text, kind, count) if len(run) > 1]
    if entry.block.low or entry.block.high or not found:
        return _touching(default) if are_several or is_shortened else default, None
    even = most_even([run for _, run in found])
    found.sort(key=lambda pair: (pair[0] != sent, sent not in pair[1], even.index(pair[1])))
    chosen = found[:_MOST_READINGS]
    first, best = chosen[0]
    known = "" if first is ABSENT else f"the default {first} and "
    reason = f"{token.text} can also be {known}the values {', '.join(map(str, best))}"
    runs = tuple(run for _, run in chosen)
    if is_shortened or are_several:
        others = [each for each, _ in chosen[1:]]
        return Fact(first, (token.span,)).with_doubt(reason, others), Fact(
            best, (token.span,), runs[1:], reason
        )
    values = Fact(ABSENT, (token.span,), runs, reason)
    return default.with_doubt(reason, [each for each, _ in chosen]), values


def split_values(
    token: Token, block: TextBlock, kind: str, default: Fact | None, sample: SampleValue | None
) -> Fact:
    """Return the readings of numbers that touch, such as 248."""
    runs = _runs(token.text, kind, 0 if block.more is None else SHOWN_VALUES)
    if not runs and not token.is_run:
        return Fact([token.value], (token.span,))
    for known in (default, sample):
        if known is not None and isinstance(known.value, int | float) and not isinstance(known.value, bool):
            runs = [run for run in runs if known.value in run] or runs
    if not runs:
        return Fact(ABSENT, (token.span,), reason=f"the values touch: {token.text}")
    ordered = most_even(runs)
    best: list[Any] = list(ordered[0])
    if len(ordered) == 1 and (best == [token.value] or block.more is not None):
        return Fact(best, (token.span,))
    others = tuple(list(run) for run in ordered[1 : 1 + _MOST_READINGS])
    return Fact(best, (token.span,), others, f"the values touch: {token.text}")


def _runs(text: str, kind: str, count: int = 0) -> list[list[int | float]]:
    """Return the lists that numbers which touch can be, as far as they fit a type. One of them can be one number."""
    return [
        run
        for run in split_run(text, count=count)
        if kind == "number" or all(isinstance(each, int) for each in run)
    ]


def _touching(fact: Fact) -> Fact:
    return Fact(ABSENT, fact.spans, (), f"the values touch: {fact.value}")
