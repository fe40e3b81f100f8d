"""The report with one line a finding, for editors and for grep."""

from __future__ import annotations

from typing import TYPE_CHECKING

from speccast.lint.reports.text import closing, headline

if TYPE_CHECKING:
    from speccast.lint.report import Run


def report(run: Run) -> str:
    return "".join(f"{line}\n" for line in (*map(headline, run.findings), *closing(run)))
