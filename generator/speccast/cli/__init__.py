"""The command line: one module for each command, loaded when it is called.

Reports go to stdout, everything else to stderr. Exit codes: 0 clean, 1 findings or drift, 2 failure,
130 interrupted. Errors are printed without a traceback; `--debug` adds it.
"""

from __future__ import annotations

import gc
import os
import re
import sys
import traceback
from importlib import import_module
from io import StringIO
from pathlib import Path

import click

from speccast import __version__
from speccast.cli.terminal import ColorContext, color, guard
from speccast.core.suggestions import closest
from speccast.errors import SpeccastError
from speccast.findings import printable

COMMANDS = {
    "init": "Write the skeleton of an API or of a model.",
    "draft": "Write the spec of a model from its documentation page.",
    "drift": "Compare documentation pages with the specs made from them.",
    "lint": "Check the specs.",
    "rules": "List the rules of the linter.",
    "explain": "Explain a rule, or show where a generated file comes from.",
    "generate": "Lint the specs and bring generated/ up to date.",
    "diff": "Report what a change of specs breaks, and for whom.",
    "vendor": "Copy a client into another package, check or update the copy.",
    "serve": "Emulate the API on a local port.",
    "completion": "Print a completion script for bash, zsh or fish.",
}
"""Command to its line in `--help`. `speccast.cli.<name>.command` implements it."""

WITHOUT_PROJECT = ("rules", "completion")
PROGRAM = "speccast"
COMPLETE_VARIABLE = "_SPECCAST_COMPLETE"
"""Environment variable that the completion scripts set."""


class LazyGroup(click.Group):
    """A group that imports the module of a command when the command is called, so that `--help` is fast."""

    context_class = ColorContext

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        command = import_module(f"speccast.cli.{cmd_name}").command
        assert isinstance(command, click.Command)
        command.context_class = ColorContext
        if cmd_name not in WITHOUT_PROJECT and not any(option.name == "project" for option in command.params):
            from speccast.cli.project import project_option

            command.params.append(project_option())
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        name = args[0] if args else ""
        if not name.startswith("-") and name not in COMMANDS:
            near = closest(name, COMMANDS)
            ctx.fail(
                f"unknown command {name!r}; "
                + (f"did you mean {near!r}?" if near else f"commands: {', '.join(COMMANDS)}")
            )
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.group(
    cls=LazyGroup,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
    epilog="Specs live in specs/<api>/, output in generated/<api>/. See also `speccast COMMAND --help`.",
)
@click.version_option(__version__, "-V", "--version", message="speccast %(version)s")
@click.option("--debug", is_flag=True, help="Show the traceback of an internal error.")
def command(debug: bool) -> None:
    """Typed clients for hosted AI models, generated from one YAML spec per model."""


def main() -> None:
    """Run the command line and exit with its exit code."""
    # A run keeps most of its objects until it ends; collecting garbage at the default rate takes a sixth of its time.
    gc.set_threshold(100_000, 20, 20)
    sys.stdout, sys.stderr = guard(sys.stdout), guard(sys.stderr)
    sys.exit(run(sys.argv[1:]))


def run(arguments: list[str]) -> int:
    """Run the command line and return the exit code. Never raises for errors that a user can cause."""
    try:
        code = _call(arguments)
        _flush()
    except click.exceptions.Exit as stop:
        return stop.exit_code
    except KeyboardInterrupt:
        # After an interrupt within exec(), as when a dataclass is created, `python -m` would end by the signal. Another exec() prevents that.
        exec("")
        click.echo("interrupted", err=True)
        return 130
    except click.ClickException as error:
        _print_usage_error(error)
        return 2
    except SpeccastError as error:
        print_error(error)
        return 2
    except BrokenPipeError:
        _discard_output()  # the reader is gone, as with `head`
        return 0
    except OSError as error:
        where = f"{error.filename}: " if error.filename is not None else ""
        print_error(SpeccastError(f"{where}{error.strerror or error}"))
        try:
            _flush()
        except OSError:
            _discard_output()
        return 2
    except MemoryError:
        print_error(
            SpeccastError(
                f"speccast {' '.join(arguments[:1])} ran out of memory",
                hint="SPECCAST_WORKERS=1 uses one process; specs can also be split into several projects",
            )
        )
        return 2
    except Exception as error:  # reported as an internal error, with exit code 2
        if "--debug" in arguments:
            traceback.print_exc()
        print_error(
            SpeccastError(
                f"internal error: {type(error).__name__}: {error}",
                hint="this is a bug; please report it with the output of `speccast --debug …`",
            )
        )
        return 2
    return code if isinstance(code, int) else 0


def _call(arguments: list[str]) -> object:
    """Call a command as `click.Command.main` does, but without its own handling of a broken pipe."""
    if instruction := os.environ.get(COMPLETE_VARIABLE):
        from click.shell_completion import shell_complete

        import speccast.shell  # noqa: F401 - registers completion classes with click

        return shell_complete(command, {}, PROGRAM, COMPLETE_VARIABLE, instruction)
    with command.make_context(PROGRAM, list(arguments)) as context:
        _check_current_folder()
        return command.invoke(context)


def _check_current_folder() -> None:
    """Raise `SpeccastError` if the current folder was deleted: paths cannot be resolved then, not even absolute ones."""
    try:
        Path.cwd()
    except OSError as error:
        raise SpeccastError(
            f"the current folder cannot be used: {error.strerror or error}",
            hint="run the command in an existing folder",
        ) from error


def _flush() -> None:
    if sys.stdout is not None:  # it is None if it was closed before the start
        sys.stdout.flush()


def _discard_output() -> None:
    """Keep the interpreter from flushing the output again when it exits."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _print_usage_error(error: click.ClickException) -> None:
    """Print an error of click. It can quote a file name that a pattern of the shell has matched."""
    text = StringIO()
    error.show(text)
    click.echo("\n".join(map(printable, text.getvalue().expandtabs(4).split("\n"))), nl=False, err=True)


def print_error(error: SpeccastError) -> None:
    """Print an error and its hint to stderr, safe for a terminal."""
    text = "\n".join(printable(line) for line in from_here(error.message).split("\n"))
    click.echo(click.style("error: ", fg="red", bold=True) + text, err=True, color=color())
    if error.hint:
        click.echo(
            click.style("hint: ", fg="cyan", bold=True) + printable(from_here(error.hint)),
            err=True,
            color=color(),
        )


def from_here(text: str) -> str:
    """Make absolute paths in the project or repository relative to the current folder, as all printed paths are."""
    from speccast.config import upwards

    try:
        folders = list(upwards(Path.cwd()))
    except OSError:  # it was deleted
        return text
    if not (folders[-1] / ".git").exists():
        folders = folders[:1]
    for number, folder in enumerate(folders):
        text = re.sub(rf"(?<![\w./~-]){re.escape(folder.as_posix())}/(?=\S)", "../" * number, text)
    return text
