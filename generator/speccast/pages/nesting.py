"""Finds which parameters are members of the object or array before them.

The text of a page loses the indentation of members. Where a page prints the required parameters first and each group by
name, members interrupt this order. With the names in the page's sample, this often leaves one possibility.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from speccast.pages.entries import Entry
    from speccast.pages.samples import SampleValue

_MOST: int = 500


@dataclass(frozen=True, slots=True)
class Nesting:
    """The members of each parameter, by index, and other possible owners of parameters (None: it is not a member)."""

    members: tuple[tuple[int, ...], ...]
    alternatives: Mapping[int, frozenset[int | None]]

    @property
    def is_certain(self) -> bool:
        return not self.alternatives

    def owner(self, index: int) -> int | None:
        """Return the parameter that a member belongs to."""
        return _owner(self.members, index)


def nest(entries: Sequence[Entry], sample: Mapping[str, SampleValue], *, is_ordered: bool) -> Nesting:
    """Assign members to the objects and arrays of a page."""
    options = list(_options(entries, sample))
    sent = {entry.name for entry in entries} & sample.keys()
    options = [option for option in options if sent <= _top_names(entries, option)] or options
    if is_ordered:
        fitting = [option for option in options if _in_order(entries, option)]
        options = fitting or options
    if not options:
        return Nesting(tuple(() for _ in entries), {})
    alternatives: dict[int, frozenset[int | None]] = {}
    for index in range(len(entries)):
        owners = {_owner(option, index) for option in options[:_MOST]}
        if len(owners) > 1:
            alternatives[index] = frozenset(owners - {_owner(options[0], index)})
    return Nesting(options[0], alternatives)


def _owner(members: Sequence[tuple[int, ...]], index: int) -> int | None:
    return next((owner for owner, inside in enumerate(members) if index in inside), None)


def _options(
    entries: Sequence[Entry], sample: Mapping[str, SampleValue]
) -> Iterator[tuple[tuple[int, ...], ...]]:
    """Yield the possible members of every parameter: those with the fewest members first."""
    count = len(entries)
    stack: list[tuple[int, tuple[tuple[int, ...], ...]]] = [(0, ())]
    yielded = 0
    while stack and yielded < _MOST:
        index, chosen = stack.pop()
        if index >= count:
            yielded += 1
            yield chosen
            continue
        following = []
        for length in _lengths(entries, index, sample):
            members = tuple(range(index + 1, index + 1 + length))
            skipped: tuple[tuple[int, ...], ...] = tuple(() for _ in members)
            following.append((index + 1 + length, (*chosen, members, *skipped)))
        stack.extend(reversed(following or [(index + 1, (*chosen, ()))]))


def _lengths(entries: Sequence[Entry], index: int, sample: Mapping[str, SampleValue]) -> list[int]:
    entry = entries[index]
    is_container = entry.type.rstrip("[]").split(" ")[0].lower() in ("object", "dict", "array", "list")
    if not is_container or (entry.type.endswith("[]") and not entry.type.startswith(("object", "array"))):
        return [0]
    inner = (_inner(sample[entry.name].value) if entry.name in sample else None) or None
    lengths = []
    for length in range(len(entries) - index):
        if length:
            member = entries[index + length]
            if inner is not None and member.name not in inner and member.name in sample:
                break
            if member.name in [entries[index + each].name for each in range(1, length)]:
                break
        lengths.append(length)
    if entry.block.has_members:
        lengths = [length for length in lengths if length] or [0]
    if inner:
        following = [entries[index + 1 + each].name for each in range(len(entries) - index - 1)]
        needed = max(
            (following.index(name) + 1 for name in inner if name in following and name not in sample),
            default=0,
        )
        lengths = [length for length in lengths if length >= needed] or lengths
    elif not entry.block.has_members and entry.type in ("array", "list"):
        lengths = [0]
    return lengths


def _inner(value: Any) -> set[str]:
    if isinstance(value, list):
        return {name for item in value if isinstance(item, dict) for name in item}
    return set(value) if isinstance(value, dict) else set()


def _in_order(entries: Sequence[Entry], option: Sequence[tuple[int, ...]]) -> bool:
    return in_order([(entry.requirement, entry.name) for entry in _top(entries, option)])


def _top(entries: Sequence[Entry], option: Sequence[tuple[int, ...]]) -> list[Entry]:
    inside = {member for members in option for member in members}
    return [entry for index, entry in enumerate(entries) if index not in inside]


def _top_names(entries: Sequence[Entry], option: Sequence[tuple[int, ...]]) -> set[str]:
    return {entry.name for entry in _top(entries, option)}


def in_order(parameters: Sequence[tuple[str, str]]) -> bool:
    """Return whether the required parameters come first, and both groups are sorted by name, without repetitions."""
    groups = [requirement != "required" for requirement, _ in parameters]
    if groups != sorted(groups) or len({name for _, name in parameters}) != len(parameters):
        return False
    for group in ("required", "optional"):
        names = [name for requirement, name in parameters if (requirement or "optional") == group]
        if names != sorted(names) and names != sorted(names, key=_folded):
            return False
    return True


def _folded(name: str) -> tuple[str, str]:
    return name.casefold().replace("_", "").replace("-", ""), name
