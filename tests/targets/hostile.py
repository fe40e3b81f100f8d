"""Hostile texts, and the checks that compare their output with that of harmless texts."""

from __future__ import annotations

import json
import random
import tomllib
from functools import cache
from typing import TYPE_CHECKING, Any, cast

from speccast.specs.build import build_api

from .support import (
    Place,
    benign,
    change_everywhere,
    change_text,
    drafted,
    is_inside,
    markdown_shape,
    objections,
    places,
    python_shape,
    unseen,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from speccast.specs.load import LoadedApi

NASTY = (
    # quotes and backslashes
    '"', "'", '"""', "'''", '""""', '"" "', "\\", "\\\\", '\\"""', "\\'", '"\\', "\\N{BULLET}", "\\x41", "{", "%s",
    # code
    '"""\nimport os\n"""', "')\nimport os\n#", '")]; import os #', "__import__('os')", "lambda: 0", "f'{1}'", "; 1",
    # templates
    "{{ model }}", "{% raw %}", "{# #}", "{{ '' | literal }}", "__package__", "__model__",
    # comments that tools obey
    "# type: ignore", "# noqa", "# fmt: off", "# ruff: noqa", "# pyright: basic", "coding: utf-7", "#!/bin/sh",
    # lines
    "a\nb", "a\r\nb", "\ra", "a\tb", "\x0b\x0c", "\x1c\x1d\x1e", "\x85", "\u2028a\u2029", " a ", "\n\n\n",
    # what a terminal obeys, and what nobody sees
    "\x1b[31m", "\x07\x08", "\x00", "\x7f", "\x9b31m", "\u202ea", "\u2066a", "\u200ba", "\ufeff", "\u00ad", "\U000e0041",
    "\uffff", "\U0010ffff",
    # Markdown and HTML
    "<script>alert(1)</script>", "-->", "--!>", "<!--", "<b>", "&lt;", "`", "```", "~~~", "| a |", "[a](b)", "![a](b)",
    "# a", "- a", "1. a", "> a", "---", "***", "_a_", "http://a.example", "=====", "$a$",
    # names
    "class", "None", "self", "timeout", "__init__", "_", "=", "\ufb01", "\u00aa", "\u00b2", "\u0967", "a\u0301", "\u05d0",
    "\U0001f98a", "../../x", "/etc/x", "C:\\x", "a/b", "con", "\u00df", "\u0130", "0", "1e3", "-1",
    # length
    "x" * 3000, "x " * 1500, '"' * 1000, "\\" * 999,
)  # fmt: skip

HARMLESS = ("x y", "x", "A", "1", "\ufb02", "a/c", "y" * 3000, "", "/a")
"""Texts that make names of parameters that are identifiers and others that are not, media types, long ones, no text, and a
path: where a description is empty, a page has no paragraph for it, and an upload at a path has no origin of its own.
"""

FREE = [place for place in places() if place.is_free]
PLACEHOLDERS = [place for place in places() if place.is_placeholder]
FORMED = [place for place in places() if not (place.is_free or place.is_placeholder)]


def short(value: object) -> str:
    return value.label if isinstance(value, Place) else ascii(value)[:40]


def shape(path: str, text: str) -> object:
    """Return what may not depend on the texts of a spec: the syntax of code, the elements of a page, the keys of a table."""
    if path.endswith(".py"):
        return python_shape(text)
    if path.endswith(".md"):
        return markdown_shape(text)
    return keys(tomllib.loads(text)) if path.endswith(".toml") else None


def keys(value: Any) -> object:
    if not isinstance(value, dict):
        return type(value).__name__
    # A script is called what the spec's command is.
    return {key: len(inner) if key == "scripts" else keys(inner) for key, inner in value.items()}


@cache
def plain() -> dict[str, str]:
    return drafted(build_api(benign()))


@cache
def plain_shapes() -> dict[str, object]:
    return {path: shape(path, text) for path, text in plain().items()}


@cache
def harmless(place: Place | None, text: str) -> dict[str, str] | None:
    """Return what a harmless text gives in this place, or in all places, by the paths of the plain draft."""
    api = change_text(place, text) if place else change_everywhere(text)
    return None if objections(api) else dict(zip(plain(), drafted(build_api(api)).values(), strict=True))


@cache
def harmless_shape(place: Place | None, text: str, path: str) -> object:
    made = harmless(place, text)
    return None if made is None else shape(path, made[path])


def is_harmless(made: object, path: str, place: Place | None) -> bool:
    return any(harmless_shape(place, text, path) == made for text in HARMLESS)


def faults(texts: Mapping[str, str], place: Place | None) -> list[str]:
    """Return the problems of a draft with hostile text in `place`, or in all places."""
    found = []
    # A slug or a name changes paths, never their number or order.
    for (path, text), known in zip(texts.items(), plain(), strict=True):
        if not is_inside(path):
            found.append(f"{path!r} is not a plain path in the output")
        if text == plain()[known]:
            continue
        if not path.endswith(".json") and unseen(text):
            found.append(f"{path} has {unseen(text)}")
        made = shape(path, text)
        if made != plain_shapes()[known] and not is_harmless(made, known, place):
            found.append(f"{path} is other code than with harmless text")
    return found


def specs_of(texts: Mapping[str, str]) -> Any:
    (text,) = (text for path, text in texts.items() if path.endswith("_specs.json"))
    return json.loads(text)


def assert_means_the_same(api: LoadedApi, texts: Mapping[str, str]) -> None:
    """The bundle holds the exact values of the specs."""
    assert specs_of(texts)["api"] == {"id": api.id} | cast("dict[str, Any]", api.api.value)
    assert specs_of(texts)["models"] == [model.value for model in api.models]


PIECES = tuple(
    text for text in NASTY if len(text) < 100 and not any("\ud800" <= sign <= "\udfff" for sign in text)
)
"""The characters of hostile texts; without lone surrogates, which no YAML file holds and no TOML file can."""


def hostile_texts(seed: int) -> Iterator[str]:
    """Texts without end, made of what means something to some language and of other characters; the same for a seed."""
    draw = random.Random(seed)
    planes = ((0, 0x20), (0x7F, 0x300), (0x2000, 0x2100), (0x300, 0xD800), (0xE000, 0x110000))

    def piece() -> str:
        return draw.choice(PIECES) if draw.random() < 0.7 else chr(draw.randrange(*draw.choice(planes)))

    while True:
        yield "".join(piece() for _ in range(draw.randint(1, 5)))
