"""The differences between tests and documents, with reasons. No other module makes an exception."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Replacement:
    """The command to run instead of one in a document."""

    command: str
    reason: str


LINK_CLIENT = Replacement(
    "link-client", "README.md installs the same client, and each installation takes as long as ten commands"
)

REPLACED_COMMANDS = {
    "pip install --quiet ./generated/segmind/python": LINK_CLIENT,
    "pip install --quiet './generated/segmind/python[cli]'": LINK_CLIENT,
    'pip install --quiet "./generated/segmind/python[cli]"': LINK_CLIENT,
    'pip install "./generated/segmind/python[cli]"': LINK_CLIENT,
    'make test ARGS="tests/lint/test_cases.py -k P201"': Replacement(
        'make test ARGS="tests/lint/test_cases.py -k P201 -n 0"',
        "starting workers takes longer than the tests",
    ),
    "make test": Replacement("make --dry-run test", "it would run these tests"),
    ".venv/bin/pip install --require-hashes -r requirements/test.lock": Replacement(
        ".venv/bin/pip --version", "make setup, which ran before these tests, does the same"
    ),
    "python3 -m venv .venv": Replacement(
        "python3 -m venv --without-pip .venv", "pip is already installed, and installing it takes seconds"
    ),
    ".venv/bin/python -m pytest -n auto": Replacement(
        ".venv/bin/python -m pytest -n 0 -q -p no:cacheprovider tests/test_findings.py",
        "all tests take minutes",
    ),
}
"""By the command in the document, without its comment."""

OUTSIDE_THE_CLONE = {
    "speccast init acme": "the document says `in any folder`, so the block starts in an empty one",
}
"""Commands that start a block which does not run in the clone."""

CHECKED_ELSEWHERE = {
    ("README.md", "yaml"): "tests/docs/test_readme.py",
    ("docs/cluster.md", "py"): "tools/cluster/test_documentation.py",
    ("docs/cluster.md", "sh"): "tools/cluster/test_documentation.py",
    ("docs/drafting.md", "yaml"): "tests/pages/test_documentation.py",
    ("docs/configuration.md", "toml"): "tests/test_config.py",
    ("docs/merging.md", "text"): "tests/test_config.py",
    ("docs/linting.md", "text"): "tests/docs/test_linting.py",
    ("docs/linting.md", "toml"): "tests/docs/test_linting.py",
    ("docs/linting.md", "yaml"): "tests/docs/test_linting.py",
    ("docs/rules.md", "yaml"): "tests/lint/test_documentation.py",
    ("docs/rules.md", "toml"): "tests/lint/test_documentation.py",
    ("docs/changes.md", "yaml"): "tests/diff/test_rules.py",
    ("docs/reading-a-page.md", "json"): "tests/segmind/test_reading_a_page.py",
    ("docs/reading-a-page.md", "yaml"): "tests/segmind/test_reading_a_page.py",
    ("docs/spec-format.md", "yaml"): "tests/docs/test_spec_format.py",
    ("docs/targets.md", "toml"): "tests/targets/test_registry.py",
    ("docs/testing.md", "toml"): "tests/testing/test_plugin.py",
}
"""The test of each kind of block that is neither a command nor Python."""
