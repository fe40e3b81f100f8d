"""Puts the parts of rendering together: the wanted content of every file of a target, formatted, as bytes."""

from __future__ import annotations

import tempfile
import traceback
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import jinja2
from jinja2.compiler import CodeGenerator

from speccast.cache import NO_ENTRIES, key_of
from speccast.core.omit import OMIT
from speccast.errors import SpeccastError
from speccast.specs.bundle import specs_json
from speccast.targets.openapi import openapi_document
from speccast.targets.python import declarations, package
from speccast.targets.python.example import example_request
from speccast.targets.python.filters import FILTERS, Code, UnsafeTextError
from speccast.targets.python.formatter import LINE_LENGTH, RULES, format_folder, formatting_key
from speccast.targets.python.params import params_sources
from speccast.targets.tree import SUFFIX, Template, find_templates

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from jinja2 import nodes
    from jinja2.compiler import Frame

    from speccast.cache import Entries
    from speccast.core.api import Api
    from speccast.core.model import Model

FORMATTED = (".py", ".md")
"""Files that have Python in them: ruff formats the fenced code of a document as well."""

GLOBALS: Mapping[str, object] = {
    "OMIT": OMIT,
    "LINE_LENGTH": LINE_LENGTH,
    "RULES": RULES,
    "example_request": example_request,
    "openapi_document": openapi_document,
    "specs_json": specs_json,
    "succeeded_states": package.succeeded_states,
    "unfinished_states": package.unfinished_states,
    "member_classes": declarations.member_classes,
    "deprecation": declarations.deprecation,
    "json_words": declarations.json_words,
    "limits": declarations.limits,
    "meaning": declarations.meaning,
    "twins": declarations.twins,
    "type_text": declarations.type_text,
    "first_model": package.first_model,
    "license_expression": package.license_expression,
    "RUNTIME_ERRORS": package.RUNTIME_ERRORS,
    "client_documentation": package.client_documentation,
    "error_class_documentation": package.error_class_documentation,
    "error_documentation": package.error_documentation,
    "error_names": package.error_names,
    "exported_classes": package.exported_classes,
    "exported_names": package.exported_names,
    "exports": package.exports,
    "package_documentation": package.package_documentation,
}
"""What templates can use beside `api` and `model`; all of it pure."""


@dataclass(frozen=True, slots=True)
class Draft:
    """Files of a target before ruff has formatted them: `texts` of the templates, and files that are copied as they are.

    `name` is the target's folder, `<api>/<target>`. `origins` has the template of every file, and the spec of the model
    that it is of, which is empty for those of the API as a whole.
    """

    name: str
    package: str
    texts: dict[str, str] = field(default_factory=dict)
    copied: dict[str, Path] = field(default_factory=dict)
    origins: dict[str, tuple[str, str]] = field(default_factory=dict)


def render(api: Api, target: str, overlay: Path) -> dict[str, bytes]:
    """The files of one target of an API: POSIX path below the target's folder to content, text with LF.

    A template that renders to nothing but white space gives no file.

    Raises:
        SpeccastError: a template is at fault; the message names it and the line.
    """
    return contents(draft(api, target, overlay))


def contents(made: Draft) -> dict[str, bytes]:
    """The files of a draft, finished.

    Raises:
        SpeccastError: a template gave what is no Python; the message names it and the line.
    """
    with tempfile.TemporaryDirectory(prefix="speccast-") as folder:
        (files,) = finished([made], Path(folder))
        return {path: files[path].read_bytes() for path in sorted(files)}


def finished(drafts: Sequence[Draft], folder: Path, entries: Entries = NO_ENTRIES) -> list[dict[str, Path]]:
    """The second half of `render`, for many drafts at once, which may be of one target: one run of ruff over all of them.

    The files are written below an empty folder, and stay there; answers for each draft where its files are. `entries` may
    know how ruff once left the files that are shared by models, most of which are the same from run to run.

    Raises:
        SpeccastError: a template gave what is no Python; the message names it and the line.
    """
    code, plain = folder / "code", folder / "plain"  # ruff is to see nothing but what it is to format
    first_party = tuple(sorted({made.package for made in drafts}))
    formatting = formatting_key(first_party)
    found = []
    fresh: list[tuple[str, Path]] = []
    folders: set[Path] = set()
    for made in drafts:
        files = dict(made.copied)
        for path, text in made.texts.items():
            content, place = text.encode(), plain / made.name / path
            if path.endswith(FORMATTED):
                key = key_of("formatted", formatting, path, text)
                known = entries.get(key) if made.origins[path][1] == "" else None
                if known is None:
                    place = code / made.name / path
                    fresh += [(key, place)] if made.origins[path][1] == "" else []
                content = content if known is None else known
            if place.parent not in folders:
                place.parent.mkdir(parents=True, exist_ok=True)
                folders.add(place.parent)
            place.write_bytes(content)
            files[path] = place
        found.append(files)
    if code.is_dir():
        format_folder(code, first_party=first_party)
    for key, place in fresh:
        entries.put(key, place.read_bytes())
    return found


def draft(
    api: Api,
    target: str,
    overlay: Path,
    *,
    models: Sequence[Model] | None = None,
    only: Callable[[Template], bool] = lambda _: True,
    entries: Entries = NO_ENTRIES,
) -> Draft:
    """The first half of `render`: everything but the formatting.

    `models` are those whose files are wanted, else all; `only` says which templates are. A template of one model sees the
    API as if it had that model alone, so what becomes of a model depends on no other. `entries` may know what
    datamodel-code-generator once gave.

    Raises:
        SpeccastError: a template is at fault; the message names it and the line.
    """
    templates = find_templates(target, overlay)
    environment = _environment(templates)
    templates = tuple(filter(only, templates))
    made = Draft(f"{api.id}/{target}", api.package)
    models = api.models if models is None else models
    sources: Mapping[str, str] = {}
    if any("_params" in template.path and template.is_per_model for template in templates):
        sources = params_sources(models, entries)
    alone = [(replace(api, models=(model,)), model) for model in models]
    for template in templates:
        pairs = alone if template.is_per_model else [(api, None)]
        for seen, model in pairs:
            path = template.output(seen, model)
            if path in made.origins:
                raise same_path(template.shown, made.origins[path][0], path)
            made.origins[path] = template.shown, model.spec if model is not None else ""
            if not template.is_rendered:
                made.copied[path] = template.file
                continue
            text = _render(environment, template, seen, model, sources)
            if text and not text.isspace():
                made.texts[path] = text
    return made


def same_path(template: str, other: str, path: str) -> SpeccastError:
    """Two templates, as people write them, lead to one path."""
    return SpeccastError(f"{template} and {other} both give {path}")


@lru_cache(maxsize=4)
def _environment(templates: tuple[Template, ...]) -> jinja2.Environment:
    """An environment of these templates, kept for the next API, since compiling them takes longer than rendering."""
    by_path = {template.path: template for template in templates}

    def load(name: str) -> tuple[str, str, Callable[[], bool]] | None:
        template = by_path.get(name)
        if template is None:
            return None
        text = template.file.read_text(encoding="utf-8")
        return text, template.shown, lambda: template.file.read_text(encoding="utf-8") == text

    environment = _Environment(
        loader=jinja2.FunctionLoader(load),
        undefined=jinja2.StrictUndefined,
        finalize=_require_filter,
        autoescape=False,  # the output is code, not HTML; `finalize` demands a filter of our own instead
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters.update(FILTERS)
    environment.globals.update(GLOBALS)
    return environment


class _FilteringOnly(CodeGenerator):
    """Security boundary: refuses the blocks whose text Jinja would write without asking `finalize`."""

    def visit_FilterBlock(self, node: nodes.FilterBlock, frame: Frame) -> None:  # noqa: N802 - the name is Jinja's
        self.fail("a filter block would write text that no filter of ours has seen", node.lineno)

    def visit_CallBlock(self, node: nodes.CallBlock, frame: Frame) -> None:  # noqa: N802 - the name is Jinja's
        self.fail("a call block would write text that no filter of ours has seen", node.lineno)


class _Environment(jinja2.Environment):
    code_generator_class = _FilteringOnly


def _require_filter(value: object) -> Code:
    if not isinstance(value, Code):
        raise UnsafeTextError(f"{value!r} reaches the output without a filter")
    return value


def _render(
    environment: jinja2.Environment,
    template: Template,
    api: Api,
    model: Model | None,
    sources: Mapping[str, str],
) -> str:
    spec = model.spec if model is not None else api.spec
    source = sources.get(model.module, "") if model is not None else ""
    try:
        return environment.get_template(template.path).render(
            api=api, model=model, spec=spec, params_source=source
        )
    except jinja2.TemplateSyntaxError as error:
        raise SpeccastError(f"{error.filename or template.shown}:{error.lineno}: {error.message}") from None
    except Exception as error:  # a template can fail in as many ways as code can
        raise SpeccastError(f"{_place(error, template)}: {spec}: {error}") from error


def _place(error: BaseException, template: Template) -> str:
    """Template and line at which rendering stopped; Jinja rewrites tracebacks so that they name them."""
    found = [
        f"{frame.filename}:{frame.lineno}"
        for frame in traceback.extract_tb(error.__traceback__)
        if frame.filename.endswith(SUFFIX)
    ]
    return found[-1] if found else template.shown
