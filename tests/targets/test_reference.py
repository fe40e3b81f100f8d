"""docs/templates.md matches the code of the targets."""

from __future__ import annotations

from speccast.targets.filters import FILTERS
from tools.scripts.templates import page

from .support import ROOT


def test_reference_of_templates_is_up_to_date() -> None:
    written = (ROOT / "docs" / "templates.md").read_text(encoding="utf-8")
    assert written == page(), "run tools/scripts/templates.py"


def test_reference_of_templates_lists_every_filter_with_its_meaning() -> None:
    lines = page().splitlines()
    for name in FILTERS:
        rows = [line for line in lines if line.startswith((f"| `{name}` |", f"| `{name}("))]
        assert rows
        assert all(len(row.rstrip(" |").rpartition(" | ")[2]) > 10 for row in rows)
