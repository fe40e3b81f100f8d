"""Batches beside what people do without one: CPU time per row, and what is paid twice or lost when the process is killed.

The contestants (`tools/batches/peers.py`) use the same client, call the same emulator and save the same files.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from speccast.testing import emulator
from tools.batches.kills import CLIENT
from tools.bench.generation import PEERS
from tools.bench.measure import Task, measure, print_table, ratios

if TYPE_CHECKING:
    from tools.bench.figures import Figures

ROOT = Path(__file__).resolve().parents[2]
ENVIRONMENT = {"PYTHONPATH": f"{ROOT}:{CLIENT}"}
UNIT = "loop with a semaphore"
CONTESTANTS = {UNIT: "loop", "async-batch-llm": "engine", "client.batch": "batch"}
IN_FLIGHT = 16
_ROWS = 1000
_KILLED_ROWS = 200
_KILLS = (40, 80, 120)
"""After so many accepted requests, a process is killed."""
_LATENCY = "latency=0.3"


@dataclass(frozen=True)
class Loss:
    """What is wrong after a batch was killed, started again each time, and ended."""

    paid: int
    paid_twice: int
    without_picture: int
    """Rows that were paid for, and have no picture."""
    torn: int
    """Pictures that are not whole, and temporary files."""


def report(counts: tuple[int, ...], runs: int) -> Figures:
    """Print both. `counts` are numbers of models, which do not matter here."""
    interpreter = PEERS / "bin" / "python"
    if not interpreter.exists():
        print("the peers are not installed; `make bench` does that", file=sys.stderr)
        return {}
    with tempfile.TemporaryDirectory(prefix="speccast-bench-") as folder:
        figures = _report_cost(interpreter, Path(folder), runs)
        _report_kills(interpreter, Path(folder))
    return figures


def _write_rows(path: Path, number: int) -> None:
    path.write_text("".join(json.dumps({"prompt": f"fox {each}"}) + "\n" for each in range(number)))


def _report_cost(interpreter: Path, folder: Path, runs: int) -> Figures:
    rows = folder / "rows.jsonl"
    _write_rows(rows, _ROWS)
    with emulator(CLIENT / "segmind_client", journal=100) as api:

        def task(kind: str) -> Task:
            # A new folder for each run, so that all rows are made.
            program = (
                "import sys, tempfile; from pathlib import Path; from tools.batches import peers;"
                f" peers.{kind}(sys.argv[1], Path(sys.argv[2]),"
                f" Path(tempfile.mkdtemp(dir=sys.argv[3])) / 'out', {IN_FLIGHT})"
            )
            return Task([interpreter, "-c", program, api.url, rows, folder], environment=ENVIRONMENT)

        tasks = {name: task(kind) for name, kind in CONTESTANTS.items()}
        measure(tasks, 1)  # compiles
        found = measure(tasks, runs)
    print_table(f"{_ROWS} rows with {IN_FLIGHT} in flight, whole process; median of {runs}", found, unit=UNIT)
    for name, row in found.items():
        print(f"  {name:<40} {_ROWS / row.cpu:8.0f} rows per second of CPU time")
    return ratios("batch", found, UNIT)


def _report_kills(interpreter: Path, folder: Path) -> None:
    rows = folder / "killed.jsonl"
    _write_rows(rows, _KILLED_ROWS)
    print(f"\n{_KILLED_ROWS} rows with {IN_FLIGHT} in flight, killed {len(_KILLS)} times and started again")
    for name, kind in CONTESTANTS.items():
        loss = _kill(interpreter, kind, rows, folder / f"killed-{kind}")
        print(
            f"  {name:<40} {loss.paid:5} paid, {loss.paid_twice:3} of them for a row that was paid already;"
            f" {loss.without_picture:3} paid rows without a picture; {loss.torn:3} damaged or temporary files",
            flush=True,
        )


def _kill(interpreter: Path, kind: str, rows: Path, out: Path) -> Loss:
    with emulator(CLIENT / "segmind_client", faults=(_LATENCY,), journal=10_000) as api:
        arguments = (kind, api.url, rows, out, IN_FLIGHT)
        command = [str(interpreter), "-m", "tools.batches.peers", *map(str, arguments)]
        for accepted in _KILLS:
            process = subprocess.Popen(
                command, env=ENVIRONMENT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
            )
            while process.poll() is None and len(api.journal()) < accepted:
                time.sleep(0.02)
            process.kill()
            process.wait()
            time.sleep(1)  # the emulator ends what it has accepted
        subprocess.run(command, env=ENVIRONMENT, check=True, capture_output=True)
        paid = Counter[str](entry.body["prompt"] for entry in api.journal() if entry.body)
    return _loss(paid, out)


def _loss(paid: Counter[str], out: Path) -> Loss:
    pictures = list(out.glob("*.jpg"))
    whole = [path for path in pictures if path.read_bytes()[-2:] == b"\xff\xd9"]
    parts = [path for path in out.glob(".*") if path.suffix == ".part" or path.name == ".parts"]
    return Loss(
        paid=paid.total(),
        paid_twice=paid.total() - len(paid),
        without_picture=len(paid) - len(whole),
        torn=len(pictures) - len(whole) + len(parts),
    )
