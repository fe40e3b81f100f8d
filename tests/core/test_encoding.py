"""Encodings: what the client sends is what the emulator decodes."""

from __future__ import annotations

import base64
import json
import os
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from speccast.core.encoding import ENCODINGS, EncodeError, Encoding
from speccast.core.parameter import Parameter, size_text
from speccast.core.uploads import Form, FormBody, JsonBody, MultipartBody, Upload, UploadError
from speccast.emulator.bodies import BodyError, decode_form, decode_json

if TYPE_CHECKING:
    from pathlib import Path

PARAMETERS: dict[str, Any] = {
    "prompt": "ein Fuchs, 狐\r\n--x",
    "steps": 20,
    "share": 1e-05,
    "tile": True,
    "tags": ["a", "b&c=d"],
    "area": {"x": [1, None]},
    'odd"na\nme': "x",
}
KINDS = (
    Parameter(wire="prompt", name="prompt", type="string"),
    Parameter(wire="steps", name="steps", type="integer"),
    Parameter(wire="share", name="share", type="number"),
    Parameter(wire="tile", name="tile", type="boolean"),
    Parameter(wire="tags", name="tags", type="array", items=Parameter(wire="", name="", type="string")),
    Parameter(wire="area", name="area", type="object"),
    Parameter(wire="image", name="image", type="file"),
)


@pytest.mark.parametrize("encoding", ENCODINGS.values(), ids=ENCODINGS)
def test_a_server_decodes_what_a_client_encodes(encoding: Encoding) -> None:
    content_type, body = encoding.encode(PARAMETERS)
    assert encoding.matches(content_type)
    assert not encoding.matches("text/html")
    content = body if isinstance(body, bytes) else b"".join(body)
    decoded = decode_form(content, content_type, KINDS) if encoding.is_form else decode_json(content)
    assert decoded == PARAMETERS
    assert list(encoding.describe({"type": "object"}, {}, KINDS)) == [encoding.media_type]


@pytest.mark.parametrize("source", ["bytes", "path", "file", "unknown size"])
def test_a_server_decodes_a_file_that_is_sent(tmp_path: Path, source: str) -> None:
    path = tmp_path / "fox.png"
    path.write_bytes(b"skipped" + b"x" * 1_000_000)
    with path.open("rb") as opened:
        opened.seek(7)
        content: Any = {"bytes": b"x" * 1_000_000, "path": str(path)}.get(source, opened)
        size = {"path": 1_000_007, "unknown size": None}.get(source, 1_000_000)
        upload = Upload('f"o\u00fc.png', "image/png", content, size, offset=7)
        content_type, body = ENCODINGS["multipart"].encode({"image": upload, "prompt": "a"})
        assert isinstance(body, MultipartBody)
        sent = b"".join(body)
        assert body.size == (None if size is None else len(sent))
        assert body.can_repeat == (size is not None)
        decoded = decode_form(sent, content_type, KINDS)
        expected = {"filename": 'f"o\u00fc.png', "media_type": "image/png", "size": size or 1_000_000}
        assert decoded == {"image": expected, "prompt": "a"}
        if size is not None:
            assert b"".join(body) == sent


@pytest.mark.parametrize("size", [0, 1, 2, 3, 255 * 1024 - 1, 600_001])
@pytest.mark.parametrize("source", ["bytes", "memoryview", "path", "file", "pipe"])
@pytest.mark.parametrize(("form", "head"), [("base64", ""), ("data_uri", "data:image/png;base64,")])
def test_a_file_is_encoded_piece_by_piece_in_a_json_body(
    tmp_path: Path, size: int, source: str, form: Form, head: str
) -> None:
    content, path = os.urandom(size), tmp_path / "fox.png"
    path.write_bytes(content)
    text = head + base64.b64encode(content).decode()
    with path.open("rb") as opened:
        made: Any = {"bytes": content, "memoryview": memoryview(content), "path": str(path)}
        known = None if source == "pipe" else size
        upload = Upload("fox.png", "image/png", made.get(source, opened), known, form=form)
        _, body = ENCODINGS["json"].encode({"a": '"\u72d0', "b": [{"c": upload}], "d": 1.5})
        assert isinstance(body, JsonBody)
        announced = body.size
        pieces = list(body)
        assert max(map(len, pieces)) < 400_000
        assert json.loads(b"".join(pieces)) == {"a": '"\u72d0', "b": [{"c": text}], "d": 1.5}
        assert announced == (None if source == "pipe" else sum(map(len, pieces)))
        assert body.can_repeat == (source != "pipe")
        if body.can_repeat:
            assert list(body) == pieces
    assert json.loads(body.describe())["b"][0]["c"].startswith("<fox.png, image/png, ")


@pytest.mark.parametrize(("form", "more"), [("data_uri", ""), ("url", ", to be uploaded")])
def test_a_file_is_described_with_what_becomes_of_it(form: Form, more: str) -> None:
    _, body = ENCODINGS["json"].encode({"a": Upload("fox.png", "image/png", b"abc", 3, form=form)})
    assert isinstance(body, JsonBody)
    assert json.loads(body.describe()) == {"a": f"<fox.png, image/png, 3 bytes{more}>"}


@pytest.mark.parametrize("name", ["multipart", "form"])
def test_a_file_is_a_text_of_a_form_where_the_api_takes_it_encoded(name: str) -> None:
    upload = Upload("fox.png", "image/png", b"\xff\xfe\xfd\xfc", 4, form="data_uri")
    content_type, body = ENCODINGS[name].encode({"image": upload, "list": [upload, "x"], "in": {"a": upload}})
    content = b"".join([body] if isinstance(body, bytes) else body)
    kinds = [
        Parameter(wire="image", name="image", type="string"),
        Parameter(wire="list", name="list", type="array"),
        Parameter(wire="in", name="in", type="object"),
    ]
    text = "data:image/png;base64,//79/A=="
    assert decode_form(content, content_type, kinds) == {
        "image": text,
        "list": [text, "x"],
        "in": {"a": text},
    }


@pytest.mark.parametrize("name", ENCODINGS)
def test_an_uploaded_file_is_sent_as_its_address(name: str) -> None:
    upload = Upload("fox.png", "image/png", b"x", 1, form="url", address='https://example.com/"\u72d0"')
    content_type, body = ENCODINGS[name].encode({"image": upload})
    content = body if isinstance(body, bytes) else b"".join(body)
    kinds = [Parameter(wire="image", name="image", type="string")]
    decoded = decode_json(content) if name == "json" else decode_form(content, content_type, kinds)
    assert decoded == {"image": upload.address}
    assert isinstance(body, bytes) or (body.uploads == [upload] and body.size == len(content))


def test_a_file_that_changes_while_it_is_sent_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "fox.png"
    path.write_bytes(b"x" * 10)
    upload = Upload("fox.png", "image/png", str(path), 11)
    with pytest.raises(UploadError, match=r"fox\.png became shorter while it was sent"):
        list(upload.chunks())
    sent: list[bytes] = []
    with pytest.raises(UploadError, match=r"fox\.png became longer while it was sent"):
        sent.extend(Upload("fox.png", "image/png", str(path), 9).chunks())
    assert sent == []
    path.unlink()
    with pytest.raises(UploadError, match=r"fox\.png cannot be read: No such file"):
        list(upload.chunks())
    path.write_bytes(b"x" * 10)
    with path.open("rb") as opened:
        limited = Upload("fox.png", "image/png", opened, None, max_size=9)
        with pytest.raises(UploadError, match=r"fox\.png is larger than 9 bytes"):
            list(limited.chunks())
    with pytest.raises(UploadError, match="closed"):
        list(Upload("fox.png", "image/png", opened, 10).chunks())


def test_json_keeps_numbers_exact() -> None:
    assert decode_json(b'{"a": 0.1}', Decimal) == {"a": Decimal("0.1")}


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
        decode_json(body)


@pytest.mark.parametrize(
    ("name", "names"),
    [("json", ["a", "c", "d", "f"]), ("multipart", ["a", "c", "e"]), ("form", ["a", "c", "e", "f"])],
)
def test_an_error_names_every_parameter_that_cannot_be_encoded(name: str, names: list[str]) -> None:
    values: dict[str, Any] = {"a": b"x", "b": 1, "c": float("nan")}
    values |= {"d": "\ud800"} if name == "json" else {"e": None}
    with pytest.raises(EncodeError) as caught:
        ENCODINGS[name].encode({**values, "f": Upload("fox.png", "image/png", b"", 0)})
    assert list(caught.value.reasons) == names


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (1, "1 byte"),
        (1000, "1 kB"),
        (1025, "1025 bytes"),
        (10 * 2**20, "10 MiB"),
        (25_000_000, "25 MB"),
        (2**31, "2 GiB"),
    ],
)
def test_sizes_are_written_exactly(count: int, text: str) -> None:
    assert size_text(count) == text


@pytest.mark.parametrize(
    ("part", "decoded"),
    [
        ('name="image"; filename="a.png"\r\n\r\nx', {"image": {"filename": "a.png", "size": 1}}),
        ('name="image"; filename="a"\r\n\r\n', {"image": {"filename": "a", "size": 0}}),
        ('name="none"; filename="none"\r\n\r\n', {}),
        ('name="none"; filename="none"\r\n\r\nx', {"none": {"filename": "none", "size": 1}}),
        ('name="none"\r\n\r\n', {"none": ""}),
    ],
    ids=["without a type", "an empty file", "an empty file with an unknown name", "a file with one", "text"],
)
def test_files_can_lack_a_type_and_an_empty_one_only_makes_a_form_multipart(
    part: str, decoded: dict[str, Any]
) -> None:
    body = f"--b\r\nContent-Disposition: form-data; {part}\r\n--b--\r\n".encode()
    assert decode_form(body, "multipart/form-data; boundary=b", KINDS) == decoded


def test_a_form_has_the_address_that_an_upload_has_when_it_is_sent() -> None:
    upload = Upload("fox.png", "image/png", b"x", 1, form="url")
    content_type, body = ENCODINGS["form"].encode({"a": "1 2", "image": upload})
    assert isinstance(body, FormBody)
    assert body.uploads == [upload]
    upload.address = "https://example.com/?a=1&b"
    assert b"".join(body) == b"a=1+2&image=https%3A%2F%2Fexample.com%2F%3Fa%3D1%26b"
    assert content_type == "application/x-www-form-urlencoded"


@pytest.mark.parametrize("name", ["multipart", "form"])
def test_an_object_in_a_form_has_the_address_that_an_upload_has_when_it_is_sent(name: str) -> None:
    upload = Upload("fox.png", "image/png", b"x", 1, form="url")
    content_type, body = ENCODINGS[name].encode(
        {"ref": {"image": upload, "weight": 1}, "list": [{"a": [upload]}]}
    )
    assert isinstance(body, MultipartBody | FormBody)
    assert body.uploads == [upload, upload]
    assert "fox.png, image/png, 1 bytes, to be uploaded" in repr(body.fields)
    upload.address = 'https://example.com/?a=1&b="'
    content = b"".join(body)
    kinds = [
        Parameter(wire="ref", name="ref", type="object"),
        Parameter(wire="list", name="list", type="array", items=Parameter(wire="", name="", type="object")),
    ]
    expected = {"ref": {"image": upload.address, "weight": 1}, "list": [{"a": [upload.address]}]}
    assert decode_form(content, content_type, kinds) == expected
    assert body.size == len(content)
