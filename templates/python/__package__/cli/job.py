"""The `job` command: any job, by its id."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from .._api import API
from .settings import connection_options, output_options, settings_from, waiting_options
from .terminal import fail, json_text, one_line, put, say

if TYPE_CHECKING:
    from .._runtime.jobs import Job
    from .settings import Settings

_HELP = """Look at a job, or fetch what came of it.

Prints the job's state. With --wait, or with -o when the job is done, saves its output and prints the paths. The id is
what --submit printed; one that begins with a dash needs -- before it.
"""


class JobCommand(click.Command):
    """`COMMAND job ID`, with the options of a model's command that concern a job."""

    def __init__(self) -> None:
        """Nothing of the client is loaded before the command runs."""
        super().__init__(
            "job",
            help=_HELP,
            short_help="Look at a job, or fetch what came of it.",
            params=[
                click.Argument(["request_id"], metavar="ID"),
                click.Option(
                    ["--wait"], is_flag=True, help="Wait until the job is done, then save its output."
                ),
                *output_options(),
                *waiting_options(API, call=False, job=True),
                *connection_options(API),
            ],
        )

    def invoke(self, ctx: click.Context) -> int:
        """Run the command; answers its exit code."""
        from .connection import connect
        from .output import check_place
        from .waiting import wait_and_save

        settings = settings_from(ctx.params)
        check_place(settings.output, as_json=settings.as_json)
        with connect(settings.base_url) as client:
            job = client.job(ctx.params["request_id"])
            if not settings.wait:
                return _look(job, settings)
            wait_and_save(job, settings, stem=job.request_id)
        return 0


def _look(job: Job, settings: Settings) -> int:
    """One look. Without -o nothing is saved: who only asks for the state gets the state."""
    from .waiting import resume_command, save, state_of

    status = job.status()
    state = state_of(status)
    phase = _phase(state)
    if phase == "failed":
        reason = status.get(API.jobs.fields.error if API.jobs is not None else "error")
        put(json_text(status) if settings.as_json else one_line(state))
        fail(f"job {one_line(job.request_id)} failed: {one_line(str(reason or 'the API gave no reason'))}")
        return 1
    if settings.output is not None:
        if phase != "succeeded":
            fail(
                f"job {one_line(job.request_id)} is not done, it is {one_line(state)}. Add --wait to wait for it."
            )
            return 1
        save(job.result(), job, settings, stem=job.request_id)
        return 0
    if settings.as_json:
        put(json_text(job.result() if phase == "succeeded" else status))
        return 0
    put(one_line(state))
    if not settings.quiet:
        aim = "save its output" if phase == "succeeded" else "wait for it"
        say(f"To {aim}: {resume_command(job, settings)}")
    return 0


def _phase(state: str) -> str:
    """What the state means; empty for one that is not documented."""
    states = API.jobs.states if API.jobs is not None else ()
    return next((known.phase for known in states if known.name.casefold() == state.casefold()), "")
