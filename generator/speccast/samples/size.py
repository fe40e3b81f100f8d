"""The size of sample values. A limit in a spec can be billions, so a long value is an expression until it is sent."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from speccast.samples.media import MediaSample

if TYPE_CHECKING:
    from collections.abc import Callable

MAX_SIZE: Final = 1024 * 1024
"""Size of the largest value that a test sends; see `size`."""
_OF_A_VALUE: Final = 16
_SHORT: Final = 1000
"""Size of the largest value that is written out."""
_SHOWN: Final = 60
"""Characters or items of a long value that people see."""


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


def expand(value: Any, make: Callable[[MediaSample], Any] = MediaSample.upload) -> Any:
    """Return a value with every expression in it written out; content by `make`."""
    match value:
        case list():
            return [expand(item, make) for item in value]
        case dict():
            return {name: expand(member, make) for name, member in value.items()}
        case MediaSample():
            return make(value)
        case Repeated():
            return _write_out(value)
    return value


def sketch(value: Any, make: Callable[[MediaSample], Any]) -> Any:
    """Return a value for people: long texts and arrays are cut and followed by their length."""
    match value:
        case list():
            return [sketch(item, make) for item in value]
        case dict():
            return {name: sketch(member, make) for name, member in value.items()}
        case MediaSample():
            return _shorten(make(value))
        case Repeated():
            if size(value) > _SHORT:
                length = len(value.before) + len(value.part) * value.count + len(value.after)
                start = value.before[:_SHOWN] or value.part[:_SHOWN]
                more = f"… ({length} {'characters' if isinstance(start, str) else 'items'})"
                return start + (more if isinstance(start, str) else [more])
            return _write_out(value)
    return _shorten(value)


def _shorten(value: Any) -> Any:
    is_long = isinstance(value, str) and len(value) > _SHORT
    return f"{value[:_SHOWN]}… ({len(value)} characters)" if is_long else value


def describe_media(media: MediaSample) -> dict[str, Any] | str:
    """Return content as JSON has it: the text that is sent, or a file as the schema of a model's parameters describes it."""
    if media.sent != "file":
        return media.text()
    file = media.upload()
    return {"filename": file.name, "media_type": file.media_type, "size": file.size}


def _write_out(value: Repeated) -> Any:
    return value.before + value.part * value.count + value.after
