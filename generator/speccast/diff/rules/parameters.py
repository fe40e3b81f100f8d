"""Parameters and members of objects: which exist, and when they must be given.

V201 parameter-added

    A new optional parameter.

    Bad::

        # after/fox.yaml
        parameters:
          seed: { type: integer }

    Good::

        # before/fox.yaml
        parameters:
          seed: { type: integer }
        # after/fox.yaml
        parameters:
          seed: { type: integer, description: A number. }

V202 required-parameter-added

    A new parameter that must be given: existing requests and calls lack it. With a default, the new client sends it, so only
    clients that exist already are affected.

    Bad::

        # after/fox.yaml
        parameters:
          seed: { type: integer, required: true }

    Good::

        # after/fox.yaml
        parameters:
          seed: { type: integer }

V203 parameter-removed

    A parameter that is gone. The API refuses unknown names, and so does the client. If a new parameter is equal except for its
    name, the change says so.

    Bad::

        # before/fox.yaml
        parameters:
          seed: { type: integer }

    Good::

        # before/fox.yaml
        parameters:
          seed: { type: integer }
        # after/fox.yaml
        parameters:
          seed: { type: integer, minimum: 0 }

V204 parameter-required

    A parameter that could be left out must now be given. With a default, the new client sends it.

    Bad::

        # before/fox.yaml
        parameters:
          seed: { type: integer }
        # after/fox.yaml
        parameters:
          seed: { type: integer, required: true }

    Good::

        # before/fox.yaml
        parameters:
          seed: { type: integer, required: true }
        # after/fox.yaml
        parameters:
          seed: { type: integer }

V205 parameter-optional

    A parameter that had to be given can now be left out.

    Bad::

        # before/fox.yaml
        parameters:
          seed: { type: integer, required: true }
        # after/fox.yaml
        parameters:
          seed: { type: integer }

    Good::

        # before/fox.yaml
        parameters:
          seed: { type: integer }
        # after/fox.yaml
        parameters:
          seed: { type: integer, minimum: 0 }

V206 default-changed

    Another default. Requests that leave the parameter out have another result. If a required parameter loses its default, calls
    must now give it.

    Bad::

        # before/fox.yaml
        parameters:
          seed: { type: integer, required: true, default: 1 }
        # after/fox.yaml
        parameters:
          seed: { type: integer, required: true }

    Good::

        # before/fox.yaml
        parameters:
          seed: { type: integer, default: 1 }
        # after/fox.yaml
        parameters:
          seed: { type: integer, default: 2 }

V207 condition-changed

    A parameter has an effect under other conditions (`applies_when`). Passing it where it has none is a warning.

    Bad::

        # before/fox.yaml
        parameters:
          mode: { type: string, enum: [a, b] }
          seed: { type: integer }
        # after/fox.yaml
        parameters:
          mode: { type: string, enum: [a, b] }
          seed: { type: integer, applies_when: { mode: a } }

    Good::

        # before/fox.yaml
        parameters:
          seed: { type: integer }
        # after/fox.yaml
        parameters:
          seed: { type: integer, note: It always has an effect. }

V208 parameter-name-changed

    The name of a parameter in Python and on the command line (`name`). The wire name is the same.

    Bad::

        # before/fox.yaml
        parameters:
          seed: { type: integer }
        # after/fox.yaml
        parameters:
          seed: { type: integer, name: random_seed }

    Good::

        # before/fox.yaml
        parameters:
          seed: { type: integer }
        # after/fox.yaml
        parameters:
          seed: { type: integer, name: seed }

V209 branches-changed

    The types or tagged objects that a value can be (`anyOf`). Removing one breaks callers; adding one does not.

    Bad::

        # before/fox.yaml
        parameters:
          stop: { anyOf: [{ type: string }, { type: array, items: { type: string } }] }
        # after/fox.yaml
        parameters:
          stop: { type: array, items: { type: string } }

    Good::

        # before/fox.yaml
        parameters:
          stop: { type: string }
        # after/fox.yaml
        parameters:
          stop: { anyOf: [{ type: string }, { type: array, items: { type: string } }] }

V210 parameter-renamed

    A parameter with another name, whose former name the new client still accepts (`renamed_from`). On the wire the name that is
    gone breaks; code and commands work as before, with a DeprecationWarning.

    Bad::

        # before/fox.yaml
        parameters:
          random: { type: integer }
        # after/fox.yaml
        parameters:
          seed: { type: integer, renamed_from: { name: random, version: 1.3.0 } }

    Good::

        # before/fox.yaml
        parameters:
          seed: { type: integer, name: random }
        # after/fox.yaml
        parameters:
          seed: { type: integer, renamed_from: { name: random, version: 1.3.0 } }

V211 former-name-removed

    A former name that the client no longer accepts. Its removal was announced, so a new minor version is enough.

    Bad::

        # before/fox.yaml
        parameters:
          seed: { type: integer, renamed_from: { name: random, version: 1.1.0 } }
        # after/fox.yaml
        parameters:
          seed: { type: integer }

    Good::

        # before/fox.yaml
        parameters:
          seed: { type: integer, renamed_from: { name: random, version: 1.1.0 } }
        # after/fox.yaml
        parameters:
          seed: { type: integer, renamed_from: { name: random, version: 1.2.0 } }

V290 parameter-text-changed

    Description, examples, format or notes of a parameter.

    Bad::

        # before/fox.yaml
        parameters:
          seed: { type: integer }
        # after/fox.yaml
        parameters:
          seed: { type: integer, description: A number. }

    Good::

        # after/fox.yaml
        description: A text about the model.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, TypeAlias

from speccast.core.omit import OMIT, Omit
from speccast.core.values import is_equal
from speccast.diff.change import (
    RENAMED,
    UNTYPED,
    Change,
    ChangeRule,
    Effect,
    Effects,
    Level,
    Side,
    Witness,
    effects,
)
from speccast.diff.rules import values
from speccast.diff.witnesses import method, request
from speccast.samples.probes import probes
from speccast.samples.values import is_valid, minimal_object, sample
from speccast.specs.wording import describe_type, format_value
from speccast.targets.python.names import python_parameter

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from speccast.core.check import Pointer
    from speccast.core.model import Model
    from speccast.core.parameter import Json, Parameter


ADDED: Final = ChangeRule("V201", "parameter-added", Level.ADDITION, "a new parameter that can be left out")
REQUIRED_ADDED: Final = ChangeRule(
    "V202", "required-parameter-added", Level.BREAKING, "a new parameter that must be given"
)
REMOVED: Final = ChangeRule("V203", "parameter-removed", Level.BREAKING, "a parameter that is gone")
REQUIRED: Final = ChangeRule(
    "V204", "parameter-required", Level.BREAKING, "a parameter that must now be given"
)
OPTIONAL: Final = ChangeRule(
    "V205", "parameter-optional", Level.ADDITION, "a parameter that can now be left out"
)
DEFAULT: Final = ChangeRule("V206", "default-changed", Level.BREAKING, "another default")
CONDITION: Final = ChangeRule("V207", "condition-changed", Level.BEHAVIOR, "an effect under other conditions")
NAME: Final = ChangeRule("V208", "parameter-name-changed", Level.BREAKING, "another name in code")
BRANCHES: Final = ChangeRule("V209", "branches-changed", Level.BREAKING, "other types that a value can have")
RENAMED_PARAMETER: Final = ChangeRule(
    "V210", "parameter-renamed", Level.BREAKING, "another name, with the former one still accepted in code"
)
FORMER_NAME: Final = ChangeRule(
    "V211", "former-name-removed", Level.BEHAVIOR, "a former name that is not accepted in code anymore"
)
TEXT: Final = ChangeRule("V290", "parameter-text-changed", Level.TEXT, "other texts about a parameter")


_MOST_ITEMS: Final = 1000
"""Items of the longest array in a witness."""
_SENT_BY_CLIENT: Final[Effects] = {
    Side.WIRE: Effect(Level.BREAKING),
    Side.PYTHON: Effect(Level.ADDITION),
    Side.COMMAND_LINE: Effect(Level.ADDITION),
    Side.TESTS: Effect(Level.ADDITION),
}
"""Existing clients do not send a parameter that the API demands; the new client does so automatically."""
_TEXTS: Final = ("description", "examples", "format", "note", "hidden_values")


@dataclass(frozen=True, slots=True)
class _Place:
    """Where the compared members are: in the spec, in words, and in a request."""

    model: Model
    """The old version."""
    pointer: Pointer
    label: str
    embed: Callable[[Json | Omit], Json | Omit]
    """Returns the body of a request with a value at this place, or without one for `OMIT`."""

    def __str__(self) -> str:
        return f"`{self.label}`"

    def at(self, *steps: str | int) -> Pointer:
        """Return the pointer of a key or value at this place."""
        return (*self.pointer, *steps)

    def request(self, value: Json | Omit) -> Witness | None:
        """Return the request with a value at this place, as a witness."""
        body = self.embed(value)
        if isinstance(body, Omit):
            return None
        return Witness("request", self.model.slug, body, method(self.model))

    def member(self, wire: str, others: Mapping[str, Json]) -> _Place:
        """Return the place of a member of the object at this place, which has `others` beside it."""
        return replace(
            self,
            pointer=(*self.pointer, wire),
            label=f"{self.label}.{wire}" if self.label else wire,
            embed=lambda value: self.embed(_with_member(others, wire, value)),
        )


def changes(old: Model, new: Model) -> Iterator[Change]:
    """Yield the changes of the parameters of a model, at every depth."""
    place = _Place(old, ("parameters",), "", lambda value: value)
    yield from _members(old.parameters, new.parameters, place, request(old))


def _with_member(others: Mapping[str, Json], wire: str, value: Json | Omit) -> Json:
    members = {name: other for name, other in others.items() if name != wire}
    return members if isinstance(value, Omit) else {wire: value, **members}


def _members(
    old: Sequence[Parameter], new: Sequence[Parameter], place: _Place, others: Mapping[str, Json]
) -> Iterator[Change]:
    """Yield the changes of the members of an object. `others` are members of a valid one in the old version."""
    before = {member.wire: member for member in old}
    after = {member.wire: member for member in new}
    renamed = successors(old, new)
    for wire, member in before.items():
        here = place.member(wire, others)
        successor = after.get(renamed.get(wire, ""))
        if wire not in after and successor is not None and _is_former(successor, member):
            yield _rename(member, successor, here)
            yield from _parameter(member, successor, here)
        elif wire not in after:
            yield _remove(member, renamed.get(wire), here)
        elif member != after[wire]:
            yield from _parameter(member, after[wire], here)
    announced = {renamed[wire] for wire in renamed if _is_former(after[renamed[wire]], before[wire])}
    for member in new:
        if member.wire not in before and member.wire not in announced:
            yield _add(member, place.member(member.wire, others))


def successors(old: Sequence[Parameter], new: Sequence[Parameter]) -> dict[str, str]:
    """Return the members that were renamed, as `renamed_from` says, or perhaps renamed: equal ones that are gone and new."""
    gone = [member for member in old if member.wire not in {each.wire for each in new}]
    appeared = [member for member in new if member.wire not in {each.wire for each in old}]
    found: dict[str, str] = {}
    for is_it in (_is_former, _is_same):
        for member in gone:
            free = (each.wire for each in appeared if each.wire not in found.values() and is_it(each, member))
            successor = None if member.wire in found else next(free, None)
            if successor is not None:
                found[member.wire] = successor
    return found


def _add(member: Parameter, place: _Place) -> Change:
    if not member.required:
        return Change(ADDED, place.pointer, f"{place} is new", effects(Level.ADDITION))
    return Change(
        REQUIRED_ADDED,
        place.pointer,
        f"{place} is new and required{_describe_sent(member)}",
        _SENT_BY_CLIENT if member.is_sent_by_default else UNTYPED,
        place.request(OMIT),
    )


def _remove(member: Parameter, successor: str | None, place: _Place) -> Change:
    value = sample(member)
    return Change(
        REMOVED,
        place.pointer,
        f"{place} is removed",
        UNTYPED,
        None if isinstance(value, Omit) else place.request(value),
        advice=f"it is perhaps renamed to {successor}" if successor else "",
    )


def _is_former(new: Parameter, old: Parameter) -> bool:
    """Return whether the new version still accepts the name of the old version in code."""
    accepted = python_parameter(new).renamed_from
    return bool(accepted) and accepted == python_parameter(old).name


def _rename(old: Parameter, new: Parameter, place: _Place) -> Change:
    value = sample(old)
    name = python_parameter(new).name
    return Change(
        RENAMED_PARAMETER,
        place.pointer,
        f"{place} is renamed to `{new.wire}`; the client still accepts the former name",
        _SENT_BY_CLIENT,
        None if isinstance(value, Omit) else place.request(value),
        advice=f"use {name}",
    )


def _parameter(old: Parameter, new: Parameter, place: _Place) -> Iterator[Change]:
    """Yield the changes of a parameter, a member or the items of an array that exist in both versions."""
    yield from _requirement(old, new, place)
    if old.applies_when != new.applies_when:
        yield Change(
            CONDITION,
            place.at("applies_when"),
            f"{place} has an effect under other conditions",
            effects(Level.BEHAVIOR),
        )
    before, after = python_parameter(old), python_parameter(new)
    if old.renamed_from and before.renamed_from not in (after.name, after.renamed_from):
        yield Change(
            FORMER_NAME,
            place.at("renamed_from"),
            f"{place}: the client does not accept the former name {before.renamed_from} anymore",
            effects(Level.BEHAVIOR, *RENAMED),
            advice=f"use {after.name}",
        )
    if before.name != after.name and old.wire == new.wire and _is_former(new, old):
        yield Change(
            RENAMED_PARAMETER,
            place.at("renamed_from"),
            f"{place} is called {after.name} in code; the client still accepts {before.name}",
            effects(Level.ADDITION, *RENAMED),
            advice=f"use {after.name}",
        )
    elif before.name != after.name and not _is_former(new, old):
        yield Change(
            NAME,
            place.at("name"),
            f"{place} is called {after.name} in code, before {before.name}",
            RENAMED,
            place.request(sample(old)),
        )
    if old.branches or new.branches:
        yield from _branches(old, new, place)
    else:
        yield from _form(old, new, place)
    texts = [name for name in _TEXTS if getattr(old, name) != getattr(new, name)]
    if texts:
        yield Change(
            TEXT, place.at(texts[0]), f"{place}: another {', '.join(texts)}", effects(Level.TEXT, Side.PYTHON)
        )


def _form(old: Parameter, new: Parameter, place: _Place) -> Iterator[Change]:
    """Yield the changes of the values of a parameter that is not a union, or of a branch."""
    yield from values.changes(old, new, place.label, place.pointer, place.request)
    if old.properties and new.properties:
        inner = replace(place, pointer=place.at("properties"))
        yield from _members(old.properties, new.properties, inner, minimal_object(old.properties) or {})
    if old.items is not None and new.items is not None and old.items != new.items:
        yield from _parameter(old.items, new.items, _items(place, old))


def _branches(old: Parameter, new: Parameter, place: _Place) -> Iterator[Change]:
    """Yield the changes of the branches of a union; a parameter that is not a union is one branch."""
    if old.nullable != new.nullable:
        yield Change(
            values.TYPE,
            place.at("anyOf"),
            f"{place}: null is {'allowed' if new.nullable else 'not allowed anymore'}",
            effects(Level.ADDITION) if new.nullable else values.on_command_line(UNTYPED, old, new, None),
            None if new.nullable else place.request(None),
        )
    before, after = _by_kind(old, new.branches), _by_kind(new, old.branches)
    for kind, (step, branch) in before.items():
        if kind in after:
            there, other = after[kind]
            yield from _form(branch, other, replace(place, pointer=place.at(*there)))
            continue
        value = _only_accepted_by(branch, new)
        yield Change(
            BRANCHES,
            place.at(*step),
            f"{place} cannot be {_words(old, branch)} anymore",
            UNTYPED if isinstance(value, Omit) else values.on_command_line(UNTYPED, branch, new, value),
            None if isinstance(value, Omit) else place.request(value),
        )
    for kind, (step, branch) in after.items():
        if kind not in before:
            yield Change(
                BRANCHES,
                place.at(*step),
                f"{place} can also be {_words(new, branch)}",
                effects(Level.ADDITION),
            )


def _only_accepted_by(branch: Parameter, new: Parameter) -> Json | Omit:
    """Return a value of a branch that the new version refuses; any value of it if none is found."""
    usual = sample(branch)
    candidates = [usual, *(probe.value for probe in probes(branch) if is_valid(branch, probe.value))]
    return next(
        (each for each in candidates if not isinstance(each, Omit) and not is_valid(new, each)), usual
    )


_Kind: TypeAlias = tuple[str, str, int]


def _by_kind(parameter: Parameter, others: Sequence[Parameter]) -> dict[_Kind, tuple[Pointer, Parameter]]:
    """Return the branches of a union with their places, by type, tag and, of those that have both in common, number; integers are
    numbers. Branches that the other version has as well are left out."""
    if not parameter.branches:
        return {(_kind(parameter), "", 0): ((), replace(parameter, nullable=False))}
    counts: Counter[tuple[str, str]] = Counter()
    found: dict[_Kind, tuple[Pointer, Parameter]] = {}
    for index, branch in enumerate(parameter.branches):
        if branch not in others:
            kind = _kind(branch), branch.tag_value(parameter.tag) or ""
            found[*kind, counts[kind]] = ("anyOf", index), branch
            counts[kind] += 1
    return found


def _kind(branch: Parameter) -> str:
    return "number" if branch.type == "integer" else branch.type


def _words(union: Parameter, branch: Parameter) -> str:
    """Return what a branch is: `a string`, `an object with type "text"`."""
    tag = branch.tag_value(union.tag)
    words = describe_type(branch)
    return words if tag is None else f"{words} with {union.tag} {format_value(tag)}"


def _items(place: _Place, array: Parameter) -> _Place:
    """Return the place of the items of an array."""
    count = max(array.min_items or 0, 1)

    def embed(value: Json | Omit) -> Json | Omit:
        # A limit can be billions; then there is no witness.
        return OMIT if isinstance(value, Omit) or count > _MOST_ITEMS else place.embed([value] * count)

    return replace(place, pointer=place.at("items"), label=f"{place.label}[]", embed=embed)


def _requirement(old: Parameter, new: Parameter, place: _Place) -> Iterator[Change]:
    """Yield whether the parameter must be given, and its default."""
    if new.required and not old.required:
        yield Change(
            REQUIRED,
            place.at("required"),
            f"{place} must be given{_describe_sent(new)}",
            _SENT_BY_CLIENT if new.is_sent_by_default else UNTYPED,
            place.request(OMIT),
        )
    elif old.required and not new.required:
        yield Change(OPTIONAL, place.at("required"), f"{place} can be left out", effects(Level.ADDITION))
    if is_equal(old.default, new.default):
        return
    pointer, message = (
        place.at("default"),
        f"{place}: default {_default(old)} → {_default(new)}",
    )
    if old.is_sent_by_default and new.must_be_given:
        found: Effects = {side: effect for side, effect in UNTYPED.items() if side is not Side.WIRE}
        yield Change(DEFAULT, pointer, message, found, place.request(OMIT))
    else:
        # A default that the documentation did not mention before was used all the same.
        is_documentation = not (old.required or new.required) and OMIT in (old.default, new.default)
        level = Level.TEXT if is_documentation else Level.BEHAVIOR
        yield Change(DEFAULT, pointer, message, effects(level))


def _describe_sent(parameter: Parameter) -> str:
    return f"; the client sends {_default(parameter)} automatically" if parameter.is_sent_by_default else ""


def _default(parameter: Parameter) -> str:
    return "none" if isinstance(parameter.default, Omit) else format_value(parameter.default)


def _is_same(one: Parameter, other: Parameter) -> bool:
    """Return whether two parameters are equal except for their names and texts."""
    renamed = replace(one, wire=other.wire, name=other.name, description=other.description, note=other.note)
    return renamed == other
