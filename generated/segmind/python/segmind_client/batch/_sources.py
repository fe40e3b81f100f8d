"""Where rows come from: a file, or a program."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias, cast

from .._runtime.errors import ConfigurationError

if TYPE_CHECKING:
    from .._runtime.batching import Rows

__all__ = ["Source", "open_source"]

Members: TypeAlias = "Mapping[str, Any] | str"
"""The members of a row, or why it cannot be read."""


class Source(NamedTuple):
    """Rows with the lines that they are on."""

    name: str
    """How messages call it; empty for rows of a program."""
    rows: Iterator[tuple[int, Members]]
    path: Path | None = None
    """The file, if there is one that can be read again."""


def open_source(rows: Rows) -> Source:
    """Begin to read rows. Raises ConfigurationError for a file that cannot be read."""
    if isinstance(rows, str | os.PathLike):
        path = Path(rows)
        return Source(str(path), _json_lines(path), path)
    return Source("", _given(rows))


def _given(rows: Iterable[Mapping[str, Any]]) -> Iterator[tuple[int, Members]]:
    for number, row in enumerate(rows, 1):
        given = cast("object", row)
        yield number, row if isinstance(given, Mapping) else f"a row is a mapping, not {type(given).__name__}"


def _json_lines(path: Path) -> Iterator[tuple[int, Members]]:
    try:
        with path.open("rb") as file:
            for number, line in enumerate(file, 1):
                if text := line.strip():
                    yield number, _json(text)
    except OSError as error:
        raise ConfigurationError(f"cannot read {path}: {error.strerror or error}") from None


def _json(line: bytes) -> Members:
    try:
        value: object = json.loads(line.decode("utf-8-sig"), parse_constant=_refuse)
    except UnicodeDecodeError:
        return "the line is not UTF-8"
    except (ValueError, RecursionError) as error:
        return f"the line is not JSON: {error}"
    return cast("dict[str, Any]", value) if isinstance(value, dict) else "the line is not a JSON object"


def _refuse(constant: str) -> object:
    raise ValueError(f"{constant} is not a number of JSON")
