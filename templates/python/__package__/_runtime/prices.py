"""Prices that documentation pages print."""

from __future__ import annotations

import re

__all__ = ["price_of_a_request"]

_PRICE = re.compile(
    r"""(?:about|approx\.?|~|≈)?\s*[$€£¥]?\s*(\d+(?:\.\d+)?)\s*(?:[$€£¥]|usd|eur|credits?)?
    \s*(?:(?:/|per)\s*["']?(?:call|clip|file|generation|image|picture|request|run|song|video)["']?)?""",
    re.ASCII | re.IGNORECASE | re.VERBOSE,
)
"""A price of one request. Prices of a second or of a thousand characters do not tell what a request costs."""


def price_of_a_request(price: str) -> float | None:
    """Return the number in a documented price; None unless it is what one request costs."""
    found = _PRICE.fullmatch(price.strip())
    return float(found[1]) if found is not None else None
