"""Inputs of requests: texts and files are judged by form, kind and limits, and pictures show them."""

from __future__ import annotations

import base64
import io
import random
import struct
import tracemalloc
import zlib
from typing import TYPE_CHECKING, Any

import pytest
from PIL import Image

from speccast.emulator.sample_files import sample_file
from speccast.emulator.settings import EmulatorSettings, parse_inputs
from speccast.emulator.thumbnails import MAX_SCANS, thumbnail
from speccast.errors import SpeccastError
from tests.thorough import cases

from .conftest import model, violations_of
from .test_images import difference, picture

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import httpx2

    from tests.emulator.conftest import Start

IMAGE = {"type": "string", "media": "image"}
SIZE = {name: {"type": "integer", "default": 128} for name in ("width", "height", "seed")}
EDITOR = model(
    "editor",
    {
        **SIZE,
        "image": IMAGE,
        "address": {"type": "string", "media": "image", "format": "uri"},
        "inline": {"type": "string", "media": ["image", "video"], "forms": ["data_uri"], "max_size": 2000},
        "small": {**IMAGE, "min_width": 8, "max_width": 64, "max_pixels": 2048, "max_height": 100},
        "photo": {**IMAGE, "media_types": ["image/png"]},
        "sound": {"type": "string", "media": "audio", "min_duration": 0.25, "max_duration": 1},
        "video": {"type": "string", "media": "video"},
        "pages": {"type": "array", "items": {**IMAGE, "max_size": 2000}},
        "face": {"type": "object", "properties": {"image": {**IMAGE, "required": True}}},
        "either": {"anyOf": [IMAGE, {"type": "array", "items": IMAGE}]},
        "mask": {**IMAGE, "default": "", "enum": ["none"], "open": True},
    },
    returns=["image/png"],
)
FORM = model(
    "form",
    {
        **SIZE,
        "image": {"type": "file", "media": "image", "max_size": 5_000_000},
        "images": {"type": "array", "items": {"type": "file", "media": "image", "max_width": 64}},
        "scan": {"type": "file"},
    },
    returns=["image/png"],
    body="multipart",
    surfaces=["sync"],
)
PLAIN = {"width": 128, "height": 128, "seed": 7}


def made(width: int = 32, height: int = 32, kind: str = "PNG", color: str = "lime") -> bytes:
    """Return a picture of one color."""
    out = io.BytesIO()
    Image.new("RGB", (width, height), color).save(out, format=kind)
    return out.getvalue()


def data_uri(content: bytes, media_type: str = "image/png") -> str:
    return f"data:{media_type};base64,{base64.b64encode(content).decode()}"


def wav(seconds: float) -> bytes:
    rate, size = 1000, round(seconds * 1000)
    head = struct.pack("<4sI4s4sIHHIIHH", b"RIFF", 36 + size, b"WAVE", b"fmt ", 16, 1, 1, rate, rate, 1, 8)
    return head + struct.pack("<4sI", b"data", size) + bytes(size)


PNG, JPEG, MP4, WAV, PDF = (
    sample_file(kind)[1] for kind in ("image/png", "image/jpeg", "video/mp4", "audio/wav", "application/pdf")
)
BASE64 = base64.b64encode(PNG).decode()


@pytest.fixture(scope="module")
def studio(start: Start) -> Iterator[httpx2.Client]:
    with start(EDITOR, FORM) as client:
        yield client


def edit(client: httpx2.Client, **parameters: Any) -> httpx2.Response:
    return client.post("/v1/editor", json={**PLAIN, **parameters})


def inputs_of(client: httpx2.Client) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = client.get("/_emulator/journal").json()["requests"][-1]["inputs"]
    return found


@pytest.mark.parametrize(
    "parameters",
    [
        {"image": "https://example.com/fox.png"},
        {"image": "HTTP://example.com"},
        {"image": BASE64},
        {"image": data_uri(PNG)},
        {"image": data_uri(PNG, "application/octet-stream")},
        {"image": base64.b64encode(b"\0no rule knows this" * 9).decode()},
        {"address": "https://example.com/film.mp4"},
        {"inline": data_uri(MP4, "video/mp4")},
        {"small": data_uri(made(64, 32))},
        {"small": data_uri(made(8, 100, "BMP"))},
        {"photo": data_uri(PNG, "image/jpeg")},
        {"sound": data_uri(wav(0.25))},
        {"sound": data_uri(wav(1))},
        {"pages": [BASE64, "https://example.com/fox.png"]},
        {"face": {"image": BASE64}},
        {"either": BASE64},
        {"either": [BASE64]},
        {"mask": ""},
        {"mask": "none"},
    ],
    ids=lambda parameters: f"{parameters}"[:50],
)
def test_a_valid_input_is_accepted(studio: httpx2.Client, parameters: dict[str, Any]) -> None:
    response = edit(studio, **parameters)
    assert response.status_code == 200, response.text


NO_FORM = "must be an address, base64 or a data URI, not other text"


@pytest.mark.parametrize(
    ("parameters", "messages"),
    [
        ({"image": "fox.jpg"}, [f"image {NO_FORM}"]),
        ({"image": "ftp://example.com/fox.png"}, [f"image {NO_FORM}"]),
        ({"image": "https:///fox.png"}, [f"image {NO_FORM}"]),
        ({"image": "data:image/png;base64,=="}, [f"image {NO_FORM}"]),
        ({"image": ""}, [f"image {NO_FORM}"]),
        ({"image": data_uri(MP4)}, ["image must be an image (got video/mp4)"]),
        ({"image": base64.b64encode(PDF).decode()}, ["image must be an image (got application/pdf)"]),
        ({"address": BASE64}, ["address must be an address, not base64"]),
        ({"address": data_uri(PNG)}, ["address must be an address, not a data URI"]),
        ({"inline": "https://example.com"}, ["inline must be a data URI, not an address"]),
        ({"inline": data_uri(WAV)}, ["inline must be an image or a video (got audio/wav)"]),
        (
            {"inline": data_uri(PNG.ljust(2001, b"\0"))},
            ["inline must have at most 2 kB (got 2001 bytes)"],
        ),
        (
            {"small": data_uri(made(65, 101))},
            [
                "small must be at most 64 pixels wide (got 65)",
                "small must be at most 100 pixels high (got 101)",
                "small must have at most 2048 pixels (got 6565)",
            ],
        ),
        ({"small": data_uri(made(7, 9, "JPEG"))}, ["small must be at least 8 pixels wide (got 7)"]),
        ({"photo": data_uri(JPEG)}, ["photo must be image/png (got image/jpeg)"]),
        ({"sound": data_uri(wav(0.249))}, ["sound must last at least 0.25 seconds (got 0.249)"]),
        ({"sound": data_uri(wav(1.001))}, ["sound must last at most 1 seconds (got 1.001)"]),
        ({"video": data_uri(PNG)}, ["video must be a video (got image/png)"]),
        ({"pages": [BASE64, "x!"]}, [f"pages[1] {NO_FORM}"]),
        ({"face": {"image": "x!"}}, [f"face.image {NO_FORM}"]),
        ({"either": "x!"}, [f"either {NO_FORM}"]),
        ({"either": [BASE64, "x!"]}, [f"either[1] {NO_FORM}"]),
        ({"mask": "any"}, [f"mask {NO_FORM}"]),
        (
            {"video": "x!", "image": 1, "width": "x"},
            [
                "width must be an integer, not a string",
                "image must be a string, not an integer",
                f"video {NO_FORM}",
            ],
        ),
    ],
    ids=lambda value: f"{value}"[:50],
)
def test_an_invalid_input_is_refused(
    studio: httpx2.Client, parameters: dict[str, Any], messages: list[str]
) -> None:
    response = edit(studio, **parameters)
    assert response.status_code == 400
    assert [each["message"] for each in violations_of(studio)] == messages
    assert all(len(str(each.get("value"))) <= 300 for each in violations_of(studio))


@pytest.mark.parametrize(
    ("files", "messages"),
    [
        ([("image", PNG)], []),
        ([("scan", MP4)], []),
        ([("image", MP4)], ["image must be an image (got video/mp4)"]),
        ([("image", b"hello")], ["image must be an image (got text)"]),
        (
            [("images", PNG), ("images", made(65))],
            ["images[1] must be at most 64 pixels wide (got 65)"],
        ),
        (
            [("image", (PNG + b"\r\n--" * 2_000_000)[:5_000_001])],
            ["image.size must be at most 5000000 (got 5000001)"],
        ),
    ],
)
def test_files_in_forms_are_judged_by_their_content(
    studio: httpx2.Client, files: list[tuple[str, bytes]], messages: list[str]
) -> None:
    parts = [(name, ("a.png", content, "image/png")) for name, content in files]
    response = studio.post("/v1/form", data={"seed": "7"}, files=parts)
    assert response.status_code == (400 if messages else 200), response.text
    assert [each["message"] for each in violations_of(studio)] == messages


def top(response: httpx2.Response) -> list[Any]:
    """Return the colors of the pixels in the upper part, where inputs are shown."""
    image = picture(response).convert("RGB")
    upper = image.crop((0, 0, image.width, image.height // 2))
    return [color for count, color in sorted(upper.getcolors(1 << 20) or [], reverse=True) if count > 9]


@pytest.mark.parametrize("form", ["data_uri", "base64", "file", "address"])
def test_a_picture_shows_the_picture_that_was_passed(studio: httpx2.Client, form: str) -> None:
    content = made(color="#00ff00")
    size = {"width": 256, "height": 256, "seed": 7}
    if form == "file":
        texts = {name: str(value) for name, value in size.items()}
        response = studio.post("/v1/form", data=texts, files=[("image", ("a.png", content, "image/png"))])
        without = studio.post("/v1/form", data=texts, files=[("scan", ("a", b"\0", "x/y"))])
    else:
        value = data_uri(content) if form == "data_uri" else base64.b64encode(content).decode()
        if form == "address":  # of an output of the emulator itself, which shows an input as well
            job = studio.post("/v2/editor", json={**size, "image": value}).json()
            value = studio.get(f"/v2/requests/{job['request_id']}").json()["output"]
        response, without = edit(studio, image=value, **size), edit(studio, **size)
    lime = [color for color in top(response) if color[1] > 240 and max(color[0], color[2]) < 20]
    assert lime
    assert not [color for color in top(without) if color[1] > 240 and max(color[0], color[2]) < 20]


def test_inputs_are_shown_side_by_side_up_to_a_bound(studio: httpx2.Client) -> None:
    size = {"width": 512, "height": 256, "seed": 7}
    colors = ["red", "lime", "blue", "yellow", "cyan", "magenta", "white"]
    values = [data_uri(made(color=color, kind="BMP")) for color in colors]
    shown = edit(studio, pages=values, **size)
    assert shown.status_code == 400  # a BMP of 32 x 32 has more than 2000 bytes
    values = [data_uri(made(color=color)) for color in colors]
    six, seven = edit(studio, pages=values[:6], **size), edit(studio, pages=values, **size)
    assert six.content == seven.content
    pixels = picture(six).convert("RGB")
    middle = [pixels.getpixel((8 + (512 - 8 * 7) // 6 * index + 8 * index + 20, 40)) for index in range(6)]
    named = ["red", "lime", "blue", "yellow", "cyan", "magenta"]
    assert [_nearest(color) for color in middle] == named


def _nearest(color: Any) -> str:
    known = {
        "red": (255, 0, 0),
        "lime": (0, 255, 0),
        "blue": (0, 0, 255),
        "yellow": (255, 255, 0),
        "cyan": (0, 255, 255),
        "magenta": (255, 0, 255),
    }
    return min(known, key=lambda name: sum(abs(a - b) for a, b in zip(known[name], color, strict=True)))


def test_an_address_and_a_film_are_shown_as_texts(studio: httpx2.Client) -> None:
    size = {"width": 256, "height": 256, "seed": 7}
    plain, one, other, film = (
        picture(edit(studio, **size, **more))
        for more in (
            {},
            {"image": "https://example.com/one.png"},
            {"image": "https://example.com/another.png"},
            {"video": data_uri(MP4)},
        )
    )
    assert all(difference(plain, each) > 1 for each in (one, other, film))
    assert 0 < difference(one, other) < 3


def test_a_film_shows_the_input_in_its_frames(start: Start) -> None:
    film = model("film", {**SIZE, "image": IMAGE}, returns=["video/mp4"])
    with start(film) as client:
        with_input, without = (
            client.post("/v1/film", json={**PLAIN, **more}).content
            for more in ({"image": data_uri(made(color="lime"))}, {})
        )
    assert with_input != without


@pytest.mark.parametrize("size", [(16, 16), (16, 300), (300, 16), (64, 64)])
def test_inputs_fit_into_any_size(studio: httpx2.Client, size: tuple[int, int]) -> None:
    values = {"image": data_uri(PNG), "address": "https://example.com/" + "x" * 900, "pages": [BASE64] * 9}
    assert picture(edit(studio, **values, width=size[0], height=size[1])).size == size


def png_header(width: int, height: int, data: bytes) -> bytes:
    def chunk(kind: bytes, content: bytes) -> bytes:
        return (
            struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
        )

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", data) + chunk(b"IEND", b"")


HOSTILE = {
    "bomb": png_header(20_000, 20_000, zlib.compress(bytes(1 << 20))),
    "larger than any memory": png_header(2**31 - 1, 2**31 - 1, b""),
    "wide": png_header(2**31 - 1, 1, b""),
    "empty": png_header(0, 0, b""),
    "cut": made()[:60],
    "only a signature": PNG[:12],
    "damaged": made(64, 64)[:50] + b"\xff" * 50 + made(64, 64)[50:],
    "scans": made(2000, 2000, "JPEG") + b"\xff\xda" * (MAX_SCANS + 1),
    "gif": b"GIF89a\xff\xff\xff\xff\x80\0\0" + bytes(100),
    "webp": b"RIFF\x20\0\0\0WEBPVP8L\x10\0\0\0\x2f\xff\xff\xff\x0f" + bytes(40),
    "bmp": b"BM" + bytes(12) + struct.pack("<IiiHHI", 40, 2**31 - 1, -(2**31), 1, 32, 0) + bytes(40),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_pictures_are_not_decoded(studio: httpx2.Client, name: str) -> None:
    tracemalloc.start()
    try:
        response = edit(studio, image=data_uri(HOSTILE[name]))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert response.status_code == 200, response.text
    assert peak < 20_000_000
    assert inputs_of(studio)[0]["size"] == len(HOSTILE[name])
    assert response.elapsed.total_seconds() < 1


def test_damaged_pictures_of_any_kind_cause_no_error(studio: httpx2.Client) -> None:
    """Each byte that is changed, cut or repeated is sent in a list of pictures; their number bounds the time."""
    draws = random.Random(11)
    kinds = ("PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF", "ICO")
    whole = [made(24, 24, kind, "olive") for kind in kinds]
    for _ in range(cases(40, 2000)):
        values: list[str] = []
        for content in draws.sample(whole, 6):
            damaged = bytearray(content)
            for _ in range(draws.randrange(1, 6)):
                damaged[draws.randrange(min(len(damaged), 200))] = draws.randrange(256)
            values.append(data_uri(bytes(damaged[: draws.randrange(12, len(damaged) + 1)])))
        response = edit(studio, pages=values, width=64, height=64)
        assert response.status_code in (200, 400), response.text


def test_a_picture_larger_than_its_header_is_not_decoded() -> None:
    png, jpeg = io.BytesIO(), io.BytesIO()
    large = Image.new("L", (4097, 4096))
    large.save(png, format="PNG", compress_level=1)
    large.save(jpeg, format="JPEG")
    assert thumbnail(png.getvalue(), 64, (10, 10)) == b""
    assert thumbnail(jpeg.getvalue(), 64, (10, 10))


def test_transparent_and_gray_pictures_are_shown(studio: httpx2.Client) -> None:
    for mode in ("RGBA", "LA", "L", "1", "P", "I;16"):
        out = io.BytesIO()
        Image.new(mode, (20, 20)).save(out, format="PNG")
        assert thumbnail(out.getvalue(), 64, (20, 20)), mode
    assert edit(studio, image=data_uri(out.getvalue())).status_code == 200


def test_the_journal_names_kind_size_and_form_of_inputs(studio: httpx2.Client) -> None:
    edit(
        studio, image="https://example.com/fox.png", pages=[data_uri(made(40, 30))], sound=data_uri(wav(0.5))
    )
    address, sound, page = inputs_of(studio)
    assert address == {"parameter": "image", "form": "url", "url": "https://example.com/fox.png"}
    of_sound = {"media_type": "audio/wav", "size": 544, "seconds": 0.5}
    assert sound == {"parameter": "sound", "form": "data_uri", **of_sound}
    of_page = {"media_type": "image/png", "size": len(made(40, 30)), "width": 40, "height": 30}
    assert page == {"parameter": "pages[0]", "form": "data_uri", **of_page}
    edit(studio, image="fox.jpg")
    assert inputs_of(studio) == [{"parameter": "image", "form": None}]


@pytest.fixture(scope="module")
def with_folder(start: Start, tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx2.Client]:
    """An emulator that takes addresses as the files of a folder."""
    outside = tmp_path_factory.mktemp("outside")
    folder = outside / "inputs"
    folder.mkdir()
    (folder / "red fox.png").write_bytes(made(65, 9))
    (folder / "film.png").write_bytes(MP4)
    with (folder / "large.png").open("wb") as large:
        large.write(PNG)
        large.truncate(100_000_000)
    (outside / "secret.png").write_bytes(MP4)
    (folder / "link.png").symlink_to("../secret.png")
    (folder / "folder.png").mkdir()
    with start(EDITOR, settings=EmulatorSettings(inputs=parse_inputs(folder))) as client:
        yield client


def test_a_large_file_of_the_folder_is_not_read_whole(with_folder: httpx2.Client) -> None:
    assert edit(with_folder, image="https://example.com/large.png").status_code == 200
    assert inputs_of(with_folder)[0]["size"] == 100_000_000


@pytest.mark.parametrize(
    ("address", "messages"),
    [
        ("https://example.com/a/red%20fox.png?x=1#y", ["small must be at most 64 pixels wide (got 65)"]),
        ("https://example.com/film.png", ["small must be an image (got video/mp4)"]),
        ("https://example.com/unknown.png", []),
        ("https://example.com/folder.png", []),
        ("https://example.com/link.png", []),
        ("https://example.com/..%2Fsecret.png", []),
        ("https://example.com/..", []),
        ("https://example.com/%00", []),
        ("https://example.com/", []),
        ("https://[::1/no.png", []),
        ("https://film.png", []),
    ],
)
def test_an_address_is_taken_as_a_file_of_the_folder_of_inputs(
    with_folder: httpx2.Client, address: str, messages: list[str]
) -> None:
    response = edit(with_folder, small=address)
    assert response.status_code == (400 if messages else 200), response.text
    assert [each["message"] for each in violations_of(with_folder)] == messages


def test_addresses_can_be_refused_except_for_those_of_the_emulator(start: Start) -> None:
    with start(EDITOR, settings=EmulatorSettings(inputs=parse_inputs("deny"))) as client:
        response = edit(client, image="https://example.com/fox.png")
        assert response.status_code == 400
        assert "image must not be an address: this emulator runs with `--inputs deny`" in response.text
        assert edit(client, image=data_uri(PNG)).status_code == 200
        job = client.post("/v2/editor", json=PLAIN).json()
        own = client.get(f"/v2/requests/{job['request_id']}").json()["output"]
        assert edit(client, image=own).status_code == 200
        assert edit(client, video=own).status_code == 400  # it is a picture


def test_a_lenient_emulator_takes_every_form_but_judges_the_content(start: Start) -> None:
    with start(EDITOR, settings=EmulatorSettings(is_lenient=True)) as client:
        assert edit(client, address=data_uri(PNG), inline=BASE64).status_code == 200
        assert edit(client, address=data_uri(MP4)).status_code == 400
        assert edit(client, address="fox.jpg").status_code == 400
        assert edit(client, inline="https://example.com").status_code == 400


def test_the_folder_of_inputs_must_exist(tmp_path: Path) -> None:
    with pytest.raises(SpeccastError, match="invalid inputs 'nowhere': not a folder"):
        parse_inputs("nowhere", tmp_path)
