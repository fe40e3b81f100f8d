"""The command of one model, built from its data."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

import click

from .._api import API
from .._core.omit import OMIT
from .._runtime.plain_text import clean
from .budget import max_cost_option
from .options import destination, parameter_options
from .settings import (
    connection_options,
    embed_option,
    output_options,
    request_options,
    settings_from,
    waiting_options,
)
from .terminal import Command, one_line

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .._runtime.index import ModelEntry
    from .._runtime.resources import SyncModel

_INPUT_NOTE = """
TEXT of - is read from standard input, and JSON of @FILE from a file (@- from standard input). If null is allowed, null
means JSON's null. The API decides about parameters that you omit.
"""
_PATH_NOTE = """
A PATH is a file, - is standard input, and a URL is an address or a data URI. @PATH is a file whose name looks like another
value.
"""


class ModelCommand(Command):
    """The command of one model."""

    def __init__(self, attribute: str, entry: ModelEntry) -> None:
        """Import the model's module, which imports neither pydantic nor the HTTP library."""
        self.attribute = attribute
        self.entry = entry
        self.model: type[SyncModel] = getattr(
            import_module(f"...models.{entry.module}", __name__), entry.class_name
        )
        sections: list[tuple[str, list[click.Option]]] = [
            ("Parameters", parameter_options(self.model.parameters)),
            ("Output", [*output_options(), embed_option()]),
            ("Request", [*request_options(), *self._surface_options(), *connection_options(API)]),
        ]
        self.sections = sections
        params: list[click.Parameter] = [option for _, options in sections for option in options]
        notes = _INPUT_NOTE
        if any("PATH" in (option.metavar or "") for option in sections[0][1]):
            notes += _PATH_NOTE
        super().__init__(entry.command, params=params, help=_description(entry, self.model), epilog=notes)

    def invoke(self, ctx: click.Context) -> None:
        """Run the model."""
        from .run import run

        given = {
            destination(parameter): ctx.params[destination(parameter)]
            for parameter in self.model.parameters
            if ctx.get_parameter_source(destination(parameter)) is click.core.ParameterSource.COMMANDLINE
        }
        run(self.attribute, self.entry, self.model, given, settings_from(ctx.params))

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the options in sections, the model's parameters first."""
        ours: list[click.Parameter] = [option for _, options in self.sections for option in options]
        rest = [option for option in self.get_params(ctx) if option not in ours]
        sections: list[tuple[str, Sequence[click.Parameter]]] = [*self.sections, ("Help", rest)]
        for title, options in sections:
            records = [record for option in options if (record := option.get_help_record(ctx)) is not None]
            if records:
                with formatter.section(title):
                    formatter.write_dl(records)

    def collect_usage_pieces(self, ctx: click.Context) -> list[str]:
        """Add the required parameters to the usage line."""
        required = [
            f"{parameter.flag} {option.metavar}" if option.metavar else parameter.flag
            for parameter, option in zip(self.model.parameters, self.sections[0][1], strict=True)
            if parameter.required and parameter.default is OMIT
        ]
        return [*required, *super().collect_usage_pieces(ctx)]

    def _surface_options(self) -> list[click.Option]:
        sync, job = "sync" in self.entry.surfaces, "async" in self.entry.surfaces
        submit = click.Option(
            ["--submit"],
            is_flag=True,
            hidden=not job,
            help="Submit a job and print its id without waiting for it.",
        )
        as_job = click.Option(
            ["--async", "as_job"],
            is_flag=True,
            hidden=not (job and sync),
            help="Submit a job and wait for it, instead of one blocking call.",
        )
        waiting = waiting_options(
            API, call=sync, job=job, deadline=self.model.deadline, interval=self.model.interval
        )
        return [
            submit,
            as_job,
            *waiting,
            max_cost_option(),
        ]


def _description(entry: ModelEntry, model: type[SyncModel]) -> str:
    """Return the title, and the description of the model if the class has one."""
    title = one_line(entry.title)
    text = clean(model.__doc__ or "").strip()
    return f"{title}\n\n{text}" if text and not text.startswith(title) else text or title
