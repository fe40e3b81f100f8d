"""The seconds of films and sounds whose headers do not simply say them."""

from __future__ import annotations

import io
import struct
from random import Random
from time import process_time
from typing import TYPE_CHECKING

import pytest

from speccast.core.inputs import duration
from speccast.core.media import START, Content, sniff
from speccast.core.uploads import Upload
from speccast.emulator.sample_files import sample_file
from tests.core.films import (
    adts,
    avi,
    box,
    cluster,
    description,
    element,
    fragment,
    index,
    matroska,
    ogg_page,
)
from tests.thorough import cases

if TYPE_CHECKING:
    from pathlib import Path

    from speccast.core.media import Read


def reader(content: bytes) -> Read:
    def read(at: int, length: int) -> bytes:
        return content[at : at + length]

    return read


def seconds(content: bytes, size: int | None = None) -> float | None:
    """Return the seconds of a file of which all or only the beginning is known."""
    whole = len(content) if size is None else size
    return duration(Content("file", whole, reader(content), "", content[:START]))


SECOND = fragment((1, 0, 25), (2, 0, 43))
FRAGMENTED = (
    description(priming=1024)
    + SECOND
    + fragment((1, 12800, 25), (2, 43 * 1024, 43))
    + fragment((1, 25600, [512, 512, 256]), (2, 86 * 1024, [1024]))
)
LIVE = matroska(
    cluster(0, (1, 0, None), (2, 3, None), (1, 40, None)),
    cluster(1000, (1, 0, None), (2, 5, None), (1, 40, None), (2, 25, None), (1, 80, None)),
)
VORBIS = b"\x01vorbis" + struct.pack("<IBI", 0, 2, 44100) + bytes(14)
THEORA = (
    b"\x80theora\3\2\1" + bytes(12) + struct.pack(">II", 30000, 1001) + bytes(10) + struct.pack(">H", 6 << 5)
)
OPUS = b"OpusHead" + struct.pack("<BBHI", 1, 2, 312, 44100) + bytes(3)
SPEEX = b"Speex   " + bytes(28) + struct.pack("<I", 16000) + bytes(40)
FLAC = b"\x7fFLAC\1\0\0\1fLaC\0\0\0\x22" + bytes(10) + struct.pack(">Q", 8000 << 44) + bytes(16)
FILM_AND_SOUND = (
    ogg_page(1, 0, b"fishead\0" + bytes(56), is_first=True)
    + ogg_page(2, 0, THEORA, is_first=True)
    + ogg_page(3, 0, VORBIS, is_first=True)
    + ogg_page(2, 0, bytes(60))
    + ogg_page(3, 0, bytes(60))
    + ogg_page(2, 1 << 6 | 29, bytes(40_000))
    + ogg_page(3, 44100, bytes(900))
    + ogg_page(2, 65 << 6 | 10, bytes(40_000))
    + ogg_page(3, 99225, bytes(900))
    + ogg_page(3, -1, bytes(900))
)
SPOKEN = ogg_page(9, 0, SPEEX, is_first=True) + ogg_page(9, 24000, bytes(99))
PLAYED = ogg_page(8, 0, FLAC, is_first=True) + ogg_page(8, 0, bytes(9)) + ogg_page(8, 4000, bytes(99))
FILMS = {
    "fragmented": FRAGMENTED,
    "live": LIVE,
    "described": matroska(duration=2500),
    "streamed": avi(0, length=0, sound=0x40000000, frames=30),
    "avi": avi(50, length=50, sound=16000),
    "theora": FILM_AND_SOUND,
    "chain": SPOKEN + PLAYED,
    "aac": adts(100),
}


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (FRAGMENTED, 2.1),
        (description(whole=7400) + SECOND, 7.4),
        (description() + SECOND, 1),
        (description(), None),
        (description(described=6400), 0.5),
        (description(described=6400) + fragment((1, None, 25)) * 2, 2.5),
        (description() + fragment((1, None, 25)) * 3, 3),
        (description() + fragment((1, 3600 * 12800, 25)) + fragment((1, 3601 * 12800, 25)), 2),
        (description() + fragment((1, 0, 10), usual=1280), 1),
        (description() + fragment((7, 0, 10)), None),
        (description(priming=1024) + fragment((2, 0, 44)), 43 * 1024 / 44100),
        (description() + index(1, 1000, 0, 0, [(len(SECOND), 1000), (len(SECOND), 500)]) + SECOND * 2, 1.5),
        (
            description()
            + index(1, 1000, 5000, 20, [(len(SECOND), 1000)])
            + box(b"free", bytes(12))
            + SECOND,
            1,
        ),
        (description() + index(1, 12800, 0, 0, [(len(SECOND), 12800)]) + SECOND, 1),
        (
            description()
            + index(1, 1000, 0, 0, [(len(SECOND), 1000)])
            + SECOND
            + fragment((1, 12800, 50), (2, 44100, 2)),
            3,
        ),
        (description() + index(9, 1000, 0, 0, [(len(SECOND), 9000)]) + SECOND, 1),
        (description() + SECOND + struct.pack(">I4s", 0, b"mdat") + bytes(99), 1),
    ],
)
def test_fragments_of_a_film_are_added(content: bytes, expected: float | None) -> None:
    assert seconds(content) == pytest.approx(expected)


def test_a_film_without_a_duration_has_that_of_its_tracks() -> None:
    track = box(
        b"trak",
        box(b"tkhd", bytes(16)) + box(b"mdia", box(b"mdhd", bytes(12) + struct.pack(">II", 600, 900))),
    )
    for unknown in (0, 0xFFFFFFFF):
        head = box(b"mvhd", bytes(12) + struct.pack(">II", 1000, unknown))
        assert seconds(box(b"ftyp", b"isom" + bytes(4)) + box(b"moov", head + track)) == 1.5


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (matroska(duration=2500), 2.5),
        (matroska(duration=2500, wide=False), 2.5),
        (matroska(duration=2500, scale=100_000, kind=b"matroska"), 0.25),
        (LIVE, 1.12),
        (matroska(cluster(0, (1, 0, None)), frame=40_000_000), 0.04),
        (matroska(cluster(0, (1, 0, 33))), 0.033),
        (matroska(cluster(0, (1, 0, None))), None),
        (matroska(cluster(60_000, (1, 0, 40)), cluster(61_000, (2, 0, 20), (1, 40, 40))), 1.08),
        (matroska(cluster(0, (1, 0, 40), is_open=False), element(0x1C53BB6B, bytes(9)), is_open=False), 0.04),
        (matroska(cluster(0, (1, 0, 40)), element(0x1C53BB6B, bytes(300))), 0.04),
        (matroska(duration=0), None),
        (matroska(cluster(0, (1, 0, 40)), duration=0), 0.04),
        *((matroska(duration=each), None) for each in (-1, float("nan"), float("inf"))),
        (matroska(cluster(0, (1, 500, 40)) + b"\x1fC\xb6u" + bytes(99)), 0.54),
        (matroska(cluster(0, (1, 500, 40)))[:-700], None),
    ],
)
def test_live_recordings_end_with_their_last_block(content: bytes, expected: float | None) -> None:
    assert sniff(content) == "video/webm"
    assert seconds(content) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (avi(50, length=50), 2),
        (avi(50), 2),
        (avi(50, length=50, sound=24000), 3),
        (avi(50, length=50, all_pictures=250), 10),
        (avi(0, length=50), 2),
        (avi(0, length=0, sound=0x40000000, frames=30), 1.2),
        (avi(0), None),
        (avi(0, length=0), None),
        (avi(0, sound=0, frames=30), None),
    ],
)
def test_the_longest_stream_of_an_avi_counts(content: bytes, expected: float | None) -> None:
    assert sniff(content) == "video/x-msvideo"
    assert seconds(content) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (FILM_AND_SOUND, 75 * 1001 / 30000),
        (SPOKEN, 1.5),
        (PLAYED, 0.5),
        (SPOKEN + PLAYED, 2),
        (FILM_AND_SOUND + SPOKEN + PLAYED, 75 * 1001 / 30000 + 2),
        (ogg_page(1, 0, b"unknown " + bytes(60), is_first=True) + ogg_page(1, 99, bytes(99)), None),
        (ogg_page(5, 0, OPUS, is_first=True) + ogg_page(5, 0, bytes(9)) + ogg_page(5, 24312, bytes(9)), 0.5),
        (
            ogg_page(5, 0, OPUS, is_first=True)
            + b"".join(ogg_page(5, 48000 * second, bytes(99)) for second in range(3600, 3606)),
            5,
        ),
        (ogg_page(5, 0, OPUS, is_first=True) + bytes(99), None),
        (SPOKEN + PLAYED + bytes(99), None),
    ],
)
def test_each_stream_and_each_part_of_an_ogg_is_measured(content: bytes, expected: float | None) -> None:
    assert seconds(content) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (adts(100), 100 * 1024 / 48000),
        (adts(100, rate=4, blocks=2), 200 * 1024 / 44100),
        (adts(1000, length=8191), 1000 * 1024 / 48000),
        (b"ID3\4\0\0\0\0\2\1" + bytes(257) + adts(100), 100 * 1024 / 48000),
        (adts(100) + b"TAG".ljust(128), 100 * 1024 / 48000),
        (adts(100) + bytes(99), None),
        (adts(100, rate=13), None),
        (adts(100, length=6), None),
    ],
)
def test_frames_of_aac_are_counted(content: bytes, expected: float | None) -> None:
    assert seconds(content) == pytest.approx(expected)


@pytest.mark.parametrize("media_type", ["video/webm", "video/x-matroska", "video/mp4"])
def test_films_of_the_emulator_are_measured(media_type: str) -> None:
    assert seconds(sample_file(media_type)[1]) == pytest.approx(0.1)


@pytest.mark.parametrize("name", FILMS)
def test_all_ways_of_reading_measure_the_same(name: str, tmp_path: Path) -> None:
    content = FILMS[name]
    path = tmp_path / "film"
    path.write_bytes(content)
    expected = seconds(content)
    assert expected is not None
    for source in (content, memoryview(content), str(path), io.BytesIO(content)):
        assert duration(Upload(name, "", source, len(content)).content) == expected


@pytest.mark.parametrize("name", sorted({*FILMS} - {"described", "avi"}))
def test_a_file_of_which_only_the_beginning_is_known_has_no_length(name: str) -> None:
    content = FILMS[name]
    assert seconds(content[: len(content) * 3 // 4], len(content)) is None
    assert duration(Content("file", None, reader(content[:START]), "", content[:START])) is None


@pytest.mark.parametrize("name", FILMS)
def test_damaged_films_raise_nothing(name: str) -> None:
    content, random = FILMS[name], Random(name)
    for _ in range(cases(150, 1300)):
        damaged = bytearray(content)
        for _ in range(random.choice((1, 3, 9))):
            at = random.randrange(min(len(damaged), random.choice((400, len(damaged)))))
            length = random.choice((1, 4, 8))
            damaged[at : at + length] = random.choice((b"\0", b"\x7f", b"\xff", random.randbytes(1))) * length
        if random.random() < 0.3:
            del damaged[random.randrange(len(damaged)) :]
        measured = seconds(bytes(damaged), random.choice((None, None, None, len(content), 2**40)))
        assert measured is None or 0 < measured < float("inf")


@pytest.mark.parametrize(
    "content",
    [
        description() + b"\0\0\0\x08free" * 10**6,
        description() + fragment((1, None, 5)).replace(bytes(5000), b"") * 10**5,
        description()
        + box(
            b"moof",
            box(
                b"traf",
                box(b"tfhd", bytes(7) + b"\1") + box(b"trun", b"\0\0\1\0\xff\xff\xff\xff" + bytes(40 << 20)),
            ),
        ),
        matroska(b"\xec\x80" * 10**7),
        matroska(cluster(0) + b"\xa3\x85\x81\0\0\0\0" * 10**6),
        matroska(cluster(0) + b"\x1fC\xb6u" * 10**7),
        avi(0, length=0) + b"00dc\0\0\0\0" * 10**6,
        ogg_page(1, 0, VORBIS, is_first=True) + b"OggS\0" * 10**6,
        ogg_page(1, 0, VORBIS, is_first=True) + ogg_page(1, 9, b"") * 10**6 + ogg_page(2, 9, b""),
        adts(10**6, length=7),
    ],
    ids=["boxes", "fragments", "run", "elements", "blocks", "clusters", "chunks", "pages", "chain", "frames"],
)
def test_measuring_is_cheap_for_any_content(content: bytes) -> None:
    lengths: list[int] = []

    def read(at: int, length: int) -> bytes:
        lengths.append(length)
        return content[at : at + length]

    start = process_time()
    duration(Content("file", len(content), read, "", content[:START]))
    assert process_time() - start < 3  # a tenth of this on an idle machine
    assert (sum(lengths) <= 33 << 20, max(lengths) <= 300 << 10, len(lengths) <= 50_000) == (True,) * 3
