"""Workflow commands of GitHub Actions, which become annotations in the changed files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from speccast.findings import Severity
from speccast.lint.catalog import CATALOG
from speccast.workflow_commands import workflow_command

if TYPE_CHECKING:
    from speccast.findings import Finding
    from speccast.lint.report import LintReport

_COMMANDS: Final = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "notice"}


def report(run: LintReport) -> str:
    lines = [annotation(finding) for finding in run.findings]
    for entry in run.stale:
        message = (
            f"{entry.rule} at {entry.pointer or 'the whole file'} is in the baseline, but no longer found"
        )
        lines.append(workflow_command("error", message, file=entry.path, title="stale baseline"))
    if run.failure is not None:
        lines.append(workflow_command("error", run.failure.message, title="speccast lint failed"))
    return "".join(f"{line}\n" for line in lines)


def annotation(finding: Finding) -> str:
    """Return a finding as a workflow command."""
    properties = {
        "file": finding.path,
        "line": str(finding.line),
        "col": str(finding.column),
        "title": f"{finding.rule} {CATALOG[finding.rule].name}",
    }
    if finding.end_line:
        properties["endLine"] = str(finding.end_line)
        if finding.end_line == finding.line:  # GitHub rejects columns for several lines
            properties["endColumn"] = str(max(finding.end_column - 1, finding.column))
        else:
            del properties["col"]
    related = "".join(
        f"\nnote: {each.path}:{each.line}:{each.column}: {each.message}" for each in finding.related
    )
    help_ = f"\nhelp: {finding.help}" if finding.help else ""
    return workflow_command(_COMMANDS[finding.severity], finding.message + related + help_, **properties)
