"""The command that prints a script for shell completion."""

from __future__ import annotations

import click

from .._api import API
from ._shell import SHELLS
from .terminal import Command, print_result


@click.command(cls=Command)
@click.argument("shell", type=click.Choice(list(SHELLS)))
@click.pass_context
def completion(context: click.Context, shell: str) -> None:
    """Print a script that completes models, flags and values in a shell.

    Source it in ~/.bashrc or ~/.zshrc, or save it in ~/.config/fish/completions.
    """
    from .app import complete_variable

    shell_class = SHELLS[shell]
    root = context.find_root().command
    print_result(shell_class(root, {}, API.command, complete_variable()).source().rstrip("\n"))
