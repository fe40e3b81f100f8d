# speccast: if cost
"""`--max-cost`: refuse a request that is known to cost more, and report one that did."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import click

from .._runtime.prices import price_of_a_request
from .settings import number_of
from .terminal import one_line, print_error

if TYPE_CHECKING:
    from .settings import CommandSettings

__all__ = [
    "check_cost_before",
    "check_price",
    "max_cost_option",
    "read_limit",
    "report_cost",
]


def max_cost_option() -> click.Option:
    """Return the option that limits what a request may cost."""
    return click.Option(
        ["--max-cost"],
        metavar="NUMBER",
        callback=read_limit,
        help="Refuse the request if it is known to cost more, in the unit of the API. If only the response reports that it"
        " cost more, save the output and exit with code 1.",
    )


def check_price(price: str, settings: CommandSettings) -> None:
    """Raise click.UsageError if the documented price of a request is higher than the limit."""
    documented = price_of_a_request(price)
    if settings.max_cost is not None and documented is not None and documented > settings.max_cost:
        raise click.UsageError(
            f"the documented price of a request is {one_line(price)}, which is more than --max-cost"
            f" {settings.max_cost:.10g}; nothing was sent."
        )


def check_cost_before(cost: float | None, price: str, settings: CommandSettings) -> None:
    """Raise click.UsageError if the request cost more than the limit when it was sent the last time, or by its price."""
    if cost is None:
        check_price(price, settings)
    elif settings.max_cost is not None and cost > settings.max_cost:
        raise click.UsageError(
            f"the request cost {cost:.10g} the last time, which is more than {settings.max_cost:.10g}."
        )


def report_cost(cost: float | None, settings: CommandSettings) -> None:
    """Print an error if a request cost more than the limit. Raises click.exceptions.Exit with code 1."""
    if settings.max_cost is not None and cost is not None and cost > settings.max_cost:
        print_error(f"the request cost {cost:.10g}, which is more than --max-cost {settings.max_cost:.10g}")
        raise click.exceptions.Exit(1)


def read_limit(_context: click.Context, _option: click.Parameter, value: str | None) -> float | None:
    """Read `--max-cost`. Raises click.BadParameter."""
    if value is None:
        return None
    if not 0 <= (limit := number_of(value)) < math.inf:
        raise click.BadParameter("must be a number of at least 0.")
    return limit


# speccast: end
