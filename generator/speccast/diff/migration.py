"""How users of a client adapt their code: a table of calls and commands, before and after.

The call before is the one that a change breaks. The call after is its smallest adaptation that the new version accepts.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from speccast.core.check import member_mismatches
from speccast.core.omit import Omit
from speccast.diff.change import Level, Side
from speccast.diff.reports import code
from speccast.diff.rules.models import RENAMED_MODEL, find_renamed
from speccast.diff.rules.parameters import RENAMED_PARAMETER, successors
from speccast.diff.witnesses import call, command
from speccast.samples.probes import probes
from speccast.samples.values import is_valid, sample

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from speccast.core.api import Api
    from speccast.core.model import Model
    from speccast.core.parameter import Json, Parameter
    from speccast.diff.change import Change, PlacedChange, PlaybackAction
    from speccast.diff.versions import Version

_SIDES = (Side.PYTHON, Side.COMMAND_LINE)


@dataclass(frozen=True, slots=True)
class Adaptation:
    """A call or a command that a change breaks, and what takes its place; either can be empty."""

    side: Side
    before: str
    after: str


def migration(before: Version, after: Version, found: Iterable[PlacedChange]) -> str:
    """Return a Markdown table for the breaks of Python code and command lines; a sentence if there are none."""
    rows = [row for each in found for row in _rows(before, after, each)]
    title = f"## From {code(before.label)} to {code(after.label)}"
    if not rows:
        return f"{title}\n\nNo code has to change.\n"
    head = "| change | before | after |\n| --- | --- | --- |"
    return "\n".join([title, "", head, *rows, ""])


def adaptations(before: Version, after: Version, each: PlacedChange) -> Iterator[Adaptation]:
    """Yield what a break of Python code or command lines means for them; nothing for other changes."""
    change, witness = each.change, each.change.witness
    if not (_is_break(change) or change.rule in (RENAMED_PARAMETER, RENAMED_MODEL)):
        return
    if witness is None:
        yield Adaptation(Side.PYTHON, "", change.advice)
        return
    if each.api not in after.apis or not witness.model:
        yield Adaptation(Side.PYTHON, str(witness), change.advice)
        return
    apis = before.apis[each.api].api, after.apis[each.api].api
    models = [{model.slug: model for model in api.models} for api in apis]
    moved = find_renamed(*models)
    old, new = models[0].get(witness.model), models[1].get(moved.get(witness.model, witness.model))
    body = witness.value if isinstance(witness.value, dict) else None
    if old is None or new is None or body is None:
        yield Adaptation(Side.PYTHON, str(witness.value), change.advice)
        return
    action = witness.action
    changed = adapt_body(old, new, body) if is_possible(action, apis[1], new) else None
    later = None if changed is None else call(new, action, changed)
    yield Adaptation(Side.PYTHON, call(old, action, body), later or change.advice)
    if changed is not None:
        commands = command(apis[0], old, action, body), command(apis[1], new, action, changed)
        yield Adaptation(Side.COMMAND_LINE, *commands)


def is_possible(action: PlaybackAction, api: Api, model: Model) -> bool:
    """Return whether a model has the method that sends a request."""
    match action:
        case "generate" | "refuse":
            return model.is_sync
        case "stream":
            return model.is_sync and api.event_places(model) is not None
        case "cancel":
            return model.is_async and api.jobs is not None and api.jobs.cancel is not None
    return model.is_async


def _is_break(change: Change) -> bool:
    return any(side in change.effects and change.effects[side].level is Level.BREAKING for side in _SIDES)


def _rows(before: Version, after: Version, each: PlacedChange) -> Iterator[str]:
    about = f"{each.subject}: {each.change.message.replace('`', '')}"
    for index, adaptation in enumerate(adaptations(before, after, each)):
        cells = ("" if index else about, adaptation.before, adaptation.after)
        yield f"| {' | '.join(code(cell) if cell else '' for cell in cells)} |"


def adapt_body(old: Model, new: Model, body: dict[str, Json]) -> dict[str, Json] | None:
    """Return a body that the new version accepts, as near to a body of the old one as possible; None if none is found."""
    known = {parameter.wire: parameter for parameter in new.parameters}
    renamed = successors(old.parameters, new.parameters)
    result: dict[str, Json] = {}
    for wire, value in body.items():
        name = renamed.get(wire, wire)
        if name in known:
            nearest = _nearest(known[name], value)
            if not isinstance(nearest, Omit):
                result[name] = nearest
    for parameter in new.parameters:
        if parameter.must_be_given and parameter.wire not in result:
            valid = sample(parameter)
            if isinstance(valid, Omit):
                return None
            result[parameter.wire] = valid
    return None if any(member_mismatches(new.parameters, result)) else result


def _nearest(parameter: Parameter, value: Json) -> Json | Omit:
    """Return the value if it is valid, else the nearest valid number, else any valid value."""
    if is_valid(parameter, value):
        return value
    numbers = [
        probe.value
        for probe in probes(parameter)
        if isinstance(probe.value, int | float)
        and not isinstance(probe.value, bool)
        and is_valid(parameter, probe.value)
    ]
    if numbers and isinstance(value, int | float):
        return min(numbers, key=lambda number: abs(number - value))
    return sample(parameter)
