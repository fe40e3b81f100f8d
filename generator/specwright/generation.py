"""The walk from specs to files: load, lint, build, render, and a plan for every folder of the output.

`specwright generate` and everything else that wants the output of the specs take this one way, so that `--check` and a
real run cannot disagree.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from specwright import __version__
from specwright.findings import Finding, Severity
from specwright.lint import lint
from specwright.lint.configuration import configuration
from specwright.publish import MANIFEST, Target
from specwright.spec.build import build_api
from specwright.spec.load import load

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from specwright.config import Project
    from specwright.spec.model import Api

COMMAND = "specwright generate"
"""What mends any drift."""


@dataclass(frozen=True, slots=True)
class Specs:
    """The specs of a project: what they mean, and what the linter says of them. With an error there are no APIs."""

    apis: tuple[Api, ...]
    findings: tuple[Finding, ...]

    @property
    def has_errors(self) -> bool:
        return any(finding.severity is Severity.ERROR for finding in self.findings)


def read_specs(project: Project) -> Specs:
    """Loads and lints all specs of a project.

    Raises:
        SpecwrightError: there are none, a file cannot be read, or the linter's configuration is wrong.
    """
    loaded = load(project.specs, shown_from=project.root)
    findings = lint(loaded, configuration(project.lint).selection())
    if any(finding.severity is Severity.ERROR for finding in findings):
        return Specs((), findings)
    return Specs(tuple(build_api(api) for api in loaded.apis), findings)


def targets(
    project: Project, apis: Sequence[Api], progress: Callable[[str], None] = lambda _: None
) -> list[Target]:
    """Renders everything that a project's specs give, and adds what earlier runs left of specs that are gone.

    `progress` is told what is being rendered.

    Raises:
        SpecwrightError: a template, ruff or datamodel-code-generator is at fault.
    """
    from specwright.render.formatter import ruff_version
    from specwright.render.output import draft, finished
    from specwright.render.params import generator_version

    versions = {
        "specwright": __version__,
        "datamodel-code-generator": generator_version(),
        "ruff": ruff_version(),
    }
    roots: list[Path] = []
    drafts = []
    for api in apis:
        for name in project.targets:
            root = project.output / api.id / name
            progress(project.shown(root))
            roots.append(root)
            drafts.append(draft(api, name, project.templates))
    wanted = [
        Target(root, files, versions, COMMAND, project.output)
        for root, files in zip(roots, finished(drafts), strict=True)
    ]
    wanted += [
        Target(root, {}, versions, COMMAND, project.output)
        for root in _left_behind(project.output)
        if root not in roots
    ]
    if project.format_types is not None:
        wanted.append(_format_types(project.format_types, versions))
    return wanted


def _left_behind(output: Path) -> Iterator[Path]:
    """The folders of earlier output, `<api>/<target>`, by the manifests in them."""
    if output.is_dir():
        yield from sorted(manifest.parent for manifest in output.glob(f"*/*/{MANIFEST}"))


def _format_types(path: Path, versions: dict[str, str]) -> Target:
    from specwright.render.formatter import format_python
    from specwright.spec.format_types import format_types

    text = format_python({path.name: format_types()})[path.name]
    return Target(path.parent, {path.name: text.encode()}, versions, COMMAND)
