"""What an interrupted run left is finished or undone before a command looks at any output, and the user is told."""

from __future__ import annotations

from pathlib import Path

import click

from speccast.config import Project, find_project
from speccast.findings import printable


def recovered_project() -> Project:
    """The project of the current folder, with no run in it that is half done.

    Raises:
        SpeccastError: the configuration is wrong, or an interrupted run cannot be finished.
    """
    from speccast.publish import recover

    project = find_project(Path.cwd())
    tell(recover(project.cache, outputs=[project.output]))
    return project


def tell(recovered: str | None) -> None:
    """Says what was finished or undone, if anything was."""
    if recovered:
        click.echo(printable(recovered), err=True)
