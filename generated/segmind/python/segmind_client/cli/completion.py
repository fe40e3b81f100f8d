"""The command that prints a script for shell completion."""

from __future__ import annotations

import click

from .._api import API
from ._shell import SHELLS
from .terminal import Command, print_result


@click.command(cls=Command, short_help="Print a completion script.")
@click.argument("shell", type=click.Choice(list(SHELLS)))
@click.pass_context
def completion(context: click.Context, shell: str) -> None:
    """Print a script that completes models, flags and values in a shell.

    Source it in ~/.bashrc or ~/.zshrc, or save it in ~/.config/fish/completions.
    """
    variable = f"_{API.command}_COMPLETE".replace("-", "_").upper()
    print_result(SHELLS[shell](context.find_root().command, {}, API.command, variable).source().rstrip("\n"))
