"""Where rows come from: a file, standard input, or a program."""

from __future__ import annotations

import csv
import json
import os
import re
import sys
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, NamedTuple, TypeAlias, cast

from .._api import API
from .._runtime.errors import ConfigurationError
from ._cells import Cell

if TYPE_CHECKING:
    from .._runtime.batching import Rows

__all__ = ["STANDARD_INPUT", "Source", "open_source"]

Members: TypeAlias = "Mapping[str, Any] | str"
"""The members of a row, or why it cannot be read."""
Lines: TypeAlias = Iterator[tuple[int, Members]]

STANDARD_INPUT = "-"
_LONGEST_CELL = 64 * 1024 * 1024
_PARQUET_ROWS = 1000
"""Rows of Parquet that are in memory at once."""


class Source(NamedTuple):
    """Rows with the lines that they are on."""

    name: str
    """How messages call it; empty for rows of a program."""
    rows: Lines
    folder: Path | None = None
    """Folder to which paths in the rows are relative; None for rows of a program, whose texts are never paths."""


def open_source(rows: Rows) -> Source:
    """Begin to read rows. Raises ConfigurationError for a file that cannot be read or has no rows."""
    if rows == STANDARD_INPUT:
        name = "standard input"
        return Source(name, _not_empty(_from_stream(sys.stdin.buffer), name), Path())
    if not isinstance(rows, str | os.PathLike):
        return Source("", _given(rows))
    path = Path(rows)
    match path.suffix.lower():
        case ".csv":
            found = _from_file(path, lambda file: _table(file, ","))
        case ".tsv":
            found = _from_file(path, lambda file: _table(file, "\t"))
        case ".parquet":
            found = _parquet(path)
        case _:
            found = _from_file(path, _json_lines)
    return Source(str(path), _not_empty(found, str(path)), path.parent)


def _not_empty(rows: Lines, name: str) -> Lines:
    """The rows. Raises ConfigurationError if there are none: a file without rows is a mistake, unlike an empty list."""
    first = next(rows, None)
    if first is None:
        raise ConfigurationError(f"{name} has no rows")
    yield first
    yield from rows


def _given(rows: Iterable[Mapping[str, Any]]) -> Lines:
    for number, row in enumerate(rows, 1):
        given = cast("object", row)
        yield number, row if isinstance(given, Mapping) else f"a row is a mapping, not {type(given).__name__}"


def _from_file(path: Path, read: Callable[[IO[bytes]], Lines]) -> Lines:
    with _explained(path), path.open("rb") as file:
        yield from read(file)


@contextmanager
def _explained(path: Path) -> Generator[None]:
    try:
        yield
    except OSError as error:
        raise ConfigurationError(f"cannot read {path}: {error.strerror or error}") from None


def _from_stream(stream: IO[bytes]) -> Lines:
    """JSON Lines, or CSV with a header: a line of JSON begins with a brace."""
    first = stream.readline()
    lines = _chain(first, stream)
    if first.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] in (b"{", b""):
        return _json_lines(lines)
    return _table(lines, ",")


def _chain(first: bytes, rest: Iterable[bytes]) -> Iterator[bytes]:
    yield first
    yield from rest


def _json_lines(lines: Iterable[bytes]) -> Lines:
    for number, line in enumerate(lines, 1):
        if text := line.removeprefix(b"\xef\xbb\xbf").strip():
            yield number, _json(text)


def _json(line: bytes) -> Members:
    try:
        value: object = json.loads(line.decode(), parse_constant=_refuse, object_pairs_hook=_members)
    except UnicodeDecodeError:
        return "the line is not UTF-8"
    except RecursionError:
        return "the line is JSON that is nested too deeply"
    except ValueError as error:
        return f"the line is not JSON: {error}"
    if isinstance(value, dict):
        return cast("dict[str, Any]", value)
    return "the line is not a JSON object: a file of JSON Lines has one in each line"


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"duplicate member {twice!r}")
    return members


def _refuse(constant: str) -> object:
    raise ValueError(f"{constant} is not a number in JSON")


def _table(lines: Iterable[bytes], delimiter: str) -> Lines:
    """Rows of a table whose first line names the columns. An empty cell is a parameter that is omitted."""
    csv.field_size_limit(max(csv.field_size_limit(), _LONGEST_CELL))
    reader = csv.reader(_decoded(lines), delimiter=delimiter, strict=True)
    header: list[str] | None = None
    line = 1
    while True:
        try:
            cells = next(reader, None)
        except (csv.Error, UnicodeDecodeError) as error:
            reason = (
                "the line is not UTF-8"
                if isinstance(error, UnicodeDecodeError)
                else f"the line is not CSV: {error}"
            )
            yield max(reader.line_num, line), reason
            if header is None or isinstance(error, UnicodeDecodeError):
                return  # what follows cannot be read
            continue
        if cells is None:
            return
        if header is None:
            header = [name.strip() for name in cells]
            if problem := _header_problem(header, delimiter):
                yield line, problem
                return
        elif any(cells):
            if len(cells) > len(header):
                yield line, f"the line has {len(cells)} cells, and the first line {len(header)}"
            else:
                yield line, {name: Cell(cell) for name, cell in zip(header, cells, strict=False)}
        line = reader.line_num + 1


def _decoded(lines: Iterable[bytes]) -> Iterator[str]:
    for number, line in enumerate(lines):
        yield (line.removeprefix(b"\xef\xbb\xbf") if number == 0 else line).decode()


def _header_problem(header: list[str], delimiter: str) -> str | None:
    if not any(header):
        return "the first line names the columns, and it is empty"
    if len(header) == 1 and (found := re.search(r"[;,\t]", header[0])):
        return f"the columns are separated by {found[0]!r} instead of {delimiter!r}"
    if "" in header:
        return f"column {header.index('') + 1} has no name in the first line"
    twice = next((name for name in header if header.count(name) > 1), None)
    return None if twice is None else f"duplicate column {twice}"


def _parquet(path: Path) -> Lines:
    try:
        arrow, parquet = import_module("pyarrow"), import_module("pyarrow.parquet")
    except ImportError:
        raise ConfigurationError(
            f"to read {path}, install pyarrow: pip install '{API.distribution}[batch]'"
        ) from None
    number = 0
    with _explained(path):
        try:
            with parquet.ParquetFile(path) as file:
                for group in file.iter_batches(_PARQUET_ROWS):
                    for row in group.to_pylist():
                        number += 1
                        yield number, {name: value for name, value in row.items() if value is not None}
        except arrow.ArrowException as error:
            raise ConfigurationError(f"cannot read {path}: {error}") from None
