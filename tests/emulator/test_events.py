"""Streamed responses: events of the spec in pieces, with time between them, and with faults in the middle."""

from __future__ import annotations

import json
import re
import time
from typing import TYPE_CHECKING, Any

import httpx2
import pytest

from speccast.cli.serve import command
from speccast.emulator.events import encode_event
from speccast.emulator.settings import EmulatorSettings
from speccast.specs.bundle import bundle_text

if TYPE_CHECKING:
    from pathlib import Path

    from tests.emulator.conftest import Start

ASKED = {"prompt": "a fox", "seed": 7, "stream": True}
EVENTS: dict[str, list[dict[str, Any]]] = {
    "chunks of JSON, and an end that is text": [
        {"data": {"id": "c-1", "choices": [{"index": 0, "delta": {"role": "assistant", "content": ""}}]}},
        {"data": {"id": "c-1", "choices": [{"index": 0, "delta": {"content": "{text}"}}]}},
        {"data": "[DONE]"},
    ],
    "named events": [
        {"event": "message_start", "data": {"type": "message_start", "message": {"id": "m-1", "content": []}}},
        {"event": "ping", "data": {"type": "ping"}},
        {"event": "content_block_delta", "data": {"index": 0, "delta": {"type": "text_delta", "text": "{text}"}}},
        {"event": "message_stop", "data": {"type": "message_stop"}},
    ],
    "text": [{"event": "output", "data": "{text}"}, {"event": "done", "data": {}}],
}  # fmt: skip


def writer(events: list[dict[str, Any]], **more: Any) -> dict[str, Any]:
    return {
        "speccast": 1,
        "title": "Writer",
        "slug": "writer",
        "surfaces": ["sync"],
        "returns": ["text/plain"],
        "answers": {
            "sync": [{"when": {"stream": True}, "events": events, **more}, {"body": {"said": "{text}"}}]
        },
        "parameters": {
            "prompt": {"type": "string", "required": True},
            "n": {"type": "integer", "minimum": 1, "maximum": 4},
            "seed": {"type": "integer"},
            "max_tokens": {"type": "integer"},
            "stream": {"type": "boolean", "default": False},
        },
    }


def lines_of(response: httpx2.Response) -> list[str]:
    return response.text.splitlines()


@pytest.mark.parametrize("events", EVENTS.values(), ids=EVENTS)
def test_events_are_sent_in_their_order_and_those_with_text_for_each_piece(
    start: Start, events: list[dict[str, Any]]
) -> None:
    with start(writer(events)) as client:
        whole = client.post("/v1/writer", json={**ASKED, "stream": False}).json()["said"]
        response = client.post("/v1/writer", json=ASKED)
    assert (response.status_code, response.headers["content-type"]) == (
        200,
        "text/event-stream; charset=utf-8",
    )
    assert "content-length" not in response.headers
    blocks = [block.split("\n") for block in response.text.removesuffix("\n\n").split("\n\n")]
    [of_text] = [each for each in events if "{text}" in json.dumps(each)]
    pieces = len(re.findall(r"\S+", whole))
    expected = [each for event in events for each in [event] * (pieces if event is of_text else 1)]
    assert [block[:-1] for block in blocks] == [
        [f"event: {event['event']}"] if "event" in event else [] for event in expected
    ]
    shown = [
        event["data"] if isinstance(event["data"], str) else json.dumps(event["data"], separators=(",", ":"))
        for event in expected
    ]
    said = ""
    for block, sample in zip(blocks, shown, strict=True):
        before, _, after = sample.partition("{text}")
        data = block[-1].removeprefix("data: ")
        assert (data.startswith(before), data.endswith(after)) == (True, True)
        if sample != data:
            said += data.removeprefix(before).removesuffix(after)
    assert said == whole


def test_events_arrive_one_by_one(start: Start) -> None:
    settings = EmulatorSettings(event_delay=0.02)
    asked = {**ASKED, "max_tokens": 5}
    with (
        start(writer(EVENTS["text"]), settings=settings) as client,
        client.stream("POST", "/v1/writer", json=asked) as response,
    ):
        arrived = [(time.monotonic(), chunk.count(b"\n\n")) for chunk in response.iter_raw()]
    assert sum(count for _, count in arrived) == 6
    assert len(arrived) > 2
    assert arrived[-1][0] - arrived[0][0] >= 0.05


def test_several_texts_follow_each_other_and_a_status_counts(start: Start) -> None:
    events = [{"data": {"a": ["{text}"], "cost": "{cost}"}}]
    with start(writer(events, status=201, headers={"x-at": "{slug}"})) as client:
        response = client.post("/v1/writer", json={**ASKED, "n": 3, "max_tokens": 2})
    assert (response.status_code, response.headers["x-at"]) == (201, "writer")
    found = [json.loads(line[6:]) for line in lines_of(response) if line]
    assert len(found) == 6
    assert {len(each["a"]) for each in found} == {1}
    assert {each["cost"] for each in found} == {0.01}


@pytest.mark.parametrize(
    ("name", "data", "expected"),
    [
        ("", "a", "data: a\n\n"),
        ("said", {"a": "é\n"}, 'event: said\ndata: {"a":"é\\n"}\n\n'),
        ("", "a\n\nb\r\nc\rd", "data: a\ndata: \ndata: b\ndata: c\ndata: d\n\n"),
        ("", "", "data: \n\n"),
        ("", " a", "data:  a\n\n"),
    ],
)
def test_text_of_several_lines_has_a_field_for_each(name: str, data: Any, expected: str) -> None:
    assert encode_event(name, data).decode() == expected


@pytest.mark.parametrize(("kind", "name"), [("named events", "error"), ("text", "error")])
def test_an_error_takes_the_place_of_the_second_half(start: Start, kind: str, name: str) -> None:
    with start(writer(EVENTS[kind])) as client:
        headers = {"x-speccast-fault": "error-event=Too many foxes;times=1"}
        whole = client.post("/v1/writer", json={**ASKED, "stream": False}, headers=headers)
        broken = client.post("/v1/writer", json=ASKED, headers=headers)
        again = client.post("/v1/writer", json=ASKED, headers=headers)
    assert whole.json().keys() == {"said"}
    assert broken.status_code == 200
    assert lines_of(broken)[-3:-1] == [f"event: {name}", 'data: {"error":"Too many foxes"}']
    start_of_answer = broken.text.partition(f"event: {name}")[0]
    assert again.text.startswith(start_of_answer)
    assert 0.3 < len(start_of_answer) / len(again.text) < 0.7
    assert "Too many" not in again.text


def test_events_without_names_have_an_error_without_a_name(start: Start) -> None:
    with start(writer(EVENTS["chunks of JSON, and an end that is text"])) as client:
        response = client.post("/v1/writer", json=ASKED, headers={"x-speccast-fault": "error-event"})
    assert lines_of(response)[-2] == 'data: {"error":"The response failed because of a fault"}'
    assert "[DONE]" not in response.text


@pytest.mark.parametrize("fault", ["truncate", "reset", "reset=after"])
def test_a_stream_can_break(start: Start, fault: str) -> None:
    with start(writer(EVENTS["text"])) as client, pytest.raises(httpx2.TransportError):
        client.post("/v1/writer", json=ASKED, headers={"x-speccast-fault": fault})


def test_a_reset_ends_a_stream(start: Start) -> None:
    settings = EmulatorSettings(event_delay=0.05)
    with start(writer(EVENTS["text"]), settings=settings) as client:
        started = time.monotonic()
        with (
            pytest.raises(httpx2.TransportError),
            client.stream("POST", "/v1/writer", json={**ASKED, "max_tokens": 500}) as response,
        ):
            for number, _ in enumerate(response.iter_raw()):
                if number == 2:
                    client.post("/_emulator/reset")
        assert time.monotonic() - started < 0.6
        assert client.post("/v1/writer", json={**ASKED, "stream": False}).status_code == 200


def test_malformed_json_comes_instead_of_events(start: Start) -> None:
    with start(writer(EVENTS["text"])) as client:
        response = client.post("/v1/writer", json=ASKED, headers={"x-speccast-fault": "malformed-json"})
    assert response.headers["content-type"] == "application/json"
    assert response.text == '{"'


def test_the_command_line_sets_the_time_between_events(
    api: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    served: list[EmulatorSettings] = []
    monkeypatch.setattr(
        "speccast.emulator.server.serve", lambda _bundle, settings, *_, **__: served.append(settings)
    )
    path = tmp_path / "_specs.json"
    path.write_text(bundle_text(api, [writer(EVENTS["text"])]), encoding="utf-8")
    for options in ([], ["--event-delay", "0.5"]):
        command.main([*options, str(path)], standalone_mode=False)
    assert [settings.event_delay for settings in served] == [0.02, 0.5]
