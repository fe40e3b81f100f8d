"""The walk from specs to files: load, lint, build, render, and a plan for every folder of the output.

`speccast generate` and everything else that wants the output of the specs take this one way, so that `--check` and a
real run cannot disagree. What an earlier run found out is not found out again (`outcome`, `known`); what that makes of the
output is the same, byte for byte, as without it.

This module loads nothing that is only needed when something has changed.
"""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from speccast.cache import Entries, FileDigests
from speccast.errors import SpeccastError
from speccast.findings import Finding, Severity
from speccast.generation.inputs import Inputs, find_inputs
from speccast.generation.known import InconsistentError
from speccast.generation.outcome import recall, remember
from speccast.generation.wanted import COMMAND, fill, known_targets, rendered_targets
from speccast.publish import Plan, Target, make_plan
from speccast.publish.content import digest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from speccast.config import Project
    from speccast.core.api import Api
    from speccast.generation.walk import Walk

__all__ = ["COMMAND", "Generation", "Specs", "generation", "read_specs"]


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
        SpeccastError: there are none, a file cannot be read, or the linter's configuration is wrong.
    """
    from speccast.lint.configuration import configuration
    from speccast.lint.linter import lint
    from speccast.specs.build import build_api
    from speccast.specs.load import load

    loaded = load(project.specs, shown_from=project.root)
    findings = lint(loaded, configuration(project.lint, project.targets).selection())
    if any(finding.severity is Severity.ERROR for finding in findings):
        return Specs((), findings)
    return Specs(tuple(build_api(api) for api in loaded.apis), findings)


@contextmanager
def generation(project: Project, *, writes: bool) -> Iterator[Generation]:
    """What is to be generated for a project. It lasts as long as the contents of the files are needed.

    Only with `writes`, under the project's lock, is anything kept for the runs to come.
    """
    with Entries(writes=writes) as entries, ExitStack() as stack:
        made = Generation(project, entries, stack)
        yield made
        made.keep()


class Generation:
    """What a project's specs give, as far as it has been looked at: first `findings`, and without errors `plans`."""

    def __init__(self, project: Project, entries: Entries, stack: ExitStack) -> None:
        self._project = project
        self._entries = entries
        self._stack = stack
        self._seen = FileDigests.load(entries, f"inputs of {project.root}")
        self._disk = FileDigests.load(entries, f"output of {project.root}", digest)
        self._walk: Walk | None = None
        self._inputs: Inputs | None
        try:
            self._inputs = find_inputs(project, self._seen)
        except (OSError, SpeccastError):
            self._inputs = None  # whoever needs what cannot be read says so
        self._outcome = recall(entries, project.root, self._inputs) if self._inputs else None

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What is wrong with the specs.

        Raises:
            SpeccastError: there are none, a file cannot be read, or the linter's configuration is wrong.
        """
        return self._outcome.findings if self._outcome is not None else self._read().findings

    @property
    def has_errors(self) -> bool:
        """Whether the specs have errors, so that nothing can be made of them. Raises as `findings` does."""
        return any(finding.severity is Severity.ERROR for finding in self.findings)

    def plans(
        self, *, force: bool = False, contents: bool = True, progress: Callable[[str], None] = lambda _: None
    ) -> list[Plan]:
        """What is to be done to each folder of the output; with `contents`, what changes can be read, too.

        `progress` is told what is being rendered.

        Raises:
            SpeccastError: a template, ruff or datamodel-code-generator is at fault, or something in the output is in
                the way.
        """
        if self._outcome is not None:
            plans = [self._plan(target, force) for target in known_targets(self._project, self._outcome)]
            if not any(plan.drift for plan in plans):
                return plans
        try:
            return self._rendered(force, contents, progress)
        except InconsistentError:
            self._inputs, self._walk = None, None
            return self._rendered(force, contents, progress)

    def keep(self) -> None:
        """Keeps what was found out, where it may."""
        if self._walk is not None:
            self._walk.keep()
        self._seen.save()
        self._disk.save()

    def _read(self) -> Walk:
        if self._walk is None:
            self._walk = _walk(self._project, self._inputs, self._entries, self._stack)
            self._walk.read()
        return self._walk

    def _rendered(self, force: bool, contents: bool, progress: Callable[[str], None]) -> list[Plan]:
        walk = self._read()
        self._outcome = None
        if self.has_errors:
            raise SpeccastError("the specs were changed meanwhile", hint="run the command again")
        walk.render(progress)
        made = rendered_targets(self._project, walk, self._entries)
        if self._inputs is not None:
            remember(self._entries, self._project.root, self._inputs, walk.findings, made)
        plans = [self._plan(target, force) for target in made]
        if contents:
            fill(plans, walk)
        return plans

    def _plan(self, target: Target, force: bool) -> Plan:
        return make_plan(target, force=force, digests=self._disk)


def _walk(project: Project, inputs: Inputs | None, entries: Entries, stack: ExitStack) -> Walk:
    from speccast.generation.workers import Workers, collect_rarely, worker_count

    workers = Workers(worker_count())
    stack.callback(workers.close)
    if workers.count > 1:
        workers.start()  # it gets ready while this process loads what reads specs
    import tempfile
    from pathlib import Path

    from speccast.generation.walk import Walk

    collect_rarely()
    folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="speccast-"))
    return Walk(project, inputs, entries, Path(folder), workers)
