"""Going through a text step by step as a pattern says, so that what it costs can be counted and given up in time.

Python's `re` can neither be interrupted nor tell how far it has come. Here a pattern is a program of small instructions
(`speccast.specs.regex_program` writes it), and each knows from where it goes on to where.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple, Protocol, TypeAlias

if TYPE_CHECKING:
    import re


class OutOfStepsError(Exception):
    """Not found so far, and no steps are left."""


@dataclass(slots=True)
class Steps:
    """How many more steps may be taken."""

    left: int


class Here(NamedTuple):
    """The next instruction, the place in the text, and where the rounds of repeats have begun that may match nothing."""

    at: int
    place: int
    marks: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Run:
    """One way through a text. With `once` each instruction is followed at most once at each place of it.

    That finds the same, in a time that grows with text and program only; without, as many steps are taken as a program
    takes that, like `re`, tries one way after the other. `waiting` are the ways not tried yet.
    """

    text: str
    steps: Steps
    once: bool
    waiting: list[Here] = field(default_factory=list)


class Instruction(Protocol):
    def go(self, run: Run, here: Here) -> Here | None:
        """Where to go on; None where this way leads nowhere."""


@dataclass(frozen=True, slots=True)
class Program:
    """What leads past the last instruction has found what the pattern looks for."""

    instructions: tuple[Instruction, ...]
    marks: int


Seen: TypeAlias = "set[tuple[int, int]]"


def found(program: Program, text: str, steps: Steps, *, once: bool) -> bool:
    """Whether what a program looks for is somewhere in a text; see `Run` for `once`.

    Raises:
        OutOfStepsError: more steps are needed than are left.
    """
    seen: Seen = set()
    return any(_found_at(program, Run(text, steps, once), start, seen) for start in range(len(text) + 1))


def _found_at(program: Program, run: Run, start: int, seen: Seen) -> bool:
    instructions, steps = program.instructions, run.steps
    run.waiting.append(Here(0, start, (-1,) * program.marks))
    while run.waiting:
        here: Here | None = run.waiting.pop()
        while here is not None:
            if here.at == len(instructions):
                return True
            if steps.left <= 0:
                raise OutOfStepsError
            steps.left -= 1
            if run.once:
                if (here.at, here.place) in seen:
                    break
                seen.add((here.at, here.place))
            here = instructions[here.at].go(run, here)
    return False


@dataclass(frozen=True, slots=True)
class One:
    """Takes one character that passes; what was said of a character need not be worked out again."""

    compiled: re.Pattern[str]
    known: dict[str, bool] = field(default_factory=dict)

    def go(self, run: Run, here: Here) -> Here | None:
        if here.place >= len(run.text):
            return None
        character = run.text[here.place]
        passes = self.known.get(character)
        if passes is None:
            passes = self.known[character] = self.compiled.fullmatch(character) is not None
        return Here(here.at + 1, here.place + 1, here.marks) if passes else None


@dataclass(frozen=True, slots=True)
class At:
    """Goes on at certain places only, such as the end of a line."""

    compiled: re.Pattern[str]

    def go(self, run: Run, here: Here) -> Here | None:
        holds = self.compiled.match(run.text, here.place) is not None
        return here._replace(at=here.at + 1) if holds else None


@dataclass(frozen=True, slots=True)
class Look:
    """Goes on if something is ahead, or begins so many characters `back`; or, if not `wanted`, if it is not there."""

    program: Program
    wanted: bool
    back: int

    def go(self, run: Run, here: Here) -> Here | None:
        start = here.place - self.back
        sees = start >= 0 and _found_at(self.program, Run(run.text, run.steps, run.once), start, set())
        return here._replace(at=here.at + 1) if sees is self.wanted else None


@dataclass(slots=True)
class Fork:
    """Goes on at the first place, and if that leads nowhere at the second."""

    first: int
    second: int

    def go(self, run: Run, here: Here) -> Here | None:
        run.waiting.append(here._replace(at=self.second))
        return here._replace(at=self.first)


@dataclass(slots=True)
class Jump:
    target: int

    def go(self, _: Run, here: Here) -> Here | None:
        return here._replace(at=self.target)


@dataclass(frozen=True, slots=True)
class Mark:
    """Notes where a round of a repeat begins that may match nothing."""

    number: int

    def go(self, _: Run, here: Here) -> Here | None:
        marks = (*here.marks[: self.number], here.place, *here.marks[self.number + 1 :])
        return Here(here.at + 1, here.place, marks)


@dataclass(frozen=True, slots=True)
class Progress:
    """Ends such a round if it has matched nothing, for the next ones would not either."""

    number: int

    def go(self, run: Run, here: Here) -> Here | None:
        # Where everything is followed once, rounds come to an end by themselves.
        stands = not run.once and here.marks[self.number] == here.place
        return None if stands else here._replace(at=here.at + 1)


@dataclass(frozen=True, slots=True)
class Never:
    """Leads nowhere."""

    def go(self, _: Run, __: Here) -> Here | None:
        return None
