"""The report with one line per finding, for editors and grep."""

from __future__ import annotations

from typing import TYPE_CHECKING

from speccast.lint.reports.text import closing, headline

if TYPE_CHECKING:
    from speccast.lint.report import LintReport


def report(run: LintReport) -> str:
    return "".join(f"{line}\n" for line in (*map(headline, run.findings), *closing(run)))
