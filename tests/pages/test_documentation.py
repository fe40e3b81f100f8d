"""The draft that docs/drafting.md shows is the draft of docs/fox-1.txt."""

from __future__ import annotations

import re
import textwrap
from pathlib import Path

from speccast.pages.apis import ApiPaths
from speccast.pages.reader import read_page
from speccast.pages.text import decode
from speccast.pages.writing import write_spec

DOCS = Path(__file__).parents[2] / "docs"


def test_shown_part_of_the_draft_is_what_draft_writes() -> None:
    paths = ApiPaths("https://api.segmind.com", "/v1/{slug}", "/v2/{slug}")
    page = read_page(decode((DOCS / "fox-1.txt").read_bytes(), "fox-1.txt"), paths)
    written = write_spec(page, document="fox-1.txt", date="2026-01-31")
    [shown] = re.findall(r"```yaml\n(.*?)```", (DOCS / "drafting.md").read_text(encoding="utf-8"), re.DOTALL)
    assert textwrap.indent(shown, "  ") in written
