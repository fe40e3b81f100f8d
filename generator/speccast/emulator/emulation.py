"""Everything that one emulator is: what its specs say, and what changes while it runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from speccast.emulator.armed import Faults
from speccast.emulator.contract import read_contract
from speccast.emulator.faults import FaultError
from speccast.emulator.journal import Journal
from speccast.emulator.rates import RateLimit
from speccast.emulator.routes import Routes
from speccast.emulator.settings import Settings
from speccast.emulator.work import Work
from speccast.errors import SpeccastError

if TYPE_CHECKING:
    from speccast.specs.bundle import Bundle


class Emulation:
    """An emulator without its server. Only the server's own thread may use what changes."""

    def __init__(self, bundle: Bundle, settings: Settings | None = None) -> None:
        """Raises SpeccastError where the specs cannot be served or a fault of the settings cannot happen."""
        self.bundle = bundle
        self.settings = settings or Settings()
        self.contract = read_contract(bundle)
        self.routes = Routes(bundle, self.contract)
        self.work = Work(bundle, self.contract, self.settings)
        try:
            self.faults = Faults(bundle, self.contract, self.settings)
        except FaultError as error:
            raise SpeccastError(f"the fault cannot happen: {error}") from error
        self.rate = RateLimit(self.settings.rate, self.settings.clock)
        self.journal = Journal(self.settings.journal, self.settings.clock, self.contract)

    def reset(self) -> None:
        """Back to the start: jobs, credits, seeds, rates, faults, journal and clock."""
        self.settings.clock.reset()
        self.work.reset()
        self.faults.reset()
        self.rate.reset()
        self.journal.clear()
