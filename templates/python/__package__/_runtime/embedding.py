"""Saves a file together with the record of its request: inside the file, or in a JSON file beside it."""

from __future__ import annotations

from dataclasses import replace
from hashlib import sha256
from typing import TYPE_CHECKING

from .containers import with_text
from .files import PartFile
from .record import SIDECAR, to_text

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from .files import Destination
    from .record import Record

__all__ = ["commit_with_record"]

_CHUNK = 1024 * 1024


def commit_with_record(part: PartFile, place: Destination, names: Iterator[Path], record: Record) -> Path:
    """Name the file, with the record in it or beside it. Raises OutputError."""
    pieces = with_text(part.read_at, part.size, to_text(record))
    with PartFile(place, None) as other:
        if pieces is not None:
            for piece in pieces:
                for chunk in [piece] if isinstance(piece, bytes) else _chunks(part, *piece):
                    other.write(chunk)
            return other.commit(names)
        digest = sha256()
        for chunk in _chunks(part, 0, part.size):
            digest.update(chunk)
        other.write(to_text(replace(record, sha256=digest.hexdigest())).encode())
        path = part.commit(names if place.overwrite else _without_sidecar(names))
        other.commit(iter([_sidecar(path)]))
        return path


def _chunks(part: PartFile, offset: int, end: int) -> Iterator[bytes]:
    while offset < end and (chunk := part.read_at(offset, min(_CHUNK, end - offset))):
        offset += len(chunk)
        yield chunk


def _without_sidecar(names: Iterator[Path]) -> Iterator[Path]:
    """Return the names beside which there is no JSON file yet."""
    return (path for path in names if not _sidecar(path).exists())


def _sidecar(path: Path) -> Path:
    return path.with_name(path.name + SIDECAR)
