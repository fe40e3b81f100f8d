"""What can be set about an emulator, beyond what the specs say."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from specwright.emulator.clock import Clock
from specwright.errors import SpecwrightError


@dataclass(frozen=True, slots=True)
class Progress:
    """How jobs move on: the first `polls` polls of a job's status find it unfinished, every later one finished."""

    polls: int = 0


@dataclass(frozen=True, slots=True)
class Settings:
    """`key`: the only key that is accepted; None accepts any that is not empty. `seed`: where drawn seeds start.

    `max_jobs`: how many jobs are kept. `max_body`: bytes of the largest request body.
    """

    key: str | None = field(default=None, repr=False)
    progress: Progress = Progress()
    seed: int = 0
    max_jobs: int = 100_000
    max_body: int = 16 * 1024 * 1024
    clock: Clock = field(default_factory=Clock)


def parse_progress(text: str) -> Progress:
    """Reads `immediate` or `polls:N`.

    Raises:
        SpecwrightError: the text is neither.
    """
    if text == "immediate":
        return Progress()
    polls = re.fullmatch(r"polls:([0-9]{1,9})", text)
    if polls is None:
        raise SpecwrightError(
            f"progress is {text!r}",
            hint="write immediate, or polls:N for jobs that are finished after N polls of their status",
        )
    return Progress(int(polls[1]))
