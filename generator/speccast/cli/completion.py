"""`speccast completion`: a script for shell completion of commands, options and paths."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class


@click.command(epilog='For bash: add `eval "$(speccast completion bash)"` to ~/.bashrc.')
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def command(shell: str) -> None:
    """Print a completion script for bash, zsh or fish."""
    from speccast.cli import COMPLETE_VARIABLE, PROGRAM
    from speccast.cli import command as root

    kind = get_completion_class(shell)
    assert kind is not None
    click.echo(kind(root, {}, PROGRAM, COMPLETE_VARIABLE).source())
