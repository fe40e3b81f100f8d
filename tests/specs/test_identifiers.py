"""Names in code are the same on every version of Python."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from speccast.specs.identifiers import capitalize, is_allowed, is_certain, is_identifier, words

GENERATOR = Path(__file__).parents[2] / "generator"
DIGEST = "115c23b1"
SCRIPT = """
import sys, zlib
sys.path.insert(0, sys.argv[1])
from speccast.specs.identifiers import *
from speccast.specs.identifiers import is_certain
digest = 0
for first, last in (0x80, 0x3400), (0xa000, 0xac00), (0xe000, 0x20000), (0xe0000, 0xe0200):
    for code in range(first, last):
        sign = chr(code)
        assert not is_identifier(sign) or sign.isidentifier(), hex(code)
        value = is_identifier(sign), is_certain(sign), *words("a" + sign + "b"), capitalize(sign)
        digest = zlib.crc32(ascii(value).encode(), digest)
print(f"{digest:08x}")
"""


@pytest.mark.parametrize("version", ["3.11", "3.12", "3.13", "3.14"])
def test_every_version_of_python_makes_the_same_names(version: str) -> None:
    """Versions that are not installed are skipped. For 3.14, the digest was also computed with Pyodide."""
    is_own = sys.version_info[:2] == tuple(map(int, version.split(".")))
    python = sys.executable if is_own else _interpreter(version)
    if python is None:
        pytest.skip(f"Python {version} is not installed")
    ran = subprocess.run(
        [python, "-I", "-c", SCRIPT, str(GENERATOR)], capture_output=True, text=True, check=False
    )
    assert (ran.stdout.strip(), ran.stderr) == (DIGEST, "")


def _interpreter(version: str) -> str | None:
    """Return an interpreter of pyenv, or the one on the path."""
    installed = sorted((Path.home() / ".pyenv" / "versions").glob(f"{version}.*/bin/python"))
    return str(installed[-1]) if installed else shutil.which(f"python{version}")


@pytest.mark.parametrize("sign", ["\u30fb", "\U00011f02", "\ufe0f", "\u034f", "\u115f", "\u1160", "\u200d", "\xad", " ", "-", "\u2118"])  # fmt: skip
def test_new_and_invisible_characters_are_not_in_identifiers(sign: str) -> None:
    assert not is_identifier(f"a{sign}b")
    assert words(f"a{sign}b") == ["a", "b"]


@pytest.mark.parametrize("text", ["größe", "ключ", "काम", "_x", "a1", "class", "名前"])
def test_letters_of_all_alphabets_are_in_identifiers(text: str) -> None:
    assert is_identifier(text)
    assert all(map(is_allowed, text))


@pytest.mark.parametrize(
    ("text", "expected"), [("a b", True), ("größe", True), ("größe in cm", True), ("a\u30fbb", False), ("a\u30fb b", True)]
)  # fmt: skip
def test_versions_agree_on_names_of_known_characters(text: str, expected: bool) -> None:
    assert is_certain(text) is expected


def test_a_capital_letter_that_is_new_is_not_used() -> None:
    assert capitalize("\u019bx") == "\u019bx"  # Python 3.14 would use U+A7DC
    assert capitalize("über") == "Über"
