"""The tree of templates is the tree of outputs: finds the templates of a target and decides where each output goes.

A project's own `templates/<target>/` overlays the target's tree file by file. In a path, `__package__`, `__model__` and
`__api__` are replaced; a template whose path mentions `__model__` is rendered once per model, any other once per API.
A template such as `_macros.jinja` has no output: others import or include it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from speccast.config import format_path
from speccast.errors import SpeccastError
from speccast.targets.registry import template_folders

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from speccast.core.api import Api
    from speccast.core.model import Model
    from speccast.targets.target import Target

SUFFIX = ".jinja"
_PLACEHOLDER = re.compile(r"__([a-z]+)__")
_REPLACED = frozenset({"package", "model", "api"})
_KEPT = frozenset({"init", "main"})
_PARTIAL = re.compile(r"(?!__[a-z]+__)_[^.]*\.jinja")
_IGNORED = frozenset({"__pycache__", ".DS_Store", ".mypy_cache", ".ruff_cache", ".pytest_cache"})


@dataclass(frozen=True, slots=True)
class Template:
    """One file of the tree: `path` below the target's folder (POSIX), `file` on disk, and `shown`, the same on every machine.

    `is_own` means that it is in the `templates/` of the project.
    """

    path: str
    file: Path
    shown: str
    is_own: bool = False

    @property
    def place(self) -> str:
        """The path for messages: relative to the current folder, unless the template is built in."""
        return format_path(self.file) if self.is_own else self.shown

    @property
    def is_rendered(self) -> bool:
        return self.path.endswith(SUFFIX)

    @property
    def is_partial(self) -> bool:
        """Whether the template has no output: its name is `_`, a word and `.jinja`, as in `_macros.jinja`."""
        return _PARTIAL.fullmatch(self.path.rpartition("/")[2]) is not None

    @property
    def is_per_model(self) -> bool:
        return "__model__" in self.path

    def output(self, api: Api, model: str = "") -> str:
        """Return the path of the output below the target's folder. `model` is the file name of the model, if there is one."""
        names = {"package": api.package, "api": api.id} | ({"model": model} if model else {})
        # In one pass, since a package may be called a__api__.
        return _PLACEHOLDER.sub(lambda found: names.get(found[1], found[0]), self.path.removesuffix(SUFFIX))


def find_templates(target: str, overlay: Path) -> tuple[Template, ...]:
    """Return the templates of a target, sorted by path, including those without an output.

    Raises:
        SpeccastError: the target is unknown, or a path has an unknown placeholder.
    """
    found: dict[str, Template] = {}
    for prefix, folder in template_folders(target, overlay):
        for file in _files(folder):
            path = f"{prefix}{file.relative_to(folder).as_posix()}"
            found[path] = Template(path, file, f"templates/{target}/{path}", folder == overlay / target)
    for template in found.values():
        for name in _PLACEHOLDER.findall(template.path):
            if name not in _REPLACED | _KEPT:
                raise SpeccastError(
                    f"{template.place}: unknown placeholder __{name}__",
                    hint="a path may have __package__, __model__ and __api__",
                )
    return tuple(found[path] for path in sorted(found))


def find_outputs(
    target: Target, templates: Iterable[Template], api: Api
) -> Iterator[tuple[str, Template, Model | None]]:
    """Yield the path of every output of an API below the target's folder, with its template and, for a file of one, its model."""
    for template in templates:
        if not template.is_partial:
            for model in api.models if template.is_per_model else (None,):
                yield template.output(api, "" if model is None else target.file_name(model)), template, model


def _files(folder: Path) -> Iterator[Path]:
    for file in folder.rglob("*"):
        if (
            file.is_file()
            and not _IGNORED.intersection(file.relative_to(folder).parts)
            and file.suffix != ".pyc"
        ):
            yield file
