"""Runs the commands and snippets of each document in order, in a clone of the last commit."""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING

import pytest
from PIL import Image, ImageChops, ImageStat

from speccast.emulator.server import start_emulator
from speccast.specs.bundle import read_bundle

from .documents import DOCUMENTS, ROOT, blocks, steps
from .exceptions import CHECKED_ELSEWHERE, OUTSIDE_THE_CLONE, REPLACED_COMMANDS
from .runner import document_runner, plain

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

RUN = ("console", "python")
BLOCKS = {document: blocks(document) for document in DOCUMENTS}
RUNNABLE = [document for document, found in BLOCKS.items() if any(block.language in RUN for block in found)]


@pytest.fixture(scope="module")
def emulator() -> Iterator[Mapping[str, str]]:
    """Variables that point a client to an emulator, for documents that start none."""
    specs = ROOT / "generated" / "segmind" / "python" / "segmind_client" / "_specs.json"
    with start_emulator(read_bundle(specs)) as served:
        url = served.url
        yield {"SEGMIND_BASE_URL": url, "SEGMIND_API_KEY": "any"}


@pytest.mark.skipif(os.name != "posix", reason="documents are written for a POSIX shell")
@pytest.mark.skipif(not (ROOT / ".git").exists(), reason="needs a git repository")
@pytest.mark.parametrize("document", RUNNABLE)
def test_document_shows_actual_output(
    document: str, tmp_path: Path, environment: Mapping[str, str], emulator: Mapping[str, str]
) -> None:
    for program in ("bash", "git", "make", "curl"):
        if shutil.which(program) is None:
            pytest.skip(f"{program} is not installed")
    with document_runner(tmp_path, {**environment, **emulator}) as runner:
        for block in BLOCKS[document]:
            if block.language == "console":
                runner.run(block)
            elif block.language == "python":
                runner.execute(block)
        if document == "README.md":
            images = ROOT / "docs" / "images"
            assert_same_picture(runner.clone / "fox.jpg", images / "first-image.jpg")
            assert_same_picture(runner.snippets / "chain.jpg", images / "chain.jpg")


def assert_same_picture(made: Path, shown: Path) -> None:
    """Compare pictures, with tolerance for different versions of the encoder."""
    with Image.open(made) as one, Image.open(shown) as other:
        assert one.size == other.size
        difference = ImageStat.Stat(ImageChops.difference(one.convert("RGB"), other.convert("RGB")))
        assert max(difference.mean) < 2, (
            f"{shown} differs from the result of the commands; replace it with {made}"
        )


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_block_is_tested(document: str) -> None:
    for block in BLOCKS[document]:
        if block.language not in RUN:
            test = CHECKED_ELSEWHERE.get((document, block.language))
            assert test, f"{block}: no test for blocks of {block.language or 'no language'!r}"
            assert (ROOT / test).is_file()
        if block.language == "console":
            assert steps(block), str(block)


def test_every_exception_is_needed() -> None:
    shown = {
        plain(step.command)
        for found in BLOCKS.values()
        for block in found
        if block.language == "console"
        for step in steps(block)
    }
    languages = {(block.document, block.language) for found in BLOCKS.values() for block in found}
    assert not (REPLACED_COMMANDS.keys() | OUTSIDE_THE_CLONE) - shown
    assert not CHECKED_ELSEWHERE.keys() - languages
