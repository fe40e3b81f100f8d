"""Wall time and peak memory of whole processes, as medians of a few runs."""

from __future__ import annotations

import os
import subprocess
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
    cwd: Path,
    runs: int = 3,
    before: Callable[[], object] = lambda: None,
    codes: tuple[int, ...] = (0,),
    environment: Mapping[str, str] | None = None,
) -> Measured:
    """Run a command some times, each after `before`, and take the medians. Stops at an exit code not in `codes`."""
    seconds, peaks = [], []
    for _ in range(runs):
        before()
        started = time.perf_counter()
        process = subprocess.Popen(
            [str(part) for part in command],
            cwd=cwd,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            env={**os.environ, **(environment or {})},
        )
        assert process.stderr is not None
        told = process.stderr.read()
        _, status, usage = os.wait4(process.pid, 0)
        seconds.append(time.perf_counter() - started)
        process.returncode = os.waitstatus_to_exitcode(status)
        peaks.append(usage.ru_maxrss / 1024)
        if process.returncode not in codes:
            raise SystemExit(
                f"{' '.join(map(str, command))}: exit code {process.returncode}\n{told.decode()}"
            )
    return Measured(median(seconds), median(peaks))
