"""`specwright lint`: read the specs, judge them, and report what was found.

PATHs choose what is reported; whatever an API consists of is always read as a whole, because names and paths of its
models are judged together. Nothing is written.
"""

from __future__ import annotations

import os
from collections import Counter
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import click

from specwright.config import Project, find_project
from specwright.errors import SpecwrightError
from specwright.findings import Finding, Severity
from specwright.spec.codes import Code

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

COLORS = {Severity.ERROR: "red", Severity.WARNING: "yellow", Severity.INFO: "blue"}


@dataclass(frozen=True, slots=True)
class Report:
    """What was found in the chosen files, and how many models they are."""

    findings: tuple[Finding, ...]
    models: int


@click.command(
    epilog="Exit codes: 0 no errors (warnings do not fail); 1 errors, unreadable YAML included; 2 it could not be done, "
    "or no spec was found."
)
@click.argument("paths", nargs=-1, metavar="[PATH]...", type=click.Path(path_type=Path))
@click.option(
    "--info", is_flag=True, help="Also show what is only worth knowing, such as missing descriptions."
)
def command(paths: tuple[Path, ...], info: bool) -> int:
    """Check the specs.

    Without a PATH all specs of the project are checked. A PATH is a spec, or a folder that is searched for specs;
    only what it holds is reported, though the rest of its API is read, too.
    """
    project = find_project(Path.cwd())
    report = _report(project, paths)
    shown = [finding for finding in report.findings if info or finding.severity is not Severity.INFO]
    color = False if os.environ.get("NO_COLOR") else None
    for finding in shown:
        click.echo(_colored(finding), color=color)
    click.echo(_summary(shown, report.models))
    return 1 if any(finding.severity is Severity.ERROR for finding in shown) else 0


def _report(project: Project, paths: Sequence[Path]) -> Report:
    """Reads and judges the specs that the paths belong to, and keeps what is about the paths.

    Raises:
        SpecwrightError: there are no specs, or none where a path leads.
    """
    from specwright.lint import lint
    from specwright.spec.load import API, load

    chosen = [_existing(path) for path in paths]
    sources = list(dict.fromkeys(source for path in chosen for source in _sources(project, path)))
    if not chosen:
        chosen, sources = [project.specs.resolve()], [project.specs]
    found: list[Finding] = []
    read: set[Path] = set()
    for source in sources:
        loaded = load(source, shown_from=project.root)
        read.update(api.directory.resolve() for api in loaded.apis)
        found.extend(lint(loaded))
    files = [file for source in sources for file in _spec_files(source)]
    mine = {file for file in files if any(file.is_relative_to(path) for path in chosen)}
    for path in chosen:
        if not any(file.is_relative_to(path) for file in mine):
            raise SpecwrightError(
                f"{project.shown(path)}: no specs here", hint="specs end in .yaml, beside an api.yaml"
            )

    @cache
    def place(shown: str) -> Path:
        return (project.root / shown).resolve()

    unread = {file.parent for file in mine} - read

    def is_about(finding: Finding) -> bool:
        """Whether a finding is about a chosen file, or tells why the API of one could not be judged."""
        path = place(finding.path)
        if path in mine or any(place(other.path) in mine for other in finding.related):
            return True
        return path.parent in unread and (path.stem == API or finding.rule == Code.NO_API)

    models = sum(file.stem != API for file in mine)
    return Report(tuple(sorted(filter(is_about, found))), models)


def _existing(path: Path) -> Path:
    """A path that the user gave, absolute.

    Raises:
        SpecwrightError: nothing is there, or something that can be no spec.
    """
    from specwright.spec.load import ENDINGS

    if not path.exists():
        raise SpecwrightError(f"{path}: there is no such file or folder")
    if path.is_file() and path.suffix not in ENDINGS:
        raise SpecwrightError(f"{path}: is no spec", hint=f"specs end in {' or '.join(ENDINGS)}")
    return path.resolve()


def _sources(project: Project, path: Path) -> Iterator[Path]:
    """The folders to load for a path: the project's specs, or APIs elsewhere that the path belongs to or holds."""
    specs = project.specs.resolve()
    if path.is_relative_to(specs):
        yield project.specs
        return
    if not path.is_dir() or _is_api(path):
        yield path if path.is_dir() else path.parent
        return
    if specs.is_relative_to(path) and specs.is_dir():
        yield project.specs
    for folder, below, _ in os.walk(path):
        below[:] = sorted(name for name in below if not name.startswith(".") and Path(folder, name) != specs)
        if _is_api(Path(folder)):
            yield Path(folder)


def _is_api(folder: Path) -> bool:
    from specwright.spec.load import API, ENDINGS

    return any((folder / f"{API}{ending}").is_file() for ending in ENDINGS)


def _spec_files(source: Path) -> Iterator[Path]:
    """The files that loading a folder reads: those in it, or in the folders right below."""
    from specwright.spec.load import ENDINGS

    folders = (
        [source] if _is_api(source) else [source, *(folder for folder in source.iterdir() if folder.is_dir())]
    )
    for folder in folders:
        for file in folder.iterdir():
            if file.suffix in ENDINGS and not file.name.startswith(".") and file.is_file():
                yield file.resolve()


def _colored(finding: Finding) -> str:
    """A finding with its severity in colour, which click leaves out where nobody could see it."""
    word = f"{finding.severity}[{finding.rule}]"
    return finding.render().replace(word, click.style(word, fg=COLORS[finding.severity], bold=True), 1)


def _summary(findings: Iterable[Finding], models: int) -> str:
    counts = Counter(finding.severity for finding in findings)
    if not counts:
        return "The spec is fine." if models <= 1 else f"All {models} specs are fine."
    parts = [_plural(models, "model")] if models else []
    parts += [_plural(counts[Severity.ERROR], "error"), _plural(counts[Severity.WARNING], "warning")]
    if counts[Severity.INFO]:
        parts.append(f"{counts[Severity.INFO]} worth knowing")
    return ", ".join(parts)


def _plural(count: int, what: str) -> str:
    return f"{count} {what}{'' if count == 1 else 's'}"
