"""The `again` command: repeats the request that made a file."""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import click

from .._api import API
from .._core.omit import OMIT
from .._index import MODELS

# speccast: if cost
from .budget import check_cost_before, max_cost_option

# speccast: end
from .settings import connection_options, output_options, settings_from, waiting_options
from .terminal import Command, is_terminal, one_line, print_message

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .._core.parameter import Parameter
    from .._runtime.calls import Call
    from .._runtime.index import ModelEntry
    from .._runtime.record import Record
    from .._runtime.resources import SyncModel

_HELP = """Repeat the request that made a FILE, and save the output under a new name.

FILE was saved with --embed. The command shows the request and asks before it sends it. The seed is the one of the
response. Content of inputs is not in the file, so it must be passed again, as in --set image=fox.jpg.
"""


class AgainCommand(Command):
    """`COMMAND again FILE`."""

    def __init__(self) -> None:
        """The client is imported only when the command runs."""
        super().__init__(
            "again",
            help=_HELP,
            params=[
                click.Argument(["file"], type=click.Path(exists=True, dir_okay=False)),
                click.Option(
                    ["--set", "assignments"],
                    metavar="NAME=VALUE",
                    multiple=True,
                    help="Change a parameter, as in --set seed=7. May be repeated, also for the items of an array.",
                ),
                click.Option(["-y", "--yes"], is_flag=True, help="Send the request without asking."),
                # speccast: if cost
                max_cost_option(),
                # speccast: end
                click.Option(
                    ["--no-validate"], is_flag=True, help="Send the parameters without checking them."
                ),
                click.Option(
                    ["--dry-run"], is_flag=True, help="Print the request instead of sending it. Needs no key."
                ),
                *output_options(),
                click.Option(
                    ["--embed/--no-embed"], default=True, help="Add the request to the new file (default)."
                ),
                *waiting_options(API, call=API.sync is not None, job=API.jobs is not None),
                *connection_options(API),
            ],
        )

    def invoke(self, ctx: click.Context) -> None:
        """Run the command."""
        from .._runtime.options import CallOptions
        from .._runtime.record import SIDECAR, read_record
        from .output import check_output
        from .run import check_request, request_text, send_request, show_request

        settings = settings_from(ctx.params)
        is_default = ctx.get_parameter_source("embed") is click.core.ParameterSource.DEFAULT
        if settings.output == "-" and is_default:
            settings = replace(settings, embed=False)
        file = Path(ctx.params["file"])
        record = read_record(file)
        attribute, entry, model = _model(record, file)
        job = (record.surface == "async" and "async" in entry.surfaces) or "sync" not in entry.surfaces
        check_output(settings.output, as_json=settings.as_json, embed=settings.embed, returns=model.returns)
        values, problems, given = _values(record, model, ctx.params["assignments"])
        options = CallOptions(
            timeout=OMIT if settings.timeout is None or job else settings.timeout,
            validate=False if settings.no_validate else OMIT,
        )
        call = check_request(model, values, problems, options, settings, given=given, job=job)
        if settings.dry_run:
            show_request(call, settings)
            return
        _note_changes(record, model, call)
        # speccast: if cost
        check_cost_before(record.cost, model.price, settings)
        # speccast: end
        if not ctx.params["yes"]:
            print_message(request_text(call))
            _ask(record)
        stem: str | None = None
        if settings.output is None:
            stem = Path(file.name.removesuffix(SIDECAR)).stem
            settings = replace(settings, output=f"{file.parent}{os.sep}")
        send_request(attribute, model, values, options, settings, job=job, stem=stem)


def _model(record: Record, file: Path) -> tuple[str, ModelEntry, type[SyncModel]]:
    """Return the model of a record. Raises RecordError if this package does not have it."""
    from .._runtime.errors import RecordError

    for attribute, entry in MODELS.items():
        if entry.slug == record.model:
            module = import_module(f"...models.{entry.module}", __name__)
            return attribute, entry, getattr(module, entry.class_name)
    raise RecordError(
        f"{file} was made by the model {record.model}, which this version of {API.distribution} does not have"
    )


def _values(
    record: Record, model: type[SyncModel], assignments: tuple[str, ...]
) -> tuple[dict[str, Any], dict[str, str], dict[str, object]]:
    """Return the parameters by their names in Python, problems by flag, and the arguments. Raises click.UsageError."""
    from .._runtime.resources import by_python_name
    from .options import destination
    from .values import StandardInput, collect

    by_wire = {parameter.wire: parameter for parameter in model.parameters}
    values = by_python_name(model, record.parameters)
    if record.seed is not None and "seed" in by_wire:
        values[by_wire["seed"].name] = record.seed
    words: dict[str, list[str]] = {}
    for assignment in assignments:
        name, equals, text = assignment.partition("=")
        parameter = _parameter(model, name)
        if not equals or parameter is None:
            known = ", ".join(each.name for each in model.parameters)
            raise click.UsageError(f"--set {assignment}: must be NAME=VALUE, with one of the names {known}.")
        words.setdefault(parameter.name, []).append(text)
    given = {
        destination(parameter): _argument(parameter, words[parameter.name])
        for parameter in model.parameters
        if parameter.name in words
    }
    assigned, problems = collect(model.parameters, given, StandardInput())
    values |= assigned
    for parameter in model.parameters:
        if (content := _missing_content(values.get(parameter.name))) is not None:
            from .show import content_in_words

            problems[parameter.flag] = (
                f"the content is not in the file ({content_in_words(content)}); pass it with --set {parameter.name}=PATH"
            )
    return values, problems, given


def _parameter(model: type[SyncModel], name: str) -> Parameter | None:
    """Return the parameter with a name in Python, in the API or on the command line."""
    return next(
        (each for each in model.parameters if name in (each.name, each.wire, each.flag.removeprefix("--"))),
        None,
    )


def _argument(parameter: Parameter, words: list[str]) -> object:
    """Return what click would parse of the values of a flag. The last one of several counts, unless the parameter is an array."""
    if any(form.type == "array" for form in parameter.branches or (parameter,)):
        return tuple(words)
    if parameter.type == "boolean" and words[-1] in ("true", "false"):
        return words[-1] == "true"
    return words[-1]


def _missing_content(value: object) -> dict[str, Any] | None:
    """Return the description of an input whose content is missing somewhere in a value."""
    from .show import content_of

    if (content := content_of(value)) is not None:
        return content
    members: list[object] = []
    if isinstance(value, dict):
        members = list(cast("dict[str, object]", value).values())
    elif isinstance(value, list):
        members = cast("list[object]", value)
    return next((found for each in members if (found := _missing_content(each)) is not None), None)


def _note_changes(record: Record, model: type[SyncModel], call: Call) -> None:
    """Print what differs from the request of the record, besides the parameters."""
    from .._runtime.record import digest_of_spec

    if record.spec != digest_of_spec(model.parameters):
        print_message(
            f"Note: {one_line(record.package)} {one_line(record.version)} made the file. In {API.version}, which is"
            f" installed, the parameters of {record.model} have changed."
        )
    if "seed" in {parameter.wire for parameter in model.parameters} and "seed" not in call.parameters:
        print_message("Note: neither the request nor the response had a seed, so the output will differ.")
    for name, value in call.parameters.items():
        for place, before, after in _inputs(record.parameters.get(name), value, name):
            if after is None:
                print_message(f"Note: {one_line(place)} was a file the last time, and is missing.")
            elif before.get("sha256") not in (None, _digest(after)):
                print_message(f"Note: {one_line(place)} is not the file that was sent the last time.")


def _inputs(before: object, after: object, place: str) -> Iterator[tuple[str, dict[str, Any], object]]:
    """Yield the inputs in a value of the record: each with its place, and with what is sent there now."""
    from .show import content_of

    if (content := content_of(before)) is not None:
        yield place, content, after
    elif isinstance(before, dict):
        members: dict[str, object] = cast("dict[str, object]", after) if isinstance(after, dict) else {}
        for name, member in cast("dict[str, object]", before).items():
            yield from _inputs(member, members.get(name), f"{place}.{name}")
    elif isinstance(before, list):
        items = cast("list[object]", after) if isinstance(after, list) else []
        for index, item in enumerate(cast("list[object]", before)):
            yield from _inputs(item, items[index] if index < len(items) else None, f"{place}[{index}]")


def _digest(value: Any) -> str | None:
    """Return the digest of a file to send, or of the file in a text; None for other values."""
    from .._runtime.request_summary import describe
    from .show import content_of

    if hasattr(value, "chunks") and value.size is not None:
        for _ in value.chunks():  # its digest is known at the end
            pass
        value.read_at(0, 0)  # sets a file object back to where it is sent from
    return (content_of(describe(value)) or {}).get("sha256")


def _ask(record: Record) -> None:
    """Ask whether to send the request. Raises click.UsageError if the input is not a terminal, and click.exceptions.Exit if not."""
    # speccast: if cost
    is_known = record.cost is not None
    print_message(f"The last time it cost {record.cost:.10g}." if is_known else "What it costs is not known.")
    # speccast: end
    if not (is_terminal(sys.stdin) and is_terminal(sys.stderr)):
        raise click.UsageError(
            "the request must be confirmed, and this is not a terminal. To send it, pass --yes."
        )
    if not click.confirm("Send it?", err=True):
        print_message("Nothing was sent.")
        raise click.exceptions.Exit(1)
