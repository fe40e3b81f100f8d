"""Findings as text, for commands that need specs without errors."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from speccast.config import format_path
from speccast.findings import Severity, relocate

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from speccast.findings import Finding


def print_findings(
    findings: Iterable[Finding], root: Path, *, warns: bool = True, consequence: str = "nothing was written"
) -> bool:
    """Print errors and, if it `warns`, warnings to stdout, and the number of errors to stderr. Return whether there are errors.

    Paths of findings are relative to `root`; they are printed relative to the current folder.
    """
    errors = 0
    for finding in findings:
        is_error = finding.severity is Severity.ERROR
        if is_error or (warns and finding.severity is Severity.WARNING):
            click.echo(relocate(finding, lambda path: format_path(root / path)).render())
        errors += is_error
    if errors:
        click.echo(f"{errors} error{'' if errors == 1 else 's'} in the specs; {consequence}", err=True)
    return errors > 0
