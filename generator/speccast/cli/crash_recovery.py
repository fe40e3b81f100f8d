"""Finish or undo an interrupted run before a command reads output."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import click

from speccast.cli.project import current_project, project_of
from speccast.config import Project, check_output
from speccast.findings import printable

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path


def find_recovered_project(path: Path | None = None, *, writes: bool = True) -> Project:
    """Return the project of the command, or of a path, after an interrupted run in it is finished or undone.

    Without `writes`, an interrupted run is only reported.

    Raises:
        SpeccastError: the configuration is invalid, or an interrupted run cannot be finished.
    """
    project = current_project() if path is None else project_of(path)
    check_output(project)
    finish_interrupted_run(project.cache, outputs=[project.output], writes=writes)
    return project


def finish_interrupted_run(
    cache: Path, *, outputs: Iterable[Path] = (), writes: bool = True, command: str = "speccast generate"
) -> None:
    """Finish or undo an interrupted run and print what was done.

    Without `writes`, only report it and recommend `command`.
    """
    from speccast.publish.transaction import has_unfinished_swap, recover

    if writes:
        print_recovery(recover(cache, outputs=outputs))
    elif has_unfinished_swap(cache):
        print_recovery(f"an interrupted run left the output partly written; to finish it, run {command}")


@cache
def print_recovery(message: str | None) -> None:
    """Print what was finished or undone to stderr, if anything was. What a command finds twice is printed once."""
    if message:
        click.echo(printable(message), err=True)
