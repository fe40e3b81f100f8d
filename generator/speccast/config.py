"""Find a project and read its configuration: `[tool.speccast]` in `pyproject.toml`, or `speccast.toml`.

The root of a project is the nearest folder, upwards, that has a configuration; without one, the nearest that has a `specs`
folder; otherwise the current folder. The search ends at the root of a git repository. Paths in a configuration are relative to
the root of the project.
"""

from __future__ import annotations

import os
import re
import shlex
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from speccast import __version__
from speccast.core.suggestions import closest
from speccast.errors import SpeccastError

CACHE = ".speccast_cache"
CONFIGURATIONS = ("speccast.toml", "pyproject.toml")
"""Files that may hold a configuration; in a folder with both, the first is used."""
TARGETS = ("python", "openapi")
"""The default targets."""
_TARGET = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
KEYS = ("specs", "templates", "output", "targets", "required-version", "format-types", "lint")


@dataclass(frozen=True, slots=True)
class Project:
    """The configuration of a project. All paths are absolute.

    `targets` are the names of template trees to render. `format_types` is where the Python types of the spec format
    are written; only the repository of Speccast has it. `lint` is the unparsed table of the linter: see
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

    @property
    def is_found(self) -> bool:
        """Whether there is a project: a configuration or a folder of specs."""
        return self.specs.is_dir() or _load(self.root) is not None

    def format_path(self, path: Path) -> str:
        """Return a path for messages: see the function `format_path`."""
        return format_path(path)

    @property
    def repository(self) -> Path:
        """The root of the git repository that contains the project; without one, the root of the project.

        Reports of programs name paths relative to it, as services expect.
        """
        return next(
            (folder for folder in upwards(self.root.resolve()) if (folder / ".git").exists()), self.root
        )


def format_path(path: Path, base: Path | None = None) -> str:
    """Return a path with forward slashes, relative to a base, by default the current folder.

    A path outside of the base is relative if that is not longer than its absolute form.
    """
    base = base or Path.cwd()
    if path.is_relative_to(base):
        return path.relative_to(base).as_posix()
    if not path.is_absolute():
        return path.as_posix()
    try:
        relative = Path(os.path.relpath(path, base)).as_posix()
    except ValueError:  # another drive
        return path.as_posix()
    return min(relative, path.as_posix(), key=len)


def command_path(path: Path) -> str:
    """Return a path, as the function `format_path` does, quoted for a command that a user copies into a shell."""
    return shlex.quote(format_path(path))


def upwards(start: Path) -> Iterator[Path]:
    """Yield a folder and those above it, up to the root of its repository."""
    for folder in (start, *start.parents):
        yield folder
        if (folder / ".git").exists():
            return


def project_in(root: Path) -> Project:
    """Return the project with this root, even if another project is above it. Raises as `find_project` does."""
    root = root.resolve()
    if not root.is_dir():
        raise SpeccastError(f"{root}: the folder of the project does not exist")
    return _load(root) or _project(root, root, {})


def find_project(start: Path) -> Project:
    """Return the project that contains a folder.

    Raises:
        SpeccastError: the configuration is not valid TOML, has an unknown key or a wrong type, or requires another version.
    """
    start = start.resolve()
    for folder in upwards(start):
        if (project := _load(folder)) is not None:
            return project
    for folder in upwards(start):
        if (folder / "specs").is_dir():
            return _project(folder, folder, {})
    return _project(start, start, {})


def _load(folder: Path) -> Project | None:
    """Return the project whose configuration is in a folder."""
    own = folder / CONFIGURATIONS[0]
    if own.is_file():
        return _project(folder, own, _read(own))
    shared = folder / CONFIGURATIONS[1]
    if shared.is_file():
        tool = _read(shared).get("tool", {})
        if isinstance(tool, Mapping) and "speccast" in tool:
            return _project(folder, shared, tool["speccast"])
    return None


def check_output(project: Project) -> None:
    """Security boundary: raise an error if the output folder leads out of the project through a symbolic link."""
    root, output = project.root.resolve(), Path(os.path.normpath(project.output))
    if output.is_relative_to(project.root) and not output.resolve().is_relative_to(root):
        raise SpeccastError(
            f"{project.format_path(output)} leads out of the project through a symbolic link",
            hint="remove the link, or set `output` in the configuration to the folder that it leads to",
        )


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
            hint = f"did you mean {near!r}?" if near else f"known keys: {', '.join(KEYS)}"
            raise SpeccastError(f"{source}: unknown key {key!r} in the configuration", hint=hint)

    def text(key: str, default: str | None) -> str | None:
        value = table.get(key, default)
        if value is not None and (not isinstance(value, str) or not value):
            raise SpeccastError(
                f"{source}: {key} must be a string such as {default or 'path'!r}, not {value!r}"
            )
        return value

    targets = table.get("targets", list(TARGETS))
    if not isinstance(targets, list) or not targets or not all(isinstance(name, str) for name in targets):
        raise SpeccastError(f'{source}: targets must be a list such as ["python"], not {targets!r}')
    for name in targets:
        if not _TARGET.fullmatch(name):
            # It becomes the name of a folder in the templates and in the output.
            raise SpeccastError(
                f"{source}: {name!r} is not a valid target",
                hint="a target is the name of a folder, such as python",
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
        required_versions = SpecifierSet(required if required.strip()[:1] in "<>=!~" else f"=={required}")
    except InvalidSpecifier:
        raise SpeccastError(
            f"{source}: required-version {required!r} is not a version specifier",
            hint='write it as in ">=0.1" or "~=0.1.0"',
        ) from None
    if not required_versions.contains(__version__, prereleases=True):
        raise SpeccastError(
            f"{source}: this project requires speccast {required_versions}, but {__version__} is installed",
            hint=f'pip install "speccast{required_versions}"',
        )
