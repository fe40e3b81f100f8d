"""Reading one file: values, the position of every part, limits, and errors of unreadable files."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from speccast.findings import Severity
from speccast.specs.document import (
    MAX_BYTES,
    MAX_FINDINGS,
    PARSERS,
    Document,
    DocumentError,
    Position,
    json_pointer,
    read_document,
)

if TYPE_CHECKING:
    from speccast.core.check import Pointer

both_parsers = pytest.mark.parametrize("parser", PARSERS, ids=lambda parser: parser.__name__)


def read(text: str, parser: type[Any] = PARSERS[0]) -> Document:
    return read_document(text.encode(), "spec.yaml", parser=parser)


def list_reported(data: bytes) -> list[tuple[str, int, int]]:
    with pytest.raises(DocumentError) as raised:
        read_document(data, "spec.yaml")
    return [(finding.rule, finding.line, finding.column) for finding in raised.value.findings]


def place(position: Position) -> str:
    return f"{position.line}:{position.column}-{position.end_line}:{position.end_column}"


# Values


@both_parsers
def test_values_are_json_values(parser: type[Any]) -> None:
    document = read(
        "text: plain\nquoted: '12'\nempty:\nlist: [1, 1.5, true, ~, 16:9, {a: b}]\nblock:\n  - a: 1\n    b: 2\n  - x\n",
        parser,
    )

    assert document.value == {
        "text": "plain",
        "quoted": "12",
        "empty": None,
        "list": [1, 1.5, True, None, "16:9", {"a": "b"}],
        "block": [{"a": 1, "b": 2}, "x"],
    }
    assert list(document.value) == ["text", "quoted", "empty", "list", "block"]


@both_parsers
def test_json_is_yaml(parser: type[Any]) -> None:
    value = {"a": [1, -2.5e3, None, True, '\u00e9\n"\\/'], "b": {"c": {}, "d": []}, "e:f": "g: h"}

    assert read(json.dumps(value), parser).value == value
    assert read(json.dumps(value, indent=2, ensure_ascii=False), parser).value == value


@pytest.mark.parametrize(
    "value", ["on", "a: b", "- a", "# a", "'", '"', "\\", "\u2028", "\x85", "\t", "\x1b", "no\nyes"]
)
def test_quoted_text_is_taken_literally(value: str) -> None:
    assert read(json.dumps({"a": value})).value == {"a": value}


@both_parsers
def test_block_text_keeps_its_lines(parser: type[Any]) -> None:
    document = read("a: |\n  one\n   two\n\n  three\nb: >-\n  one\n  two\n", parser)

    assert document.value == {"a": "one\n two\n\nthree\n", "b": "one two"}


@both_parsers
@pytest.mark.parametrize("separator", ["\x85", "\u2028", "\u2029"])
def test_the_line_separators_of_unicode_are_text_as_in_yaml_1_2(separator: str, parser: type[Any]) -> None:
    document = read(f'a: b{separator}c\nd: "e{separator}f"\ng: |\n  h{separator}i\nj: k\n', parser)

    assert document.value == {
        "a": f"b{separator}c",
        "d": f"e{separator}f",
        "g": f"h{separator}i\n",
        "j": "k",
    }
    assert place(document.position(("j",))) == "5:4-5:5"


@both_parsers
def test_core_tags_are_honoured(parser: type[Any]) -> None:
    document = read('a: !!str 12\nb: !!int "12"\nc: ! 12\nd: !!map {e: !!seq []}\n!!str 400: f\n', parser)

    assert document.value == {"a": "12", "b": 12, "c": "12", "d": {"e": []}, "400": "f"}


@both_parsers
def test_an_alias_has_the_value_of_its_anchor(parser: type[Any]) -> None:
    document = read("a: &x {b: [1, 2]}\nc: *x\nd: &x 5\ne: *x\n", parser)

    assert document.value == {"a": {"b": [1, 2]}, "c": {"b": [1, 2]}, "d": 5, "e": 5}


def test_a_merge_key_is_a_key_like_any_other() -> None:
    assert read("a: &a {b: 1}\nc: {<<: *a}\n").value == {"a": {"b": 1}, "c": {"<<": {"b": 1}}}


@pytest.mark.parametrize("line_break", ["\n", "\r\n", "\r"])
def test_every_kind_of_line_break_counts_once(line_break: str) -> None:
    document = read(line_break.join(["# comment", "a: 1", "b:", "  c: 2", ""]))

    assert document.value == {"a": 1, "b": {"c": 2}}
    assert place(document.position(("b", "c"))) == "4:6-4:7"


def test_a_byte_order_mark_is_allowed_and_takes_no_column() -> None:
    document = read_document(b"\xef\xbb\xbfa: 1\n", "spec.yaml")

    assert document.text == "a: 1\n"
    assert place(document.key_position(("a",))) == "1:1-1:2"


# Places

BLOCK = """\
# a comment
speccast: 1
surfaces: [sync, async]   # both
parameters:
  prompt:
    type: string
    description: >
      In two
      lines.

  # about steps
  steps: {type: integer, default: 25}

example:
- a
-   - b
returns: "x"
empty:
"""


@both_parsers
@pytest.mark.parametrize(
    ("pointer", "value", "key"),
    [
        ((), "2:1-18:7", "2:1-18:7"),
        (("speccast",), "2:11-2:12", "2:1-2:9"),
        (("surfaces",), "3:11-3:24", "3:1-3:9"),
        (("surfaces", 0), "3:12-3:16", "3:1-3:9"),
        (("surfaces", 1), "3:18-3:23", "3:1-3:9"),
        (("parameters",), "5:3-12:38", "4:1-4:11"),
        (("parameters", "prompt"), "6:5-9:13", "5:3-5:9"),
        (("parameters", "prompt", "type"), "6:11-6:17", "6:5-6:9"),
        (("parameters", "prompt", "description"), "7:18-9:13", "7:5-7:16"),
        (("parameters", "steps"), "12:10-12:38", "12:3-12:8"),
        (("parameters", "steps", "default"), "12:35-12:37", "12:26-12:33"),
        (("example",), "15:1-16:8", "14:1-14:8"),
        (("example", 0), "15:3-15:4", "14:1-14:8"),
        (("example", 1), "16:5-16:8", "14:1-14:8"),
        (("example", 1, 0), "16:7-16:8", "14:1-14:8"),
        (("returns",), "17:10-17:13", "17:1-17:8"),
        (("empty",), "18:7-18:7", "18:1-18:6"),
    ],
)
def test_places_of_values_and_keys(pointer: Pointer, value: str, key: str, parser: type[Any]) -> None:
    document = read(BLOCK, parser)

    assert (place(document.position(pointer)), place(document.key_position(pointer))) == (value, key)


@pytest.mark.parametrize(
    "pointer",
    [
        ("parameters", "prompt", "enum"),
        ("parameters", "prompt", "enum", 3, "x"),
        ("parameters", "prompt", "type", "x"),
        ("parameters", "prompt", 0),
    ],
)
def test_a_pointer_that_leads_nowhere_means_the_nearest_part_above(pointer: Pointer) -> None:
    document = read(BLOCK)
    above = pointer[:3] if pointer[2] == "type" else pointer[:2]

    assert document.position(pointer) == document.position(above)
    assert document.key_position(pointer) == document.key_position(above)


@pytest.mark.parametrize("pointer", [("surfaces", 2), ("surfaces", -1), ("surfaces", "0"), ("nothing",)])
def test_a_pointer_past_the_end_of_a_list_or_into_nothing(pointer: Pointer) -> None:
    document = read(BLOCK)

    assert document.position(pointer) == document.position(pointer[:1])


@both_parsers
def test_columns_count_code_points(parser: type[Any]) -> None:
    document = read('"😀é\u0301": 日本 # x\nb: {"😀": "\U00010000", c: d}\n', parser)

    assert place(document.key_position(("😀é\u0301",))) == "1:1-1:6"
    assert place(document.position(("😀é\u0301",))) == "1:8-1:10"
    assert place(document.position(("b", "😀"))) == "2:10-2:13"
    assert place(document.position(("b", "c"))) == "2:18-2:19"


def test_an_alias_has_its_own_position_and_its_parts_those_of_the_anchor() -> None:
    document = read("a: &x\n  b: 1\nc: *x\n")

    assert place(document.position(("a",))) == "1:4-2:7"
    assert place(document.position(("c",))) == "3:4-3:6"
    assert place(document.key_position(("c",))) == "3:1-3:2"
    assert place(document.position(("c", "b"))) == "2:6-2:7"


def test_the_source_of_a_value_is_how_it_is_written() -> None:
    document = read("a: 0x1F\nb: 'it''s'\nc: [1,  2]\nd: |\n  x\n\ne:\n")

    assert [document.source((key,)) for key in "abcde"] == ["0x1F", "'it''s'", "[1,  2]", "|\n  x", ""]


def test_findings_of_a_document_know_their_place_and_pointer() -> None:
    document = read(BLOCK)
    first = document.relate(("surfaces",), "here", at_key=True)

    finding = document.finding(
        "P101",
        ("parameters", "steps"),
        "odd",
        "correct it",
        at_key=True,
        severity=Severity.WARNING,
        related=(first,),
    )

    assert finding.render() == (
        "spec.yaml:12:3: warning[P101] odd\n    note: spec.yaml:3:1: here\n    help: correct it"
    )
    assert (finding.end_line, finding.end_column, finding.pointer) == (12, 8, "/parameters/steps")


def test_json_pointers_are_escaped_as_in_rfc_6901() -> None:
    assert json_pointer(("a/b", "c~d", 0, "")) == "/a~1b/c~0d/0/"
    assert json_pointer(()) == ""


# Files that cannot be read


@pytest.mark.parametrize(
    ("data", "expected", "words"),
    [
        (b"", ("S111", 1, 1), "the file is empty"),
        (b"\xef\xbb\xbf", ("S111", 1, 1), "the file is empty"),
        (b"  \n\n", ("S111", 1, 1), "the file is empty"),
        (b"---\n...\n", ("S111", 1, 1), "the file is empty"),
        ("a: 1".encode("utf-16"), ("S108", 1, 1), "the file is UTF-16"),
        ("a: 1".encode("utf-16-be"), ("S108", 1, 1), "the file is UTF-16"),
        ("a: 1".encode("utf-16-le"), ("S108", 1, 1), "the file is UTF-16"),
        ("a: 1".encode("utf-32"), ("S108", 1, 1), "the file is UTF-32"),
        ("a: é\nb: ü\n".encode("latin-1"), ("S108", 1, 4), "0xE9 is not UTF-8 (in Windows-1252 it is `é`)"),
        (b"a: 1\nb: \xf0\x9f\x98\x80\xff\n", ("S108", 2, 5), "0xFF is not UTF-8"),
        (b"a: \xed\xa0\x80\n", ("S108", 1, 4), "0xED is not UTF-8"),
        (b"a: 1\nbc: \x00\n", ("S109", 2, 5), "U+0000"),
        (b"a: \x1b[31m\n", ("S109", 1, 4), "write \\x1b within double quotes"),
        (b"a: \x7f\n", ("S109", 1, 4), "U+007F"),
        ("a: \ufffe\n".encode(), ("S109", 1, 4), "write \\ufffe within double quotes"),
        ("a: 1\nb: x\ufeffy\n".encode(), ("S109", 2, 5), "byte order mark"),
        (b"a: 1\n" + b"#" * MAX_BYTES, ("S107", 1, 1), "larger than 1048576 bytes"),
        (b'a: "\\ud83d"', ("S101", 1, 5), "the escape is not a valid character"),
    ],
)
def test_bytes_that_are_not_text_or_too_many(data: bytes, expected: tuple[str, int, int], words: str) -> None:
    with pytest.raises(DocumentError) as raised:
        read_document(data, "spec.yaml")

    (finding,) = raised.value.findings
    assert (finding.rule, finding.line, finding.column) == expected
    assert words in f"{finding.message}; {finding.help}"
    assert finding.help


@both_parsers
def test_every_unprintable_character_is_reported(parser: type[Any]) -> None:
    with pytest.raises(DocumentError) as raised:
        read("a: \x01\nb: \x02\n", parser)

    assert [(finding.rule, finding.line, finding.column) for finding in raised.value.findings] == [
        ("S109", 1, 4),
        ("S109", 2, 4),
    ]


def test_half_a_surrogate_pair_is_refused_where_the_parser_lets_it_pass() -> None:
    with pytest.raises(DocumentError) as raised:
        read('a: "\\ud83d"', PARSERS[-1])

    assert [(finding.rule, finding.line, finding.column) for finding in raised.value.findings] == [
        ("S109", 1, 4)
    ]


def test_problems_are_reported_together_in_the_order_of_the_text() -> None:
    text = "a: .inf\nb: *x\na: 2\n400: !x y\nc: [1\n"

    assert list_reported(text.encode()) == [
        ("S106", 1, 4),
        ("S105", 2, 4),
        ("S102", 3, 1),
        ("S103", 4, 1),
        ("S104", 4, 6),
        ("S101", 5, 4),
    ]


def test_a_finding_of_a_duplicate_key_names_both_places() -> None:
    with pytest.raises(DocumentError) as raised:
        read("p:\n  a: 1\n  b: 2\n  a: 3\n")

    assert raised.value.findings[0].render() == (
        "spec.yaml:4:3: error[S102] the key `a` is already on line 2\n"
        "    note: spec.yaml:2:3: the first one is here\n"
        "    help: remove or rename one of the two"
    )
    assert raised.value.findings[0].pointer == "/p/a"


def test_the_findings_of_one_file_are_bounded() -> None:
    with pytest.raises(DocumentError) as raised:
        read("".join("a: 1\n" for _ in range(MAX_FINDINGS + 50)))

    assert len(raised.value.findings) == MAX_FINDINGS + 1
    assert raised.value.findings[-1].message == "only the first 1000 problems of the file are listed"


@pytest.mark.skipif(not yaml.__with_libyaml__, reason="PyYAML's own parser takes no tab between tokens")
def test_a_tab_is_not_blamed_where_yaml_allows_it() -> None:
    assert read("a:\tb\nc: [\n\td,\n\te\n]\t# f\n").value == {"a": "b", "c": ["d", "e"]}
    assert list_reported(b"a: {\n\tb: c: d\n}\n") == [("S101", 2, 6)]


# Bounds


def nested(levels: int) -> str:
    return "[" * levels + "]" * levels


@both_parsers
def test_depth_is_bounded(parser: type[Any]) -> None:
    read(nested(64), parser)
    with pytest.raises(DocumentError) as raised:
        read(nested(65), parser)

    assert (
        raised.value.findings[0]
        .render()
        .startswith("spec.yaml:1:65: error[S107] the file is nested deeper than 64")
    )


def test_depth_includes_the_values_of_aliases() -> None:
    half = nested(32)
    read(f"a: &a {half}\nb: {'[' * 30} *a {']' * 30}\n")

    assert list_reported(f"a: &a {half}\nb: {'[' * 32} *a {']' * 32}\n".encode()) == [("S107", 2, 37)]


def test_depth_counts_aliases_within_aliases() -> None:
    chain = ["a0: &a0 [[[]]]"] + [f"a{n}: &a{n} [[[*a{n - 1}]]]" for n in range(1, 30)]

    ((rule, line, _),) = list_reported("\n".join(chain).encode())
    assert (rule, line) == ("S107", 22)


def test_the_number_of_values_is_bounded() -> None:
    value = read(f"[{'1,' * 99_999}]").value
    assert isinstance(value, list)
    assert len(value) == 99_999
    assert list_reported(f"[{'1,' * 100_000}]".encode()) == [("S107", 1, 200_000)]


def test_the_number_of_aliases_is_bounded() -> None:
    read(f"a: &a 1\nb: [{', '.join(['*a'] * 100)}]\n")

    assert list_reported(f"a: &a 1\nb: [{', '.join(['*a'] * 101)}]\n".encode()) == [("S105", 2, 405)]


@pytest.mark.parametrize(
    ("repeated", "rule"),
    [
        ("[", "S107"),
        ("{a: ", "S107"),
        ("[{a: ", "S107"),
        ("- ", "S107"),
        ("? ", "S107"),
        ("{{", "S107"),
        ("a:\n ", "S102"),
        ('{"', "S101"),
        ("'", ""),
        ("!!str ", "S101"),
        ("&a ", "S101"),
        ("*a ", "S105"),
        ("((", ""),
        ("a: ", "S101"),
        ("\t", "S101"),
        ("%a\n", "S101"),
    ],
)
def test_repeated_characters_do_not_crash_or_hang_the_parser(repeated: str, rule: str) -> None:
    """In a separate process, since libyaml's composer ends the interpreter at 30 000 levels (stack overflow)."""
    program = (
        "import sys\n"
        "from speccast.specs.document import DocumentError, read_document\n"
        "try:\n"
        "    read_document((sys.argv[1] * int(sys.argv[2])).encode(), 'deep.yaml')\n"
        "except DocumentError as error:\n"
        "    print(error.findings[0].rule)\n"
    )
    times = min(100_000, MAX_BYTES // len(repeated))

    done = subprocess.run(
        [sys.executable, "-c", program, repeated, str(times)],
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
    )

    assert (done.returncode, done.stderr, done.stdout.strip()) == (0, "", rule)
