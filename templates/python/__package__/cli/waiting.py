"""Waiting for a job: whatever comes in between, the user learns how to go on."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, Any

import click

from .._api import API
from .._core.omit import OMIT
from .._runtime.errors import ApiError, APIStatusError, JobFailedError
from .errors import INTERRUPTED
from .output import deliver
from .progress import Progress
from .terminal import clean, json_text, say

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .._runtime.jobs import Job
    from .._runtime.results import JobResult
    from .settings import Settings


def wait_and_save(job: Job, settings: Settings, *, stem: str) -> None:
    """Wait for the job and save its output under a name that begins with `stem`.

    Raises what the waiting and the saving raise; the error has the command that goes on as a note.
    """
    try:
        with Progress(f"job {job.request_id}", quiet=settings.quiet) as progress:
            result = job.wait(
                OMIT if settings.timeout is None else settings.timeout,
                OMIT if settings.interval is None else settings.interval,
                on_status=lambda body: progress.state(state_of(body)),
            )
        save(result, job, settings, stem=stem)
    except KeyboardInterrupt:
        say(
            f"\nInterrupted. Job {job.request_id} goes on; to wait for it again:\n  {resume_command(job, settings)}"
        )
        raise click.exceptions.Exit(INTERRUPTED) from None
    except ApiError as error:
        is_over = isinstance(error, JobFailedError) or (
            isinstance(error, APIStatusError) and error.status == 404
        )
        if not is_over:
            error.add_note(f"To go on with the job:\n  {resume_command(job, settings)}")
        raise


def save(result: JobResult, job: Job, settings: Settings, *, stem: str) -> None:
    """Save the output of a job that is done. An error has the result as a note: it is paid for."""
    try:
        deliver(result, settings, subject=f"output of job {job.request_id}", stem=stem, report=result)
    except ApiError as error:
        error.add_note(f"The result was:\n{json_text(result)}")
        raise


def state_of(status: Mapping[str, Any]) -> str:
    """The state in the JSON of a job's status."""
    return str(status.get(API.jobs.fields.status if API.jobs is not None else "status", "unknown"))


def resume_command(job: Job, settings: Settings) -> str:
    """What to type to wait for the job again and save its output at the same place."""
    request_id = clean(job.request_id)
    looks_like_option = request_id.startswith("-")
    words = [API.command, "job", *([] if looks_like_option else [request_id]), "--wait"]
    words += ["-o", settings.output] if settings.output is not None else []
    words += ["--json"] if settings.as_json else []
    words += ["--base-url", settings.base_url] if settings.base_url is not None else []
    words += ["--", request_id] if looks_like_option else []
    return shlex.join(words)
