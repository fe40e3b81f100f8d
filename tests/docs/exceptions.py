"""Where the tests do something else than what a document shows, and why. There is no other place for that."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Instead:
    """What is run in place of a command."""

    command: str
    reason: str


COMMANDS = {
    "make test": Instead("make --dry-run test", "it is what runs these tests"),
    "python3 -m venv .venv": Instead(
        "python3 -m venv --without-pip .venv", "pip is there already, and bringing it again takes seconds"
    ),
    ".venv/bin/python -m pytest -n auto": Instead(
        ".venv/bin/python -m pytest -n 0 -q -p no:cacheprovider tests/test_findings.py",
        "all tests take minutes",
    ),
}
"""By the command as the document has it, without a comment behind it."""

ELSEWHERE = {
    "speccast init acme": "the document says `in any folder`, so the block begins in an empty one",
}
"""Commands that begin a block which does not happen in the clone."""

CHECKED_ELSEWHERE = {
    ("README.md", "yaml"): "tests/docs/test_readme.py",
    ("docs/linting.md", "text"): "tests/docs/test_linting.py",
    ("docs/linting.md", "toml"): "tests/docs/test_linting.py",
    ("docs/linting.md", "yaml"): "tests/docs/test_linting.py",
    ("docs/rules.md", "yaml"): "tests/lint/test_documentation.py",
    ("docs/rules.md", "toml"): "tests/lint/test_documentation.py",
    ("docs/reading-a-page.md", "yaml"): "tests/segmind/test_reading_a_page.py",
    ("docs/spec-format.md", "yaml"): "tests/docs/test_spec_format.py",
    ("docs/testing.md", "toml"): "tests/testing/test_plugin.py",
}
"""Blocks that are no commands and no Python: the test that has them."""
