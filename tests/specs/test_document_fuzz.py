"""Reading and checking a file with any bytes ends in findings or a valid document, without a traceback or a hang."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from speccast.specs.check import check
from speccast.specs.document import PARSERS, Document, DocumentError, Value, read_document

if TYPE_CHECKING:
    from collections.abc import Iterator

    from speccast.core.check import Pointer
    from speccast.findings import Finding
    from speccast.specs.schema_errors import SchemaName

ROOT = Path(__file__).parents[2]
SPECS = sorted([*(ROOT / "specs").glob("*/*.yaml"), *(ROOT / "tests" / "apis").glob("*/*.yaml")])
TEXTS = [path.read_text(encoding="utf-8") for path in SPECS]
PIECES = st.sampled_from(
    [
        *"[]{}:,#&*!|>'\"%@`-?~<=\t\n\r \\\x00\x07\x85\u2028\ufeff😀",
        *(
            "\r\n",
            ": ",
            "- ",
            "? ",
            "---\n",
            "...\n",
            "&a ",
            "*a",
            "<<: *a",
            "!!int ",
            "!x ",
            "{{ x }}",
            "<<<<<<< HEAD\n",
        ),
        *(
            ".inf",
            ".nan",
            "1e999",
            "null",
            "yes",
            "0x1F",
            "\\ud800",
            "\\q",
            "  ",
            "    ",
            "required: yes",
            "type: [a]",
        ),
        *(
            "speccast: 2\n",
            "parameters:\n",
            "type: {}",
            "enum: []",
            "enum: [[]]",
            "items: 3",
            "- - - -",
            "%YAML 1.1\n",
        ),
    ]
)
within_two_seconds = settings(
    deadline=2000, max_examples=200, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)


@st.composite
def mutated_specs(draw: st.DrawFn) -> str:
    """A real spec with up to four pieces cut out, doubled or replaced by something that means much to YAML."""
    text = draw(st.sampled_from(TEXTS))
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(text)))
        end = min(len(text), start + draw(st.sampled_from([0, 0, 1, 2, 7, 40])))
        piece = draw(st.one_of(PIECES, st.just(""), st.just(text[start:end] * 2), st.text(max_size=3)))
        text = text[:start] + piece + text[end:]
    return text


def assert_findings_are_in_the_text(findings: tuple[Finding, ...], text: str) -> None:
    assert findings
    assert list(findings) == sorted(findings)
    lines = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n").split("\n")
    for finding in findings:
        assert all(line.isprintable() for line in finding.render().split("\n"))
        assert finding.help
        assert 1 <= finding.line <= finding.end_line <= len(lines)
        assert 1 <= finding.column <= len(lines[finding.line - 1]) + 1
        assert (finding.end_line, finding.end_column) >= (finding.line, finding.column)


def read_and_check(data: bytes, parser: type[Any], kind: SchemaName) -> Document | None:
    """Return the document if it can be read; never raises."""
    try:
        document = read_document(data, "fuzz.yaml", parser=parser)
    except DocumentError as error:
        assert_findings_are_in_the_text(error.findings, data.decode(errors="replace"))
        return None
    json.dumps(document.value, allow_nan=False, ensure_ascii=False).encode()
    findings = check(document, kind)
    if findings:
        assert_findings_are_in_the_text(findings, document.text)
    return document


@given(st.binary(max_size=200), st.sampled_from(PARSERS))
@within_two_seconds
def test_random_bytes(data: bytes, parser: type[Any]) -> None:
    read_and_check(data, parser, "model")


@given(st.lists(PIECES, max_size=40).map("".join), st.sampled_from(PARSERS))
@within_two_seconds
def test_random_sequences_of_yaml_indicators(text: str, parser: type[Any]) -> None:
    read_and_check(text.encode(), parser, "api")


@given(mutated_specs(), st.sampled_from(["api", "model"]))
@within_two_seconds
def test_mutated_specs(text: str, kind: SchemaName) -> None:
    read_and_check(text.encode(errors="replace"), PARSERS[0], kind)


@given(mutated_specs())
@settings(within_two_seconds, max_examples=50)
def test_both_parsers_return_the_same_document(text: str) -> None:
    """PyYAML's own parser refuses a little more than libyaml: tabs between tokens, `?` within unquoted text."""
    documents = [read_and_check(text.encode(errors="replace"), parser, "model") for parser in PARSERS]

    assert len({json.dumps(document.value) for document in documents if document}) <= 1


def pointers(value: Value, at: Pointer = ()) -> Iterator[Pointer]:
    yield at
    children = (
        value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    )
    for step, child in children:
        yield from pointers(child, (*at, step))


@pytest.mark.parametrize("path", SPECS, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_the_text_at_the_position_of_a_value_parses_to_that_value(path: Path) -> None:
    document = read_document(path.read_bytes(), path.name)

    for pointer in pointers(document.value):
        value: Any = document.value
        for step in pointer:
            value = value[step]
        if isinstance(value, dict | list) or value is None:
            continue
        source = document.source(pointer)
        again = read_document(f"a: {source}\n".encode(), "again.yaml") if "\n" not in source else None
        assert again is None or again.value == {"a": value}, source
