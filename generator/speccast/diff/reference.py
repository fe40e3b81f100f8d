"""Renders the documentation of the rules, for the terminal and as the reference page, from the docstrings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from speccast.diff.change import Level, Side
from speccast.diff.rules import RULES, documentation
from speccast.rule_documentation import explain_rule, in_markdown

if TYPE_CHECKING:
    from speccast.diff.change import ChangeRule

REFERENCE: Final = "docs/changes.md"
"""The reference page in the repository, which tools/scripts/rules.py writes."""

_INTRODUCTION: Final = """\
<!-- Made by tools/scripts/rules.py from generator/speccast/diff/; do not edit. -->
# The changes that `speccast diff` reports

Each change has a code, which never changes its meaning, and has a level for each side: {sides}. See
[releasing.md](releasing.md) for how to use them.

{levels}

Until a vendored copy is updated, it is a client that exists already; afterwards its package calls the new client. So the level for a
copy is that for the wire or for Python, whichever is more severe. Only another name of the distribution does not matter, since a
copy is not installed.

Each break is reported with a witness: a request, a call or a command that works with the old version and not with the new one. A
request for a parameter is one that the JSON Schema of the old model accepts and that of the new model refuses. Where nothing is found
that shows a break, the change counts as `behavior`. `speccast diff --prove` runs the witnesses ([how](releasing.md#proof)).

| code | name | at most | reports |
|---|---|---|---|
"""
_LEVELS: Final = {
    Level.BREAKING: "something that worked does not work anymore",
    Level.BEHAVIOR: "everything that worked still works, perhaps with another result",
    Level.ADDITION: "more is possible",
    Level.TEXT: "only what people read changes; not reported unless `--level text` asks for it",
}
_SIDES: Final = {
    Side.WIRE: "clients that exist already",
    Side.PYTHON: "code that calls the Python client",
    Side.COMMAND_LINE: "scripts that run its command line",
    Side.COPY: "packages that vendor it",
    Side.TESTS: "tests that run with the new client and its emulator",
}


def page() -> str:
    """Return the reference page as Markdown."""
    sides = ", ".join(f"*{side.value}* ({text})" for side, text in _SIDES.items())
    levels = "\n".join(f"- **{level.word}**: {text}." for level, text in _LEVELS.items())
    rows = "\n".join(
        f"| [{rule.code}](#{anchor(rule)}) | {rule.name} | {rule.level.word} | {rule.summary} |"
        for rule in RULES
    )
    sections = "\n\n".join(map(_section, RULES))
    return f"{_INTRODUCTION.format(sides=sides, levels=levels)}{rows}\n\n{sections}\n"


def explanation(rule: ChangeRule) -> str:
    """Return the documentation of a rule as text."""
    lines = [
        f"{rule.code} {rule.name}",
        "",
        f"at most {rule.level.word}",
        "",
        *explain_rule(documentation(rule)),
    ]
    return "\n".join([*lines, "", f"{REFERENCE}#{anchor(rule)}"])


def find(name: str) -> ChangeRule | None:
    """Return the rule with a code or a name, ignoring case."""
    word = name.strip().lower()
    return next((rule for rule in RULES if word in (rule.code.lower(), rule.name)), None)


def anchor(rule: ChangeRule) -> str:
    """Return the anchor of a rule's heading in the reference page."""
    return f"{rule.code.lower()}-{rule.name}"


def _section(rule: ChangeRule) -> str:
    return f"### {rule.code} {rule.name}\n\n*at most {rule.level.word}*\n\n{in_markdown(documentation(rule))}"
