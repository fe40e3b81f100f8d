"""What texts and first bytes are, and the check of media against parameters."""

from __future__ import annotations

import base64
import struct
from random import Random
from typing import TYPE_CHECKING, Any

import pytest

from speccast.core.check import mismatches
from speccast.core.inputs import duration, pixels
from speccast.core.media import START, Content, kinds, read_form, sniff
from speccast.core.parameter import Parameter
from speccast.core.uploads import Upload
from speccast.emulator.sample_files import sample_file
from speccast.samples.content import flac

if TYPE_CHECKING:
    from pathlib import Path

PNG = sample_file("image/png")[1]
MP4 = sample_file("video/mp4")[1]
WAV = sample_file("audio/wav")[1]
PDF = sample_file("application/pdf")[1]
TEXT = b"These are words, not a picture."
ALL = ("url", "base64", "data_uri")


def encode(content: bytes) -> str:
    return base64.b64encode(content).decode()


def find_violated(value: Any, **keywords: Any) -> list[str]:
    parameter = Parameter(wire="image", name="image", type="string", **keywords)
    return [mismatch.keyword for mismatch in mismatches(parameter, value)]


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("https://example.com/fox.jpg", "url"),
        ("HTTP://EXAMPLE.COM", "url"),
        ("https://[::1]/fox.jpg?size=1#a", "url"),
        ("https://", ""),
        ("https:///fox.jpg", ""),
        ("gs://bucket/fox.jpg", "url"),
        ("acme://1234", "url"),
        ("ftp://example.com/fox.jpg", ""),
        ("file://host/fox.jpg", ""),
        ("c://fox.jpg", ""),
        ("data:image/png;base64,iVBORw0K", "data_uri"),
        ("DATA:;name=a b;BASE64,iVBORw0K", "data_uri"),
        ("data:image/svg+xml,%3Csvg%20/%3E", "data_uri"),
        ("data:image/png;base64,fox.jpg", ""),
        ("data:image/png;base64,", ""),
        ("data:image/png", ""),
        ("iVBORw0K", "base64"),
        ("iVBO\nRw0K\n", "base64"),
        ("iVBORw0", ""),
        ("iV=ORw0K", ""),
        ("fox.jpg", ""),
        ("C:\\fox.jpg", ""),
        ("~/fox.jpg", ""),
        ("", ""),
    ],
)
def test_a_text_has_one_form_at_most(text: str, form: str) -> None:
    assert read_form(text).form == form


@pytest.mark.parametrize("length", range(1, 9))
def test_base64_is_read_in_parts(length: int) -> None:
    content = bytes(range(200, 200 + length))
    lines = encode(content)[:3] + "\n" + encode(content)[3:]
    for text in (encode(content), "data:image/png;base64," + encode(content), lines):
        found = read_form(text)
        assert (found.size, found.start) == (length, content)
        for at in range(length + 1):
            assert [found.read(at, size) for size in range(4)] == [
                content[at : at + size] for size in range(4)
            ]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (PNG, ("image",)),
        (MP4, ("video", "audio")),
        (WAV, ("audio",)),
        (PDF, ("document",)),
        (TEXT, ("document",)),
        (b"\x00", ("document",)),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", ("image", "document")),
        (bytes(64), ()),
        (b"RF64\xff\xff\xff\xffWAVEds64" + bytes(20), ("audio",)),
        (b"\xff\xf1\x50\x40" + bytes(20), ("audio",)),
        (b"#!AMR\n\x3c" + bytes(range(0x80, 0x90)), ("audio",)),
        (b"MThd\0\0\0\x06" + bytes(20), ("audio",)),
        (b"FLV\x01\x05" + bytes(20), ("video",)),
        (b"\x30\x26\xb2\x75\x8e\x66\xcf\x11" + bytes(20), ("video", "audio")),
        ((b"G@\x11\x10" + bytes(184)) * 3, ("video", "audio")),
        (b"G@\x11\x10" + bytes(600), ()),
        (b"\x00\x00\x00\x0cJXL \r\n\x87\n", ("image",)),
        (("G" * 600).encode(), ("document",)),
    ],
)
def test_first_bytes_show_the_kind(content: bytes, expected: tuple[str, ...]) -> None:
    assert kinds(content[:START]) == expected


@pytest.mark.parametrize("media_type", ["image/png", "image/jpeg", "image/webp", "image/gif", "image/bmp"])
def test_pictures_are_measured(media_type: str) -> None:
    content = read_form(encode(sample_file(media_type)[1]))
    assert (sniff(content.start), pixels(content)) == (media_type, (8, 8))


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize(("kind", "number"), [(3, "H2x"), (4, "I")])
def test_a_tiff_is_measured(order: str, kind: int, number: str) -> None:
    entries = [
        struct.pack(f"{order}HHI{number}", tag, kind, 1, value)
        for tag, value in ((254, 0), (256, 70), (257, 40))
    ]
    head = (b"II*\0" if order == "<" else b"MM\0*") + struct.pack(f"{order}I", 600)
    content = head.ljust(600, b"\0") + struct.pack(f"{order}H", len(entries)) + b"".join(entries)
    assert pixels(read_form(encode(content))) == (70, 40)
    assert pixels(read_form(encode(content[:-9]))) is None
    assert pixels(read_form(encode(head))) is None


@pytest.mark.parametrize("brand", [b"heic", b"avif", b"mif1"])
def test_the_largest_picture_of_a_container_is_measured(brand: bytes) -> None:
    sizes = b"".join(
        box(b"ispe", bytes(4) + struct.pack(">II", *size)) for size in ((8, 8), (90, 50), (60, 60))
    )
    meta = box(
        b"meta", bytes(4) + box(b"hdlr", bytes(9)) + box(b"iprp", box(b"ipco", sizes) + box(b"ipma", b""))
    )
    content = box(b"ftyp", brand + bytes(4)) + box(b"free", bytes(600)) + meta
    assert pixels(read_form(encode(content))) == (90, 50)
    for cut in range(12, len(content)):
        assert pixels(read_form(encode(content[:cut]))) in (None, (8, 8), (90, 50))
    assert pixels(read_form(encode(content.replace(b"ipco", b"opci")))) is None


def test_sounds_and_films_are_measured() -> None:
    assert [duration(read_form(encode(each))) for each in (WAV, MP4, PNG)] == [0.5, 0.1, None]


def box(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I4s", 8 + len(content), name) + content


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        (box(b"mvhd", bytes(12) + struct.pack(">II", 600, 1500)), 2.5),
        (box(b"mvhd", b"\x01" + bytes(19) + struct.pack(">IQ", 600, 1500)), 2.5),
        (box(b"mvhd", bytes(12) + struct.pack(">II", 0, 1500)), None),
        (box(b"mvhd", bytes(12) + struct.pack(">II", 600, 0xFFFFFFFF)), None),
        (box(b"mvhd", bytes(3)), None),
        (struct.pack(">I4s", 0, b"free"), None),
    ],
)
def test_the_header_of_a_film_may_be_at_its_end_or_damaged(header: bytes, seconds: float | None) -> None:
    film = (
        box(b"ftyp", b"isom" + bytes(4))
        + struct.pack(">I4sQ", 1, b"mdat", 16 + 600)
        + bytes(600)
        + box(b"moov", header)
    )
    assert duration(read_form(encode(film))) == seconds


FRAME = b"\xff\xfb\x94\0".ljust(384, b"\x55")  # MPEG 1, layer III, 128 kbit/s, 48 kHz, stereo: 0.024 s
SLOW_FRAME = b"\xff\xf3\x84\xc0".ljust(192, b"\x55")  # MPEG 2, 64 kbit/s, 24 kHz, mono: 0.024 s
LOW_FRAME = b"\xff\xe3\x88\xc0".ljust(576, b"\x55")  # MPEG 2.5, 64 kbit/s, 8 kHz, mono: 0.072 s
LOUD_FRAME = b"\xff\xfb\xe4\0".ljust(960, b"\x55")  # as FRAME, with 320 kbit/s
ID3 = b"ID3\4\0\0\0\0\2\1" + b"\xff\xfb\x94\0".ljust(257, b"\0")
MP3 = ID3 + FRAME * 50 + b"TAG".ljust(128)
ENCODER = b"LAME3.100".ljust(21, b"\0") + (576 << 12 | 1152).to_bytes(3, "big")


def counting(frame: bytes, at: int, content: bytes, following: int = 3) -> bytes:
    """Return frames of which the first has content at an offset, such as a count of frames."""
    return frame[:at] + content + frame[at + len(content) :] + frame * following


def ogg(packet: bytes, position: int, *, last_stream: int = 7) -> bytes:
    """Return the first and the last page of an Ogg file."""
    first = struct.pack("<4sBBqIIIBB", b"OggS", 0, 2, 0, 7, 0, 0, 1, len(packet)) + packet
    last = struct.pack("<4sBBqIIIBB", b"OggS", 0, 4, position, last_stream, 9, 0, 1, 9)
    return first + bytes(99_999) + last + bytes(9)


VORBIS = ogg(b"\x01vorbis" + struct.pack("<IBI", 0, 2, 44100) + bytes(14), 66150)
OPUS = ogg(b"OpusHead" + struct.pack("<BBHI", 1, 2, 312, 44100) + bytes(3), 24312)
SOUNDS = (
    MP3,
    SLOW_FRAME * 50,
    counting(FRAME, 36, struct.pack(">4sII", b"Xing", 1, 10)),
    flac(2),
    VORBIS,
    OPUS,
)


@pytest.mark.parametrize(
    ("content", "seconds"),
    [
        (MP3, 1.2),
        (SLOW_FRAME * 50, 1.2),
        (LOW_FRAME * 10, 0.72),
        (LOW_FRAME.replace(b"\xff\xe3", b"\xff\xe2") * 10, 0.72),
        (counting(FRAME, 36, struct.pack(">4sII", b"Xing", 1, 1000)), 24),
        (counting(SLOW_FRAME, 13, struct.pack(">4sII", b"Info", 1, 1000)), 24),
        (counting(FRAME, 36, struct.pack(">4sIII", b"Info", 3, 1000, 9) + ENCODER), 23.964),
        (counting(FRAME, 36, struct.pack(">4s10xI", b"VBRI", 1000)), 24),
        (counting(FRAME, 36, struct.pack(">4sII", b"Xing", 1, 0)), None),
        (counting(FRAME, 36, struct.pack(">4sII", b"Xing", 0, 0), 49), 1.2),
        (FRAME * 20 + LOUD_FRAME * 20, 0.96),
        (ID3 + FRAME * 20 + LOUD_FRAME * 500 + b"TAG".ljust(128), 12.48),
        (FRAME * 20 + LOUD_FRAME * 20 + bytes(99), None),
        (FRAME + bytes(99_999), None),
        (FRAME * 50 + bytes(99_999), None),
        (b"ID3\4\0\0\x7f\x7f\x7f\x7f" + FRAME * 9, None),
        (ID3 + flac(1.5), 1.5),
        (flac(0.123), 0.123),
        (flac(0), None),
        (VORBIS, 1.5),
        (OPUS, 0.5),
        (ogg(b"\x01vorbis" + bytes(23), 99), None),
        (ogg(b"OpusHead" + struct.pack("<BBHI", 1, 2, 312, 44100) + bytes(3), -1), None),
        (ogg(b"OpusHead" + struct.pack("<BBHI", 1, 2, 312, 44100) + bytes(3), 999, last_stream=8), None),
        (ogg(b"Speex   " + bytes(72), 99), None),
    ],
)
def test_sounds_are_measured_by_count_or_bit_rate(content: bytes, seconds: float | None) -> None:
    measured = duration(read_form(encode(content)))
    assert measured == (None if seconds is None else pytest.approx(seconds, abs=0.0005))


@pytest.mark.parametrize("third", [b"\0", b"\x0c", b"\x8c", b"\xf8", b"\xff"])
@pytest.mark.parametrize("start", [b"\xff\xe2", b"\xff\xe3", b"\xff\xfa"])
def test_what_only_begins_like_a_sound_is_none(start: bytes, third: bytes) -> None:
    assert sniff(start + third + bytes(99)) == ""


@pytest.mark.parametrize("content", [b"\xff\xfb" * 10**6, b"ID3\4\0\0\0\0\0\0" + b"\xff\xf3" * 10**6, VORBIS])
def test_measuring_a_sound_reads_little(content: bytes) -> None:
    lengths: list[int] = []

    def read(at: int, length: int) -> bytes:
        lengths.append(length)
        return content[at : at + length]

    duration(Content("file", len(content), read, "", content[:START]))
    assert sum(lengths) < 100_000


@pytest.mark.parametrize(
    "content", [PNG, WAV, MP4, sample_file("image/jpeg")[1], sample_file("image/webp")[1], *SOUNDS]
)
def test_cut_headers_are_not_judged(content: bytes) -> None:
    for length in range(min(len(content), 120)):
        cut = read_form("data:;base64," + encode(content[:length])) if length else read_form("")
        assert find_violated(
            encode(content[:length]),
            media=("image", "audio", "video", "document"),
            forms=ALL,
            max_width=9,
            max_duration=9,
        ) in ([], ["forms"])
        pixels(cut), duration(cut)


@pytest.mark.parametrize(
    ("value", "keywords", "expected"),
    [
        ("fox.jpg", {}, ["forms"]),
        ("https://example.com/fox.jpg", {}, []),
        ("https://example.com/fox.jpg", {"forms": ("base64", "data_uri")}, ["forms"]),
        (encode(PNG), {}, []),
        (encode(PNG), {"forms": ("url",)}, ["forms"]),
        (encode(MP4), {}, ["media"]),
        (encode(MP4), {"media": ("image", "video")}, []),
        (encode(TEXT), {}, ["media"]),
        ("test", {}, ["media"]),
        ("", {}, ["forms"]),
        ("", {"default": ""}, []),
        ("fox", {"choices": ("fox",), "open": True}, []),
        ("data:image/jpeg;base64," + encode(PNG), {"media_types": ("image/png",)}, []),
        ("data:image/png;base64," + encode(PNG), {"media_types": ("image/jpeg",)}, ["media_types"]),
        (encode(PNG), {"media_types": ("image/*",)}, []),
        (encode(PNG), {"max_size": len(PNG)}, []),
        (encode(PNG), {"max_size": len(PNG) - 1}, ["max_size"]),
        (
            encode(PNG),
            {"min_width": 8, "max_width": 8, "min_height": 8, "max_height": 8, "max_pixels": 64},
            [],
        ),
        (
            encode(PNG),
            {"min_width": 9, "max_height": 7, "max_pixels": 63},
            ["min_width", "max_height", "max_pixels"],
        ),
        (encode(PNG), {"max_width": 7, "min_height": 9}, ["max_width", "min_height"]),
        (encode(WAV), {"media": ("audio",), "min_duration": 0.5, "max_duration": 0.5}, []),
        (encode(WAV), {"media": ("audio",), "min_duration": 1}, ["min_duration"]),
        (encode(WAV), {"media": ("audio",), "max_duration": 0.4}, ["max_duration"]),
        (Upload("fox.png", "image/png", PNG, len(PNG)), {"forms": ("url",), "max_width": 7}, ["max_width"]),
        (Upload("fox.mp4", "video/mp4", MP4, len(MP4)), {}, ["media"]),
        (
            Upload("fox", "image/jpeg", bytes(99), 99),
            {"media_types": ("image/png",), "max_size": 98},
            ["media_types", "max_size"],
        ),
        (7, {}, ["type"]),
    ],
)
def test_media_are_checked_against_their_parameter(
    value: Any, keywords: dict[str, Any], expected: list[str]
) -> None:
    assert find_violated(value, **{"media": ("image",), "forms": ALL, **keywords}) == expected


def test_a_file_is_not_text_without_media() -> None:
    assert find_violated(Upload("fox.png", "image/png", PNG, len(PNG))) == ["type"]


@pytest.mark.parametrize(
    ("keywords", "expected"),
    [
        ({"media": ("image",), "forms": ALL}, "an image as URL, base64 or data URI"),
        (
            {"media": ("image", "video"), "forms": ("url",), "max_size": 10**7},
            "an image or a video as URL, at most 10 MB",
        ),
        (
            {"media": ("image",), "forms": ("url",), "min_width": 300, "max_height": 1, "max_pixels": 9},
            "an image as URL, at least 300 pixels wide, at most 1 pixel high, at most 9 pixels",
        ),
        (
            {"media": ("audio",), "forms": ("url",), "min_duration": 3, "max_duration": 15.5},
            "audio as URL, 3 to 15.5 seconds",
        ),
        (
            {
                "media": ("document",),
                "forms": ("base64",),
                "max_length": 9,
                "media_types": ("application/pdf",),
            },
            "at most 9 characters, a document as base64, application/pdf",
        ),
    ],
)
def test_limits_of_media_are_told_in_words(keywords: dict[str, Any], expected: str) -> None:
    assert Parameter(wire="a", name="a", type="string", **keywords).range == expected


def test_a_box_that_ends_beyond_any_file_is_not_judged(tmp_path: Path) -> None:
    film = tmp_path / "film.mp4"
    film.write_bytes(
        box(b"ftyp", b"isom" + bytes(4)) + struct.pack(">I4sQ", 1, b"mdat", 2**64 - 1) + bytes(64)
    )
    upload = Upload("film.mp4", "video/mp4", str(film), film.stat().st_size)
    assert duration(upload.content) is None
    assert find_violated(upload, media=("video",), forms=ALL, max_duration=1) == []


@pytest.mark.parametrize(
    "content",
    [PNG, WAV, MP4, *SOUNDS, *(sample_file(f"image/{kind}")[1] for kind in ("jpeg", "webp", "gif", "bmp"))],
)
def test_damaged_headers_raise_nothing(content: bytes) -> None:
    for seed in range(300):
        damaged = bytearray(content[:600])
        for place in Random(seed).choices(range(len(damaged)), k=4):
            damaged[place] = Random(seed + place).choice((0, 1, 0x7F, 0x80, 0xFF))
        found = read_form(encode(bytes(damaged)))
        pixels(found)
        duration(found)
        assert found.size == len(damaged)
