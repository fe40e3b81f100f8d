"""Small films and sounds without pictures and samples, as FFmpeg, browsers and cameras write their headers."""

from __future__ import annotations

import struct

__all__ = [
    "adts",
    "avi",
    "box",
    "cluster",
    "description",
    "element",
    "fragment",
    "index",
    "matroska",
    "ogg_page",
]


def box(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I4s", 8 + len(content), name) + content


def description(*, whole: int | None = None, described: int = 0, priming: int = 0) -> bytes:
    """Return the beginning of a fragmented MP4: pictures at 12,800 ticks a second and sound at 44,100 samples a second.

    `whole` is the duration of all fragments in milliseconds, if the film says it, and `described` that of the samples in
    the description, in ticks of the pictures.
    """
    tracks = b"".join(
        box(
            b"trak",
            box(b"tkhd", bytes(12) + struct.pack(">I", number) + bytes(68))
            + box(b"edts", box(b"elst", struct.pack(">4xIIiI", 1, 0, media_time, 0x10000)))
            + box(
                b"mdia",
                box(b"mdhd", bytes(12) + struct.pack(">III", scale, units, 0))
                + box(b"hdlr", bytes(8) + kind + bytes(13)),
            ),
        )
        for number, kind, scale, units, media_time in (
            (1, b"vide", 12800, described, 1024),
            (2, b"soun", 44100, 0, priming),
        )
    )
    usual = b"".join(
        box(b"trex", struct.pack(">6I", 0, number, 1, length, 0, 0))
        for number, length in ((1, 512), (2, 1024))
    )
    total = b"" if whole is None else box(b"mehd", struct.pack(">II", 0, whole))
    head = box(b"mvhd", bytes(12) + struct.pack(">II", 1000, 0) + bytes(80))
    return box(b"ftyp", b"iso5\0\0\2\0iso5") + box(b"moov", head + tracks + box(b"mvex", total + usual))


def fragment(*runs: tuple[int, int | None, list[int] | int], usual: int | None = None) -> bytes:
    """Return a fragment: for each run its track, its time if it says it, and the count or durations of its samples."""
    content = box(b"mfhd", bytes(8))
    for track, time, samples in runs:
        head = struct.pack(">II", 0 if usual is None else 8, track) + (
            b"" if usual is None else struct.pack(">I", usual)
        )
        start = b"" if time is None else box(b"tfdt", struct.pack(">IQ", 0x01000000, time))
        if isinstance(samples, int):
            run = struct.pack(">III", 1, samples, 0)
        else:
            rows = b"".join(struct.pack(">II", length, 9) for length in samples)
            run = struct.pack(">IIII", 0x305, len(samples), 0, 0) + rows
        content += box(b"traf", box(b"tfhd", head) + start + box(b"trun", run))
    return box(b"moof", content) + box(b"mdat", bytes(5000))


def index(track: int, scale: int, time: int, offset: int, fragments: list[tuple[int, int]]) -> bytes:
    """Return an index of fragments: the size and the duration of each."""
    rows = b"".join(struct.pack(">III", size, length, 0) for size, length in fragments)
    return box(b"sidx", struct.pack(">IIIIIHH", 0, track, scale, time, offset, 0, len(fragments)) + rows)


def element(identifier: int, content: bytes, *, is_open: bool = False) -> bytes:
    """Return an element of Matroska. An open one does not say its length, as in live recordings."""
    name = identifier.to_bytes((identifier.bit_length() + 7) // 8, "big")
    size = b"\x01" + b"\xff" * 7 if is_open else (1 << 56 | len(content)).to_bytes(8, "big")
    return name + size + content


def matroska(
    *clusters: bytes,
    duration: float | None = None,
    scale: int = 1_000_000,
    frame: int | None = None,
    is_open: bool = True,
    kind: bytes = b"webm",
    wide: bool = True,
) -> bytes:
    """Return a film with a track of pictures (1) and one of sound (2). `frame` is the duration of a picture in nanoseconds."""
    info = element(0x2AD7B1, scale.to_bytes(4, "big"))
    if duration is not None:
        info += element(0x4489, struct.pack(">d" if wide else ">f", duration))
    usual = b"" if frame is None else element(0x23E383, frame.to_bytes(4, "big"))
    tracks = element(0xAE, element(0xD7, b"\1") + element(0x83, b"\1") + element(0x86, b"V_VP8") + usual)
    tracks += element(0xAE, element(0xD7, b"\2") + element(0x83, b"\2") + element(0x86, b"A_OPUS"))
    content = element(0x1549A966, info) + element(0x1654AE6B, tracks) + b"".join(clusters)
    head = element(0x1A45DFA3, element(0x4282, kind))
    return head + element(0x18538067, content, is_open=is_open)


def cluster(start: int, *blocks: tuple[int, int, int | None], is_open: bool = True) -> bytes:
    """Return a cluster with blocks: track, time since the start, and the duration if the block says it."""
    content = element(0xE7, start.to_bytes(4, "big"))
    for track, time, length in blocks:
        block = struct.pack(">BhB", 0x80 | track, time, 0) + bytes(500)
        if length is None:
            content += element(0xA3, block)
        else:
            content += element(0xA0, element(0xA1, block) + element(0x9B, length.to_bytes(2, "big")))
    return element(0x1F43B675, content, is_open=is_open)


def avi(
    pictures: int,
    *,
    length: int | None = None,
    sound: int | None = None,
    all_pictures: int | None = None,
    frames: int = 0,
) -> bytes:
    """Return an AVI of 25 pictures a second.

    `pictures` is the count in the main header, `length` that of the stream of pictures, `sound` the length of the other
    stream in samples at 8000 a second, `all_pictures` that of a file with several parts, and `frames` the pictures that
    there are.
    """

    def chunk(name: bytes, content: bytes) -> bytes:
        return struct.pack("<4sI", name, len(content)) + content + bytes(len(content) % 2)

    def listed(name: bytes, content: bytes) -> bytes:
        return chunk(b"LIST", name + content)

    def stream(kind: bytes, scale: int, rate: int, units: int) -> bytes:
        return listed(b"strl", chunk(b"strh", struct.pack("<4s16xIIII16x", kind, scale, rate, 0, units)))

    head = chunk(b"avih", struct.pack("<I12xI36x", 40_000, pictures))
    head += b"" if length is None else stream(b"vids", 1, 25, length)
    head += b"" if sound is None else stream(b"auds", 1, 8000, sound)
    head += b"" if all_pictures is None else listed(b"odml", chunk(b"dmlh", struct.pack("<I", all_pictures)))
    content = chunk(b"JUNK", bytes(2001)) + listed(
        b"movi", listed(b"rec ", (chunk(b"00dc", bytes(99)) + chunk(b"01wb", bytes(7))) * frames)
    )
    return struct.pack("<4sI4s", b"RIFF", 0xFFFFFFFF, b"AVI ") + listed(b"hdrl", head) + content


def ogg_page(stream: int, position: int, packet: bytes, *, is_first: bool = False) -> bytes:
    """Return a page of an Ogg file."""
    lengths = bytes([255] * (len(packet) // 255) + [len(packet) % 255])
    head = struct.pack("<4sBBqIIIB", b"OggS", 0, 2 if is_first else 0, position, stream, 0, 0, len(lengths))
    return head + lengths + packet


def adts(frames: int, rate: int = 3, blocks: int = 1, length: int = 371) -> bytes:
    """Return frames of AAC. `rate` is a row of its table: 3 is 48 kHz."""
    header = 0xFFF1 << 40 | 1 << 38 | rate << 34 | length << 13 | blocks - 1
    return header.to_bytes(7, "big").ljust(length, b"\x55") * frames
