"""Patterns that cannot be used, or not everywhere.

P105 pattern-invalid

    A `pattern` is a regular expression as Python's `re` reads it, looked for anywhere in the text. One that does not
    compile would stop the client, the emulator and the tests alike.

    Bad::

        parameters:
          color: { type: string, pattern: "^#([0-9a-f]{6}$" }

    Good::

        parameters:
          color: { type: string, pattern: "^#([0-9a-f]{6})$" }

P107 pattern-not-portable

    Other languages and JSON Schema's own tools read ECMAScript's regular expressions, which lack some of Python's:
    `(?P<name>…)`, `\\A` and `\\Z`, conditions, possessive repeats, atomic groups and flags in the middle.

    Bad::

        parameters:
          color: { type: string, pattern: '\\A#[0-9a-f]{6}\\Z' }

    Good::

        parameters:
          color: { type: string, pattern: "^#[0-9a-f]{6}$" }

P108 pattern-slow

    A pattern that takes more than 200,000 steps on a value of its own spec, for a program that tries one way after the
    other, as Python, JavaScript and most servers do. Mostly a repeat stands within a repeat, and a text that almost fits
    keeps such a program busy for longer than anyone waits. Steps are counted, no time is taken: the finding is the same
    on any machine.

    Bad::

        parameters:
          name: { type: string, pattern: "^(a+)+$|^a+!$", examples: [aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!] }

    Good::

        parameters:
          name: { type: string, pattern: "^a+!?$", examples: [aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!] }
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from speccast.findings import Severity
from speccast.lint.rule import ParameterRule, Violation
from speccast.specs.fit import compiled_pattern
from speccast.specs.regex import MANY_STEPS, is_slow
from speccast.specs.values import shown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from speccast.lint.context import ParameterContext

_PYTHONS: Final = re.compile(r"\(\?P[<=>]|\\[AZ]|\(\?\(|[*+?}]\+|\(\?>|\(\?[aiLmsux]+[):-]")
_INSTEAD: Final = {"\\A": "write ^", "\\Z": "write $", "(?P<": "write (?<", "(?P=": "write \\k<name>"}


def pattern_invalid(context: ParameterContext) -> Iterator[Violation]:
    pattern = context.spec.get("pattern")
    if pattern is None:
        return
    compiled = compiled_pattern(pattern)
    if isinstance(compiled, str):
        yield Violation(
            context.value("pattern"),
            f"the pattern of `{context.label}` is no regular expression: {compiled}",
            "a character that is meant as itself, such as ( or [, needs a backslash before it",
        )


def pattern_not_portable(context: ParameterContext) -> Iterator[Violation]:
    pattern = context.spec.get("pattern")
    if pattern is None:
        return
    match = _PYTHONS.search(pattern)
    if match:
        message = f"the pattern of `{context.label}` has `{match[0]}`, which only Python reads so"
        yield Violation(context.value("pattern"), message, _INSTEAD.get(match[0], "write it in other words"))


def pattern_slow(context: ParameterContext) -> Iterator[Violation]:
    pattern = context.spec.get("pattern")
    compiled = None if pattern is None else compiled_pattern(pattern)
    if not isinstance(compiled, re.Pattern):
        return
    parameter = context.parameter
    values = (parameter.default, *parameter.choices, *parameter.examples)
    slow = next((value for value in values if isinstance(value, str) and is_slow(compiled, value)), None)
    if slow is not None:
        message = f"the pattern of `{context.label}` takes over {MANY_STEPS:,} steps to be looked for in {shown(slow)}"
        yield Violation(
            context.value("pattern"), message, "write it without a repeat within, or right behind, a repeat"
        )


RULES: Final = (
    ParameterRule(
        code="P105",
        name="pattern-invalid",
        severity=Severity.ERROR,
        summary="a pattern that is no regular expression",
        needed=True,
        keywords=frozenset({"pattern"}),
        check=pattern_invalid,
    ),
    ParameterRule(
        code="P107",
        name="pattern-not-portable",
        severity=Severity.INFO,
        summary="a pattern that only Python reads as it is meant",
        default=False,
        keywords=frozenset({"pattern"}),
        check=pattern_not_portable,
    ),
    ParameterRule(
        code="P108",
        name="pattern-slow",
        severity=Severity.INFO,
        summary="a pattern that takes very many steps on a value of its own spec",
        keywords=frozenset({"pattern"}),
        check=pattern_slow,
    ),
)
