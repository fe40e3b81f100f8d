"""Find the spec and the template of a generated file, and the line of the spec for a line that names a parameter.

Nothing is rendered: the tree of templates, the specs and the configuration of the project determine the template of each
path. A copy outside of the output, such as a vendored package, is recognized by its record or by the end of its path.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Final

from speccast.errors import SpeccastError
from speccast.generation.output import TargetInputs
from speccast.lint.context import ApiContext, ModelContext, ParameterContext, api_context
from speccast.publish.causes import find_causes
from speccast.publish.content import digest
from speccast.publish.manifest import MANIFEST, parse_manifest
from speccast.reading import read_regular_file
from speccast.specs.build import build_api
from speccast.specs.changelog import CHANGELOG
from speccast.specs.load import load
from speccast.targets.registry import find_target
from speccast.targets.tree import Template, find_outputs, find_templates
from speccast.vendoring.record import RECORD, read_record

if TYPE_CHECKING:
    from collections.abc import Iterator

    from speccast.config import Project
    from speccast.publish.causes import Cause
    from speccast.targets.target import Target

_LONGEST: Final = 10_000_000
_TOKEN: Final = re.compile(r"\"([^\"]*)\"|'([^']*)'|`([^`]*)`|(--[\w-]+)|(\w+)")


@dataclass(frozen=True, slots=True)
class Origin:
    """Paths for messages. `template` is empty for a file that is a copy of `spec`, such as a changelog. `line` is a line of the spec, or 0 for the whole spec; `about` describes what is in that line.

    `causes` are the specs and templates that differ from those that the file was generated from.
    """

    spec: str
    template: str
    line: int = 0
    about: str = ""
    is_copied: bool = False
    causes: tuple[Cause, ...] = ()


@dataclass(frozen=True, slots=True)
class _Source:
    target: Target
    template: Template
    api: ApiContext
    model: ModelContext | None
    causes: tuple[Cause, ...] = ()


def origin(project: Project, path: Path, line: int | None = None) -> Origin:
    """Return the origin of a generated file, or of a line of it.

    Raises:
        SpeccastError: the file is not generated, it has no such line, or the project has no specs.
    """
    changelog = _changelog_of(project, path)
    if changelog is not None:
        return Origin(project.format_path(changelog), "", is_copied=True)
    source = _source(project, path)
    document = source.api.document if source.model is None else source.model.document
    found = Origin(
        document.path,
        _format_template(project, source.template),
        is_copied=not source.template.is_rendered,
        causes=source.causes,
    )
    if line is not None:
        found = _of_line(found, source, path, line)
    return replace(found, spec=project.format_path(project.root / found.spec))


def _of_line(found: Origin, source: _Source, path: Path, line: int) -> Origin:
    lines = _lines(path)
    if not 1 <= line <= len(lines):
        raise SpeccastError(f"{path}: line {line} does not exist", hint=f"the file has {len(lines)} lines")
    if found.is_copied:
        return found
    model = source.model or _find_model(source, lines[line - 1])
    if model is None:
        return found
    parameter = _find_parameter(source.target, model, lines, line - 1)
    if parameter is not None:
        place = parameter.key()
        at = place.document.key_position(place.pointer).line
        return replace(found, spec=model.document.path, line=at, about=f"parameter {parameter.label}")
    if source.model is None:
        return replace(found, spec=model.document.path, about=f"model {model.model.slug}")
    return found


def _source(project: Project, path: Path) -> _Source:
    here = path.resolve()
    copied = _in_package(here)
    loaded = load(project.specs, shown_from=project.root)
    copied_from: list[tuple[int, _Source]] = []
    generated: list[str] = []
    for each in loaded.apis:
        api, context = build_api(each), api_context(each)
        models = {model.model.slug: model for model in context.models}
        for target in project.targets:
            root = (project.output / api.id / target).resolve()
            templates = find_templates(target, project.templates)
            found = find_target(target, project.templates)
            for output, template, model in find_outputs(found, templates, api):
                source = _Source(found, template, context, None if model is None else models[model.slug])
                if here == root / output:
                    inputs = TargetInputs(api, templates)
                    return replace(source, causes=_causes(inputs, source, root, output))
                generated.append((root / output).as_posix())
                if copied.endswith(f"/{output}") and "/" in output:
                    copied_from.append((len(output), source))
    if copied_from and path.is_file():
        return max(copied_from, key=lambda pair: pair[0])[1]
    near = get_close_matches(here.as_posix(), generated, 1, 0.9) if len(generated) < 5000 else []
    hint = (
        f"did you mean {project.format_path(Path(near[0]))}?"
        if near
        else f"generated files are in {project.format_path(project.output)}"
    )
    raise SpeccastError(f"{path}: is not a generated file", hint=hint)


def _changelog_of(project: Project, path: Path) -> Path | None:
    """Return the changelog that a file of the output is a copy of."""
    here = path.resolve()
    if here.name != CHANGELOG or here.parent.parent.parent != project.output.resolve():
        return None
    apis = map(build_api, load(project.specs, shown_from=project.root).apis)
    spec = {api.id: api.spec for api in apis}.get(here.parent.parent.name)
    changelog = None if spec is None else (project.root / spec).with_name(CHANGELOG)
    return changelog if changelog is not None and changelog.is_file() else None


def _causes(inputs: TargetInputs, source: _Source, root: Path, output: str) -> tuple[Cause, ...]:
    place, template = root / MANIFEST, source.template
    if not place.is_file():
        return ()
    manifest = parse_manifest(place.read_bytes())
    before = next(iter(manifest.files.get(output, ())), None)
    sources = inputs.of_file(template.shown, "" if source.model is None else source.model.document.path)
    return find_causes(manifest, inputs.digests(), sources, (before, digest(template.file.read_bytes())))


def _in_package(here: Path) -> str:
    """Return a path; for a file of a vendored copy, its path in the package that was copied."""
    for folder in here.parents:
        if (folder / RECORD).is_file():
            return f"/{read_record(folder).package}/{here.relative_to(folder).as_posix()}"
    return here.as_posix()


def _format_template(project: Project, template: Template) -> str:
    own = template.file.resolve().is_relative_to(project.root.resolve())
    return project.format_path(template.file) if own else f"{template.shown} (built in)"


def _find_model(source: _Source, line: str) -> ModelContext | None:
    words = set(_words(line))
    return next(
        (model for model in source.api.models if words & source.target.names_of_model(model.model)), None
    )


def _find_parameter(
    target: Target, model: ModelContext, lines: list[str], index: int
) -> ParameterContext | None:
    """Return the parameter that a line names, or whose description contains the line."""
    for candidate in (lines[index], _opening(lines, index)):
        words = list(_words(candidate))
        for word in words:
            for parameter in model.all_parameters:
                if parameter.parameter.wire and word in target.names_of_parameter(parameter.parameter):
                    return parameter
    return None


def _opening(lines: list[str], index: int) -> str:
    """Return the first line in the brackets, which has the name, for a line in `Parameter(…)`; otherwise ""."""
    indent = _indent(lines[index])
    for above in range(index - 1, -1, -1):
        if lines[above].strip() and _indent(lines[above]) < indent:
            return lines[above + 1] if lines[above].endswith("Parameter(") else ""
    return ""


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def _words(line: str) -> Iterator[str]:
    for match in _TOKEN.finditer(line):
        yield next(group for group in match.groups() if group is not None)


def _lines(path: Path) -> list[str]:
    try:
        return read_regular_file(path, _LONGEST).decode("utf-8", "replace").splitlines()
    except OSError as error:
        raise SpeccastError(f"{path}: cannot be read: {error.strerror}") from None
