"""The project of a command: the one that `--project` names, that a PATH lies in, or that contains the current folder."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Final

import click

from speccast.config import Project, command_path, find_project, project_in
from speccast.errors import SpeccastError

_KEY: Final = "speccast.project"


def _remember(context: click.Context, _: click.Parameter, value: Path | None) -> None:
    if value is not None:
        context.meta[_KEY] = value


def project_option() -> click.Option:
    """Return the option `--project` of a command."""
    return click.Option(
        ["--project"],
        type=click.Path(exists=True, file_okay=False, path_type=Path),
        metavar="DIR",
        expose_value=False,
        is_eager=True,
        callback=_remember,
        help="Root of the project. Default: the project of the PATH, or of the current folder.",
    )


def start_folder() -> Path:
    """Return the folder of the project, if `--project` names it, or the current folder."""
    return named_folder() or Path.cwd()


def current_project() -> Project:
    """Return the project of a command without a PATH. Raises as `find_project` does."""
    named = named_folder()
    return find_project(Path.cwd()) if named is None else project_in(named)


def project_of(path: Path) -> Project:
    """Return the project that a path lies in; if it lies in none, that of the current folder. Raises as `find_project` does."""
    if named_folder() is None:
        found = find_project(path if path.is_dir() else path.parent)
        if found.is_found:
            return found
    return current_project()


def generate_command(project: Project) -> str:
    """Return the command that generates a project from the current folder, as a user types it into a shell."""
    with suppress(SpeccastError):  # the project here may be another one that is invalid
        if find_project(Path.cwd()).root == project.root:
            return "speccast generate"
    return f"speccast generate --project {command_path(project.root)}"


def named_folder() -> Path | None:
    """Return the folder that `--project` names."""
    context = click.get_current_context(silent=True)
    return None if context is None else context.meta.get(_KEY)
