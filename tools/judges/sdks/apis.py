"""The folders of specs that the judges use."""

from __future__ import annotations

from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[3]
EXAMPLES: Final = ROOT / "examples"
SEGMIND: Final = ROOT / "specs" / "segmind"
KEY: Final = "the-right-key"
