"""What a maintainer meets after a change of one limit: the time until `generate --watch` has written it, and the diff to review."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

from tools.bench.diff import GIT
from tools.bench.synthetic import write_spec, write_specs

if TYPE_CHECKING:
    from tools.bench.figures import Figures

GENERATE = [sys.executable, "-m", "speccast", "generate"]
CALIBRATION = "import json; [json.loads(json.dumps(list(range(10_000)))) for _ in range(200)]"
"""A fixed amount of work, by whose CPU time figures are divided that no other tool has."""


def report(counts: tuple[int, ...], runs: int) -> Figures:
    """Print the CPU time from a save until the output is written, and the size of the diff."""
    figures: Figures = {}
    with tempfile.TemporaryDirectory(prefix="speccast-bench-") as name:
        os.environ["XDG_CACHE_HOME"] = f"{name}/cache"  # not the cache of the person who measures
        for count in sorted({min(counts), *(each for each in counts if each <= 500)}):
            project = Path(name) / str(count)
            write_specs(project, count)
            subprocess.run([*GENERATE, "--quiet"], cwd=project, check=True, capture_output=True)
            cpu, wall = _watch(project, runs)
            print(
                f"\ngenerate --watch, {count} models, from save to written: {cpu:.3f} s CPU, {wall:.3f} s wall"
            )
            figures[f"watch, {count} models ÷ fixed work"] = cpu / calibration()
        files, lines = _diff(Path(name) / str(min(counts)))
    print(f"\ngit diff of one changed limit: {files} generated files, {lines} lines (targets: 5 and 16)")
    return {**figures, "git diff of one limit, files": files, "git diff of one limit, lines": lines}


def _watch(project: Path, runs: int) -> tuple[float, float]:
    """Return the medians of CPU and wall seconds from saving a spec until its output is written."""
    module = project / "generated" / "synthetic" / "python" / "synthetic_client" / "models" / "model_0.py"
    taken = []
    with subprocess.Popen(
        [*GENERATE, "--watch"], cwd=project, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        assert process.stdout is not None
        _read_until(process, "watching ")
        for number in range(runs + 1):
            before, started = _cpu_seconds(process.pid), time.perf_counter()
            write_spec(project, 0, steps=20_000 + number)
            _read_until(process, "written")
            taken.append((_cpu_seconds(process.pid) - before, time.perf_counter() - started))
            assert str(20_000 + number) in module.read_text(encoding="utf-8")
        process.terminate()
    counted = taken[1:]  # the first save imports what it needs
    return median(cpu for cpu, _ in counted), median(wall for _, wall in counted)


def _read_until(process: subprocess.Popen[str], text: str) -> None:
    assert process.stdout is not None
    for line in process.stdout:
        if text in line:
            return
    raise SystemExit(f"speccast generate --watch ended with {process.wait()}")


def _cpu_seconds(pid: int) -> float:
    """Return the CPU time of a process and of its ended child processes."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")


def calibration() -> float:
    """Return the CPU seconds of the fixed work."""
    seconds = []
    for _ in range(3):
        process = subprocess.Popen([sys.executable, "-c", CALIBRATION])
        _, _, usage = os.wait4(process.pid, 0)
        process.returncode = 0
        seconds.append(usage.ru_utime + usage.ru_stime)
    return median(seconds)


def _diff(project: Path) -> tuple[int, int]:
    """Return the generated files and the lines that differ after a change of one limit."""
    for words in (("init", "--quiet"), ("add", "."), ("commit", "--quiet", "--message", "Add specs")):
        subprocess.run([*GIT, *words], cwd=project, check=True)
    write_spec(project, 0, steps=77)
    subprocess.run([*GENERATE, "--quiet"], cwd=project, check=True, capture_output=True)
    ran = subprocess.run(
        [*GIT, "diff", "--shortstat", "--", "generated"],
        cwd=project,
        check=True,
        capture_output=True,
        text=True,
    )
    files, *lines = map(int, re.findall("[0-9]+", ran.stdout))
    return files, sum(lines)
