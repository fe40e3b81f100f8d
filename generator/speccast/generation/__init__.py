"""From specs to files: load, lint, build, render, and plan each folder of the output.

`speccast generate`, `--check` and `--dry-run` all use `generation`, so they cannot disagree. It reuses what an earlier run
rendered (`records`); the bytes of the output are the same without it.

Modules that are only needed when something has changed are imported inside functions.
"""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from speccast.cache import NO_ENTRIES, Entries
from speccast.config import check_output
from speccast.errors import SpeccastError
from speccast.findings import Finding, Severity
from speccast.generation.checked_models import CheckedModels
from speccast.generation.fingerprints import find_fingerprints
from speccast.generation.output import COMMAND, recorded_targets, rendered_targets
from speccast.generation.records import RunRecord, read_run, write_run
from speccast.publish.digest_cache import DigestCache
from speccast.publish.plan import Plan, make_plan

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from speccast.config import Project
    from speccast.core.api import Api
    from speccast.generation.fingerprints import Fingerprints
    from speccast.publish.plan import OutputFolder

__all__ = ["COMMAND", "Generation", "LintedSpecs", "generation", "read_specs"]


@dataclass(frozen=True, slots=True)
class LintedSpecs:
    """The APIs of a project and the findings of its specs. With an error there are no APIs."""

    apis: tuple[Api, ...]
    findings: tuple[Finding, ...]

    @property
    def has_errors(self) -> bool:
        return any(finding.severity is Severity.ERROR for finding in self.findings)


def read_specs(
    project: Project, checked: CheckedModels | None = None, *, only_errors: bool = False
) -> LintedSpecs:
    """Load and lint all specs of a project. Those in `checked` are neither parsed nor checked again.

    With `only_errors`, rules that report no errors do not run.

    Raises:
        SpeccastError: there are none, a file cannot be read, or the configuration of the linter is invalid.
    """
    from speccast.lint.configuration import configuration
    from speccast.lint.linter import run_rules
    from speccast.specs.build import build_api
    from speccast.specs.load import load

    if checked is None:
        checked = CheckedModels(project, None, NO_ENTRIES)
    loaded = load(project.specs, shown_from=project.root, known=checked.values)
    selection = configuration(project.lint, project.targets).selection()
    if only_errors:
        selection = selection.errors()
    result = run_rules(loaded, selection, known=checked.findings)
    specs = LintedSpecs((), result.findings)
    if specs.has_errors:
        return specs
    checked.store(loaded, result.by_model)
    return LintedSpecs(tuple(map(build_api, loaded.apis)), result.findings)


@contextmanager
def generation(project: Project, *, writes: bool) -> Iterator[Generation]:
    """Generate the output of a project. Contents of files can be read until the context ends.

    `writes` allows writing to the cache; it requires the project's lock.
    """
    check_output(project)
    with Entries(writes=writes) as entries, ExitStack() as stack:
        made = Generation(project, entries, stack)
        yield made
        for digests in made.digests.values():
            digests.store()


class Generation:
    """The findings of a project's specs and, without errors, the plans for its output."""

    def __init__(self, project: Project, entries: Entries, stack: ExitStack) -> None:
        self._project = project
        self._entries = entries
        self._stack = stack
        self._specs: LintedSpecs | None = None
        self._record: RunRecord | None = None
        self._fingerprints: Fingerprints | None = None
        self.digests: dict[Path, DigestCache] = {}
        """The digests of the files on the disk, by folder of the output."""
        try:
            self._fingerprints = find_fingerprints(project)
        except (OSError, SpeccastError):
            pass  # reading the specs or templates reports it
        else:
            self._record = read_run(entries, self._fingerprints.run)

    @property
    def findings(self) -> tuple[Finding, ...]:
        """The findings of the specs.

        Raises:
            SpeccastError: there are none, a file cannot be read, or the configuration of the linter is invalid.
        """
        return self._record.findings if self._record is not None else self._read().findings

    @property
    def has_errors(self) -> bool:
        """Whether the specs have errors, so that they have no output. Raises as `findings` does."""
        return any(finding.severity is Severity.ERROR for finding in self.findings)

    def plans(
        self, *, force: bool = False, contents: bool = True, progress: Callable[[str], None] = lambda _: None
    ) -> list[Plan]:
        """Return the plan for each folder of the output. With `contents`, the contents of changed files can be read.

        `progress` is called with each folder that is rendered.

        Raises:
            SpeccastError: a template is invalid, ruff or datamodel-code-generator failed, or a file that Speccast must not
                replace is in the way.
        """
        if self._record is not None:
            targets = recorded_targets(self._project, self._record)
            plans = self._plans(targets, force=force)
            if not any(plan.drift for plan in plans):
                return plans
            self._record = None
        if self._read().has_errors:
            raise SpeccastError("the specs changed during the run", hint="run the command again")
        return self._render(progress, force=force, contents=contents)

    def _read(self) -> LintedSpecs:
        if self._specs is None:
            from speccast.generation.workers import collect_rarely

            collect_rarely()
            fingerprint = self._fingerprints.rendering if self._fingerprints is not None else None
            checked = CheckedModels(self._project, fingerprint, self._entries)
            self._specs = read_specs(self._project, checked)
        return self._specs

    def _plans(self, targets: Iterable[OutputFolder], *, force: bool) -> list[Plan]:
        found = []
        for target in targets:
            if target.root not in self.digests:
                self.digests[target.root] = DigestCache(target.root, self._entries)
            found.append(make_plan(target, force=force, digests=self.digests[target.root]))
        return found

    def _render(self, progress: Callable[[str], None], *, force: bool, contents: bool) -> list[Plan]:
        from speccast.generation.renderer import Renderer

        specs, key = self._read(), self._fingerprints.rendering if self._fingerprints is not None else None
        renderer = Renderer(self._project, specs.apis, key, self._entries, self._stack)
        renderer.render(progress)
        while True:
            targets = rendered_targets(self._project, renderer)
            plans = self._plans(targets, force=force)
            if not (contents and renderer.render_missing(plans)):
                break
        if self._fingerprints is not None:
            write_run(self._entries, self._fingerprints.run, specs.findings, targets)
        return plans
