"""Changes between two versions of an API, and what they mean for each of its users."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import IntEnum, StrEnum
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias

from speccast.samples.size import describe_media, sketch

if TYPE_CHECKING:
    from collections.abc import Callable

    from speccast.core.api import Api
    from speccast.core.check import Pointer
    from speccast.core.places import Paths


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
    """Packages that vendor the client: see `of_copy`."""
    TESTS = "tests"
    """Tests that run with the new client and its emulator."""


@dataclass(frozen=True, slots=True)
class Effect:
    """The level of a change for one side. `when` says at what moment a break of Python code shows."""

    level: Level
    when: Literal["", "type check", "run time", "installation"] = ""

    def __str__(self) -> str:
        return f"{self.level.word} ({self.when})" if self.when else self.level.word


Effects: TypeAlias = Mapping[Side, Effect]
"""The effects of a change. A side that is missing does not notice it."""


def effects(level: Level, *sides: Side) -> Effects:
    """Return the same effect for these sides, by default for all."""
    return {side: Effect(level) for side in sides or Side}


_TYPE_CHECK: Final = Effect(Level.BREAKING, "type check")
_RUN_TIME: Final = Effect(Level.BREAKING, "run time")

REFUSED: Final[Effects] = {**effects(Level.BREAKING), Side.PYTHON: _RUN_TIME}
"""Values that were accepted are refused; their type is still right."""
UNTYPED: Final[Effects] = {**effects(Level.BREAKING), Side.PYTHON: _TYPE_CHECK}
"""Code that passed the type check does not pass anymore."""
RENAMED: Final[Effects] = {side: effect for side, effect in UNTYPED.items() if side is not Side.WIRE}
"""Names in code change, and nothing on the wire."""
BEHIND: Final[Effects] = effects(Level.BREAKING, Side.WIRE)
"""Clients that exist already break, and the new one does not."""


def of_copy(meaning: Effects) -> Effect | None:
    """Return what a change means for a vendored copy; None for nothing.

    Until it is updated, a copy is a client that exists already; afterwards, its package calls the new client. So the more
    severe effect counts, that for the wire or that for Python. A copy is not installed.
    """
    found = [meaning[side] for side in (Side.PYTHON, Side.WIRE) if side in meaning]
    return max(
        (each for each in found if each.when != "installation"), key=lambda each: each.level, default=None
    )


PlaybackAction: TypeAlias = Literal[
    "generate", "submit", "stream", "status", "wait", "cancel", "fail", "refuse"
]
"""What a client does with a request: call a method, or submit a job and go on with it; `fail` waits for a job that fails, and
`refuse` sends a parameter that the API does not know."""

_WORDS: Final[Mapping[PlaybackAction, str]] = {
    "status": "submit and poll ",
    "wait": "submit and wait ",
    "cancel": "submit and cancel ",
    "fail": "submit a job that fails, and wait ",
    "refuse": "the error for an unknown parameter beside ",
}
_LONGEST: Final = 200
"""Characters of a witness in a report."""


@dataclass(frozen=True, slots=True)
class Witness:
    """What worked with the old version and does not with the new one: a request's body, a line of Python or a command."""

    kind: Literal["request", "python", "command"]
    model: str
    value: Any
    """Code, a command, or a body, in which long values and content are expressions (`speccast.samples.size`)."""
    action: PlaybackAction = "generate"
    """How a client uses a body."""
    sender: Callable[[Api], Api] | None = field(default=None, compare=False, repr=False)
    """Makes the API for whose client the request works; None if it is that of the old version."""
    answering: Callable[[Any], None] | None = field(default=None, compare=False, repr=False)
    """Removes the answers that do not show the break from the bundle of the new version; None if all show it."""
    place: tuple[str, Paths] | None = None
    """What the answer has where the old version documents it: the name of a placeholder, and its paths."""
    is_proven: bool = False
    """Whether it was run with both versions; otherwise it is derived from the specs."""

    @property
    def shown(self) -> Any:
        """The value as JSON for reports, with long values cut."""
        return sketch(self.value, describe_media)

    def __str__(self) -> str:
        shown = self.shown
        text = shown if isinstance(shown, str) else json.dumps(shown, ensure_ascii=False)
        text = f"{_WORDS.get(self.action, '')}{text}"
        return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


@dataclass(frozen=True, slots=True)
class ChangeRule:
    """A kind of change. `level` is the most severe one that it can have."""

    code: str
    name: str
    level: Level
    summary: str


@dataclass(frozen=True, slots=True)
class Change:
    """One change, before it has a place.

    Attributes:
        pointer: the value in the spec, in the old version if it is not in the new one.
        message: what changed, for people.
        effects: what it means for each side.
        witness: shows a break.
        advice: what users can do.
    """

    rule: ChangeRule
    pointer: Pointer
    message: str
    effects: Effects = field(hash=False)
    witness: Witness | None = field(default=None, hash=False)
    advice: str = ""

    @property
    def level(self) -> Level:
        return max((effect.level for effect in self.effects.values()), default=Level.TEXT)


def without_break(change: Change, reason: str) -> Change:
    """Return a change whose breaks count as another behavior, because nothing shows them."""
    return replace(
        change,
        effects={
            side: Effect(Level.BEHAVIOR) if effect.level is Level.BREAKING else effect
            for side, effect in change.effects.items()
        },
        witness=None,
        message=f"{change.message} ({reason})",
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
