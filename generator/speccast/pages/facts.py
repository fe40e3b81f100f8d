"""What was read from a page: values, each with the characters it came from and how certain it is.

A fact is certain, ambiguous (it has other readings) or missing (the page should have it, but it cannot be read). Facts are
kept by pointer, the path of the value in the spec, so that a spec, a report and a comparison are made from the same data.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import Enum, StrEnum
from typing import TYPE_CHECKING, Any, Final

from speccast.specs.problems import Span

if TYPE_CHECKING:
    import re
    from collections.abc import Iterable

    from speccast.core.check import Pointer


class Absent(Enum):
    """The value of a fact that says that the spec has no such key."""

    ABSENT = "absent"


ABSENT: Final = Absent.ABSENT


class Status(StrEnum):
    """How certain a fact is."""

    CERTAIN = "certain"
    AMBIGUOUS = "ambiguous"
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class Fact:
    """A value, the characters it was read from, and what else they could mean.

    `value` is a value of JSON, or ABSENT. `readings` are the other possible values, most likely first. A value of ABSENT with a `reason` is missing: the page has
    or should have the value, but it cannot be read.
    """

    value: Any
    spans: tuple[Span, ...] = ()
    readings: tuple[Any, ...] = ()
    reason: str = ""

    @property
    def status(self) -> Status:
        if self.reason and self.value is ABSENT:
            return Status.MISSING
        return Status.AMBIGUOUS if self.readings or self.reason else Status.CERTAIN

    @property
    def is_certain(self) -> bool:
        return self.status is Status.CERTAIN

    def with_doubt(self, reason: str, readings: Iterable[Any] = ()) -> Fact:
        """Return the fact with a reason for doubt and further readings."""
        known = [self.value, *self.readings]
        for reading in readings:
            if reading not in known:
                known.append(reading)
        reasons = [each for each in (self.reason, reason) if each]
        return replace(self, readings=tuple(known[1:]), reason="; ".join(dict.fromkeys(reasons)))

    def elsewhere(self, reason: str) -> Fact:
        """Return the fact as absent, with a doubt, for a place where it may belong."""
        readings = tuple(each for each in (self.value, *self.readings) if each is not ABSENT)
        return Fact(ABSENT, self.spans, readings, reason)


@dataclass
class Facts:
    """All facts of one page by pointer, in the order in which a spec holds them, and remarks about the page as a whole."""

    values: dict[Pointer, Fact] = field(default_factory=dict)
    remarks: list[tuple[str, Span | None]] = field(default_factory=list)

    def add(self, pointer: Pointer, fact: Fact) -> None:
        self.values[pointer] = fact

    def doubt(self, pointer: Pointer, reason: str, readings: Iterable[Any] = ()) -> None:
        """Mark a known fact as doubtful."""
        self.values[pointer] = self.values[pointer].with_doubt(reason, readings)

    def doubts(self) -> dict[Pointer, Fact]:
        """Return the facts that a person has to decide."""
        return {pointer: fact for pointer, fact in self.values.items() if not fact.is_certain}

    def tree(self) -> dict[str, Any]:
        """Return the values as nested objects and arrays, without those that are absent."""
        root: dict[str, Any] = {}
        for pointer, fact in self.values.items():
            if fact.value is ABSENT:
                continue
            node = root
            for step in pointer[:-1]:
                inner = node.setdefault(str(step), {})
                assert isinstance(inner, dict)
                node = inner
            node[str(pointer[-1])] = fact.value
        return root


@dataclass
class Capture:
    """One capture: its facts, the parameters that it has completely, and whether it breaks off."""

    facts: Facts
    complete: set[str] = field(default_factory=set)
    documented: set[str] = field(default_factory=set)
    is_cut: bool = False
    has_parameters: bool = False
    layouts: set[str] = field(default_factory=set)


def state(value: Any, match: re.Match[str], start: int, doubt: str = "", group: int = 0) -> Fact:
    """Return a value that a description states, which begins at `start`; with a `doubt`, it may be no limit."""
    fact = Fact(value, (Span(start + match.start(group), start + match.end(group)),))
    return fact.with_doubt(doubt, [ABSENT]) if doubt else fact


def sentence(text: str, match: re.Match[str], brackets: str = "()") -> str:
    """Return the sentence, or the text in brackets, around a match."""
    begins, ends = ((". ", "; ", "\n", *brackets[side]) for side in (slice(0, 1), slice(1, 2)))
    begin = max(text.rfind(mark, 0, match.start()) for mark in begins)
    stops = [stop for mark in ends if (stop := text.find(mark, match.end())) >= 0]
    return text[begin + 1 : min(stops, default=len(text))]


def with_value(tree: Any, pointer: Pointer, value: Any) -> Any:
    """Return a copy of nested objects that has a value at a pointer, or nothing there if the value is ABSENT."""
    if not pointer:
        return value
    members = dict(tree) if isinstance(tree, dict) else {}
    members[pointer[0]] = with_value(members.get(pointer[0]), pointer[1:], value)
    return {name: each for name, each in members.items() if each is not ABSENT}
