"""Plays requests, code and commands with a generated client: `python -m speccast.diff.playback` in the client's folder.

Reads a pickled `Session` from its standard input, and writes the outcome of each case as JSON: the error and what was seen. Only `speccast.diff.running`
starts it.
"""

from __future__ import annotations

import contextlib
import importlib
import io
import json
import os
import pickle
import sys
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from speccast.core.omit import OMIT
from speccast.core.places import read_first
from speccast.samples.media import MediaSample
from speccast.samples.probes import UNKNOWN_NAME
from speccast.samples.size import expand
from speccast.testing.media import make_media

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from speccast.core.places import EventPlaces, Paths
    from speccast.diff.change import PlaybackAction

DEADLINE_S: Final = 3.0
"""Seconds until a job has failed to finish. The emulator finishes it at the first poll."""
_REASON: Final = "because a witness asks for it"
_FAULTS: Final[Mapping[str, str]] = {"fail": f"job-failed={_REASON}", "cancel": "job-stuck"}
_FAULT_HEADER: Final = "x-speccast-fault"
_READ: Final = ("cost", "detail", "output", "remaining_credits", "request_id", "text")


@dataclass(frozen=True, slots=True)
class World:
    """The hosts that exist, each with the emulator behind it, and the hosts that serve the path of a call, where others do not."""

    hosts: Mapping[str, str] = field(default_factory=dict[str, str])
    paths: Mapping[str, frozenset[str]] = field(default_factory=dict[str, frozenset[str]])


@dataclass(frozen=True, slots=True)
class PlaybackCase:
    """One thing to do with a client, and what is there for it to call."""

    world: World
    action: PlaybackAction | str
    """What to do with a request, or `code` or `command`."""
    value: Any
    """The arguments of the request, or the code, or the words of the command."""
    model: str = ""
    """The attribute of the model."""
    is_checked: bool = True
    """Whether the client checks the parameters."""
    returns: tuple[str, ...] = ()
    """The media types that outputs must have; any if empty."""
    place: tuple[str, Paths] | None = None
    """A value to look for in the answer."""
    events: EventPlaces | None = None
    """Where a streamed response must have its text and its end."""


@dataclass(frozen=True, slots=True)
class PlaybackSession:
    """The client, and what to do with it."""

    package: str
    client: str
    key: str
    cases: list[PlaybackCase] = field(default_factory=list[PlaybackCase])


class PlaybackOutcome(NamedTuple):
    """What came back: an error, or the names of the values that the client found."""

    error: str | None = None
    seen: frozenset[str] = frozenset()

    def is_worse_than(self, other: PlaybackOutcome) -> bool:
        """Return whether the other one worked, and this one does not or lacks a value."""
        return other.error is None and (self.error is not None or not other.seen <= self.seen)


def main() -> None:
    session: PlaybackSession = pickle.load(sys.stdin.buffer)  # from the parent process
    outcomes = [_outcome(session, case) for case in session.cases]
    json.dump([(outcome.error, sorted(outcome.seen)) for outcome in outcomes], sys.stdout)


def _outcome(session: PlaybackSession, case: PlaybackCase) -> PlaybackOutcome:
    environment = dict(os.environ)
    try:
        # What code and commands print would corrupt the result for the parent.
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            return _play(session, case)
    except Exception as error:  # any error of the client is the outcome
        return PlaybackOutcome(f"{type(error).__name__}: {error}")
    finally:
        os.environ.clear()
        os.environ.update(environment)


def _play(session: PlaybackSession, case: PlaybackCase) -> PlaybackOutcome:
    if case.action == "command":
        return _command(session, case.value)
    package = importlib.import_module(session.package)
    answers: list[Any] = []
    with (
        _connection(case.world, answers) as http,
        getattr(package, session.client)(session.key, max_retries=0, http_client=http) as client,
    ):
        if case.action == "code":
            exec(case.value, {"client": client, "os": os, "Path": Path})  # a call that `witnesses` wrote
            return PlaybackOutcome()
        seen = frozenset(_request(package, client, case))
        if case.place is not None:
            seen = frozenset(_find(case.place, answers[-1]))
        if case.events is not None:
            seen = frozenset(_of_events(case.events, answers[-1].text))
        return PlaybackOutcome(seen=seen)


def _command(session: PlaybackSession, words: list[Any]) -> PlaybackOutcome:
    """Run a command that sends nothing."""
    command = importlib.import_module(f"{session.package}.cli")
    texts = [_path(word) if isinstance(word, MediaSample) else expand(word) for word in words]
    code = command.main([*texts, "--dry-run"])
    return PlaybackOutcome(None if code == 0 else f"exit code {code}")


def _path(media: MediaSample) -> str:
    if media.sent != "file" and media.given == "tuple":
        return media.text()
    name, content, _ = make_media(replace(media, given="tuple"))
    place = Path(name)
    place.write_bytes(content)
    return str(place)


def _request(package: Any, client: Any, case: PlaybackCase) -> Iterator[str]:
    """Send a request, and yield the names of the values in its answer."""
    if case.action in _FAULTS:
        client = client.with_options(extra_headers={_FAULT_HEADER: _FAULTS[case.action]})
    model = getattr(client, case.model)
    values = {name: expand(value, _given) for name, value in case.value.items()}
    checked: dict[str, Any] = {"validate": case.is_checked}
    if case.action == "refuse":
        send = getattr(model, "generate", None) or model.submit
        try:
            send(**values, extra_body={UNKNOWN_NAME: 1}, **checked)
        except package.APIStatusError as error:
            return _seen(error, ())
        raise AssertionError("an unknown parameter is accepted")
    if case.action == "stream":
        with model.stream(**values, **checked) as pieces:
            if not "".join(pieces):
                raise AssertionError("the events have no text")
        return iter(())
    if case.action == "generate":
        return _seen(model.generate(**values, **checked), case.returns)
    return _job(package, model.submit(**values, **checked), case)


def _job(package: Any, job: Any, case: PlaybackCase) -> Iterator[str]:
    options = {"timeout": DEADLINE_S, "interval": 0.01}
    match case.action:
        case "status":
            return iter(f"status.{name}" for name in job.status())
        case "cancel":
            job.cancel()
            if case.place:
                return iter(())  # the response to this request is examined
            try:
                job.wait(**options)
            except package.JobTimeoutError:
                raise  # its state is not known as a final one
            except package.ApiError:
                pass
        case "fail":
            try:
                job.wait(**options)
            except package.JobFailedError as error:
                return iter(["reason"] if _REASON in str(error) else [])
            raise AssertionError("a job that fails is not reported as failed")
        case "wait":
            return _seen(job.wait(**options), case.returns)
    return iter(())


def _given(media: MediaSample) -> Any:
    """Return content as a caller passes it."""
    if media.given == "tuple" and media.sent != "file":
        return media.text()
    return make_media(media)


def _seen(result: Any, returns: tuple[str, ...]) -> Iterator[str]:
    for name in _READ:
        with contextlib.suppress(Exception):  # what a result does not have
            if getattr(result, name) not in (None, "", [], {}):
                yield name
    for name in ("metadata", "metrics"):
        yield from getattr(result, name, ())
    with contextlib.suppress(Exception):
        types = [output.content_type for output in result.outputs]
        if types:
            yield "outputs"
        if returns and types and all(any(_covers(known, each) for known in returns) for each in types):
            yield "documented outputs"


def _covers(known: str, media_type: str) -> bool:
    return known in (media_type, f"{media_type.partition('/')[0]}/*")


def _find(place: tuple[str, Paths], answer: Any) -> Iterator[str]:
    """Yield the name of a value if an answer has it."""
    name, paths = place
    try:
        body = answer.json()
    except ValueError:
        body = OMIT
    is_there = (body is OMIT) if name == "media" else (read_first(paths, body) is not OMIT)
    if is_there:
        yield name


def _of_events(places: EventPlaces, stream: str) -> Iterator[str]:
    """Yield whether the events of an answer have the text and the end where they are documented."""
    for block in stream.split("\n\n"):
        fields = [line.partition(": ")[::2] for line in block.split("\n")]
        name = "".join(value for key, value in fields if key == "event")
        data = "\n".join(value for key, value in fields if key == "data")
        if (places.last_event and name == places.last_event) or (
            places.last_data and data == places.last_data
        ):
            yield "end"
        with contextlib.suppress(ValueError):
            body = json.loads(data) if places.text else data
            if name == places.event and read_first((places.text,), body) is not OMIT:
                yield "text"


def _connection(world: World, answers: list[Any]) -> Any:
    """Return an HTTP client that reaches nothing else, and which keeps the answers."""
    import httpx2

    def keep(answer: httpx2.Response) -> None:
        answer.read()
        answers.append(answer)

    class Transport(httpx2.HTTPTransport):
        def handle_request(self, request: httpx2.Request) -> httpx2.Response:
            host = request.url.netloc.decode("ascii")
            if host not in world.hosts or host not in world.paths.get(request.url.path, {host}):
                raise httpx2.ConnectError(f"there is nothing at {request.url}", request=request)
            emulator = httpx2.URL(world.hosts[host])
            request.headers["x-forwarded-proto"] = request.url.scheme
            request.url = request.url.copy_with(scheme=emulator.scheme, netloc=emulator.netloc)
            return super().handle_request(request)

    return httpx2.Client(transport=Transport(), event_hooks={"response": [keep]})


if __name__ == "__main__":
    main()
