"""The complete report as JSON, as described by `schema/report.schema.json`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from speccast import __version__
from speccast.findings import Severity, as_json
from speccast.lint.catalog import CATALOG, address
from speccast.lint.report import fingerprints

if TYPE_CHECKING:
    from speccast.findings import Finding
    from speccast.lint.report import LintReport

VERSION: Final = 1


def report(run: LintReport) -> str:
    failure = run.failure
    value = {
        "version": VERSION,
        "tool": {"name": "speccast", "version": __version__},
        "successful": failure is None,
        "failure": None if failure is None else {"message": failure.message, "help": failure.hint},
        "summary": {
            "models": run.models,
            "errors": run.count(Severity.ERROR),
            "warnings": run.count(Severity.WARNING),
            "infos": run.count(Severity.INFO),
            "fixed": run.fixed,
            "silenced": len(run.suppressed),
            "known": len(run.baselined),
            "stale": len(run.stale),
        },
        "files": list(run.files),
        "findings": [
            finding_value(finding, fingerprint) for finding, fingerprint in fingerprints(run.findings)
        ],
        "silenced": [
            {"reason": each.reason, "finding": finding_value(each.finding, fingerprint)}
            for each, (_, fingerprint) in zip(
                run.suppressed, fingerprints(each.finding for each in run.suppressed), strict=True
            )
        ],
        "stale": [
            {"rule": entry.rule, "path": entry.path, "pointer": entry.pointer, "count": entry.count}
            for entry in run.stale
        ],
    }
    return json.dumps(value, indent=2) + "\n"


def finding_value(finding: Finding, fingerprint: str) -> dict[str, Any]:
    """Return a finding as JSON data, with the name and documentation of its rule."""
    rule = CATALOG[finding.rule]
    return {
        "rule": finding.rule,
        "name": rule.name,
        **as_json(finding),
        "fingerprint": fingerprint,
        "url": address(rule),
    }
