"""Renders the templates of a target and formats the result: the content of every file of an API, as bytes."""

from __future__ import annotations

import traceback
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import TYPE_CHECKING

import jinja2
from jinja2.compiler import CodeGenerator

from speccast.cache import NO_ENTRIES, key_of
from speccast.core.omit import OMIT
from speccast.errors import SpeccastError
from speccast.specs.bundle import specs_json
from speccast.targets import wording
from speccast.targets.filters import FILTERS, Code, UnsafeTextError
from speccast.targets.regions import select_regions
from speccast.targets.registry import find_target
from speccast.targets.tree import SUFFIX, Template, find_outputs, find_templates
from speccast.temporary_folders import temporary_folder

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from pathlib import Path

    from jinja2 import nodes
    from jinja2.bccache import Bucket
    from jinja2.compiler import Frame

    from speccast.cache import Entries
    from speccast.core.api import Api
    from speccast.core.model import Model
    from speccast.targets.target import Target

VARIABLES: Mapping[str, object] = {
    "OMIT": OMIT,
    "deprecation": wording.deprecation,
    "describe": wording.describe,
    "facts": wording.facts,
    "json_words": wording.json_words,
    "limits": wording.limits,
    "meaning": wording.meaning,
    "specs_json": specs_json,
    "type_text": wording.type_text,
}
"""What the templates of every target can use beside `api`, `model` and `spec`. The functions are pure."""


@dataclass(frozen=True, slots=True)
class UnformattedFiles:
    """The files of a target before they are formatted: rendered `texts`, `selected` regions of files, and `copied` files,
    which stay as they are.

    `folder` is the target's folder in the output, `<api>/<target>`. `origins` has the template of every file, and the spec
    of its model, which is empty for files of the whole API.
    """

    folder: str
    package: str
    target: Target
    texts: dict[str, str] = field(default_factory=dict)
    selected: dict[str, str] = field(default_factory=dict)
    copied: dict[str, Path] = field(default_factory=dict)
    origins: dict[str, tuple[str, str]] = field(default_factory=dict)


def render(api: Api, target: str, overlay: Path) -> dict[str, bytes]:
    """Return the files of one target of an API: POSIX path below the target's folder to content, with LF line ends.

    A template that renders to white space has no output.

    Raises:
        SpeccastError: a template is invalid; the message names it and the line.
    """
    return contents(draft(api, target, overlay))


def contents(made: UnformattedFiles) -> dict[str, bytes]:
    """Return the formatted files of a draft.

    Raises:
        SpeccastError: a template rendered invalid code; the message names the file and the line.
    """
    with temporary_folder() as folder:
        (files,) = finish_drafts([made], folder)
        return {path: files[path].read_bytes() for path in sorted(files)}


def finish_drafts(
    drafts: Sequence[UnformattedFiles], folder: Path, entries: Entries = NO_ENTRIES
) -> list[dict[str, Path]]:
    """Format many drafts at once, with one run of each formatter, and return where the files of each draft are.

    The files are written below an empty folder and stay there. `entries` caches the formatted files of whole APIs, most of
    which are the same from run to run.

    Raises:
        SpeccastError: a template rendered invalid code; the message names the file and the line.
    """
    found: list[dict[str, Path]] = [dict(made.copied) for made in drafts]
    packages = tuple(sorted({made.package for made in drafts}))
    for name, target in {made.target.name: made.target for made in drafts}.items():
        of_target = [pair for pair in zip(drafts, found, strict=True) if pair[0].target.name == name]
        _format(target, of_target, packages, folder / name, entries)
    return found


def _format(
    target: Target,
    drafts: Iterable[tuple[UnformattedFiles, dict[str, Path]]],
    packages: tuple[str, ...],
    folder: Path,
    entries: Entries,
) -> None:
    """Write the texts of some drafts of one target below a folder and format them; adds their paths to the files of each."""
    formatter = target.formatter
    suffixes = () if formatter is None else formatter.suffixes
    formatter_key = "" if formatter is None else formatter.cache_key(packages)
    unformatted, plain = (
        folder / "unformatted",
        folder / "plain",
    )  # the formatter gets only the files that it formats
    uncached: list[tuple[str, Path]] = []
    folders: set[Path] = set()
    for made, files in drafts:
        for path, text in (made.texts | made.selected).items():
            content, place = text.encode(), plain / made.folder / path
            if path.endswith(suffixes):
                key = key_of("formatted", formatter_key, path, text)
                cached = entries.get(key) if made.origins[path][1] == "" else None
                if cached is None:
                    place = unformatted / made.folder / path
                    uncached += [(key, place)] if made.origins[path][1] == "" else []
                else:
                    content = cached
            if place.parent not in folders:
                place.parent.mkdir(parents=True, exist_ok=True)
                folders.add(place.parent)
            place.write_bytes(content)
            files[path] = place
    if formatter is not None and unformatted.is_dir():
        formatter.format_folder(unformatted, packages)
    for key, place in uncached:
        entries.put(key, place.read_bytes())


def draft(
    api: Api,
    target: str,
    overlay: Path,
    *,
    models: Sequence[Model] | None = None,
    only: Callable[[Template], bool] = lambda _: True,
    entries: Entries = NO_ENTRIES,
    fingerprint: str | None = None,
) -> UnformattedFiles:
    """Render the templates of a target, without formatting.

    `models` limits the files of models to some of them, and `only` the templates. A template of one model sees the API as
    if it had that model alone, so the files of a model depend on no other model. `entries` is a cache, also of
    compiled templates if there is a `fingerprint` of templates, tools and source.

    Raises:
        SpeccastError: a template is invalid; the message names it and the line.
    """
    templates = find_templates(target, overlay)
    found = find_target(target, overlay)
    environment = _environment(found, templates)
    environment.bytecode_cache = _CompiledTemplates(fingerprint, entries) if fingerprint else None
    models = [found.resolve_names(model) for model in (api.models if models is None else models)]
    api = replace(api, models=tuple(map(found.resolve_names, api.models)))
    batch = found.batch_variables(models, entries)
    alone = {model.slug: replace(api, models=(model,)) for model in models}
    made = UnformattedFiles(f"{api.id}/{target}", api.package, found)
    whole = replace(api, models=tuple(models))
    features = {name: has(api) for name, has in found.features.items()}
    for path, template, model in find_outputs(found, filter(only, templates), whole):
        if path in made.origins:
            raise same_path(template.shown, made.origins[path][0], path)
        made.origins[path] = template.shown, model.spec if model is not None else ""
        if template.is_rendered:
            texts = made.texts
            text = _render(environment, template, api if model is None else alone[model.slug], model, batch)
        elif (regions := select_regions(template, features)) is not None:
            texts, text = made.selected, regions
        else:
            made.copied[path] = template.file
            continue
        if text and not text.isspace():
            texts[path] = text
    return made


def same_path(template: str, other: str, path: str) -> SpeccastError:
    """Return the error for two templates that have the same output."""
    return SpeccastError(f"{template} and {other} have the same output: {path}")


@lru_cache(maxsize=4)
def _environment(target: Target, templates: tuple[Template, ...]) -> jinja2.Environment:
    """Return an environment of these templates. It is kept for the next API, since compiling takes longer than rendering."""
    by_path = {template.path: template for template in templates}

    def load(name: str) -> tuple[str, str, Callable[[], bool]] | None:
        template = by_path.get(name)
        if template is None:
            return None
        modified = template.file.stat().st_mtime_ns
        text = template.file.read_text(encoding="utf-8")
        return text, template.place, lambda: template.file.stat().st_mtime_ns == modified

    environment = _Environment(
        loader=jinja2.FunctionLoader(load),
        undefined=jinja2.StrictUndefined,
        finalize=_require_filter,
        autoescape=False,  # the output is code, not HTML; `finalize` requires one of our filters instead
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        optimized=False,  # compiling takes longer than the few constant expressions of templates
    )
    environment.filters.update({**FILTERS, **target.filters})
    environment.globals.update({**VARIABLES, "file_name": target.file_name, **target.variables})
    return environment


class _CompiledTemplates(jinja2.BytecodeCache):
    """Compiled templates of earlier runs. Jinja evaluates filters of constants when it compiles, so they depend on the source."""

    def __init__(self, fingerprint: str, entries: Entries) -> None:
        self._fingerprint = fingerprint
        self._entries = entries

    def load_bytecode(self, bucket: Bucket) -> None:
        content = self._entries.get(self._key(bucket))
        if content is not None:
            bucket.bytecode_from_string(content)

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._entries.put(self._key(bucket), bucket.bytecode_to_string())

    def _key(self, bucket: Bucket) -> str:
        return key_of("compiled", self._fingerprint, bucket.key, bucket.checksum)


class _FilteringOnly(CodeGenerator):
    """Security boundary: refuses blocks whose text Jinja writes without calling `finalize`."""

    def visit_FilterBlock(self, node: nodes.FilterBlock, frame: Frame) -> None:  # noqa: N802 - Jinja's name
        self.fail(
            "a filter block is not allowed: its text would not pass through a Speccast filter", node.lineno
        )

    def visit_CallBlock(self, node: nodes.CallBlock, frame: Frame) -> None:  # noqa: N802 - Jinja's name
        self.fail(
            "a call block is not allowed: its text would not pass through a Speccast filter", node.lineno
        )


def _join(parts: Iterable[str]) -> Code:
    """Security boundary: the text of a macro or a `set` block, whose parts have all passed `finalize`."""
    return Code("".join(parts))


class _Environment(jinja2.Environment):
    code_generator_class = _FilteringOnly
    concat = staticmethod(_join)


def _require_filter(value: object) -> Code:
    if not isinstance(value, Code):
        raise UnsafeTextError(f"{value!r} is printed without a filter")
    return value


def _render(
    environment: jinja2.Environment,
    template: Template,
    api: Api,
    model: Model | None,
    batch: Mapping[str, object],
) -> str:
    spec = model.spec if model is not None else api.spec
    try:
        return environment.get_template(template.path).render(api=api, model=model, spec=spec, **batch)
    except jinja2.TemplateSyntaxError as error:
        raise SpeccastError(f"{error.filename or template.place}:{error.lineno}: {error.message}") from None
    except Exception as error:  # a template can fail in as many ways as code can
        raise SpeccastError(f"{_place(error, template)}: {spec}: {error}") from error


def _place(error: BaseException, template: Template) -> str:
    """Return the template and line where rendering stopped. Jinja rewrites tracebacks so that they name both."""
    found = [
        f"{frame.filename}:{frame.lineno}"
        for frame in traceback.extract_tb(error.__traceback__)
        if frame.filename.endswith(SUFFIX)
    ]
    return found[-1] if found else template.place
