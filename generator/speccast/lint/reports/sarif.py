"""SARIF 2.1.0, for code scanning services."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from speccast import __version__
from speccast.findings import Severity
from speccast.lint.catalog import CATALOG, FAMILIES, documentation
from speccast.lint.report import fingerprints
from speccast.rule_documentation import in_markdown

if TYPE_CHECKING:
    from speccast.findings import Edit, Finding, Related
    from speccast.lint.report import LintReport
    from speccast.lint.rule import AnyRule

SCHEMA: Final = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_ROOT: Final = "PROJECT"
_LEVELS: Final = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "note"}


def report(run: LintReport) -> str:
    every = [*run.findings, *(each.finding for each in run.suppressed), *run.baselined]
    suppressions: list[list[dict[str, Any]]] = [
        *([] for _ in run.findings),
        *([_suppression("inSource", each.reason)] for each in run.suppressed),
        *([_suppression("external", "in the baseline")] for _ in run.baselined),
    ]
    index = {code: index for index, code in enumerate(CATALOG)}
    results = [
        {**_result(finding, fingerprint, suppression), "ruleIndex": index[finding.rule]}
        for (finding, fingerprint), suppression in zip(fingerprints(every), suppressions, strict=True)
    ]
    driver = {
        "name": "speccast",
        "version": __version__,
        "semanticVersion": __version__,
        "rules": [_rule(rule, run) for rule in CATALOG.values()],
    }
    value = {
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {"driver": driver},
                "columnKind": "unicodeCodePoints",
                "originalUriBaseIds": {_ROOT: {"description": {"text": "The root of the repository."}}},
                "invocations": [_invocation(run)],
                "results": results,
            }
        ],
    }
    return json.dumps(value, indent=2) + "\n"


def _rule(rule: AnyRule, run: LintReport) -> dict[str, Any]:
    text = documentation(rule)
    summary = f"{rule.summary[0].upper()}{rule.summary[1:]}."
    text = replace(text, prose=text.prose or summary)
    return {
        "id": rule.code,
        "name": rule.name,
        "shortDescription": {"text": summary},
        "fullDescription": {"text": text.prose},
        "help": {"text": text.prose, "markdown": in_markdown(text)},
        "defaultConfiguration": {
            "enabled": rule.code in run.selection.codes,
            "level": _LEVELS[run.selection.severity(rule.code, rule.severity)],
        },
        "properties": {"tags": [FAMILIES[rule.code[0]].lower()], "fixable": rule.fixable},
    }


def _invocation(run: LintReport) -> dict[str, Any]:
    notifications: list[dict[str, Any]] = []
    if run.failure is not None:
        hint = f" ({run.failure.hint})" if run.failure.hint else ""
        notifications.append({"level": "error", "message": {"text": run.failure.message + hint}})
    notifications += [
        {
            "level": "warning",
            "message": {"text": f"{entry.rule} is in the baseline, but no longer found at {entry.pointer}"},
            "locations": [{"physicalLocation": {"artifactLocation": _artifact(entry.path)}}],
        }
        for entry in run.stale
    ]
    return {"executionSuccessful": run.failure is None, "toolExecutionNotifications": notifications}


def _result(finding: Finding, fingerprint: str, suppressions: list[dict[str, Any]]) -> dict[str, Any]:
    text = f"{finding.message}\n{finding.help}" if finding.help else finding.message
    region = {"startLine": finding.line, "startColumn": finding.column}
    if finding.end_line:
        region |= {"endLine": finding.end_line, "endColumn": finding.end_column}
    result = {
        "ruleId": finding.rule,
        "level": _LEVELS[finding.severity],
        "message": {"text": text},
        "locations": [
            {
                "physicalLocation": {"artifactLocation": _artifact(finding.path), "region": region},
                "logicalLocations": [{"fullyQualifiedName": finding.pointer, "kind": "value"}],
            }
        ],
        "partialFingerprints": {"speccast/v1": fingerprint},
        "suppressions": suppressions,
    }
    if finding.related:
        result["relatedLocations"] = [_relate(other, index) for index, other in enumerate(finding.related)]
    if finding.fix is not None:
        replacements = [_replacement(edit) for edit in finding.fix.edits]
        change = {"artifactLocation": _artifact(finding.path), "replacements": replacements}
        result["fixes"] = [{"description": {"text": finding.fix.message}, "artifactChanges": [change]}]
    return result


def _relate(other: Related, index: int) -> dict[str, Any]:
    region = {"startLine": other.line, "startColumn": other.column}
    return {
        "id": index,
        "message": {"text": other.message},
        "physicalLocation": {"artifactLocation": _artifact(other.path), "region": region},
    }


def _replacement(edit: Edit) -> dict[str, Any]:
    region = {"startLine": edit.line, "startColumn": edit.column}
    region |= {"endLine": edit.end_line, "endColumn": edit.end_column}
    return {"deletedRegion": region, "insertedContent": {"text": edit.text}}


def _suppression(kind: str, justification: str) -> dict[str, Any]:
    return {"kind": kind, "status": "accepted", "justification": justification}


def _artifact(path: str) -> dict[str, str]:
    """Return the location of a file: relative to the project's root, or absolute."""
    uri = quote(path, safe="/", errors="surrogateescape")
    return {"uri": f"file://{uri}"} if path.startswith("/") else {"uri": uri, "uriBaseId": _ROOT}
