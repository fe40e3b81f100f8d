"""Reads the server-sent events that a page shows of a streamed response.

    data: {"choices": [{"delta": {"content": "A"}}]}
    data: {"choices": [{"delta": {"content": " fox"}}]}
    data: [DONE]

The piece of text in an event becomes a placeholder, and events that differ in it alone become one.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Final

from speccast.pages.answers import agree, replace_text
from speccast.pages.facts import Fact
from speccast.specs.problems import Span

if TYPE_CHECKING:
    from speccast.core.check import Pointer
    from speccast.pages.facts import Facts

_EVENT: Final = re.compile(
    r"(?m)^[ \t]*(?:event:[ \t]*(?P<event>[A-Za-z0-9_.:/-]+)[ \t]*\n[ \t]*)?data:[ \t]*(?P<data>\S[^\n]*?)[ \t]*$"
)
_PIECES: Final[tuple[Pointer, ...]] = (
    ("choices", 0, "delta", "content"),
    ("choices", 0, "text"),
    ("delta", "text"),
    ("candidates", 0, "content", "parts", 0, "text"),
)
"""Where chat APIs have a piece of the text."""


def read_stream(facts: Facts, text: str, start: int, end: int) -> None:
    """Add the events of a stream as `events`, beside the body of an answer that is not streamed."""
    matches = list(_EVENT.finditer(text, start, end))
    if len(matches) < 2:
        return
    spans = tuple(Span(*match.span("data")) for match in matches)
    where = Span(spans[0].start, spans[-1].end)
    events: list[dict[str, Any]] = []
    for match in matches:
        try:
            data = _data(match["data"])
        except (ValueError, RecursionError):
            facts.remarks.append(("an event of the stream cannot be read", Span(*match.span("data"))))
            return
        event = ({"event": match["event"]} if match["event"] else {}) | {"data": _with_placeholder(data)}
        if not (events and _has_text(event) and agree(event, events[-1])):
            events.append(event)
    if not any(map(_has_text, events)):
        facts.remarks.append(
            ("the page shows a stream, and where its events have the text is not certain", where)
        )
        return
    if ("parameters", "stream", "type") not in facts.values:
        facts.remarks.append(("the page shows a stream, but no parameter `stream` that asks for it", where))
        return
    fact = Fact(events, spans)
    if sum(map(_has_text, events)) > 1:
        fact = fact.with_doubt("several kinds of events have text")
    facts.add(("answers", "sync", "events"), fact)


def _data(text: str) -> Any:
    """Return the data of an event: JSON, or a text such as `[DONE]`. Raises ValueError and RecursionError."""
    return json.loads(text) if text[0] in '{["' and text != "[DONE]" else text


def _with_placeholder(data: Any) -> Any:
    for pointer in _PIECES:
        piece = _at(data, pointer)
        if isinstance(piece, str) and piece:
            return replace_text(data, pointer, "{text}")
    return data


def _at(value: Any, pointer: Pointer) -> Any:
    """Return the value at a pointer; None if there is none."""
    for step in pointer:
        if isinstance(value, list):
            value = dict(enumerate(value))
        value = value.get(step) if isinstance(value, dict) else None
    return value


def _has_text(event: dict[str, Any]) -> bool:
    return '"{text}"' in json.dumps(event["data"])
