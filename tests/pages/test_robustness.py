"""Damaged pages: cut anywhere, lines lost or doubled, other encodings, entities. Nothing raises, hangs, or is lost silently."""

from __future__ import annotations

import html
import random
import time
from typing import TYPE_CHECKING, Any

import pytest

from speccast.pages.apis import ApiPaths
from speccast.pages.reader import read_page
from speccast.pages.text import PageText, decode
from speccast.pages.writing import spec_tree, write_spec
from speccast.specs.document import read_document
from tests.pages.printers import PRINTERS, page
from tests.thorough import cases

if TYPE_CHECKING:
    from collections.abc import Callable

RUNS = cases(120, 10_000)
"""Number of damaged pages."""
PATHS = ApiPaths("https://api.acme.example", "/v1/{slug}", "/v2/{slug}")
SPEC: dict[str, Any] = {
    "slug": "fox-1",
    "title": "Fox 1",
    "description": "Draws foxes & <b>hounds</b>.",
    "returns": ["image/png"],
    "parameters": {
        "prompt": {"type": "string", "required": True, "examples": ["https://acme.example/a.png"], "description": "Text"},
        "base64": {"type": "boolean", "default": False, "description": 'Send "base64"'},
        "mode": {"type": "string", "default": "a", "enum": list("abcdefghij"), "hidden_values": 3, "description": "Mode"},
        "seed": {"type": "integer", "default": -1, "minimum": -1, "maximum": 99, "description": "Größe of the seed"},
        "size": {"type": "integer", "enum": [256, 512, 1024], "default": 512, "description": "Size"},
    },
    "example": {"prompt": "a fox", "seed": 7, "size": 512, "mode": "b"},
}  # fmt: skip
OLDER: dict[str, Any] = {
    **SPEC,
    "parameters": {name: each for name, each in SPEC["parameters"].items() if "enum" not in each},
}
PAGES = [*(page(SPEC, layout) for layout in PRINTERS), page(OLDER, "attributes")]
INSERTED = (
    '"', "{", "[[[[", "optionalstring", "\nrequiredinteger\n", "Default: ", "Range: 1 - ", "+3 more", "\x00", "1e999",
    "9" * 5000, "\\ud800", "é", "Allowed values :\n", "--- piece ---\n", "Attributes\n", "a | b\n", "Parameters\n",
)  # fmt: skip


def cut(text: str, chance: random.Random) -> str:
    return text[: chance.randint(0, len(text))]


def behead(text: str, chance: random.Random) -> str:
    return text[chance.randint(0, len(text)) :]


def without_a_line(text: str, chance: random.Random) -> str:
    lines = text.split("\n")
    del lines[chance.randrange(len(lines))]
    return "\n".join(lines)


def with_a_line_twice(text: str, chance: random.Random) -> str:
    lines = text.split("\n")
    index = chance.randrange(len(lines))
    return "\n".join([*lines[:index], lines[index], *lines[index:]])


def without_a_part(text: str, chance: random.Random) -> str:
    start = chance.randint(0, len(text))
    return text[:start] + text[start + chance.randint(0, 60) :]


def with_an_insertion(text: str, chance: random.Random) -> str:
    start = chance.randint(0, len(text))
    return text[:start] + chance.choice(INSERTED) + text[start:]


DAMAGES: tuple[Callable[[str, random.Random], str], ...] = (
    cut,
    behead,
    without_a_line,
    with_a_line_twice,
    without_a_part,
    with_an_insertion,
    lambda text, _: html.escape(text),
    lambda text, _: f"{text}\n{text}",
    lambda text, chance: text.replace("\n", chance.choice(["\r\n", "\r", " ", "", "\n\n", "\u2028"])),
)


def test_damaged_pages_are_read_without_errors() -> None:
    chance = random.Random(7)
    for _ in range(RUNS):
        text = chance.choice(PAGES)
        for _ in range(chance.randint(1, 3)):
            text = chance.choice(DAMAGES)(text, chance)
        data = text.encode(chance.choice(["utf-8", "utf-8", "utf-16", "latin-1"]), "replace")
        start = time.process_time()
        found = read_page(decode(data, "page.txt"), PATHS)
        if found.is_page:
            written = write_spec(found, document="page.txt", date="2026-01-31")
            tree = spec_tree(found, document="page.txt", date="2026-01-31")
            assert read_document(written.encode(), "").value == tree
        assert time.process_time() - start < 2, text


@pytest.mark.parametrize("layout", PRINTERS)
def test_every_cut_is_noticed(layout: str) -> None:
    whole = page(SPEC, layout)
    for end in range(whole.index("API Endpoint"), len(whole) - 1, 7):
        found = read_page(decode(whole[:end].encode(), "page.txt"), PATHS)
        assert found.is_cut, whole[:end]


SIZE = cases(1, 3)
"""How long texts are. Time that grows with the square of the length takes minutes with either."""


@pytest.mark.parametrize(
    "text",
    [
        "x" * 100_000 * SIZE,
        '"' * 33_000 * SIZE,
        "[" * 33_000 * SIZE,
        "optionalstring" * 1700 * SIZE,
        "1" * 67_000 * SIZE,
        "data = { // " * 10_000 * SIZE,
        "/*" * 30_000 * SIZE + "}",
    ],
    ids=lambda text: text[:12],
)
def test_long_nonsense_is_read_in_time(text: str) -> None:
    start = time.process_time()
    for before in (
        "",
        "API Endpoint\nhttps://api.acme.example/v1/fox\nParameters\n",
        "Attributes\n\n\n",
        "data = {",
        "API Endpoint\nhttps://api.acme.example/v1/fox\nParameters\naoptionalnumberA\n0.5",
    ):
        read_page(decode((before + text).encode(), "page.txt"), PATHS)
    assert time.process_time() - start < 4 * SIZE


@pytest.mark.parametrize("kind", ["integer", "object", "object[]"])
def test_thousands_of_parameters_are_read_in_time(kind: str) -> None:
    printed = "".join(f"p{index:05d}optional{kind}Text\n{index}" for index in range(1000 * SIZE))
    text = (
        f"API Endpoint\nhttps://api.acme.example/v1/fox\nParameters\n{printed}Response Type\nReturns: Image\n"
    )
    start = time.process_time()
    found = read_page(decode(text.encode(), "page.txt"), PATHS)
    write_spec(found, document="page.txt", date="2026-01-31")
    assert time.process_time() - start < 2 * SIZE
    assert len(found.documented) == 1000 * SIZE
    certain = {
        str(pointer[1])
        for pointer, fact in found.facts.values.items()
        if pointer[0] == "parameters" and fact.is_certain
    }
    assert len(certain) == (1000 * SIZE if kind == "integer" else 1)


@pytest.mark.parametrize(
    ("data", "remark"),
    [
        ("Größe".encode("latin-1"), "the page is not UTF-8; it was read as Windows-1252"),
        (b"\xef\xbb\xbfx\xef\xbf\xbd", "some characters of the page are damaged"),
    ],
)
def test_doubtful_encodings_are_remarks(data: bytes, remark: str) -> None:
    assert decode(data, "page.txt").remarks == (remark,)


def test_escaped_page_is_the_page() -> None:
    for text in PAGES:
        plain, escaped = (decode(each.encode(), "page.txt") for each in (text, html.escape(text)))
        assert escaped.text == plain.text


def test_list_that_breaks_off_has_no_certain_example() -> None:
    text = 'API Endpoint\nhttps://api.acme.example/v1/fox\nParameters\nmode\nrequiredstring\nMode of it\n"one two"\n"thr'
    fact = read_page(decode(text.encode(), "page.txt"), PATHS).facts.values["parameters", "mode", "examples"]
    assert (fact.value, fact.is_certain) == (["one two"], False)


def test_first_line_without_a_description_is_doubtful() -> None:
    text = page(
        {**SPEC, "parameters": {"mode": {"type": "string", "default": "a", "enum": ["a", "b"]}}}, "itemized"
    )
    facts = read_page(decode(text.encode(), "page.txt"), PATHS).facts.values
    assert facts["parameters", "mode", "enum"].value == ["a", "b"]
    assert facts["parameters", "mode", "default"].readings
    assert facts["parameters", "mode", "description"].readings == ('"a"',)


@pytest.mark.parametrize("name", ["9" * 2000, "\\ud800x"])
def test_names_that_no_file_can_hold_are_kept_out(name: str) -> None:
    text = page({**SPEC, "example": {"prompt": "a", "odd": {"NAME": 1}, "NAME": 2}}, "labelled").replace(
        "NAME", name
    )
    found = read_page(decode(text.encode(), "page.txt"), PATHS)
    written = write_spec(found, document="page.txt", date="2026-01-31")
    assert read_document(written.encode(), "").value == spec_tree(
        found, document="page.txt", date="2026-01-31"
    )


@pytest.mark.parametrize(
    "rest",
    [
        "",
        "\n",
        "\nAl",
        "\nAllowed valu",
        "\nAllowed values (",
        "\nAllowed values (36",
        "\nAllowed values (36 total",
    ],
)
def test_label_that_breaks_off_leaves_no_certain_example(rest: str) -> None:
    text = "API Endpoint\nhttps://api.acme.example/v1/fox\nParameters\n\nmoderequired\nstring\n\nMode\n\nDefault: "
    found = read_page(decode(f'{text}"one two"{rest}'.encode(), "page.txt"), PATHS)
    examples = found.facts.values.get(("parameters", "mode", "examples"))
    assert examples is None or not examples.is_certain


def test_name_that_breaks_off_after_a_list_is_not_a_value() -> None:
    text = (
        'Fox\nDraws.\nurl = "https://api.acme.example/v1/fox"\ndata = {}\nAPI Endpoint\n'
        'https://api.acme.example/v1/foxParameters\nmodeoptionalstringMode\nAllowed values :\n"a""b"nullab'
    )
    facts = read_page(PageText("page.txt", text), PATHS).facts.values
    enum = facts["parameters", "mode", "enum"]
    assert not enum.is_certain
    assert ["a", "b"] in (enum.value, *enum.readings)


@pytest.mark.parametrize("end", [" o", " or", " a", " an", " and"])
def test_value_before_a_word_that_breaks_off_is_perhaps_a_description(end: str) -> None:
    text = (
        'Fox\nDraws.\nurl = "https://api.acme.example/v1/fox"\ndata = {}\nAPI Endpoint\n'
        f'https://api.acme.example/v1/foxParameters\nmodeoptionalstring"a"{end}'
    )
    facts = read_page(PageText("page.txt", text), PATHS).facts.values
    assert not facts["parameters", "mode", "default"].is_certain


@pytest.mark.parametrize("said", ["RESPONSE\nimage/j", "Returns: image/png, image/j"])
def test_media_type_that_breaks_off_is_doubtful(said: str) -> None:
    text = f'Fox\nDraws.\nurl = "https://api.acme.example/v1/fox"\ndata = {{"seed": 1}}\n{said}'
    assert not read_page(PageText("page.txt", text), PATHS).facts.values["returns",].is_certain
    whole = read_page(PageText("page.txt", f"{text}peg\n"), PATHS).facts.values["returns",]
    assert whole.is_certain


@pytest.mark.parametrize("end", ['Pro"pr', "Pro", "P", '"pr'])
def test_list_with_words_before_the_values_can_go_on(end: str) -> None:
    text = (
        'Fox\nDraws.\nurl = "https://api.acme.example/v1/fox"\ndata = {}\nAPI Endpoint\nhttps://api.acme.example/v1/fox\n'
        f'Parameters\nmodeoptional\nstring\n\nMode\n\nDefault: "pro"\nAllowed values :\nStandard"std"\n{end}'
    )
    enum = read_page(PageText("page.txt", text), PATHS).facts.values["parameters", "mode", "enum"]
    assert not enum.is_certain
