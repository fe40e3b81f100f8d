"""Where a project keeps its specs, templates and output: `[tool.speccast]`, `speccast.toml`, or the defaults.

The project's root is the nearest folder upwards that has a configuration, else the nearest that has a `specs` folder,
else the current one. Every path in a configuration is relative to the root.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from speccast import __version__
from speccast.core.suggestions import closest
from speccast.errors import SpeccastError

if TYPE_CHECKING:
    from pathlib import Path

CACHE = ".speccast_cache"
CONFIGURATIONS = ("speccast.toml", "pyproject.toml")
"""Files that may hold a configuration; in a folder with both, the first counts."""
TARGETS = ("python", "openapi")
"""What a project generates that does not say."""
_TARGET = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
KEYS = ("specs", "templates", "output", "targets", "required-version", "format-types", "lint")


@dataclass(frozen=True, slots=True)
class Project:
    """A project's folders, all absolute.

    `targets` are the names of template trees to render. `format_types` is where the Python types of the spec format
    are written; only Speccast's own repository has that. `lint` is the linter's table, as it is written: see
    `speccast.lint.configuration`.
    """

    root: Path
    specs: Path
    templates: Path
    output: Path
    targets: tuple[str, ...] = TARGETS
    format_types: Path | None = None
    lint: Mapping[str, object] = field(default_factory=dict, hash=False)

    @property
    def cache(self) -> Path:
        return self.root / CACHE

    def shown(self, path: Path) -> str:
        """A path as the user would write it: relative to the root where it lies below it, with forward slashes."""
        return path.relative_to(self.root).as_posix() if path.is_relative_to(self.root) else path.as_posix()


def find_project(start: Path) -> Project:
    """The project that a folder belongs to.

    Raises:
        SpeccastError: the configuration is no TOML, has an unknown key or wrong type, or asks for another version.
    """
    start = start.resolve()
    for folder in (start, *start.parents):
        own = folder / CONFIGURATIONS[0]
        if own.is_file():
            return _project(folder, own, _read(own))
        shared = folder / CONFIGURATIONS[1]
        if shared.is_file():
            tool = _read(shared).get("tool", {})
            if isinstance(tool, Mapping) and "speccast" in tool:
                return _project(folder, shared, tool["speccast"])
    for folder in (start, *start.parents):
        if (folder / "specs").is_dir():
            return _project(folder, folder, {})
    return _project(start, start, {})


def _read(path: Path) -> Mapping[str, object]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SpeccastError(f"{path}: not valid TOML: {error}") from None
    except OSError as error:
        raise SpeccastError(f"{path}: {error.strerror}") from None


def _project(root: Path, source: Path, table: object) -> Project:
    if not isinstance(table, Mapping):
        raise SpeccastError(f"{source}: tool.speccast must be a table")
    for key in table:
        if key not in KEYS:
            near = closest(str(key), KEYS)
            known = f"did you mean {near!r}?" if near else f"known keys: {', '.join(KEYS)}"
            raise SpeccastError(f"{source}: unknown key {key!r} in the configuration", hint=known)

    def text(key: str, default: str | None) -> str | None:
        value = table.get(key, default)
        if value is not None and (not isinstance(value, str) or not value):
            raise SpeccastError(
                f"{source}: {key} must be a text such as {default or 'path'!r}, not {value!r}"
            )
        return value

    targets = table.get("targets", list(TARGETS))
    if not isinstance(targets, list) or not targets or not all(isinstance(name, str) for name in targets):
        raise SpeccastError(f'{source}: targets must be a list such as ["python"], not {targets!r}')
    for name in targets:
        if not _TARGET.fullmatch(name):
            # It becomes the name of a folder, in the templates and in the output.
            raise SpeccastError(
                f"{source}: {name!r} cannot be a target",
                hint="a target is called like a folder, such as python",
            )
    _require_version(source, text("required-version", None))
    format_types = text("format-types", None)
    lint = table.get("lint", {})
    if not isinstance(lint, Mapping):
        raise SpeccastError(f"{source}: lint must be a table, not {lint!r}")
    return Project(
        root=root,
        specs=root / (text("specs", "specs") or ""),
        templates=root / (text("templates", "templates") or ""),
        output=root / (text("output", "generated") or ""),
        targets=tuple(dict.fromkeys(targets)),
        format_types=root / format_types if format_types else None,
        lint=lint,
    )


def _require_version(source: Path, required: str | None) -> None:
    if required is None:
        return
    from packaging.specifiers import InvalidSpecifier, SpecifierSet

    try:
        wanted = SpecifierSet(required if required.strip()[:1] in "<>=!~" else f"=={required}")
    except InvalidSpecifier:
        raise SpeccastError(
            f"{source}: required-version {required!r} is no version specifier",
            hint='such as ">=0.1" or "~=0.1.0"',
        ) from None
    if not wanted.contains(__version__, prereleases=True):
        raise SpeccastError(
            f"{source}: this project wants speccast {wanted}, this is {__version__}",
            hint=f'pip install "speccast{wanted}"',
        )
