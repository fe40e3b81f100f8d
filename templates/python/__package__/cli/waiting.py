"""Waits for a job. After an interruption or an error the user sees the command that resumes it."""

from __future__ import annotations

import shlex
import sys
from typing import TYPE_CHECKING, Any

import click

from .._api import API
from .._core.omit import OMIT
from .._runtime.errors import ApiError, APIStatusError, JobFailedError
from .._runtime.plain_text import clean
from .errors import INTERRUPTED, sentence
from .output import deliver
from .progress import Progress
from .terminal import is_terminal, json_text, one_line, print_error, print_message

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .._runtime.job_results import JobResult
    from .._runtime.jobs import Job
    from .settings import CommandSettings


def wait_and_save(job: Job, settings: CommandSettings, *, stem: str) -> None:
    """Wait for the job and save its output under a name that begins with `stem`.

    Raises the errors of waiting and saving, with the command that resumes the job as a note.
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
        print_message(
            f"\nInterrupted. Job {job.request_id} is still running. To wait for it again:\n  {resume_command(job, settings)}"
        )
        # speccast: if cancel
        offer_to_cancel(job, settings)
        # speccast: end
        raise click.exceptions.Exit(INTERRUPTED) from None
    except ApiError as error:
        is_over = isinstance(error, JobFailedError) or (
            isinstance(error, APIStatusError) and error.status in (404, API.error_for("unknown_job").status)
        )
        if not is_over:
            error.add_note(f"To resume the job:\n  {resume_command(job, settings)}")
        raise


# speccast: if cancel
def offer_to_cancel(job: Job, settings: CommandSettings) -> None:
    """Ask whether to cancel the job, or print the command that cancels it if the input is not a terminal."""
    if not (is_terminal(sys.stdin) and is_terminal(sys.stderr)):
        print_message(f"To cancel it:\n  {_job_command(['cancel'], job, _connection(settings))}")
        return
    try:
        if not click.confirm("Cancel the job?", err=True):
            return
        job.cancel()
    except (KeyboardInterrupt, click.Abort):
        print_message("")
    except ApiError as error:
        print_error(sentence(error))
    else:
        print_message(f"Job {one_line(job.request_id)} was canceled.")


# speccast: end
def save(result: JobResult, job: Job, settings: CommandSettings, *, stem: str) -> None:
    """Save the output of a job that is done. An error has the result as a note, because it is paid for."""
    try:
        deliver(result, settings, subject=f"output of job {job.request_id}", stem=stem, report=result)
    except ApiError as error:
        error.add_note(f"The result was:\n{json_text(result)}")
        raise


def state_of(status: Mapping[str, Any]) -> str:
    """Return the state in the JSON of a job's status."""
    state = API.protocol.state_name(status) if API.jobs is not None else None
    return "unknown" if state is None else str(state)


def phase_of(status: Mapping[str, Any]) -> str:
    """Return the phase of the state in the JSON of a job's status; empty for an undocumented state."""
    state = API.protocol.state(status, 200) if API.jobs is not None else None
    return state.phase if state is not None else ""


def resume_command(job: Job, settings: CommandSettings) -> str:
    """Return the command that waits for the job again and saves its output to the same place."""
    options = ["--wait"]
    options += ["-o", settings.output] if settings.output is not None else []
    options += ["--json"] if settings.as_json else []
    # speccast: if cost
    options += ["--cost"] if settings.cost else []
    # speccast: end
    return _job_command([], job, [*options, *_connection(settings)])


def _connection(settings: CommandSettings) -> list[str]:
    return ["--base-url", settings.base_url] if settings.base_url is not None else []


def _job_command(words: list[str], job: Job, options: list[str]) -> str:
    """Return a command about the job, for people to copy."""
    request_id = clean(job.request_id)
    # speccast: if job_models
    if job.model is not None and job.needs_model:
        options = [*options, "--model", job.model]
    # speccast: end
    is_like_option = request_id.startswith("-")
    ids = [*options, "--", request_id] if is_like_option else [request_id, *options]
    return shlex.join([API.command, "job", *words, *ids])
