"""Runs what `compare` derived: the witnesses of breaks, and random requests against what is said to be compatible.

Each version gets an emulator and a generated client. The client of the old version sends the requests of witnesses to both
emulators, and calls in Python run with both clients. A break that does not show is not one.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections import defaultdict
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Final

from speccast.diff.change import Effect, Level, PlacedChange, Side, Witness
from speccast.diff.random_requests import random_requests
from speccast.diff.rules.models import EVENTS, has_files, method
from speccast.errors import SpeccastError
from speccast.generation.rendering import RenderJob, perform
from speccast.specs.bundle import SPECS, specs_json
from speccast.targets.python.names import python_model, python_parameter
from speccast.targets.registry import built_in_templates
from speccast.testing.server import KEY, emulator

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from speccast.core.api import Api
    from speccast.core.model import Model
    from speccast.diff.versions import Version

_TIMEOUT_S: Final = 600

_SCRIPT: Final = """
import importlib, json, sys
job = json.load(sys.stdin)
results = []
for case in job["cases"]:
    try:
        package = importlib.import_module(job["package"])
        client = getattr(package, job["client"])(job["key"], base_url=case["url"], max_retries=0)
        with client:
            if case["kind"] == "code":
                exec(case["code"], {"client": client})
            else:
                method = getattr(getattr(client, case["model"]), case["method"])
                result = method(**case["arguments"], validate=case["kind"] == "call")
                if case["method"] == "stream":
                    with result:
                        if not "".join(result):
                            raise ValueError("the events have no text")
    except Exception as error:
        results.append(f"{type(error).__name__}: {error}")
    else:
        results.append(None)
json.dump(results, sys.stdout)
"""
"""Runs cases with the client of one version, and writes the error of each, or null."""


@dataclass(slots=True)
class _Running:
    """A version of an API: its emulator's address, and the folder with its client."""

    api: Api
    url: str
    folder: Path
    cases: list[dict[str, Any]] = field(default_factory=list)

    def add(self, case: dict[str, Any], url: str) -> int:
        """Plan a case that calls an emulator, and return its number."""
        self.cases.append({**case, "url": url})
        return len(self.cases) - 1

    def results(self) -> list[str | None]:
        """Run the cases, and return their errors."""
        job = {"package": self.api.package, "client": self.api.client, "key": KEY, "cases": self.cases}
        done = subprocess.run(
            [sys.executable, "-W", "ignore", "-c", _SCRIPT],
            input=json.dumps(job),
            cwd=self.folder,
            capture_output=True,
            text=True,
            timeout=_TIMEOUT_S,
            check=False,
        )
        if done.returncode:
            reason = done.stderr.strip().splitlines()[-1:] or ["it was killed"]
            raise SpeccastError(
                f"the client {self.api.package} {self.api.version} cannot be run: {reason[0]}",
                hint='pip install "speccast[prove]"',
            )
        results: list[str | None] = json.loads(done.stdout)
        return results


def prove(
    before: Version, after: Version, found: Sequence[PlacedChange], requests: int
) -> tuple[PlacedChange, ...]:
    """Return the changes, with breaks that do not show as another behavior and breaks that nobody expected as breaks.

    `requests` is the number of random requests for each changed model.

    Raises:
        SpeccastError: a package is missing, or a client cannot be generated or run.
    """
    proven = list(found)
    for name in sorted(before.apis.keys() & after.apis.keys()):
        own = [each for each in proven if each.api == name]
        if own:
            others = [each for each in proven if each.api != name]
            proven = [*others, *_prove_api(before.apis[name].api, after.apis[name].api, own, requests)]
    return tuple(sorted(proven, key=lambda each: (-each.change.level, each.api, each.model)))


def _prove_api(before: Api, after: Api, found: list[PlacedChange], requests: int) -> list[PlacedChange]:
    slugs = {each.model for each in found}
    with ExitStack() as stack:
        old, new = (_start(api, slugs, stack) for api in (before, after))
        judged = _judged(old, new, found)
        return [*judged, *_refuted(old, new, judged, requests)]


def _start(api: Api, slugs: set[str], stack: ExitStack) -> _Running:
    """Start the emulator of a version, and generate its client with the changed models."""
    folder = Path(stack.enter_context(TemporaryDirectory(prefix="speccast-diff-")))
    specs = folder / SPECS
    specs.write_text(specs_json(api), encoding="utf-8")
    running = stack.enter_context(emulator(specs))
    models = tuple(model for model in api.models if model.slug in slugs)
    rendered = folder / "rendered"
    rendered.mkdir()
    client = replace(api, models=models)
    job = RenderJob(client, models, ("python",), built_in_templates(), rendered, shared=True)
    for file in perform(job):
        place = folder / "client" / file.record.path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(Path(file.place).read_bytes())
    return _Running(api, running.url, folder / "client")


def _judged(old: _Running, new: _Running, found: list[PlacedChange]) -> list[PlacedChange]:
    """Return the changes with the effects that their witnesses show."""
    models = {model.slug: model for model in old.api.models}
    later = {model.slug for model in new.api.models}
    numbers: list[tuple[int, int, int, int] | None] = []
    for each in found:
        witness = each.change.witness
        if witness is None or ((model := models.get(witness.model)) is not None and has_files(model)):
            numbers.append(None)
        elif witness.kind == "python":
            code = {"kind": "code", "code": witness.value}
            first = old.add(code, old.url)
            numbers.append((first, first, first, new.add(code, new.url)))
        else:
            model = models[witness.model]
            called = "stream" if each.change.rule is EVENTS else method(model)
            wire, call = (_case(kind, old.api, model, called, witness.value) for kind in ("wire", "call"))
            sent = old.add(wire, old.url), old.add(wire, new.url)
            numbers.append((*sent, old.add(call, old.url), new.add(call, new.url)))
    before, after = old.results(), new.results()
    old.cases.clear()
    judged = []
    for each, cases in zip(found, numbers, strict=True):
        if cases is None:
            judged.append(each)
            continue
        is_request = each.change.witness is not None and each.change.witness.kind == "request"
        wire_breaks = before[cases[0]] is None and before[cases[1]] is not None
        python_breaks = before[cases[2]] is None and after[cases[3]] is not None
        shows = {Side.PYTHON: python_breaks, Side.COPY: python_breaks, Side.COMMAND_LINE: python_breaks}
        if is_request:
            shows |= {Side.WIRE: wire_breaks, Side.TESTS: wire_breaks or python_breaks}
            # A copy keeps its own checks until it is updated, so it breaks with the wire as well.
            shows[Side.COPY] = wire_breaks or python_breaks
        if each.model and each.model not in later:
            shows = dict.fromkeys(shows, True)  # the model is gone, whatever the answer says
        judged.append(_shown(each, shows))
    return judged


def _shown(each: PlacedChange, shows: dict[Side, bool]) -> PlacedChange:
    """Return a change whose breaks count as another behavior on the sides where they do not show."""
    effects = {
        side: Effect(Level.BEHAVIOR)
        if effect.level is Level.BREAKING and not shows.get(side, True)
        else effect
        for side, effect in each.change.effects.items()
    }
    witness = each.change.witness
    is_shown = any(effect.level is Level.BREAKING for effect in effects.values())
    message = each.change.message if is_shown else f"{each.change.message} (the break does not show)"
    if witness is not None:
        witness = replace(witness, is_proven=True) if is_shown else None
    return replace(each, change=replace(each.change, effects=effects, witness=witness, message=message))


def _case(kind: str, api: Api, model: Model, name: str, body: Any) -> dict[str, Any]:
    """Return a call of a method. It sends the constants by itself, and `stream` also what asks for events."""
    names = {parameter.wire: python_parameter(parameter).name for parameter in model.parameters}
    places = api.event_places(model) if name == "stream" else None
    implied = {*model.sends, *(places.asks if places else ())}
    arguments = {names[wire]: value for wire, value in body.items() if wire not in implied}
    return {"kind": kind, "model": python_model(model).module, "method": name, "arguments": arguments}


def _refuted(
    old: _Running, new: _Running, found: Iterable[PlacedChange], requests: int
) -> list[PlacedChange]:
    """Return a break for each changed model that refuses a random request, although none of its changes says so."""
    by_model: dict[str, list[PlacedChange]] = defaultdict(list)
    for each in found:
        by_model[each.model].append(each)
    later = {model.slug: model for model in new.api.models}
    refuted = []
    for model in old.api.models:
        changes = by_model.get(model.slug, [])
        is_known = any(
            each.change.effects.get(Side.WIRE, Effect(Level.TEXT)).level is Level.BREAKING for each in changes
        )
        if not changes or is_known or model.slug not in later or has_files(model):
            continue
        body = random_requests(model, later[model.slug], requests)
        if body is not None:
            first = changes[0]
            change = replace(
                first.change,
                message=f"{first.change.message} (a random request that was accepted is refused)",
                effects={**first.change.effects, Side.WIRE: Effect(Level.BREAKING)},
                witness=Witness("request", model.slug, body, is_proven=True),
            )
            refuted.append(replace(first, change=change))
    return refuted
