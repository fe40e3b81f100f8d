"""The options that every command has beside a model's parameters, and the settings they make."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .._core.api import Api


@dataclass
class Session:
    """What holds for the whole run of the command; click hands it from context to context."""

    debug: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What the options of one call say. Times are in seconds; None means the client's own default."""

    output: str | None = None
    as_json: bool = False
    quiet: bool = False
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


def settings_from(values: Mapping[str, Any]) -> Settings:
    """The settings among click's parsed values; those of the parameters are left alone."""
    return Settings(**{name: values[name] for name in Settings.__dataclass_fields__ if name in values})


def output_options() -> list[click.Option]:
    """Where the answer goes."""
    return [
        click.Option(
            ["-o", "--output"],
            metavar="PATH",
            shell_complete=_files,
            help="File to save to; a folder for a name of its own in there; - for standard output. A name without an"
            " extension gets the one of the content. Without this option the name is made up and overwrites nothing.",
        ),
        click.Option(
            ["--json", "as_json"], is_flag=True, help="Print what was answered, and the saved paths, as JSON."
        ),
        click.Option(["-q", "--quiet"], is_flag=True, help="Show no progress."),
    ]


def request_options() -> list[click.Option]:
    """How a model's request is made and sent."""
    return [
        click.Option(
            ["--params-file"],
            metavar="FILE",
            shell_complete=_files,
            help="JSON object of parameters by the names of the API; - for standard input. Flags win over it.",
        ),
        click.Option(
            ["--param", "extra"],
            metavar="NAME=JSON",
            multiple=True,
            help="Put this into the request, unchecked and over everything else. May be repeated.",
        ),
        click.Option(["--no-validate"], is_flag=True, help="Send the parameters without checking them."),
        click.Option(
            ["--dry-run"], is_flag=True, help="Print the request instead of sending it. Needs no key."
        ),
    ]


def waiting_options(api: Api, *, call: bool, job: bool) -> list[click.Option]:
    """How long to wait, for a blocking call, a job or either, and for whom."""
    limits: list[str] = []
    if call:
        limits.append("an answer")
    if job and api.jobs is not None:
        limits.append(f"a job (default {api.jobs.deadline:g})")
    options = [
        click.Option(
            ["--timeout"],
            metavar="SECONDS",
            type=float,
            callback=_seconds,
            help=f"Longest time to wait for {' or '.join(limits) or 'an answer'}.",
        )
    ]
    if job and api.jobs is not None:
        options.append(
            click.Option(
                ["--interval"],
                metavar="SECONDS",
                type=float,
                callback=_seconds,
                help=f"Time between two looks at a job (default {api.jobs.interval:g}).",
            )
        )
    return options


def connection_options(api: Api) -> list[click.Option]:
    """Where to connect to, and what to show when something is wrong."""
    variable = f", as in the variable {api.env_base_url}" if api.env_base_url else ""
    return [
        click.Option(
            ["--base-url"], metavar="URL", help=f"Origin of the API{variable} (default {api.base_url})."
        ),
        click.Option(
            ["--debug"],
            is_flag=True,
            expose_value=False,
            callback=_remember_debug,
            is_eager=True,
            help="Show what is sent, and the traceback of an error.",
        ),
    ]


def _files(_context: click.Context, _option: click.Parameter, incomplete: str) -> list[Any]:
    from click.shell_completion import CompletionItem

    return [CompletionItem(incomplete, type="file")]


def _seconds(_context: click.Context, _option: click.Parameter, value: float | None) -> float | None:
    if value is not None and not 0 < value < math.inf:
        raise click.BadParameter("must be a number of seconds, more than 0.")
    return value


def _remember_debug(context: click.Context, _option: click.Parameter, value: bool) -> None:
    if value:
        context.ensure_object(Session).debug = True
