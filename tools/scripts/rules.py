"""Writes docs/rules.md and docs/changes.md, the references of the linter's rules and of changes, from their docstrings.

.venv/bin/python tools/scripts/rules.py [FOLDER]
"""

from __future__ import annotations

import sys
from pathlib import Path

from speccast.diff import reference as changes
from speccast.lint import reference as rules

DOCS = Path(__file__).resolve().parents[2] / "docs"


def main() -> None:
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else DOCS
    for name, page in (("rules.md", rules.page()), ("changes.md", changes.page())):
        (folder / name).write_text(page, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
