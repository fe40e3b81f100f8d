"""Checking against the format: every word of advice is kept against the schemas, and every real spec passes."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from speccast.specs import advice
from speccast.specs.check import check
from speccast.specs.document import MAX_FINDINGS, Document, read_document
from speccast.specs.violations import schema, violations

if TYPE_CHECKING:
    from collections.abc import Iterator

    from speccast.specs.violations import Kind

ROOT = Path(__file__).parents[2]
REAL = sorted([*(ROOT / "specs").glob("*/*.yaml"), *(ROOT / "tests" / "apis").glob("*/*.yaml")])
MODEL = """\
speccast: 1
slug: acme-image-1
title: Acme Image 1
surfaces: [sync]
returns: [image/jpeg]
parameters:
  prompt: {type: string, required: true}
"""


def read(text: str) -> Document:
    return read_document(text.encode(), "acme-image-1.yaml")


def subschemas(part: dict[str, Any], name: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Every schema within a schema, with its title or else the key that it belongs to."""
    name = part.get("title", name)
    yield name, part
    for keyword in ("properties", "$defs"):
        for key, child in part.get(keyword, {}).items():
            yield from subschemas(child, key)
    for child in (
        part.get("items"),
        part.get("additionalProperties"),
        part.get("contains"),
        *part.get("anyOf", []),
    ):
        if isinstance(child, dict):
            yield from subschemas(child, name)


BOTH: list[Kind] = ["api", "model"]
ALL_SCHEMAS = [(title, part) for kind in BOTH for title, part in subschemas(schema(kind))]
REQUIRED = {
    (title, key) for title, part in ALL_SCHEMAS if "properties" in part for key in part.get("required", ())
}
PATTERNS = {part["pattern"] for _, part in ALL_SCHEMAS if isinstance(part.get("pattern"), str)}


@pytest.mark.parametrize("path", REAL, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_real_specs_pass(path: Path) -> None:
    document = read_document(path.read_bytes(), path.name)

    assert check(document, "api" if path.stem == "api" else "model") == ()


def test_the_real_specs_were_found() -> None:
    assert len(REAL) > 10


def test_there_is_an_example_for_exactly_the_keys_that_must_be_there() -> None:
    assert set(advice.EXAMPLES) == REQUIRED


@pytest.mark.parametrize(("section", "key"), sorted(advice.EXAMPLES))
def test_an_example_of_a_missing_key_is_right(section: str, key: str) -> None:
    (value,) = {
        repr(read(advice.EXAMPLES[section, key]).value): read(advice.EXAMPLES[section, key]).value
        for title, part in ALL_SCHEMAS
        if title == section and key in part.get("properties", ())
    }.values()
    assert isinstance(value, dict)
    assert list(value) == [key]
    kind: Kind = "model" if section in ("ModelSpec", "ParameterSpec", "deprecated") else "api"
    whole = wrapped(section, value)

    wrong = [each for each in violations(kind, whole) if each.keyword not in ("required", "anyOf")]

    assert wrong == []


def wrapped(section: str, value: dict[str, Any]) -> dict[str, Any]:
    """A part of a spec in the place where it belongs."""
    places: dict[str, dict[str, Any]] = {
        "ParameterSpec": {"parameters": {"a": value}},
        "StateSpec": {"async": {"states": [value]}},
        "ErrorSpec": {"errors": [value]},
        "HeaderSpec": {"headers": [value]},
        "base64": {"sync": {"base64": value}},
        "ModelSpec": value,
        "ApiSpec": value,
    }
    return places.get(section, {section: value})


def test_every_pattern_of_the_schemas_is_put_in_words() -> None:
    assert set(advice.FORMS) == PATTERNS


@pytest.mark.parametrize("pattern", sorted(advice.FORMS))
def test_the_example_of_a_form_has_that_form(pattern: str) -> None:
    assert re.search(pattern, advice.FORMS[pattern][1])


def test_every_other_name_of_a_key_or_type_leads_to_a_real_one() -> None:
    keys = {title: set(part["properties"]) for title, part in ALL_SCHEMAS if "properties" in part}

    for section, others in advice.OTHER_NAMES.items():
        assert set(others.values()) <= keys[section]
        assert not set(others) & keys[section]
    assert set(advice.TYPES.values()) <= {"string", "integer", "number", "boolean", "array", "object"}


@pytest.mark.parametrize(
    ("word", "meant"),
    [
        ("minimun", "minimum"),
        ("multiple_of", "multipleOf"),
        ("MAX-LENGTH", "maxLength"),
        ("zzz", ""),
        ("m" * 41, ""),
    ],
)
def test_the_closest_word_is_one_that_differs_little(word: str, meant: str) -> None:
    assert advice.closest(word, ["minimum", "multipleOf", "maxLength", "m" * 42]) == meant


def test_every_limit_of_the_schemas_is_one_that_check_can_put_in_words() -> None:
    known = {
        "$ref",
        "additionalProperties",
        "anyOf",
        "const",
        "contains",
        "enum",
        "items",
        "pattern",
        "properties",
    }
    known |= {
        "required",
        "type",
        "uniqueItems",
        "minimum",
        "maximum",
        "exclusiveMinimum",
        "minLength",
        "maxLength",
        "maxProperties",
    }
    known |= {"minItems", "maxItems", "minProperties", "title", "description", "$schema", "$id", "$defs"}

    for _, part in ALL_SCHEMAS:
        assert set(part) <= known
        # "must not be empty" is what check says of these
        assert part.get("minLength", 1) == part.get("minProperties", 1) == 1
        assert part.get("minItems", 1) == 1 or "contains" in part


def test_a_missing_key_points_at_itself() -> None:
    (finding,) = check(read(MODEL.replace("title: Acme Image 1\n", "")), "model")

    assert finding.pointer == "/title"
    assert (finding.line, finding.column, finding.end_line, finding.end_column) == (1, 1, 1, 9)


def test_a_finding_of_a_repeated_item_names_the_first_one() -> None:
    (finding,) = check(read(MODEL.replace("[sync]", "[sync, async, sync]")), "model")

    assert finding.render() == (
        "acme-image-1.yaml:4:25: error[S208] `sync` stands in `surfaces` twice\n"
        "    note: acme-image-1.yaml:4:12: the first one is here\n"
        "    help: remove one of the two"
    )


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("{type: object, properties: {width: {tipe: integer}}}", "parameter `a.width`"),
        ("{type: array, items: {tipe: string}}", "parameter `a[]`"),
        (
            "{type: array, items: {type: object, properties: {b: {type: array, items: {tipe: string}}}}}",
            "parameter `a[].b[]`",
        ),
        ("{type: object, properties: {properties: {tipe: integer}}}", "parameter `a.properties`"),
        ("{type: object, properties: {items: {tipe: integer}}}", "parameter `a.items`"),
    ],
)
def test_a_nested_parameter_is_named_by_its_path(written: str, name: str) -> None:
    (finding,) = check(read(f"{MODEL}  a: {written}\n"), "model")

    assert (finding.message, finding.help) == (f"{name} has no key `tipe`", "did you mean `type`?")


def test_what_is_broken_behind_an_anchor_is_reported_once() -> None:
    aliases = "".join(f"  b{n}: *a\n" for n in range(50))

    findings = check(read(f"{MODEL}  a: &a {{type: strin}}\n{aliases}"), "model")

    assert [(finding.line, finding.column) for finding in findings] == [(8, 16)]


def test_text_of_the_spec_in_a_message_is_cut_short_and_cannot_reach_the_terminal() -> None:
    (finding,) = check(read(MODEL.replace("acme-image-1", '"\\e[31m' + "A" * 100 + '"')), "model")

    assert len(finding.message) < 200
    assert finding.render().replace("\n", "").isprintable()


def test_the_findings_of_one_file_are_bounded() -> None:
    many = "".join(f"  p{n}: {{type: strin}}\n" for n in range(MAX_FINDINGS + 10))

    findings = check(read(MODEL + many), "model")

    assert len(findings) == MAX_FINDINGS + 1
    assert findings[-1].message == "only the first 1000 problems of the file are listed"


@pytest.mark.parametrize(
    ("more", "message"),
    [
        (
            "".join(f"  p{n}: {{type: string}}\n" for n in range(1001)),
            "`parameters` must have at most 1000 members",
        ),
        (
            "  p: {type: object, properties: {"
            + ", ".join(f"q{n}: {{type: string}}" for n in range(1001))
            + "}}\n",
            "`properties` of parameter `p` must have at most 1000 members",
        ),
        (
            f"  p: {{type: integer, enum: [{', '.join(map(str, range(2001)))}]}}\n",
            "`enum` of parameter `p` must have at most 2000 items",
        ),
    ],
)
def test_what_no_page_has_so_many_of_is_refused_before_anything_grows_with_it(
    more: str, message: str
) -> None:
    before, _, _ = MODEL.partition("parameters:")
    assert [finding.message for finding in check(read(f"{before}parameters:\n{more}"), "model")] == [message]


def test_nothing_else_is_said_of_a_spec_for_another_version_of_the_format() -> None:
    findings = check(read("speccast: 2\nslugs: [a, b]\n"), "model")

    assert [finding.rule for finding in findings] == ["S205"]


@pytest.mark.parametrize("written", ["1", "1.0", "0x1"])
def test_the_format_version_may_be_any_one(written: str) -> None:
    assert check(read(MODEL.replace("speccast: 1", f"speccast: {written}")), "model") == ()
