"""Run the calls of models with a driver: what the clients and their models share."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .calls import Call, generate, submit
from .jobs import AsyncJob, Job
from .polling import accepted_id
from .results import AsyncResult, Result

if TYPE_CHECKING:
    from .settings import Settings
    from .transport import AsyncTransport, SyncTransport

__all__ = ["run_call", "run_call_async", "submit_job", "submit_job_async"]


def run_call(settings: Settings, transport: SyncTransport, call: Call) -> Result:
    """Make one blocking call."""
    settings = settings.reading(call.places)
    # speccast: if auth_places
    settings = settings.authenticated_by(call.auth_place)
    # speccast: end
    return Result(transport.run(generate(settings, call)), settings, transport, call)


async def run_call_async(settings: Settings, transport: AsyncTransport, call: Call) -> AsyncResult:
    """`run_call`, awaited."""
    settings = settings.reading(call.places)
    # speccast: if auth_places
    settings = settings.authenticated_by(call.auth_place)
    # speccast: end
    return AsyncResult(await transport.run(generate(settings, call)), settings, transport, call)


def submit_job(settings: Settings, transport: SyncTransport, call: Call) -> Job:
    """Submit a job."""
    settings = settings.reading(call.places)
    # speccast: if auth_places
    settings = settings.authenticated_by(call.auth_place)
    # speccast: end
    response = transport.run(submit(settings, call))
    request_id, body = accepted_id(settings, response, call.slug)
    return Job(settings.for_jobs(call.job_paths), transport, request_id, body, call, raw=response)


async def submit_job_async(settings: Settings, transport: AsyncTransport, call: Call) -> AsyncJob:
    """`submit_job`, awaited."""
    settings = settings.reading(call.places)
    # speccast: if auth_places
    settings = settings.authenticated_by(call.auth_place)
    # speccast: end
    response = await transport.run(submit(settings, call))
    request_id, body = accepted_id(settings, response, call.slug)
    return AsyncJob(settings.for_jobs(call.job_paths), transport, request_id, body, call, raw=response)
