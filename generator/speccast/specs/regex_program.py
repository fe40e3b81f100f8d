"""Writes the program of a pattern, whose steps can be counted, from what Python's own parser makes of the pattern.

Single characters and places are left to `re`, so that they mean here what they mean there, whatever the flags.
"""

from __future__ import annotations

from functools import lru_cache
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

from speccast.specs.regex_steps import At, Fork, Jump, Look, Mark, Never, One, Program, Progress

if TYPE_CHECKING:
    from speccast.specs.regex_steps import Instruction

PARSER: Final[Any] = import_module("re._parser")  # where Python keeps them; they have no public names
_COMPILER: Final[Any] = import_module("re._compiler")
_ALPHABETS: Final = int(PARSER.TYPE_FLAGS)
"""Flags of which one takes the place of another: ASCII, LOCALE and UNICODE."""
_MAX_INSTRUCTIONS: Final = 5_000


class UnsupportedError(Exception):
    """A pattern that remembers what it found (`\\1`), gives nothing back (`a++`), or is too long for a program."""


@lru_cache(maxsize=512)
def program(pattern: str) -> Program:
    """The program of a pattern that compiles.

    Raises:
        UnsupportedError: there is none.
    """
    tree = PARSER.parse(pattern)
    return _program(tree, tree.state.flags, [0])


def _program(tree: Any, flags: int, size: list[int]) -> Program:
    writer = _Writer(size)
    writer.write(tree, flags)
    return Program(tuple(writer.instructions), writer.marks)


class _Writer:
    """Writes instructions. `size` counts those of a pattern with all programs within it."""

    def __init__(self, size: list[int]) -> None:
        self.instructions: list[Instruction] = []
        self.marks = 0
        self._size = size

    def write(self, tree: Any, flags: int) -> None:
        for node in tree:
            operator, argument = str(node[0]), node[1]
            match operator:
                case "LITERAL" | "NOT_LITERAL" | "ANY" | "IN":
                    self._add(One(_alone(node, flags)))
                case "AT":
                    self._add(At(_alone(node, flags)))
                case "SUBPATTERN":
                    _, added, removed, part = argument
                    self.write(part, _combined(flags, added, removed))
                case "BRANCH":
                    self._branch(argument[1], flags)
                case "MAX_REPEAT" | "MIN_REPEAT":
                    self._repeat(argument, flags, is_greedy=operator == "MAX_REPEAT")
                case "ASSERT" | "ASSERT_NOT":
                    direction, part = argument
                    back = int(part.getwidth()[0]) if direction < 0 else 0
                    self._add(Look(_program(part, flags, self._size), operator == "ASSERT", back))
                case "FAILURE":
                    self._add(Never())
                case _:
                    raise UnsupportedError

    def _add(self, instruction: Instruction) -> None:
        self._size[0] += 1
        if self._size[0] > _MAX_INSTRUCTIONS:
            raise UnsupportedError
        self.instructions.append(instruction)

    @property
    def _next(self) -> int:
        return len(self.instructions)

    def _branch(self, parts: Any, flags: int) -> None:
        ends: list[Jump] = []
        for part in parts[:-1]:
            fork = Fork(self._next + 1, -1)
            self._add(fork)
            self.write(part, flags)
            ends.append(Jump(-1))
            self._add(ends[-1])
            fork.second = self._next
        self.write(parts[-1], flags)
        for end in ends:
            end.target = self._next

    def _repeat(self, argument: Any, flags: int, *, is_greedy: bool) -> None:
        least, most, part = argument
        for _ in range(int(least)):
            self.write(part, flags)
        forks = []
        if most == PARSER.MAXREPEAT:
            forks.append(self._rounds(part, flags))
        else:
            for _ in range(int(most) - int(least)):
                forks.append(self._fork())
                self.write(part, flags)
        for fork in forks:
            fork.second = self._next
            if not is_greedy:
                fork.first, fork.second = fork.second, fork.first

    def _rounds(self, part: Any, flags: int) -> Fork:
        """As many rounds as there are; what comes out is where the way forks into and out of them."""
        start, fork = self._next, self._fork()
        if int(part.getwidth()[0]):
            self.write(part, flags)
        else:
            mark = self.marks
            self.marks += 1
            self._add(Mark(mark))
            self.write(part, flags)
            self._add(Progress(mark))
        self._add(Jump(start))
        return fork

    def _fork(self) -> Fork:
        fork = Fork(self._next + 1, -1)
        self._add(fork)
        return fork


def _combined(flags: int, added: int, removed: int) -> int:
    if added & _ALPHABETS:
        flags &= ~_ALPHABETS
    return (flags | added) & ~removed


def _alone(node: Any, flags: int) -> Any:
    """One part of a pattern as a pattern of its own, with the flags that hold for it."""
    state = PARSER.State()
    state.flags = flags
    return _COMPILER.compile(PARSER.SubPattern(state, [node]))
