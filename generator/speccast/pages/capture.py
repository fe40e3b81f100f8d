"""Reads one capture of a page: its parts, and the facts in each of them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from speccast.pages import entries as headed
from speccast.pages.bodies import add_body, convert_texts, merge_captures
from speccast.pages.facts import Capture, Facts
from speccast.pages.forms import with_forms
from speccast.pages.head import ENDPOINT, read_endpoint, read_head, read_response
from speccast.pages.layouts import LAYOUTS, attributes, tables
from speccast.pages.placing import add_example, add_parameters
from speccast.pages.samples import Sample, samples
from speccast.pages.streams import read_stream
from speccast.specs.problems import Span

if TYPE_CHECKING:
    from collections.abc import Iterable

    from speccast.pages.apis import ApiPaths

_PARAMETERS: Final = re.compile(
    r"Parameters[ \t]*\n(?=\s*(?:[\w.\-$]+\s*(?:required|optional)|\Z))|(?m:^Parameters[ \t]*\n)"
)
_END: Final = re.compile(
    r"Response (?:Type\s*\n\s*Returns|Format[ \t]*\n)|Asynchronous requests \(|Common Error Codes[ \t]*\n"
)
_FINISHED: Final = re.compile(
    r"\bTimeout\s*\n\s*Request timed out[ \t]*(?:\n|\Z)|any disruptions in your API usage\.[ \t]*(?:\n|\Z)"
)
"""The last words of a page about the model. A footer can follow."""


def read_capture(text: str, start: int, end: int, paths: ApiPaths) -> Capture:
    capture = Capture(Facts())
    part = text[start:end]
    found = with_forms(text, start, end, list(samples(text, start, end)))
    sample = merge_captures(found, capture.facts)
    section, capture.is_cut, kind = _section(text, start, end)
    capture.is_cut = capture.is_cut or (kind != "table" and not _FINISHED.search(part))
    read_endpoint(capture.facts, text, start, end, paths)
    read_head(capture.facts, text, start, end)
    read_response(capture.facts, text, start, end, paths)
    if section is not None:
        capture.has_parameters = True
        breaks = section.end == end and not _FINISHED.search(part)
        if kind == "table":
            entries = tables.find_entries(text, section)
        elif kind == "attributes":
            entries = attributes.find_entries(text, section, _names(found), is_cut=breaks)
        else:
            headers = [header for layout in LAYOUTS for header in layout.headers(text, section)]
            entries = headed.find_entries(text, section, headers, _names(found), is_cut=breaks)
        capture.layouts = {entry.layout.name for entry in entries}
        if sample is not None:
            sample = convert_texts(sample, {entry.name: entry.type for entry in entries})
        add_parameters(capture, text, entries, sample, section, is_ordered=kind == "headers")
    elif sample is not None:
        capture.facts.remarks.append(
            ("no list of parameters was found: these are those of the sample", sample.span)
        )
    if sample is not None:
        add_example(capture, sample, breaks_off=kind != "table" and (section is None or section.end == end))
    add_body(capture.facts, text, Span(start, end), found, paths.body)
    read_stream(capture.facts, text, start, end)
    return capture


def _section(text: str, start: int, end: int) -> tuple[Span | None, bool, str]:
    """Return the part with the parameters, whether it breaks off, and what kind of layout it has."""
    if (older := attributes.SECTION.search(text, start, end)) is not None:
        stop = attributes.END.search(text, older.end(), end)
        return Span(older.end(), stop.start() if stop else end), stop is None, "attributes"
    if (table := tables.find_section(text, start, end)) is not None:
        return table, False, "table"
    endpoint = ENDPOINT.search(text, start, end)
    first = _PARAMETERS.search(text, endpoint.end() if endpoint else start, end)
    if first is None:
        return None, True, ""
    stop = _END.search(text, first.end(), end)
    return Span(first.end(), stop.start() if stop else end), stop is None, "headers"


def _names(found: Iterable[Sample]) -> set[str]:
    names: set[str] = set()

    def collect(value: Any) -> None:
        if isinstance(value, dict):
            for name, inner in value.items():
                names.add(str(name))
                collect(inner)
        elif isinstance(value, list):
            for inner in value:
                collect(inner)

    for sample in found:
        collect({name: each.value for name, each in sample.members.items()})
    return names
