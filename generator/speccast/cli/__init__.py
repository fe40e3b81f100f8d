"""The command line: one small module a command, loaded when it is called.

Reports go to stdout, everything else to stderr. Exit codes: 0 clean, 1 findings or drift, 2 could not do it,
130 interrupted. Whatever goes wrong is told in words; `--debug` adds the traceback.
"""

from __future__ import annotations

import gc
import os
import sys
import traceback
from importlib import import_module

import click

from speccast import __version__
from speccast.core.suggestions import closest
from speccast.errors import SpeccastError
from speccast.findings import printable

COMMANDS = {
    "init": "Write the skeleton of an API, or of a model.",
    "lint": "Check the specs.",
    "rules": "List the rules of the linter.",
    "explain": "Tell what a rule means, or where a generated file comes from.",
    "generate": "Lint the specs and bring generated/ up to date.",
    "vendor": "Copy a client into another package, and check the copy.",
    "serve": "Serve an emulator of the API on loopback.",
    "completion": "Print a completion script for bash, zsh or fish.",
}
"""Every command with its line in `--help`; `speccast.cli.<name>` has it as `command`."""

PROGRAM = "speccast"
COMPLETE_VARIABLE = "_SPECCAST_COMPLETE"
"""Where the scripts that `speccast completion` prints say what they ask."""


class LazyGroup(click.Group):
    """A group that imports a command's module when the command is called, so that `--help` stays quick."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        command = import_module(f"speccast.cli.{cmd_name}").command
        assert isinstance(command, click.Command)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        name = args[0] if args else ""
        if not name.startswith("-") and name not in COMMANDS:
            near = closest(name, COMMANDS)
            ctx.fail(
                f"no such command {name!r}; "
                + (f"did you mean {near!r}?" if near else f"there are: {', '.join(COMMANDS)}")
            )
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.group(
    cls=LazyGroup,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
    epilog="Specs live in specs/<api>/, output in generated/<api>/. `speccast COMMAND --help` tells more.",
)
@click.version_option(__version__, "-V", "--version", message="speccast %(version)s")
@click.option("--debug", is_flag=True, help="Show the traceback of an internal error.")
def command(debug: bool) -> None:
    """Typed clients for hosted AI models, generated from one YAML spec per model."""


def main() -> None:
    """Runs the command line and ends the process with the exit code that the module's docstring tells."""
    # A run makes much, keeps nearly all of it and ends: looking for garbage every 700 objects costs it a sixth of its time.
    gc.set_threshold(100_000, 20, 20)
    sys.exit(run(sys.argv[1:]))


def run(arguments: list[str]) -> int:
    """Runs the command line and answers the exit code; never raises for what a user can cause."""
    try:
        code = _called(arguments)
        _flush()
    except click.exceptions.Exit as stop:
        return stop.exit_code
    except KeyboardInterrupt:
        click.echo("interrupted", err=True)
        return 130
    except click.ClickException as error:
        error.show()
        return 2
    except SpeccastError as error:
        tell_error(error)
        return 2
    except BrokenPipeError:
        _give_up_output()  # the reader has gone, as `head` does; nothing is left to say
        return 0
    except OSError as error:
        where = f"{error.filename}: " if error.filename is not None else ""
        tell_error(SpeccastError(f"{where}{error.strerror or error}"))
        try:
            _flush()
        except OSError:
            _give_up_output()
        return 2
    except Exception as error:  # the last resort: an internal error is told as one, and is exit code 2
        if "--debug" in arguments:
            traceback.print_exc()
        tell_error(
            SpeccastError(
                f"internal error: {type(error).__name__}: {error}",
                hint="this is a bug; `speccast --debug …` shows where. Please report it",
            )
        )
        return 2
    return code if isinstance(code, int) else 0


def _called(arguments: list[str]) -> object:
    """Calls a command as `click.Command.main` does, which would turn a broken pipe into an exit code of its own."""
    if instruction := os.environ.get(COMPLETE_VARIABLE):
        from click.shell_completion import shell_complete

        return shell_complete(command, {}, PROGRAM, COMPLETE_VARIABLE, instruction)
    with command.make_context(PROGRAM, list(arguments)) as context:
        return command.invoke(context)


def _flush() -> None:
    if sys.stdout is not None:  # as it is where it was closed before the start
        sys.stdout.flush()


def _give_up_output() -> None:
    """Keeps the interpreter from trying once more, on its way out, to write what could not be written."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def tell_error(error: SpeccastError) -> None:
    """Prints an error and its hint to stderr, safe for a terminal, in colour only there and unless NO_COLOR is set."""
    color = False if os.environ.get("NO_COLOR") else None
    text = "\n".join(printable(line) for line in error.message.split("\n"))
    click.echo(click.style("error: ", fg="red", bold=True) + text, err=True, color=color)
    if error.hint:
        click.echo(click.style("hint: ", fg="cyan", bold=True) + printable(error.hint), err=True, color=color)
