"""Security boundary: search the patterns of a spec in texts, within a bounded number of steps.

Python's `re` cannot be interrupted, and some patterns keep it busy for years: each character of the text can double the
work of `^(a+)+$`. So the steps of a search are estimated beforehand, from the form of the pattern and the length of the text.
A search that could take more than `MAX_STEPS` is not started, and its result is None: undecided. The estimate is an upper
bound and does not depend on a clock, so the same pattern and text have the same result on every machine.

The steps of a pattern are those of its parts, multiplied by the number of ways to match what precedes each part:

- A repeat of one character, or of something that can match in one way only, has as many ways as the text has characters,
  but one way if the next character must end it, as in `[a-z]+;`.
- A repeat within a repeat has exponentially many ways, except in the form `(-[a-z]+)*`, where each round begins with a
  character that cannot be part of the round before.
"""

from __future__ import annotations

import re
import warnings
from bisect import bisect_left
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import pairwise
from math import prod
from typing import TYPE_CHECKING

from .frozen_classes import Frozen

if TYPE_CHECKING:
    from collections.abc import Callable

MAX_STEPS = 10_000_000
"""Steps that a search may take, which is a fraction of a second."""

MAX_LENGTH = 5_000
"""Characters of the longest pattern that is compiled."""

_TOKEN = re.compile(
    r"""
    (?P<skipped> \(\?\#[^)]*\) | \(\?[a-zA-Z]+\) )                       # a comment, or flags
  | (?P<octal> \\0[0-7]{0,2} | \\[1-3][0-7]{2} )
  | (?P<reference> \(\?P=[^)]*\) | \\[1-9][0-9]? )
  | (?P<open> \( (?: \?\([^)]*\) | \?P?<\w[^>]*> | \?<?[=!] | \?> | \?[a-zA-Z-]*: )? )
  | (?P<close> \) )
  | (?P<bar> \| )
  | (?P<quantifier> (?: [*+?] | \{ (?=[\d,]) \d* ,? \d* \} ) [+?]? )
  | (?P<one> \\x[0-9a-fA-F]{2} | \\u[0-9a-fA-F]{4} | \\U[0-9a-fA-F]{8} | \\N\{[^}]*\} | \\.
           | \[\^?\]?(?:\\.|[^\]\\])*\] | . )
    """,
    re.VERBOSE | re.DOTALL,
)
_LITERAL = re.compile(r"\\([^a-zA-Z0-9])|([^\\.^$\[])", re.DOTALL)
_DOLLAR = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|\$", re.DOTALL)
_ATOMIC = ("(?=", "(?!", "(?<=", "(?<!", "(?>")
_VERBOSE = re.compile(r"\(\?[a-zA-Z]*x")
_FLAGS_WITHIN = re.compile(r"\(\?[a-zA-Z-]+:")
_FLAGS_OF_CHARACTERS = re.IGNORECASE | re.DOTALL | re.ASCII
_UNBOUNDED = 1 << 32


class PatternError(ValueError):
    """The pattern is not a regular expression. The message names the position where that is known."""


class Pattern(Frozen):
    """A compiled pattern. `$` matches only at the end of the text, as in JSON Schema.

    Texts of more than `longest` characters are not searched.
    """

    source: str
    longest: int
    _compiled: re.Pattern[str]
    _steps: Callable[[int], int] = field(compare=False, repr=False)

    def steps(self, text: str) -> int:
        """Return an upper bound of the steps that a search in the text takes; 0 if the text is too long to be searched."""
        if len(text) > self.longest:
            return 0
        # Of the next power of two, so that few bounds are computed and all of them cached.
        return min(self._steps(1 << len(text).bit_length()), MAX_STEPS)

    def search(self, text: str) -> bool | None:
        """Return whether the pattern is found anywhere in the text, or None where that could take too long."""
        return self._compiled.search(text) is not None if len(text) <= self.longest else None


@lru_cache(maxsize=512)
def compile_pattern(source: str) -> Pattern:
    """Compile a pattern.

    Raises:
        PatternError: it is not a regular expression, or is longer than `MAX_LENGTH`.
    """
    if len(source) > MAX_LENGTH:
        raise PatternError(f"it has {len(source)} characters, more than {MAX_LENGTH}")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            compiled = re.compile(source)  # first unchanged, so that positions are those of the spec
            compiled = re.compile(_DOLLAR.sub(lambda found: r"\Z" if found[0] == "$" else found[0], source))
    except re.error as error:
        position = "" if error.pos is None else f" at character {error.pos + 1}"
        raise PatternError(f"{error.msg}{position}") from None
    except (OverflowError, RecursionError) as error:
        raise PatternError(str(error) or type(error).__name__) from None
    # The spaces and comments of a verbose pattern are not parsed here, so it is never searched.
    if _VERBOSE.search(source):
        return Pattern(source, -1, compiled, lambda length: 0)
    steps = _step_counter(_parse(source, compiled), compiled)
    longest = bisect_left(range(MAX_STEPS), True, key=lambda length: steps(length) > MAX_STEPS) - 1
    return Pattern(source, longest, compiled, steps)


def _step_counter(branches: list[list[_Atom]], compiled: re.Pattern[str]) -> Callable[[int], int]:
    """Return a function that bounds the steps of a search in a text of some length."""
    first = branches[0][0].source if len(branches) == 1 and branches[0] else ""
    is_anchored = first == r"\A" or (first == "^" and not compiled.flags & re.MULTILINE)

    @lru_cache(maxsize=32)
    def steps(length: int) -> int:
        own, ways = _estimate(branches, length)
        return (own + ways) * (1 if is_anchored else length + 1)

    return steps


@dataclass(slots=True)
class _Atom:
    """A character, class or place, a group (with its branches) or a reference to one, and how often it is repeated.

    `must_end` means that the next character can only stand right after the repeat. `has_separate_rounds` means that a
    text is divided into the rounds of the repeat in one way at most.
    """

    source: str
    branches: list[list[_Atom]] = field(default_factory=list["list[_Atom]"])
    is_reference: bool = False
    least: int = 1
    most: int = 1
    must_end: bool = False
    has_separate_rounds: bool = False

    @property
    def is_single(self) -> bool:
        return not self.branches and not self.is_reference

    @property
    def is_atomic(self) -> bool:
        """Whether the group is a look around or atomic: only its first match counts."""
        return self.source in _ATOMIC

    @property
    def literal(self) -> str:
        """The only character that the atom can begin with, or ""."""
        found = _LITERAL.fullmatch(self.source) if self.is_single and self.least > 0 else None
        return (found[1] or found[2]) if found else ""


def _parse(source: str, compiled: re.Pattern[str]) -> list[list[_Atom]]:
    """Return the branches of a pattern that compiles."""
    stack: list[list[list[_Atom]]] = [[[]]]
    for token in _TOKEN.finditer(source):
        sequence = stack[-1][-1]
        match token.lastgroup:
            case "open":
                sequence.append(_Atom(token[0], [[]]))
                stack.append(sequence[-1].branches)
            case "close":
                stack.pop()
            case "bar":
                stack[-1].append([])
            case "quantifier" if sequence:
                sequence[-1].least, sequence[-1].most = _counts(token[0])
            case "skipped":
                pass
            case kind:
                sequence.append(_Atom(token[0], is_reference=kind == "reference"))
    if not _FLAGS_WITHIN.search(source):
        _find_separators(stack[0], compiled.flags & _FLAGS_OF_CHARACTERS)
    return stack[0]


def _counts(quantifier: str) -> tuple[int, int]:
    if quantifier[0] != "{":
        return {"*": (0, _UNBOUNDED), "+": (1, _UNBOUNDED), "?": (0, 1)}[quantifier[0]]
    least, comma, most = quantifier.rstrip("+?")[1:-1].partition(",")
    return int(least or 0), int(most or _UNBOUNDED) if comma else int(least)


def _find_separators(branches: list[list[_Atom]], flags: int) -> None:
    """Set `must_end` and `has_separate_rounds`."""

    def excludes(atom: _Atom, other: _Atom) -> bool:
        return (
            atom.is_single and other.literal != "" and re.fullmatch(atom.source, other.literal, flags) is None
        )

    for sequence in branches:
        for atom, following in pairwise(sequence):
            atom.must_end = excludes(atom, following)
        for atom in sequence:
            _find_separators(atom.branches, flags)
            if len(atom.branches) == 1 and len(atom.branches[0]) > 1:
                first, *middle, last = atom.branches[0]
                is_fixed = first.most == 1 and all(_ways_of_atom(each) == 1 for each in middle)
                atom.has_separate_rounds = is_fixed and excludes(last, first)


def _estimate(branches: list[list[_Atom]], length: int) -> tuple[int, int]:
    """Return upper bounds of the steps that a part takes in a text, and of the ways in which it matches."""
    all_steps, all_ways = 0, 0
    for sequence in branches:
        steps, ways = 0, 1
        for atom in sequence:
            own_steps, own_ways = _estimate_atom(atom, length)
            steps += ways * own_steps
            ways *= own_ways
        all_steps += steps
        all_ways += ways
    return all_steps, all_ways


def _estimate_atom(atom: _Atom, length: int) -> tuple[int, int]:
    steps, ways = _estimate(atom.branches, length) if atom.branches else (1, 1)
    if atom.is_reference:
        steps = length
    if atom.is_atomic:
        ways = 1
    most = min(atom.most, length)
    choices = most - min(atom.least, length) + 1
    if atom.most > 1 and not atom.is_atomic and _ways(atom.branches) > 1:
        if atom.has_separate_rounds:
            return len(atom.branches[0]) * (length + 1), length + 1
        ways = _power(2 * _ways(atom.branches), length)
        return ways * steps, ways
    if atom.least == atom.most or atom.must_end:
        choices = 1
    return steps * max(most, 1), ways * choices


def _ways(branches: list[list[_Atom]]) -> int:
    """Return in how many ways a part can match one more character, or 1 if there is only one."""
    return sum(prod(_ways_of_atom(atom) for atom in sequence) for sequence in branches)


def _ways_of_atom(atom: _Atom) -> int:
    ways = _ways(atom.branches) if atom.branches and not atom.is_atomic else 1
    return ways if atom.least == atom.most or atom.must_end else 2 * ways


def _power(base: int, exponent: int) -> int:
    return int(base ** min(exponent, MAX_STEPS.bit_length()))
