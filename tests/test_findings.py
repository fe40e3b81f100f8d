"""The text of findings. No text in a spec can control the terminal."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from speccast.errors import SpeccastError
from speccast.findings import Finding, Related, Severity, printable


def finding(
    path: str = "a.yaml", line: int = 1, column: int = 1, rule: str = "S101", message: str = "wrong"
) -> Finding:
    return Finding(path, line, column, rule, Severity.ERROR, message)


def test_text_has_place_severity_rule_message_and_help() -> None:
    found = Finding("specs/acme/a.yaml", 3, 7, "S201", Severity.WARNING, "odd", help="write it so")

    assert found.render() == "specs/acme/a.yaml:3:7: warning[S201] odd\n    help: write it so"


def test_finding_without_help_is_one_line() -> None:
    assert finding().render() == "a.yaml:1:1: error[S101] wrong"


def test_related_places_are_between_message_and_help() -> None:
    found = Finding(
        "b.yaml",
        2,
        1,
        "M101",
        Severity.ERROR,
        "again",
        help="rename one",
        related=(Related("a.yaml", 9, 4, "first here"),),
    )

    assert found.render().splitlines() == [
        "b.yaml:2:1: error[M101] again",
        "    note: a.yaml:9:4: first here",
        "    help: rename one",
    ]


def test_findings_sort_by_file_then_line_then_column_then_rule() -> None:
    in_order = [
        finding("a.yaml", 2, 9),
        finding("a.yaml", 10, 1),
        finding("b.yaml", 1, 1, "S101"),
        finding("b.yaml", 1, 1, "S102"),
        finding("b.yaml", 1, 2, "S101"),
    ]

    assert sorted([*in_order[3:], *in_order[:3]]) == in_order


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain", "plain"),
        ("naïve 日本語 😀", "naïve 日本語 😀"),
        ("\x1b[31mred", "\\x1b[31mred"),
        ("two\nlines\r\tend", "two\\nlines\\r\\tend"),
        ("\x00\x7f\x9b", "\\x00\\x7f\\x9b"),
        ("user\u202etxt.exe", "user\\u202etxt.exe"),
        ("a\u200bb\ufeffc", "a\\u200bb\\ufeffc"),
        ("a\u2028b\u2029c\x85", "a\\u2028b\\u2029c\\x85"),
        ("\U000e0041", "\\U000e0041"),
        ("caf\udce9.yaml", "caf\\xe9.yaml"),
        ("\ud800", "\\ud800"),
        ("back\\slash", "back\\slash"),
    ],
)
def test_control_characters_are_escaped(text: str, shown: str) -> None:
    assert printable(text) == shown


@given(st.text(st.characters(exclude_categories=())))
def test_no_text_reaches_the_terminal_unescaped(text: str) -> None:
    found = Finding(text, 1, 1, "S101", Severity.ERROR, text, help=text, related=(Related(text, 1, 1, text),))

    lines = found.render().split("\n")

    assert all(line.isprintable() for line in lines)
    assert len(lines) == (3 if text else 2)
    assert printable(printable(text)) == printable(text)
    found.render().encode()  # no lone surrogates left


def test_error_of_a_command_has_a_message_and_a_hint() -> None:
    error = SpeccastError("no specs folder", hint="speccast init")

    assert (str(error), error.message, error.hint) == (
        "no specs folder",
        "no specs folder",
        "speccast init",
    )
    assert error.__notes__ == ["hint: speccast init"], "a traceback shows these"
    assert not hasattr(SpeccastError("no specs folder"), "__notes__")
