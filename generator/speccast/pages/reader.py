"""Reads the text of a page: every fact of a model spec with the characters it came from.

A page can hold several captures of the same text. Each is read separately, then they are merged.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from speccast.core.values import is_equal
from speccast.pages.apis import ApiPaths
from speccast.pages.capture import read_capture
from speccast.pages.facts import ABSENT, Fact, Facts
from speccast.pages.head import KINDS
from speccast.pages.keys import TOP
from speccast.pages.media import add_media
from speccast.pages.selected_types import add_selected_types
from speccast.pages.text import PageText, captures

if TYPE_CHECKING:
    from collections.abc import Sequence

    from speccast.core.check import Pointer
    from speccast.pages.facts import Capture


@dataclass(frozen=True)
class Page:
    """A page that was read."""

    source: PageText
    facts: Facts
    layouts: frozenset[str]
    is_cut: bool
    documented: frozenset[str] = frozenset()

    @property
    def is_page(self) -> bool:
        """Whether the text documents a model: it has an address, and parameters or a sample."""
        values = self.facts.values
        return ("slug",) in values and any(pointer[0] in ("parameters", "example") for pointer in values)


def read_page(source: PageText, paths: ApiPaths | None = None) -> Page:
    """Read a page. Text that is not a page has no facts; nothing in a text raises an exception."""
    read = [
        read_capture(source.text, start, end, paths or ApiPaths()) for start, end in captures(source.text)
    ]
    read = [capture for capture in read if capture.facts.values]
    merged = _merge(read)
    if ("slug",) in merged.values and ("returns",) not in merged.values:
        readings = [[media] for media in KINDS["text/json"][1:]]
        unknown = Fact(["application/json"]).with_doubt("the page does not say what it returns", readings)
        merged.add(("returns",), unknown)
    add_media(merged)
    add_selected_types(merged)
    for remark in source.remarks:
        merged.remarks.insert(0, (remark, None))
    layouts = frozenset(name for capture in read for name in capture.layouts)
    documented = frozenset(name for capture in read for name in capture.documented)
    return Page(source, merged, layouts, any(capture.is_cut for capture in read), documented)


def _merge(read: Sequence[Capture]) -> Facts:
    """Merge the captures of a page. Those that agree confirm each other; those that disagree make a fact ambiguous."""
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
        fact = _merge_facts(sides)
        if fact is not None:
            merged.add(pointer, fact)
    return merged


def _merge_facts(sides: Sequence[Fact | None]) -> Fact | None:
    facts = [fact for fact in sides if fact is not None]
    if len(sides) < 2 or not facts:
        return facts[0] if facts else None
    certain = [fact for fact in facts if fact.is_certain]
    if len(facts) < len(sides):  # a complete capture does not have it
        if not certain:
            return None
        return certain[0].with_doubt("another capture of the page does not have it", [ABSENT])
    if not certain:
        best = next((fact for fact in facts if fact.value is not ABSENT), facts[0])
        return best.with_doubt("", [fact.value for fact in facts])
    first = certain[0]
    spans = tuple(dict.fromkeys(span for fact in certain if fact.value == first.value for span in fact.spans))
    others = [fact.value for fact in certain if not is_equal(fact.value, first.value)]
    merged = Fact(first.value, spans)
    return merged.with_doubt("captures of the page disagree", others) if others else merged
