"""What the samples of a page send: the request that they agree on, and the encoding of its body."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from speccast.core.values import is_kind
from speccast.pages.facts import ABSENT, Fact
from speccast.pages.literals import other_values
from speccast.pages.parameters import KINDS
from speccast.specs.problems import Span

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from speccast.pages.facts import Facts
    from speccast.pages.literals import SampleValue
    from speccast.pages.samples import Sample

_HEADER: Final = re.compile(r"multipart/form-data", re.IGNORECASE)


def merge_captures(found: list[Sample], facts: Facts) -> Sample | None:
    """Return the sample of a capture, and doubt the values in which another one differs.

    The first complete sample counts, but one with values of JSON before one with the texts of a form.
    """
    if not found:
        return None
    complete = [sample for sample in found if sample.is_complete]
    exact = [sample for sample in complete if not any(each.is_text for each in sample.members.values())]
    chosen = [*exact, *complete, *found][0]
    for other in found:
        if other.is_complete and chosen.is_complete and not _send_same(chosen, other):
            facts.remarks.append(("two samples of the page send different requests", other.span))
            for name in chosen.members:
                if not _is_same(chosen.members[name], other.members.get(name)):
                    value = chosen.members[name]
                    chosen.members[name] = replace(value, is_exact=False)
            break
    return chosen


def add_body(facts: Facts, text: str, part: Span, found: Sequence[Sample], usual: str) -> None:
    """Add the encoding of the request body if it is not the usual one, and doubt files that it cannot contain."""
    header = _HEADER.search(text, part.start, part.end)
    fact = _body([each for each in found if each.members], Span(*header.span()) if header else None, usual)
    if fact is None:
        return
    values = [ABSENT if each == usual else each for each in (fact.value, *fact.readings)]
    fact = replace(fact, value=values[0], readings=tuple(values[1:]))
    if fact.value is not ABSENT or fact.readings:
        facts.add(("body",), fact)
    can_have_files = fact.is_certain and "multipart" in (fact.value, usual)
    for pointer, kind in list(facts.values.items()):
        if pointer[0] == "parameters" and kind.value == "file" and kind.is_certain and not can_have_files:
            facts.doubt(pointer, "the page calls it a file, but no sample sends one", ["string"])


def _body(found: Sequence[Sample], header: Span | None, usual: str) -> Fact | None:
    """Return the encoding of the body that samples send, or that a header of the page names."""
    forms = [each for each in found if each.body]
    bodies = list(dict.fromkeys(each.body or "json" for each in (*forms, *found)))
    if forms:
        fact = Fact(bodies[0], (forms[0].span,))
        return fact.with_doubt("the samples send different bodies", bodies[1:]) if len(bodies) > 1 else fact
    if filled := [each.span for each in found if each.is_filled]:
        if usual == "multipart":
            return Fact("multipart", (filled[0],))
        return Fact("json", (filled[0],)).with_doubt("the sample copies its members to a form", ["multipart"])
    if header is not None:
        reason = "the page names multipart/form-data, but no sample sends a form"
        return Fact("multipart", (header,)).with_doubt(reason, ["json"])
    return Fact("json", (found[0].span,)) if found else None


def convert_texts(sample: Sample, kinds: Mapping[str, str]) -> Sample:
    """Return a sample in which the texts of a form have the types that the page documents."""
    members = {
        name: _as_documented(value, kinds[name]) if value.is_text and name in kinds else value
        for name, value in sample.members.items()
    }
    return replace(sample, members=members)


def _send_same(one: Sample, other: Sample) -> bool:
    """Return whether two samples send the same. In a form, 7 and "7" are the same."""
    return one.members.keys() == other.members.keys() and all(
        _is_same(value, other.members[name]) for name, value in one.members.items()
    )


def _is_same(one: SampleValue, other: SampleValue | None) -> bool:
    """Return whether two samples send the same value."""
    if other is None or one.is_file or other.is_file:
        return other is not None and one.is_file == other.is_file
    if one.is_text or other.is_text:
        return bool(_form_text(one.value) == _form_text(other.value))
    return bool(one.value == other.value)


def _as_documented(value: SampleValue, kind: str) -> SampleValue:
    if not isinstance(value.value, str):
        return value
    documented = "array" if kind.endswith("[]") else KINDS.get(kind.lower().partition(" ")[0])
    if documented == "string":
        return replace(value, is_text=False)
    for other in other_values(value.value):
        if documented is not None and is_kind(other, documented):
            return replace(value, value=other, is_text=False)
    return value


def _form_text(value: Any) -> Any:
    return value if isinstance(value, str) else json.dumps(value, sort_keys=True)
