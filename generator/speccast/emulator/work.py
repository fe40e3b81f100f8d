"""What the API does with a request that is good: makes files at once, or by way of jobs."""

from __future__ import annotations

import base64
import random
from typing import TYPE_CHECKING, Any

from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from speccast.core.protocol import JobReport
from speccast.emulator import answers
from speccast.emulator.credits import Ledger
from speccast.emulator.formats import JSON
from speccast.emulator.jobs import Job, JobStore
from speccast.emulator.media import make
from speccast.emulator.routes import Endpoint, path_of
from speccast.emulator.wanted import Reader, Wanted

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.requests import Request

    from speccast.core.api import State
    from speccast.emulator.contract import Contract
    from speccast.emulator.faults import Fault
    from speccast.emulator.settings import Settings
    from speccast.specs.bundle import Bundle

OUTPUTS = "/_emulator/outputs"
"""Where the files of jobs are. As with the storage that real APIs point to, the address is all that one needs."""

FAILING = ("job-failed", "content-block")
"""Faults that make a job fail."""

QUEUED = 0.1
"""Seconds for which jobs say that they waited."""


class Work:
    """Everything of an emulator that changes: its jobs, its credits, the seeds that it draws."""

    def __init__(self, bundle: Bundle, contract: Contract, settings: Settings) -> None:
        self._contract = contract
        self._readers = {slug: Reader(model, contract.sync) for slug, model in bundle.models.items()}
        self._settings = settings
        self.reset()

    def reset(self) -> None:
        """Back to the start: no jobs, the credits that were there, the same seeds again."""
        self._jobs = JobStore(self._contract.jobs, self._settings) if self._contract.jobs else None
        self._ledger = Ledger(self._settings.credits)
        self._seeds = random.Random(self._settings.seed)

    def require_credits(self) -> None:
        """Raises CreditsError where the account has not enough for one more request."""
        self._ledger.require()

    def model_of(self, job_id: str) -> str | None:
        """The slug of the model that a job is of, where there is such a job."""
        job = self._jobs.find(job_id) if self._jobs else None
        return job.slug if job is not None else None

    async def generate(self, slug: str, parameters: Mapping[str, Any]) -> Response:
        """The synchronous answer: one file as it is, or all of them as text where the request asks for base64.

        Bytes have room for one file, so of several only the first is sent; as JSON a single one is a text, several
        are a list.
        """
        wanted = self._wanted(slug, parameters)
        receipt = self._ledger.charge()
        headers = answers.described_headers(
            self._contract,
            {
                "cost": receipt.cost,
                "remaining_credits": receipt.remaining,
                "generation_time": wanted.seconds,
                "seed": wanted.seed,
            },
        )
        if wanted.base64_field is None or wanted.format is JSON:
            content = await run_in_threadpool(make, wanted)
            return Response(content, headers=headers, media_type=wanted.format.media_type)
        contents = await run_in_threadpool(lambda: [make(wanted, number) for number in range(wanted.count)])
        texts = [base64.b64encode(content).decode("ascii") for content in contents]
        return answers.json_answer(
            {wanted.base64_field: texts if len(texts) > 1 else texts[0]}, headers=headers
        )

    def submit(
        self, request: Request, slug: str, parameters: Mapping[str, Any], fault: Fault | None
    ) -> Response:
        """A new job; `fault` is what becomes of it instead of the good end."""
        surface, jobs = self._contract.jobs, self._jobs
        assert surface is not None and jobs is not None  # or there were no route
        job = jobs.submit(
            slug,
            self._wanted(slug, parameters),
            self._ledger.charge(),
            failure=fault.detail if fault is not None and fault.kind in FAILING else None,
            is_stuck=fault is not None and fault.kind == "job-stuck",
        )
        origin = origin_of(request)
        first = surface.pending[0] if surface.pending else jobs.state(job)
        body = surface.protocol.accepted(
            job.id,
            first,
            status_url=origin + path_of(surface.status, slug=slug, job=job.id),
            result_url=origin + path_of(surface.result, slug=slug, job=job.id),
        )
        headers = answers.described_headers(self._contract, {"request_id": job.id})
        return answers.json_answer(body, headers=headers)

    def look(self, request: Request, endpoint: Endpoint) -> Response:
        """The answer about a job: its status, or its result, which says no more than that until there is one."""
        surface, jobs = self._contract.jobs, self._jobs
        assert surface is not None and jobs is not None and endpoint.id is not None  # or there were no route
        job = jobs.find(endpoint.id)
        if job is None or endpoint.slug not in (None, job.slug):
            return answers.refusal(self._contract, "unknown_job", job=endpoint.id)
        state = jobs.poll(job) if endpoint.kind == "status" else jobs.state(job)
        # An API can have one path for both.
        has_output = endpoint.kind == "result" or surface.status == surface.result
        report = JobReport(
            job.id,
            state,
            error=job.failure if state == surface.failed else None,
            output=_output_of(job, origin_of(request)) if state == surface.succeeded and has_output else None,
            metrics=_metrics(job, state),
        )
        return answers.json_answer(surface.protocol.report(report), state.http_status)

    async def output(self, job_id: str, file: str) -> Response:
        """A file that a job made, by its number and extension."""
        job = self._jobs.find(job_id) if self._jobs else None
        if job is None or job.finished is None or job.failure is not None or file not in _files_of(job):
            return answers.error(self._contract, 404, "There is no such output")
        content = await run_in_threadpool(make, job.wanted, _files_of(job).index(file))
        return Response(content, media_type=job.wanted.format.media_type)

    def _wanted(self, slug: str, parameters: Mapping[str, Any]) -> Wanted:
        return self._readers[slug].read(parameters, lambda: self._seeds.randrange(2**31))


def origin_of(request: Request) -> str:
    """The emulator's own origin as the client reached it."""
    host = request.headers.get("host", "")  # which `hosts` has judged
    if not host:
        name, port = request.scope["server"]
        host = f"{name}:{port}"
    return f"{request.scope['scheme']}://{host}"


def _output_of(job: Job, origin: str) -> object:
    """What a job made: the address of the file, a list of addresses where there are several, or JSON as it is."""
    if job.wanted.format is JSON:
        return job.wanted.echo
    urls = [f"{origin}{OUTPUTS}/{job.id}/{file}" for file in _files_of(job)]
    return urls if len(urls) > 1 else urls[0]


def _files_of(job: Job) -> list[str]:
    if job.wanted.format is JSON:
        return []
    return [f"{number}.{job.wanted.format.extension}" for number in range(job.wanted.count)]


def _metrics(job: Job, state: State) -> Mapping[str, float]:
    if state.phase in ("waiting", "running"):
        return {}
    return {
        "cost": job.receipt.cost,
        "remaining_credits": job.receipt.remaining,
        "inference_time": job.wanted.seconds,
        "queue_time": QUEUED,
        "total_time": round(job.wanted.seconds + QUEUED, 3),
    }
