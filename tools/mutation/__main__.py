"""`make mutation`, or `python -m tools.mutation [--every N] [--api NAME] [--write]`: try mutants, and report which survive."""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tools.mutation.trial import Outcome

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

ROOT = Path(__file__).resolve().parents[2]
README = Path(__file__).with_name("README.md")
START, END = "<!-- figures: python -m tools.mutation --write -->\n", "<!-- end of figures -->\n"

APIS = {"segmind": ROOT / "specs" / "segmind", "harmonia": ROOT / "tests" / "apis" / "harmonia"}
GOAL = 0.95
"""The share of its mutants that the tests of each model must kill."""


@dataclass(frozen=True)
class Accepted:
    """Mutants that may survive, by a part of the description, and the reason."""

    change: str
    reason: str


ACCEPTED: tuple[Accepted, ...] = (
    Accepted("seed unix for seed", "any integer can be the seed of a request without one"),
    Accepted("ping, answers: sync 1: pong moved into an object", "any JSON can be an output that is JSON"),
    Accepted("ping, answers: result 2: media moved into an object", "any JSON can be an output that is JSON"),
)


def main() -> int:
    """Try the mutants and print a report. Return 1 if a model is below the goal, or a survivor has no reason."""
    parser = argparse.ArgumentParser(prog="python -m tools.mutation", description=__doc__)
    parser.add_argument(
        "--every", type=int, default=1, metavar="N", help="try every Nth mutant of a model (1)"
    )
    parser.add_argument(
        "--api", choices=APIS, action="append", help="try the mutants of this API (default: of all)"
    )
    parser.add_argument("--write", action="store_true", help="write the figures into README.md")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="speccast-mutation-") as folder:
        results = {name: list(_try_api(name, Path(folder), options.every)) for name in options.api or APIS}
    results["runtime"] = list(_run("tools.mutation.retries", str(options.every)))
    text = report(results)
    print(text, end="")
    if options.write:
        before, _, rest = README.read_text(encoding="utf-8").partition(START)
        after = rest.partition(END)[2]
        README.write_text(f"{before}{START}{text}{END}{after}", encoding="utf-8")
    groups = [group for outcomes in results.values() for group in _by_subject(outcomes).values()]
    is_explained = all(outcome.killed_by or _reason(outcome) for group in groups for outcome in group)
    # A rate of a few mutants means little.
    return int(not is_explained or (options.every == 1 and min(map(_rate, groups)) < GOAL))


def report(results: Mapping[str, Sequence[Outcome]]) -> str:
    """Return two Markdown tables: the kill rate of each model and of the retry rules, and the surviving mutants."""
    lines = ["| | mutated | mutants | killed | |", "|---|---|---:|---:|---:|"]
    survivors = ["", "| mutated | survivor | reason |", "|---|---|---|"]
    for name, outcomes in results.items():
        for subject, group in _by_subject(outcomes).items():
            killed = sum(outcome.killed_by is not None for outcome in group)
            lines.append(f"| {name} | `{subject}` | {len(group)} | {killed} | {_rate(group):.1%} |")
            survivors += [
                f"| `{subject}` | {outcome.change} | {_reason(outcome) or '**none**'} |"
                for outcome in group
                if outcome.killed_by is None
            ]
    return "\n".join([*lines, *(survivors if len(survivors) > 3 else ["", "No mutant survives."]), ""])


def _try_api(name: str, folder: Path, every: int) -> Iterator[Outcome]:
    """Generate the client of an API, and try the mutants of its models."""
    project = folder / name
    shutil.copytree(APIS[name], project / "specs" / name)
    generate = [sys.executable, "-m", "speccast", "generate", "--quiet"]
    subprocess.run(generate, cwd=project, check=True, capture_output=True)
    return _run("tools.mutation.trial", str(project / "generated" / name / "python"), str(every))


def _run(module: str, *arguments: str) -> Iterator[Outcome]:
    """Run a trial in its own process."""
    command = [sys.executable, "-m", module, *arguments]
    ran = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=False)
    if ran.returncode:
        raise SystemExit(f"{module} ended with exit code {ran.returncode}\n{ran.stdout[-2000:]}")
    for line in ran.stdout.splitlines():
        yield Outcome(**json.loads(line))


def _by_subject(outcomes: Iterable[Outcome]) -> Mapping[str, list[Outcome]]:
    groups: dict[str, list[Outcome]] = {}
    for outcome in outcomes:
        groups.setdefault(outcome.subject, []).append(outcome)
    return groups


def _rate(outcomes: Sequence[Outcome]) -> float:
    return sum(outcome.killed_by is not None for outcome in outcomes) / len(outcomes)


def _reason(outcome: Outcome) -> str | None:
    description = f"{outcome.subject}: {outcome.change}"
    return next((accepted.reason for accepted in ACCEPTED if accepted.change in description), None)


if __name__ == "__main__":
    sys.exit(main())
