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

    Python, JavaScript and most servers try one way to match after another. Where a repeat stands within a repeat, the number
    of ways can double with each character, and a text that almost matches keeps such a program busy for years. Speccast
    never starts a search that could take more than ten million steps, so such a pattern is not checked on long
    texts: neither here nor in the client. The bound is an estimate from the form of the pattern and depends on no clock.

    The rule reports a pattern that is not checked on texts that the parameter allows, up to `maxLength`, or 100 characters
    without it, or on a value of the spec itself.

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

from speccast.core.patterns import PatternError, compile_pattern
from speccast.findings import Severity
from speccast.lint.rule import ParameterRule, Violation

if TYPE_CHECKING:
    from collections.abc import Iterator

    from speccast.lint.context import ParameterContext

_PYTHONS: Final = re.compile(r"\(\?P[<=>]|\\[AZ]|\(\?\(|[*+?}]\+|\(\?>|\(\?[aiLmsux]+[):-]")
_USUAL_LENGTH: Final = 100
"""Characters that a text is expected to have at most where the spec gives no `maxLength`."""
_INSTEAD: Final = {"\\A": "write ^", "\\Z": "write $", "(?P<": "write (?<", "(?P=": "write \\k<name>"}


def pattern_invalid(context: ParameterContext) -> Iterator[Violation]:
    pattern = context.spec.get("pattern")
    if pattern is None:
        return
    try:
        compile_pattern(pattern)
    except PatternError as error:
        yield Violation(
            context.value("pattern"),
            f"the pattern of `{context.label}` is not a regular expression: {error}",
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
    parameter = context.parameter
    try:
        limit = compile_pattern(parameter.pattern or "").longest
    except PatternError:
        return
    values = (parameter.default, *parameter.choices, *parameter.examples)
    longest = max((len(value) for value in values if isinstance(value, str)), default=0)
    allowed = _USUAL_LENGTH if parameter.max_length is None else parameter.max_length
    if limit < max(longest, allowed):
        message = f"the pattern of `{context.label}` is not checked on texts of more than {max(limit, 0)} characters"
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
        summary="a pattern that could take too long to be checked on long texts",
        keywords=frozenset({"pattern"}),
        check=pattern_slow,
    ),
)
