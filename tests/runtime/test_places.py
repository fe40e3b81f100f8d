"""Values are read where the answers of the spec have them, and nowhere else."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from typing import Any

import pytest
from acme_client import InvalidResponseError, JobFailedError
from acme_client._api import API
from acme_client._core.places import Places
from acme_support.server import Reply

JPEG = b"\xff\xd8\xff\xe0 a jpeg"

CHAT = (("choices", None, "message", "content"),)
FILES = (("data", None, "url"),)
STATUS, RESULT = "/v2/requests/j/status", "/v2/requests/j"
LINKS = {"data": [{"url": "https://cdn.test/a.png"}, {"url": "https://cdn.test/b.png"}]}


def with_places(**places: Any) -> Any:
    return replace(API, places=replace(API.places, **places))


@pytest.mark.parametrize(
    ("places", "body", "missing"),
    [
        ({"output": FILES}, {"data": [{"uri": "https://cdn.test/a.png"}]}, "data[].url"),
        ({"output": FILES}, {"data": {"url": "https://cdn.test/a.png"}}, "data[].url"),
        ({"output": FILES}, {"url": "https://cdn.test/a.png"}, "data[].url"),
        ({"output": FILES}, {"data": []}, "data[].url"),
        ({"text": CHAT}, {"choices": [{"text": "Hi"}]}, "choices[].message.content"),
        ({"output": (("video", "url"), ("url",))}, {"image": {"url": "x"}}, "video.url or url"),
    ],
)
def test_an_output_in_another_place_is_an_error(
    acme: Any, server: Any, places: Any, body: Any, missing: str
) -> None:
    server.on("/v1/fox-1.5", Reply(body=body))
    client = acme.client(api=with_places(sync=places))
    with pytest.raises(InvalidResponseError) as caught:
        acme.run(client.fox_1_5.generate(prompt="a"))
    assert str(caught.value).startswith(f"there is no {missing} in the response with status 200: ")
    assert caught.value.body == body


def test_outputs_are_read_from_their_place(acme: Any, server: Any) -> None:
    server.on("/v1/fox-1.5", Reply(201, {**LINKS, "preview": "https://cdn.test/small.png"}))
    result = acme.run(acme.client(api=with_places(sync={"output": FILES})).fox_1_5.generate(prompt="a"))
    assert [each.url for each in result.outputs] == ["https://cdn.test/a.png", "https://cdn.test/b.png"]


def test_an_output_is_read_from_the_place_that_has_one(acme: Any, server: Any) -> None:
    content = base64.b64encode(JPEG).decode()
    places = {"output": FILES, "base64": (("data", None, "b64_json"),)}
    server.on("/v1/fox-1.5", Reply(body={"data": [{"url": None, "b64_json": content}]}))
    [output] = acme.run(acme.client(api=with_places(sync=places)).fox_1_5.generate(prompt="a")).outputs
    assert output.content == JPEG


def test_the_output_of_a_job_is_read_from_the_place_that_has_one(acme: Any, server: Any) -> None:
    address = "https://cdn.test/a.png"
    body = {"status": "COMPLETED", "assets": {"video": None, "image": address}}
    server.on(STATUS, Reply(body=body))
    server.on(RESULT, Reply(body=body))
    places = {"output": (("assets", "video"), ("assets", "image")), "state": (("status",),)}
    result = acme.run(acme.client(api=with_places(result=places)).job("j").wait())
    assert result.output == address
    assert [each.url for each in result.outputs] == [address]


def test_bytes_are_an_output_too(acme: Any, server: Any) -> None:
    server.on("/v1/fox-1.5", Reply(body=JPEG))
    [output] = acme.run(acme.client().fox_1_5.generate(prompt="a")).outputs
    assert output.content == JPEG


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ({"choices": [{"message": {"content": "Hi"}}]}, "Hi"),
        ({"choices": [{"message": {"content": ""}}]}, ""),
        ({"choices": [{"message": {"content": None}}]}, ""),
        ({"choices": [{"message": {"content": "A"}}, {"index": 1}, {"message": {"content": "B"}}]}, "A\nB"),
    ],
)
def test_the_text_of_a_model_is_read_from_its_place(acme: Any, server: Any, body: Any, text: str) -> None:
    server.on("/v1/fox-1.5", Reply(body=body))
    result = acme.run(acme.client(api=with_places(sync={"text": CHAT})).fox_1_5.generate(prompt="a"))
    assert result.text == text
    assert result.json() == body


def test_a_text_is_saved_as_text(acme: Any, server: Any, tmp_path: Any) -> None:
    server.on("/v1/fox-1.5", Reply(body={"choices": [{"message": {"content": "Hi"}}]}))
    result = acme.run(acme.client(api=with_places(sync={"text": CHAT})).fox_1_5.generate(prompt="a"))
    [path] = acme.run(result.save(tmp_path))
    assert (path.suffix, path.read_text()) == (".txt", "Hi")


@pytest.mark.parametrize("text", ["Hi, Größe", ""])
def test_a_text_is_an_output(acme: Any, server: Any, text: str) -> None:
    server.on("/v1/fox-1.5", Reply(body={"choices": [{"message": {"content": text}}]}))
    server.on("/v2/requests/j-1", Reply(body={"status": "COMPLETED", "output": text or "-"}))
    called = acme.run(acme.client(api=with_places(sync={"text": CHAT})).fox_1_5.generate(prompt="a"))
    finished = acme.run(acme.client().job("j-1").result())
    for result, expected in ((called, text), (finished, text or "-")):
        [output] = result.outputs
        found = (output.kind, output.content, output.content_type, output.size)
        assert found == ("text", expected.encode(), "text/plain", len(expected.encode()))
        assert result._repr_mimebundle_() == {"text/plain": expected}


def test_a_text_in_another_place_is_an_error_without_a_check_as_well(acme: Any, server: Any) -> None:
    server.on("/v1/fox-1.5", Reply(body={"content": "Hi"}))
    client = acme.client(api=with_places(sync={"text": CHAT}))
    result = acme.run(client.fox_1_5.generate(prompt="a", validate=False))
    with pytest.raises(InvalidResponseError, match=r"there is no choices\[\]\.message\.content in the"):
        _ = result.text


def test_the_output_of_a_job_is_read_from_its_place(acme: Any, server: Any) -> None:
    server.on(STATUS, Reply(body={"status": "COMPLETED"}))
    server.on(RESULT, Reply(body={"status": "COMPLETED", "payload": LINKS, "cost": 3}))
    places = {"output": (("payload", "data", None, "url"),), "cost": (("cost",),), "state": (("status",),)}
    result = acme.run(acme.client(api=with_places(result=places)).job("j").wait())
    assert result.output == ["https://cdn.test/a.png", "https://cdn.test/b.png"]
    assert [each.url for each in result.outputs] == result.output
    assert result.metrics == {"cost": 3}


@pytest.mark.parametrize(
    "body", [{}, {"output": None}, {"images": ["https://cdn.test/a.png"]}, {"output": []}]
)
def test_a_result_without_an_output_is_an_error(acme: Any, server: Any, body: dict[str, Any]) -> None:
    server.on(STATUS, Reply(body={"status": "COMPLETED"}))
    server.on(RESULT, Reply(body={"status": "COMPLETED", **body}))
    with pytest.raises(InvalidResponseError, match="there is no output in the response with status 200"):
        acme.run(acme.client().job("j").wait())


def test_the_text_of_a_job_is_read_from_its_place(acme: Any, server: Any) -> None:
    server.on(STATUS, Reply(body={"status": "COMPLETED"}))
    server.on(RESULT, Reply(body={"status": "COMPLETED", "said": ["A", "B"]}))
    places = {"text": (("said", None),), "state": (("status",),)}
    result = acme.run(acme.client(api=with_places(result=places)).job("j").wait())
    [output] = result.outputs
    assert (result.text, output.kind, output.content) == ("A\nB", "text", b"A\nB")


def test_without_a_state_the_http_status_says_whether_a_job_is_done(
    acme: Any, server: Any, clock: Any
) -> None:
    waiting = Reply(202, {"id": "j", "status": "in-progress"})
    server.on(STATUS, waiting, waiting, Reply(body={"id": "j"}))
    server.on(RESULT, Reply(body={"output": "https://cdn.test/a.png"}))
    places = Places(
        status={}, result={"output": (("output",),)}, failed={"message": (("error",),)}, submit={}
    )
    client = acme.client(api=replace(API, places=places), clock=clock)
    [output] = acme.run(client.job("j").wait()).outputs
    assert output.url == "https://cdn.test/a.png"
    assert clock.slept == [1.0, 1.0]


def test_the_result_of_a_job_can_be_bytes(acme: Any, server: Any, clock: Any, tmp_path: Any) -> None:
    jobs = replace(API.jobs, status=API.jobs.result) if API.jobs else None
    places = Places(status={}, result={"media": ((),)}, submit={}, failed={})
    server.on(RESULT, Reply(202, {"id": "j"}), Reply(body=JPEG))
    client = acme.client(api=replace(API, jobs=jobs, places=places), clock=clock)
    result = acme.run(client.job("j").wait())
    assert [each.content for each in result.outputs] == [JPEG]
    assert clock.slept == [1.0]


def test_why_a_job_failed_is_read_from_its_place(acme: Any, server: Any) -> None:
    server.on(STATUS, Reply(422, {"status": "FAILED", "error": {"code": 7}, "why": {"text": "blocked"}}))
    places = {"state": (("status",),), "message": (("why", "text"),)}
    with pytest.raises(JobFailedError, match="blocked"):
        acme.run(acme.client(api=with_places(failed=places)).job("j").wait())


def test_the_text_of_an_error_is_read_from_its_place(acme: Any, server: Any) -> None:
    body = {"error": "invalid_request", "problems": [{"note": "seed is too large"}]}
    server.on("/v1/fox-1.5", Reply(400, json.dumps(body).encode(), {"content-type": "application/json"}))
    places = {"message": (("problems", 0, "note"),)}
    client = acme.client(api=with_places(error=places))
    with pytest.raises(Exception, match="seed is too large") as caught:
        acme.run(client.fox_1_5.generate(prompt="a"))
    assert getattr(caught.value, "detail", "") == "seed is too large"
