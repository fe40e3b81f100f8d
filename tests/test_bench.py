"""The figures of benchmarks are kept, and compared with those of the next run."""

from __future__ import annotations

import sys
from types import ModuleType
from typing import TYPE_CHECKING

import pytest

from tools.bench import __main__ as bench
from tools.bench.chart import BARS, CHART
from tools.bench.figures import keep_figures, read_figures, slower_figures
from tools.bench.measure import Measured, Task, measure, ratios

if TYPE_CHECKING:
    from pathlib import Path


def test_figures_are_kept_beside_those_of_other_runs(tmp_path: Path) -> None:
    file = tmp_path / "figures.json"
    assert read_figures(file) == {}
    keep_figures({"b": 2, "a": 0.123456}, "2026-11-29", "make bench", file)
    keep_figures({"b": 3}, "2026-11-30", "make bench ARGS='lint'", file)
    assert read_figures(file) == {"a": 0.1235, "b": 3}
    assert '"make bench": "2026-11-29"' in file.read_text()


@pytest.mark.parametrize(("value", "is_slower"), [(1.1, False), (1.11, True), (0.5, False)])
def test_a_figure_above_the_margin_is_slower(value: float, is_slower: bool) -> None:
    lines = [*slower_figures({"lint ÷ Spectral": value, "new": 9}, {"lint ÷ Spectral": 1}, 10)]
    assert lines == ["lint ÷ Spectral: 1.110 x, kept 1.000 x (+11%)"] * is_slower


def test_ratios_are_those_of_medians_and_the_spread_that_of_pairs() -> None:
    rows = {
        name: Measured.median([Measured(cpu, 1, 1) for cpu in seconds])
        for name, seconds in {"one": (1, 2, 3), "other": (2, 2, 9)}.items()
    }
    assert ratios("topic", rows, "one") == {"topic: other ÷ one": 1}
    assert rows["other"].spread(rows["one"]) == (1, 3)


def test_the_cpu_time_of_child_processes_counts() -> None:
    work = "sum(range(10_000_000))"
    nested = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {work!r}], check=True)"
    rows = measure(
        {name: Task([sys.executable, "-c", code]) for name, code in {"nested": nested, "none": ""}.items()}, 1
    )
    assert rows["nested"].cpu > rows["none"].cpu + 0.1


@pytest.mark.parametrize(("value", "code"), [(2.1, 0), (2.3, 1)])
def test_a_figure_that_exceeds_the_kept_one_fails_a_check(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], value: float, code: int
) -> None:
    topic = ModuleType("tools.bench.topic")
    monkeypatch.setattr(topic, "report", lambda counts, runs: {"speccast ÷ other": value}, raising=False)
    monkeypatch.setitem(sys.modules, topic.__name__, topic)
    monkeypatch.setattr(bench, "TOPICS", ("topic",))
    monkeypatch.setattr(bench, "read_figures", lambda: {"speccast ÷ other": 2})
    monkeypatch.setattr(sys, "argv", ["bench", "--check"])
    assert bench.main() == code
    assert ("speccast ÷ other: 2.300 x, kept 2.000 x (+15%)" in capsys.readouterr().out) is bool(code)


def test_the_chart_shows_kept_figures() -> None:
    assert CHART.is_file()
    assert BARS.keys() & read_figures().keys()
