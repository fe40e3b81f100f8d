"""`make mutation`, or `python -m tools.mutation [--every N] [--write]`: tries mutants of each model and tells which survive."""

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
"""What part of the mutants of each model the generated tests are to notice."""


@dataclass(frozen=True)
class Known:
    """Mutants that nothing could notice, or that are left alone, and why."""

    change: str
    reason: str


KNOWN: tuple[Known, ...] = ()
"""By a part of what was changed."""


def main() -> int:
    """Try the mutants, print what came of it, and fail where a model is below the goal or a survivor has no reason."""
    parser = argparse.ArgumentParser(prog="python -m tools.mutation", description=__doc__)
    parser.add_argument(
        "--every", type=int, default=1, metavar="N", help="try every Nth mutant of a model (1)"
    )
    parser.add_argument("--write", action="store_true", help="write the figures into README.md")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="speccast-mutation-") as folder:
        found = {name: list(_tried(name, Path(folder), options.every)) for name in APIS}
    text = report(found)
    print(text, end="")
    if options.write:
        before, _, rest = README.read_text(encoding="utf-8").partition(START)
        after = rest.partition(END)[2]
        README.write_text(f"{before}{START}{text}{END}{after}", encoding="utf-8")
    groups = [group for outcomes in found.values() for group in _by_model(outcomes).values()]
    is_explained = all(outcome.killed_by or _reason(outcome) for group in groups for outcome in group)
    # Of a few mutants that are tried, a part says nothing.
    return int(not is_explained or (options.every == 1 and min(map(_rate, groups)) < GOAL))


def report(found: Mapping[str, Sequence[Outcome]]) -> str:
    """Two tables in Markdown: the part of its mutants that is noticed, by model, and the mutants that are not."""
    lines = ["| API | model | mutants | noticed | |", "|---|---|---:|---:|---:|"]
    survivors = ["", "| model | survivor | reason |", "|---|---|---|"]
    for name, outcomes in found.items():
        for slug, group in _by_model(outcomes).items():
            noticed = sum(outcome.killed_by is not None for outcome in group)
            lines.append(f"| {name} | `{slug}` | {len(group)} | {noticed} | {_rate(group):.1%} |")
            survivors += [
                f"| `{slug}` | {outcome.change} | {_reason(outcome) or '**none known**'} |"
                for outcome in group
                if outcome.killed_by is None
            ]
    return "\n".join([*lines, *(survivors if len(survivors) > 3 else ["", "None survives."]), ""])


def _tried(name: str, folder: Path, every: int) -> Iterator[Outcome]:
    project = folder / name
    shutil.copytree(APIS[name], project / "specs" / name)
    generate = [sys.executable, "-m", "speccast", "generate", "--quiet"]
    subprocess.run(generate, cwd=project, check=True, capture_output=True)
    client = project / "generated" / name / "python"
    command = [sys.executable, "-m", "tools.mutation.trial", str(client), str(every)]
    ran = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=False)
    if ran.returncode:
        raise SystemExit(f"the trial of {name} ended with {ran.returncode}\n{ran.stdout[-2000:]}")
    for line in ran.stdout.splitlines():
        yield Outcome(**json.loads(line))


def _by_model(outcomes: Iterable[Outcome]) -> Mapping[str, list[Outcome]]:
    groups: dict[str, list[Outcome]] = {}
    for outcome in outcomes:
        groups.setdefault(outcome.slug, []).append(outcome)
    return groups


def _rate(outcomes: Sequence[Outcome]) -> float:
    return sum(outcome.killed_by is not None for outcome in outcomes) / len(outcomes)


def _reason(outcome: Outcome) -> str | None:
    return next(
        (known.reason for known in KNOWN if known.change in f"{outcome.slug}: {outcome.change}"), None
    )


if __name__ == "__main__":
    sys.exit(main())
