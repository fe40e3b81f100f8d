"""The settings of an emulator, which are independent of the specs."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Literal
from urllib.parse import urlsplit

from speccast.emulator.clock import EmulatorClock
from speccast.errors import SpeccastError

if TYPE_CHECKING:
    from collections.abc import Callable

    from speccast.emulator.faults import Fault
    from speccast.emulator.rates import RequestRate


@dataclass(frozen=True, slots=True)
class JobProgress:
    """How jobs progress: the first `polls` polls of a job's status or result report it unfinished, later ones finished.

    With `seconds`, a job finishes that long after its submit by the emulator's clock, however often it is polled.
    """

    polls: int = 0
    seconds: float | None = None


@dataclass(frozen=True, slots=True)
class EmulatorSettings:
    """Settings with their defaults.

    Attributes:
        key: the only key that is accepted; None accepts any non-empty key.
        progress: how jobs progress.
        seed: start of the drawn seeds.
        credits: credits of the account, after which requests are refused; None never refuses.
        rate: rate limit for submits and blocking calls.
        faults: faults that are armed from the start.
        is_lenient: whether values of other types are converted and unknown names ignored.
        hosts: accepted host names besides those of loopback.
        origins: origins of web pages that may call the API, besides those of loopback; `*` is every origin.
        inputs: a folder with the files for addresses in requests, named by their last segment; `deny` refuses addresses.
        url: beginning of the addresses that the emulator hands out; None is the origin that the client used.
        max_jobs: number of jobs that are kept.
        journal: number of requests that are kept.
        max_body: bytes of the largest request body.
        max_upload: bytes of the largest file that is uploaded.
        max_seconds: seconds that a client may take to send a body.
        event_delay: seconds between two server-sent events of a streamed response.
        clock: the emulator's clock.
        log: called with a line for each request, when its response is known.
    """

    key: str | None = field(default=None, repr=False)
    progress: JobProgress = JobProgress()
    seed: int = 0
    credits: Decimal | None = None
    rate: RequestRate | None = None
    faults: tuple[Fault, ...] = ()
    is_lenient: bool = False
    hosts: frozenset[str] = frozenset()
    origins: tuple[str, ...] = ()
    inputs: Path | Literal["deny"] | None = None
    url: str | None = None
    max_jobs: int = 100_000
    journal: int = 1000
    max_body: int = 16 * 1024 * 1024
    max_upload: int = 64 * 1024 * 1024
    max_seconds: float = 30
    event_delay: float = 0.001
    clock: EmulatorClock = field(default_factory=EmulatorClock)
    log: Callable[[str], None] | None = None

    @property
    def all_hosts(self) -> frozenset[str]:
        """The accepted host names besides those of loopback, with that of the URL."""
        return self.hosts | ({urlsplit(self.url).hostname or ""} if self.url else set())

    def __post_init__(self) -> None:
        """Check the values.

        Raises:
            SpeccastError: the key is empty, or a number is too small.
        """
        if self.key is not None and not self.key.strip():
            raise SpeccastError("the key is empty", hint="omit it to accept any key")
        for name, least in (("max_jobs", 1), ("journal", 0)):
            number = getattr(self, name)
            if not isinstance(number, int) or number < least:
                raise SpeccastError(
                    f"invalid {name}: {number!r}", hint=f"it must be an integer, at least {least}"
                )


def parse_progress(text: str) -> JobProgress:
    """Parse `immediate`, `polls:N` or `time:S`.

    Raises:
        SpeccastError: the text is something else.
    """
    found = re.fullmatch(r"immediate|polls:([0-9]{1,9})|time:([0-9]{1,9}(?:\.[0-9]{1,6})?)", text)
    if found is None:
        raise SpeccastError(
            f"invalid progress {text!r}",
            hint="write immediate, polls:N for jobs that finish after N polls, "
            "or time:S for jobs that take S seconds",
        )
    return JobProgress(int(found[1] or 0), float(found[2]) if found[2] else None)


def parse_inputs(text: str | Path, start: Path | None = None) -> Path | Literal["deny"]:
    """Parse the name of a folder, relative to `start`, or `deny`.

    Raises:
        SpeccastError: there is no such folder.
    """
    if text == "deny":
        return "deny"
    folder = (start or Path.cwd()) / text
    if not folder.is_dir():
        raise SpeccastError(
            f"invalid inputs {str(text)!r}: not a folder",
            hint="write the path of a folder, or `deny` to refuse URLs",
        )
    return folder.resolve()


def parse_url(text: str) -> str:
    """Parse the address of an API such as `https://api.example.com`; behind a gateway, it can have a path.

    Raises:
        SpeccastError: it is not such an address.
    """
    host = r"https?://(?:[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?"
    found = re.fullmatch(rf"({host})((?:/[A-Za-z0-9._~%-]+)*)/?", text)
    if found is None:
        raise SpeccastError(
            f"invalid URL {text!r}", hint="write scheme and host, such as https://api.example.com"
        )
    return found[1].lower() + found[2]


def parse_origin(text: str) -> str:
    """Parse the origin of web pages as browsers send it, `null` for pages in files, or `*` for all.

    Raises:
        SpeccastError: it is not an origin.
    """
    if text in ("*", "null"):
        return text
    url = parse_url(text)
    if urlsplit(url).path:
        raise SpeccastError(f"invalid origin {text!r}", hint="write scheme and host without a path")
    return url


def parse_credits(text: str) -> Decimal:
    """Parse an amount of credits such as `10` or `0.05`.

    Raises:
        SpeccastError: it is not an amount.
    """
    if not re.fullmatch(r"[0-9]{1,12}(\.[0-9]{1,6})?", text):
        raise SpeccastError(f"invalid credits {text!r}", hint="write an amount such as 10 or 0.05")
    return Decimal(text)
