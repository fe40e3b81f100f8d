"""Where rows come from: a file, standard input, or a program."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import sys
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from contextlib import contextmanager
from decimal import Decimal
from importlib import import_module
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, NamedTuple, TypeAlias, cast

from .._api import API
from .._runtime.errors import ConfigurationError
from ._cells import Cell

if TYPE_CHECKING:
    from .._runtime.batching import Rows

__all__ = ["STANDARD_INPUT", "Source", "is_unicode", "open_source"]

Members: TypeAlias = "Mapping[str, Any] | str"
"""The members of a row, or why it cannot be read."""
Lines: TypeAlias = Iterator[tuple[int, Members]]

STANDARD_INPUT = "-"
_NOT_UTF_8 = "the line is not UTF-8: save the file as UTF-8"
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
        return Source(name, _check_not_empty(_read_stream(sys.stdin.buffer, name), name), Path())
    if not isinstance(rows, str | os.PathLike):
        given = cast("object", rows)
        kind = type(given).__name__
        if isinstance(given, Mapping | bytes) or not isinstance(given, Iterable):
            raise ConfigurationError(f"rows must be a path or an iterable of mappings, not {kind}")
        return Source("", _read_mappings(rows))
    path = Path(rows)
    match path.suffix.lower():
        case ".csv":
            found = _read_file(path, lambda file: _read_table(file, ","))
        case ".tsv":
            found = _read_file(path, lambda file: _read_table(file, "\t"))
        case ".parquet":
            found = _read_parquet(path)
        case _:
            found = _read_file(path, lambda file: _read_json_lines(file, str(path)))
    return Source(str(path), _check_not_empty(found, str(path)), path.parent)


def _check_not_empty(rows: Lines, name: str) -> Lines:
    """Yield the rows. Raises ConfigurationError if there are none. (An empty list is valid, an empty file is not.)"""
    first = next(rows, None)
    if first is None:
        raise ConfigurationError(f"{name} has no rows")
    yield first
    yield from rows


def _read_mappings(rows: Iterable[Mapping[str, Any]]) -> Lines:
    for number, row in enumerate(rows, 1):
        given = cast("object", row)
        if not isinstance(given, Mapping):
            yield number, f"a row is a mapping, not {type(given).__name__}"
            continue
        other = next(
            (name for name in cast("Mapping[object, Any]", given) if not isinstance(name, str)), None
        )
        yield number, row if other is None else f"the names in a row are texts, not {other!r}"


def _read_file(path: Path, read: Callable[[IO[bytes]], Lines]) -> Lines:
    with _explain_errors(path), path.open("rb") as file:
        yield from read(file)


@contextmanager
def _explain_errors(path: Path) -> Generator[None]:
    try:
        yield
    except OSError as error:
        raise ConfigurationError(f"cannot read {path}: {error.strerror or error}") from None


def _read_stream(stream: IO[bytes], name: str) -> Lines:
    """Read JSON Lines, or CSV with a header. A line of JSON begins with a brace."""
    first = stream.readline()
    lines = _chain(first, stream)
    if first.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] in (b"{", b"[", b""):
        return _read_json_lines(lines, name)
    return _read_table(lines, ",")


def _chain(first: bytes, rest: Iterable[bytes]) -> Iterator[bytes]:
    yield first
    yield from rest


def _read_json_lines(lines: Iterable[bytes], name: str) -> Lines:
    is_first = True
    for number, line in enumerate(lines, 1):
        if text := line.removeprefix(b"\xef\xbb\xbf").strip():
            if is_first and not text.startswith(b"{"):
                raise ConfigurationError(
                    f"{name} is not JSON Lines in UTF-8, with an object in each line. Tables are named .csv, .tsv or"
                    " .parquet"
                )
            is_first = False
            yield number, _parse_json(text)


def _parse_json(line: bytes) -> Members:
    try:
        value: object = json.loads(line.decode(), parse_constant=_refuse, object_pairs_hook=_make_object)
    except UnicodeDecodeError:
        return _NOT_UTF_8
    except RecursionError:
        return "the line is JSON that is nested too deeply"
    except json.JSONDecodeError as error:
        is_cut = error.pos >= len(error.doc)
        return f"the line is not JSON: {error.msg} at column {error.colno}" + (
            ", where the line ends: an object must be in one line" * is_cut
        )
    except ValueError as error:
        has_digits = "int_max_str_digits" in str(error)
        return f"the line is not JSON: {'an integer has too many digits' if has_digits else error}"
    if isinstance(value, dict):
        return cast("dict[str, Any]", value)
    return "the line is not a JSON object: a file of JSON Lines has one in each line"


def _make_object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"duplicate member {twice!r}")
    return members


def _refuse(constant: str) -> object:
    raise ValueError(f"{constant} is not a number in JSON")


def _read_table(lines: Iterable[bytes], delimiter: str) -> Lines:
    """Yield the rows of a table whose first line names the columns. A parameter with an empty cell is omitted."""
    csv.field_size_limit(max(csv.field_size_limit(), _LONGEST_CELL))
    reader = csv.reader(_decode(lines), delimiter=delimiter, strict=True)
    header: list[str] | None = None
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader, None)
        except csv.Error as error:
            yield line, f"the line is not CSV: {_describe_csv_error(error)}"
            if header is None:
                return  # what follows cannot be read
            continue
        if cells is None:
            return
        if not is_unicode("".join(cells)):
            yield line, _NOT_UTF_8
            if header is None:
                return
        elif header is None:
            header = [name.strip() for name in cells]
            if problem := _find_header_problem(header, delimiter):
                yield line, problem
                return
        elif any(cells):
            if len(cells) > len(header):
                yield line, f"the line has {len(cells)} cells, and the first line {len(header)}"
            else:
                yield line, {name: Cell(cell) for name, cell in zip(header, cells, strict=False)}


def _describe_csv_error(error: csv.Error) -> str:
    return "a quote that begins here is not closed" if "unexpected end of data" in str(error) else str(error)


def _decode(lines: Iterable[bytes]) -> Iterator[str]:
    """Yield lines of text. Bytes that are not UTF-8 become lone surrogates. A carriage return also ends a line."""
    for number, line in enumerate(lines):
        text = (line.removeprefix(b"\xef\xbb\xbf") if number == 0 else line).decode(errors="surrogateescape")
        if "\r" in text[:-2]:
            yield from io.StringIO(text, newline="")
        else:
            yield text


def is_unicode(text: str) -> bool:
    """Return whether a text has no lone surrogates, which cannot be sent."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _find_header_problem(header: list[str], delimiter: str) -> str | None:
    if not any(header):
        return "the first line names the columns, and it is empty"
    if len(header) == 1 and (found := re.search(r"[;,\t]", header[0])):
        return f"the columns are separated by {found[0]!r} instead of {delimiter!r}"
    if "" in header:
        return f"column {header.index('') + 1} has no name in the first line"
    return _find_duplicate(header)


def _find_duplicate(columns: list[str]) -> str | None:
    twice = next((name for name in columns if columns.count(name) > 1), None)
    return None if twice is None else f"duplicate column {twice}"


def _read_parquet(path: Path) -> Lines:
    try:
        arrow, parquet = import_module("pyarrow"), import_module("pyarrow.parquet")
    except ImportError:
        raise ConfigurationError(
            f"to read {path}, install pyarrow: pip install '{API.distribution}[batch]'"
        ) from None
    number = 0
    with _explain_errors(path):
        try:
            with parquet.ParquetFile(path) as file:
                if problem := _find_duplicate(file.schema_arrow.names):
                    raise ConfigurationError(f"cannot read {path}: {problem}")
                for group in file.iter_batches(_PARQUET_ROWS):
                    for row in group.to_pylist():
                        number += 1
                        yield (
                            number,
                            {name: _convert(value) for name, value in row.items() if value is not None},
                        )
        except arrow.ArrowException as error:
            raise ConfigurationError(f"cannot read {path}: {error}") from None


def _convert(value: object) -> object:
    """Return the value of a cell as JSON has it. Databases export numbers as decimals."""
    if not isinstance(value, Decimal):
        return value
    return int(value) if value == value.to_integral_value() else float(value)
