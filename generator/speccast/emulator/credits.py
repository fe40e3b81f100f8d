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


class CreditsError(Exception):
    """The account has not enough credits for a request."""


class Ledger:
    """The credits of the one account that the emulator has.

    Without a `balance` there are some, which go down, but a request is never refused for the lack of them.
    """

    def __init__(self, balance: Decimal | None = None) -> None:
        self._is_limited = balance is not None
        self._balance = BALANCE if balance is None else balance

    def require(self, price: Decimal = PRICE) -> None:
        """Raises CreditsError where there is not enough for one more request."""
        if self._is_limited and self._balance < price:
            raise CreditsError

    def charge(self, price: Decimal = PRICE) -> Receipt:
        """Takes the price of a request.

        Raises:
            CreditsError: there is not enough.
        """
        self.require(price)
        cost = min(price, self._balance)
        self._balance -= cost
        return Receipt(float(cost), float(self._balance))
