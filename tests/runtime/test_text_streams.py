"""Streamed text: pieces as they arrive, errors in the middle, deadlines, and connections that are closed."""

from __future__ import annotations

import json
import socket
import time
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from acme_client import (
    APIConnectionError,
    ApiError,
    APITimeoutError,
    BudgetError,
    ConfigurationError,
    InvalidResponseError,
    ParameterError,
    RateLimitError,
)
from acme_client._core.parameter import Parameter
from acme_client._core.places import EventPlaces
from acme_client._runtime import resources, text_stream
from acme_client._runtime.options import CallOptions
from acme_support.raw import raw_server
from acme_support.server import Reply

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

PATH = "/legacy/owl/run"
EVENTS = {"content-type": "text/event-stream; charset=utf-8"}
CHUNKS = EventPlaces(asks={"stream": (True,)}, text=("choices", None, "delta", "content"), last_data="[DONE]")
NAMED = EventPlaces(
    asks={"stream": (True,)}, event="content_block_delta", text=("delta", "text"), last_event="message_stop"
)
PLAIN = EventPlaces(asks={"stream": (True,)}, event="output", last_event="done")
ENDLESS = EventPlaces(asks={"stream": (True,)}, text=("response",))
GEMINI = EventPlaces(asks={"stream": (True,)}, text=("candidates", None, "content", "parts", None, "text"))
COHERE = EventPlaces(
    asks={"stream": (True,)},
    event="content-delta",
    text=("delta", "message", "content", "text"),
    last_event="message-end",
)
RESPONSES = EventPlaces(
    asks={"stream": (True,)},
    event="response.output_text.delta",
    text=("delta",),
    last_event="response.completed",
)

PARAMETERS = (
    Parameter(name="prompt", wire="prompt", flag="--prompt", type="string"),
    Parameter(name="stream", wire="stream", flag="--stream", type="boolean", default=False),
    Parameter(name="n", wire="n", flag="--n", type="integer", maximum=4),
)


def data(value: Any, name: str = "") -> bytes:
    text = value if isinstance(value, str) else json.dumps(value)
    return (f"event: {name}\n" if name else "").encode() + f"data: {text}\n\n".encode()


def chunk(content: str | None) -> bytes:
    return data({"id": "c", "choices": [{"index": 0, "delta": {"content": content}, "finish_reason": None}]})


START = data({"id": "c", "choices": [{"index": 0, "delta": {"role": "assistant", "content": ""}}]})
FINISH = data({"id": "c", "choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]})
USAGE = data({"id": "c", "choices": [], "usage": {"total_tokens": 3}})
DONE = data("[DONE]")


class Streams:
    """Reads streams of the sync or the async client."""

    def __init__(self, acme: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        self.acme = acme
        self._patch = monkeypatch

    def open(self, places: EventPlaces | None = CHUNKS, url: str | None = None, **options: Any) -> Any:
        """Return a stream that is not open yet."""
        given = {"base_url": url} if url else {}
        call = {name: options.pop(name) for name in ("timeout", "total_timeout") if name in options}
        model = self.acme.client(max_retries=0, **given, **options).owl
        self._patch.setattr(type(model), "events", places)
        self._patch.setattr(type(model), "parameters", PARAMETERS)
        self._patch.setattr(resources, "_PREPARED", {})  # made from the parameters of each class
        return model._stream_text({"prompt": "a fox"}, CallOptions(**call))

    def read(self, stream: Any, most: int | None = None, *, events: bool = False) -> list[Any]:
        """Its pieces or events, or as many of them."""
        found: list[Any] = []
        if not self.acme.is_async:
            with stream:
                for each in stream.events() if events else stream:
                    found.append(each)
                    if len(found) == most:
                        break
            return found

        async def collect() -> None:
            async with stream:
                async for each in stream.events() if events else stream:
                    found.append(each)
                    if len(found) == most:
                        break

        self.acme.run(collect())
        return found


@pytest.fixture
def streams(acme: Any, monkeypatch: pytest.MonkeyPatch) -> Streams:
    return Streams(acme, monkeypatch)


def reply(*parts: bytes, **more: Any) -> Reply:
    return Reply(body=b"".join(parts), headers={**EVENTS, **more.pop("headers", {})}, **more)


@contextmanager
def serve_chunks(*parts: bytes, pause: float = 0.0, ends: bool = True) -> Iterator[tuple[str, list[bytes]]]:
    """A server that sends these parts as chunks. Yields its origin, and the requests."""
    requests: list[bytes] = []

    def respond(connection: socket.socket, request: bytes) -> None:
        requests.append(request)
        head = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"
        connection.sendall(head)
        for part in parts:
            connection.sendall(f"{len(part):x}\r\n".encode() + part + b"\r\n")
            time.sleep(pause)
        if ends:
            connection.sendall(b"0\r\n\r\n")
        connection.shutdown(socket.SHUT_WR)

    with raw_server(respond) as url:
        yield url, requests


@pytest.mark.parametrize(
    ("places", "parts", "pieces"),
    [
        (CHUNKS, [START, chunk("A "), chunk("fox"), chunk(None), FINISH, USAGE, DONE], ["A ", "fox"]),
        (CHUNKS, [START, data({"choices": [{"delta": {"content": "a"}}, {"delta": {"content": "b"}}]}), DONE], ["ab"]),
        (CHUNKS, [b": OPENROUTER PROCESSING\n\n", chunk("é"), DONE, data("after the end")], ["é"]),
        (
            NAMED,
            [
                data({"type": "message_start", "message": {"id": "m", "content": []}}, "message_start"),
                data({"index": 0, "content_block": {"type": "text", "text": ""}}, "content_block_start"),
                data({"type": "ping"}, "ping"),
                data({"index": 0, "delta": {"type": "thinking_delta", "thinking": "hm"}}, "content_block_delta"),
                data({"index": 0, "delta": {"type": "text_delta", "text": "Hi"}}, "content_block_delta"),
                data({"delta": {"text": "not this"}}, "other"),
                data({"type": "message_stop"}, "message_stop"),
            ],
            ["Hi"],
        ),
        (PLAIN, [data(" a", "output"), b"event: output\ndata: b\ndata: c\n\n", data({}, "done")], [" a", "b\nc"]),
        (
            GEMINI,
            [
                data({"candidates": [{"content": {"parts": [{"text": "a"}, {"text": "b"}], "role": "model"}}]}),
                data({"candidates": [{"content": {"parts": []}, "finishReason": "STOP"}], "usageMetadata": {}}),
            ],
            ["ab"],
        ),
        (
            COHERE,
            [
                data({"type": "message-start", "delta": {"message": {"content": []}}}, "message-start"),
                data({"delta": {"message": {"content": {"text": "a"}}}}, "content-delta"),
                data({"delta": {"message": {"tool_plan": "b"}}}, "tool-plan-delta"),
                data({"type": "message-end", "delta": {"finish_reason": "COMPLETE"}}, "message-end"),
            ],
            ["a"],
        ),
        (
            RESPONSES,
            [
                data({"type": "response.created", "response": {"error": None}}, "response.created"),
                data({"delta": "a", "logprobs": []}, "response.output_text.delta"),
                data({"text": "a"}, "response.output_text.done"),
                data({"response": {"output": [{"content": [{"text": "a"}]}]}}, "response.completed"),
            ],
            ["a"],
        ),
        (ENDLESS, [data({"response": "a"}), data({"response": "", "done": True})], ["a"]),
    ],
    ids=["chunks", "choices", "comments", "named", "plain", "parts", "nested", "dotted", "endless"],
)  # fmt: skip
def test_pieces_of_text_are_read_where_the_spec_has_them(
    streams: Streams, server: Any, places: EventPlaces, parts: list[bytes], pieces: list[str]
) -> None:
    server.on(PATH, reply(*parts, headers={"x-request-id": "r-1", "x-cost": "0.5"}))
    stream = streams.open(places)
    assert streams.read(stream) == pieces
    assert stream.text == "".join(pieces)
    assert (stream.status_code, stream.request_id) == (200, "r-1")
    assert stream.metadata["cost"] == 0.5
    assert stream.headers["Content-Type"] == EVENTS["content-type"]
    assert repr(stream).endswith(f"complete, {len(stream.text)} characters>")
    [request] = server.requests
    assert request.json == {"prompt": "a fox", "stream": True}
    assert request.headers["accept-encoding"] == "identity"


def test_events_can_be_read_instead(streams: Streams, server: Any) -> None:
    server.on(PATH, reply(START, chunk("a"), FINISH, DONE))
    stream = streams.open()
    events = streams.read(stream, events=True)
    assert [event.text for event in events] == ["", "a", "", ""]
    assert events[2].json()["choices"][0]["finish_reason"] == "stop"
    assert events[-1].data == "[DONE]"
    assert stream.text == "a"


@pytest.mark.parametrize("separate", [False, True])
def test_pieces_arrive_while_the_answer_is_written(streams: Streams, separate: bool) -> None:
    parts = [chunk("a"), chunk("b"), chunk("c"), DONE]
    if separate:  # events that are split anywhere
        whole = b"".join(parts)
        parts = [whole[at : at + 20] for at in range(0, len(whole), 20)]
    with serve_chunks(*parts, pause=0.02) as (url, _):
        stream = streams.open(url=url)
        if streams.acme.is_async:

            async def read() -> list[float]:
                async with stream:
                    return [time.monotonic() async for _ in stream]

            times = streams.acme.run(read())
        else:
            with stream:
                times = [time.monotonic() for _ in stream]
    assert stream.text == "abc"
    assert times[2] - times[0] >= 0.03


ERROR = {"error": {"message": "The server is overloaded", "type": "server_error"}}


@pytest.mark.parametrize(
    ("places", "event", "expected"),
    [
        (CHUNKS, data(ERROR), (InvalidResponseError, 200)),
        (CHUNKS, data({"error": {**ERROR["error"], "code": 429}}), (RateLimitError, 429)),
        (CHUNKS, data(ERROR, "error"), (InvalidResponseError, 200)),
        (CHUNKS, data({"message": "The server is overloaded", "status": 503}, "error"), (ApiError, 503)),
        (NAMED, data({"type": "error", **ERROR}, "error"), (InvalidResponseError, 200)),
        (NAMED, data({"type": "error", **ERROR}), (InvalidResponseError, 200)),
        (PLAIN, data("The server is overloaded", "error"), (InvalidResponseError, 200)),
    ],
)
def test_an_error_in_the_middle_is_raised(
    streams: Streams, server: Any, places: EventPlaces, event: bytes, expected: tuple[type[ApiError], int]
) -> None:
    first = {CHUNKS.text: chunk("abc"), NAMED.text: data({"delta": {"text": "abc"}}, "content_block_delta")}
    server.on(PATH, reply(first.get(places.text, data("abc", "output")), event, DONE))
    stream = streams.open(places)
    kind, status = expected
    with pytest.raises(kind) as caught:
        streams.read(stream)
    error: Any = caught.value
    assert (error.status, error.detail) == (status, "The server is overloaded")
    assert "after 3 characters of the text" in str(error)
    assert "may have been processed and billed" in str(error)
    assert stream.text == "abc"
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    ("places", "harmless"),
    [
        (NAMED, data({"type": "message_start", "message": "started"}, "message_start")),
        (CHUNKS, data({"choices": [], "error": None})),
        (CHUNKS, data({"id": "c", "message": {"role": "assistant"}, "choices": []})),
        (CHUNKS, data("no JSON")),
        (CHUNKS, data([1, {"choices": 7}])),
    ],
)
def test_other_events_are_not_errors(
    streams: Streams, server: Any, places: EventPlaces, harmless: bytes
) -> None:
    server.on(PATH, reply(harmless, DONE, data({}, "message_stop")))
    assert streams.read(streams.open(places)) == []


@pytest.mark.parametrize("breaks", ["no last event", "an open chunk", "a reset"])
def test_an_answer_that_ends_early_says_how_much_came(streams: Streams, server: Any, breaks: str) -> None:
    stream: Any
    if breaks == "no last event":
        server.on(PATH, reply(chunk("abcd"), FINISH))
        stream, reason = streams.open(), "the response ended without its last event"
    elif breaks == "an open chunk":
        server.on(PATH, reply(chunk("abcd"), cut=True))
        stream, reason = streams.open(), "the connection to "
    else:
        with serve_chunks(chunk("abcd"), ends=False) as (url, _):
            stream, reason = streams.open(url=url), "the connection to "
            with pytest.raises(APIConnectionError):
                streams.read(stream)
            stream = streams.open(url=url)
            with pytest.raises(APIConnectionError) as found:
                streams.read(stream)
        assert reason in str(found.value)
        return
    with pytest.raises(APIConnectionError) as caught:
        streams.read(stream)
    assert str(caught.value).startswith(reason)
    assert "after 4 characters of the text. The request was sent: it may have been" in str(caught.value)
    assert (stream.text, len(server.requests)) == ("abcd", 1)


def test_an_answer_without_a_last_event_in_the_spec_ends_with_the_connection(
    streams: Streams, server: Any
) -> None:
    server.on(PATH, reply(data({"response": "a"}), b"data: {"))
    assert streams.read(streams.open(ENDLESS)) == ["a"]


@pytest.mark.parametrize(
    ("sent", "kind", "text"),
    [
        (Reply(body={"choices": []}), InvalidResponseError, "instead of text/event-stream"),
        (Reply(body="<html><title>Log in</title>", headers={"content-type": "text/html"}), InvalidResponseError, "a web page"),
        (Reply(body=ERROR), InvalidResponseError, "an error instead of text/event-stream: The server is overloaded"),
        (Reply(204), InvalidResponseError, "an empty body"),
        (Reply(429, {"error": "Slow down"}), RateLimitError, "Slow down"),
        (Reply(302, headers={"location": "/x"}), InvalidResponseError, "Redirects are not followed"),
        (Reply(reset=True), APIConnectionError, "may have been processed and billed"),
    ],
)  # fmt: skip
def test_a_response_that_is_not_a_stream_is_an_error(
    streams: Streams, server: Any, sent: Reply, kind: type[ApiError], text: str
) -> None:
    server.on(PATH, sent)
    with pytest.raises(kind) as caught:
        streams.read(streams.open())
    assert text in str(caught.value)


def test_a_request_that_was_not_accepted_is_repeated(streams: Streams, server: Any, clock: Any) -> None:
    server.on(PATH, Reply(429, headers={"retry-after": "1"}), reply(chunk("a"), DONE))
    stream = streams.open(clock=clock)
    stream._settings = stream._settings.with_changes(max_retries=1)
    assert streams.read(stream) == ["a"]
    assert len(server.requests) == 2


@pytest.mark.parametrize("option", ["timeout", "total_timeout"])
def test_timeouts_hold_within_the_stream(streams: Streams, option: str) -> None:
    """`timeout` limits each read, `total_timeout` all of them, also if something comes now and then."""
    parts = [chunk("a"), *([b": ping\n\n"] * 40 if option == "total_timeout" else [])]
    pause = 0.02 if option == "total_timeout" else 2
    with serve_chunks(*parts, pause=pause) as (url, _):
        stream = streams.open(url=url, **{option: 0.2})
        began = time.monotonic()
        with pytest.raises(APITimeoutError) as caught:
            streams.read(stream)
    assert 0.1 < time.monotonic() - began < 0.7
    assert "after 1 character of the text" in str(caught.value)
    assert stream.text == "a"


def test_leaving_early_closes_the_connection(streams: Streams) -> None:
    closed: list[float] = []

    def respond(connection: socket.socket, _request: bytes) -> None:
        head = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\n"
        connection.sendall(head + chunk("a"))
        connection.settimeout(5)
        while connection.recv(100):
            """The rest of the request; then nothing, when the client has closed the connection."""
        closed.append(time.monotonic())

    with raw_server(respond) as url:
        stream = streams.open(url=url)
        assert streams.read(stream, most=1) == ["a"]
        until = time.monotonic() + 2
        while not closed and time.monotonic() < until:
            time.sleep(0.005)
    assert closed
    assert stream.text == "a"


def test_a_complete_answer_does_not_wait_for_the_end_of_the_connection(streams: Streams) -> None:
    with serve_chunks(chunk("a"), DONE, pause=0.0, ends=False) as (url, _):
        assert streams.read(streams.open(url=url)) == ["a"]


def test_a_stream_is_read_in_its_block_and_only_once(streams: Streams, server: Any) -> None:
    server.on(PATH, reply(chunk("a"), chunk("b"), DONE))
    stream = streams.open()
    assert server.requests == []

    def outside() -> list[str]:
        if not streams.acme.is_async:
            return list(stream)

        async def collect() -> list[str]:
            return [piece async for piece in stream]

        found: list[str] = streams.acme.run(collect())
        return found

    with pytest.raises(ConfigurationError, match="inside its `with` block"):
        outside()
    assert streams.read(stream, most=1) == ["a"]
    with pytest.raises(ConfigurationError, match="inside its `with` block"):
        outside()
    complete = streams.open()
    assert streams.read(complete) == ["a", "b"]


def test_events_and_answers_have_a_largest_size(
    streams: Streams, server: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(text_stream, "_MAX_EVENT", 2000)
    server.on(PATH, reply(b"data: " + b"x" * 3000, DONE))
    with pytest.raises(InvalidResponseError, match=r"^an event is larger than 2000 bytes"):
        streams.read(streams.open())
    server.on(PATH, reply(*[chunk("a")] * 40, DONE))
    with pytest.raises(InvalidResponseError, match=r"^the response is larger than 1500 bytes"):
        streams.read(streams.open(max_response_bytes=1500))


def test_the_key_is_in_no_error(streams: Streams, server: Any) -> None:
    headers = {"x-request-id": "ak-0123456789/abcdef"}
    server.on(PATH, reply(data({"error": {"message": "bad key ak-0123456789/abcdef"}}), headers=headers))
    with pytest.raises(InvalidResponseError) as caught:
        streams.read(streams.open())
    assert "ak-0123456789" not in f"{caught.value} {vars(caught.value)}"


def test_a_stream_sends_its_request_once(streams: Streams, server: Any) -> None:
    server.on(PATH, reply(chunk("a"), DONE), reply(chunk("b"), DONE))
    stream = streams.open()
    assert streams.read(stream) == ["a"]
    with pytest.raises(ConfigurationError, match="opened before"):
        streams.read(stream)
    server.on(PATH, Reply(500))
    failed = streams.open()
    with pytest.raises(ApiError, match="500"):
        streams.read(failed)
    with pytest.raises(ConfigurationError, match="opened before"):
        streams.read(failed)
    assert len(server.requests) == 2


@pytest.mark.parametrize("depth", [80, 500, 900, 980])
def test_pieces_that_are_nested_deeply_are_not_read(streams: Streams, server: Any, depth: int) -> None:
    nested = f'{{"choices": [{{"delta": {{"content": {"[" * depth}"k"{"]" * depth}}}}}]}}'
    server.on(PATH, reply(data(nested), chunk("a"), DONE))
    assert streams.read(streams.open()) == ["a"]


def ask(streams: Streams, call: Callable[[Any], Any], **arguments: Any) -> str:
    model = streams.open()
    del model
    client = streams.acme.client()
    with pytest.raises(ParameterError) as caught:
        streams.acme.run(call(client)(arguments, CallOptions()))
    return "\n".join(map(str, caught.value.violations))


def test_a_blocking_call_refuses_to_ask_for_events_with_all_other_violations(
    streams: Streams, server: Any
) -> None:
    found = ask(streams, lambda client: client.owl._generate, stream=True, n=9)
    assert found == "stream=True: asks for events: call stream() without it\nn=9: must be at most 4"
    assert server.requests == []


def test_a_blocking_call_may_say_that_it_does_not_ask(streams: Streams, server: Any) -> None:
    server.on(PATH, Reply(body="<p>", headers={"content-type": "text/html"}))
    streams.open()
    client = streams.acme.client()
    for arguments in ({"stream": False}, {}):
        assert streams.acme.run(client.owl._generate(arguments, CallOptions())).content == b"<p>"
    server.on(PATH, reply(chunk("a"), DONE))
    unchecked = CallOptions(validate=False)
    assert streams.acme.run(client.owl._generate({"stream": True}, unchecked)).content == chunk("a") + DONE


def test_a_model_without_events_cannot_be_streamed(streams: Streams) -> None:
    with pytest.raises(ConfigurationError, match=r"owl cannot be streamed: call generate\(\)"):
        streams.open(None)


PRICED = replace(CHUNKS, cost=(("usage", "cost"),), remaining_credits=(("usage", "left"),))
COSTS = data({"choices": [], "usage": {"cost": 0.25, "left": "7"}})


def test_a_cost_in_an_event_counts_once(streams: Streams, acme: Any, server: Any) -> None:
    server.on(PATH, reply(START, chunk("A"), COSTS, COSTS, DONE))
    stream = streams.open(PRICED)
    assert (stream.cost, stream.remaining_credits) == (None, None)
    assert streams.read(stream) == ["A"]
    assert (stream.cost, stream.remaining_credits, stream._settings.spending.total) == (0.25, 7.0, 0.25)


def test_a_cost_in_a_header_has_precedence(streams: Streams, server: Any) -> None:
    server.on(PATH, reply(START, chunk("A"), COSTS, DONE, headers={"x-cost": "0.5"}))
    stream = streams.open(PRICED)
    streams.read(stream)
    assert (stream.cost, stream._settings.spending.total) == (0.5, 0.5)


def test_the_cost_of_a_text_that_breaks_counts(streams: Streams, server: Any) -> None:
    server.on(PATH, reply(START, COSTS, chunk("A")))
    stream = streams.open(PRICED, max_cost=0.2)
    with pytest.raises(APIConnectionError, match="without its last event"):
        streams.read(stream)
    assert stream.cost == 0.25
    with pytest.raises(BudgetError, match=r"have cost 0\.25"):
        streams.read(type(stream)(stream._settings, stream._transport, stream._call, PRICED))


@pytest.mark.parametrize("usage", [None, {}, {"cost": "much"}, {"cost": True}, {"cost": -1}, ["cost"]])
def test_what_is_not_a_cost_in_an_event_is_ignored(streams: Streams, server: Any, usage: Any) -> None:
    server.on(PATH, reply(START, chunk("A"), data({"choices": [], "usage": usage}), DONE))
    stream = streams.open(PRICED)
    assert streams.read(stream) == ["A"]
    assert stream._settings.spending.total == 0
