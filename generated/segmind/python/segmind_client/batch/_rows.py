"""Rows: read from a file or a program, and checked as calls are, before anything is sent."""

from __future__ import annotations

import json
import os
import re
import warnings
from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from hashlib import sha256
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, cast

from .._runtime.errors import ConfigurationError, ParameterError, ParameterWarning
from .._runtime.log import logger
from .._runtime.prices import price_of_a_request
from .._runtime.wording import suggestion
from ._cells import Cell, Reader
from ._sources import Source, is_unicode, open_source
from .errors import RowViolation

if TYPE_CHECKING:
    from .._runtime.batching import Rows
    from .._runtime.calls import Call
    from .._runtime.errors import Violation
    from .._runtime.index import ModelEntry
    from .._runtime.settings import Settings

__all__ = ["KEY", "MODEL", "CheckedRow", "Row", "Surfaces", "check_row", "parameters_of", "read_rows"]

KEY, MODEL = "key", "model"
"""Members of a row that are not parameters."""
FILE = "$file"
"""Member of the object that represents a path in the journal."""


class Row(NamedTuple):
    """A row as it was read."""

    source: str
    line: int
    key: str
    model: str
    parameters: dict[str, Any]
    own: Mapping[str, Any]
    """Members of the row itself; other parameters come from the defaults."""


class CheckedRow(NamedTuple):
    """A valid row."""

    parameters: str
    """As JSON, to build the call again."""
    digest: bytes
    """The same for rows that are the same request."""


class Surfaces:
    """The part of the client that a batch uses: it builds the call of a row."""

    def __init__(self, client: Any, surface: Literal["sync", "async"] | None) -> None:
        self._client = client
        self.settings: Settings = client._settings
        self._surface = surface
        self._entries: dict[str, ModelEntry] = {entry.slug: entry for entry in client.models.values()}
        self._names: dict[str, str] = {
            name: entry.slug
            for attribute, entry in client.models.items()
            for name in (attribute, entry.command, entry.slug)
        }
        self._jobs: dict[str, bool] = {}
        self._readers: dict[str, Reader] = {}

    def slug(self, name: str) -> str:
        """Return the slug of a model, given its slug, command or Python name. Unknown names are returned unchanged."""
        return self._names.get(name, name)

    def price(self, model: str) -> float | None:
        """Return the cost of a call of the model by its spec; None if it is unknown."""
        entry = self._entries.get(model)
        return price_of_a_request(entry.price) if entry is not None else None

    def is_job(self, model: str) -> bool:
        """Return whether rows of a model are jobs. A model without a spec may have both surfaces.

        Raises ConfigurationError for a model that does not have the surface of the batch.
        """
        if model not in self._jobs:
            entry = self._entries.get(model)
            api = self.settings.api
            surfaces = entry.surfaces if entry is not None else ("async",) if api.sync is None else ("sync",)
            if entry is not None and self._surface is not None and self._surface not in surfaces:
                has = "jobs" if self._surface == "async" else "blocking calls"
                raise ConfigurationError(f"{model} has no {has} (surface={self._surface})")
            self._jobs[model] = (self._surface or ("async" if "async" in surfaces else "sync")) == "async"
        return self._jobs[model]

    def reader(self, model: str) -> Reader:
        """Return the reader for the rows of a model. Without a spec, all values are texts."""
        if model not in self._readers:
            if model not in self._entries:
                end = suggestion(model, self._names) or "."
                logger.warning(
                    "This package does not know the model %r%s Its parameters are not checked.", model, end
                )
            known = model in self._entries
            self._readers[model] = Reader(self._client._find(model).parameters if known else ())
        return self._readers[model]

    def call(self, model: str, parameters: Mapping[str, Any], *, is_job: bool | None = None) -> Call:
        """Build the call of a row. Raises ParameterError and ConfigurationError."""
        call: Call = self._client._build_call(
            model, parameters, job=self.is_job(model) if is_job is None else is_job
        )
        return call


def read_rows(
    rows: Rows | Source, model: str | None, defaults: Mapping[str, Any], surfaces: Surfaces
) -> Iterator[Row | RowViolation]:
    """Read rows, and add the default values."""
    source = rows if isinstance(rows, Source) else open_source(rows)
    for line, members in source.rows:
        if isinstance(members, str):
            yield RowViolation(source.name, line, members)
            continue
        own = {name: value for name, value in members.items() if not _is_empty(value)}
        values = {**defaults, **own}
        key, slug = values.pop(KEY, line), values.pop(MODEL, model)
        if not isinstance(key, str | int) or isinstance(key, bool) or key == "":
            yield RowViolation(source.name, line, f"{KEY} must be a text or an integer, not {key!r}")
        elif not is_unicode(f"{key}{slug}"):
            yield RowViolation(source.name, line, f"{KEY} and {MODEL} must be Unicode: {key!r}")
        elif not isinstance(slug, str) or not slug:
            message = f"{MODEL} is missing: name one in the row, or one for all rows ({MODEL}=, --{MODEL})"
            yield RowViolation(source.name, line, message)
        else:
            slug = surfaces.slug(slug)
            reader = surfaces.reader(slug)
            parameters = reader.read({name: values[name] for name in values if name in own}, source.folder)
            if len(parameters) < len(values):
                # Paths in defaults are relative to the working folder, not to the folder of the rows.
                parameters |= reader.read({name: values[name] for name in values if name not in own}, None)
            yield Row(source.name, line, str(key), slug, parameters, own)


def _is_empty(value: object) -> bool:
    return isinstance(value, Cell) and not value


def check_row(row: Row, surfaces: Surfaces) -> CheckedRow | list[RowViolation]:
    """Check a row as its call would be. Return the checked row, or its violations."""
    try:
        files: list[object] = []
        parameters = json.dumps(
            row.parameters, default=partial(_encode_file, files), ensure_ascii=False, separators=(",", ":")
        )
        if not is_unicode(parameters):
            raise ValueError("a text has a half of a surrogate pair, which cannot be sent")
        # Security: a row must not name a file where a file was not meant.
        if parameters.count(f'"{FILE}":') != len(files):
            raise ValueError(f"{FILE} cannot be the name of a member")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ParameterWarning)
            call = surfaces.call(row.model, row.parameters)
        return CheckedRow(parameters, _digest(row, call))
    except ParameterError as error:
        return _locate(row, error, surfaces.reader(row.model))
    except ConfigurationError as error:
        return [RowViolation(row.source, row.line, str(error))]
    except TypeError as error:
        return [RowViolation(row.source, row.line, f"{_find_not_json(row.parameters)}{error}")]
    except (OSError, RecursionError, ValueError) as error:
        return [RowViolation(row.source, row.line, str(error))]


def _find_not_json(parameters: Mapping[str, Any]) -> str:
    """Return the name of the parameter that is not JSON serializable, with a colon; else an empty text."""
    for name, value in parameters.items():
        try:
            json.dumps(value, default=partial(_encode_file, []))
        except TypeError:
            return f"{name}: "
    return ""


def _locate(row: Row, error: ParameterError, reader: Reader) -> list[RowViolation]:
    """Return the violations of a row. Violations of default values have no line."""
    own = reader.python_names(row.own)
    common = reader.python_names(row.parameters) - own
    return [
        RowViolation("", 0, text) if name in common else RowViolation(row.source, row.line, text)
        for name, text in (_describe(each, reader) for each in error.violations)
    ]


def _describe(violation: Violation, reader: Reader) -> tuple[str, str]:
    """Return the name of the parameter, and what is wrong. The value of an unknown parameter is omitted."""
    name = re.split(r"[.\[]", violation.parameter)[0]
    is_known = name in reader or name != violation.parameter
    return name, str(violation) if is_known else f"{name}: {violation.message}"


def parameters_of(text: str) -> dict[str, Any]:
    """Return the parameters of a row in the journal."""
    value: dict[str, Any] = json.loads(text, object_hook=_decode_file if FILE in text else None)
    return value


def _encode_file(files: list[object], value: object) -> object:
    if isinstance(value, PathLike):
        path = cast("PathLike[str]", value)
        files.append(path)
        return {FILE: os.fspath(path)}
    raise TypeError(f"must be JSON, or the path of a file (got {type(value).__name__})")


def _decode_file(value: dict[str, Any]) -> object:
    return Path(value[FILE]) if value.keys() == {FILE} else value


def _digest(row: Row, call: Call) -> bytes:
    """Return a digest of the request.

    Files are identified by path, size and modification time, because reading all of them would take too long.
    """

    def identity(value: object) -> object:
        if isinstance(value, PathLike):
            path = Path(os.fspath(cast("PathLike[str]", value)))
            facts = path.stat()
            return [FILE, str(path), facts.st_size, facts.st_mtime_ns]
        raise TypeError(type(value).__name__)

    has_files = any(not _is_plain(value) for value in call.parameters.values())
    values: Iterable[Any] = row.parameters if has_files else call.parameters
    text = json.dumps([row.model, values], default=identity, sort_keys=True, separators=(",", ":"))
    return sha256(text.encode()).digest()[:16]


def _is_plain(value: object) -> bool:
    if isinstance(value, dict):
        return all(map(_is_plain, cast("dict[str, object]", value).values()))
    if isinstance(value, list | tuple):
        return all(map(_is_plain, cast("Iterable[object]", value)))
    return value is None or isinstance(value, str | int | float)
