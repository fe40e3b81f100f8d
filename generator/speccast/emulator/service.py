"""Does the work of valid requests: makes files at once, or as jobs. Everything here changes while the emulator runs."""

from __future__ import annotations

import base64
import random
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from speccast.core.answers import choose, fill, fill_headers, placeholders_in
from speccast.core.occasions import is_documented
from speccast.core.omit import OMIT
from speccast.emulator import responses
from speccast.emulator.credits import Ledger
from speccast.emulator.jobs import EmulatedJob, JobStore
from speccast.emulator.media import make_file
from speccast.emulator.output_request import OutputReader, OutputRequest
from speccast.emulator.ranges import file_response
from speccast.emulator.routes import OUTPUTS, Endpoint, path_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from starlette.requests import Request

    from speccast.core.answers import Answer
    from speccast.core.api import Api, JobSurface, State
    from speccast.emulator.faults import Fault
    from speccast.emulator.jobs import JobStates
    from speccast.emulator.settings import EmulatorSettings

FAILING = ("job-failed", "content-block")
"""Faults that make a job fail."""

CANCELED = "The job was canceled"
"""Why a job failed that was canceled, in an API without a state for that."""

QUEUE_TIME = 0.1
"""Seconds that every job reports as its time in the queue."""


class Service:
    """The jobs, the credits and the drawn seeds of an emulator."""

    def __init__(self, api: Api, states: JobStates | None, settings: EmulatorSettings) -> None:
        self._api = api
        self._states = states
        self._readers = {model.slug: OutputReader(model, api.answers_of(model)) for model in api.models}
        self._settings = settings
        self.reset()

    def reset(self) -> None:
        """Restore the initial state: no jobs, all credits, the same seeds again."""
        jobs = self._api.jobs
        self._jobs = JobStore(self._states, jobs.retention, self._settings) if self._states and jobs else None
        self._ledger = Ledger(self._settings.credits)
        self._seeds = random.Random(self._settings.seed)

    def require_credits(self) -> None:
        """Raise CreditsError if the account has not enough for one more request."""
        self._ledger.require()

    def model_of(self, job_id: str) -> str | None:
        """Return the slug of a job's model, or None if the job is unknown."""
        job = self._jobs.find(job_id) if self._jobs is not None else None
        return job.slug if job is not None else None

    async def generate(self, slug: str, parameters: Mapping[str, Any]) -> Response:
        """Return the response of a blocking call: a file as bytes, the first one if there are several, or the JSON of the spec."""
        output = self._read(slug, parameters)
        receipt = self._ledger.charge()
        headers = responses.documented_headers(
            self._api,
            {
                "cost": receipt.cost,
                "remaining_credits": receipt.remaining,
                "generation_time": output.seconds,
                "seed": output.seed,
            },
        )
        answer = choose(output.answers.sync, {"media_type": output.format.media_type})
        names = {name for _, name, _ in placeholders_in(answer.body)}
        if answer.body is OMIT or (output.format.is_json and not {"output", "text"} & names):
            content = await run_in_threadpool(make_file, output)
            return Response(
                content, answer.status or 200, headers=headers, media_type=output.format.media_type
            )
        values = {**_values(output), "cost": receipt.cost, "remaining_credits": receipt.remaining}
        outputs = await run_in_threadpool(_inline_outputs, output, answer)
        return _answered(answer, values, outputs, headers=headers)

    def submit(
        self, request: Request, slug: str, parameters: Mapping[str, Any], fault: Fault | None
    ) -> Response:
        """Return the response of a submit, after adding the job. The fault may make the job fail or never finish."""
        surface, states, jobs = self._api.jobs, self._states, self._jobs
        # Without jobs, no route leads here.
        assert surface is not None and states is not None and jobs is not None
        job = jobs.submit(
            slug,
            self._read(slug, parameters),
            self._ledger.charge(),
            failure=fault.detail if fault is not None and fault.kind in FAILING else None,
            is_stuck=fault is not None and fault.kind == "job-stuck",
        )
        values = self._values_of(request, job, states.pending[0] if states.pending else jobs.state(job))
        headers = responses.documented_headers(self._api, {"request_id": job.id})
        return _answered(choose(job.output.answers.submit, values), values, headers=headers)

    def job_response(self, request: Request, endpoint: Endpoint) -> Response:
        """Return the status or the result of a job. An unfinished job's result contains only the status.

        Clients may poll either of them, so both advance the job.
        """
        surface, states, jobs = self._api.jobs, self._states, self._jobs
        # Without jobs, no route leads here.
        assert surface is not None and states is not None and jobs is not None
        assert endpoint.id is not None
        job = jobs.find(endpoint.id)
        if job is None or endpoint.slug not in (None, job.slug):
            return responses.refusal(self._api, "unknown_job", job=endpoint.id)
        state = jobs.poll(job)
        answers, values = job.output.answers, self._values_of(request, job, state)
        outputs: list[dict[str, Any]] = []
        # An API can have one path for both.
        has_output = endpoint.surface == "result" or surface.status == surface.result
        if not has_output and state == states.failed and state.name == states.succeeded.name:
            state = states.succeeded  # only the result tells
        if state == states.failed:
            values["message"] = CANCELED if job.is_canceled else job.failure
            answer = choose(answers.failed, values)
        elif state == states.succeeded and has_output:
            answer = choose(answers.result, values)
            outputs = _linked_outputs(job, origin_of(request, self._settings))
        else:
            answer = choose(answers.status, values)
        return _answered(answer, values, outputs, status=state.http_status)

    def cancel(self, request: Request, endpoint: Endpoint) -> Response:
        """Cancel a job and return the answer to that. A finished job is refused if the API has an error for that."""
        jobs = self._jobs
        # Without jobs, no route leads here.
        assert jobs is not None and endpoint.id is not None
        job = jobs.find(endpoint.id)
        if job is None or endpoint.slug not in (None, job.slug):
            return responses.refusal(self._api, "unknown_job", job=endpoint.id)
        if jobs.cancel(job):
            job.receipt = self._ledger.refund(job.receipt)
        elif not job.is_canceled and is_documented(self._api, "finished_job"):
            return responses.refusal(self._api, "finished_job", job=job.id)
        values = self._values_of(request, job, jobs.state(job))
        return _answered(choose(job.output.answers.cancel, values), values)

    def _values_of(self, request: Request, job: EmulatedJob, state: State) -> dict[str, Any]:
        """The values of placeholders in the answers about a job."""
        surface = self._api.jobs
        assert surface is not None
        status_url, result_url = _addresses(surface, job, origin_of(request, self._settings))
        cancel = {}
        if surface.cancel is not None:
            path = path_of(surface.cancel.path, slug=job.slug, job=job.id)
            cancel["cancel_url"] = origin_of(request, self._settings) + path
        return {
            **_values(job.output),
            **_metrics(job, state),
            **cancel,
            "id": job.id,
            "state": state.name,
            "status_url": status_url,
            "result_url": result_url,
        }

    async def output_file(self, request: Request, job_id: str, name: str) -> Response:
        """Return a file of a job, by its name: its number and extension."""
        job = self._jobs.find(job_id) if self._jobs is not None else None
        if job is None or not job.has_output or name not in _file_names(job):
            return responses.error_response(self._api, 404, "Unknown output")
        content = await run_in_threadpool(make_file, job.output, _file_names(job).index(name))
        return file_response(request, content, job.output.format.media_type, f"{job_id}-{name}")

    def _read(self, slug: str, parameters: Mapping[str, Any]) -> OutputRequest:
        return self._readers[slug].read(parameters, lambda: self._seeds.randrange(2**31))


def origin_of(request: Request, settings: EmulatorSettings) -> str:
    """Return the emulator's own origin: that of the settings, else as the client reached it, perhaps through a proxy."""
    if settings.url is not None:
        return settings.url
    host = request.headers.get("host", "")  # checked by `hosts`
    if not host:
        name, port = request.scope["server"]
        host = f"{name}:{port}"
    forwarded = request.headers.get("x-forwarded-proto", "").partition(",")[0].strip().lower()
    scheme = forwarded if forwarded in ("http", "https") else request.scope["scheme"]
    return f"{scheme}://{host}"


def _addresses(surface: JobSurface, job: EmulatedJob, origin: str) -> tuple[str, str]:
    """The URLs of the job's status and result."""
    status, result = (path_of(path, slug=job.slug, job=job.id) for path in (surface.status, surface.result))
    return origin + status, origin + result


def _answered(
    answer: Answer,
    values: Mapping[str, Any],
    outputs: Sequence[Mapping[str, Any]] = (),
    *,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """Return an answer of the spec with these values. `status` is that of an answer that has none."""
    status = answer.status or status
    all_headers = {**(headers or {}), **fill_headers(answer, values)}
    if answer.body is OMIT:
        return Response(status_code=status, headers=all_headers)
    return responses.json_response(fill(answer.body, values, outputs), status, all_headers)


def _values(output: OutputRequest) -> dict[str, Any]:
    """The values of placeholders that a request decides."""
    now = datetime.now(UTC)
    return {
        "slug": output.slug,
        "seed": output.seed,
        "media_type": output.format.media_type,
        "now": f"{now.replace(tzinfo=None).isoformat(timespec='milliseconds')}Z",
        "unix": int(now.timestamp()),
    }


def _inline_outputs(output: OutputRequest, answer: Answer) -> list[dict[str, Any]]:
    """The files inside a response; text if the answer has a place for that alone."""
    names = {name for _, name, _ in placeholders_in(answer.body)}
    if "text" in names:
        return [{"text": output.prompt}]
    if output.format.is_json:
        return [{"output": output.echo}]
    contents = [make_file(output, number) for number in range(output.count)]
    texts = [base64.b64encode(content).decode("ascii") for content in contents]
    urls = [f"data:{output.format.media_type};base64,{text}" for text in texts]
    return [{"base64": text, "output": url} for text, url in zip(texts, urls, strict=True)]


def _linked_outputs(job: EmulatedJob, origin: str) -> list[dict[str, Any]]:
    """The addresses of the files of a job, or the JSON of the model."""
    if job.output.format.is_json:
        return [{"output": job.output.echo, "text": job.output.prompt}]
    return [{"output": f"{origin}{OUTPUTS}/{job.id}/{name}"} for name in _file_names(job)]


def _file_names(job: EmulatedJob) -> list[str]:
    if job.output.format.is_json:
        return []
    return [f"{number}.{job.output.format.extension}" for number in range(job.output.count)]


def _metrics(job: EmulatedJob, state: State) -> Mapping[str, float]:
    if state.phase in ("waiting", "running"):
        return {}
    if job.is_canceled:
        return {"cost": job.receipt.cost, "remaining_credits": job.receipt.remaining}
    return {
        "cost": job.receipt.cost,
        "remaining_credits": job.receipt.remaining,
        "inference_time": job.output.seconds,
        "queue_time": QUEUE_TIME,
        "total_time": round(job.output.seconds + QUEUE_TIME, 3),
    }
