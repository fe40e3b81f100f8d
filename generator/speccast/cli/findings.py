"""Prints findings for the commands that need specs without errors but do not report on them in full, as `lint` does."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from speccast.findings import Severity

if TYPE_CHECKING:
    from collections.abc import Iterable

    from speccast.findings import Finding


def print_findings(findings: Iterable[Finding]) -> bool:
    """Prints errors and warnings on stdout; answers whether there are errors, which it then counts on stderr."""
    errors = 0
    for finding in findings:
        if finding.severity is not Severity.INFO:
            click.echo(finding.render())
        errors += finding.severity is Severity.ERROR
    if errors:
        click.echo(f"{errors} error{'' if errors == 1 else 's'} in the specs; nothing was done.", err=True)
    return errors > 0
