"""The top-level command. It lists the models of the index, and imports a model only to run its command."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from importlib import import_module
from typing import TYPE_CHECKING

import click

from .._api import API
from .._index import MODELS
from .._runtime.plain_text import clean
from .terminal import (
    CleanContext,
    Command,
    color,
    flush,
    guard,
    is_terminal,
    json_text,
    one_line,
    print_result,
    tolerate_any_text,
    unguard,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from click.shell_completion import CompletionItem

    from .._runtime.index import ModelEntry


COMMANDS = {
    "again": ("again", "AgainCommand", "Repeat the request that made a file."),
    "batch": ("batch", "BatchCommand", "Run a model for many rows of a file, and pay for no row twice."),
    "completion": ("completion", "completion", "Print a completion script."),
    "job": ("job", "JobCommand", "Show a job's status or download its result."),
    "models": ("app", "models", "List the models."),
    "show": ("show", "show", "Show which request made a file."),
}
"""Module, object and line in `--help` of each fixed command. A module is imported when its command is called."""


class Commands(click.Group):
    """The fixed commands, and one per model of the index."""

    context_class: type[click.Context] = CleanContext
    command_class: type[click.Command] | None = Command

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return all commands."""
        return [*_list_fixed(), *sorted(entry.command for entry in MODELS.values())]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return the command with this name; models also have their slug and their name in Python."""
        if cmd_name in _list_fixed():
            module, name, _ = COMMANDS[cmd_name]
            found = getattr(import_module(f".{module}", __package__), name)
            own: click.Command = found() if isinstance(found, type) else found
            return own
        from .model import ModelCommand

        for attribute, entry in MODELS.items():
            if cmd_name in {entry.command, entry.slug, attribute}:
                return ModelCommand(attribute, entry)
        # speccast: if renamed_models
        from .._index import FORMER_MODELS
        from .terminal import print_message

        for name, former in FORMER_MODELS.items():
            if cmd_name in {name, *former.commands}:
                entry = MODELS[former.attribute]
                print_message(f"Warning: the command {cmd_name} is deprecated, use {entry.command}")
                return ModelCommand(former.attribute, entry)
        # speccast: end
        return None

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command, or suggest similar names."""
        name = args[0]
        if name == "batch" and name in _list_fixed():
            from .batch import find_action

            if (action := find_action(args[1:])) is not None:
                return f"{name} {action.name}", action, args[2:]
        command = self.get_command(ctx, name)
        if command is not None:
            return command.name, command, args[1:]
        if not name.startswith("-") and not ctx.resilient_parsing:
            ctx.fail(f"Unknown model {name!r}.{_did_you_mean(name, self.list_commands(ctx))}")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the models by category, then the fixed commands."""
        categories: dict[str, list[ModelEntry]] = {}
        for entry in MODELS.values():
            categories.setdefault(one_line(entry.category), []).append(entry)
        for category, entries in sorted(categories.items(), key=lambda item: (not item[0], item[0])):
            with formatter.section(category[:1].upper() + category[1:] or _uncategorized_title(categories)):
                formatter.write_dl(
                    sorted((entry.command, one_line(entry.title)) for entry in entries), col_max=40
                )
        with formatter.section("Commands"):
            formatter.write_dl([*_list_fixed().items()])

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Return the commands and options with this prefix; no model is imported."""
        from click.shell_completion import CompletionItem

        titles = {entry.command: one_line(entry.title) for entry in MODELS.values()}
        titles |= _list_fixed()
        found = [
            CompletionItem(name, help=title)
            for name, title in sorted(titles.items())
            if name.startswith(incomplete)
        ]
        return [*found, *click.Command.shell_complete(self, ctx, incomplete)]


@click.group(
    cls=Commands,
    help=f"{one_line(API.title)} from the command line. Each model is a command: {API.command} MODEL --help shows its"
    " parameters.",
    subcommand_metavar="MODEL [OPTIONS]...",
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(clean(API.version), "--version", prog_name=API.command, message="%(prog)s %(version)s")
def commands() -> None:
    """The top-level command does nothing itself."""


@click.command(name="models", cls=Command)
@click.option("--json", "as_json", is_flag=True, help="Print the list as JSON.")
def models(as_json: bool) -> None:
    """List the models: command, category, surfaces and title.

    Prints a table on a terminal, otherwise lines with fields separated by tabs.
    """
    entries = sorted(MODELS.values(), key=lambda entry: entry.command)
    if as_json:
        members = ("command", "slug", "title", "category", "surfaces")
        print_result(json_text([{name: getattr(entry, name) for name in members} for entry in entries]))
        return
    rows = [
        (entry.command, one_line(entry.category), ", ".join(entry.surfaces), one_line(entry.title))
        for entry in entries
    ]
    if is_terminal(sys.stdout):
        _print_table(("Command", "Category", "Surfaces", "Title"), rows)
    else:
        for row in rows:
            print_result("\t".join(row))


def start(arguments: Sequence[str] | None) -> int:
    """Run the command and return its exit code. Raises only KeyboardInterrupt."""
    from .settings import Session

    if complete_variable() in os.environ:
        import_module("._shell", __package__)  # registers its classes with click
    tolerate_any_text()
    guard()
    session = Session()
    try:
        code: object = commands.main(
            args=list(arguments) if arguments is not None else None,
            prog_name=API.command,
            standalone_mode=False,
            obj=session,
        )
        flush()
    except click.Abort:
        return 130
    except SystemExit as error:
        # The reader of the output is gone; click has prevented a traceback.
        return error.code if isinstance(error.code, int) else 1
    except Exception as error:
        if isinstance(error.__cause__, KeyboardInterrupt):
            raise error.__cause__ from None  # it arrived while an import created a class
        # Users get a message for every error, also for bugs.
        from .errors import report

        return report(error, debug=session.debug)
    finally:
        # Output that could not be written must not fail again at exit.
        with suppress(OSError):
            flush()
    return code if isinstance(code, int) else 0


def complete_variable() -> str:
    """Return the environment variable that asks for completions, as click names it."""
    return f"_{API.command}_COMPLETE".replace("-", "_").replace(".", "_").upper()


def _list_fixed() -> dict[str, str]:
    """Return the fixed commands that this client has, with their line in `--help`."""
    missing = set[str]() if has_batches() else {"batch"}
    if API.jobs is None:
        missing.add("job")
    return {name: text for name, (_, _, text) in COMMANDS.items() if name not in missing}


def has_batches() -> bool:
    """Return whether the package has batches; a vendored copy has them only on request."""
    from importlib.util import find_spec

    return find_spec("...batch", __name__) is not None


def _uncategorized_title(categories: Collection[str]) -> str:
    return "Other models" if len(categories) > 1 else "Models"


def _did_you_mean(name: str, names: list[str]) -> str:
    from difflib import get_close_matches

    close = get_close_matches(name, names) or [other for other in names if name in other][:3]
    if not close:
        return f" To list all models: {API.command} models."
    return f" Did you mean {' or '.join(clean(other) for other in close)}?"


def _print_table(titles: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(*titles, box=None, header_style="" if color() is False else "bold", pad_edge=False)
    for row in rows:
        table.add_row(*(Text(cell) for cell in row))
    Console(file=unguard(sys.stdout)).print(table)
