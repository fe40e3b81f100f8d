"""The tree of templates is the tree of outputs: finds the templates of a target and decides where each one's text goes.

Some folders of the package itself are part of a target's tree (`COPIED`).
A project's own `templates/<target>/` overlays the built-in tree file by file. In a path, `__package__`, `__model__` and
`__api__` are replaced; a template whose path mentions `__model__` is rendered once per model, any other once per API.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from speccast.errors import SpeccastError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from speccast.core.api import Api
    from speccast.core.model import Model

SUFFIX = ".jinja"
_PACKAGE = Path(__file__).resolve().parent.parent
_PLACEHOLDER = re.compile(r"__([a-z]+)__")
_KNOWN = frozenset({"package", "model", "api"})
_THEMSELVES = frozenset({"init", "main"})
COPIED: Mapping[str, Mapping[str, str]] = {"python": {"__package__/_core": "core"}}
"""For each target, folders of its tree that are copied from the package `speccast`: path in the tree to subpackage."""

_IGNORED = frozenset({"__pycache__", ".DS_Store", ".mypy_cache", ".ruff_cache", ".pytest_cache"})


@dataclass(frozen=True, slots=True)
class Template:
    """One file of the tree: `path` below the target's folder (POSIX), `file` where it lies, `shown` as people write it."""

    path: str
    file: Path
    shown: str

    @property
    def is_rendered(self) -> bool:
        return self.path.endswith(SUFFIX)

    @property
    def is_per_model(self) -> bool:
        return "__model__" in self.path

    def output(self, api: Api, model: Model | None) -> str:
        """The path of the output below the target's folder, relative and POSIX."""
        names = {"package": api.package, "api": api.id} | ({"model": model.module} if model else {})
        # In one go: a package may be called a__api__.
        return _PLACEHOLDER.sub(lambda found: names.get(found[1], found[0]), self.path.removesuffix(SUFFIX))


def built_in_templates() -> Path:
    """The folder of the built-in trees: inside the installed package, or the repository's when installed editable."""
    installed = _PACKAGE / "templates"
    return installed if installed.is_dir() else _PACKAGE.parent.parent / "templates"


def find_templates(target: str, overlay: Path) -> tuple[Template, ...]:
    """The templates of a target, sorted by path.

    Raises:
        SpeccastError: there is no such target, or a path has a placeholder that means nothing.
    """
    found: dict[str, Template] = {}
    copied = [(prefix, _PACKAGE / folder) for prefix, folder in COPIED.get(target, {}).items()]
    for prefix, root in (*copied, ("", built_in_templates() / target), ("", overlay / target)):
        for file in _files(root):
            path = (PurePosixPath(prefix) / file.relative_to(root).as_posix()).as_posix()
            found[path] = Template(path, file, f"templates/{target}/{path}")
    if not found:
        known = sorted(folder.name for root in (built_in_templates(), overlay) for folder in _folders(root))
        raise SpeccastError(
            f"there is no target {target!r}", hint=f"known targets: {', '.join(dict.fromkeys(known))}"
        )
    for template in found.values():
        for name in _PLACEHOLDER.findall(template.path):
            if name not in _KNOWN | _THEMSELVES:
                raise SpeccastError(
                    f"{template.shown}: __{name}__ stands for nothing",
                    hint="a path may have __package__, __model__ and __api__",
                )
    return tuple(found[path] for path in sorted(found))


def _files(root: Path) -> Iterator[Path]:
    if not root.is_dir():
        return
    for file in root.rglob("*"):
        if (
            file.is_file()
            and not _IGNORED.intersection(file.relative_to(root).parts)
            and file.suffix != ".pyc"
        ):
            yield file


def _folders(root: Path) -> Iterator[Path]:
    if root.is_dir():
        yield from (
            folder for folder in root.iterdir() if folder.is_dir() and not folder.name.startswith(".")
        )
