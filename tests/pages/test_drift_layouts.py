"""Every kind of change is found in every layout, is applied once, and keeps the comments of the spec."""

from __future__ import annotations

from copy import deepcopy
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

import pytest

from speccast.pages.documents import read_document_text
from speccast.pages.drift import differences
from speccast.pages.reader import Page, read_page
from speccast.pages.updating import update_text
from speccast.pages.writing import write_spec
from speccast.specs.document import read_document
from tests.pages.document_printers import DOCUMENTS
from tests.pages.printers import PRINTERS, page
from tests.pages.test_robustness import PATHS, SPEC

if TYPE_CHECKING:
    from collections.abc import Callable

CHANGES: dict[str, Callable[[dict[str, Any], dict[str, Any]], object]] = {
    "parameters.seed.default": lambda found, _: found["seed"].update(default=5),
    "parameters.base64.default": lambda found, _: found["base64"].update(default=True),
    "parameters.seed.minimum": lambda found, _: found["seed"].update(minimum=0),
    "parameters.seed.maximum": lambda found, _: found["seed"].update(maximum=1000),
    "parameters.mode.enum": lambda found, _: found["mode"].update(enum=list("abcdefghiz")),
    "parameters.mode.hidden_values": lambda found, _: found["mode"].update(hidden_values=7),
    "parameters.seed.required": lambda found, _: found["seed"].update(required=True),
    "parameters.prompt.required": lambda found, _: found["prompt"].pop("required"),
    "parameters.seed.description": lambda found, _: found["seed"].update(
        description='Another: "text" # here'
    ),
    "parameters.seed.type": lambda found, _: found["seed"].update(type="number"),
    "parameters.zoom": lambda found, _: found.update(
        zoom={"type": "number", "default": 1.5, "description": "Zoom"}
    ),
    "parameters.seed": lambda found, spec: (found.pop("seed"), spec["example"].pop("seed")),
    "example.seed": lambda _, spec: spec["example"].update(seed=9),
    "title": lambda _, spec: spec.update(title="Fox 2"),
    "description": lambda _, spec: spec.update(description="Draws wolves."),
}
TABLE_LACKS = ("minimum", "maximum", "enum", "hidden_values")


def read(spec: dict[str, Any], layout: str) -> Page:
    if layout in DOCUMENTS:
        return read_page(read_document_text(DOCUMENTS[layout](spec).encode(), PurePath(layout)), PATHS)
    return read_page(read_document_text(page(spec, layout).encode(), PurePath("page.txt")), PATHS)


CASES = [
    (layout, change)
    for layout in (*PRINTERS, *DOCUMENTS)
    for change in CHANGES
    if not (layout.startswith("table") and change.rpartition(".")[2] in TABLE_LACKS)
]


@pytest.mark.parametrize(("layout", "change"), CASES)
def test_change_is_found_and_applied_once(layout: str, change: str) -> None:
    text = write_spec(read(SPEC, layout), document="page.txt", date="2026-01-31")
    text = text.replace("parameters:\n", "parameters:\n  # kept\n", 1)
    spec: Any = read_document(text.encode(), "").value
    assert list(differences(read(SPEC, layout), spec)) == []
    changed = deepcopy(SPEC)
    CHANGES[change](changed["parameters"], changed)
    found = read(changed, layout)
    pointers = {".".join(map(str, each.pointer)) for each in differences(found, spec)}
    assert change in pointers
    once = update_text(text, found, list(differences(found, spec)))
    after: Any = read_document(once.encode(), "").value
    left = list(differences(found, after))
    assert [each for each in left if each.is_certain] == []
    assert update_text(once, found, left) == once
    assert "  # kept\n" in once
