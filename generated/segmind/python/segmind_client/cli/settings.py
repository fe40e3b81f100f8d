"""The options of a command besides the model's parameters."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from .._api import API
from .._core.frozen_classes import Frozen
from .._runtime.typed_texts import read_seconds

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .._core.api import Api


@dataclass
class Session:
    """State of the whole run, passed on by click."""

    debug: bool = False


class CommandSettings(Frozen, kw_only=True):
    """The options of one call. Times are in seconds; None means the client's default."""

    output: str | None = None
    as_json: bool = False
    embed: bool = False
    quiet: bool = False
    cost: bool = False
    max_cost: float | None = None
    submit: bool = False
    as_job: bool = False
    wait: bool = False
    timeout: float | None = None
    interval: float | None = None
    dry_run: bool = False
    no_validate: bool = False
    params_file: str | None = None
    extra: tuple[str, ...] = ()
    base_url: str | None = None


def settings_from(values: Mapping[str, Any]) -> CommandSettings:
    """Return the settings among click's parsed values, without the model's parameters."""
    return CommandSettings(
        **{name: values[name] for name in CommandSettings.__dataclass_fields__ if name in values}
    )


def output_options() -> list[click.Option]:
    """Return options for the output."""
    return [
        click.Option(
            ["-o", "--output"],
            metavar="PATH",
            shell_complete=complete_files,
            help="File or folder to save to, or - for standard output. An extension is added to a name without one."
            " By default, and in a folder, a unique name is generated.",
        ),
        click.Option(
            ["--json", "as_json"], is_flag=True, help="Print the response and the saved paths as JSON."
        ),
        click.Option(
            ["--cost"],
            is_flag=True,
            help="Print to standard error what the call cost, as the API reports it and in its unit.",
        ),
        click.Option(["-q", "--quiet"], is_flag=True, help="Do not show progress."),
    ]


def embed_option() -> click.Option:
    """Return the option that adds the record of the request to outputs."""
    return click.Option(
        ["--embed"],
        is_flag=True,
        help=f"Add the request to the output, for '{API.command} show' and '{API.command} again': in PNG, JPEG and WebP,"
        " else in a JSON file beside the output. Content of inputs is left out.",
    )


def request_options() -> list[click.Option]:
    """Return options for the request."""
    return [
        click.Option(
            ["--params-file"],
            metavar="FILE",
            shell_complete=complete_files,
            help="Read parameters from a JSON object with the names of the API; - for standard input. Flags take precedence.",
        ),
        click.Option(
            ["--param", "extra"],
            metavar="NAME=JSON",
            multiple=True,
            help="Add an unchecked parameter to the request, with the highest precedence. May be repeated.",
        ),
        click.Option(["--no-validate"], is_flag=True, help="Send the parameters without checking them."),
        click.Option(
            ["--dry-run"], is_flag=True, help="Print the request instead of sending it. Needs no key."
        ),
    ]


def waiting_options(
    api: Api, *, call: bool, job: bool, deadline: float | None = None, interval: float | None = None
) -> list[click.Option]:
    """Return options for waiting: for a blocking call, a job or either. `deadline` and `interval` are defaults of a model."""
    limits: list[str] = []
    if call:
        limits.append("a response")
    if job and api.jobs is not None:
        limits.append(f"a job (default {api.jobs.deadline if deadline is None else deadline:g})")
    options = [
        click.Option(
            ["--timeout"],
            metavar="SECONDS",
            callback=seconds_of,
            help=f"Maximum time to wait for {' or '.join(limits) or 'a response'}, as in 90, 90s or 15m.",
        )
    ]
    if job and api.jobs is not None:
        options.append(
            click.Option(
                ["--interval"],
                metavar="SECONDS",
                callback=seconds_of,
                help=f"Time between two polls of a job (default {api.jobs.interval if interval is None else interval:g}).",
            )
        )
    return options


def connection_options(api: Api) -> list[click.Option]:
    """Return options for the connection and for debugging."""
    variable = f", instead of the environment variable {api.env_base_url}" if api.env_base_url else ""
    return [
        click.Option(
            ["--base-url"], metavar="URL", help=f"Origin of the API{variable} (default {api.base_url})."
        ),
        click.Option(
            ["--debug"],
            is_flag=True,
            expose_value=False,
            callback=_set_debug,
            is_eager=True,
            help="Show requests, and the traceback of an error.",
        ),
    ]


def complete_files(_context: click.Context, _option: click.Parameter, incomplete: str) -> list[Any]:
    from click.shell_completion import CompletionItem

    return [CompletionItem(incomplete, type="file")]


def number_of(text: str) -> float:
    """Read a number; NaN, which no comparison accepts, for other texts."""
    try:
        return float(text)
    except ValueError:
        return math.nan


def seconds_of(_context: click.Context, _option: click.Parameter, value: str | None) -> float | None:
    """Read the time of an option. Raises click.BadParameter."""
    if value is None:
        return None
    seconds = read_seconds(value)
    if seconds is None:
        raise click.BadParameter(f"must be a time above 0, such as 90, 90s, 15m or 2h (got {value!r}).")
    return seconds


def _set_debug(context: click.Context, _option: click.Parameter, value: bool) -> None:
    if value:
        context.ensure_object(Session).debug = True
