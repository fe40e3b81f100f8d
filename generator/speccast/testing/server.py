"""An emulator for tests: started in a thread of their process, controlled by methods.

The methods can be called from any thread and from asynchronous tests. They run in the emulator's thread, between two
requests, and return at once.
"""

from __future__ import annotations

from base64 import b64encode
from contextlib import ExitStack, contextmanager
from copy import copy
from mimetypes import guess_type
from pathlib import Path
from typing import TYPE_CHECKING, Any

from speccast.core.omit import OMIT
from speccast.emulator.source import read_source
from speccast.errors import SpeccastError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from decimal import Decimal

    from speccast.core.omit import Omit
    from speccast.core.parameter import Json
    from speccast.emulator.journal import RecordedRequest
    from speccast.emulator.server import RunningEmulator

KEY = "speccast-test-key"
"""The key to use with an emulator that accepts any key."""


class Emulator:
    """A running emulator. `url` is its origin, `key` a key that it accepts.

    With https, `certificate` is the file of the authority to trust (`SSL_CERT_FILE`); otherwise it is None.
    """

    def __init__(self, running: RunningEmulator, key: str, certificate: Path | None = None) -> None:
        self.url = running.url
        self.key = key
        self.certificate = certificate
        self._running = running
        self._state = running.state

    def __repr__(self) -> str:
        return f"<Emulator of {self._state.api.id} at {self.url}>"

    @property
    def environment(self) -> dict[str, str]:
        """Environment variables that the API's client reads, with the key and the URL; for subprocesses."""
        api = self._state.api
        values = {api.env_api_key: self.key, api.env_base_url: self.url}
        return {name: value for name, value in values.items() if name is not None}

    def fault(self, *faults: str) -> None:
        """Arm faults, such as `"status=503;retry-after=2;times=1"` or `"job-failed=Out of memory"`.

        Raises:
            ValueError: a fault is invalid, or cannot happen with this API. Then none is armed.
        """
        from speccast.emulator.faults import parse_fault

        parsed = [parse_fault(fault) for fault in faults]
        self._running.run(lambda: self._state.faults.arm(parsed))

    def clear_faults(self) -> None:
        """Disarm all faults, including those armed at the start."""
        self._running.run(self._state.faults.clear)

    def answer(
        self,
        body: Json | Omit = OMIT,
        *,
        file: str | Path | bytes | None = None,
        model: str | None = None,
        surface: str | None = None,
        when: Mapping[str, Json] | None = None,
        times: int | None = None,
        status: int = 200,
        headers: Mapping[str, str] | None = None,
        media_type: str | None = None,
    ) -> None:
        """Script the response to requests instead of the work: JSON, a text of another media type, or a file.

        Valid requests get the first answer whose conditions hold. `{request:/prompt}` in a text of the body is the value
        at that JSON pointer of the request's body; `{{` and `}}` are braces.

        Args:
            body: JSON data, or a text if `media_type` is not JSON; by default the response has no body.
            file: a file to send, by its path or as bytes, instead of `body`.
            model: the slug of the model; by default all models.
            surface: `sync`, `submit`, `status`, `result`, `cancel` or `output`; by default all.
            when: values of the request's body by JSON pointer, such as `{"/prompt": "a red fox"}`.
            times: how many requests get this answer; by default all.
            status: HTTP status, 200 to 599.
            headers: further headers of the response.
            media_type: by default that of JSON, or of the file by its name.

        Raises:
            ValueError: the answer is invalid, or the API never sends it.
            OSError: the file cannot be read.
        """
        value: dict[str, Any] = {
            "model": model,
            "surface": surface,
            "when": when,
            "times": times,
            "status": status,
            "headers": headers,
            "media_type": media_type,
        }
        if body is not OMIT:
            value["body"] = body
        if file is not None:
            content = file if isinstance(file, bytes) else Path(file).read_bytes()
            value["base64"] = b64encode(content).decode("ascii")
            if not isinstance(file, bytes):
                value["media_type"] = media_type or guess_type(file)[0]
        self._running.run(lambda: self._state.answers.add([value]))

    def clear_answers(self) -> None:
        """Remove all scripted answers."""
        self._running.run(self._state.answers.clear)

    def advance(self, seconds: float) -> None:
        """Move the emulator's clock forward. Retention, rates and jobs with `progress="time:S"` depend on it.

        Raises:
            ValueError: `seconds` is negative.
        """
        self._running.run(lambda: self._state.settings.clock.advance(seconds))

    def lines(self) -> list[str]:
        """Return the latest requests with their responses, a line each."""
        return self._running.run(lambda: [entry.line() for entry in self._state.journal.entries()])

    def reset(self) -> None:
        """Reset jobs, credits, seeds, rates, faults, scripted answers, journal and clock to the start."""
        self._running.run(self._state.reset)

    def journal(self, *, model: str | None = None, status: int | None = None) -> list[RecordedRequest]:
        """Return the latest requests, oldest first; only those of a model or with a status, if given."""
        journal = self._state.journal
        return self._running.run(lambda: list(map(copy, journal.entries(model=model, status=status))))


@contextmanager
def emulator(
    source: str | Path | None = None,
    *,
    api: str | None = None,
    key: str | None = None,
    progress: str = "immediate",
    faults: str | Iterable[str] = (),
    rate: str | None = None,
    credits: str | float | Decimal | None = None,  # noqa: A002 # as on the command line; the builtin prints a license
    seed: int = 0,
    lenient: bool = False,
    journal: int = 1000,
    max_jobs: int = 100_000,
    tls: bool = False,
    hosts: Iterable[str] = (),
    inputs: str | Path | None = None,
    url: str | None = None,
    start: Path | None = None,
) -> Iterator[Emulator]:
    """Run an emulator in a thread of this process, on a free port of the loopback interface.

    Args:
        source: a folder of specs, a `_specs.json`, or the name of an installed client's package; by default the specs
            of the project that contains `start`.
        api: the API to serve, if the specs have several.
        key: the only key to accept; by default any key is accepted.
        progress: `immediate`, `polls:N` or `time:SECONDS`.
        faults: faults to arm at the start and after each reset; a string has one per line.
        rate: the limit for requests that start work, such as `5/60s`.
        credits: the credits of the account; by default unlimited.
        seed: seed of the random numbers in outputs and faults.
        lenient: whether values of other types are converted and unknown names ignored.
        journal: number of requests to keep.
        max_jobs: number of jobs to keep.
        tls: whether to serve HTTPS, with a certificate for this machine, `hosts` and the host of `url`.
        hosts: other host names to accept, such as that of the API.
        inputs: a folder, relative to `start`, with the files for addresses in requests, named by their last segment; or `deny`
            to refuse addresses.
        url: the beginning of the addresses that the emulator hands out; by default the origin of the request.
        start: a folder; by default the current one. Relative sources are relative to it.

    Raises:
        SpeccastError: the specs are missing or have errors, a setting is invalid, or a package is missing.
        ValueError: a fault is invalid.
    """
    bundle = read_source(source, api=api, start=start)
    try:
        from speccast.emulator.faults import parse_fault, parse_faults
        from speccast.emulator.rates import parse_rate
        from speccast.emulator.server import start_emulator
        from speccast.emulator.settings import (
            EmulatorSettings,
            parse_credits,
            parse_inputs,
            parse_progress,
            parse_url,
        )
        from speccast.emulator.tls import make_authority
    except ModuleNotFoundError as error:
        raise SpeccastError(
            f"the emulator needs {error.name}, which is not installed", hint='pip install "speccast[serve]"'
        ) from None
    settings = EmulatorSettings(
        key=key,
        progress=parse_progress(progress),
        seed=seed,
        is_lenient=lenient,
        hosts=frozenset(hosts),
        inputs=None if inputs is None else parse_inputs(inputs, start),
        url=None if url is None else parse_url(url),
        credits=None if credits is None else parse_credits(str(credits)),
        rate=None if rate is None else parse_rate(rate),
        faults=parse_faults(faults) if isinstance(faults, str) else tuple(map(parse_fault, faults)),
        journal=journal,
        max_jobs=max_jobs,
    )
    with ExitStack() as stack:
        authority, certificate = (
            stack.enter_context(make_authority(settings.all_hosts)) if tls else (None, None)
        )
        running = stack.enter_context(start_emulator(bundle, settings, authority))
        yield Emulator(running, key or KEY, certificate)
