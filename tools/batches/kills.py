"""Kills batches at random moments, and checks that nothing is paid twice and nothing is lost.

.venv/bin/python -m tools.batches --kills 200 --rows 10000

The client runs in a separate process, which gets SIGKILL. It calls the emulator, whose faults are those of APIs: refused
requests, errors, connections that break before and after the work, time-outs, damaged responses, failed jobs. What the
emulator has accepted is compared with what the batch knows in the end.
"""

from __future__ import annotations

import json
import math
import random
import re
import signal
import subprocess
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from speccast.testing import emulator

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["CLIENT", "FAULTS", "Outcome", "Plan", "kill_batches"]

CLIENT = Path(__file__).resolve().parents[2] / "generated" / "segmind" / "python"
"""The committed client."""
sys.path.insert(0, str(CLIENT))

_JOURNAL = 4000
_LATEST = 500
"""Requests among which some may still be answered."""
_BETWEEN_LOOKS = 0.1
_LONGEST = 1.0
"""Seconds from the first request of a process to its end, at most."""
_EARLY = 0.2
"""Share of the kills before the first request."""

CONCURRENCY = 8
FAULTS = {
    "sync": (
        "status=429;retry-after=0;p=0.03",
        "status=500;p=0.02",
        "reset;p=0.01",
        "reset=after;p=0.01",
        "malformed-json;p=0.01",
        "truncate;p=0.01",
        "latency=4;p=0.002",
    ),
    "async": (
        "status=429;retry-after=0;p=0.03;surface=submit",
        "status=500;p=0.02;surface=submit",
        "reset;p=0.01;surface=submit",
        "reset=after;p=0.01;surface=submit",
        "malformed-json;p=0.01;surface=submit",
        "latency=4;p=0.002;surface=submit",
        "job-failed;p=0.02",
        "status=500;p=0.03;surface=status",
        "reset;p=0.03;surface=result",
        "reset=after;p=0.03;surface=output",
    ),
}
"""A tenth of the requests of a surface fail. Retry-After is short, so that a run takes minutes."""
_WORK = {"sync": "sync", "async": "submit"}
_BEFORE_WORK = r"status=.*|reset(;.*)?"
_PROGRAM = """
import sys
from segmind_client import Segmind
url, out, model, surface, rows, concurrency = sys.argv[1:]
with Segmind("key", base_url=url, timeout=2.0) as client:
    for _ in client.batch(rows, out=out, model=model, surface=surface, concurrency=int(concurrency)):
        pass
"""


@dataclass(frozen=True)
class Plan:
    """What is made and killed. `client` is the folder of the package."""

    client: Path
    surface: str
    model: str
    rows: int
    kills: int
    seed: int = 1


@dataclass
class Outcome:
    """What became of the rows of a batch."""

    rows: int
    kills: int = 0
    interrupted: int = 0
    """Requests that were in flight at the kills."""
    states: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    accepted: Counter[str] = field(default_factory=Counter)
    """How often the emulator has accepted the request of a row."""
    problems: list[str] = field(default_factory=list)


class _Witness:
    """Reads the journal of the emulator before it forgets."""

    def __init__(self, api: Any, surface: str) -> None:
        self._api, self._surface, self._newest = api, surface, 0
        self._rows: dict[int, str] = {}
        """The row of each accepted request, by the number of the request. Late requests are seen several times."""

    def look(self) -> None:
        entries = self._api.journal()
        if entries and self._newest and entries[0].number > max(1, self._newest - _LATEST):
            raise RuntimeError("the journal of the emulator is too short for this run")
        for entry in entries:
            self._newest = max(self._newest, entry.number)
            if entry.surface == self._surface and entry.body and _was_accepted(entry):
                self._rows[entry.number] = entry.body["prompt"]

    @property
    def accepted(self) -> int:
        """How many requests were accepted."""
        return len(self._rows)

    def by_row(self) -> Counter[str]:
        """Return how often the request of each row was accepted."""
        return Counter(self._rows.values())


def _was_accepted(entry: Any) -> bool:
    return not any(re.fullmatch(_BEFORE_WORK, fault) for fault in entry.faults)


def kill_batches(plan: Plan, folder: Path) -> Iterator[Outcome]:
    """Make batches of so many rows, and kill them, until there were so many kills."""
    chance, left, number = random.Random(plan.seed), plan.kills, 0
    while left > 0:
        number += 1
        with emulator(
            plan.client / "segmind_client",
            progress="polls:1",
            faults=FAULTS[plan.surface],
            seed=plan.seed + number,
            journal=_JOURNAL,
        ) as api:
            outcome = _Trial(plan, api, folder / str(number), chance).run(left)
        left -= outcome.kills
        yield outcome


class _Trial:
    """One batch that is killed until it is made."""

    def __init__(self, plan: Plan, api: Any, out: Path, chance: random.Random) -> None:
        self._out, self._chance = out, chance
        self._command = [sys.executable, "-c", _PROGRAM, api.url, str(out), plan.model, plan.surface]
        rows = out.with_suffix(".jsonl")
        rows.parent.mkdir(parents=True, exist_ok=True)
        lines = (json.dumps({"prompt": f"fox {number}"}) for number in range(plan.rows))
        rows.write_text("\n".join(lines), encoding="utf-8")
        self._command += [str(rows), str(CONCURRENCY)]
        self._environment = {"PYTHONPATH": str(plan.client)}
        self._witness = _Witness(api, _WORK[plan.surface])
        self._outcome = Outcome(plan.rows)

    def run(self, kills: int) -> Outcome:
        code = -signal.SIGKILL
        while code == -signal.SIGKILL:
            code = self._live(is_killed=self._outcome.kills < kills)
            self._count_interrupted()
        if code != 0:
            self._outcome.problems.append(f"the last run ended with {code}")
        self._outcome.accepted = self._witness.by_row()
        _check(self._outcome, self._out)
        return self._outcome

    def _live(self, *, is_killed: bool) -> int:
        """Run the client to its end, or to a random moment: of the start and the planning, or of the calls."""
        process, began = subprocess.Popen(self._command, env=self._environment), time.monotonic()
        is_early = self._chance.random() < _EARLY
        until = began + self._chance.uniform(0.05, 0.8) if is_early else math.inf
        before = self._witness.accepted
        while process.poll() is None and not (is_killed and time.monotonic() > until):
            time.sleep(_BETWEEN_LOOKS)
            self._witness.look()
            if until == math.inf and self._witness.accepted > before:
                until = time.monotonic() + self._chance.uniform(0, _LONGEST)
        if process.poll() is None:
            process.kill()
            self._outcome.kills += 1
        code = process.wait()
        self._witness.look()
        return code

    def _count_interrupted(self) -> None:
        from segmind_client.batch import JournalError, status

        try:
            interrupted = status(self._out).reasons.get("unknown", {}).get("interrupted", 0)
        except JournalError:
            return  # killed before there was a journal
        if (more := interrupted - self._outcome.interrupted) > CONCURRENCY:
            self._outcome.problems.append(f"{more} rows were interrupted: more than were in flight")
        self._outcome.interrupted = interrupted


def _check(outcome: Outcome, out: Path) -> None:
    """Compare what the batch knows with what the emulator did, and with the files."""
    from segmind_client.batch import results

    problems, paths = outcome.problems, set()
    for row in results(out):
        prompt = f"fox {int(row.key) - 1}"
        accepted = outcome.accepted[prompt]
        outcome.states[row.state] += 1
        if row.reason:
            outcome.reasons[row.reason] += 1
        if accepted > 1:
            problems.append(f"row {row.key} was accepted {accepted} times, and sent {row.sends} times")
        if row.state == "done" and accepted != 1:
            problems.append(f"row {row.key} is done, and was accepted {accepted} times")
        if row.state == "failed" and accepted and row.reason != "job_failed":
            problems.append(f"row {row.key} failed ({row.reason}), but was accepted")
        if row.state == "done" and len(row.paths) != 1:
            problems.append(f"row {row.key} is done, and has {len(row.paths)} files")
        for path in row.paths:
            paths.add(path)
            if not path.is_file() or path.read_bytes()[-2:] != b"\xff\xd9":
                problems.append(f"row {row.key} is done, and {path.name} is not whole")
    if sum(outcome.states[state] for state in ("done", "failed", "unknown")) != outcome.rows:
        problems.append(f"of {outcome.rows} rows there are {dict(outcome.states)}")
    expected = {"journal.lock", "journal.sqlite", "results.jsonl"} | {path.name for path in paths}
    if others := {path.name for path in out.iterdir()} ^ expected:
        problems.append(f"other files than those of the rows: {sorted(others)[:5]}")
