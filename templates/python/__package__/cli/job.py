"""The `job` command: any job, by its id."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from .._api import API
from .settings import connection_options, output_options, settings_from, waiting_options
from .terminal import Command, json_text, one_line, print_error, print_message, print_result

if TYPE_CHECKING:
    from .._runtime.jobs import Job
    from .settings import CommandSettings

_HELP = """Show a job's status or download its result.

Prints the job's state. With --wait, or with -o if the job is done, saves its output and prints the paths. ID is what
--submit printed; put -- before an ID that begins with a dash.
# speccast: if cancel

`job cancel ID` cancels the job.
# speccast: end
"""


class JobCommand(Command):
    """`COMMAND job ID`, with the job options of a model's command."""

    def __init__(self) -> None:
        """The client is imported only when the command runs."""
        super().__init__(
            "job",
            help=_HELP,
            params=[
                click.Argument(["request_id"], metavar="ID"),
                click.Option(
                    ["--wait"], is_flag=True, help="Wait until the job is done, then save its output."
                ),
                # speccast: if job_models
                click.Option(
                    ["--model"],
                    metavar="MODEL",
                    help="Slug of the job's model, on which the path of a job depends.",
                ),
                # speccast: end
                *output_options(),
                *waiting_options(API, call=False, job=True),
                *connection_options(API),
            ],
        )

    # speccast: if cancel
    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Read `job cancel ID`; an ID that is `cancel` itself needs a -- before it."""
        ctx.params["cancel"] = args[:1] == ["cancel"]
        return super().parse_args(ctx, args[1:] if ctx.params["cancel"] else args)

    # speccast: end
    def invoke(self, ctx: click.Context) -> int:
        """Run the command and return its exit code."""
        from .connection import connect
        from .output import check_output
        from .waiting import wait_and_save

        settings = settings_from(ctx.params)
        check_output(settings.output, as_json=settings.as_json)
        with connect(settings) as client:
            job = client.job(ctx.params["request_id"], ctx.params.get("model"))
            # speccast: if cancel
            if ctx.params["cancel"]:
                return _cancel(job, settings)
            # speccast: end
            if not settings.wait:
                return _show_status(job, settings)
            wait_and_save(job, settings, stem=job.request_id)
        return 0


# speccast: if cancel
def _cancel(job: Job, settings: CommandSettings) -> int:
    """Cancel the job, and print the state that the response has."""
    from .waiting import state_of

    response = job.cancel()
    if settings.as_json:
        print_result(json_text(response))
        return 0
    state = state_of(response or {})
    print_result("canceled" if state == "unknown" else one_line(state))
    return 0


# speccast: end
def _show_status(job: Job, settings: CommandSettings) -> int:
    """Poll once. Without -o only print the state."""
    from .waiting import phase_of, resume_command, save, state_of

    status = job.status()
    state = state_of(status)
    phase = phase_of(status)
    if phase == "failed":
        reason = API.protocol.error(status) if API.jobs is not None else None
        print_result(json_text(status) if settings.as_json else one_line(state))
        print_error(
            f"job {one_line(job.request_id)} failed: {one_line(str(reason or 'the API gave no reason'))}"
        )
        return 1
    # speccast: if canceled
    if phase == "canceled":
        print_result(json_text(status) if settings.as_json else one_line(state))
        print_error(f"job {one_line(job.request_id)} was canceled")
        return 1
    # speccast: end
    if settings.output is not None:
        if phase != "succeeded":
            print_error(
                f"job {one_line(job.request_id)} is not done: its state is {one_line(state)}. To wait for it, add --wait."
            )
            return 1
        save(job.result(), job, settings, stem=job.request_id)
        return 0
    if settings.as_json:
        print_result(json_text(job.result() if phase == "succeeded" else status))
        return 0
    print_result(one_line(state))
    if not settings.quiet:
        purpose = "save its output" if phase == "succeeded" else "wait for it"
        print_message(f"To {purpose}: {resume_command(job, settings)}")
    return 0
