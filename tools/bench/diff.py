"""Measures comparing the specs of two revisions, of which five models changed, with linting the same specs."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from tools.bench.measure import Task, measure, print_table, ratios
from tools.bench.synthetic import write_spec, write_specs

if TYPE_CHECKING:
    from tools.bench.figures import Figures

CHANGED = 5
GIT = ("git", "-c", "user.name=Bench", "-c", "user.email=bench@example.com")
LINT = "speccast lint"


def report(counts: tuple[int, ...], runs: int) -> Figures:
    """Print a table for each number of models."""
    figures: Figures = {}
    for count in counts:
        with tempfile.TemporaryDirectory(prefix="speccast-bench-") as folder:
            project = Path(folder)
            write_specs(project, count)
            for words in (("init", "--quiet"), ("add", "."), ("commit", "--quiet", "--message", "Add specs")):
                subprocess.run([*GIT, *words], cwd=project, check=True)
            for number in range(min(count, CHANGED)):
                write_spec(project, number, steps=40)
            tasks = {
                LINT: Task([sys.executable, "-m", "speccast", "lint"], project),
                "speccast diff HEAD": Task([sys.executable, "-m", "speccast", "diff", "HEAD"], project),
            }
            rows = measure(tasks, runs)
        title = f"diff of two revisions of {count} models, {CHANGED} changed, whole process, median of {runs}"
        print_table(title, rows, LINT)
        figures |= ratios(f"diff, {count} models", rows, LINT)
    return figures
