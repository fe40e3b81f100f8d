"""Findings with their fixes as JSON data, to be kept and read again."""

from __future__ import annotations

from dataclasses import asdict, fields
from typing import Any, Final

from speccast.findings import Edit, Finding, Fix, Related, Severity

_PLAIN: Final = tuple(field.name for field in fields(Finding) if field.name not in ("related", "fix"))


def record(finding: Finding) -> dict[str, Any]:
    """A finding as JSON data. `dataclasses.asdict` does the same, but copies every text."""
    fix = finding.fix
    return {
        **{name: getattr(finding, name) for name in _PLAIN},
        "related": [asdict(other) for other in finding.related],
        "fix": None if fix is None else asdict(fix),
    }


def finding_of(value: dict[str, Any]) -> Finding:
    """The finding that `record` made this of."""
    fix = value["fix"]
    return Finding(
        **value
        | {
            "severity": Severity(value["severity"]),
            "related": tuple(Related(**each) for each in value["related"]),
            "fix": fix
            and Fix(fix["message"], tuple(Edit(**each) for each in fix["edits"]), is_safe=fix["is_safe"]),
        }
    )
