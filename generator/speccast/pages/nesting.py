"""Finds which parameters are members of the object or array before them.

The text of a page loses the indentation of members. Where a page prints the required parameters first and each group by
name, members interrupt this order. With the names in the page's sample, this often leaves one possibility.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from speccast.pages.entries import Entry
    from speccast.pages.literals import SampleValue

_MOST: Final = 500
_MOST_STEPS: Final = 50_000
_Groups: TypeAlias = "tuple[tuple[int, int], ...]"
"""The members of an option: pairs of an owner and the number of parameters behind it that are its members."""


@dataclass(frozen=True, slots=True)
class Nesting:
    """The owner of each member, by index, and other possible owners of parameters (None: it is not a member)."""

    owners: Mapping[int, int]
    alternatives: Mapping[int, frozenset[int | None]]

    def members(self, owner: int) -> list[int]:
        """Return the members of a parameter."""
        return [member for member, each in self.owners.items() if each == owner]


def nest(entries: Sequence[Entry], sample: Mapping[str, SampleValue], *, is_ordered: bool) -> Nesting:
    """Assign members to the objects and arrays of a page."""
    if entries and entries[0].layout.is_flat:
        return _by_names(entries, sample)
    search = _MemberSearch(entries, sample)
    if search.has_too_many:
        return _undecided(entries, search)
    for keeps_sent in (True, False):
        for keeps_order in (True, False) if is_ordered else (False,):
            options, is_complete = search.options(keeps_sent=keeps_sent, keeps_order=keeps_order)
            if not is_complete:
                return _undecided(entries, search)
            if options:
                return _nesting(entries, options)
    return Nesting({}, {})


def _by_names(entries: Sequence[Entry], sample: Mapping[str, SampleValue]) -> Nesting:
    """Assign the members whose names have the name of their owner before a dot, and shorten these names.

    Other rows are doubtful only if the sample sends a member of this name, and no parameter.
    """
    owners: dict[int, int] = {}
    places: dict[str, int] = {}
    inside: dict[str, int] = {}
    for index, entry in enumerate(entries):
        owner, _, name = entry.name.replace("[]", "").rpartition(".")
        if owner in places:
            owners[index] = places[owner]
            entry.name = name
        full = f"{owner}.{name}" if owner else name
        if is_container(entry):
            places[full] = index
            sent = sample[full].value if full in sample else None
            inside |= dict.fromkeys(names_within(sent), index)
    return Nesting(
        owners,
        {
            index: frozenset({inside[entry.name]})
            for index, entry in enumerate(entries)
            if index not in owners and entry.name in inside and entry.name not in sample
        },
    )


def _nesting(entries: Sequence[Entry], options: Sequence[_Groups]) -> Nesting:
    owned = [_owners(option) for option in options]
    alternatives: dict[int, frozenset[int | None]] = {}
    for index in range(len(entries)):
        owners = {each.get(index) for each in owned}
        if len(owners) > 1:
            alternatives[index] = frozenset(owners - {owned[0].get(index)})
    return Nesting(owned[0], alternatives)


def _undecided(entries: Sequence[Entry], search: _MemberSearch) -> Nesting:
    """Return a nesting without members in which each parameter behind an object or array is doubtful."""
    alternatives: dict[int, frozenset[int | None]] = {}
    owner: int | None = None
    for index in range(len(entries)):
        if owner is not None:
            alternatives[index] = frozenset({owner})
        if index in search.lengths:
            owner = index
    return Nesting({}, alternatives)


def _owners(groups: _Groups) -> dict[int, int]:
    """Return the owner of each member, by index."""
    return {owner + 1 + each: owner for owner, length in groups for each in range(length)}


class _MemberSearch:
    """Finds the possible members of objects and arrays."""

    def __init__(self, entries: Sequence[Entry], sample: Mapping[str, SampleValue]) -> None:
        self._entries = entries
        self._sent = {entry.name for entry in entries} & sample.keys()
        containers = [index for index, entry in enumerate(entries) if is_container(entry)]
        self.has_too_many = len(containers) > _MOST
        self.lengths = {
            index: [0] if self.has_too_many else _lengths(entries, index, sample) for index in containers
        }

    def options(self, *, keeps_sent: bool, keeps_order: bool) -> tuple[list[_Groups], bool]:
        """Return the options, those with the fewest members first, and whether these are all.

        Args:
            keeps_sent: a parameter that the sample sends is not a member.
            keeps_order: the parameters that are not members are in the order of a page.
        """
        found: list[_Groups] = []
        stack: list[tuple[int, _Groups, _Order]] = [(0, (), _Order())]
        steps = 0
        while stack:
            index, groups, order = stack.pop()
            while index < len(self._entries):
                steps += 1
                order = order.with_next(self._entries[index])
                if keeps_order and order.is_broken:
                    break
                if index in self.lengths:
                    stack += [
                        (index + 1 + length, (*groups, (index, length)) if length else groups, order)
                        for length in reversed(self.lengths[index])
                    ]
                    break
                index += 1
            else:
                if self._fits(groups, keeps_sent=keeps_sent, keeps_order=keeps_order):
                    found.append(groups)
            if steps > _MOST_STEPS or len(found) > _MOST:
                return found, False
        return found, True

    def _fits(self, groups: _Groups, *, keeps_sent: bool, keeps_order: bool) -> bool:
        inside = _owners(groups)
        top = [entry for index, entry in enumerate(self._entries) if index not in inside]
        if keeps_sent and not self._sent <= {entry.name for entry in top}:
            return False
        return not keeps_order or in_order([(entry.requirement, entry.name) for entry in top])


@dataclass(frozen=True, slots=True)
class _Order:
    """What is needed to see whether the next parameter continues the order of a page."""

    required: str = ""
    optional: str = ""
    has_optional: bool = False
    is_broken: bool = False

    def with_next(self, entry: Entry) -> _Order:
        is_required = entry.requirement == "required"
        last = self.required if is_required else self.optional
        is_behind = last < entry.name or _fold(last) < _fold(entry.name)
        is_broken = self.is_broken or not is_behind or (is_required and self.has_optional)
        if is_required:
            return _Order(entry.name, self.optional, self.has_optional, is_broken)
        return _Order(self.required, entry.name, True, is_broken)


def is_container(entry: Entry) -> bool:
    """Return whether a parameter can have members."""
    is_container = entry.type.rstrip("[]").split(" ")[0].lower() in ("object", "dict", "array", "list")
    return is_container and (not entry.type.endswith("[]") or entry.type.startswith(("object", "array")))


def _lengths(entries: Sequence[Entry], index: int, sample: Mapping[str, SampleValue]) -> list[int]:
    entry = entries[index]
    shown = entry.block.default.value if entry.block.default is not None else None
    inner = names_within(sample[entry.name].value if entry.name in sample else shown) or None
    following = {each.name for each in entries[index + 1 :]}
    if inner is not None and not entry.block.has_members and not inner & following:
        return [0]  # the page documents none of the members that it shows
    lengths = []
    names: set[str] = set()
    for length in range(len(entries) - index):
        if length:
            name = entries[index + length].name
            if name in names or (inner is not None and name not in inner and name in sample):
                break
            names.add(name)
        lengths.append(length)
    if entry.block.has_members:
        lengths = [length for length in lengths if length] or [0]
    if inner:
        names_behind = [entry.name for entry in entries[index + 1 :]]
        needed = max(
            (names_behind.index(name) + 1 for name in inner if name in names_behind and name not in sample),
            default=0,
        )
        lengths = [length for length in lengths if length >= needed] or lengths
    elif not entry.block.has_members and entry.type in ("array", "list"):
        lengths = [0]
    return lengths


def names_within(value: Any) -> set[str]:
    """Return the names of the members of an object, or of the objects of a list."""
    if isinstance(value, list):
        return {name for item in value if isinstance(item, dict) for name in item}
    return set(value) if isinstance(value, dict) else set()


def in_order(parameters: Sequence[tuple[str, str]]) -> bool:
    """Return whether the required parameters come first, and both groups are sorted by name, without repetitions."""
    groups = [requirement != "required" for requirement, _ in parameters]
    if groups != sorted(groups) or len({name for _, name in parameters}) != len(parameters):
        return False
    for group in ("required", "optional"):
        names = [name for requirement, name in parameters if (requirement or "optional") == group]
        if names != sorted(names) and names != sorted(names, key=_fold):
            return False
    return True


def _fold(name: str) -> tuple[str, str]:
    return name.casefold().replace("_", "").replace("-", ""), name
