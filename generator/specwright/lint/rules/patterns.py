"""Patterns that cannot be used.

P105 pattern-invalid

    A `pattern` is a regular expression as Python's `re` reads it, looked for anywhere in the text. One that does not
    compile would stop the client, the emulator and the tests alike.

    Bad::

        parameters:
          color: { type: string, pattern: "^#([0-9a-f]{6}$" }

    Good::

        parameters:
          color: { type: string, pattern: "^#([0-9a-f]{6})$" }
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from specwright.findings import Severity
from specwright.lint.rule import ParameterRule, Violation
from specwright.spec.fit import compiled_pattern

if TYPE_CHECKING:
    from collections.abc import Iterator

    from specwright.lint.context import ParameterContext


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


RULES: Final = (
    ParameterRule(
        code="P105",
        name="pattern-invalid",
        severity=Severity.ERROR,
        summary="a pattern that is no regular expression",
        needed=True,
        check=pattern_invalid,
    ),
)
