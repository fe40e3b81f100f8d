"""The figures of a run: ratios of CPU times by name, compared with those that `figures.json` keeps.

Every figure is measured against something else in the same run, so figures of different machines and days can be compared.
A smaller figure is better.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

KEPT = Path(__file__).with_name("figures.json")

Figures: TypeAlias = "dict[str, float]"


def read_figures(path: Path = KEPT) -> Figures:
    """Return the kept figures, by name."""
    figures: Figures = json.loads(path.read_text(encoding="utf-8"))["figures"] if path.is_file() else {}
    return figures


def keep_figures(figures: Mapping[str, float], date: str, command: str, path: Path = KEPT) -> None:
    """Add figures to the kept ones, and record when and how they were measured."""
    before = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    merged = {**before.get("figures", {}), **figures}
    content = {
        "measured": {**before.get("measured", {}), command: date},
        "figures": {name: round(merged[name], 4) for name in sorted(merged)},
    }
    path.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def slower_figures(found: Mapping[str, float], kept: Mapping[str, float], margin: float) -> Iterator[str]:
    """Yield a line for each figure that exceeds the kept one by more than `margin` percent."""
    for name, value in found.items():
        if name in kept and value > kept[name] * (1 + margin / 100):
            yield f"{name}: {value:.3f} x, kept {kept[name]:.3f} x ({value / kept[name] - 1:+.0%})"
