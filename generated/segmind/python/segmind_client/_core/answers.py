"""What an API answers, as its documentation shows it: samples with placeholders such as `{id}`.

A server fills in a sample. A client reads what is where the placeholders are (`places`), which is found when the API is
built. Items of a list that contain an output are repeated, one for each output. Generated clients import this module for uploads only.
"""

from __future__ import annotations

import re
from dataclasses import field, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias, cast, get_args

from .frozen_classes import Frozen
from .omit import OMIT, Omit
from .places import METRICS, OUTPUTS, PAID, EventPlaces, Path, Paths, Places
from .values import is_equal

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

    from .parameter import Json

__all__ = [
    "JOB_PLACEHOLDERS",
    "OPERATIONS",
    "OUTPUTS",
    "PLACEHOLDERS",
    "Answer",
    "Answers",
    "Conditions",
    "Event",
    "Operation",
    "TemplatePart",
    "choose",
    "find_paths",
    "is_placeholder",
    "is_repeated",
    "parse_text",
    "placeholders_in",
]

Operation: TypeAlias = Literal["sync", "submit", "status", "result", "cancel", "failed", "error"]
"""A request of a client, the answer about a job that failed, or the answer to a refused request."""

OPERATIONS: Final[tuple[Operation, ...]] = get_args(Operation)

JOB_PLACEHOLDERS: Final = ("id", "state", "status_url", "result_url", "cancel_url")

PLACEHOLDERS: Final = (
    *JOB_PLACEHOLDERS,
    *OUTPUTS,
    *METRICS,
    "message",
    "seed",
    "slug",
    "media_type",
    "now",
    "unix",
    "parameter",
    "status",
    "title",
)

Conditions: TypeAlias = "tuple[tuple[str, tuple[Json, ...]], ...]"
"""Names and their possible values; all conditions must hold."""

_PART = re.compile(r"\{\{|\}\}|\{[a-z][a-z0-9_]*\}")


class Event(Frozen):
    """One server-sent event of an answer."""

    data: Json = field(hash=False)
    """Text that is sent as it is, or other JSON; with placeholders."""
    event: str = ""
    """Its name; empty if it has none."""

    @property
    def has_text(self) -> bool:
        """Whether the event has a piece of the text, so that it occurs once for each piece."""
        return "text" in find_paths(self.data)


class Answer(Frozen):
    """One answer. Without a body, a media type and events it is empty."""

    body: Json | Omit = field(default=OMIT, hash=False)
    """JSON with placeholders."""
    status: int | None = None
    """HTTP status. By default that of the job's state, else 200."""
    headers: Mapping[str, str] = field(default_factory=dict[str, str], hash=False)
    media: str | None = None
    """Media type or range of an answer that is the bytes of the output."""
    events: tuple[Event, ...] = ()
    """The server-sent events of a streamed response, in their order."""
    when: Conditions = ()
    """Values of parameters for which the API answers so, by wire name; also of placeholders, such as `{state}`."""


def _about_jobs(**members: Json) -> tuple[Answer, ...]:
    return (Answer({"request_id": "{id}", "status": "{state}", **members}),)


class Answers(Frozen, kw_only=True):
    """The answers of each operation, in the order in which their conditions are tried."""

    sync: tuple[Answer, ...] = (Answer(media="*/*"),)
    submit: tuple[Answer, ...] = _about_jobs(status_url="{status_url}", response_url="{result_url}")
    status: tuple[Answer, ...] = _about_jobs()
    result: tuple[Answer, ...] = _about_jobs(output="{output}")
    cancel: tuple[Answer, ...] = _about_jobs()
    failed: tuple[Answer, ...] = _about_jobs(error="{message}")
    error: tuple[Answer, ...] = (Answer({"error": "{message}"}),)

    def replace(self, other: Mapping[Operation, tuple[Answer, ...]]) -> Answers:
        """Return these answers with those of some operations replaced."""
        return replace(self, **cast("dict[str, Any]", other))

    def for_parameters(self, values: Mapping[str, object]) -> Answers:
        """Return the answers to a request with these parameters, by wire name. Conditions on placeholders remain."""
        return Answers(**{name: _for_parameters(getattr(self, name), values) for name in OPERATIONS})

    def paths(self, operation: Operation) -> dict[str, Paths]:
        """Return where each placeholder is in the answers of an operation: one place in each answer that has it.

        `media` is the whole body of an answer that is the bytes of an output.
        """
        answers: tuple[Answer, ...] = getattr(self, operation)
        of_answers = [find_paths(answer.body) for answer in answers]
        if any(answer.media for answer in answers):
            of_answers.append({"media": ((),)})
        names = {name for paths in of_answers for name in paths}
        return {
            name: tuple(dict.fromkeys(paths[name][0] for paths in of_answers if name in paths))
            for name in (*PLACEHOLDERS, "media")
            if name in names
        }

    def event_places(self, accepts: Callable[[str, Json], bool]) -> EventPlaces | None:
        """Return where the first answer of events has its text, if a model can be asked for it.

        `accepts` returns whether the model has a parameter, by wire name, that accepts a value.
        """
        for answer in self.sync:
            asks = {
                name: tuple(value for value in values if accepts(name, value)) for name, values in answer.when
            }
            if answer.events and asks and all(asks.values()):
                return _event_places(answer.events, asks)
        return None

    @property
    def places(self) -> Places:
        """Where a client finds what it reads."""
        return Places(
            **{
                operation: {name: paths for name, paths in self.paths(operation).items() if name in names}
                for operation, names in _READ.items()
            }
        )


_READ: Final[Mapping[Operation, Collection[str]]] = {
    "sync": (*OUTPUTS, *PAID, "seed", "media"),
    "submit": ("id", "state"),
    "status": ("state", *OUTPUTS),
    "result": ("state", *OUTPUTS, *METRICS, "seed", "media"),
    "failed": ("state", "message", *METRICS),
    "error": ("id", "message"),
}
"""What a client reads from each answer. It requests no addresses that a server reports."""


def _event_places(events: tuple[Event, ...], asks: Mapping[str, tuple[Json, ...]]) -> EventPlaces | None:
    found = next((event for event in events if event.has_text), None)
    if found is None:
        return None
    last = events[-1]
    # An event with text is not an end, even if the sample has nothing after it.
    is_named = not last.has_text and last.event not in {"", *(event.event for event in events[:-1])}
    data = last.data if isinstance(last.data, str) and not last.has_text else None
    is_constant = data is not None and not any(part.name for part in parse_text(data))
    return EventPlaces(
        asks=asks,
        event=found.event,
        text=find_paths(found.data)["text"][0],
        last_event=last.event if is_named else "",
        last_data=data if is_constant and not is_named else None,
        **{name: _paths_in_events(events, name) for name in PAID},
    )


def _paths_in_events(events: tuple[Event, ...], name: str) -> Paths:
    """Return where any of the events has a placeholder."""
    return tuple(dict.fromkeys(path for event in events for path in find_paths(event.data).get(name, ())))


def choose(answers: Sequence[Answer], values: Mapping[str, object]) -> Answer:
    """Return the first answer whose conditions hold, else the last one.

    `values` are those of placeholders; conditions on parameters are those of `Answers.for_parameters`.
    """
    braced = {f"{{{name}}}": value for name, value in values.items()}
    return next((answer for answer in answers if _holds(answer.when, braced)), answers[-1])


def _for_parameters(answers: tuple[Answer, ...], values: Mapping[str, object]) -> tuple[Answer, ...]:
    if not any(answer.when for answer in answers):
        return answers
    possible: list[Answer] = []
    for answer in answers:
        of_parameters = tuple(each for each in answer.when if not is_placeholder(each[0]))
        if not of_parameters:
            possible.append(answer)
        elif _holds(of_parameters, values):
            possible.append(
                replace(answer, when=tuple(each for each in answer.when if is_placeholder(each[0])))
            )
    return tuple(possible) or answers[-1:]


def _holds(conditions: Conditions, values: Mapping[str, object]) -> bool:
    return all(
        name in values and any(is_equal(cast("Json", values[name]), each) for each in accepted)
        for name, accepted in conditions
    )


def is_placeholder(text: str) -> bool:
    """Return whether a whole text is a placeholder: the key of a condition is that, or the name of a parameter."""
    return text.startswith("{") and text.endswith("}") and text[1:-1] in PLACEHOLDERS


class TemplatePart(Frozen):
    """A piece of a text: the name of a placeholder, or text as it is."""

    text: str
    name: str = ""


@lru_cache(maxsize=4096)
def parse_text(text: str) -> tuple[TemplatePart, ...]:
    """Return the placeholders of a text, and the text between them."""
    parts: list[TemplatePart] = []
    end = 0
    for match in _PART.finditer(text):
        if match.start() > end:
            parts.append(TemplatePart(text[end : match.start()]))
        end = match.end()
        found = match[0]
        parts.append(TemplatePart(found[0]) if found in ("{{", "}}") else TemplatePart(found, found[1:-1]))
    if end < len(text) or not parts:
        parts.append(TemplatePart(text[end:]))
    return tuple(parts)


def placeholders_in(sample: Json | Omit) -> Iterator[tuple[Path, str, bool]]:
    """Yield the path and the name of every placeholder of a sample, and whether it is a whole text."""
    return _placeholders(sample, ())


def _placeholders(sample: Json | Omit, path: Path) -> Iterator[tuple[Path, str, bool]]:
    if isinstance(sample, str):
        parts = parse_text(sample)
        for part in parts:
            if part.name:
                yield path, part.name, len(parts) == 1
    elif isinstance(sample, dict):
        for name, value in sample.items():
            yield from _placeholders(value, (*path, name))
    elif isinstance(sample, list):
        for index, item in enumerate(sample):
            yield from _placeholders(item, (*path, None if is_repeated(item) else index))


def is_repeated(item: Json) -> bool:
    """Return whether an item of a list is repeated for each output."""
    return any(name in OUTPUTS for _, name, _ in _placeholders(item, ()))


def find_paths(sample: Json | Omit, names: Collection[str] = PLACEHOLDERS) -> dict[str, Paths]:
    """Return where a sample has each of these placeholders as a whole text, in the order of the sample."""
    found: dict[str, Paths] = {}
    for path, name, is_whole in placeholders_in(sample):
        if is_whole and name in names:
            found[name] = (*found.get(name, ()), path)
    return found
