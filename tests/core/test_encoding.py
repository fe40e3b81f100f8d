"""Encodings: what the client sends is what the emulator decodes."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from speccast.core.encoding import ENCODINGS, BodyError, EncodeError, Encoding

PARAMETERS: dict[str, Any] = {"prompt": "ein Fuchs, 狐", "steps": 20, "tile": True}


@pytest.mark.parametrize("encoding", ENCODINGS.values(), ids=ENCODINGS)
def test_a_server_decodes_what_a_client_encodes(encoding: Encoding) -> None:
    content_type, body = encoding.encode(PARAMETERS)
    assert encoding.matches(content_type)
    assert not encoding.matches("text/html")
    assert encoding.decode(content_type, body) == PARAMETERS
    assert list(encoding.describe({"type": "object"}, {})) == [encoding.media_type]


def test_json_keeps_numbers_exact() -> None:
    decoded = ENCODINGS["json"].decode("application/json", b'{"a": 0.1}', parse_number=Decimal)
    assert decoded == {"a": Decimal("0.1")}


@pytest.mark.parametrize(
    ("content_type", "matches"),
    [
        ("application/json", True),
        ("Application/JSON; charset=utf-8", True),
        ("application/problem+json", True),
        ("text/json", False),
        ("", False),
    ],
)
def test_json_has_several_media_types(content_type: str, matches: bool) -> None:
    assert ENCODINGS["json"].matches(content_type) is matches


@pytest.mark.parametrize("body", [b"", b"[]", b'{"a": 1, "a": 2}', b'{"a": NaN}', b"\xff", b"{"])
def test_json_that_is_not_one_object_is_refused(body: bytes) -> None:
    with pytest.raises(BodyError):
        ENCODINGS["json"].decode("application/json", body)


def test_an_error_names_every_parameter_that_cannot_be_encoded() -> None:
    with pytest.raises(EncodeError) as caught:
        ENCODINGS["json"].encode({"a": b"x", "b": 1, "c": float("nan"), "d": "\ud800"})
    assert list(caught.value.reasons) == ["a", "c", "d"]
