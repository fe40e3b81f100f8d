"""What a project's output depends on, as digests: specs, templates, configuration and tools."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from speccast.cache import key_of
from speccast.generation.tools import tools_key
from speccast.specs.files import ENDINGS
from speccast.targets.registry import source_files
from speccast.targets.tree import find_templates

if TYPE_CHECKING:
    from pathlib import Path

    from speccast.cache import FileDigests
    from speccast.config import Project


@dataclass(frozen=True, slots=True)
class Inputs:
    """Digests: `tools` and `lint` decide what is found in a spec, and with `templates` what is made of it.

    `all` is of these, of every spec, and of where the output goes.
    """

    tools: str
    lint: str
    templates: str
    all: str


def find_inputs(project: Project, digests: FileDigests) -> Inputs:
    """The digests as things are now.

    Raises:
        OSError: something cannot be read.
        SpeccastError: a template's path is wrong, or a target has no templates.
    """
    tools = tools_key(digests)
    lint = key_of(repr((sorted(project.lint.items()), project.targets)))
    templates = key_of(*_templates(project, digests))
    output = (str(project.root), project.shown(project.output), project.targets, project.format_types)
    return Inputs(
        tools, lint, templates, key_of(tools, lint, templates, repr(output), *_specs(project.specs, digests))
    )


def _templates(project: Project, digests: FileDigests) -> list[str]:
    found = []
    for target in project.targets:
        for template in find_templates(target, project.templates):
            found += [template.shown, digests.of(template.file)]
        for file in source_files(target):
            found += [str(file), digests.of(file)]
    return found


def _specs(folder: Path, digests: FileDigests, *, depth: int = 0) -> list[str]:
    """Every file that the loader would read, with its place, and every folder, since its name is an API's."""
    found = [folder.name, str(depth)]
    with os.scandir(folder) as entries:
        for entry in sorted(entries, key=lambda entry: entry.name):
            if entry.name.startswith("."):
                continue
            if entry.is_dir():
                if depth == 0:
                    found += _specs(folder / entry.name, digests, depth=1)
            elif entry.name.endswith(ENDINGS):
                found += [entry.name, digests.of(entry.path, entry.stat())]
    return found
