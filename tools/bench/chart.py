"""Draws the main figures of `figures.json` as the chart of the README. The peers' environment has matplotlib."""

from __future__ import annotations

import subprocess
from pathlib import Path

from tools.bench.figures import KEPT, read_figures

ROOT = Path(__file__).resolve().parents[2]
CHART = ROOT / "docs" / "images" / "speed.svg"
CLIENT = "openapi-python-client"
BARS = {
    f"generation, 500 models: speccast, cold ÷ {CLIENT}": f"generate 500 models ÷ {CLIENT}",
    f"generation, 500 models: speccast, one spec changed ÷ {CLIENT}": f"one of 500 specs changed ÷ {CLIENT}",
    f"generation, 500 models: speccast, nothing changed ÷ {CLIENT}": f"nothing changed ÷ {CLIENT}",
    "lint, 500 models: speccast lint ÷ Spectral": "lint 500 models ÷ Spectral",
    f"mypy, 500 models: generated client ÷ {CLIENT}": f"mypy of a client ÷ that of {CLIENT}",
    "first call: generated client ÷ segmind": "first call of a client ÷ segmind",
    "call, one by one: generated client ÷ httpx2": "a call of a client ÷ httpx2",
    "serving, submit: CPU time of a request ÷ Prism": "a request to the emulator ÷ Prism",
}
GRAY = "#7d8590"
"""Text that can be read on a white and on a black page."""
BLUE = "#2f81f7"


def draw() -> None:
    """Write the chart, with the interpreter that has matplotlib, if a main figure is kept."""
    if not BARS.keys() & read_figures().keys():
        return
    interpreter = Path(__file__).parent / ".venv" / "bin" / "python"
    subprocess.run([interpreter, "-m", "tools.bench.chart"], cwd=ROOT, check=True)
    print(f"wrote {CHART.relative_to(ROOT)}")


def _draw() -> None:
    import matplotlib as mpl

    mpl.use("svg")
    # The same figures give the same bytes.
    mpl.rcParams.update({"svg.fonttype": "none", "svg.hashsalt": "speccast", "font.family": "sans-serif"})
    from matplotlib import pyplot as plt

    figures = read_figures()
    bars = [(title, figures[name]) for name, title in reversed(BARS.items()) if name in figures]
    titles, values = zip(*bars, strict=True)
    figure, axes = plt.subplots(figsize=(8, 0.42 * len(bars) + 0.9))
    drawn = axes.barh(titles, values, color=BLUE, height=0.6)
    axes.bar_label(drawn, labels=[f"{value:.2f}" for value in values], padding=4, color=GRAY)
    axes.axvline(1, color=GRAY, linewidth=1, linestyle="--")
    axes.set_xlim(0, max(1.2, *values) * 1.08)
    axes.set_xlabel("CPU time, compared with the other tool (1 = the same, less is better)", color=GRAY)
    axes.tick_params(colors=GRAY, length=0)
    for side in axes.spines.values():
        side.set_visible(False)
    figure.savefig(CHART, transparent=True, bbox_inches="tight", metadata={"Date": None, "Creator": None})


if __name__ == "__main__":
    if not KEPT.is_file():
        raise SystemExit(f"{KEPT} does not exist; to fix: make bench ARGS=--keep")
    _draw()
