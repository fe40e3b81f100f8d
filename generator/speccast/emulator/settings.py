"""What can be set about an emulator, beyond what the specs say."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING

from speccast.emulator.clock import Clock
from speccast.errors import SpeccastError

if TYPE_CHECKING:
    from speccast.emulator.faults import Fault
    from speccast.emulator.rates import Rate


@dataclass(frozen=True, slots=True)
class Progress:
    """How jobs move on: the first `polls` polls of a job's status find it unfinished, every later one finished.

    With `seconds` it is finished that long after its submit, by the emulator's clock, whoever looks.
    """

    polls: int = 0
    seconds: float | None = None


@dataclass(frozen=True, slots=True)
class Settings:
    """`key`: the only key that is accepted; None accepts any that is not empty. `seed`: where drawn seeds start.

    `credits`: what the account has, and requests are refused when it is used up; None never refuses. `rate`: how many
    requests for work are taken. `faults`: those that are armed from the start. `hosts`: names besides those of
    loopback under which it is reached. `max_jobs`: how many jobs are kept. `journal`: how many requests are.
    `max_body`: bytes of the largest request body. `max_seconds`: how long a client may take to send one.
    """

    key: str | None = field(default=None, repr=False)
    progress: Progress = Progress()
    seed: int = 0
    credits: Decimal | None = None
    rate: Rate | None = None
    faults: tuple[Fault, ...] = ()
    hosts: frozenset[str] = frozenset()
    max_jobs: int = 100_000
    journal: int = 1000
    max_body: int = 16 * 1024 * 1024
    max_seconds: float = 30
    clock: Clock = field(default_factory=Clock)

    def __post_init__(self) -> None:
        """Raises SpeccastError for what nobody can mean. An empty key is one: no request has it."""
        if self.key is not None and not self.key.strip():
            raise SpeccastError("the key is empty", hint="leave it out to accept any key")
        for name, least in (("max_jobs", 1), ("journal", 0)):
            number = getattr(self, name)
            if not isinstance(number, int) or number < least:
                raise SpeccastError(f"{name} is {number!r}", hint=f"it is a whole number from {least}")


def parse_progress(text: str) -> Progress:
    """Reads `immediate`, `polls:N` or `time:S`.

    Raises:
        SpeccastError: the text is none of them.
    """
    if text == "immediate":
        return Progress()
    polls = re.fullmatch(r"polls:([0-9]{1,9})", text)
    if polls is not None:
        return Progress(int(polls[1]))
    seconds = re.fullmatch(r"time:([0-9]{1,9}(?:\.[0-9]{1,6})?)", text)
    if seconds is not None:
        return Progress(seconds=float(seconds[1]))
    raise SpeccastError(
        f"progress is {text!r}",
        hint="write immediate, or polls:N for jobs that are finished after N polls of their status, "
        "or time:S for jobs that take S seconds",
    )


def parse_credits(text: str) -> Decimal:
    """Reads an amount of credits such as `10` or `0.05`.

    Raises:
        SpeccastError: it is none.
    """
    if not re.fullmatch(r"[0-9]{1,12}(\.[0-9]{1,6})?", text):
        raise SpeccastError(f"the credits are {text!r}", hint="write an amount such as 10 or 0.05")
    return Decimal(text)
