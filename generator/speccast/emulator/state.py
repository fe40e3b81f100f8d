"""One emulator without its server: what the specs define, and everything that changes while it runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from speccast.emulator.failures import FaultError
from speccast.emulator.fault_registry import FaultRegistry
from speccast.emulator.job_states import JobStates
from speccast.emulator.journal import RequestJournal
from speccast.emulator.rates import RateLimit
from speccast.emulator.routes import Routes
from speccast.emulator.scripted_answers import ScriptedAnswers
from speccast.emulator.service import Service
from speccast.emulator.settings import EmulatorSettings
from speccast.errors import SpeccastError
from speccast.specs.build import build_bundle

if TYPE_CHECKING:
    import asyncio

    from speccast.specs.bundle import Bundle


class EmulatorState:
    """Used by the server's own thread only."""

    def __init__(self, bundle: Bundle, settings: EmulatorSettings | None = None) -> None:
        """
        Raises:
            SpeccastError: the specs cannot be served, or a fault of the settings is impossible with this API.
        """
        self.api = build_bundle(bundle)
        self.models = {model.slug: model for model in self.api.models}
        self.settings = settings or EmulatorSettings()
        self.states = JobStates.of(self.api)
        self.routes = Routes(self.api)
        self.service = Service(self.api, self.states, self.settings)
        try:
            self.faults = FaultRegistry(self.api, self.states, self.settings)
        except FaultError as error:
            raise SpeccastError(f"impossible fault: {error}") from error
        self.answers = ScriptedAnswers(self.api)
        self.rate_limit = RateLimit(self.settings.rate, self.settings.clock)
        self.journal = RequestJournal(self.settings.journal, self.settings.clock, self.api.auth)
        self.in_flight: set[asyncio.Task[object]] = set()

    def reset(self) -> None:
        """Restore the initial state: jobs, credits, seeds, rate, faults, scripted answers, journal and clock.

        Requests that are in progress end, so that they change nothing afterwards.
        """
        for task in self.in_flight:
            task.cancel()
        self.settings.clock.reset()
        self.service.reset()
        self.faults.reset()
        self.answers.clear()
        self.rate_limit.reset()
        self.journal.clear()
