"""`python -m tools.batches`: kill batches at random moments, and print what became of their rows."""

from __future__ import annotations

import argparse
import shutil
import sys
from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory

from tools.batches.kills import CLIENT, Plan, kill_batches

MODELS = {"sync": "sd2.1-txt2img", "async": "stable-diffusion-3-large-txt2img"}


def main() -> int:
    """Return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tools.batches")
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--rows", type=int, default=10_000)
    parser.add_argument("--surface", choices=sorted(MODELS), action="append")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", type=Path, help="keep the folders here")
    given = parser.parse_args()
    problems = 0
    for surface in given.surface or sorted(MODELS):
        with TemporaryDirectory() as temporary:
            folder = (given.keep or Path(temporary)) / surface
            shutil.rmtree(folder, ignore_errors=True)
            kills, rows, reasons = 0, Counter[str](), Counter[str]()
            plan = Plan(CLIENT, surface, MODELS[surface], given.rows, given.kills, given.seed)
            for outcome in kill_batches(plan, folder):
                kills += outcome.kills
                rows += outcome.states
                reasons += outcome.reasons
                problems += len(outcome.problems)
                print(*outcome.problems, sep="\n", end="\n" if outcome.problems else "")
            print(f"{surface}: {kills} kills, {rows.total()} rows: {dict(rows)}; {dict(reasons)}", flush=True)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
