"""Finds targets: those of this package, those of other distributions, and the folders of a project's templates.

A target of this package is a folder beside this module with a module `target` that defines `TARGET`. Another distribution
brings one by an entry point of the group `speccast.targets` that leads to a `Target`. Any other folder in a project's
`templates/` is a target without its own filters or formatter.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Final

from speccast.errors import SpeccastError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from importlib.metadata import EntryPoint

    from speccast.targets.target import Target

GROUP: Final = "speccast.targets"
_HERE: Final = Path(__file__).resolve().parent


def built_in_templates() -> Path:
    """Return the folder of the built-in templates: in the installed package, or in the repository for an editable install."""
    package = _HERE.parent
    installed = package / "templates"
    return installed if installed.is_dir() else package.parent.parent / "templates"


def find_target(name: str, overlay: Path) -> Target:
    """Return the target of a name; `overlay` is the project's folder of templates.

    Raises:
        SpeccastError: the target is unknown, or the distribution that brings it is broken.
    """
    if _is_built_in(name):
        target: Target = import_module(f"speccast.targets.{name}.target").TARGET
        return target
    if name in installed_targets():
        return _load(name)
    template_folders(name, overlay)  # raises for an unknown name
    return _from_folder(name)


def template_folders(name: str, overlay: Path) -> tuple[tuple[str, Path], ...]:
    """Return the folders that have the templates of a target, each with where its files are in the tree: "" for the root.

    Files of a later folder replace those of an earlier one.

    Raises:
        SpeccastError: the target is unknown, or the distribution that brings it is broken.
    """
    folders = [("", built_in_templates() / name), ("", overlay / name)]
    if _is_built_in(name):
        folders = [*_list_copied(name), *folders]
    elif name in installed_targets() and (templates := _load(name).templates) is not None:
        folders.insert(0, ("", templates))
    found = tuple((prefix, folder) for prefix, folder in dict.fromkeys(folders) if folder.is_dir())
    if not found:
        raise SpeccastError(
            f"unknown target {name!r}", hint=f"known targets: {', '.join(target_names(overlay))}"
        )
    return found


def target_names(overlay: Path) -> tuple[str, ...]:
    """Return the names of all targets, sorted."""
    folders = (folder for root in (built_in_templates(), overlay) for folder in _folders(root))
    return tuple(sorted({*folders, *installed_targets()}))


def source_files(name: str) -> tuple[Path, ...]:
    """Return the modules of a target that another distribution brings: an edit of one can change the output."""
    if _is_built_in(name) or name not in installed_targets():
        return ()
    module = import_module(installed_targets()[name].module)
    folders = [Path(folder) for folder in getattr(module, "__path__", ())]
    files = [file for folder in folders for file in folder.rglob("*.py")]
    return tuple(sorted(files or [Path(str(module.__file__))]))


def _list_copied(name: str) -> list[tuple[str, Path]]:
    """Return the subpackages of `speccast` that are in the tree of a target; a separate module, so that nothing else is loaded."""
    if not (_HERE / name / "copied_packages.py").is_file():
        return []
    copied: Mapping[str, str] = import_module(f"speccast.targets.{name}.copied_packages").COPIED
    return [(f"{prefix}/", _HERE.parent / package) for prefix, package in copied.items()]


def _is_built_in(name: str) -> bool:
    return (_HERE / name / "target.py").is_file()


@cache
def _from_folder(name: str) -> Target:
    """Return the target of a folder of templates: always the same object, for which templates are compiled once."""
    from speccast.targets.target import Target

    return Target(name)


@cache
def installed_targets() -> dict[str, EntryPoint]:
    """Return the targets of other distributions, by name."""
    from importlib.metadata import entry_points  # takes longer to import than all else here

    return {found.name: found for found in entry_points(group=GROUP)}


@cache
def _load(name: str) -> Target:
    from speccast.targets.target import Target

    entry_point = installed_targets()[name]
    try:
        target = entry_point.load()
    except Exception as error:  # importing another distribution can fail in any way
        raise SpeccastError(
            f"target {name!r}: cannot load {entry_point.value}: {type(error).__name__}: {error}"
        ) from error
    if not isinstance(target, Target) or target.name != name:
        raise SpeccastError(
            f"target {name!r}: {entry_point.value} must be a speccast.targets.target.Target with the name {name!r}"
        )
    return target


def _folders(root: Path) -> Iterator[str]:
    if root.is_dir():
        yield from (
            folder.name for folder in root.iterdir() if folder.is_dir() and not folder.name.startswith(".")
        )
