"""Documentation of rules, read from the docstring of their module.

A section begins with the code and the name of its rule. Prose and two examples follow, which the tests run.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_SECTION: Final = re.compile(r"^([A-Z]\d{3}) [a-z0-9-]+$", re.MULTILINE)
_FILE: Final = re.compile(r"^# (\S+\.ya?ml)\n", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Documentation:
    """The text about a rule and its two examples: file name to text. A few rules have no examples."""

    prose: str
    bad: Mapping[str, str]
    good: Mapping[str, str]


def documentation_in(docstring: str, code: str) -> Documentation:
    """Return the section of a rule."""
    parts = _SECTION.split(docstring)
    section = dict(zip(parts[1::2], parts[2::2], strict=True)).get(code, "")
    prose = section.partition("    Bad::")[0]
    return Documentation(_unindent(prose, 4), _example(section, "Bad"), _example(section, "Good"))


def explain_rule(documentation: Documentation) -> list[str]:
    """Return the documentation of a rule as lines of text."""
    lines = [documentation.prose]
    for title, example in _examples(documentation):
        lines += ["", f"{title}:", "", *(f"    {line}".rstrip() for line in example.splitlines())]
    return lines


def in_markdown(documentation: Documentation) -> str:
    """Return the documentation of a rule in Markdown."""
    examples = [f"{title}:\n\n```yaml\n{example}```" for title, example in _examples(documentation)]
    return "\n\n".join([documentation.prose, *examples])


def _examples(documentation: Documentation) -> Iterator[tuple[str, str]]:
    """Yield the title and the text of each example: its files, each below its name."""
    for title, example in (("Bad", documentation.bad), ("Good", documentation.good)):
        if example:
            files = (f"# {name}\n{text}" if name else text for name, text in example.items())
            yield title, "\n".join(files)


def _example(section: str, kind: str) -> Mapping[str, str]:
    match = re.search(rf"^    {kind}::\n\n((?: {{8}}.*\n|\n)+)", section, re.MULTILINE)
    if match is None:
        return {}
    text = _unindent(match[1], 8) + "\n"
    parts = _FILE.split(text)
    return dict(zip(parts[1::2], parts[2::2], strict=True)) or {"": text}


def _unindent(text: str, columns: int) -> str:
    return re.sub(rf"^ {{{columns}}}", "", text, flags=re.MULTILINE).strip()
