"""The texts of a document with their pointers, which several rules search."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from speccast.core.check import Pointer
    from speccast.specs.document import Document, Value


def texts_of(document: Document) -> tuple[tuple[Pointer, str], ...]:
    """Return all texts of a document in the order of the file, except keys."""
    return tuple(_texts(document.value, ()))


def _texts(value: Value, pointer: Pointer) -> Iterator[tuple[Pointer, str]]:
    if isinstance(value, str):
        yield pointer, value
    elif isinstance(value, dict | list):
        for step, part in value.items() if isinstance(value, dict) else enumerate(value):
            yield from _texts(part, (*pointer, step))
