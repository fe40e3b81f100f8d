"""Files of other types than images are small and valid."""

from __future__ import annotations

import base64
import gzip
import io
import json
import re
import struct
import tarfile
import wave
import zipfile
from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree

import httpx2
import pytest
from PIL import Image

from speccast.emulator.formats import FORMATS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.emulator.conftest import Start

PARAMETERS: dict[str, Any] = {
    "text": {"type": "string"},
    "format": {"type": "string"},
    "seed": {"type": "integer"},
    "width": {"type": "integer"},
    "height": {"type": "integer"},
    "inline": {"type": "boolean"},
    "weights": {"type": "array"},
}


OTHERS = (
    "application/vnd.acme.report+json",
    "image/x-acme",
    "text/x-acme",
    "font/ttf",
    "application/epub+zip",
)
"""Types that the emulator does not know."""

TYPES = (
    *((each.media_type,) for each in FORMATS),
    *((name,) for each in FORMATS for name in each.names if "/" in name),
    *((media_type,) for media_type in OTHERS),
    *(("application/json", "image/png"), ("application/zip", "text/plain")),
    *(("audio/*",), ("image/*",), ("video/*",), ("model/*",), ("text/*",), ("font/*",), ("application/*",)),
    *(("audio/mpeg", "application/json"), ("image/jpeg", "application/json")),
    *(("text/plain", "application/json"), ("video/mp4", "video/webm")),
)
"""Media types that the models of these tests return."""

Make = Callable[..., httpx2.Response]


@pytest.fixture(scope="module")
def made(start: Start, spec_of: Callable[..., Any]) -> Iterator[Make]:
    """Return the response of the model that returns the given types."""
    models = [spec_of(f"maker-{n}", PARAMETERS, returns=list(returns)) for n, returns in enumerate(TYPES)]
    with start(*models) as client:

        def make(*returns: str, **parameters: Any) -> httpx2.Response:
            path = f"/v1/maker-{TYPES.index(returns)}"
            return client.post(path, json={"text": "a red fox", **parameters})

        yield make


def boxes(content: bytes) -> dict[bytes, bytes]:
    """Return the boxes of an MP4 file, or within one, by type."""
    found: dict[bytes, bytes] = {}
    while content:
        (length,) = struct.unpack(">I", content[:4])
        assert 8 <= length <= len(content)
        found[content[4:8]] = content[8:length]
        content = content[length:]
    return found


def elements(content: bytes) -> list[tuple[int, bytes]]:
    """Return the elements of a WebM file, or within one."""
    found = []
    while content:
        width = 9 - content[0].bit_length()
        name = int.from_bytes(content[:width], "big")
        length = int.from_bytes(content[width : width + 8], "big") & ~(1 << 56)
        assert content[width] == 1
        assert width + 8 + length <= len(content)
        found.append((name, content[width + 8 : width + 8 + length]))
        content = content[width + 8 + length :]
    return found


def decode(frame: bytes) -> Image.Image:
    """Decode a VP8 key frame, as part of a WebP file."""
    padded = frame + b"\0" * (len(frame) % 2)
    riff = b"WEBPVP8 " + struct.pack("<I", len(frame)) + padded
    image = Image.open(io.BytesIO(b"RIFF" + struct.pack("<I", len(riff)) + riff))
    image.load()
    return image


SIGNATURES = {
    "application/gzip": rb"\x1f\x8b\x08",
    "application/pdf": rb"%PDF-",
    "application/zip": rb"PK\x03\x04",
    "audio/aac": rb"\xff\xf1",
    "audio/aiff": rb"FORM....AIFFCOMM",
    "audio/flac": rb"fLaC\x80",
    "audio/midi": rb"MThd.{10}MTrk",
    "audio/mp4": rb"....ftypM4A ",
    "audio/mpeg": rb"\xff\xfb",
    "audio/ogg": rb"OggS",
    "audio/wav": rb"RIFF....WAVE",
    "audio/webm": rb"\x1aE\xdf\xa3",
    "image/avif": rb"....ftypavif",
    "image/bmp": rb"BM",
    "image/gif": rb"GIF8",
    "image/heic": rb"....ftypheic",
    "image/jpeg": rb"\xff\xd8\xff",
    "image/jp2": rb"....jP  ",
    "image/jxl": rb"\xff\x0a",
    "image/png": rb"\x89PNG\r\n",
    "image/svg+xml": rb"<svg ",
    "image/tiff": rb"II\*\0",
    "image/vnd.adobe.photoshop": rb"8BPS",
    "image/webp": rb"RIFF....WEBP",
    "image/x-icon": rb"\x00\x00\x01\x00",
    "model/gltf-binary": rb"glTF\x02",
    "model/ply": rb"ply\n",
    "model/vnd.usdz+zip": rb"PK\x03\x04",
    "text/event-stream": rb"data: a\n\ndata: red",
    "text/html": rb"<!doctype html>",
    "text/vtt": rb"WEBVTT\n\n00:00.000 --> ",
    "video/3gpp": rb"....ftyp3gp4",
    "video/mp4": rb"....ftypisom",
    "video/mpeg": rb"\x00\x00\x01\xba",
    "video/ogg": rb"OggS",
    "video/quicktime": rb"....ftypqt  ",
    "video/webm": rb"\x1aE\xdf\xa3.*webm",
    "video/x-matroska": rb"\x1aE\xdf\xa3.*matroska",
    "video/x-msvideo": rb"RIFF....AVI ",
}


@pytest.mark.parametrize(
    "media_type", [*(each.media_type for each in FORMATS), *OTHERS, "audio/mp3", "audio/x-wav"]
)
def test_a_response_has_the_type_of_the_spec_and_a_file_of_it(made: Make, media_type: str) -> None:
    response = made(media_type)
    assert response.headers["content-type"].partition(";")[0] == media_type
    signature = SIGNATURES.get(media_type, b".")
    assert re.match(signature, response.content, re.DOTALL)


@pytest.mark.parametrize(
    ("returns", "answered"),
    [
        ("image/*", "image/jpeg"),
        ("audio/*", "audio/wav"),
        ("video/*", "video/mp4"),
        ("model/*", "model/gltf-binary"),
        ("text/*", "text/plain"),
        ("application/*", "application/octet-stream"),
        ("font/*", "font/unknown"),
    ],
)
def test_a_range_of_types_is_answered_by_one_of_them(made: Make, returns: str, answered: str) -> None:
    response = made(returns)
    assert response.headers["content-type"].partition(";")[0] == answered
    assert response.content


def test_files_with_a_structure_can_be_read(made: Make) -> None:
    with zipfile.ZipFile(io.BytesIO(made("application/zip", "text/plain").content)) as archive:
        assert archive.read("output.txt") == b"a red fox"
    with tarfile.open(fileobj=io.BytesIO(made("application/x-tar").content)) as tar:
        assert tar.getnames() == ["output.txt"]
    assert gzip.decompress(made("application/gzip").content) == b"a red fox"
    length, chunk = struct.unpack_from("<II", made("model/gltf-binary").content, 8)
    assert length == len(made("model/gltf-binary").content) == 20 + chunk
    assert json.loads(made("model/gltf-binary").content[20:])["asset"]["version"] == "2.0"
    assert len(made("model/stl").content) == 84 + 50
    for media_type in ("text/xml", "image/svg+xml"):
        ElementTree.fromstring(made(media_type, text="<&\0>").content)
    [line] = made("application/x-ndjson").content.splitlines()
    assert json.loads(line)["text"] == "a red fox"


@pytest.mark.parametrize("media_type", ["audio/wav", "audio/*", "audio/x-wav"])
def test_audio_is_a_tone(made: Make, media_type: str) -> None:
    response = made(media_type)
    with wave.open(io.BytesIO(response.content)) as file:
        assert file.getnframes() / file.getframerate() == 0.5
        assert any(file.readframes(file.getnframes()))


def test_another_seed_gives_another_tone(made: Make) -> None:
    assert made("audio/wav", seed=1).content == made("audio/wav", seed=1).content
    assert made("audio/wav", seed=1).content != made("audio/wav", seed=2).content


def test_mp3_consists_of_complete_frames(made: Make) -> None:
    response = made("audio/mpeg")
    assert response.headers["content-type"] == "audio/mpeg"
    frame = 144 * 32_000 // 44_100
    assert len(response.content) % frame == 0
    assert {response.content[start : start + 3] for start in range(0, len(response.content), frame)} == {
        b"\xff\xfb\x10"
    }


def test_mp4_contains_frames_that_can_be_decoded(made: Make) -> None:
    response = made("video/mp4", seed=1, width=640, height=360)
    assert response.headers["content-type"] == "video/mp4"
    film = boxes(response.content)
    assert list(film) == [b"ftyp", b"moov", b"mdat"]
    table = film
    for name in (b"moov", b"trak", b"mdia", b"minf", b"stbl"):
        table = boxes(table[name])
    sizes = struct.unpack(">4I", table[b"stsz"][12:])
    (start,) = struct.unpack(">I", table[b"stco"][8:])
    frames = []
    for size in sizes:
        frames.append(decode(response.content[start : start + size]))
        start += size
    assert start == len(response.content)
    assert {frame.size for frame in frames} == {(640, 360)}
    assert len({frame.tobytes() for frame in frames}) == 4


@pytest.mark.parametrize("returns", [["video/webm"], ["video/mp4", "video/webm"]])
def test_webm_contains_frames_that_can_be_decoded(made: Make, returns: list[str]) -> None:
    response = made(*returns, format="webm", width=100, height=300)
    assert response.headers["content-type"] == "video/webm"
    (head, head_content), (segment, content) = elements(response.content)
    assert (head, segment) == (0x1A45DFA3, 0x18538067)
    assert (0x4282, b"webm") in elements(head_content)
    clusters = [dict(elements(inner)) for name, inner in elements(content) if name == 0x1F43B675]
    blocks = [cluster[0xA3] for cluster in clusters]
    assert [int.from_bytes(cluster[0xE7], "big") for cluster in clusters] == [0, 250, 500, 750]
    assert {decode(block[4:]).size for block in blocks} == {(100, 300)}


STRING, INTEGER, NUMBER = ({"type": kind} for kind in ("string", "integer", "number"))
FILM: dict[str, Any] = {
    "width": INTEGER,
    "height": INTEGER,
    "resolution": {**STRING, "default": "480p"},
    "size": INTEGER,
    "aspect_ratio": {**STRING, "default": "16:9"},
    "duration": {"type": ["string", "null"], "default": "2"},
    "seconds": NUMBER,
    "num_frames": INTEGER,
    "fps": {**INTEGER, "default": 16},
    "format": STRING,
}


@pytest.fixture(scope="module")
def film(start: Start, spec_of: Callable[..., Any]) -> Iterator[httpx2.Client]:
    with start(
        spec_of("film", FILM, returns=["video/mp4"]), spec_of("still", FILM, returns=["image/png"])
    ) as client:
        yield client


@pytest.mark.parametrize(
    ("asked", "size"),
    [
        ({}, (854, 480)),
        ({"resolution": "720p"}, (1280, 720)),
        ({"resolution": "1080P", "aspect_ratio": "9:16"}, (1080, 1920)),
        ({"aspect_ratio": "1:1"}, (480, 480)),
        ({"resolution": "640x360"}, (640, 360)),
        ({"resolution": "1280*720", "aspect_ratio": "1:1"}, (1280, 720)),
        ({"resolution": "2K"}, (2560, 1440)),
        ({"size": 540, "resolution": "auto"}, (960, 540)),
        ({"width": 333, "height": 111}, (333, 111)),
        ({"width": 2000, "height": 7680}, (1000, 3840)),
    ],
)
def test_a_film_has_the_requested_resolution(
    film: httpx2.Client, asked: dict[str, Any], size: tuple[int, int]
) -> None:
    movie = boxes(boxes(film.post("/v1/film", json={"duration": "1", **asked}).content)[b"moov"])
    track = boxes(movie[b"trak"])[b"tkhd"]
    assert tuple(side >> 16 for side in struct.unpack(">2I", track[-8:])) == size


@pytest.mark.parametrize(
    ("asked", "seconds"),
    [
        ({}, 2),
        ({"duration": "5"}, 5),
        ({"duration": "10s"}, 10),
        ({"duration": "1.5 seconds"}, 1.5),
        ({"seconds": 2.5}, 2.5),
        ({"num_frames": 81, "fps": 24}, 3.375),
        ({"num_frames": 80}, 5),
        ({"duration": "auto"}, 1),
        ({"duration": "auto", "num_frames": 32}, 2),
        ({"seconds": 10**9}, 600),
        ({"seconds": -1}, 2),
    ],
)
@pytest.mark.parametrize("format_", ["mp4", "webm"])
def test_a_film_has_the_requested_duration(
    film: httpx2.Client, asked: dict[str, Any], seconds: float, format_: str
) -> None:
    body = {"width": 16, "height": 16, "format": format_, **asked}
    content = film.post("/v1/film", json=body).content
    if format_ == "mp4":
        ticks, found = struct.unpack(">2I", boxes(boxes(content)[b"moov"])[b"mvhd"][12:20])
        assert found / ticks == pytest.approx(seconds, abs=0.01)
    else:
        info = dict(elements(dict(elements(content))[0x18538067]))[0x1549A966]
        assert struct.unpack(">d", dict(elements(info))[0x4489])[0] / 1000 == pytest.approx(seconds, abs=0.01)


@pytest.mark.parametrize(
    ("asked", "size"),
    [({"resolution": "1K"}, (1344, 768)), ({"resolution": "2K", "aspect_ratio": "1:1"}, (2048, 2048))],
)
def test_a_picture_has_the_requested_resolution(
    film: httpx2.Client, asked: dict[str, Any], size: tuple[int, int]
) -> None:
    assert Image.open(io.BytesIO(film.post("/v1/still", json=asked).content)).size == size


def test_text_is_the_prompt(made: Make) -> None:
    response = made("text/plain", "application/json", text="schöne Grüße")
    assert response.headers["content-type"] == "text/plain; charset=utf-8"
    assert response.text == "schöne Grüße"


@pytest.mark.parametrize("returns", [["application/json"], ["application/vnd.acme.report+json"]])
def test_json_repeats_the_request(made: Make, returns: list[str]) -> None:
    response = made(*returns, weights=[0.1, 2.0, None, {"a": 1e-7}])
    assert response.headers["content-type"] == returns[0]
    assert response.json() == {
        "model": f"maker-{TYPES.index(tuple(returns))}",
        "parameters": {"text": "a red fox", "weights": [0.1, 2, None, {"a": 1e-7}]},
    }


def test_a_long_request_is_not_repeated(made: Make) -> None:
    response = made("application/json", weights=["x" * 1000] * 20)
    assert response.json()["parameters"] == ["text", "weights"]


@pytest.mark.parametrize(
    ("returns", "asked", "answered"),
    [
        (["image/jpeg", "application/json"], None, "image/jpeg"),
        (["application/json", "image/png"], None, "image/png"),
        (["image/*"], None, "image/jpeg"),
        (["image/avif"], None, "image/avif"),
        (["audio/mp3"], "mpeg", "audio/mp3"),
        (["application/zip", "text/plain"], "txt", "text/plain"),
        (["image/jpeg"], "png", "image/png"),
        (["image/jpeg"], "PNG", "image/png"),
        (["image/jpeg"], ".webp", "image/webp"),
        (["image/jpeg"], "image/gif", "image/gif"),
        (["image/jpeg"], "bmp", "image/bmp"),
        (["image/jpeg"], "tif", "image/tiff"),
        (["image/jpeg"], "mp3", "image/jpeg"),
        (["image/jpeg"], "unheard of", "image/jpeg"),
        (["image/jpeg", "application/json"], "json", "application/json"),
        (["audio/wav"], "mp3_44100_128", "audio/mpeg"),
        (["audio/mpeg"], "wav", "audio/wav"),
        (["audio/mpeg", "application/json"], None, "audio/mpeg"),
        (["video/*"], None, "video/mp4"),
        (["video/quicktime"], None, "video/quicktime"),
        (["video/mp4", "video/webm"], "webm", "video/webm"),
    ],
)
def test_a_file_has_the_requested_type_if_the_model_returns_its_kind(
    made: Make, returns: list[str], asked: str | None, answered: str
) -> None:
    response = made(*returns, **({"format": asked} if asked else {}))
    assert response.headers["content-type"].partition(";")[0] == answered
    if answered.startswith("image/"):
        assert Image.open(io.BytesIO(response.content)).get_format_mimetype() == answered


def test_other_files_can_be_requested_as_base64(
    start: Start, api: dict[str, Any], spec_of: Callable[..., Any]
) -> None:
    api["answers"]["sync"] = [{"when": {"inline": True}, "body": {"data": "{base64}"}}, {"media": "*/*"}]
    models = [
        spec_of("tone", PARAMETERS, returns=["audio/wav"]),
        spec_of("json-too", PARAMETERS, returns=["application/json"]),
    ]
    with start(*models, api=api) as client:
        response = client.post("/v1/tone", json={"inline": True, "seed": 1})
        assert base64.b64decode(response.json()["data"])[:4] == b"RIFF"
        assert client.post("/v1/json-too", json={"inline": True}).json()["model"] == "json-too"
