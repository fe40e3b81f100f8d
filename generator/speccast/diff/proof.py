"""Runs what `compare` derived: the witnesses of breaks, and random requests against what is said to be compatible.

Each version gets an emulator and a generated client. The client of the old version sends the requests of witnesses to both
emulators; calls in Python and commands run with both clients, and mypy checks the calls with both. A break that does not show is not
one.
"""

from __future__ import annotations

from collections import defaultdict
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final

from speccast.diff.change import Effect, Level, PlacedChange, Side, Witness, without_break
from speccast.diff.compare import complete
from speccast.diff.playback import PlaybackCase, PlaybackOutcome, World
from speccast.diff.random_requests import random_requests, refused_request
from speccast.diff.rules.models import EVENTS, RETURNS, find_renamed
from speccast.diff.running import Running, start
from speccast.diff.type_check import type_errors
from speccast.diff.witnesses import call, method, words
from speccast.targets.python.names import python_model, python_parameter

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from speccast.core.api import Api
    from speccast.core.model import Model
    from speccast.diff.versions import Version

_NOT_SHOWN: Final = "the break does not show"


def prove(
    before: Version, after: Version, found: Sequence[PlacedChange], requests: int
) -> tuple[PlacedChange, ...]:
    """Return the changes, with breaks that do not show as another behavior and unexpected breaks as breaks.

    `requests` is the number of random requests for each changed model.

    Raises:
        SpeccastError: a package is missing, or a client cannot be generated or run.
    """
    proven = [_without_api(each) if each.api not in after.apis else each for each in found]
    for name in sorted(before.apis.keys() & after.apis.keys()):
        own = [each for each in proven if each.api == name]
        if own:
            others = [each for each in proven if each.api != name]
            proven = [*others, *_prove_api(before.apis[name].api, after.apis[name].api, own, requests)]
    return tuple(sorted(proven, key=lambda each: (-each.change.level, each.api, each.model)))


def _without_api(each: PlacedChange) -> PlacedChange:
    """Return a change of an API that is gone: nothing has its package, which needs no proof."""
    witness = each.change.witness
    return replace(each, change=replace(each.change, witness=witness and replace(witness, is_proven=True)))


def _prove_api(before: Api, after: Api, found: list[PlacedChange], requests: int) -> list[PlacedChange]:
    with ExitStack() as stack:
        trial = Trial(before, after, found, stack)
        judged = [trial.judge_change(each) for each in found]
        refuted = _refute(trial, judged, requests)
        return [each for each in judged if each not in refuted] + list(refuted.values())


@dataclass(frozen=True, slots=True)
class _ClientRun:
    """A case of one client, by number."""

    running: Running
    number: int

    @property
    def outcome(self) -> PlaybackOutcome:
        return self.running.outcomes[self.number]


@dataclass(frozen=True, slots=True)
class _Pair:
    """The same thing before and after."""

    before: _ClientRun
    after: _ClientRun

    @property
    def breaks(self) -> bool:
        return self.after.outcome.is_worse_than(self.before.outcome)


class Trial:
    """Both versions of an API, running, and what was done with them to show the breaks."""

    def __init__(self, before: Api, after: Api, found: Iterable[PlacedChange], stack: ExitStack) -> None:
        breaks = [each for each in found if each.change.witness is not None]
        slugs = {each.model for each in found} | {
            each.change.witness.model for each in breaks if each.change.witness
        }
        self.models: Mapping[str, Model] = {model.slug: model for model in before.models}
        later = {model.slug: model for model in after.models}
        moved = find_renamed(self.models, later)
        self.later: Mapping[str, Model] = {**later, **{slug: later[moved[slug]] for slug in moved}}
        slugs |= {*moved.values()}
        self.old, self.new = (start(api, slugs, stack) for api in (before, after))
        self._stack, self._slugs = stack, slugs
        self._pairs: dict[int, dict[Side, _Pair]] = {}
        self._snippets: dict[int, int] = {}
        senders: list[Running] = [self.old]
        codes: list[str] = []
        for each in breaks:
            witness = each.change.witness
            assert witness is not None
            self._pairs[id(each)] = self._plan(each, witness, senders)
            code = self._code(witness)
            if code and _level(each, Side.PYTHON) is Level.BREAKING:
                self._snippets[id(each)] = len(codes)
                codes.append(code)
        for running in (*senders, self.new):
            running.play()
        cache = Path(stack.enter_context(TemporaryDirectory(prefix="speccast-diff-")))
        self._errors = [
            type_errors(running.folder, running.api, codes, cache) for running in (self.old, self.new)
        ]

    def _plan(self, each: PlacedChange, witness: Witness, senders: list[Running]) -> dict[Side, _Pair]:
        """Plan what shows the break, by side."""
        if witness.kind == "command":
            return {}
        if witness.kind == "python":
            return {Side.PYTHON: self._pair(PlaybackCase(self.old.world, "code", witness.value), self.new)}
        model = self.models[witness.model]
        returns = model.returns if each.change.rule is RETURNS else ()
        case = PlaybackCase(
            self.old.world,
            witness.action,
            self._arguments(model, witness),
            python_model(model).module,
            is_checked=True,
            returns=returns,
            place=witness.place,
            events=self.old.api.event_places(model) if each.change.rule is EVENTS else None,
        )
        sender, new = self.old, self.new
        if witness.sender is not None:
            sender = start(witness.sender(self.old.api), self._slugs, self._stack)
            senders.append(sender)
        if witness.answering is not None:
            new = start(self.new.api, (), self._stack, answering=witness.answering, has_client=False)
        sent = replace(case, is_checked=False)
        planned = {
            Side.WIRE: _Pair(
                _ClientRun(sender, sender.add(sent)),
                _ClientRun(sender, sender.add(replace(sent, world=new.world))),
            ),
            Side.PYTHON: self._pair(case, new),
        }
        typed = words(self.old.api, model, witness.action, witness.value)
        is_refused_at_once = witness.action in ("generate", "submit") and witness.answering is None
        if typed is not None and is_refused_at_once:
            planned[Side.COMMAND_LINE] = self._pair(PlaybackCase(World(), "command", typed), self.new)
        return planned

    def _pair(self, case: PlaybackCase, new: Running) -> _Pair:
        later = replace(case, world=new.world)
        return _Pair(_ClientRun(self.old, self.old.add(case)), _ClientRun(self.new, self.new.add(later)))

    def _arguments(self, model: Model, witness: Witness) -> dict[str, object]:
        """Return the arguments of the method. It sends the constants automatically, and `stream` also the parameters that ask for events."""
        names = {parameter.wire: python_parameter(parameter).name for parameter in model.parameters}
        places = self.old.api.event_places(model) if witness.action == "stream" else None
        implied = set(places.asks) if places else set()
        return {
            names[wire]: value
            for wire, value in witness.value.items()
            if wire in names and wire not in implied
        }

    def _code(self, witness: Witness) -> str:
        """Return the witness as Python that mypy checks; empty if it is a command."""
        if witness.kind == "request":
            model = self.models[witness.model]
            arguments = self._arguments(model, witness)
            wires = {python_parameter(each).name: each.wire for each in model.parameters}
            return call(model, witness.action, {wires[name]: value for name, value in arguments.items()})
        return str(witness.value) if witness.kind == "python" else ""

    def send(self, model: Model, bodies: Iterable[object]) -> list[tuple[PlaybackCase, object, int]]:
        """Plan that the old client sends bodies to the new version, and return the numbers of the cases."""
        action = method(model)
        for running in (self.old, self.new):
            if model.is_sync and model.slug in {each.slug for each in running.api.models}:
                # The work would take most of the time, and whether a request is refused does not depend on it.
                running.emulator.answer(
                    file=b"done", media_type="text/plain", model=model.slug, surface="sync"
                )
        planned = []
        for body in bodies:
            arguments = self._arguments(model, Witness("request", model.slug, body, action))
            case = PlaybackCase(
                self.new.world, action, arguments, python_model(model).module, is_checked=False
            )
            planned.append((case, body, self.old.add(case)))
        return planned

    def judge_change(self, each: PlacedChange) -> PlacedChange:
        """Return a change with the breaks that its witness shows."""
        change = each.change
        witness = change.witness
        if witness is None or change.level is not Level.BREAKING:
            return each
        shown: dict[Side, Effect] = {
            side: self._effect(each, witness, side, effect) if effect.level is Level.BREAKING else effect
            for side, effect in change.effects.items()
            if side is not Side.COPY
        }
        if not any(effect.level is Level.BREAKING for effect in shown.values()):
            return replace(each, change=complete(without_break(change, _NOT_SHOWN)))
        proven = replace(change, effects=shown, witness=replace(witness, is_proven=True))
        return replace(each, change=complete(proven))

    def _effect(self, each: PlacedChange, witness: Witness, side: Side, effect: Effect) -> Effect:
        """Return the effect that was derived as a break for a side, as it shows."""
        if witness.kind == "command":
            return effect if self._lacks_name(witness) else Effect(Level.BEHAVIOR)
        pairs = self._pairs[id(each)]
        if each.model and each.model not in self.later:
            return effect  # the model is gone, regardless of the answer
        runs = pairs[Side.PYTHON].breaks
        if side is Side.PYTHON:
            if self._is_type_error(each):
                return Effect(Level.BREAKING, "type check")
            return Effect(Level.BREAKING, "run time") if runs else Effect(Level.BEHAVIOR)
        shows = pairs[side].breaks if side in pairs else runs
        return effect if shows else Effect(Level.BEHAVIOR)

    def _is_type_error(self, each: PlacedChange) -> bool:
        """Return whether mypy accepts the code with the old client, and not with the new one."""
        number = self._snippets.get(id(each))
        before, after = self._errors
        return number is not None and number not in before and number in after

    def _lacks_name(self, witness: Witness) -> bool:
        """Return whether the new project has another name for what a command names."""
        names = [(running.api.command, running.api.distribution) for running in (self.old, self.new)]
        command, distribution = (before != after for before, after in zip(*names, strict=True))
        return bool(distribution if str(witness.value).startswith("pip ") else command)


def _refute(trial: Trial, found: Iterable[PlacedChange], requests: int) -> dict[PlacedChange, PlacedChange]:
    """Return a break for each changed model that refuses a random request, although none of its changes says so."""
    by_model: dict[str, list[PlacedChange]] = defaultdict(list)
    for each in found:
        by_model[each.model].append(each)
    general = any(_level(each, Side.WIRE) is Level.BREAKING for each in by_model[""])
    planned: dict[str, list[tuple[PlaybackCase, object, int]]] = {}
    refused: dict[str, object] = {}
    for slug, changes in by_model.items():
        model, later = trial.models.get(slug), trial.later.get(slug)
        if (
            model is None
            or later is None
            or general
            or any(_level(each, Side.WIRE) is Level.BREAKING for each in changes)
        ):
            continue
        body = refused_request(model, later, requests)
        if body is None:
            planned[slug] = trial.send(model, random_requests(model, requests))
        else:
            refused[slug] = body
    trial.old.play()
    for slug, sent in planned.items():
        failed = [(case, body) for case, body, number in sent if trial.old.outcomes[number].error]
        # What the old version refuses as well is not a break.
        again = [(trial.old.add(replace(case, world=trial.old.world)), body) for case, body in failed]
        trial.old.play()
        worked = [body for number, body in again if trial.old.outcomes[number].error is None]
        if worked:
            refused[slug] = min(worked, key=lambda body: len(repr(body)))
    return {by_model[slug][0]: _refutation(by_model[slug][0], body) for slug, body in refused.items()}


def _level(each: PlacedChange, side: Side) -> Level | None:
    effect = each.change.effects.get(side)
    return None if effect is None else effect.level


def _refutation(each: PlacedChange, body: object) -> PlacedChange:
    change = replace(
        each.change,
        message=f"{each.change.message} (a random request that was accepted is refused)",
        effects={**each.change.effects, Side.WIRE: Effect(Level.BREAKING)},
        witness=Witness("request", each.model, body, is_proven=True),
    )
    return replace(each, change=complete(change))
