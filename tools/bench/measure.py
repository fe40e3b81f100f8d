"""Wall time and peak memory of whole processes, as medians of a few runs, and tables of them.

Linux counts what the parent had in memory when it started a process towards the peak of that process, so a benchmark
keeps its own process small and leaves whatever is heavy to processes of their own.
"""

from __future__ import annotations

import os
import subprocess
import tempfile
import time
from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Measured:
    """The median of some runs: seconds on the wall, and MiB of the largest process (children included)."""

    seconds: float
    mebibytes: float


def measure(
    command: Sequence[str | Path],
    *,
    cwd: Path | None = None,
    runs: int = 3,
    before: Callable[[], object] = lambda: None,
    codes: tuple[int, ...] = (0,),
    environment: Mapping[str, str] | None = None,
) -> Measured:
    """Run a command some times, each after `before`, and take the medians. Stops at an exit code not in `codes`."""
    seconds, peaks = [], []
    for _ in range(runs):
        before()
        with tempfile.TemporaryFile() as told:
            started = time.perf_counter()
            process = subprocess.Popen(
                [str(part) for part in command],
                cwd=cwd,
                stdin=subprocess.DEVNULL,
                stdout=told,
                stderr=told,
                # Peers come with their byte code; so does an installed speccast, but not the source that is measured here.
                env={**os.environ, "PYTHONDONTWRITEBYTECODE": "", **(environment or {})},
            )
            _, status, usage = os.wait4(process.pid, 0)
            seconds.append(time.perf_counter() - started)
            process.returncode = os.waitstatus_to_exitcode(status)
            peaks.append(usage.ru_maxrss / 1024)
            if process.returncode not in codes:
                told.seek(0)
                raise SystemExit(
                    f"{' '.join(map(str, command))}: exit code {process.returncode}\n"
                    + told.read().decode(errors="replace")
                )
    return Measured(median(seconds), median(peaks))


def print_table(title: str, rows: Mapping[str, Measured], unit: str | None = None) -> None:
    """Print rows of name, seconds and MiB; with `unit`, the name of a row, also what each is of its seconds."""
    one = rows[unit].seconds if unit in rows else None
    print(f"\n{title}")
    for name, measured in rows.items():
        ratio = f"{measured.seconds / one:8.3f} x" if one else ""
        print(f"  {name:<40} {measured.seconds:8.3f} s {ratio} {measured.mebibytes:7.0f} MiB", flush=True)
