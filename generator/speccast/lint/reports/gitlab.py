"""The code quality report of GitLab, shown in merge requests."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any, Final

from speccast.findings import Severity
from speccast.lint.report import fingerprints

if TYPE_CHECKING:
    from speccast.lint.report import LintReport

_SEVERITIES: Final = {Severity.ERROR: "major", Severity.WARNING: "minor", Severity.INFO: "info"}


def report(run: LintReport) -> str:
    issues: list[dict[str, Any]] = [
        {
            "type": "issue",
            "check_name": finding.rule,
            "description": f"{finding.message} ({finding.help})" if finding.help else finding.message,
            "fingerprint": fingerprint,
            "severity": _SEVERITIES[finding.severity],
            "location": {
                "path": finding.path,
                "lines": {"begin": finding.line, "end": finding.end_line or finding.line},
            },
        }
        for finding, fingerprint in fingerprints(run.findings)
    ]
    issues += [
        _whole_file("stale-baseline", f"{entry.rule} at {entry.pointer} is no longer found", entry.path)
        for entry in run.stale
    ]
    if run.failure is not None:
        issues.append(_whole_file("failure", run.failure.message, "."))
    return json.dumps(issues, indent=2) + "\n"


def _whole_file(check: str, description: str, path: str) -> dict[str, Any]:
    return {
        "type": "issue",
        "check_name": check,
        "description": description,
        "fingerprint": hashlib.sha256(
            f"{check}\0{path}\0{description}".encode("utf-8", "surrogatepass")
        ).hexdigest(),
        "severity": "critical",
        "location": {"path": path, "lines": {"begin": 1}},
    }
