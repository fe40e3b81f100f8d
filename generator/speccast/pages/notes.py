"""Notes of a draft: why a spec reads as it does, where that is certain."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, TypeAlias

from speccast.pages.facts import ABSENT

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from speccast.core.check import Pointer
    from speccast.pages.facts import Fact
    from speccast.pages.reader import Page

EXAMPLE = "What the page prints after this required parameter is its example, not a default to send unasked."
_LIMITS = (("minimum", "range"), ("multipleOf", "multiple"), ("maxLength", "length"), ("enum", "values"))
"""Keys of limits, and how a note names them."""

FactsByPointer: TypeAlias = "Mapping[Pointer, Fact]"
"""The facts of one parameter, by pointer from it."""


def notes(page: Page) -> dict[str, str]:
    """Return the notes of the parameters of a page."""
    by_name: dict[str, dict[Pointer, Fact]] = {}
    for pointer, fact in page.facts.values.items():
        if pointer[0] == "parameters":
            by_name.setdefault(str(pointer[1]), {})[pointer[2:]] = fact
    found = {name: " ".join(_notes_of(page, name, facts)) for name, facts in by_name.items()}
    return {name: text for name, text in found.items() if text}


def _notes_of(page: Page, name: str, facts: FactsByPointer) -> Iterator[str]:
    yield from _on_limits(facts)
    example = facts.get(("examples",))
    is_required = ("required",) in facts
    if example is not None and example.is_certain and is_required and "openapi" not in page.layouts:
        yield EXAMPLE
    if _is_default_hidden(facts):
        yield "The default is not among the values that the page shows, so it is one of those that it hides."
    if name not in page.documented:
        why = "; the capture breaks off before it, or has no list" if page.is_cut else ""
        yield f"Only in the sample{why}."
    yield from _on_example(facts.get(("default",)), page.facts.values.get(("example", name)))


def _on_limits(facts: FactsByPointer) -> Iterator[str]:
    described = facts.get(("description",))
    if described is None:
        return
    start, end = described.spans[0].start, described.spans[-1].end
    limits = [
        word
        for key, word in _LIMITS
        if (limit := facts.get((key,))) is not None
        and limit.value is not ABSENT
        and limit.spans
        and start <= limit.spans[0].start
        and limit.spans[-1].end <= end
    ]
    if limits:
        verb = "are" if len(limits) > 1 or limits == ["values"] else "is"
        yield f"{' and '.join(limits).capitalize()} {verb} in the description only."


def _is_default_hidden(facts: FactsByPointer) -> bool:
    """Return whether a page hides values of an enum, and the default is one of them."""
    default, enum = facts.get(("default",)), facts.get(("enum",))
    if default is None or enum is None or ("hidden_values",) not in facts:
        return False
    return isinstance(enum.value, list) and default.value is not ABSENT and default.value not in enum.value


def _on_example(default: Fact | None, sent: Fact | None) -> Iterator[str]:
    """Yield a note if the example of the page sends another number than the default; -1 often means a random number."""
    if default is None or sent is None or not default.is_certain or not sent.is_certain:
        return
    is_number = isinstance(default.value, int | float) and default.value != -1
    if is_number and sent.value != default.value:
        documented, shown = json.dumps(default.value), json.dumps(sent.value, ensure_ascii=False)
        yield f"The page documents {documented} as the default and sends {shown} in its own example."
