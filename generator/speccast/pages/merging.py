"""Merges the captures of a page. Captures that agree confirm each other; those that disagree make a fact ambiguous."""

from __future__ import annotations

from typing import TYPE_CHECKING

from speccast.core.values import is_equal
from speccast.pages.facts import ABSENT, Fact, Facts, Pointer
from speccast.pages.keys import TOP

if TYPE_CHECKING:
    from collections.abc import Sequence

    from speccast.pages.capture import Capture


def merge(read: Sequence[Capture]) -> Facts:
    """Merge the captures of a page into one."""
    merged = Facts()
    for capture in read:
        merged.remarks += [remark for remark in capture.facts.remarks if remark not in merged.remarks]
    documented = {name for capture in read for name in capture.documented}
    pointers: dict[Pointer, None] = {}
    for capture in sorted(read, key=lambda each: -len(each.documented)):
        for pointer in capture.facts.values:
            pointers.setdefault(pointer)
    for pointer in sorted(pointers, key=lambda each: (*TOP, "states").index(str(each[0]))):
        is_parameter = pointer[0] == "parameters"
        name = str(pointer[1]) if is_parameter else ""
        sides: list[Fact | None] = []
        for capture in read:
            if is_parameter and name in documented and name not in capture.documented:
                continue  # a sample says less than the documentation
            fact = capture.facts.values.get(pointer)
            if fact is not None:
                sides.append(fact)
            elif is_parameter and name in capture.complete:
                sides.append(None)
        fact = _merged(sides)
        if fact is not None:
            merged.add(pointer, fact)
    return merged


def _merged(sides: Sequence[Fact | None]) -> Fact | None:
    facts = [fact for fact in sides if fact is not None]
    if len(sides) < 2 or not facts:
        return facts[0] if facts else None
    certain = [fact for fact in facts if fact.is_certain]
    if len(facts) < len(sides):  # a complete capture does not have it
        if not certain:
            return None
        return certain[0].doubted("another capture of the page does not have it", [ABSENT])
    if not certain:
        best = next((fact for fact in facts if fact.value is not ABSENT), facts[0])
        return best.doubted("", [fact.value for fact in facts])
    first = certain[0]
    spans = tuple(dict.fromkeys(span for fact in certain if fact.value == first.value for span in fact.spans))
    others = [fact.value for fact in certain if not is_equal(fact.value, first.value)]
    merged = Fact(first.value, spans)
    return merged.doubted("captures of the page disagree", others) if others else merged
