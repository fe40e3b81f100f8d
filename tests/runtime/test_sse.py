"""Server-sent events are read as the HTML standard says, however the bytes are split."""

from __future__ import annotations

import itertools

import pytest
from acme_client._runtime.sse import EventReader, EventTooLargeError, ServerEvent
from hypothesis import given
from hypothesis import strategies as st

CASES: dict[str, tuple[bytes, list[tuple[str, str, str]]]] = {
    "lines end with LF": (b"data: a\n\ndata: b\n\n", [("message", "a", ""), ("message", "b", "")]),
    "lines end with CRLF": (b"data: a\r\n\r\ndata: b\r\n\r\n", [("message", "a", ""), ("message", "b", "")]),
    "lines end with CR": (b"data: a\r\rdata: b\r\r", [("message", "a", ""), ("message", "b", "")]),
    "lines end in all ways": (b"event: x\rdata: a\r\ndata: b\n\r\n", [("x", "a\nb", "")]),
    "a byte order mark": (b"\xef\xbb\xbfdata: a\n\n", [("message", "a", "")]),
    "only one byte order mark": (b"\xef\xbb\xbf\xef\xbb\xbfdata: a\n\ndata: b\n\n", [("message", "b", "")]),
    "a byte order mark inside": (b"data: \xef\xbb\xbfa\n\n", [("message", "\ufeffa", "")]),
    "comments": (b": ping\n\n:\n\ndata: a\n: in between\ndata: b\n\n", [("message", "a\nb", "")]),
    "several lines of data": (b"data: YHOO\ndata: +2\ndata: 10\n\n", [("message", "YHOO\n+2\n10", "")]),
    "no space, one space, two spaces": (
        b"data:a\n\ndata: a\n\ndata:  a\n\n",
        [("message", "a", ""), ("message", "a", ""), ("message", " a", "")],
    ),
    "fields without a colon": (b"data\n\ndata\ndata\n\n", [("message", "", ""), ("message", "\n", "")]),
    "colons in data": (b"data: a: b\n\n", [("message", "a: b", "")]),
    "an end without an empty line": (b"data: a\n\ndata: b\n", [("message", "a", "")]),
    "an end in a line": (b"data: a\n\ndata: b", [("message", "a", "")]),
    "an event without data": (b"event: ping\n\nevent: x\ndata: a\n\n", [("x", "a", "")]),
    "a name is for one event": (b"event: x\ndata: a\n\ndata: b\n\n", [("x", "a", ""), ("message", "b", "")]),
    "an id stays": (b"id: 1\ndata: a\n\ndata: b\n\n", [("message", "a", "1"), ("message", "b", "1")]),
    "an empty id": (b"id: 1\ndata: a\n\nid\ndata: b\n\n", [("message", "a", "1"), ("message", "b", "")]),
    "an id with a null": (b"id: 1\0\ndata: a\n\n", [("message", "a", "")]),
    "times and unknown fields": (
        b"retry: 10\nretry: x\nfoo: 1\nDATA: b\ndata: a\n\n",
        [("message", "a", "")],
    ),
    "UTF-8": ("event: ü\ndata: é😀\n\n".encode(), [("ü", "é😀", "")]),
    "no UTF-8": (b"data: a\xffb\n\n", [("message", "a\ufffdb", "")]),
    "separators that end no line": (
        "data: a\u2028b\u0085c\x0bd\x0ce\n\n".encode(),
        [("message", "a\u2028b\u0085c\x0bd\x0ce", "")],
    ),
}


def read(*chunks: bytes) -> list[tuple[str, str, str]]:
    reader = EventReader(1000)
    return [event[:3] for chunk in chunks for event in reader.feed(chunk)]


@pytest.mark.parametrize(("content", "expected"), CASES.values(), ids=CASES)
def test_events_are_those_of_the_standard_however_the_bytes_are_split(
    content: bytes, expected: list[tuple[str, str, str]]
) -> None:
    assert read(content) == expected
    assert read(*(bytes([each]) for each in content)) == expected
    for at in range(1, len(content)):
        assert read(content[:at], content[at:]) == expected, content[:at]
    for first, second in itertools.combinations(range(1, min(len(content), 24)), 2):
        assert read(content[:first], content[first:second], b"", content[second:]) == expected


@given(
    st.lists(
        st.sampled_from(
            [b"data: a", b"data", b":", b"event: x", b"id: 7", b"\n", b"\r", b"\r\n", b"\xc3", b"\xa9"]
        )
    )
)
def test_no_split_changes_the_events(parts: list[bytes]) -> None:
    assert read(*parts) == read(b"".join(parts))


def test_an_event_is_complete_with_a_lone_carriage_return() -> None:
    reader = EventReader(100)
    assert reader.feed(b"data: a\r\r") == [ServerEvent("message", "a")]
    assert reader.feed(b"\ndata: b\r\n\r") == [ServerEvent("message", "b")]
    assert reader.feed(b"\n\n") == []


@pytest.mark.parametrize(
    "chunks",
    [(b"data: " + b"x" * 100,), (b"x" * 60, b"x" * 60), (b"data: 12345\n" * 12,), (b":" * 120,)],
    ids=["a line", "a line in pieces", "many lines", "a comment"],
)
def test_an_event_has_a_largest_size(chunks: tuple[bytes, ...]) -> None:
    reader = EventReader(100)
    with pytest.raises(EventTooLargeError):
        for chunk in chunks:
            reader.feed(chunk)


def test_the_size_is_that_of_one_event() -> None:
    reader = EventReader(100)
    for _ in range(10):
        assert len(reader.feed(b"data: " + b"x" * 80 + b"\n\n")) == 1


def test_the_json_of_an_event() -> None:
    [event] = EventReader(100).feed(b'data: {"a":\ndata: [1]}\n\n')
    assert event.json() == {"a": [1]}
    with pytest.raises(ValueError, match="Expecting value"):
        ServerEvent("message", "[DONE]").json()
