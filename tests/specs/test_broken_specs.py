"""A corpus of specs with one defect each: message, exact position and hint.

Each file in `broken/` says so itself, in lines of the form `# expect: CODE LINE:COLUMN words of the message or help`, one
for each finding. Files whose name begins with `api-` are read as an api.yaml, all others as models.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from speccast.findings import Finding, Severity
from speccast.specs.check import check
from speccast.specs.codes import FindingCode
from speccast.specs.document import PARSERS, DocumentError, read_document

BROKEN = sorted((Path(__file__).parent / "broken").glob("*.yaml"))
EXPECT = re.compile(r"^# expect: (\S+) (\d+):(\d+) (.+)$", re.MULTILINE)


def findings(path: Path, parser: type[Any]) -> tuple[Finding, ...]:
    try:
        document = read_document(path.read_bytes(), path.name, parser=parser)
    except DocumentError as error:
        return error.findings
    return check(document, "api" if path.stem.startswith("api-") else "model")


@pytest.mark.parametrize("parser", PARSERS, ids=lambda parser: parser.__name__)
@pytest.mark.parametrize("path", BROKEN, ids=lambda path: path.stem)
def test_a_broken_spec_is_reported_with_position_and_hint(path: Path, parser: type[Any]) -> None:
    expected = EXPECT.findall(path.read_text())

    found = findings(path, parser)

    assert [(finding.rule, str(finding.line), str(finding.column)) for finding in found] == [
        (code, line, column) for code, line, column, _ in expected
    ], "\n".join(finding.render() for finding in found)
    for finding, (*_, words) in zip(found, expected, strict=True):
        assert words in f"{finding.message}\n{finding.help}"
        assert finding.help, "a finding says what would be right"
        assert finding.severity is Severity.ERROR
        assert (finding.end_line, finding.end_column) >= (finding.line, finding.column)


def test_the_corpus_has_a_case_for_every_code_that_one_file_can_show() -> None:
    elsewhere = {
        FindingCode.ENCODING,
        FindingCode.CHARACTER,
    }  # their files would not be text; see test_document.py
    shown = {code for path in BROKEN for code, *_ in EXPECT.findall(path.read_text())}

    assert shown == {code.value for code in FindingCode if code.startswith("S")} - elsewhere
    assert len(BROKEN) >= 150
