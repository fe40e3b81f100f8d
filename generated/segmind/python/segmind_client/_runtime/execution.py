"""Run the calls of models with a driver: what the clients and their models share."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .calls import Call, generate, submit
from .clock import Deadline
from .outputs import OutputSource
from .results import AsyncResult, Result

if TYPE_CHECKING:
    from . import types
    from .job_results import AsyncJobResult, JobResult
    from .settings import Settings
    from .transport import AsyncTransport, SyncTransport

__all__ = [
    "run_call",
    "run_call_async",
    "settings_for",
    "stream_call",
    "stream_call_async",
    "submit_job",
    "submit_job_async",
]


def settings_for(settings: Settings, call: Call) -> Settings:
    """Return the settings with what differs for a model."""
    return settings.reading(call.places)


def run_call(settings: Settings, transport: SyncTransport, call: Call) -> Result:
    """Make one blocking call."""
    settings = settings_for(settings, call)
    return Result(transport.run(generate(settings, call)), settings, transport, call)


async def run_call_async(settings: Settings, transport: AsyncTransport, call: Call) -> AsyncResult:
    """`run_call`, awaited."""
    settings = settings_for(settings, call)
    return AsyncResult(await transport.run(generate(settings, call)), settings, transport, call)


def stream_call(settings: Settings, transport: SyncTransport, call: Call) -> types.ByteStream:
    """Return the output of a call, or of a job that is waited for, in pieces. Opening the stream sends the request."""
    from .polling import default_deadline  # the first call is faster without what only jobs and streams need
    from .stream import ByteStream

    source = OutputSource(call.slug, call.url, call.returns)
    if call.job_paths is None:
        settings = settings_for(settings, call)
        return ByteStream(settings, transport, source, call=call, make_result=Result)

    def run_job() -> JobResult:
        deadline = Deadline.after(settings.total_timeout, settings.clock)
        job = submit_job(settings, transport, call)
        return job.wait(min(default_deadline(settings, call), deadline.remaining))

    return ByteStream(settings, transport, source, job=run_job)


def stream_call_async(settings: Settings, transport: AsyncTransport, call: Call) -> types.AsyncByteStream:
    """`stream_call` for an asynchronous client."""
    from .polling import default_deadline
    from .stream import AsyncByteStream

    source = OutputSource(call.slug, call.url, call.returns)
    if call.job_paths is None:
        settings = settings_for(settings, call)
        return AsyncByteStream(settings, transport, source, call=call, make_result=AsyncResult)

    async def run_job() -> AsyncJobResult:
        deadline = Deadline.after(settings.total_timeout, settings.clock)
        job = await submit_job_async(settings, transport, call)
        return await job.wait(min(default_deadline(settings, call), deadline.remaining))

    return AsyncByteStream(settings, transport, source, job=run_job)


def submit_job(settings: Settings, transport: SyncTransport, call: Call) -> types.Job:
    """Submit a job."""
    from .jobs import Job
    from .polling import read_accepted_id

    settings = settings_for(settings, call)
    response = transport.run(submit(settings, call))
    request_id, body = read_accepted_id(settings, response, call.slug)
    return Job(settings.for_jobs(call.job_paths), transport, request_id, body, call, raw=response)


async def submit_job_async(settings: Settings, transport: AsyncTransport, call: Call) -> types.AsyncJob:
    """`submit_job`, awaited."""
    from .jobs import AsyncJob
    from .polling import read_accepted_id

    settings = settings_for(settings, call)
    response = await transport.run(submit(settings, call))
    request_id, body = read_accepted_id(settings, response, call.slug)
    return AsyncJob(settings.for_jobs(call.job_paths), transport, request_id, body, call, raw=response)
