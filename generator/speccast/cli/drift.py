"""Reports of `speccast generate --check`: what of the output is not as the specs say, and in which way."""

from __future__ import annotations

import json
import os
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from speccast import __version__
from speccast.findings import Severity, printable
from speccast.publish import State, diff_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from speccast.config import Project
    from speccast.errors import SpeccastError
    from speccast.findings import Finding
    from speccast.publish import Entry, Plan

VERSION = 1
"""Of the JSON; keys may be added to a version, none change their meaning."""
_MEND = "speccast generate"


class Other(NamedTuple):
    """A folder of the output that was made by another version of a tool."""

    root: str
    tool: str
    version: str
    now: str

    @property
    def message(self) -> str:
        return f"made by {self.tool} {self.version}, this is {self.tool} {self.now}"


@dataclass(frozen=True, slots=True)
class Drift:
    """What a check came to. Without `plans` the specs have errors, which are among the findings."""

    project: Project
    findings: Sequence[Finding]
    plans: Sequence[Plan] | None
    shows_diff: bool = False

    @property
    def others(self) -> list[Other]:
        """Tools that made output which has drifted, in other versions than these: its files then say nothing of the specs,
        since another formatter may write other text from the same ones."""
        return [
            Other(
                self.project.shown(plan.target.root),
                tool,
                version,
                plan.target.versions.get(tool, "no longer used"),
            )
            for plan in self.plans or ()
            if plan.drift
            for tool, version in (plan.made_by or {}).items()
            if version != plan.target.versions.get(tool)
        ]

    @property
    def files(self) -> Iterator[tuple[Plan, Entry]]:
        """Every file that is not as it should be; the manifest only where it is all that differs."""
        for plan in self.plans or ():
            entries = [entry for entry in plan.entries if entry.action.value != "none"]
            yield from ((plan, entry) for entry in entries or ([plan.manifest] if plan.drift else []))

    @property
    def code(self) -> int:
        if self.plans is None:
            return 1
        return 2 if self.others else int(any(plan.drift for plan in self.plans))

    @property
    def mend(self) -> str:
        return f"{_MEND} --force" if any(plan.kept for plan in self.plans or ()) else _MEND

    def place(self, plan: Plan, entry: Entry) -> str:
        return self.project.shown(plan.target.root / entry.path)


def report(drift: Drift, format_: str) -> int:
    """Prints a report; answers the exit code."""
    if format_ == "json":
        click.echo(_json(drift))
    elif format_ == "github":
        _echo_each(_github(drift))
    else:
        _text(drift)
        if os.environ.get("GITHUB_ACTIONS") == "true":
            _echo_each(_github(drift))
    return drift.code


def report_failure(error: SpeccastError, format_: str) -> None:
    """Says in a report for programs that there is none; people are told on stderr."""
    if format_ == "json":
        failure = {"message": error.message, "help": error.hint}
        click.echo(json.dumps({**_head(), "successful": False, "failure": failure, **_nothing()}, indent=2))
    elif format_ == "github":
        from speccast.workflow_commands import workflow_command

        click.echo(
            workflow_command("error", error.message, title="speccast generate --check could not do its work")
        )


def _text(drift: Drift) -> None:
    from speccast.cli.findings import print_findings

    if print_findings(drift.findings) or drift.plans is None:
        return
    if drift.shows_diff:
        for plan, entry in drift.files:
            for line in diff_of(plan, entry):
                click.echo("\n".join(printable(part) for part in line.rstrip("\n").split("\n")))
    if drift.code == 0:
        click.echo(f"{sum(len(plan.entries) for plan in drift.plans)} files are as the specs say")
        return
    if drift.others:
        for other in drift.others:
            click.echo(printable(f"{other.root}: {other.message}"), err=True)
        click.echo(f"hint: install those versions, or go over to these with: {_MEND}", err=True)
        return
    files = 0
    for plan, entry in drift.files:
        files += 1
        click.echo(f"{printable(drift.place(plan, entry))}: {entry.state.value}: {printable(_reason(entry))}")
    click.echo(f"{files} file{' is' if files == 1 else 's are'} not as the specs say")
    click.echo(f"hint: mend it with: {drift.mend}", err=True)


def _github(drift: Drift) -> Iterator[str]:
    from speccast.lint.reports.github import annotation
    from speccast.workflow_commands import workflow_command

    yield from (annotation(finding) for finding in drift.findings if finding.severity is not Severity.INFO)
    if drift.others:
        for other in drift.others:
            yield workflow_command("error", f"{other.root}: {other.message}", title="made by other versions")
        return
    for plan, entry in drift.files:
        message = f"{_reason(entry)}\nmend it with: {drift.mend}"
        yield workflow_command(
            "error", message, file=drift.place(plan, entry), title=f"{entry.state.value} output"
        )


def _json(drift: Drift) -> str:
    from speccast.lint.report import fingerprints
    from speccast.lint.reports.json import finding_value

    counts = Counter(entry.state for plan in drift.plans or () for entry in plan.entries)
    made_by_others = bool(drift.others)
    value = {
        **_head(),
        "successful": not made_by_others,
        "failure": None,
        **_nothing(),
        "summary": {state.value: counts[state] for state in State},
        "findings": [
            finding_value(finding, fingerprint) for finding, fingerprint in fingerprints(drift.findings)
        ],
        "made_by_others": [other._asdict() for other in drift.others],
        "files": [] if made_by_others else [_file(drift, plan, entry) for plan, entry in drift.files],
    }
    return json.dumps(value, indent=2)


def _file(drift: Drift, plan: Plan, entry: Entry) -> dict[str, Any]:
    value: dict[str, Any] = {
        "path": drift.place(plan, entry),
        "state": entry.state.value,
        "reason": _reason(entry),
        "mend": f"{_MEND} --force" if entry in plan.kept else _MEND,
    }
    if drift.shows_diff:
        value["diff"] = (
            "".join(f"{line}\n" for line in diff_of(plan, entry)) if entry is not plan.manifest else ""
        )
    return value


def _head() -> dict[str, Any]:
    return {"version": VERSION, "tool": {"name": "speccast", "version": __version__}}


def _nothing() -> dict[str, Any]:
    return {"summary": {}, "findings": [], "made_by_others": [], "files": []}


def _reason(entry: Entry) -> str:
    return entry.reason or "the record of what was generated"


def _echo_each(lines: Iterator[str]) -> None:
    for line in lines:
        click.echo(line)
