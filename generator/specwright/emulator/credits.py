"""What requests cost. The figures are made up; only that they add up is meant."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

PRICE = Decimal("0.01")
BALANCE = Decimal(1000)


@dataclass(frozen=True, slots=True)
class Receipt:
    """What one request cost, and what was left after it."""

    cost: float
    remaining: float


class Ledger:
    """The credits of the one account that the emulator has."""

    def __init__(self, balance: Decimal = BALANCE) -> None:
        self._balance = balance

    def charge(self, price: Decimal = PRICE) -> Receipt:
        """Takes what is there: an empty account stays empty, and the request is served all the same."""
        cost = min(price, self._balance)
        self._balance -= cost
        return Receipt(float(cost), float(self._balance))
