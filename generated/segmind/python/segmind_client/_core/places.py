"""Where a client finds values in the responses of an API: the places of the placeholders in the answers of a spec."""

from __future__ import annotations

from dataclasses import field, fields
from typing import TYPE_CHECKING, Any, Final, TypeAlias, cast

from .frozen_classes import Frozen
from .omit import OMIT

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = [
    "METRICS",
    "OUTPUTS",
    "PAID",
    "EventPlaces",
    "Path",
    "Paths",
    "Places",
    "find_first",
    "has_content",
    "has_output",
    "in_words",
    "outputs_in_words",
    "read",
    "read_first",
    "text_of",
]

Path: TypeAlias = "tuple[str | int | None, ...]"
"""Where a value is in JSON: names of members, and indexes of items. None is each item of a list."""

Paths: TypeAlias = "tuple[Path, ...]"
"""Where a value may be; the first path that leads to one counts."""

OUTPUTS: Final = ("output", "base64", "text")
"""Placeholders of a model's output: an address or JSON, a file as base64, a text."""

PAID: Final = ("cost", "remaining_credits")
"""Placeholders of what a call cost, and of what is left on the account."""

METRICS: Final = (*PAID, "inference_time", "queue_time", "total_time")
"""Placeholders of cost, credits left and seconds."""


def _paths(**paths: Path) -> Any:
    return field(default_factory=lambda: {name: (path,) for name, path in paths.items()}, hash=False)


class Places(Frozen, kw_only=True):
    """Where each placeholder is, by operation. The defaults are those of an API whose spec has no answers."""

    sync: Mapping[str, Paths] = _paths(media=())
    submit: Mapping[str, Paths] = _paths(id=("request_id",), state=("status",))
    status: Mapping[str, Paths] = _paths(state=("status",))
    result: Mapping[str, Paths] = _paths(state=("status",), output=("output",))
    failed: Mapping[str, Paths] = _paths(state=("status",), message=("error",))
    error: Mapping[str, Paths] = _paths(message=("error",))

    def of(self, name: str) -> Paths:
        """Return where a placeholder is in the response of any operation."""
        operations: list[Mapping[str, Paths]] = [getattr(self, each.name) for each in fields(self)]
        return tuple(dict.fromkeys(path for paths in operations for path in paths.get(name, ())))


class EventPlaces(Frozen, kw_only=True):
    """Where a streamed response of server-sent events has its text, and how it ends."""

    asks: Mapping[str, tuple[Any, ...]] = field(default_factory=dict[str, "tuple[Any, ...]"], hash=False)
    """Parameters that together request events, by wire name, each with the values that do so."""
    event: str = ""
    """Name of the events that have a piece of the text; empty if they have no name."""
    text: Path = ()
    """Where their data has it."""
    last_event: str = ""
    """Name of the event that ends the response."""
    last_data: str | None = None
    """Data of that event, if it has no name. Without both, the response ends with the connection."""
    cost: Paths = ()
    """Where the data of any event can say what the call cost."""
    remaining_credits: Paths = ()
    """Where the data of any event can say what is left on the account."""


def read(path: Path, body: object) -> Any:
    """Return the value at a path, or OMIT. A path with each item of a list leads to a list of the values that there are."""
    for index, step in enumerate(path):
        if step is None:
            if not isinstance(body, list):
                return OMIT
            return _of_items(path[index + 1 :], cast("list[object]", body))
        if isinstance(step, str):
            if not isinstance(body, dict) or step not in body:
                return OMIT
            body = cast("dict[str, object]", body)[step]
        else:
            if not isinstance(body, list) or step >= len(cast("list[object]", body)):
                return OMIT
            body = cast("list[object]", body)[step]
    return body


def _of_items(path: Path, items: list[object]) -> Any:
    """Return the values in the items of a list; OMIT if there are items, but none of them has the value."""
    found = [value for item in items if (value := read(path, item)) is not OMIT]
    if items and not found:
        return OMIT
    if None in path:
        return [value for values in found for value in cast("list[object]", values)]
    return found


def read_first(paths: Iterable[Path], body: object) -> Any:
    """Return the value at the first path that leads to one, or OMIT. Null and empty values count only without another one."""
    path = find_first(paths, body)
    return OMIT if path is None else read(path, body)


def find_first(paths: Iterable[Path], body: object) -> Path | None:
    """Return the path whose value `read_first` returns; None if there is no value."""
    found = None
    for path in paths:
        value = read(path, body)
        if has_content(value):
            return path
        if found is None and value is not OMIT:
            found = path
    return found


def has_content(value: object) -> bool:
    """Return whether a value is more than OMIT, null, an empty text, object or list, or a list of such values."""
    if isinstance(value, list):
        return any(map(has_content, cast("list[object]", value)))
    return value is not OMIT and value not in (None, "", {})


def outputs_in_words(places: Mapping[str, Paths]) -> str:
    """Return where the responses of an operation have outputs: `image or data[].url`; empty if they have none."""
    return " or ".join(in_words(path) for name in OUTPUTS for path in places.get(name, ()))


def has_output(places: Mapping[str, Paths], body: object) -> bool:
    """Return whether an output is where the responses of an operation have one."""
    found = {name: read_first(places.get(name, ()), body) for name in OUTPUTS}
    is_text = found.pop("text") is not OMIT
    return is_text or any(map(has_content, found.values()))


def text_of(value: object) -> str:
    """Return a text, or the texts of a list, one after the other."""
    if isinstance(value, list):
        return "\n".join(text for item in cast("list[object]", value) if (text := text_of(item)))
    return "" if value is None else str(value)


def in_words(path: Path) -> str:
    """Return a path as people write it: `data[].url`."""
    if not path:
        return "the whole body"
    steps = (f".{step}" if isinstance(step, str) else f"[{'' if step is None else step}]" for step in path)
    return "".join(steps).removeprefix(".")
