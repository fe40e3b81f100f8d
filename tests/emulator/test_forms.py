"""Forms: what is read from multipart and urlencoded bodies, and what is refused. No body makes the emulator fail."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

import pytest

from tests.emulator.conftest import violations_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import httpx2

    from tests.emulator.conftest import Start

PARAMETERS: dict[str, Any] = {
    "image": {"type": "file", "media_types": ["image/png"], "max_size": 100},
    "scans": {"type": "array", "maxItems": 2, "items": {"type": "file", "media_types": ["image/*"]}},
    "prompt": {"type": "string", "maxLength": 5},
    "steps": {"type": "integer", "minimum": 1, "maximum": 9},
    "share": {"type": "number", "maximum": 1},
    "tile": {"type": "boolean"},
    "tags": {"type": "array", "items": {"type": "integer"}},
    "size": {"anyOf": [{"type": "string", "enum": ["auto"]}, {"type": "integer", "minimum": 64}]},
    "stop": {"anyOf": [{"type": "string"}, {"type": "array", "maxItems": 2, "items": {"type": "integer"}}]},
    "area": {"type": "object", "properties": {"x": {"type": "integer"}}},
}
MULTIPART = "multipart/form-data; boundary=b"
URLENCODED = "application/x-www-form-urlencoded"


@pytest.fixture(scope="module")
def forms(start: Start, spec_of: Callable[..., dict[str, Any]]) -> Iterator[httpx2.Client]:
    plain = {name: spec for name, spec in PARAMETERS.items() if name not in ("image", "scans")}
    with start(
        spec_of("upload", PARAMETERS, body="multipart", returns=["application/json"]),
        spec_of("form", plain, body="form", returns=["application/json"]),
    ) as client:
        yield client


def part(name: str, content: str, filename: str | None = None, media_type: str = "image/png") -> str:
    file = "" if filename is None else f'; filename="{filename}"'
    kind = "" if filename is None else f"Content-Type: {media_type}\r\n"
    return f'--b\r\nContent-Disposition: form-data; name="{name}"{file}\r\n{kind}\r\n{content}\r\n'


def post(client: httpx2.Client, body: str | bytes, content_type: str = MULTIPART) -> httpx2.Response:
    path = "/v1/form" if content_type.startswith(URLENCODED) else "/v1/upload"
    content = body.encode() if isinstance(body, str) else body
    return client.post(path, content=content, headers={"content-type": content_type})


@pytest.mark.parametrize(
    ("parts", "parameters"),
    [
        (
            [("prompt", "fox"), ("steps", "3"), ("share", "1e-1"), ("tile", "true")],
            {"prompt": "fox", "steps": 3, "share": 0.1, "tile": True},
        ),
        ([("size", "64"), ("stop", "END")], {"size": 64, "stop": "END"}),
        ([("size", "auto"), ("stop", "1"), ("stop", "2")], {"size": "auto", "stop": [1, 2]}),
        ([("prompt", "3"), ("tags", "1"), ("tags", "2")], {"prompt": "3", "tags": [1, 2]}),
        ([("area", '{"x": 1}')], {"area": {"x": 1}}),
        ([("prompt", "")], {"prompt": ""}),
    ],
)
def test_texts_are_read_as_the_types_of_the_parameters(
    forms: httpx2.Client, parts: list[tuple[str, str]], parameters: dict[str, Any]
) -> None:
    body = "".join(part(*each) for each in parts) + "--b--\r\n"
    encoded = "&".join(f"{name}={value}" for name, value in parts)
    for response in (post(forms, body), post(forms, encoded, f"{URLENCODED}; charset=utf-8")):
        assert response.status_code == 200, response.text
        assert response.json()["parameters"] == parameters


@pytest.mark.parametrize(
    ("parts", "messages"),
    [
        ([("steps", "10")], ["steps must be at most 9 (got 10)"]),
        ([("steps", "3.5")], ["steps must be an integer, not a number"]),
        ([("steps", " 3")], ["steps must be an integer, not a string"]),
        ([("steps", "null")], ["steps must be an integer, not a string"]),
        ([("tile", "True")], ["tile must be a boolean, not a string"]),
        ([("tags", "1"), ("tags", "x")], ["tags[1] must be an integer, not a string"]),
        ([("area", "{")], ["area must be an object, not a string"]),
        ([("area", '{"x": "1"}')], ["area.x must be an integer, not a string"]),
        ([("promt", "x")], ["promt is not a parameter; did you mean prompt?"]),
        ([("image", "x")], ["image must be a file, not a string"]),
        ([("prompt", "x", "a.txt")], ["prompt must be a string, not an object"]),
        ([("image", "x" * 101, "a.png")], ["image.size must be at most 100 (got 101)"]),
        (
            [("image", "x", "a.gif", "image/gif")],
            ['image.media_type must be one of "image/png" (got "image/gif")'],
        ),
        (
            [("scans", "x", "a", "text/plain")],
            ['scans[0].media_type must match the pattern ^(image/.*)$ (got "text/plain")'],
        ),
        ([("scans", "x", "a")] * 3, ["scans must have at most 2 items (got 3)"]),
    ],
)
def test_parts_are_judged_like_members_of_json(
    forms: httpx2.Client, parts: list[tuple[str, ...]], messages: list[str]
) -> None:
    response = post(forms, "".join(part(*each) for each in parts) + "--b--\r\n")
    assert response.status_code == 400
    assert [each["message"] for each in violations_of(forms)] == messages


@pytest.mark.parametrize(
    ("body", "content_type", "reason"),
    [
        (part("prompt", "a") + part("prompt", "b") + "--b--", MULTIPART, 'the name "prompt" is given twice'),
        (part("prompt", "a"), MULTIPART, "the last boundary is missing"),
        ("", MULTIPART, "the last boundary is missing"),
        ("no boundary", MULTIPART, "The body is not multipart/form-data"),
        (
            part("prompt", "a") + "--b--",
            "multipart/form-data; boundary=c",
            "The body is not multipart/form-data",
        ),
        (part("prompt", "a") + "--b--", "multipart/form-data", "The content type has no boundary"),
        ("--b\r\n\r\na\r\n--b--", MULTIPART, "A part of the body has no name"),
        (
            "--b\r\nContent-Disposition: form-data\r\n\r\na\r\n--b--",
            MULTIPART,
            "A part of the body has no name",
        ),
        (
            b'--b\r\nContent-Disposition: form-data; name="prompt"\r\n\r\n\xff\r\n--b--',
            MULTIPART,
            'The part "prompt" is not UTF-8: byte 0',
        ),
        (
            "".join(part(f"x{number}", "") for number in range(1001)) + "--b--",
            MULTIPART,
            "more than 1000 fields",
        ),
        ("--b\r\n" + "x: y\r\n" * 30 + "\r\na\r\n--b--", MULTIPART, "Maximum header count exceeded"),
        ("prompt=a&prompt=b", URLENCODED, 'the name "prompt" is given twice'),
        ("prompt", URLENCODED, "The body is not a form"),
        (b"prompt=\xff", URLENCODED, "The body is not a form"),
        ("prompt=%ff", URLENCODED, "The body is not a form"),
        ("&".join(["x=1"] * 1001), URLENCODED, "The body is not a form"),
        ("area=" + "[" * 10_000, URLENCODED, "nested too deeply"),
    ],
)
def test_a_body_that_is_not_a_form_is_refused_with_the_reason(
    forms: httpx2.Client, body: str | bytes, content_type: str, reason: str
) -> None:
    response = post(forms, body, content_type)
    assert response.status_code == 400, response.text
    assert reason in response.json()["error"]


@pytest.mark.parametrize(
    "content_type", ["application/json", "text/plain", URLENCODED + "x", "multipart/mixed; boundary=b"]
)
def test_another_content_type_is_refused_with_the_right_one(forms: httpx2.Client, content_type: str) -> None:
    response = forms.post("/v1/upload", content=b"{}", headers={"content-type": content_type})
    assert response.status_code == 406


def test_the_journal_describes_files(forms: httpx2.Client) -> None:
    forms.post("/_emulator/reset")
    body = part("prompt", "fox") + part("scans", "123", "a.png") + part("scans", "4", "b") + "--b--"
    post(forms, body)
    post(forms, "no boundary")
    first, second = forms.get("/_emulator/journal").json()["requests"]
    files = [
        {"filename": "a.png", "media_type": "image/png", "size": 3},
        {"filename": "b", "media_type": "image/png", "size": 1},
    ]
    assert first["body"] == {"prompt": "fox", "scans": files}
    assert first["size"] == len(body)
    assert second["body"] == "no boundary"


def test_a_file_may_be_larger_than_other_bodies(start: Start, spec_of: Callable[..., dict[str, Any]]) -> None:
    size = 17 * 2**20
    spec = spec_of(
        "large", {"image": {"type": "file", "max_size": size}}, body="multipart", returns=["application/json"]
    )
    with start(spec) as client:
        fits, exceeds = (client.post("/v1/large", files={"image": b"x" * each}) for each in (size, size + 1))
        assert violations_of(client)[0]["parameter"] == "image.size"
    assert (fits.status_code, exceeds.status_code) == (200, 400)


def test_no_damaged_body_makes_the_emulator_fail(forms: httpx2.Client) -> None:
    whole = (
        part("prompt", "fox")
        + part("image", "\x89PNG\r\n--b", "a.png")
        + part("area", '{"x": 1}')
        + "--b--\r\n"
    ).encode()
    draw = random.Random(0)
    for _ in range(300):
        damaged = bytearray(whole)
        for _ in range(draw.randint(1, 4)):
            start = draw.randrange(len(damaged))
            match draw.randrange(4):
                case 0:
                    del damaged[start : start + draw.randint(1, 30)]
                case 1:
                    damaged[start:start] = bytes(draw.choices(range(256), k=draw.randint(1, 8)))
                case 2:
                    damaged[start:start] = draw.choice(
                        [b"--b\r\n", b"\r\n\r\n", b"--b--", b'"', b";", b"%", b"\x00", b"filename="]
                    )
                case _:
                    damaged[start : start + 1] = bytes([draw.randrange(256)])
        content_type = draw.choice(
            [
                MULTIPART,
                MULTIPART,
                'multipart/form-data; boundary="b',
                "multipart/form-data; boundary=" + "b" * 300,
            ]
        )
        response = post(forms, bytes(damaged), content_type)
        assert response.status_code in (200, 400), (damaged, response.text)
        encoded = post(forms, bytes(damaged).replace(b"\r\n", draw.choice([b"&", b"=", b"%"])), URLENCODED)
        assert encoded.status_code in (200, 400), (damaged, encoded.text)
