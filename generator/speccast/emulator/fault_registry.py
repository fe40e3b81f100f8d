"""The faults that apply to a request: those in its header, and those that were armed before."""

from __future__ import annotations

import json
import random
from collections import OrderedDict
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from speccast.core.suggestions import closest
from speccast.core.values import is_equal
from speccast.emulator.exact_numbers import exact_number
from speccast.emulator.failures import FaultError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from speccast.core.api import Api
    from speccast.emulator.failures import Failure
    from speccast.emulator.faults import Fault
    from speccast.emulator.job_states import JobStates
    from speccast.emulator.routes import Surface
    from speccast.emulator.settings import EmulatorSettings

MAX_COUNTED = 1024
"""Maximum number of header texts whose `times` are counted; the least recently used is removed first."""


@dataclass(slots=True)
class ArmedFault:
    """A fault with its remaining `times`, and how often it was applied."""

    fault: Fault
    left: int | None
    struck: int = 0

    def as_json(self) -> dict[str, Any]:
        return {"fault": self.fault.text, "left": self.left, "struck": self.struck}


@dataclass(frozen=True, slots=True)
class FaultEffects:
    """What faults do to one request: at most one failure, and seconds of delay. `texts` are the faults as written."""

    failure: Failure | None = None
    latency: float = 0.0
    texts: tuple[str, ...] = ()


class FaultRegistry:
    """The armed faults of an emulator, in the order in which they were armed."""

    def __init__(self, api: Api, states: JobStates | None, settings: EmulatorSettings) -> None:
        """
        Raises:
            FaultError: a fault of the settings is impossible with this API.
        """
        self._parameters = {
            model.slug: frozenset(parameter.wire for parameter in model.parameters) for model in api.models
        }
        self._states = states
        self._settings = settings
        self.reset()

    def reset(self) -> None:
        """Restore the initial state: the faults of the settings, all counts, and the seed of the draws."""
        self._draws = random.Random(f"faults {self._settings.seed}")
        self.clear()
        self.arm(self._settings.faults)

    def arm(self, faults: Iterable[Fault]) -> None:
        """Add faults.

        Raises:
            FaultError: one of them is impossible with this API; then none is added.
        """
        faults = tuple(faults)
        self.check(faults)
        self._armed += [ArmedFault(fault, fault.times) for fault in faults]

    def clear(self) -> None:
        """Remove all faults and counts."""
        self._armed: list[ArmedFault] = []
        self._counted: OrderedDict[str, ArmedFault] = OrderedDict()

    def list_armed(self) -> tuple[ArmedFault, ...]:
        """Return the armed faults."""
        return tuple(self._armed)

    def check(self, faults: Iterable[Fault]) -> None:
        """Reject faults that can never apply.

        Raises:
            FaultError: the model, the parameter or the state of a job does not exist.
        """
        for fault in faults:
            self._check(fault)

    def effects_on(
        self,
        requested: Sequence[Fault],
        surface: Surface,
        model: str | None,
        read_parameters: Callable[[], Mapping[str, Any]],
        can_happen: Callable[[Failure], bool],
    ) -> FaultEffects:
        """Return what faults do to a request, and count it.

        `requested` are the faults in the request's header. `can_happen` is asked about failures of the work.
        """
        latency, failure, texts = 0.0, None, []
        read_once = cache(read_parameters)
        for armed in (*map(self._with_count, requested), *self._armed):
            fault = armed.fault
            if fault.failure is not None and failure is not None:
                continue  # it waits for its turn
            if armed.left != 0 and self._applies(fault, surface, model, read_once, can_happen):
                armed.struck += 1
                armed.left = None if armed.left is None else armed.left - 1
                latency += fault.latency
                failure = failure or fault.failure
                texts.append(fault.text)
        return FaultEffects(failure, latency, tuple(texts))

    def _applies(
        self,
        fault: Fault,
        surface: Surface,
        model: str | None,
        read_parameters: Callable[[], Mapping[str, Any]],
        can_happen: Callable[[Failure], bool],
    ) -> bool:
        """Return whether all conditions of a fault hold. Its probability is drawn last, so that other faults use no draw."""
        if surface not in fault.surfaces or fault.model not in (None, model):
            return False
        if not all(_has_value(read_parameters(), name, value) for name, value in fault.when):
            return False
        if fault.failure is not None and fault.failure.is_of_work and not can_happen(fault.failure):
            return False
        return fault.probability == 1 or self._draws.random() < fault.probability

    def _with_count(self, fault: Fault) -> ArmedFault:
        """Return a fault of a header, with the count of earlier headers with the same text."""
        if fault.times is None:
            return ArmedFault(fault, None)
        armed = self._counted.setdefault(fault.text, ArmedFault(fault, fault.times))
        self._counted.move_to_end(fault.text)
        if len(self._counted) > MAX_COUNTED:
            self._counted.popitem(last=False)
        return armed

    def _check(self, fault: Fault) -> None:
        models = self._parameters
        if fault.model is not None and fault.model not in models:
            close = closest(fault.model, models)
            hint = f"did you mean {close}?" if close else f"known models: {', '.join(models)}"
            raise FaultError(f"unknown model {fault.model!r}; {hint}")
        selected = [models[fault.model]] if fault.model is not None else models.values()
        for name, _ in fault.when:
            if not any(name in parameters for parameters in selected):
                raise FaultError(f"unknown parameter {name!r} in when")
        if fault.failure is not None and not fault.failure.is_possible(self._states):
            raise FaultError(f"{fault.failure.name}: the API has no job state for it")


def _has_value(parameters: Mapping[str, Any], name: str, text: str) -> bool:
    """Return whether a parameter has a value, which is written as text or JSON."""
    if name not in parameters:
        return False
    actual = parameters[name]
    if isinstance(actual, str):
        return actual == text
    try:
        value = json.loads(text, parse_int=exact_number, parse_float=exact_number)
    except (ValueError, RecursionError):
        return False
    return is_equal(actual, value)
