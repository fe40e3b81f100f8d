"""Files at URLs that fsspec supports: inputs that rows name, and outputs."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from importlib import import_module
from os import PathLike
from pathlib import Path
from typing import Any, cast

from .._api import API
from .._runtime.errors import ConfigurationError
from .._runtime.log import PACKAGE
from ._rows import MODEL, Surfaces

__all__ = ["Inputs", "Uploads", "install_hint", "is_url"]

_STAGED = ".inputs"
"""Folder of a shard for copies of inputs."""
_SIDECAR = ".json"


def is_url(place: str | PathLike[str]) -> bool:
    """Return whether a place is a URL, such as `s3://bucket/folder`."""
    return "://" in os.fspath(place)


def install_hint(extra: str, package: str) -> str:
    """Return the command that installs a package. A vendored copy has another name, and no extras."""
    return f"pip install '{f'{API.distribution}[{extra}]' if API.package == PACKAGE else package}'"


class Inputs:
    """Finds the files that rows name. Security: a row names no file outside of the folder that was chosen."""

    def __init__(
        self, client: Any, place: str | PathLike[str] | None, folder: Path, model: str | None
    ) -> None:
        """`place` is the folder or URL of the files; without one, a text in a row is never a file."""
        self._model, self._surfaces = model, Surfaces(client, None)
        self._place = None if place is None else os.fspath(place).rstrip("/")
        self._remote = _open(self._place) if self._place is not None and is_url(self._place) else None
        local = folder / _STAGED if self._remote is not None else Path(self._place or "/")
        self._folder = local.absolute()

    def resolve(self, row: Mapping[str, Any]) -> Mapping[str, Any] | str:
        """Return the row with local paths of its files, or a message why a file cannot be read."""
        slug = row.get(MODEL) or self._model
        if self._place is None or not isinstance(slug, str):
            return row
        reader = self._surfaces.reader(slug)
        read = reader.read({name: self._make_relative(value) for name, value in row.items()}, self._folder)
        named = {
            name: value for name, value in read.items() if any(_paths(value)) and not any(_paths(row[name]))
        }
        for path in _paths(named):
            relative = os.path.relpath(path, self._folder)
            if Path(relative).parts[:1] == (os.pardir,):
                return f"{path} is not below {self._place}"
            try:
                self._fetch(path, Path(relative).as_posix())
            except Exception as error:  # each file system of fsspec has its own errors
                return f"cannot read {self._place}/{relative}: {error or type(error).__name__}"
        return {**row, **named}

    def _make_relative(self, value: object) -> object:
        if isinstance(value, list):
            return [self._make_relative(each) for each in cast("list[object]", value)]
        return value.removeprefix(f"{self._place}/") if isinstance(value, str) else value

    def _fetch(self, path: Path, relative: str) -> None:
        """Copy a file once. It is kept until the folder is removed, so that a continued batch sends the same content."""
        if self._remote is None or path.exists():
            return
        system, root = self._remote
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_name(f".{path.name}.part")
        system.get_file(f"{root}/{relative}", str(part))
        os.utime(part, (0, 0))  # the time identifies the content: it is the same for each copy
        part.replace(path)


class Uploads:
    """Moves outputs to a URL. An empty file remains, so that no other output gets the name."""

    def __init__(self, folder: Path, url: str | None) -> None:
        """`url` is that of the folder; without one, outputs stay where they are."""
        self._folder, self._url = folder, url
        self._remote = _open(url) if url is not None else None

    def move(self, path: Path) -> str:
        """Move a file and the record beside it, unless that was done before. Return where the file is."""
        if self._remote is None:
            return str(path)
        for each in (path, path.with_name(path.name + _SIDECAR)):
            if each.exists() and each.stat().st_size:
                self._put(each, *self._remote)
                os.truncate(each, 0)
        return f"{self._url}/{path.relative_to(self._folder).as_posix()}"

    def _put(self, path: Path, system: Any, root: str) -> None:
        target = f"{root}/{path.relative_to(self._folder).as_posix()}"
        try:
            system.put_file(str(path), target)
        except FileNotFoundError:
            if not path.exists():
                raise
            system.makedirs(target.rpartition("/")[0], exist_ok=True)
            system.put_file(str(path), target)


def _open(url: str) -> tuple[Any, str]:
    """Return the file system of a URL, and the path in it."""
    try:
        core = import_module("fsspec.core")
    except ImportError:
        raise ConfigurationError(f"to use {url}, install fsspec: {install_hint('ray', 'fsspec')}") from None
    try:
        system, root = core.url_to_fs(url)
    except (ImportError, ValueError) as error:
        raise ConfigurationError(f"cannot use {url}: {error}") from None
    return system, str(root).rstrip("/")


def _paths(value: object) -> Iterator[Path]:
    if isinstance(value, Path):
        yield value
    elif isinstance(value, Mapping):
        for each in cast("Mapping[str, object]", value).values():
            yield from _paths(each)
    elif isinstance(value, list):
        for each in cast("list[object]", value):
            yield from _paths(each)
