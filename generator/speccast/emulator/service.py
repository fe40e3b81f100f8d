"""Does the work of valid requests, at once or as jobs, and holds the state that changes while the emulator runs."""

from __future__ import annotations

import asyncio
import random
import re
import secrets
from dataclasses import replace
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from speccast.core.answers import OUTPUTS as OUTPUT_PLACEHOLDERS
from speccast.core.answers import Answer, choose, placeholders_in
from speccast.core.occasions import is_documented
from speccast.emulator import responses
from speccast.emulator.addresses import address_path
from speccast.emulator.answering import answer_response, file_names, request_values
from speccast.emulator.credits import Ledger
from speccast.emulator.events import event_stream
from speccast.emulator.jobs import EmulatedJob, JobStore
from speccast.emulator.media import make_file
from speccast.emulator.output_request import OutputReader, OutputRequest, ShownInput
from speccast.emulator.ranges import file_response
from speccast.emulator.routes import OUTPUTS, Endpoint, path_of, paths_of
from speccast.emulator.uploads import UploadStore

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.requests import Request
    from starlette.responses import Response

    from speccast.core.api import Api, JobState, JobSurface
    from speccast.core.model import Model
    from speccast.emulator.credits import Receipt
    from speccast.emulator.failures import Failure
    from speccast.emulator.job_states import JobStates
    from speccast.emulator.settings import EmulatorSettings

CANCELED = "The job was canceled"
"""Why a job failed that was canceled, in an API without a state for that."""

QUEUE_TIME = 0.1
"""Seconds that every job reports as its time in the queue."""


class Service:
    """The jobs, the credits and the random seeds of an emulator."""

    def __init__(self, api: Api, states: JobStates | None, settings: EmulatorSettings) -> None:
        self._api = api
        self._states = states
        self._models = {model.slug: model for model in api.models}
        self._readers = {model.slug: OutputReader(model, api.answers_of(model)) for model in api.models}
        self._settings = settings
        self.uploads = UploadStore(api, settings)
        self.reset()

    def reset(self) -> None:
        """Restore the initial state: no jobs, all credits, the same seeds again."""
        jobs = self._api.jobs
        self._jobs = JobStore(self._states, jobs.retention, self._settings) if self._states and jobs else None
        self._files: dict[str, OutputRequest] = {}
        """Outputs of blocking calls whose response has their addresses; at most as many as jobs."""
        self.uploads.clear()
        self._ledger = Ledger(self._settings.credits)
        self._seeds = random.Random(self._settings.seed)

    def require_credits(self) -> None:
        """Raise CreditsError if the credits do not suffice for one more request."""
        self._ledger.require()

    def model_of(self, job_id: str) -> str | None:
        """Return the slug of a job's model, or None if the job is unknown."""
        job = self._jobs.find(job_id) if self._jobs is not None else None
        found = job or self._files.get(job_id)
        return found.slug if found is not None else None

    def is_streamed(self, slug: str, parameters: Mapping[str, Any]) -> bool:
        """Return whether valid parameters of a blocking call ask for events."""
        return bool(self._readers[slug].read(parameters, lambda: 0).answer.events)

    async def generate(
        self,
        request: Request,
        slug: str,
        parameters: Mapping[str, Any],
        failure: Failure | None = None,
        inputs: tuple[ShownInput, ...] = (),
    ) -> Response:
        """Return the response of a blocking call: the first file as bytes, the JSON of the spec, or its events."""
        output = self._read(slug, parameters, inputs)
        receipt = self._ledger.charge()
        answer = output.answer
        names = {name for _, name, _ in placeholders_in(answer.body)}
        if output.format.is_json and names & {*OUTPUT_PLACEHOLDERS} == {"base64"}:
            answer = Answer(media="*/*")  # the sample has a place for files, and this model makes JSON
        request_id = secrets.token_hex(16)
        values = request_values(output, self._settings.clock.now()) | _metrics(receipt, output)
        headers = responses.make_headers(self._api, {**values, "generation_time": output.seconds})
        values["id"] = request_id
        if answer.events:
            error = self._error_event(slug, failure)
            delay = self._settings.event_delay
            return event_stream(answer, values, output, delay=delay, headers=headers, error=error)
        if "output" in names:
            self._keep(request_id, output)
        return await asyncio.to_thread(
            answer_response,
            answer,
            values,
            output,
            address=_folder(request_id, origin_of(request, self._settings)),
            headers=headers,
        )

    def _error_event(self, slug: str, failure: Failure | None) -> Any:
        """Return the body of the error among the events, if the failure is one."""
        message = None if failure is None else failure.message_of_event
        if message is None:
            return None
        return responses.error_body(self._api, 500, message, model=self._models[slug])

    def _keep(self, request_id: str, output: OutputRequest) -> None:
        """Keep the output of a blocking call for downloads, and drop the oldest one if there are too many."""
        self._files[request_id] = output
        if len(self._files) > self._settings.max_jobs:
            del self._files[next(iter(self._files))]

    def submit(
        self,
        request: Request,
        slug: str,
        parameters: Mapping[str, Any],
        failure: Failure | None,
        inputs: tuple[ShownInput, ...] = (),
    ) -> Response:
        """Return the response of a submit, after adding the job. The failure may make the job fail or never finish."""
        _, states, jobs = self._of_jobs()
        job = jobs.submit(
            slug,
            self._read(slug, parameters, inputs),
            self._ledger.charge(),
            failure=None if failure is None else failure.reason_of_job(self._api),
            is_stuck=failure is not None and failure.is_stuck,
        )
        values = self._values_of(request, job, states.pending[0] if states.pending else jobs.state(job))
        values |= {"cost": job.receipt.cost, "remaining_credits": job.receipt.remaining}
        headers = responses.make_headers(self._api, {"request_id": job.id})
        return answer_response(choose(job.output.answers.submit, values), values, headers=headers)

    async def job_response(self, request: Request, endpoint: Endpoint) -> Response:
        """Return the status or the result of a job. An unfinished job's result contains only the status.

        Clients may poll either of them, so both advance the job.
        """
        surface, states, jobs = self._of_jobs()
        job = self._job_at(endpoint)
        if job is None:
            return responses.refusal(self._api, "unknown_job", job=endpoint.id or "")
        state = jobs.poll(job)
        answers, values = job.output.answers, self._values_of(request, job, state)
        output = None
        # An API can have one path for both.
        has_output = endpoint.surface == "result" or _has_one_path(surface, self._models[job.slug])
        if not has_output and state == states.failed and state.name == states.succeeded.name:
            state = states.succeeded  # only the result shows it
        status = state.http_status
        if state == states.failed:
            values["message"] = CANCELED if job.is_canceled else job.failure
            answer = choose(answers.failed, values)
        elif state == states.succeeded and has_output:
            answer = choose(answers.result, values)
            output = job.output
        else:
            answer = choose(answers.status, values)
            if state.phase in ("waiting", "running") and not _tells_state(answer):
                status = HTTPStatus.ACCEPTED if status == HTTPStatus.OK else status
        if output is None:
            return answer_response(answer, values, status=status)
        address = _folder(job.id, origin_of(request, self._settings))
        return await asyncio.to_thread(
            answer_response, answer, values, output, address=address, status=status
        )

    def cancel(self, request: Request, endpoint: Endpoint) -> Response:
        """Cancel a job and return the response. A finished job is refused if the API has an error for that."""
        _, _, jobs = self._of_jobs()
        job = self._job_at(endpoint)
        if job is None:
            return responses.refusal(self._api, "unknown_job", job=endpoint.id or "")
        if jobs.cancel(job):
            job.receipt = self._ledger.refund(job.receipt)
        elif not job.is_canceled and is_documented(self._api, "finished_job"):
            return responses.refusal(self._api, "finished_job", job=job.id, model=self._models[job.slug])
        values = self._values_of(request, job, jobs.state(job))
        return answer_response(choose(job.output.answers.cancel, values), values)

    def _of_jobs(self) -> tuple[JobSurface, JobStates, JobStore]:
        """Return what an API with jobs has. Without jobs, no route leads here."""
        assert self._api.jobs is not None and self._states is not None and self._jobs is not None
        return self._api.jobs, self._states, self._jobs

    def _job_at(self, endpoint: Endpoint) -> EmulatedJob | None:
        """Return the job at an endpoint, if it is one of its models."""
        _, _, jobs = self._of_jobs()
        job = jobs.find(endpoint.id or "")
        return job if job is not None and job.slug in endpoint.slugs else None

    def _values_of(self, request: Request, job: EmulatedJob, state: JobState) -> dict[str, Any]:
        """Return the values of placeholders in the answers about a job."""
        surface, _, _ = self._of_jobs()
        origin = origin_of(request, self._settings)
        paths = paths_of(surface, self._models[job.slug])
        is_pending = state.phase in ("waiting", "running")
        values = {
            **request_values(job.output, job.submitted),
            **({} if is_pending else _metrics(job.receipt, job.output, is_canceled=job.is_canceled)),
            "id": job.id,
            "state": state.name,
            "status_url": origin + path_of(paths.status, slug=job.slug, job=job.id),
            "result_url": origin + path_of(paths.result, slug=job.slug, job=job.id),
        }
        if paths.cancel is not None:
            values["cancel_url"] = origin + path_of(paths.cancel, slug=job.slug, job=job.id)
        return values

    def content_at(self, address: str) -> bytes | None:
        """Return the content at an address that the emulator handed out, or None if it is another one.

        It is called in threads, so it only reads what other threads change in one step.
        """
        found = re.search(rf"{OUTPUTS}/([^/]+)/([^/]+)$", address_path(address))
        if found is None:
            return None
        job_id, name = found.groups()
        if (uploaded := self.uploads.find(job_id, name)) is not None:
            return uploaded.content
        job = self._jobs.finished(job_id) if self._jobs is not None else None
        output = job.output if job is not None and job.has_output else self._files.get(job_id)
        if output is None or name not in file_names(output):
            return None
        return make_file(output, file_names(output).index(name))

    async def output_file(self, request: Request, job_id: str, name: str) -> Response:
        """Return a file of a job or of a blocking call, or an uploaded file. The name is a number with an extension."""
        uploaded = self.uploads.find(job_id, name)
        if uploaded is not None and uploaded.content is not None:
            tag = f"{job_id}-{name}"
            response = file_response(request, uploaded.content, uploaded.served_type, tag)
            response.headers["x-content-type-options"] = "nosniff"
            return response
        job = self._jobs.find(job_id) if self._jobs is not None else None
        output = job.output if job is not None and job.has_output else self._files.get(job_id)
        if output is None or name not in file_names(output):
            return responses.error_response(self._api, 404, "Unknown output")
        content = await asyncio.to_thread(make_file, output, file_names(output).index(name))
        return file_response(request, content, output.format.media_type, f"{job_id}-{name}")

    def _read(
        self, slug: str, parameters: Mapping[str, Any], inputs: tuple[ShownInput, ...]
    ) -> OutputRequest:
        output = self._readers[slug].read(parameters, lambda: self._seeds.randrange(2**31))
        return replace(output, inputs=inputs)


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


def _has_one_path(surface: JobSurface, model: Model) -> bool:
    """Return whether status and result of the model's jobs are at one path."""
    paths = paths_of(surface, model)
    return paths.status == paths.result


def _folder(job_id: str, origin: str) -> str:
    """Return the address of the files of a job."""
    return f"{origin}{OUTPUTS}/{job_id}"


def _tells_state(answer: Answer) -> bool:
    """Return whether an answer contains the state of a job, or has an HTTP status that shows it."""
    return answer.status is not None or any(name == "state" for _, name, _ in placeholders_in(answer.body))


def _metrics(receipt: Receipt, output: OutputRequest, *, is_canceled: bool = False) -> dict[str, float]:
    paid = {"cost": receipt.cost, "remaining_credits": receipt.remaining}
    if is_canceled:
        return paid
    return {
        **paid,
        "inference_time": output.seconds,
        "queue_time": QUEUE_TIME,
        "total_time": round(output.seconds + QUEUE_TIME, 3),
    }
