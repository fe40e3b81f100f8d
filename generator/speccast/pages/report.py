"""The report about a draft: what is certain, and what a person has to decide, by line of the page and of the spec."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from speccast.pages.facts import ABSENT, Status
from speccast.pages.keys import TOP
from speccast.pages.writing import doubt_text, place_of, spec_tree
from speccast.specs.document import json_pointer, read_document

if TYPE_CHECKING:
    from speccast.core.check import Pointer
    from speccast.pages.facts import Absent, Fact
    from speccast.pages.reader import Page
    from speccast.specs.document import Document


@dataclass(frozen=True, slots=True)
class Draft:
    """A page, the spec that was written from it, and the spec's path in reports."""

    page: Page
    text: str
    spec: str
    api: str

    def document(self) -> Document:
        return read_document(self.text.encode(), self.spec)

    def count(self, status: Status) -> int:
        return sum(fact.status is status for fact in self.page.facts.values.values())

    @property
    def is_certain(self) -> bool:
        return not self.page.facts.doubts() and not self.page.facts.remarks


def text_report(draft: Draft) -> str:
    """Return the report as text: one line for each decision, in the order of the page, and a summary."""
    page = draft.page
    document = draft.document()
    tree = spec_tree(page, document="", date="")
    lines: list[tuple[tuple[int, int], str]] = []
    for remark, span in page.facts.remarks:
        place = page.source.place(span.start) if span else (1, 1)
        lines.append((place, f"{page.source.name}:{place[0]}:{place[1]}: {remark}"))
    for pointer, fact in page.facts.doubts().items():
        place = page.source.place(fact.spans[0].start) if fact.spans else (1, 1)
        written = place_of(pointer, tree)
        where = document.key_position(written).line if written and pointer[0] in TOP else 0
        name = "/".join(map(str, pointer))
        at = f" (line {where} of {draft.spec})" if where else ""
        lines.append((place, f"{page.source.name}:{place[0]}:{place[1]}: {doubt_text(name, fact)}{at}"))
    certain, ambiguous, missing = (draft.count(status) for status in Status)
    summary = f"{certain} certain, {ambiguous} to decide, {missing} missing"
    return "".join(f"{line}\n" for _, line in sorted(lines)) + f"{page.source.name}: {summary}\n"


def json_report(drafts: list[Draft], undecided: list[str], *, with_text: bool) -> str:
    """Return the report as JSON: every fact with its value, status, readings and positions, and what to decide of a new API."""
    pages = [_page(draft, with_text=with_text) for draft in drafts]
    report = {"version": 1, "api_undecided": undecided, "pages": pages}
    return json.dumps(report, indent=2, ensure_ascii=False) + "\n"


def _page(draft: Draft, *, with_text: bool) -> dict[str, Any]:
    page = draft.page
    document = draft.document()
    tree = spec_tree(page, document="", date="")
    result: dict[str, Any] = {
        "page": page.source.name,
        "spec": draft.spec,
        "api": draft.api,
        "layouts": sorted(page.layouts),
        "is_cut": page.is_cut,
        **{status.value: draft.count(status) for status in Status},
        "remarks": [
            {"message": message, "page": None if span is None else _region(page, span.start, span.end)}
            for message, span in page.facts.remarks
        ],
        "facts": [_fact(page, document, tree, *pair) for pair in page.facts.values.items()],
    }
    return result | ({"text": draft.text} if with_text else {})


def _fact(
    page: Page, document: Document, tree: dict[str, Any], pointer: Pointer, fact: Fact
) -> dict[str, Any]:
    place = place_of(pointer, tree)
    result = {"pointer": json_pointer(pointer), "status": fact.status.value, **_value(fact.value)}
    if fact.reason:
        result["reason"] = fact.reason
    if fact.readings:
        result["readings"] = [_value(reading) for reading in fact.readings]
    result["page"] = [_region(page, span.start, span.end) for span in fact.spans]
    if place == pointer:
        position = document.key_position(place)
        result["spec"] = {"line": position.line, "column": position.column}
    return result


def _value(value: Any | Absent) -> dict[str, Any]:
    return {"absent": True} if value is ABSENT else {"value": value}


def _region(page: Page, start: int, end: int) -> dict[str, Any]:
    line, column = page.source.place(start)
    end_line, end_column = page.source.place(end)
    ends = {"end_line": end_line, "end_column": end_column}
    return {"line": line, "column": column, **ends, "text": page.source.text[start:end]}
