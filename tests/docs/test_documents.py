"""What documents show is true: their commands and snippets are run, in order, each document in a clone of its own."""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING

import pytest
from PIL import Image, ImageChops, ImageStat

from speccast.emulator.server import running
from speccast.specs.bundle import read_bundle

from .desk import desk, plain
from .documents import DOCUMENTS, ROOT, Block, blocks, steps
from .exceptions import CHECKED_ELSEWHERE, COMMANDS, ELSEWHERE

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

RUN = ("console", "python")
BLOCKS = {document: blocks(document) for document in DOCUMENTS}
WITH_SOMETHING_TO_RUN = [
    document for document, found in BLOCKS.items() if any(block.language in RUN for block in found)
]


@pytest.fixture(scope="module")
def emulator() -> Iterator[Mapping[str, str]]:
    """The variables that lead a client to an emulator, for documents that start none."""
    specs = ROOT / "generated" / "segmind" / "python" / "segmind_client" / "_specs.json"
    with running(read_bundle(specs)) as url:
        yield {"SEGMIND_BASE_URL": url, "SEGMIND_API_KEY": "any"}


@pytest.mark.skipif(os.name != "posix", reason="documents are written for a POSIX shell")
@pytest.mark.skipif(not (ROOT / ".git").exists(), reason="this is no git repository")
@pytest.mark.parametrize("document", WITH_SOMETHING_TO_RUN)
def test_what_is_shown_happens(
    document: str, tmp_path: Path, environment: Mapping[str, str], emulator: Mapping[str, str]
) -> None:
    for program in ("bash", "git", "make", "curl"):
        if shutil.which(program) is None:
            pytest.skip(f"{program} is not installed")
    with desk(tmp_path, {**environment, **emulator}) as at:
        for block in BLOCKS[document]:
            if block.language == "console":
                at.run(block)
            elif block.language == "python":
                at.execute(block)
        if document == "README.md":
            assert_alike(at.clone / "fox.jpg", ROOT / "docs" / "images" / "first-image.jpg")


def assert_alike(made: Path, shown: Path) -> None:
    """Two pictures are the same but for what versions of an encoder do."""
    with Image.open(made) as one, Image.open(shown) as other:
        assert one.size == other.size
        difference = ImageStat.Stat(ImageChops.difference(one.convert("RGB"), other.convert("RGB")))
        assert max(difference.mean) < 2, f"{shown} is not what the commands make; replace it by {made}"


@pytest.mark.parametrize("block", [block for found in BLOCKS.values() for block in found], ids=str)
def test_no_block_is_left_out(block: Block) -> None:
    if block.language not in RUN:
        test = CHECKED_ELSEWHERE.get((block.document, block.language))
        assert test, f"{block}: nothing runs or checks a block of {block.language or 'no language'!r}"
        assert (ROOT / test).is_file()
    if block.language == "console":
        assert steps(block)


def test_every_exception_is_needed() -> None:
    shown = {
        plain(step.command)
        for found in BLOCKS.values()
        for block in found
        if block.language == "console"
        for step in steps(block)
    }
    languages = {(block.document, block.language) for found in BLOCKS.values() for block in found}
    assert not (COMMANDS.keys() | ELSEWHERE) - shown
    assert not CHECKED_ELSEWHERE.keys() - languages
