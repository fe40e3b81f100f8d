"""Checks that an API answers as the samples of its specs show: the same members, in the same order, with fitting values."""

from __future__ import annotations

import itertools
import json
import warnings
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Protocol

from speccast.core.answers import OUTPUTS, Answer, choose, find_paths, placeholders_in
from speccast.core.omit import OMIT
from speccast.core.places import METRICS, read_first
from speccast.emulator.routes import path_of, paths_of
from speccast.samples.probes import UNKNOWN_NAME
from speccast.specs.build import build_bundle
from speccast.testing.agreement import POLLS, class_of
from speccast.testing.matching import Ending, mismatches
from speccast.testing.table import bundle_of, cases

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence
    from pathlib import Path

    from speccast.core.answers import Answers, Operation
    from speccast.core.api import Api, JobState
    from speccast.core.model import Model

BLOCKED = "blocked by a test"
"""Why the job fails whose answers are checked."""

_ALWAYS = frozenset({"seed", "slug", "media_type", "now", "unix"})
_ADDRESSES = frozenset({"status_url", "result_url", "cancel_url"})
_OF_JOBS = _ALWAYS | _ADDRESSES | {"id", "state"}
_KNOWN: Mapping[Operation, Collection[str]] = {
    "sync": {*_ALWAYS, *OUTPUTS, *METRICS, "id"},
    "submit": {*_OF_JOBS, "cost", "remaining_credits"},
    "status": _OF_JOBS,
    "result": {*_OF_JOBS, *OUTPUTS, *METRICS},
    "cancel": {*_OF_JOBS, "cost", "remaining_credits"},
    "failed": {*_OF_JOBS, *METRICS, "message"},
    "error": {"message", "status", "title", "parameter", "slug", "now", "unix"},
}
"""Placeholders that have a value in the answers of an operation. A member with another one may be missing."""


class SampleEmulator(Protocol):
    """The emulator that answers: `speccast.testing.Emulator`."""

    @property
    def url(self) -> str: ...

    @property
    def key(self) -> str: ...

    def fault(self, fault: str, /) -> None: ...


def check_answers(client_class: Any, api: SampleEmulator, source: str | Path, slug: str) -> None:
    """Call a model on every surface, and compare each answer with the sample of the spec.

    Blocking calls are made for every condition of the samples. A job is submitted, polled and fetched; others fail and are
    canceled, where the API documents that. The last request is one that the API refuses.

    Args:
        client_class: the client of a generated package.
        api: the emulator to call. Its jobs must take two polls.
        source: the name of the package, as for `cases`.
        slug: the model.

    Raises:
        AssertionError: an answer differs from its sample; the message says where.
    """
    import httpx2  # a dependency of every generated client

    bundle = bundle_of(source)
    described = build_bundle(bundle)
    model = next(model for model in described.models if model.slug == slug)
    table = cases(source, slug)
    case = next((each for each in table if each.id == "example" and each.expected == "accepted"), table[0])
    if case.expected == "skipped":
        return
    received: list[Any] = []

    def record(response: httpx2.Response) -> None:
        response.read()
        received.append(response)

    with (
        warnings.catch_warnings(),
        httpx2.Client(event_hooks={"response": [record]}) as http,
        client_class(api.key, base_url=api.url, http_client=http, max_retries=0) as client,
    ):
        warnings.simplefilter("ignore")  # an example may have parameters without an effect
        check = _Check(described, model, client, received, case.arguments)
        if model.is_sync and described.sync is not None:
            check.blocking_calls()
        if model.is_async and described.jobs is not None:
            check.job()
            check.failed_job(api)
            check.canceled_job()
        check.refused_request()


class _Check:
    """The checks of one model. `received` are all responses to the client so far, `arguments` are a valid request."""

    def __init__(
        self, api: Api, model: Model, client: Any, received: list[Any], arguments: Mapping[str, Any]
    ) -> None:
        self._api = api
        self._model = model
        self._client = client
        self._received = received
        self._arguments = dict(arguments)
        self._answers = api.answers_of(model)
        self._defaults = {each.wire: each.default for each in model.parameters if each.default is not OMIT}

    def blocking_calls(self) -> None:
        for change in _conditions(self._model, self._answers.sync):
            arguments = {**self._arguments, **change}
            [answer] = self._answers_to(arguments).sync[:1]
            # The client has another method for events, which does not show their bytes.
            client = self._client.with_options(validate=not answer.events)
            client.run_sync(self._model.slug, **arguments)
            if answer.events:
                self._compare_events(answer)
                continue
            media_type = self._received[-1].headers.get("content-type", "").partition(";")[0]
            self._compare(
                "sync",
                self._answers_to(arguments),
                {"slug": self._model.slug, **self._seed_of(arguments)},
                media_types=(media_type, *self._model.returns),
            )

    def job(self) -> None:
        job = self._submitted()
        answers = self._answers_to(self._arguments)
        job.status()
        pending = self._states("waiting", "running")
        self._compare("status", answers, self._known(job), pending)
        with suppress(class_of(self._client, "ApiError")):
            # Where the result is a file, a client may refuse what is not one.
            job.result()
        self._compare("status", answers, self._known(job), pending)
        self._finish(job)
        self._compare(
            "result", answers, self._known(job), self._states("succeeded"), media_types=self._model.returns
        )
        jobs = self._api.jobs
        paths = paths_of(jobs, self._model) if jobs is not None else None
        if paths is not None and paths.status != paths.result:
            job.status()
            self._compare("status", answers, self._known(job), self._states("succeeded"))

    def failed_job(self, api: SampleEmulator) -> None:
        if not self._states("failed"):
            return
        api.fault(f"job-failed={BLOCKED};times=1")
        job = self._submitted()
        answers = self._answers_to(self._arguments)
        failed = class_of(self._client, "JobFailedError")
        try:
            self._finish(job)
        except failed as error:
            assert BLOCKED in str(error) or not _have_reason(answers.failed), (
                f"{self._model.slug}: the error must say why the job failed: {error}"
            )
        else:
            raise AssertionError(f"{self._model.slug}: the job must fail")
        known = {**self._known(job), "message": BLOCKED}
        self._compare("failed", answers, known, self._states("failed"))

    def canceled_job(self) -> None:
        if self._api.jobs is None or self._api.jobs.cancel is None:
            return
        job = self._submitted()
        job.cancel()
        self._compare("cancel", self._answers_to(self._arguments), self._known(job), self._api.jobs.states)

    def refused_request(self) -> None:
        client = self._client.with_options(validate=False)
        send = client.run_sync if self._model.is_sync else client.submit_async
        refused = class_of(client, "APIStatusError")
        try:
            send(self._model.slug, **{**self._arguments, UNKNOWN_NAME: 1})
        except refused:
            status = self._api.error_for("invalid_parameters").status
            known = {"status": status, "slug": self._model.slug}
            self._compare("error", self._answers, known, default_statuses=(status,))
        else:
            raise AssertionError(f"{self._model.slug}: a request with an unknown parameter must be refused")

    def _submitted(self) -> Any:
        job = self._client.submit_async(self._model.slug, **self._arguments)
        self._compare(
            "submit", self._answers_to(self._arguments), self._known(job), self._states("waiting", "running")
        )
        return job

    def _finish(self, job: Any) -> None:
        """Wait for a job whose emulator reports it unfinished twice. Polls without end would take until the deadline."""
        polls = itertools.count(1)

        def count(status: Mapping[str, Any]) -> None:
            if next(polls) > 1:
                raise AssertionError(
                    f"{self._model.slug}: the job must be finished after two polls: {status}"
                )

        for _ in range(POLLS):
            job.status()  # unlike `wait`, without a pause
        job.wait(timeout=30, interval=0.001, on_status=count)

    def _answers_to(self, arguments: Mapping[str, Any]) -> Answers:
        return self._answers.for_parameters({**self._defaults, **arguments})

    def _seed_of(self, arguments: Mapping[str, Any]) -> dict[str, int]:
        """Return the seed that a request asks for. Another one is drawn if it asks for none, as with -1."""
        parameter = next((each for each in self._model.parameters if each.wire == "seed"), None)
        seed = {**self._defaults, **arguments}.get("seed")
        is_used = parameter is not None and not parameter.applies_when
        return {"seed": seed} if is_used and type(seed) is int and seed >= 0 else {}

    def _states(self, *phases: str) -> Sequence[JobState]:
        states = self._api.jobs.states if self._api.jobs is not None else ()
        return [state for state in states if state.phase in phases]

    def _known(self, job: Any) -> dict[str, Any]:
        jobs = self._api.jobs
        assert jobs is not None
        paths = paths_of(jobs, self._model)
        addresses = {"status_url": paths.status, "result_url": paths.result, "cancel_url": paths.cancel}
        return {
            "slug": self._model.slug,
            **self._seed_of(self._arguments),
            "id": job.request_id,
            **{
                name: Ending(path_of(path, slug=self._model.slug, job=job.request_id))
                for name, path in addresses.items()
                if path is not None
            },
        }

    def _compare_events(self, sample: Answer) -> None:
        """Compare the latest response with events: those with text may come several times, all others once."""
        latest = self._received[-1]
        status, headers, content = latest.status_code, latest.headers, latest.content
        problems: list[str] = []
        if headers.get("content-type", "").partition(";")[0] != "text/event-stream":
            problems.append("the media type must be text/event-stream")
        received = list(_events_in(content.decode()))
        pieces = len(received) - len(sample.events) + 1
        expected = [each for each in sample.events for _ in range(pieces if each.has_text else 1)]
        if pieces < 1:
            problems.append(f"there must be {len(sample.events)} events at least (got {len(received)})")
        for number, (event, (name, text)) in enumerate(zip(expected, received, strict=False)):
            place = f"event {number}"
            if name != event.event:
                problems.append(f"{place} must have the name {event.event!r} (got {name!r})")
            data: Any = text
            if not isinstance(event.data, str):
                with suppress(ValueError):
                    data = json.loads(text)
            problems += mismatches(event.data, data, {"slug": self._model.slug}, _KNOWN["sync"], place)
        if status != (sample.status or 200):
            problems.append(f"the status must be {sample.status or 200} (got {status})")
        shown = content[:500].decode("utf-8", "replace")
        assert not problems, f"{self._model.slug}: the streamed response: {problems[0]}: {shown}"

    def _compare(
        self,
        operation: Operation,
        answers: Answers,
        known: Mapping[str, Any],
        states: Sequence[JobState] = (),
        *,
        media_types: Sequence[str] = (),
        default_statuses: Collection[int] = (),
    ) -> None:
        """Compare the latest response with the sample that is meant for one of the states and media types."""
        latest = self._received[-1]
        status, headers, content = latest.status_code, latest.headers, latest.content
        place = f"{self._model.slug}: the answer of {operation}"
        body: Any = OMIT
        with suppress(ValueError):
            body = json.loads(content)
        samples: tuple[Answer, ...] = getattr(answers, operation)
        name = read_first(answers.places.of("state"), body) if body is not OMIT else OMIT
        now = next((state for state in states if state.name == name), states[0] if states else None)
        values = {"status": status, **({} if now is None else {"state": now.name})}
        is_json = all(kind.endswith("json") for kind in self._model.returns)
        if is_json:
            samples = tuple(
                Answer(when=each.when, media="*/*") if _is_for_files(each) else each for each in samples
            )
        chosen = [choose(samples, {**values, "media_type": kind}) for kind in media_types or ("",)]
        sample = next((each for each in chosen if (each.body is OMIT) == (body is OMIT)), chosen[0])
        known = {**({"state": [state.name for state in states]} if states else {}), **known}
        if not is_json:
            known["output"] = Ending("")
        problems = list(
            mismatches(sample.body, body, known, _KNOWN[operation], "")
            if sample.body is not OMIT
            else _without_body(sample, content)
        )
        # Only the status and the result of a job have the HTTP status of its state.
        states = () if operation in ("submit", "cancel") else states
        expected = {sample.status} if sample.status else {*default_statuses} or _statuses(sample, states)
        if status not in expected:
            problems.append(f"the status must be {' or '.join(map(str, sorted(expected)))} (got {status})")
        for header, text in sample.headers.items():
            if header not in headers:
                problems.append(f"the header {header} is missing")
            else:
                problems += mismatches(text, headers[header], known, _KNOWN[operation], header)
        assert not problems, f"{place}: {problems[0]}: {content[:500].decode('utf-8', 'replace')}"


def _events_in(text: str) -> Iterator[tuple[str, str]]:
    """Yield the name and the data of the events that an emulator sends."""
    for block in text.removesuffix("\n\n").split("\n\n"):
        fields = [line.partition(": ")[::2] for line in block.split("\n")]
        names = [value for name, value in fields if name == "event"]
        yield "".join(names), "\n".join(value for name, value in fields if name == "data")


def _statuses(sample: Answer, states: Sequence[JobState]) -> set[int]:
    if not states:
        return {200}
    names = {name for _, name, _ in placeholders_in(sample.body)}
    is_pending = states[0].phase in ("waiting", "running")
    found = {state.http_status for state in states} | {200}
    return found if "state" in names or not is_pending else {202}


def _have_reason(samples: Sequence[Answer]) -> bool:
    """Return whether a client finds in each sample about a failed job why it failed."""
    return all("message" in find_paths(each.body) for each in samples)


def _is_for_files(sample: Answer) -> bool:
    """Return whether a sample has a place for files only, so that a model that makes JSON responds with that JSON."""
    return {name for _, name, _ in placeholders_in(sample.body)} & {*OUTPUTS} == {"base64"}


def _without_body(sample: Answer, content: bytes) -> Iterator[str]:
    if sample.media is None and content:
        yield "the body must be empty"
    elif sample.media is not None and not content:
        yield f"the body must be {sample.media}, and is empty"


def _conditions(model: Model, answers: Sequence[Answer]) -> Iterator[dict[str, Any]]:
    """Yield values of parameters for which an API answers differently, the example of the page itself first."""
    names = {parameter.wire for parameter in model.parameters}
    yield {}
    for answer in answers:
        change = {name: values[0] for name, values in answer.when if name in names}
        if change:
            yield change
