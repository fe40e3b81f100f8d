"""JUnit XML: a test suite per file and a test case per finding. A file without findings has a passing one."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET  # only writes; nothing is parsed

from speccast.findings import printable
from speccast.lint.catalog import CATALOG

if TYPE_CHECKING:
    from collections.abc import Iterable

    from speccast.findings import Finding
    from speccast.lint.report import LintReport


def report(run: LintReport) -> str:
    by_file = {path: list(found) for path, found in groupby(run.findings, key=lambda finding: finding.path)}
    root = ET.Element("testsuites", name="speccast lint")
    for path in sorted({*run.files, *by_file}):
        _suite(root, path, by_file.get(path, []))
    for entry in run.stale:
        case = _case(_suite_of(root, "baseline", 1, 1), entry.path, f"{entry.rule} {entry.pointer}")
        ET.SubElement(case, "failure", message="in the baseline, but no longer found", type="stale")
    if run.failure is not None:
        case = _case(_suite_of(root, "speccast", 1, 0, errors=1), "speccast lint", "run")
        ET.SubElement(case, "error", message=printable(run.failure.message), type="failure")
    for total in ("tests", "failures", "errors"):
        root.set(total, str(sum(int(suite.get(total, "0")) for suite in root)))
    ET.indent(root)
    written: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return f"{written.decode()}\n"


def _suite(root: ET.Element, path: str, findings: Iterable[Finding]) -> None:
    found = list(findings)
    suite = _suite_of(root, path, len(found) or 1, len(found))
    if not found:
        _case(suite, path, "lint")
    for finding in found:
        name = f"{finding.rule} {CATALOG[finding.rule].name} at {finding.line}:{finding.column}"
        case = _case(suite, path, name)
        case.set("line", str(finding.line))
        failure = ET.SubElement(
            case, "failure", message=printable(finding.message), type=finding.severity.value
        )
        failure.text = finding.render()


def _suite_of(root: ET.Element, name: str, tests: int, failures: int, errors: int = 0) -> ET.Element:
    return ET.SubElement(
        root,
        "testsuite",
        name=printable(name),
        tests=str(tests),
        failures=str(failures),
        errors=str(errors),
    )


def _case(suite: ET.Element, path: str, name: str) -> ET.Element:
    shown = printable(path)
    return ET.SubElement(suite, "testcase", classname=shown, name=printable(name), file=shown)
