"""Files of other types than images are small and valid."""

from __future__ import annotations

import base64
import io
import struct
import wave
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import httpx2
import pytest
from PIL import Image

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


TYPES = (
    *(("application/json",), ("application/json", "image/png"), ("application/zip", "text/plain")),
    *(("audio/*",), ("audio/flac",), ("audio/mpeg",), ("audio/mpeg", "application/json"), ("audio/wav",)),
    *(("audio/x-wav",), ("image/*",), ("image/avif",), ("image/jpeg",), ("image/jpeg", "application/json")),
    *(("model/gltf-binary",), ("text/plain", "application/json"), ("video/*",), ("video/mp4",)),
    *(("video/mp4", "video/webm"), ("video/quicktime",), ("video/webm",)),
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
    """The boxes of an MP4 file, or within one, by type."""
    found: dict[bytes, bytes] = {}
    while content:
        (length,) = struct.unpack(">I", content[:4])
        assert 8 <= length <= len(content)
        found[content[4:8]] = content[8:length]
        content = content[length:]
    return found


def elements(content: bytes) -> list[tuple[int, bytes]]:
    """The elements of a WebM file, or within one."""
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


def decoded(frame: bytes) -> Image.Image:
    """Decode a VP8 key frame, as part of a WebP file."""
    padded = frame + b"\0" * (len(frame) % 2)
    riff = b"WEBPVP8 " + struct.pack("<I", len(frame)) + padded
    image = Image.open(io.BytesIO(b"RIFF" + struct.pack("<I", len(riff)) + riff))
    image.load()
    return image


@pytest.mark.parametrize("media_type", ["audio/wav", "audio/*", "audio/x-wav", "audio/flac"])
def test_audio_is_wav_unless_the_type_can_be_made(made: Make, media_type: str) -> None:
    response = made(media_type)
    assert response.headers["content-type"] == "audio/wav"
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
        frames.append(decoded(response.content[start : start + size]))
        start += size
    assert start == len(response.content)
    assert {frame.size for frame in frames} == {(320, 180)}
    assert len({frame.tobytes() for frame in frames}) == 4


@pytest.mark.parametrize("returns", [["video/webm"], ["video/mp4", "video/webm"]])
def test_webm_contains_frames_that_can_be_decoded(made: Make, returns: list[str]) -> None:
    response = made(*returns, format="webm", width=100, height=300)
    assert response.headers["content-type"] == "video/webm"
    (head, head_content), (segment, content) = elements(response.content)
    assert (head, segment) == (0x1A45DFA3, 0x18538067)
    assert (0x4282, b"webm") in elements(head_content)
    cluster = dict(elements(content))[0x1F43B675]
    blocks = [block for name, block in elements(cluster) if name == 0xA3]
    assert [struct.unpack(">h", block[1:3])[0] for block in blocks] == [0, 250, 500, 750]
    assert {decoded(block[4:]).size for block in blocks} == {(100, 300)}


def test_text_is_the_prompt(made: Make) -> None:
    response = made("text/plain", "application/json", text="schöne Grüße")
    assert response.headers["content-type"] == "text/plain; charset=utf-8"
    assert response.text == "schöne Grüße"


@pytest.mark.parametrize(
    "returns", [["application/json"], ["model/gltf-binary"], ["application/zip", "text/plain"]]
)
def test_json_repeats_the_request(made: Make, returns: list[str]) -> None:
    response = made(*returns, weights=[0.1, 2.0, None, {"a": 1e-7}])
    assert response.headers["content-type"] == "application/json"
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
        (["image/avif"], None, "image/jpeg"),
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
        (["video/quicktime"], None, "video/mp4"),
    ],
)
def test_a_file_has_the_requested_type_if_the_model_returns_its_kind(
    made: Make, returns: list[str], asked: str | None, answered: str
) -> None:
    response = made(*returns, **({"format": asked} if asked else {}))
    assert response.headers["content-type"] == answered
    if answered.startswith("image/"):
        assert Image.open(io.BytesIO(response.content)).get_format_mimetype() == answered


def test_other_files_can_be_requested_as_base64(
    start: Start, api: dict[str, Any], spec_of: Callable[..., Any]
) -> None:
    api["sync"]["base64"] = {"parameter": "inline", "field": "data"}
    models = [
        spec_of("tone", PARAMETERS, returns=["audio/wav"]),
        spec_of("json-too", PARAMETERS, returns=["application/json"]),
    ]
    with start(*models, api=api) as client:
        response = client.post("/v1/tone", json={"inline": True, "seed": 1})
        assert base64.b64decode(response.json()["data"])[:4] == b"RIFF"
        assert client.post("/v1/json-too", json={"inline": True}).json()["model"] == "json-too"
