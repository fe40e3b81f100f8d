"""The emulator answers as the samples of the spec say: the same members in the same order, with values of the request."""

from __future__ import annotations

import base64
import json
import re
from typing import TYPE_CHECKING, Any

import pytest

from speccast.emulator.settings import EmulatorSettings, JobProgress

if TYPE_CHECKING:
    from collections.abc import Callable

    import httpx2

    from tests.emulator.conftest import Start

PROMPT = {"prompt": {"type": "string", "required": True}}
ONE_SYNC = {"speccast": 1, "title": "T", "surfaces": ["sync"], "returns": ["image/png"]}
OUTPUT = r"http://127\.0\.0\.1:\d+/_emulator/outputs/[0-9a-f]{32}/"


def painter(**more: Any) -> dict[str, Any]:
    parameters = {
        **PROMPT,
        "n": {"type": "integer", "minimum": 1, "maximum": 10},
        "seed": {"type": "integer"},
        "inline": {"type": "boolean"},
        "width": {"type": "integer", "default": 16},
    }
    return {**ONE_SYNC, "slug": "painter", "parameters": parameters, **more}


def generate(client: httpx2.Client, **body: Any) -> httpx2.Response:
    response = client.post("/v1/painter", json={"prompt": "a fox", "seed": 7, **body})
    assert response.is_success, response.text
    return response


@pytest.mark.parametrize(
    ("sample", "sent", "pattern"),
    [
        ({"data": [{"url": "{output}", "n": 1}]}, {"n": 2}, r'{"data":\[{"url":"URL0.png","n":1},{"url":"URL1.png","n":1}]}'),
        ({"images": ["{output}"], "seed": "{seed}"}, {}, r'{"images":\["URL0.png"],"seed":7}'),
        ({"images": ["{output}"], "first": 1}, {"n": 3}, r'{"images":\["URL0.png","URL1.png","URL2.png"],"first":1}'),
        ({"z": "{output}", "a": None}, {}, r'{"z":"URL0.png","a":null}'),
        ({"z": "{output}"}, {"n": 2}, r'{"z":\["URL0.png","URL1.png"]}'),
        (["{output}"], {}, r'\["URL0.png"]'),
        ("{output}", {}, '"URL0.png"'),
        ({"b": [["{output}", "{seed}"], "x"]}, {"n": 2}, r'{"b":\[\["URL0.png",7],\["URL1.png",7],"x"]}'),
        ({"at": "{now}", "unix": "{unix}"}, {}, r'{"at":"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z","unix":\d{10}}'),
        ({"said": "{slug} of {seed}: {{x}}", "c": "{cost}"}, {}, r'{"said":"painter of 7: {x}","c":0\.01}'),
        ({"type": "{media_type}", "m": {"t": "{total_time}"}}, {}, r'{"type":"image/png","m":{"t":\d\.\d+}}'),
        ({"empty": [], "n": {}, "state": "{state}"}, {}, r'{"empty":\[],"n":{}}'),
        ({"id": "{id}"}, {}, '{"id":"[0-9a-f]{32}"}'),
        ({"ok": True, "count": 3, "ratio": 0.5}, {}, r'{"ok":true,"count":3,"ratio":0\.5}'),
    ],
)  # fmt: skip
def test_a_blocking_call_is_answered_byte_for_byte(
    start: Start, api: dict[str, Any], sample: Any, sent: dict[str, Any], pattern: str
) -> None:
    api["answers"] = {"sync": {"body": sample}}
    with start(painter(), api=api) as client:
        response = generate(client, **sent)
        assert response.headers["content-type"] == "application/json"
        assert re.fullmatch(pattern.replace("URL", OUTPUT), response.text), response.text
        for url in re.findall(r'"(http[^"]*)"', response.text):
            assert client.get(url).content.startswith(b"\x89PNG")
            assert client.get(url.replace(".png", ".jpg")).status_code == 404


def test_conditions_statuses_headers_and_a_model_choose_among_answers(
    start: Start, api: dict[str, Any]
) -> None:
    api["answers"] = {
        "sync": [
            {"when": {"inline": True}, "status": 201, "body": {"b64_json": "{base64}"}},
            {"media": "image/*", "headers": {"x-made": "{seed} {media_type}", "x-none": "{state}"}},
        ],
        "error": {"body": {"api": "{message}"}},
    }
    other = painter(slug="other", answers={"sync": {"status": 204}, "error": {"body": {"model": "{slug}"}}})
    with start(painter(), other, api=api) as client:
        inline = generate(client, inline=True)
        assert inline.status_code == 201
        assert base64.b64decode(inline.json()["b64_json"]).startswith(b"\x89PNG")
        image = generate(client)
        assert (image.status_code, image.headers["content-type"]) == (200, "image/png")
        assert (image.headers["x-made"], image.headers.get("x-none")) == ("7 image/png", None)
        empty = client.post("/v1/other", json={"prompt": "a"})
        assert (empty.status_code, empty.content) == (204, b"")
        assert client.post("/v1/painter", json={}).json() == {"api": "Invalid parameters: prompt is required"}
        assert client.post("/v1/other", json={}).json() == {"model": "other"}
        assert client.post("/v1/other", content=b"x").json() == {"model": "other"}
        fault = {"x-speccast-fault": "status=503"}
        assert client.post("/v1/other", json={}, headers=fault).json() == {"model": "other"}
        assert client.post("/v1/third", json={}).json() == {"api": "Unknown model or endpoint"}


@pytest.mark.parametrize(
    ("sample", "invalid", "unknown"),
    [
        (
            {"detail": [{"loc": ["body", "{parameter}"], "msg": "{message}", "type": "value_error"}]},
            {"detail": [{"loc": ["body", "n"], "msg": "M", "type": "value_error"}]},
            {"detail": [{"loc": ["body", None], "msg": "M", "type": "value_error"}]},
        ),
        (
            {"error": {"message": "{message}", "param": "{parameter}", "code": None}},
            {"error": {"message": "M", "param": "n", "code": None}},
            {"error": {"message": "M", "param": None, "code": None}},
        ),
        (
            {"name": "{title}", "errors": ["{message}"], "id": "e-{status}"},
            {"name": "Bad Request", "errors": ["M"], "id": "e-400"},
            {"name": "Not Found", "errors": ["M"], "id": "e-404"},
        ),
        ("{message}", "M", "M"),
    ],
)
def test_errors_have_the_shape_of_the_api(
    start: Start, api: dict[str, Any], sample: Any, invalid: Any, unknown: Any
) -> None:
    api["answers"] = {"error": {"body": sample}}
    refused = "Invalid parameters: n must be at least 1 (got 0); seed must be an integer, not a string"

    def expected(value: Any, message: str) -> str:
        return json.dumps(value, separators=(",", ":")).replace('"M"', json.dumps(message))

    with start(painter(), api=api) as client:
        response = client.post("/v1/painter", json={"prompt": "a", "n": 0, "seed": "x"})
        assert response.text == expected(invalid, refused)
        assert client.post("/v1/other", json={}).text == expected(unknown, "Unknown model or endpoint")


MESSAGES: list[tuple[dict[str, Any], str]] = [
    ({"prompt": "a red\nfox"}, "“a red fox”"),
    ({"messages": [{"role": "system", "content": "Be brief"}, {"role": "user", "content": "a hen"}]}, "“a hen”"),
    (
        {"messages": [{"role": "user", "content": "x"}, {"role": "assistant", "content": "y"}, {"role": "user", "content": [{"type": "image"}, {"type": "text", "text": "a cow"}]}]},
        "“a cow”",
    ),
    ({"contents": [{"role": "user", "parts": [{"text": "a"}, {"text": "dog"}]}]}, "“a dog”"),
    ({"input": [{"role": "user", "content": [{"type": "input_text", "text": "a cat"}]}]}, "“a cat”"),
    ({"prompt": "word " * 200}, "word…”"),
    ({}, "“The model writer”"),
]  # fmt: skip


@pytest.mark.parametrize(("sent", "topic"), MESSAGES)
def test_a_text_is_about_the_prompt(
    start: Start, api: dict[str, Any], spec_of: Callable[..., Any], sent: dict[str, Any], topic: str
) -> None:
    sample = {"choices": [{"index": 0, "message": {"role": "assistant", "content": "{text}"}}]}
    blocks = {"type": "array", "items": {"type": "object"}}
    parameters = {
        "prompt": {"type": "string"},
        "messages": blocks,
        "contents": blocks,
        "input": blocks,
        "n": {"type": "integer"},
        "seed": {"type": "integer", "default": 1},
        "max_tokens": {"type": "integer"},
    }
    writer = spec_of(
        "writer",
        parameters,
        surfaces=["sync"],
        returns=["application/json"],
        answers={"sync": {"body": sample}},
    )
    with start(writer, api=api) as client:

        def texts(**more: Any) -> list[str]:
            choices = client.post("/v1/writer", json={**sent, **more}).json()["choices"]
            assert all(choice.keys() == {"index", "message"} for choice in choices)
            return [choice["message"]["content"] for choice in choices]

        [text] = texts()
        assert topic in text
        assert texts() == [text]
        assert texts(seed=2) != [text]
        assert len(set(texts(n=3))) == 3
        assert texts(max_tokens=3) == [" ".join(text.split(" ")[:3])]


def jobs_of(client: httpx2.Client, polls: int = 3) -> list[tuple[int, Any]]:
    """Submit a job, and return the status and JSON of the submit and of each poll; of bytes, their beginning."""
    response = client.post("/v2/painter", json={"prompt": "a fox", "seed": 7})
    url = f"/v2/requests/{response.json()['id']}"
    answers = [response, *(client.get(url) for _ in range(polls))]
    return [
        (each.status_code, each.json() if "json" in each.headers["content-type"] else each.content[:4])
        for each in answers
    ]


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        # The state is an HTTP status, and the result is a file.
        (
            {"status": {"body": {"id": "{id}"}}, "result": {"media": "image/*"}},
            [(202, {"id": "ID"}), (202, {"id": "ID"}), (200, b"\x89PNG")],
        ),
        (
            {"status": {"status": 203, "body": {"id": "{id}"}}, "result": {"body": {"images": ["{base64}"]}}},
            [(203, {"id": "ID"}), (203, {"id": "ID"}), (200, {"images": ["BASE64"]})],
        ),
        # The status of a finished job is its result.
        (
            {
                "status": {"body": {"state": "{state}", "output": None}},
                "result": {"body": {"state": "{state}", "output": ["{output}"], "logs": ""}},
            },
            [
                (200, {"state": "QUEUED", "output": None}),
                (200, {"state": "PROCESSING", "output": None}),
                (200, {"state": "COMPLETED", "output": ["URL"], "logs": ""}),
            ],
        ),
        (
            {"status": {"body": {"status": "{state}", "c": "{cancel_url}", "cost": "{cost}"}}},
            [
                (200, {"status": "QUEUED"}),
                (200, {"status": "PROCESSING"}),
                (200, {"request_id": "ID", "status": "COMPLETED", "output": "URL"}),
            ],
        ),
    ],
)
def test_a_job_is_answered_by_the_samples(
    start: Start, api: dict[str, Any], answers: dict[str, Any], expected: list[Any]
) -> None:
    api["answers"] = {"submit": {"status": 201, "body": {"id": "{id}", "cost": "{cost}"}}, **answers}
    api["async"] = {**api["async"], "status": "/v2/requests/{id}", "result": "/v2/requests/{id}"}
    with start(
        painter(surfaces=["async"]), api=api, settings=EmulatorSettings(progress=JobProgress(2))
    ) as client:
        [submitted, *polled] = jobs_of(client)
        assert submitted == (201, {"id": submitted[1]["id"], "cost": 0.01})
        job = submitted[1]["id"]
        masked = json.loads(
            re.sub(
                r'"iVBOR[^"]*"',
                '"BASE64"',
                re.sub(
                    f'"{OUTPUT}[^"]*"',
                    '"URL"',
                    json.dumps([[status, str(body)] if isinstance(body, bytes) else [status, body] for status, body in polled]),
                ).replace(job, "ID"),
            )
        )  # fmt: skip
        assert masked == [
            [status, str(body) if isinstance(body, bytes) else body] for status, body in expected
        ]


def test_addresses_in_answers_lead_to_the_job(start: Start, api: dict[str, Any]) -> None:
    urls = {"s": "{status_url}", "r": "{result_url}", "c": "{cancel_url}"}
    api["answers"] = {"submit": {"headers": {"location": "{status_url}"}, "body": {"id": "{id}", **urls}}}
    api["async"]["cancel"] = {"method": "PUT", "path": "/v2/requests/{id}/cancel"}
    with start(painter(surfaces=["async"]), api=api) as client:
        response = client.post("/v2/painter", json={"prompt": "a fox"})
        job = response.json()
        assert response.headers["location"] == job["s"]
        assert client.get(job["s"]).json()["request_id"] == job["id"]
        assert client.get(job["r"]).json()["request_id"] == job["id"]
        assert client.put(job["c"]).json()["request_id"] == job["id"]


def test_times_in_answers_are_those_of_the_clock(start: Start, api: dict[str, Any]) -> None:
    api["answers"] = {"sync": {"body": {"now": "{now}", "unix": "{unix}"}}}
    with start(painter(), api=api) as client:
        before = generate(client).json()
        client.post("/_emulator/clock", json={"advance": 86400 * 366})
        after = generate(client).json()
        assert after["unix"] - before["unix"] >= 86400 * 366
        assert int(after["now"][:4]) > int(before["now"][:4])
