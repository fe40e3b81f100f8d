"""The size of sample values. A limit in a spec can be billions, so a long value is an expression until it is sent."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from speccast.core.uploads import Upload

if TYPE_CHECKING:
    from collections.abc import Callable

MAX_SIZE: Final = 1024 * 1024
"""Size of the largest value that a test sends; see `size`."""
_OF_A_VALUE: Final = 16
_SHORT: Final = 1000
"""Size of the largest value that is written out."""


@dataclass(frozen=True, slots=True)
class Repeated:
    """A long text or array: `before`, then `count` times `part`, then `after`. All are texts, or all are arrays."""

    part: Any
    count: int
    before: Any
    after: Any


def repeat(part: Any, count: int, before: Any, after: Any) -> Any:
    """Return a text or array, as an expression if it is long."""
    value = Repeated(part, count, before, after)
    return _write_out(value) if size(value) <= _SHORT else value


def size(value: Any) -> int:
    """Return the number of characters in a value, and 16 for each value in it, which is about the time that it takes to check."""
    match value:
        case str():
            return _OF_A_VALUE + len(value)
        case list():
            return _OF_A_VALUE + sum(map(size, value))
        case dict():
            return _OF_A_VALUE + sum(len(name) + size(member) for name, member in value.items())
        case Repeated(part=str()):
            return size(value.before) + len(value.part) * value.count + len(value.after)
        case Repeated():
            return size(value.before) + sum(map(size, value.part)) * value.count + size(value.after)
    return _OF_A_VALUE


def expand(value: Any, make_file: Callable[[Upload], Any] | None = None) -> Any:
    """Return a value with every expression in it written out; files by `make_file`, or left as they are without it."""
    match value:
        case list():
            return [expand(item, make_file) for item in value]
        case dict():
            return {name: expand(member, make_file) for name, member in value.items()}
        case Upload() if make_file is not None:
            return make_file(value)
        case Repeated():
            return _write_out(value)
    return value


def describe_file(file: Upload) -> dict[str, Any]:
    """Return a file as the schema of a model's parameters describes it."""
    return {"filename": file.name, "media_type": file.media_type, "size": file.size}


def _write_out(value: Repeated) -> Any:
    return value.before + value.part * value.count + value.after
