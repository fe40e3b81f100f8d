"""Security boundary: whether a pattern is found in a text, without ever waiting for one that would take for ever.

A pattern such as `^(a+)+$` can keep Python's `re` busy for longer than anyone lives, and nothing interrupts it from within.
So what could take long, by the shape of the pattern and the length of the text, is tried in a process of its own, which is
ended when its time is up. The whole of a run gives a second to that; what is not known by then stays unknown.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from dataclasses import dataclass
from functools import lru_cache
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    import re

_PARSER: Final[Any] = import_module("re._parser")  # where Python keeps it; there is no public name
_BUDGET: Final = 1.0
"""Seconds that all patterns of a run can keep us waiting."""
_QUICK: Final = 200_000
"""Steps that are too few to be noticed, as `Shape.steps` estimates them."""
_MANY: Final = 10
"""A repeat with so many choices counts as one without end."""
_CHILD: Final = (
    "import json, re, sys; pattern, text = json.load(sys.stdin); print(int(bool(re.search(pattern, text))))"
)
_left = [_BUDGET]


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
        return int(max(length, 1) ** (self.degree + 1)) <= _QUICK


def search(compiled: re.Pattern[str], text: str) -> bool | None:
    """Whether the pattern is found somewhere in the text; None where that would take too long to find out."""
    if shape(compiled.pattern).is_quick(len(text)):
        return compiled.search(text) is not None
    return _search_apart(compiled.pattern, text)


@lru_cache(maxsize=512)
def shape(pattern: str) -> Shape:
    """The shape of a pattern that compiles."""
    tree = _PARSER.parse(pattern)
    degree, is_nested = _repeats(tree, inside=False)
    shortest, longest = tree.getwidth()
    ends = [str(argument) for operator, argument in tree if str(operator) == "AT"]
    first, last = (str(tree[0][0]), str(tree[-1][0])) if len(tree) else ("", "")
    is_whole = first == last == "AT" and len(ends) == 2 and "BEGINNING" in ends[0] and "END" in ends[1]
    return Shape(degree, is_nested, int(shortest), int(longest), is_whole)


@lru_cache(maxsize=1024)
def _search_apart(pattern: str, text: str) -> bool | None:
    if _left[0] <= 0:
        return None
    began = time.monotonic()
    try:
        done = subprocess.run(
            [sys.executable, "-I", "-S", "-c", _CHILD],
            input=json.dumps([pattern, text]),
            capture_output=True,
            encoding="ascii",
            timeout=_left[0],
            check=False,
        )
    except (subprocess.TimeoutExpired, OSError):
        return None
    finally:
        _left[0] -= time.monotonic() - began
    return {"1\n": True, "0\n": False}.get(done.stdout)


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
