"""Writes docs/rules.md, the reference of the linter's rules, from the docstrings of their modules.

.venv/bin/python tools/scripts/rules.py [FILE]
"""

from __future__ import annotations

import sys
from pathlib import Path

from speccast.lint.reference import page

REFERENCE = Path(__file__).resolve().parents[2] / "docs" / "rules.md"


def main() -> None:
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else REFERENCE
    target.write_text(page(), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
