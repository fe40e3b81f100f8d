"""Patterns that cannot be used, or not in all languages.

P105 pattern-invalid

    A `pattern` is a regular expression of Python's `re` that must match somewhere in the text. One that does not
    compile would break the client, the emulator and the tests.

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

    Python, JavaScript and most servers match by backtracking. With nested repeats, the number of steps can double
    with each character, so a text that almost matches can take years. Speccast never starts a search that could
    take more than ten million steps, so such a pattern is not checked on long texts, neither by lint nor by the
    client. The limit is computed from the pattern, not from a clock.

    The rule reports patterns that are not checked on texts that the parameter allows (up to `maxLength`, or 100
    characters without it), or on a value of the spec.

    Bad::

        parameters:
          name: { type: string, pattern: "^(a+)+$|^a+!$", examples: [aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!] }

    Good::

        parameters:
          name: { type: string, pattern: "^a+!?$", examples: [aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!] }
"""

from __future__ import annotations

import re
from typing import Final

from speccast.core.patterns import PatternError, compile_pattern
from speccast.lint.rule import ParameterContext, RuleViolation, Severity, Violations, parameter_rule

_PYTHONS: Final = re.compile(r"\(\?P[<=>]|\\[AZ]|\(\?\(|[*+?}]\+|\(\?>|\(\?[aiLmsux]+[):-]")
_USUAL_LENGTH: Final = 100
"""The expected maximum length of a text without `maxLength`."""
_INSTEAD: Final = {"\\A": "write ^", "\\Z": "write $", "(?P<": "write (?<", "(?P=": "write \\k<name>"}


@parameter_rule(
    "P105", Severity.ERROR, "a pattern that is not a regular expression", needed=True, keywords={"pattern"}
)
def pattern_invalid(context: ParameterContext) -> Violations:
    pattern = context.spec.get("pattern")
    if pattern is None:
        return
    try:
        compile_pattern(pattern)
    except PatternError as error:
        yield RuleViolation(
            context.value("pattern"),
            f"the pattern of `{context.label}` is invalid: {error}",
            "correct it; to match a character such as ( or [ itself, write a backslash before it",
        )


@parameter_rule(
    "P107", Severity.INFO, "a pattern that only Python supports", default=False, keywords={"pattern"}
)
def pattern_not_portable(context: ParameterContext) -> Violations:
    pattern = context.spec.get("pattern")
    if pattern is None:
        return
    match = _PYTHONS.search(pattern)
    if match:
        message = f"the pattern of `{context.label}` contains `{match[0]}`, which only Python supports"
        yield RuleViolation(
            context.value("pattern"), message, _INSTEAD.get(match[0], "write the pattern without it")
        )


@parameter_rule(
    "P108",
    Severity.INFO,
    "a pattern that could take too long to be checked on long texts",
    keywords={"pattern"},
)
def pattern_slow(context: ParameterContext) -> Violations:
    parameter = context.parameter
    if parameter.pattern is None:
        return
    try:
        limit = compile_pattern(parameter.pattern).longest
    except PatternError:
        return
    values = (parameter.default, *parameter.choices, *parameter.examples)
    longest = max((len(value) for value in values if isinstance(value, str)), default=0)
    allowed = _USUAL_LENGTH if parameter.max_length is None else parameter.max_length
    if limit < max(longest, allowed):
        message = f"the pattern of `{context.label}` is not checked on texts of more than {max(limit, 0)} characters"
        untested = [
            keyword for keyword in ("minLength", "maxLength") if context.keywords.get(keyword, 0) > limit
        ]
        if untested:
            message += f", so no test is at its {' and '.join(untested)}"
        yield RuleViolation(
            context.value("pattern"), message, "rewrite it without nested or adjacent repeats"
        )
