"""What type checkers take for a generated client, compared with the client of openapi-python-client for the same models."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from tools.bench.client import generate_package
from tools.bench.generation import CLIENT, PEERS, client_command
from tools.bench.measure import Task, measure, print_table, ratios
from tools.bench.synthetic import write_openapi

if TYPE_CHECKING:
    from tools.bench.figures import Figures

MOST = 500
"""Models: mypy takes minutes for more."""


def report(counts: tuple[int, ...], runs: int) -> Figures:
    """Print the time of mypy without a cache, for the most models up to `MOST`."""
    if not PEERS.is_dir():
        print("the peers are not installed; to fix: make bench", file=sys.stderr)
        return {}
    count = max(filter(MOST.__ge__, counts), default=MOST)
    with tempfile.TemporaryDirectory(prefix="speccast-bench-") as name:
        folder = Path(name)
        package = generate_package(folder, count) / "synthetic_client"
        environment = {"PATH": f"{PEERS / 'bin'}:/usr/bin:/bin"}
        subprocess.run(
            client_command(write_openapi(folder)),
            cwd=folder,
            env=environment,
            check=True,
            capture_output=True,
        )
        (peer,) = (folder / "client").glob("*_client")
        run = [sys.executable, "-m", "mypy", "--config-file=", "--cache-dir=/dev/null"]
        # Exit code 1 means findings: the peers' packages are not installed beside mypy.
        tasks = {
            CLIENT: Task([*run, peer], folder, codes=(0, 1)),
            "generated client": Task([*run, package], folder, codes=(0, 1)),
        }
        rows = measure(tasks, runs)
    print_table(f"mypy of a client with {count} models, without a cache, median of {runs}", rows, CLIENT)
    print(f"  (target: at most 0.8 x {CLIENT})")
    return ratios(f"mypy, {count} models", rows, CLIENT)
