"""`speccast completion`: a script for shell completion of commands, options and paths."""

from __future__ import annotations

import click

from speccast.shell import SHELLS


@click.command(epilog='For bash: add `eval "$(speccast completion bash)"` to ~/.bashrc.')
@click.argument("shell", type=click.Choice(list(SHELLS)))
def command(shell: str) -> None:
    """Print a completion script for bash, zsh or fish."""
    from speccast.cli import COMPLETE_VARIABLE, PROGRAM
    from speccast.cli import command as root

    click.echo(SHELLS[shell](root, {}, PROGRAM, COMPLETE_VARIABLE).source())
