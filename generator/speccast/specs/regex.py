"""Security boundary: whether a pattern is found in a text, without ever waiting for one that would take for ever.

A pattern such as `^(a+)+$` can keep Python's `re` busy for longer than anyone lives, and nothing interrupts it from within.
So only what cannot take long, by the shape of the pattern and the length of the text, is left to `re`; for the rest steps
are counted, of which there is a number for each API. What is not known when they are used up stays unknown. No clock has a
say: the same specs give the same answers on any machine, however busy.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Final

from speccast.specs.regex_program import PARSER, UnsupportedError, program
from speccast.specs.regex_steps import OutOfStepsError, Steps, found

MANY_STEPS: Final = 200_000
"""Steps that are too few to be noticed; a pattern that takes more is slow."""
_FOR_ONE_TEXT: Final = 300_000
_FOR_ALL: Final = 1_000_000
_DOLLAR: Final = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|\$", re.DOTALL)
_MANY: Final = 10
"""A repeat with so many choices counts as one without end."""


@dataclass(slots=True)
class _Allowance:
    """The steps that are left, and the answers that need not be looked for again."""

    left: int = _FOR_ALL
    known: dict[tuple[str, str, bool], bool | None] = field(default_factory=dict)


_allowance = [_Allowance()]


def begin_anew() -> None:
    """Gives steps for the next API, so that what is found in it does not hang on those before it."""
    _allowance[0] = _Allowance()


@dataclass(frozen=True, slots=True)
class Shape:
    """What can be told of a pattern without trying it.

    `degree` is how many repeats of many stand beside each other, `is_nested` whether one holds something that can match
    in more than one way. `shortest` and `longest` are the lengths of what is found; `longest` counts for the whole text
    only where the pattern `is_whole`, that is, bound to both ends.
    """

    degree: int
    is_nested: bool
    shortest: int
    longest: int
    is_whole: bool

    def is_quick(self, length: int) -> bool:
        if self.is_nested:
            return length <= _MANY
        return int(max(length, 1) ** (self.degree + 1)) <= MANY_STEPS


def anchored(pattern: str) -> str:
    """A pattern with each `$` that is an anchor, so neither escaped nor in brackets, as the end of the text.

    That is what it means in JSON Schema; Python also finds it before a line break at the end.
    """
    return _DOLLAR.sub(lambda found: r"\Z" if found[0] == "$" else found[0], pattern)


def search(compiled: re.Pattern[str], text: str) -> bool | None:
    """Whether the pattern is found somewhere in the text; None where that would take too long to find out."""
    if shape(compiled.pattern).is_quick(len(text)):
        return compiled.search(text) is not None
    return _counted(compiled.pattern, text, _FOR_ONE_TEXT, once=True)


def is_slow(compiled: re.Pattern[str], text: str) -> bool:
    """Whether a program that tries one way after the other, as `re` does, takes many steps to look for the pattern."""
    pattern, allowance = compiled.pattern, _allowance[0]
    if shape(pattern).is_quick(len(text)) or not _has_program(pattern):
        return False
    if (pattern, text, False) not in allowance.known and allowance.left < MANY_STEPS:
        return False
    return _counted(pattern, text, MANY_STEPS, once=False) is None


@lru_cache(maxsize=512)
def shape(pattern: str) -> Shape:
    """The shape of a pattern that compiles."""
    tree = PARSER.parse(pattern)
    degree, is_nested = _repeats(tree, inside=False)
    shortest, longest = tree.getwidth()
    ends = [str(argument) for operator, argument in tree if str(operator) == "AT"]
    first, last = (str(tree[0][0]), str(tree[-1][0])) if len(tree) else ("", "")
    is_whole = first == last == "AT" and len(ends) == 2 and "BEGINNING" in ends[0] and "END" in ends[1]
    return Shape(degree, is_nested, int(shortest), int(longest), is_whole)


def _counted(pattern: str, text: str, most: int, *, once: bool) -> bool | None:
    allowance = _allowance[0]
    key = (pattern, text, once)
    if key not in allowance.known:
        steps = Steps(min(most, allowance.left))
        given = steps.left
        try:
            allowance.known[key] = found(program(pattern), text, steps, once=once)
        except (OutOfStepsError, UnsupportedError):
            allowance.known[key] = None
        allowance.left -= given - steps.left
    return allowance.known[key]


def _has_program(pattern: str) -> bool:
    try:
        program(pattern)
    except UnsupportedError:
        return False
    return True


def _repeats(tree: Any, *, inside: bool) -> tuple[int, bool]:
    """The degree of a part of a pattern, and whether it has repeats of what can match in more than one way."""
    degree, is_nested = 0, False
    for operator, argument in tree:
        name = str(operator)
        parts: list[Any] = []
        repeats = False
        match name:
            case "MAX_REPEAT" | "MIN_REPEAT" | "POSSESSIVE_REPEAT":
                least, most, part = argument
                parts = [part]
                repeats = int(most) - int(least) >= _MANY
                is_nested |= inside and int(most) != int(least)
            case "BRANCH":
                parts = list(argument[1])
                is_nested |= inside
            case "SUBPATTERN":
                parts = [argument[-1]]
            case "ASSERT" | "ASSERT_NOT":
                parts = [argument[1]]
            case "ATOMIC_GROUP":
                parts = [argument]
            case "GROUPREF_EXISTS":
                parts = [part for part in argument[1:] if part is not None]
            case "GROUPREF":
                is_nested = True
            case _:
                pass
        degree += repeats
        for part in parts:
            deeper, nested = _repeats(part, inside=inside or repeats)
            degree, is_nested = degree + deeper, is_nested or nested
    return degree, is_nested
