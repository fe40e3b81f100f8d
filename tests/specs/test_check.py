"""Checking against the format: hints come from the schemas, and every real spec passes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jsonschema_rs
import pytest

from speccast.specs import hints, schema_errors
from speccast.specs.check import check
from speccast.specs.document import MAX_FINDINGS, Document, read_document
from speccast.specs.format_types import schema_text
from speccast.specs.schema_errors import resolve_reference, schema

if TYPE_CHECKING:
    from collections.abc import Iterator

    from speccast.specs.schema_errors import SchemaName

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


def subschemas(part: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield every schema within a schema."""
    yield part
    for keyword in ("properties", "$defs"):
        for child in part.get(keyword, {}).values():
            yield from subschemas(child)
    for child in (
        part.get("items"),
        part.get("additionalProperties"),
        part.get("contains"),
        *part.get("anyOf", []),
    ):
        if isinstance(child, dict):
            yield from subschemas(child)


KINDS: list[SchemaName] = ["api", "model"]
OBJECTS = [
    (kind, part) for kind in KINDS for part in subschemas(schema(kind)) if part.get("properties") is not None
]


@pytest.mark.parametrize("path", REAL, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_real_specs_pass(path: Path) -> None:
    document = read_document(path.read_bytes(), path.name)

    assert check(document, "api" if path.stem == "api" else "model") == ()


def test_the_real_specs_were_found() -> None:
    assert len(REAL) > 10


@pytest.mark.parametrize("kind", KINDS)
def test_every_example_in_the_schemas_is_valid(kind: SchemaName) -> None:
    definitions = {"$defs": schema(kind)["$defs"]}
    for part in subschemas(schema(kind)):
        for example in part.get("examples", ()):
            if isinstance(example, dict | list | str | int):
                assert jsonschema_rs.is_valid({**part, **definitions}, example), example


def test_every_required_key_has_an_example_and_every_pattern_words() -> None:
    for kind, part in OBJECTS:
        for key in part.get("required", ()):
            line = hints.example_line(key, part, kind)
            assert read(line).value == {key: resolve_reference(part["properties"][key], kind)["examples"][0]}
    for kind in KINDS:
        for part in subschemas(schema(kind)):
            if isinstance(part.get("pattern"), str):
                assert part["patternErrorMessage"].startswith("must ")


def test_every_other_name_leads_to_a_key_or_value_that_exists() -> None:
    for _, part in OBJECTS:
        keys = part["properties"]
        others = [name for each in keys.values() for name in each.get("x-other-names", ())]
        assert len(set(others)) == len(others)
        assert not set(others) & keys.keys()
        assert not {key for each in part.get("x-not-keys", ()) for key in each["keys"]} & keys.keys()
    for kind in KINDS:
        for part in subschemas(schema(kind)):
            assert set(part.get("x-other-values", ())) <= set(
                part.get("enum", part.get("x-other-values", ()))
            )


@pytest.fixture
def new_keys(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A format with keys that no code knows of."""
    text = json.loads(schema_text("model"))
    text["properties"] |= {
        "shape": {"type": "string", "pattern": "^[a-z]+x[0-9]+$"},
        "seconds": {"type": "number", "exclusiveMaximum": 9, "examples": [1.5]},
        "weights": {"type": "array", "items": {"type": "number", "multipleOf": 2}, "maxItems": 3, "contains": {"const": 2}},
        "origin": {"anyOf": [{"type": "string"}, {"type": "object"}]},
        "mode": {"enum": ["fast", "exact"]},
    }  # fmt: skip
    text["required"] += ["seconds", "mode"]
    monkeypatch.setattr(schema_errors, "schema_text", lambda _: json.dumps(text))
    for cached in (schema_errors.schema, schema_errors._validator):
        cached.cache_clear()
    yield
    for cached in (schema_errors.schema, schema_errors._validator):
        cached.cache_clear()


def test_a_new_key_or_pattern_in_a_schema_needs_no_code(new_keys: None) -> None:
    text = "shape: 16:9\nweights: [1, 2, 4, 6]\norigin: 5\nmode: fastt\n"

    found = [(each.line, each.message, each.help) for each in check(read(MODEL + text), "model")]

    assert found == [
        (1, "the spec lacks the key `seconds`", "add a line such as `seconds: 1.5`"),
        (8, "`shape` is `16:9`, but must match the pattern ^[a-z]+x[0-9]+$", "correct the text"),
        (9, "`weights` must have at most 3 items", "keep the first ones; an enum can have `open: true`"),
        (9, "`weights[0]` must be a multiple of 2", "write a multiple"),
        (10, "`origin` must be text or a mapping, not a number", "write one of these"),
        (11, "`mode` must be one of fast, exact, not `fastt`", "did you mean `fast`?"),
    ]
    weights = check(read(f"{MODEL}seconds: 9\nmode: fast\nweights: [4]\n"), "model")
    assert [(each.line, each.message) for each in weights] == [
        (8, "`seconds` must be less than 9"),
        (10, "`weights` must satisfy `contains`: {'const': 2}"),
    ]


def test_a_missing_key_points_at_itself() -> None:
    (finding,) = check(read(MODEL.replace("title: Acme Image 1\n", "")), "model")

    assert finding.pointer == "/title"
    assert (finding.line, finding.column, finding.end_line, finding.end_column) == (1, 1, 1, 9)


def test_a_finding_of_a_repeated_item_names_the_first_one() -> None:
    (finding,) = check(read(MODEL.replace("[sync]", "[sync, async, sync]")), "model")

    assert finding.render() == (
        "acme-image-1.yaml:4:25: error[S208] `sync` is in `surfaces` twice\n"
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


def test_a_problem_in_an_anchored_node_is_reported_once() -> None:
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
def test_excessive_counts_are_refused_early(more: str, message: str) -> None:
    before, _, _ = MODEL.partition("parameters:")
    assert [finding.message for finding in check(read(f"{before}parameters:\n{more}"), "model")] == [message]


def test_nothing_else_is_said_of_a_spec_for_another_version_of_the_format() -> None:
    findings = check(read("speccast: 2\nslugs: [a, b]\n"), "model")

    assert [finding.rule for finding in findings] == ["S205"]


@pytest.mark.parametrize("written", ["1", "1.0", "0x1"])
def test_the_format_version_may_be_any_one(written: str) -> None:
    assert check(read(MODEL.replace("speccast: 1", f"speccast: {written}")), "model") == ()
