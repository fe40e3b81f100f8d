"""Links between documents have a target, pictures can be decoded, and the commands in the text exist."""

from __future__ import annotations

import re
import shlex
from xml.etree import ElementTree

import click
import pytest
from PIL import Image

from speccast.cli import COMMANDS, command

from .documents import DOCUMENTS, ROOT, anchors, code_spans, links, read

LINKS = {
    document: [link for link in links(document) if not link.startswith(("https://", "mailto:"))]
    for document in DOCUMENTS
}
TARGETS = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))


@pytest.mark.parametrize("document", DOCUMENTS)
def test_targets_of_links_exist(document: str) -> None:
    for link in LINKS[document]:
        path, _, anchor = link.partition("#")
        target = (ROOT / document).parent / path if path else ROOT / document
        assert target.exists(), f"no {path}"
        assert target.resolve().is_relative_to(ROOT), path
        if anchor:
            assert anchor in anchors(target.resolve().relative_to(ROOT).as_posix()), f"no #{anchor}"


def test_readme_links_to_every_document() -> None:
    linked = {link.partition("#")[0] for link in LINKS["README.md"]}
    assert [document for document in DOCUMENTS if document not in {"README.md", *linked}] == []


def test_pictures_in_readme_are_valid() -> None:
    sizes: dict[str, tuple[int, int]] = {}
    for picture in re.findall(r"!\[[^]]+\]\(([^)]+)\)", read("README.md")):
        if picture.endswith(".svg"):
            root = ElementTree.parse(ROOT / picture).getroot()
            assert root.tag == "{http://www.w3.org/2000/svg}svg"
            sizes[picture] = (0, 0)
            continue
        with Image.open(ROOT / picture) as image:
            image.load()
            assert image.format == "JPEG"
            sizes[picture] = image.size
    assert sizes == {
        "docs/images/first-image.jpg": (640, 384),
        "docs/images/chain.jpg": (512, 512),
        "docs/images/speed.svg": (0, 0),  # any size
    }


@pytest.mark.parametrize("document", DOCUMENTS)
def test_commands_in_the_text_exist(document: str) -> None:
    for span in code_spans(document):
        if span.startswith("make "):
            assert span.split()[1] in TARGETS, span
        elif span.startswith("speccast "):
            assert_command_exists(shlex.split(span)[1:])


def assert_command_exists(words: list[str]) -> None:
    name, *rest = words
    if name.isupper():
        return
    assert name in COMMANDS, f"unknown command `speccast {name}`"
    assert isinstance(command, click.Group)
    options = command.get_command(click.Context(command), name)
    assert options is not None
    flags = {flag for option in options.params for flag in option.opts} | {"--help"}
    assert {word for word in rest if word.startswith("-")} <= flags
