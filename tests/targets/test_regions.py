"""Regions of copied files: parts for APIs that have a feature."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from speccast.errors import SpeccastError
from speccast.targets.regions import select_regions
from speccast.targets.tree import Template

if TYPE_CHECKING:
    from pathlib import Path

FEATURES = {"on": True, "off": False}


def template(folder: Path, text: str) -> Template:
    file = folder / "a.py"
    file.write_text(text, encoding="utf-8")
    return Template("a.py", file, "templates/python/a.py")


def test_a_region_is_kept_for_apis_with_the_feature(tmp_path: Path) -> None:
    text = """\
first
    # speccast: if on
    kept
    # speccast: end
# speccast: if off
dropped
# speccast: end
last # speccast: if off
"""
    assert select_regions(template(tmp_path, text), FEATURES) == "first\n    kept\nlast # speccast: if off\n"


def test_a_file_that_is_one_region_is_empty_without_the_feature(tmp_path: Path) -> None:
    assert select_regions(template(tmp_path, "# speccast: if off\na\n# speccast: end\n"), FEATURES) == ""


@pytest.mark.parametrize("content", [b"a\n", b"# speccast: end\n", b"\xff\x00"])
def test_other_files_are_copied(tmp_path: Path, content: bytes) -> None:
    made = template(tmp_path, "")
    made.file.write_bytes(content)
    assert select_regions(made, FEATURES) is None


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a\n# speccast: if on\n", "a.py:2: the region has no end"),
        ("# speccast: if on\n# speccast: if off\n", "a.py:2: regions cannot be nested"),
        ("# speccast: if on\n# speccast: end\n# speccast: end\n", "a.py:3: this end belongs to no region"),
        ("# speccast: if of\n# speccast: end\n", "a.py:1: unknown feature of"),
    ],
)
def test_mistakes_are_reported_by_line(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(SpeccastError, match=message):
        select_regions(template(tmp_path, text), FEATURES)
