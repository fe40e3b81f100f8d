"""Credits and what requests cost. The figures are invented, but they add up."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

PRICE = Decimal("0.01")
BALANCE = Decimal(1000)


@dataclass(frozen=True, slots=True)
class Receipt:
    """The cost of one request, and the credits left after it."""

    cost: float
    remaining: float


class CreditsError(Exception):
    """The account has not enough credits for a request."""


class Ledger:
    """The credits of the emulator's only account.

    Without a `balance` the credits decrease as well, but no request is refused for the lack of them.
    """

    def __init__(self, balance: Decimal | None = None) -> None:
        self._is_limited = balance is not None
        self._balance = BALANCE if balance is None else balance

    def require(self) -> None:
        """Raise CreditsError if the balance does not cover another request."""
        if self._is_limited and self._balance < PRICE:
            raise CreditsError

    def charge(self) -> Receipt:
        """Charge for a request.

        Raises:
            CreditsError: the balance is too low.
        """
        self.require()
        cost = min(PRICE, self._balance)
        self._balance -= cost
        return Receipt(float(cost), float(self._balance))

    def refund(self, receipt: Receipt) -> Receipt:
        """Give back what a request cost."""
        self._balance += Decimal(str(receipt.cost))
        return Receipt(0.0, float(self._balance))
