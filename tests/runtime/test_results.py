"""Results of blocking calls, from responses of every shape."""

from __future__ import annotations

import base64
import copy
import json
import pickle
from typing import Any

import pytest
from acme_client._runtime import errors
from acme_client._runtime.errors import APIStatusError, ConfigurationError, InvalidResponseError
from acme_client._runtime.job_results import AsyncJobResult, JobResult
from acme_client._runtime.media import sniff, suffix_of
from acme_client._runtime.output import AsyncOutput, Output
from acme_client._runtime.outputs import Inline, Remote, find
from acme_client._runtime.results import AsyncResult, Result
from acme_client._runtime.stream import AsyncByteStream, ByteStream
from acme_client._runtime.text_stream import AsyncTextStream, TextStream
from acme_support.adapter import UNHURRIED
from acme_support.server import Reply
from hypothesis import given
from hypothesis import strategies as st

JPEG = b"\xff\xd8\xff\xe0 a jpeg"
PNG = b"\x89PNG\r\n\x1a\n a png"
PNG_TEXT = base64.b64encode(PNG).decode()
JPEG_TEXT = base64.b64encode(JPEG).decode()


def answer(acme: Any, server: Any, reply: Reply) -> Any:
    server.on("/v1/fox-1.5", reply)
    return acme.run(acme.client().fox_1_5.generate(prompt="a"))


def test_an_image_is_returned_unchanged(acme: Any, server: Any) -> None:
    headers = {"Content-Type": "Image/JPEG; q=1", "X-Request-Id": "r", "x-cost": "0.012", "X-Seed": "7"}
    result = answer(acme, server, Reply(body=JPEG, headers=headers))
    assert result.content == JPEG
    assert result.content_type == "image/jpeg"
    assert result.images == [JPEG]
    assert result.status_code == 200
    assert result.headers["x-cost"] == "0.012"
    assert result.request_id == "r"
    assert result.metadata == {"request_id": "r", "cost": 0.012, "seed": 7}
    assert repr(result) == f"<{type(result).__name__} image/jpeg, 11 bytes, request r>"


@pytest.mark.parametrize(
    ("value", "read"),
    [
        ("1e2", 100.0),
        ("-3", -3.0),
        ("free", "free"),
        ("", ""),
        ("nan", "nan"),
        ("1e999", "1e999"),
        ("0x1", "0x1"),
    ],
)
def test_metadata_of_any_kind(acme: Any, server: Any, value: str, read: Any) -> None:
    assert answer(acme, server, Reply(body=JPEG, headers={"x-cost": value})).metadata == {"cost": read}


@pytest.mark.parametrize("value", ["1.5", "many", "9" * 5000])
def test_metadata_of_another_type_stays_text(acme: Any, server: Any, value: str) -> None:
    assert answer(acme, server, Reply(body=JPEG, headers={"x-seed": value})).metadata == {"seed": value}


@pytest.mark.parametrize(
    ("body", "images"),
    [
        ({"picture": PNG_TEXT}, [PNG]),
        ({"image": PNG_TEXT}, [PNG]),
        ({"images": [PNG_TEXT, JPEG_TEXT]}, [PNG, JPEG]),
        ({"images": [{"image": PNG_TEXT}, {"b64_json": JPEG_TEXT}]}, [PNG, JPEG]),
        ({"output": [PNG_TEXT]}, [PNG]),
        ({"data": {"images": [PNG_TEXT]}}, [PNG]),
        ({"output": f"data:image/png;base64,{PNG_TEXT}"}, [PNG]),
        ({"image": f"DATA:image/png;charset=x;BASE64,{PNG_TEXT}"}, [PNG]),
        ([PNG_TEXT, JPEG_TEXT], [PNG, JPEG]),
        (json.dumps(PNG_TEXT), [PNG]),
        ({"image": "\n".join([PNG_TEXT[:8], PNG_TEXT[8:]])}, [PNG]),
        ({"image": PNG_TEXT.rstrip("=").replace("+", "-").replace("/", "_")}, [PNG]),
        ({"picture": base64.b64encode(b"unknown").decode()}, [b"unknown"]),
        ({"picture": base64.b64encode(b"unpadd").decode()}, [b"unpadd"]),
        ({"image": base64.b64encode(b"unpadded").decode()}, [b"unpadded"]),
        ({"image": "portrait"}, []),
        ({"anything": {"deep": [{"down": PNG_TEXT}]}}, [PNG]),
        ({"output": "a caption of letters and spaces alone that is " + "very " * 20 + "long"}, []),
        ({"output": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"}, []),
        ({"output": "done"}, []),
        ({"data": "successful"}, []),
        ({"image": "https://cdn.test/a.png"}, []),
        ({"image": "no base64!"}, []),
        ({"image": "data:image/png;base64"}, []),
        ({"image": "data:image/png;base64,%%%"}, []),
        ({"image": None, "images": 7, "prompt": PNG_TEXT}, []),
        ({"text": "hello"}, []),
        ("plain text", []),
    ],
)
def test_images_in_json_of_any_shape(acme: Any, server: Any, body: Any, images: list[bytes]) -> None:
    assert answer(acme, server, Reply(body=body)).images == images


def test_json_and_text(acme: Any, server: Any) -> None:
    result = answer(acme, server, Reply(body={"text": "schön"}))
    assert result.json() == {"text": "schön"}
    assert json.loads(result.text) == {"text": "schön"}
    latin = Reply(body="schön".encode("latin-1"), headers={"content-type": "text/plain; charset=latin-1"})
    assert answer(acme, server, latin).text == "schön"
    strange = Reply(body="schön".encode(), headers={"content-type": "text/plain; charset=no-such-thing"})
    assert answer(acme, server, strange).text == "schön"


def test_json_of_another_body_is_an_error(acme: Any, server: Any) -> None:
    result = answer(
        acme, server, Reply(body=JPEG, headers={"content-type": "image/jpeg", "x-request-id": "r"})
    )
    with pytest.raises(InvalidResponseError, match="not JSON but image/jpeg, 11 bytes") as caught:
        result.json()
    assert (caught.value.status, caught.value.request_id) == (200, "r")


def test_headers_have_names_in_any_case(acme: Any, server: Any) -> None:
    result = answer(acme, server, Reply(body=JPEG, headers={"X-Cost": "0.5"}))
    assert result.headers["x-COST"] == result.headers.get("X-Cost") == "0.5"
    assert "X-COST" in result.headers
    assert "x-none" not in result.headers
    assert dict(result.headers)["x-cost"] == "0.5"
    assert pickle.loads(pickle.dumps(result)).headers == result.headers
    server.on("/v2/requests/j-1", Reply(body={"status": "COMPLETED"}, headers={"X-Cost": "0.5"}))
    job = acme.client().job("j-1")
    acme.run(job.result())
    assert job.raw.headers["X-COST"] == "0.5"
    server.on("/v1/fox-1.5", Reply(400, {"error": "no"}, {"X-More": "m"}))
    with pytest.raises(APIStatusError) as caught:
        acme.run(acme.client().fox_1_5.generate(prompt="a"))
    assert caught.value.headers["X-MORE"] == "m"


def test_repr_never_raises(acme: Any) -> None:
    client = acme.client()
    kinds = (
        type(client),
        type(client.fox_1_5),
        type(client.job("j")),
        Result,
        AsyncResult,
        JobResult,
        AsyncJobResult,
        Output,
        AsyncOutput,
        ByteStream,
        AsyncByteStream,
        TextStream,
        AsyncTextStream,
    )
    for kind in (*kinds, *(getattr(errors, name) for name in errors.__all__ if name.endswith("Error"))):
        unfinished = kind.__new__(kind)
        assert kind.__name__ in repr(unfinished) or repr(unfinished) in ("{}", "<model fox-1.5 of None>")
        assert isinstance(str(unfinished), str)
    with pytest.raises(ConfigurationError) as caught:
        type(client)("key", base_url="not an origin")
    frame = caught.tb.tb_next.tb_frame  # type: ignore[union-attr]  # the frame of __init__
    assert "not initialized" in repr(frame.f_locals["self"])


def test_a_result_survives_pickling_and_copying(acme: Any, server: Any, tmp_path: Any) -> None:
    result = answer(acme, server, Reply(body={"images": [PNG_TEXT]}))
    for other in (pickle.loads(pickle.dumps(result)), copy.copy(result), copy.deepcopy(result)):
        assert other.images == [PNG]
        assert acme.run(other.save(tmp_path / "a.png", overwrite=True)) == [tmp_path / "a.png"]


def test_a_model_may_return_web_pages(acme: Any, server: Any) -> None:
    server.on("/legacy/owl/run", Reply(body="<html>", headers={"content-type": "text/html"}))
    assert acme.run(acme.client().owl.generate()).text == "<html>"


@UNHURRIED
@given(st.binary())
def test_any_bytes_are_accepted(content: bytes) -> None:
    assert suffix_of("", content).startswith(".")
    assert isinstance(sniff(content), str)


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.floats()
    | st.text()
    | st.sampled_from(["data:,", "data:;base64,", "https://"]),
    lambda inner: (
        st.lists(inner) | st.dictionaries(st.sampled_from(["image", "output", "x"]) | st.text(), inner)
    ),
)


@UNHURRIED
@given(JSON)
def test_any_json_is_accepted(value: Any) -> None:
    assert all(isinstance(media, Inline | Remote) for media in find(value))


@pytest.mark.parametrize(
    ("kind", "start", "url", "expected"),
    [
        ("image/jpeg", b"", "", ".jpg"),
        ("image/png; charset=binary", b"", "", ".png"),
        ("", PNG, "", ".png"),
        ("application/octet-stream", JPEG, "", ".jpg"),
        ("", b"RIFF\0\0\0\0WEBPVP8 ", "", ".webp"),
        ("", b"\0\0\0\x18ftypmp42", "", ".mp4"),
        ("", b"ID3\4", "", ".mp3"),
        ("", b"?", "https://cdn.test/a.GLTF?sig=1.png", ".gltf"),
        ("", b"?", "https://cdn.test/a.exe", ".bin"),
        ("text/x-unheard-of", b"?", "", ".txt"),
        ("image/jxl", b"\xff\n", "", ".jxl"),
        ("video/x-flv", b"\0", "", ".flv"),
        ("application/x-tar", b"\0", "", ".bin"),
        ("", b"", "", ".bin"),
    ],
)
def test_extensions(kind: str, start: bytes, url: str, expected: str) -> None:
    assert suffix_of(kind, start, url) == expected
