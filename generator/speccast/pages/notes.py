"""Notes of a draft: why a spec reads as it does, where that is certain."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from speccast.pages.facts import ABSENT

if TYPE_CHECKING:
    from speccast.pages.facts import Fact, Pointer
    from speccast.pages.reader import Page

EXAMPLE = "What the page prints after this required parameter is its example, not a default to send unasked."


def notes(page: Page) -> dict[str, str]:
    """Return the notes of the parameters of a page."""
    found: dict[str, list[str]] = {}
    facts = page.facts.values
    by_name: dict[str, dict[Pointer, Fact]] = {}
    for pointer, fact in facts.items():
        if pointer[0] == "parameters":
            by_name.setdefault(str(pointer[1]), {})[pointer[2:]] = fact
    for name, own in by_name.items():
        said = found.setdefault(name, [])
        described = own.get(("description",))
        limits = [
            word
            for key, word in (
                ("minimum", "range"),
                ("multipleOf", "multiple"),
                ("maxLength", "length"),
                ("enum", "values"),
            )
            if described is not None
            and (limit := own.get((key,))) is not None
            and limit.value is not ABSENT
            and limit.spans
            and limit.spans[0].start >= described.spans[0].start
            and limit.spans[-1].end <= described.spans[-1].end
        ]
        if limits:
            words = " and ".join(limits)
            verb = "are" if len(limits) > 1 or limits == ["values"] else "is"
            said.append(f"{words.capitalize()} {verb} in the description only.")
        example = own.get(("examples",))
        if (
            example is not None
            and example.is_certain
            and ("required",) in own
            and "openapi" not in page.layouts
        ):
            said.append(EXAMPLE)
        default, enum = own.get(("default",)), own.get(("enum",))
        if (
            default is not None
            and enum is not None
            and ("hidden_values",) in own
            and isinstance(enum.value, list)
            and default.value is not ABSENT
            and default.value not in enum.value
        ):
            said.append(
                "The default is not among the values that the page shows, so it is one of those that it hides."
            )
        if name not in page.documented:
            why = "; the capture breaks off before it, or has no list" if page.is_cut else ""
            said.append(f"Only in the sample{why}.")
        sent = facts.get(("example", name))
        if (
            sent is not None
            and default is not None
            and default.is_certain
            and sent.is_certain
            and default.value is not None
            and sent.value != default.value
            and isinstance(default.value, int | float)
            and default.value != -1
        ):
            documented, shown = json.dumps(default.value), json.dumps(sent.value, ensure_ascii=False)
            said.append(
                f"The page documents {documented} as the default and sends {shown} in its own example."
            )
    return {name: " ".join(said) for name, said in found.items() if said}
