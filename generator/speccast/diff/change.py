"""Changes between two versions of an API, and what they mean for each of its users."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum, StrEnum
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

if TYPE_CHECKING:
    from speccast.core.check import Pointer
    from speccast.core.parameter import Json


class Level(IntEnum):
    """What a change means for a user, least severe first."""

    TEXT = 0
    """Only documentation changes."""
    ADDITION = 1
    """Everything that worked still works the same; more is possible."""
    BEHAVIOR = 2
    """Everything that worked still works, but can have another result."""
    BREAKING = 3
    """Something that worked does not work anymore."""

    @property
    def word(self) -> str:
        return self.name.lower()


class Side(StrEnum):
    """Those for whom a change is judged."""

    WIRE = "wire"
    """Clients that exist already, sending requests to the new API."""
    PYTHON = "python"
    """Code that calls the generated Python client."""
    COMMAND_LINE = "command line"
    """Scripts that run the generated command line."""
    COPY = "vendored copy"
    """Packages that vendor the client."""
    TESTS = "tests"
    """Tests that run against the emulator."""


@dataclass(frozen=True, slots=True)
class Effect:
    """The level of a change for one side. `when` says at what moment a break of Python code shows."""

    level: Level
    when: Literal["", "type check", "run time"] = ""

    def __str__(self) -> str:
        return f"{self.level.word} ({self.when})" if self.when else self.level.word


Effects: TypeAlias = Mapping[Side, Effect]
"""The effects of a change. A side that is missing does not notice it."""


def effects(level: Level, *sides: Side) -> Effects:
    """Return the same effect for these sides, by default for all."""
    return {side: Effect(level) for side in sides or Side}


_TYPE_CHECK: Final = Effect(Level.BREAKING, "type check")
_RUN_TIME: Final = Effect(Level.BREAKING, "run time")

REFUSED: Final[Effects] = {**effects(Level.BREAKING), Side.PYTHON: _RUN_TIME, Side.COPY: _RUN_TIME}
"""Values that were accepted are refused; their type is still right."""
UNTYPED: Final[Effects] = {**effects(Level.BREAKING), Side.PYTHON: _TYPE_CHECK, Side.COPY: _TYPE_CHECK}
"""Code that passed the type check does not pass anymore."""
RENAMED: Final[Effects] = {
    Side.PYTHON: _TYPE_CHECK,
    Side.COMMAND_LINE: Effect(Level.BREAKING),
    Side.COPY: _TYPE_CHECK,
    Side.TESTS: Effect(Level.BREAKING),
}
"""Names in code change, and nothing on the wire."""


@dataclass(frozen=True, slots=True)
class Witness:
    """What worked with the old version and does not with the new one: a request's body, a line of Python or a command."""

    kind: Literal["request", "python", "command"]
    model: str
    value: Json
    is_proven: bool = False
    """Whether it was run with both versions; otherwise it is derived from the specs."""

    def __str__(self) -> str:
        import json

        text = self.value if isinstance(self.value, str) else json.dumps(self.value, ensure_ascii=False)
        return text if len(text) <= 200 else f"{text[:199]}…"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A kind of change. `level` is the most severe one that it can have. The rule's module documents it."""

    code: str
    name: str
    level: Level
    summary: str
    module: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One change, before it has a place.

    Attributes:
        pointer: the value in the spec, in the old version if it is not in the new one.
        message: what changed, for people.
        effects: what it means for each side.
        witness: shows a break.
        advice: what users can do.
    """

    rule: Rule
    pointer: Pointer
    message: str
    effects: Effects = field(hash=False)
    witness: Witness | None = field(default=None, hash=False)
    advice: str = ""

    @property
    def level(self) -> Level:
        return max((effect.level for effect in self.effects.values()), default=Level.TEXT)


def on_the_wire(rule: Rule, pointer: Pointer, message: str) -> Change:
    """Return a change that breaks clients that exist already, and nothing else."""
    return Change(
        rule=rule, pointer=pointer, message=message, effects=effects(Level.BREAKING, Side.WIRE, Side.COPY)
    )


@dataclass(frozen=True, slots=True)
class Place:
    """A position in a spec; line and column are 0 where only the path is known."""

    path: str
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        return f"{self.path}:{self.line}:{self.column}" if self.line else self.path


@dataclass(frozen=True, slots=True)
class PlacedChange:
    """A change of an API or, with its slug, of a model, and its places in both versions."""

    api: str
    model: str
    change: Change
    before: Place | None
    after: Place | None

    @property
    def subject(self) -> str:
        return self.model or self.api
