"""The `batch` commands: run a file of rows, and show, retry or cancel a batch."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.shell_completion import CompletionItem

from .._api import API
from .._index import MODELS

# speccast: if cost
from .budget import read_limit

# speccast: end
from .settings import complete_files, connection_options, seconds_of, settings_from
from .terminal import Command

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

__all__ = ["BatchCommand", "find_action"]

_HELP = """Make each row of a file: a picture, a film, a sound or a text.

ROWS is a table (.csv, .tsv, .parquet) or JSON Lines, with a column for each parameter; - is standard input. A row may
also have a column `key`, its name, and `model`. The model of all other rows may stand before ROWS, or in --model. Files of
inputs are named by their path, relative to the folder of ROWS.

All rows are checked before the first request. The folder keeps what was sent and paid for: after an interruption of any
kind, the same command goes on, and pays for nothing twice.
"""


def find_action(words: Sequence[str]) -> Command | None:
    """Return the command of `batch status`, `batch retry` or `batch cancel`; None for other words."""
    kind = _ACTIONS.get(words[0]) if words else None
    return kind() if kind is not None else None


class BatchCommand(Command):
    """`COMMAND batch [MODEL] ROWS -o FOLDER`."""

    def __init__(self) -> None:
        """Create the command. The client is imported only when it runs."""
        super().__init__(
            "batch",
            help=_HELP,
            params=[
                click.Argument(["rows"], metavar="ROWS", shell_complete=_rows_or_actions),
                click.Option(
                    ["-o", "--output"],
                    metavar="FOLDER",
                    required=True,
                    callback=_check_folder_name,
                    shell_complete=complete_files,
                    help="Folder of the outputs, of results.jsonl and of the journal.",
                ),
                click.Option(
                    ["--model"],
                    metavar="MODEL",
                    shell_complete=_models,
                    help="Model of the rows that do not name theirs.",
                ),
                click.Option(
                    ["--set", "assignments"],
                    metavar="NAME=VALUE",
                    multiple=True,
                    help="Value of a parameter for all rows that do not have it, as in --set steps=30. Paths are relative to the"
                    " working folder. May be repeated.",
                ),
                click.Option(
                    ["--repeat"],
                    is_flag=True,
                    help="Make each of several rows that are the same request, instead of one of them.",
                ),
                click.Option(
                    ["--skip-invalid"],
                    is_flag=True,
                    help="Write invalid rows to invalid.jsonl in the folder, and make the others.",
                ),
                click.Option(
                    ["--retry"],
                    type=click.Choice(["failed", "unknown"]),
                    help="Also repeat rows that failed, or whose outcome is unknown: the latter may be paid twice.",
                ),
                click.Option(
                    ["--dry-run"],
                    is_flag=True,
                    help="Check the rows, and print how many requests they need and what these cost, as far as it is known."
                    " Needs no key.",
                ),
                *_making_options(),
                *connection_options(API),
            ],
        )

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Read a model before the rows, and report a misspelled command, which would otherwise be a file of rows without a folder."""
        if _is_model_before_rows(args):
            args = ["--model", *args]
        elif args and not ctx.resilient_parsing:
            _check_word(args[0])
        return super().parse_args(ctx, args)

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the commands for the folder of a batch."""
        with formatter.section("Commands"):
            formatter.write_dl(
                [
                    (f"{ctx.command_path} {name} FOLDER", kind().get_short_help_str(80))
                    for name, kind in _ACTIONS.items()
                ],
                col_max=50,
            )

    def invoke(self, ctx: click.Context) -> int:
        """Run the command and return its exit code."""
        from .batching import defaults_from, make, show_estimate

        values = ctx.params
        options = _options(values)
        options |= {name: values[name] for name in ("repeat", "skip_invalid", "retry")}
        options["model"] = values["model"]
        options["defaults"] = defaults_from(values["assignments"])
        if values["dry_run"]:
            return show_estimate(values["rows"], values["output"], options, settings_from(values))
        return make(values["rows"], values["output"], options, settings_from(values))


class StatusCommand(Command):
    """`COMMAND batch status FOLDER`."""

    def __init__(self) -> None:
        """Create the command. It sends nothing."""
        super().__init__(
            "status",
            help="Show the progress of a batch, also while it runs.",
            params=[
                _folder(),
                click.Option(["--json", "as_json"], is_flag=True, help="Print the numbers as JSON."),
            ],
        )

    def invoke(self, ctx: click.Context) -> int:
        """Run the command and return its exit code."""
        from .batching import show_status

        return show_status(ctx.params["folder"], as_json=ctx.params["as_json"])


class RetryCommand(Command):
    """`COMMAND batch retry FOLDER`."""

    def __init__(self) -> None:
        """Create the command. It reads the rows from the journal."""
        super().__init__(
            "retry",
            help="Repeat the failed rows of a batch, and continue with the planned ones.",
            params=[
                _folder(),
                click.Option(
                    ["--unknown"],
                    is_flag=True,
                    help="Repeat the rows whose outcome is unknown instead of the failed ones: they may be paid twice.",
                ),
                *_making_options(),
                *connection_options(API),
            ],
        )

    def invoke(self, ctx: click.Context) -> int:
        """Run the command and return its exit code."""
        from .batching import check_folder, make

        check_folder(ctx.params["folder"])
        options = _options(ctx.params)
        options["retry"] = "unknown" if ctx.params["unknown"] else "failed"
        return make([], ctx.params["folder"], options, settings_from(ctx.params))


class CancelCommand(Command):
    """`COMMAND batch cancel FOLDER`."""

    def __init__(self) -> None:
        """Create the command. It cancels accepted jobs if the API can."""
        super().__init__(
            "cancel",
            help="Make no more rows of a batch. Rows that were not sent fail as canceled, and jobs are canceled if the API"
            " can do that. What is done stays.",
            params=[
                _folder(),
                click.Option(["--json", "as_json"], is_flag=True, help="Print the numbers as JSON."),
                *connection_options(API),
            ],
        )

    def invoke(self, ctx: click.Context) -> int:
        """Run the command and return its exit code."""
        from .batching import cancel

        return cancel(ctx.params["folder"], settings_from(ctx.params))


_ACTIONS: dict[str, Callable[[], Command]] = {
    "status": StatusCommand,
    "retry": RetryCommand,
    "cancel": CancelCommand,
}


def _check_word(word: str) -> None:
    """Raise click.UsageError for a word that is neither a command nor a file."""
    if re.fullmatch(r"\w[\w-]*", word) and not Path(word).exists():
        from .._runtime.wording import suggestion

        *names, last = _ACTIONS
        help_ = suggestion(word, _ACTIONS) or f": the commands are {', '.join(names)} and {last}"
        raise click.UsageError(f"unknown command or file {word!r}{help_}")


def _is_model_before_rows(words: Sequence[str]) -> bool:
    """Return whether the first word is a model, and the second one the rows."""
    if len(words) < 2 or (words[1].startswith("-") and words[1] != "-"):
        return False
    return any(words[0] in (entry.slug, entry.command) for entry in MODELS.values())


def _folder() -> click.Argument:
    return click.Argument(
        ["folder"], metavar="FOLDER", type=click.Path(file_okay=False), callback=_check_folder_name
    )


def _check_folder_name(_context: click.Context, _parameter: click.Parameter, value: str) -> str:
    """Refuse an empty name, such as an unset variable: it would mean the working folder."""
    if not value:
        raise click.BadParameter("is empty; the working folder is '.'.")
    return value


def _making_options() -> list[click.Option]:
    """Return the options of commands that send requests."""
    options = [
        click.Option(
            ["--name"],
            metavar="TEMPLATE",
            help="Names of the files: {key}, {seed}, {model} and {number} are replaced, / makes folders (default"
            " {key}-{seed}).",
        ),
        click.Option(
            ["--concurrency"],
            metavar="NUMBER|auto",
            callback=_concurrency,
            help="Requests in flight; by default as many as the API takes without delay.",
        ),
        click.Option(
            ["--rate"],
            metavar="NUMBER/SECONDSs",
            help="Maximum number of requests in any such period, as in 50/60s.",
        ),
        # speccast: if cost
        click.Option(
            ["--max-cost", "max_batch_cost"],
            metavar="NUMBER",
            callback=read_limit,
            help="Start no row that could raise the cost of the whole batch above this, in the unit of the API.",
        ),
        # speccast: end
        click.Option(
            ["--max-failures"],
            metavar="NUMBER",
            callback=_count,
            help="End the batch after so many failed rows.",
        ),
        click.Option(
            ["--deadline"],
            metavar="SECONDS",
            callback=seconds_of,
            help="Start no more rows after this time, as in 90, 90s, 15m or 2h.",
        ),
        click.Option(["--embed"], is_flag=True, help="Add its request to each output, as for one call."),
        click.Option(["--json", "as_json"], is_flag=True, help="Print a line of JSON for each row."),
        click.Option(["-q", "--quiet"], is_flag=True, help="Do not show progress."),
    ]
    if API.sync is not None and API.jobs is not None:
        options.insert(
            1,
            click.Option(
                ["--surface"],
                type=click.Choice(["sync", "async"]),
                help="Blocking calls, or jobs, which can be found again after a crash (default where a model has them).",
            ),
        )
    return options


def _options(values: dict[str, Any]) -> dict[str, Any]:
    """Return the options of the client's batch among click's values."""
    names = ("name", "surface", "concurrency", "rate", "max_failures", "deadline", "embed")
    options = {name: values[name] for name in names if values.get(name) is not None}
    if values.get("max_batch_cost") is not None:
        options["max_cost"] = values["max_batch_cost"]  # the limit of the batch, not of the client
    return options


def _concurrency(_context: click.Context, _option: click.Parameter, value: str | None) -> int | None:
    if value is None or value == "auto":
        return None
    if not value.isdecimal() or not value.isascii() or not 1 <= int(value[:9]) <= 10_000:
        raise click.BadParameter("must be a number from 1 to 10000, or auto.")
    return int(value)


def _count(_context: click.Context, _option: click.Parameter, value: str | None) -> int | None:
    if value is None:
        return None
    if not re.fullmatch(r"[1-9]\d{0,8}", value, re.ASCII):
        raise click.BadParameter("must be an integer of at least 1.")
    return int(value)


def _rows_or_actions(
    context: click.Context, option: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    actions = [CompletionItem(name) for name in _ACTIONS if incomplete and name.startswith(incomplete)]
    return actions or complete_files(context, option, incomplete)


def _models(_context: click.Context, _option: click.Parameter, incomplete: str) -> list[CompletionItem]:
    return [CompletionItem(entry.slug) for entry in MODELS.values() if entry.slug.startswith(incomplete)]
