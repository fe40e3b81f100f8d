"""Video without a video encoder: Pillow's lossy WebP contains a VP8 key frame, which WebM and MP4 can hold."""

from __future__ import annotations

import io
import struct
from typing import TYPE_CHECKING

from speccast.emulator.images import draw

if TYPE_CHECKING:
    from collections.abc import Iterator

    from speccast.emulator.output_request import OutputRequest

FRAMES = 4
"""Pictures of a film, however long it is: few, so that the file is small."""


def mp4_bytes(output: OutputRequest, number: int, brand: bytes) -> bytes:
    """Return ISO base media of a brand: the description (`moov`), then the frames (`mdat`)."""
    width, height = output.width, output.height
    frames = list(_frames(output, number))
    file_type = _box(b"ftyp", brand, struct.pack(">I", 0x200), b"isomiso2mp41")
    # The description contains the position of the frames. Its length does not depend on it.
    ticks = _frame_ticks(output)
    length = len(file_type) + len(_movie(frames, ticks, width, height, 0))
    return file_type + _movie(frames, ticks, width, height, length + 8) + _box(b"mdat", *frames)


def matroska_bytes(output: OutputRequest, number: int, kind: bytes) -> bytes:
    """Return Matroska as restricted by WebM: one track, one cluster a frame. `kind` is `webm` or `matroska`."""
    width, height, ticks = output.width, output.height, _frame_ticks(output)
    head = _element(
        0x1A45DFA3,
        _element(0x4286, b"\x01"),  # EBMLVersion
        _element(0x42F7, b"\x01"),  # EBMLReadVersion
        _element(0x42F2, b"\x04"),  # EBMLMaxIDLength
        _element(0x42F3, b"\x08"),  # EBMLMaxSizeLength
        _element(0x4282, kind),  # DocType
        _element(0x4287, b"\x02"),  # DocTypeVersion
        _element(0x4285, b"\x02"),  # DocTypeReadVersion
    )
    info = _element(
        0x1549A966,
        _element(0x2AD7B1, struct.pack(">I", 1_000_000)),  # TimestampScale: milliseconds
        _element(0x4489, struct.pack(">d", FRAMES * ticks)),  # Duration
        _element(0x4D80, b"speccast"),  # MuxingApp
        _element(0x5741, b"speccast"),  # WritingApp
    )
    picture = _element(
        0xE0, _element(0xB0, struct.pack(">H", width)), _element(0xBA, struct.pack(">H", height))
    )
    track = _element(
        0xAE,
        _element(0xD7, b"\x01"),  # TrackNumber
        _element(0x73C5, b"\x01"),  # TrackUID
        _element(0x83, b"\x01"),  # TrackType: video
        _element(0x86, b"V_VP8"),  # CodecID
        picture,
    )
    clusters = (
        _element(
            0x1F43B675,
            _element(0xE7, struct.pack(">I", index * ticks)),  # Timestamp
            _element(0xA3, b"\x81\0\0\x80", frame),  # SimpleBlock, a key frame at that time
        )
        for index, frame in enumerate(_frames(output, number))
    )
    return head + _element(0x18538067, info, _element(0x1654AE6B, track), *clusters)


def _frame_ticks(output: OutputRequest) -> int:
    """Return the milliseconds for which a frame is shown."""
    return max(round(output.duration * 1000 / FRAMES), 1)


def _frames(output: OutputRequest, number: int) -> Iterator[bytes]:
    for index in range(FRAMES):
        out = io.BytesIO()
        image = draw(output, number * FRAMES + index, output.width, output.height)
        image.save(out, format="WEBP", quality=60, method=0)
        yield _vp8(out.getvalue())


def _vp8(webp: bytes) -> bytes:
    """Return the VP8 frame of a WebP file."""
    position = 12
    while webp[position : position + 4] != b"VP8 ":
        position += 8 + int.from_bytes(webp[position + 4 : position + 8], "little") // 2 * 2
    length = int.from_bytes(webp[position + 4 : position + 8], "little")
    return webp[position + 8 : position + 8 + length]


def _movie(frames: list[bytes], ticks: int, width: int, height: int, start: int) -> bytes:
    """Return the box `moov`: one track of key frames that follow each other from byte `start`, each for some ticks."""
    duration = len(frames) * ticks
    unmoved = struct.pack(">9I", 0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000)
    times = struct.pack(">4I", 0, 0, 1000, duration)  # created, changed, ticks a second, duration
    film = _full(
        b"mvhd", 0, times, struct.pack(">IH10x", 0x10000, 0x100), unmoved, bytes(24), struct.pack(">I", 2)
    )
    track = _full(
        b"tkhd",
        3,  # enabled, and part of the film
        struct.pack(">5I16x", 0, 0, 1, 0, duration),
        unmoved,
        struct.pack(">2I", width << 16, height << 16),
    )
    samples = _box(
        b"stbl",
        _full(b"stsd", 0, struct.pack(">I", 1), _sample_entry(width, height)),
        _full(b"stts", 0, struct.pack(">3I", 1, len(frames), ticks)),
        _full(b"stsc", 0, struct.pack(">4I", 1, 1, len(frames), 1)),
        _full(b"stsz", 0, struct.pack(f">{2 + len(frames)}I", 0, len(frames), *map(len, frames))),
        _full(b"stco", 0, struct.pack(">2I", 1, start)),
    )
    media = _box(
        b"mdia",
        _full(b"mdhd", 0, times, struct.pack(">2H", 0x55C4, 0)),  # language: undetermined
        _full(b"hdlr", 0, bytes(4), b"vide", bytes(12), b"video\0"),
        _box(
            b"minf",
            _full(b"vmhd", 1, bytes(8)),
            _box(b"dinf", _full(b"dref", 0, struct.pack(">I", 1), _full(b"url ", 1))),
            samples,
        ),
    )
    return _box(b"moov", film, _box(b"trak", track, media))


def _sample_entry(width: int, height: int) -> bytes:
    return _box(
        b"vp08",
        struct.pack(">6xH16x2H", 1, width, height),
        struct.pack(">2I4xH32x2H", 0x480000, 0x480000, 1, 24, 0xFFFF),  # 72 dots per inch, 24 bits
        # Version 1; profile 0, level 1.0, 8 bits, 4:2:0; colours not specified.
        _box(b"vpcC", bytes((1, 0, 0, 0, 0, 10, 0x82, 2, 2, 2, 0, 0))),
    )


def _box(kind: bytes, *content: bytes) -> bytes:
    inner = b"".join(content)
    return struct.pack(">I", 8 + len(inner)) + kind + inner


def _full(kind: bytes, flags: int, *content: bytes) -> bytes:
    return _box(kind, struct.pack(">I", flags), *content)


def _element(identifier: int, *content: bytes) -> bytes:
    """Return a Matroska element; its length has eight bytes, which is always allowed."""
    inner = b"".join(content)
    name = identifier.to_bytes((identifier.bit_length() + 7) // 8, "big")
    return name + (1 << 56 | len(inner)).to_bytes(8, "big") + inner
