"""Malformed bodies are refused with a reason and without delay."""

from __future__ import annotations

import gzip
import time
from typing import TYPE_CHECKING

import pytest

from speccast.emulator.settings import EmulatorSettings
from tests.emulator.conftest import violations_of

if TYPE_CHECKING:
    import httpx2

    from tests.emulator.conftest import Start

JSON = {"content-type": "application/json"}


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "The body is empty; send a JSON object."),
        (b"  \n", "The body is empty; send a JSON object."),
        (b"[]", "The body must be a JSON object, not an array."),
        (b'["text"]', "The body must be a JSON object, not an array."),
        (b"null", "The body must be a JSON object, not null."),
        (b"true", "The body must be a JSON object, not a boolean."),
        (b'"text"', "The body must be a JSON object, not a string."),
        (b"5", "The body must be a JSON object, not an integer."),
        (b"5.5", "The body must be a JSON object, not a number."),
        (b"{", "The body is not JSON: "),
        (b'{"text": "a",}', "The body is not JSON: "),
        (b"{'text': 'a'}", "The body is not JSON: "),
        (b"text=a", "The body is not JSON: "),
        (b'{"text": "a"} {}', "The body is not JSON: "),
        (b'{"text": "a\nb"}', "The body is not JSON: "),
        (b'{"text": "\xff"}', "The body is not UTF-8: byte 10 cannot be read."),
        ('{"text": "ü"}'.encode("latin-1"), "The body is not UTF-8: byte 10 cannot be read."),
        ('{"text": "a"}'.encode("utf-16"), "The body is not UTF-8: byte 0 cannot be read."),
        (b'\xef\xbb\xbf{"text": "a"}', "The body begins with a byte order mark; send plain UTF-8."),
        (b'{"text": NaN}', "The body cannot be read: NaN is not a number in JSON."),
        (b'{"text": Infinity}', "The body cannot be read: Infinity is not a number in JSON."),
        (b'{"text": -Infinity}', "The body cannot be read: -Infinity is not a number in JSON."),
        (b'{"text": "a", "text": "b"}', 'The body cannot be read: the name "text" is given twice.'),
        (b'{"x": {"y": 1, "z": 2, "y": 1}}', 'The body cannot be read: the name "y" is given twice.'),
        (b'{"text": 1e999999999}', "The body cannot be read: the number 1e999999999 is out of range."),
        (b'{"text": 1e-999999999}', "The body cannot be read: the number 1e-999999999 is out of range."),
        (b'{"text": 1e99999999999999999999999}', "The body cannot be read: the number 1e9999"),
        (b'{"text": ' + b"9" * 5000 + b"}", "The body cannot be read: a number has more than 4000 digits."),
        (b'{"text": 0.' + b"9" * 5000 + b"}", "The body cannot be read: a number has more than 4000 digits."),
        (
            b'{"x": ' + b"[" * 10_000 + b"]" * 10_000 + b"}",
            "The body is nested too deeply; 100 levels are allowed.",
        ),
        (b'{"x": ' * 10_000 + b"1" + b"}" * 10_000, "The body is nested too deeply; 100 levels are allowed."),
        (
            b'{"x": ' + b"[" * 100 + b"]" * 100 + b"}",
            "The body is nested too deeply; 100 levels are allowed.",
        ),
        (b'{"x": ' + b"[" * 10_000, "The body is "),
    ],
)
def test_a_body_that_is_not_a_json_object_is_refused_with_the_reason(
    studio: httpx2.Client, body: bytes, reason: str
) -> None:
    before = time.monotonic()
    response = studio.post("/v1/echo", content=body, headers=JSON)
    assert response.status_code == 400
    assert response.json()["error"].startswith(reason)
    assert time.monotonic() - before < 5


@pytest.mark.parametrize("zero", ["0e999999999", "0.000e99999999999999999999", "-0", "-0.0E-5"])
def test_zero_is_zero_with_any_exponent(studio: httpx2.Client, zero: str) -> None:
    studio.post("/v1/echo", content=f'{{"text": {zero}}}'.encode(), headers=JSON)
    assert violations_of(studio)[0]["value"] == 0


def test_large_numbers_are_repeated_exactly(studio: httpx2.Client) -> None:
    digits = "9" * 40
    response = studio.post("/v1/echo", content=f'{{"text": {digits}.0}}'.encode(), headers=JSON)
    assert response.status_code == 400
    assert violations_of(studio)[0]["value"] == int(digits)


def test_an_unpaired_surrogate_is_accepted(studio: httpx2.Client) -> None:
    body = rb'{"prompt": "fox \ud83e", "seed": 1}'
    assert studio.post("/v1/painter-1.5", content=body, headers=JSON).status_code == 200
    echoed = studio.post("/v1/echo", content=rb'{"text": "\ud83e"}', headers=JSON)
    assert echoed.json()["parameters"] == {"text": "?"}


def test_a_body_over_the_limit_gets_413_and_the_connection_stays_open(studio: httpx2.Client) -> None:
    response = studio.post("/v1/echo", json={"text": "x" * 20_000_000})
    assert response.status_code == 413
    assert response.json() == {"error": "The body is too large: at most 16777216 bytes are allowed"}
    assert studio.post("/v1/echo", json={}).status_code == 200


def test_a_body_at_the_limit_is_accepted_and_one_byte_more_is_refused(start: Start) -> None:
    with start(settings=EmulatorSettings(max_body=100)) as client:
        assert client.post("/v1/echo", content=b"{}".ljust(100), headers=JSON).status_code == 200
        assert client.post("/v1/echo", content=b"{}".ljust(101), headers=JSON).status_code == 413
        assert client.post("/v1/echo", content=b"{}".ljust(30_000_000), headers=JSON).status_code == 413


def test_a_body_in_chunks_is_read_to_its_end(studio: httpx2.Client) -> None:
    chunks = (f"{piece}".encode() for piece in ('{"te', 'xt": ', '"a"', "}"))
    response = studio.post("/v1/echo", content=chunks, headers=JSON)
    assert response.json()["parameters"] == {"text": "a"}


@pytest.mark.parametrize("coding", ["gzip", "br", "GZIP", "identity, gzip"])
def test_a_compressed_body_gets_415(studio: httpx2.Client, coding: str) -> None:
    headers = {**JSON, "content-encoding": coding}
    refused = studio.post("/v1/echo", content=gzip.compress(b"{}"), headers=headers)
    assert (refused.status_code, refused.headers["accept-encoding"]) == (415, "identity")
    assert coding.lower() in refused.json()["error"]
    as_it_is = studio.post("/v1/echo", json={}, headers={"content-encoding": "identity"})
    assert as_it_is.status_code == 200
