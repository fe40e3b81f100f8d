"""CPU time, wall time and peak memory of whole processes, as medians of alternating runs, and tables of them.

CPU time comes first, because it depends least on what else the machine does. Linux counts the memory of a process towards the peak
of the processes that it starts, so a benchmark keeps its own process small and leaves heavy work to other processes.
"""

from __future__ import annotations

import os
import subprocess
import tempfile
import time
from dataclasses import dataclass, field
from statistics import median
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from tools.bench.figures import Figures


@dataclass(frozen=True, slots=True)
class Measured:
    """CPU seconds (user and system, children included), wall seconds, and MiB of the largest process."""

    cpu: float
    wall: float
    mebibytes: float
    runs: tuple[Measured, ...] = ()
    """The runs, if these are their medians."""

    @classmethod
    def median(cls, runs: Sequence[Measured]) -> Measured:
        return cls(
            median(run.cpu for run in runs),
            median(run.wall for run in runs),
            median(run.mebibytes for run in runs),
            tuple(runs),
        )

    def spread(self, other: Measured) -> tuple[float, float]:
        """Return the smallest and the greatest ratio of the CPU times of two runs of the same round."""
        ratios = [this.cpu / that.cpu for this, that in zip(self.runs, other.runs, strict=True)]
        return min(ratios), max(ratios)


@dataclass(frozen=True, slots=True)
class Task:
    """A command to measure. `before` runs before each run and is not measured. Exit codes not in `codes` are errors."""

    command: Sequence[str | Path]
    cwd: Path | None = None
    before: Callable[[], object] = lambda: None
    codes: tuple[int, ...] = (0,)
    environment: Mapping[str, str] = field(default_factory=dict)


def measure(tasks: Mapping[str, Task], runs: int) -> dict[str, Measured]:
    """Return the medians of each task. Every round runs each task once, so that all meet the same state of the machine."""
    measured: dict[str, list[Measured]] = {name: [] for name in tasks}
    for _ in range(runs):
        for name, task in tasks.items():
            measured[name].append(_run(task))
    return {name: Measured.median(found) for name, found in measured.items()}


def _run(task: Task) -> Measured:
    task.before()
    with tempfile.TemporaryFile() as output:
        started = time.perf_counter()
        process = subprocess.Popen(
            [str(part) for part in task.command],
            cwd=task.cwd,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            # Installed peers have byte code. The source that is measured here gets its own on the first run.
            env={**os.environ, "PYTHONDONTWRITEBYTECODE": "", **task.environment},
        )
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - started
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode not in task.codes:
            output.seek(0)
            raise SystemExit(
                f"{' '.join(map(str, task.command))}: exit code {process.returncode}\n"
                + output.read().decode(errors="replace")
            )
    return Measured(usage.ru_utime + usage.ru_stime, wall, usage.ru_maxrss / 1024)


def ratios(topic: str, rows: Mapping[str, Measured], *units: str) -> Figures:
    """Return the CPU time of each row divided by that of each unit in the table, by name."""
    return {
        f"{topic}: {name} ÷ {unit}": row.cpu / rows[unit].cpu
        for unit in units
        for name, row in rows.items()
        if unit in rows and name not in units
    }


def print_table(title: str, rows: Mapping[str, Measured], unit: str = "") -> None:
    """Print CPU and wall seconds and MiB of each row. `unit` names the row to divide CPU and wall seconds by."""
    one = rows.get(unit)
    print(f"\n{title}")
    for name, row in rows.items():
        cpu = ""
        if one is not None and len(one.runs) == len(row.runs):
            least, most = row.spread(one)
            cpu = f"{row.cpu / one.cpu:8.3f} x ({least:.3f} to {most:.3f})"
        wall = f"{row.wall / one.wall:8.3f} x" if one else ""
        print(
            f"  {name:<40} {row.cpu:8.3f} s CPU {cpu} {row.wall:8.3f} s wall {wall} {row.mebibytes:7.0f} MiB",
            flush=True,
        )
