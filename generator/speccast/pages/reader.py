"""Reads the text of a page: every fact of a model spec with the characters it came from.

A page can hold several captures of the same text. Each is read by itself, then they are merged.
"""

from __future__ import annotations

from dataclasses import dataclass

from speccast.pages.apis import ApiPaths
from speccast.pages.capture import read_capture
from speccast.pages.facts import Fact, Facts
from speccast.pages.head import KINDS
from speccast.pages.media import add_media
from speccast.pages.merging import merge
from speccast.pages.selected_types import add_selected_types
from speccast.pages.text import PageText, captures


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
    merged = merge(read)
    if ("slug",) in merged.values and ("returns",) not in merged.values:
        readings = [[media] for media in KINDS["text/json"][1:]]
        unknown = Fact(["application/json"]).doubted("the page does not say what it returns", readings)
        merged.add(("returns",), unknown)
    add_media(merged)
    add_selected_types(merged)
    for remark in source.remarks:
        merged.remarks.insert(0, (remark, None))
    layouts = frozenset(name for capture in read for name in capture.layouts)
    documented = frozenset(name for capture in read for name in capture.documented)
    return Page(source, merged, layouts, any(capture.is_cut for capture in read), documented)
