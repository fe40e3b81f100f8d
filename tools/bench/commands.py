"""What users of a generated command line wait for: its help, and a completion for each press of the tab key."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from tools.bench.client import generate_package
from tools.bench.measure import Task, measure, print_table, ratios

if TYPE_CHECKING:
    from tools.bench.figures import Figures

CLICK = 'python -c "import click"'
COMPLETE = {
    "_SYNTHETIC_CLIENT_COMPLETE": "bash_complete",
    "COMP_WORDS": "synthetic-client model-1",
    "COMP_CWORD": "1",
}


def report(counts: tuple[int, ...], runs: int) -> Figures:
    """Print start-up with the fewest and the most models."""
    numbers = sorted({min(counts), max(counts)})
    with tempfile.TemporaryDirectory(prefix="speccast-bench-") as name:
        tasks = {CLICK: Task([sys.executable, "-c", "import click"])}
        for number in numbers:
            package = {"PYTHONPATH": str(generate_package(Path(name) / str(number), number))}
            run = [sys.executable, "-m", "synthetic_client"]
            tasks[f"--help, {number} models"] = Task([*run, "--help"], environment=package)
            tasks[f"completion, {number} models"] = Task(run, environment=package | COMPLETE)
        measure(tasks, 1)  # compiles
        rows = measure(tasks, runs * 3)
    print_table(f"command line, whole process, median of {runs * 3}", rows, CLICK)
    print(f"  (target: at most 1.3 x {CLICK}, and 15 ms more for a completion)")
    return ratios("command line", rows, CLICK)
