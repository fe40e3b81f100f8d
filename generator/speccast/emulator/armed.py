"""Which fault strikes which request: those that a request asks for, and those that wait for one."""

from __future__ import annotations

import json
import random
from collections import OrderedDict
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from speccast.emulator.exact import exact_number
from speccast.emulator.faults import Fault, FaultError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from speccast.emulator.contract import Contract
    from speccast.emulator.routes import Kind
    from speccast.emulator.settings import Settings
    from speccast.specs.bundle import Bundle

MAX_ASKED = 1024
"""Texts of headers whose `times` are counted; the one that was used longest ago is forgotten first."""


@dataclass(slots=True)
class Armed:
    """A fault with what is left of its `times`, and how often it has struck."""

    fault: Fault
    left: int | None
    struck: int = 0

    def as_json(self) -> dict[str, Any]:
        return {"fault": self.fault.text, "left": self.left, "struck": self.struck}


@dataclass(frozen=True, slots=True)
class Effects:
    """What strikes one request: at most one failure, and seconds of delay. `texts` are the faults as written."""

    failure: Fault | None = None
    latency: float = 0.0
    texts: tuple[str, ...] = ()


NOTHING = Effects()


class Faults:
    """The faults of an emulator, in the order in which they were armed."""

    def __init__(self, bundle: Bundle, contract: Contract, settings: Settings) -> None:
        """Raises FaultError where one of the settings' faults cannot happen with this API."""
        self._models = bundle.models
        self._contract = contract
        self._settings = settings
        self.check(settings.faults)
        self.reset()

    def reset(self) -> None:
        """Back to the start: those of the settings are armed anew, all counts and the stream of draws begin again."""
        self._draws = random.Random(f"faults {self._settings.seed}")
        self.clear()
        self.arm(self._settings.faults)

    def arm(self, faults: Iterable[Fault]) -> None:
        """Adds faults; all of them or, where one of them cannot happen with this API (FaultError), none."""
        faults = tuple(faults)
        self.check(faults)
        self._armed += [Armed(fault, fault.times) for fault in faults]

    def clear(self) -> None:
        self._armed: list[Armed] = []
        self._asked: OrderedDict[str, Armed] = OrderedDict()

    def armed(self) -> tuple[Armed, ...]:
        return tuple(self._armed)

    def check(self, faults: Iterable[Fault]) -> None:
        """Refuses what could never happen here.

        Raises:
            FaultError: there is no such model, parameter or state of a job.
        """
        for fault in faults:
            self._check(fault)

    def strike(
        self,
        asked: Sequence[Fault],
        surface: Kind,
        model: str | None,
        read_parameters: Callable[[], Mapping[str, Any]],
    ) -> Effects:
        """What strikes a request; what does is used up. `asked` are the faults of its own header."""
        if not asked and not self._armed:
            return NOTHING
        latency, failure, texts = 0.0, None, []
        parameters: Mapping[str, Any] | None = None
        for armed in (*map(self._counted, asked), *self._armed):
            fault = armed.fault
            if fault.kind is not None and failure is not None:
                continue
            if surface not in fault.surfaces or fault.model not in (None, model) or armed.left == 0:
                continue
            if fault.when:
                parameters = read_parameters() if parameters is None else parameters
                if not all(_has(parameters, name, value) for name, value in fault.when):
                    continue
            if fault.probability < 1 and self._draws.random() >= fault.probability:
                continue
            armed.struck += 1
            armed.left = None if armed.left is None else armed.left - 1
            latency += fault.latency
            failure = failure if fault.kind is None else fault
            texts.append(fault.text)
        return Effects(failure, latency, tuple(texts))

    def _counted(self, fault: Fault) -> Armed:
        """A fault of a header, with the count of those before it that were written in the same way."""
        if fault.times is None:
            return Armed(fault, None)
        armed = self._asked.setdefault(fault.text, Armed(fault, fault.times))
        self._asked.move_to_end(fault.text)
        if len(self._asked) > MAX_ASKED:
            self._asked.popitem(last=False)
        return armed

    def _check(self, fault: Fault) -> None:
        if fault.model is not None and fault.model not in self._models:
            near = get_close_matches(fault.model, self._models, 1)
            meant = f"did you mean {near[0]}?" if near else f"there are {', '.join(self._models)}"
            raise FaultError(f"there is no model {fault.model!r}; {meant}")
        models = [self._models[fault.model]] if fault.model is not None else self._models.values()
        for name, _ in fault.when:
            if not any(name in model["parameters"] for model in models):
                raise FaultError(f"no model that it holds for has a parameter {name!r}")
        jobs = self._contract.jobs
        if (fault.kind == "job-failed" and (jobs is None or jobs.failed is None)) or (
            fault.kind == "job-stuck" and (jobs is None or not jobs.pending)
        ):
            raise FaultError(f"{fault.kind}: the API has no state for that")


def _has(parameters: Mapping[str, Any], name: str, value: str) -> bool:
    """Whether a parameter has a value, which is a text as it stands or JSON."""
    if name not in parameters:
        return False
    found = parameters[name]
    if isinstance(found, str):
        return found == value
    try:
        wanted = json.loads(value, parse_int=exact_number, parse_float=exact_number)
    except (ValueError, RecursionError):
        return False
    # In JSON a boolean is no number.
    return isinstance(found, bool) == isinstance(wanted, bool) and bool(found == wanted)
