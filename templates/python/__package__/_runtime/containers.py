"""A text inside a picture file: where to insert it without decoding the picture, and how to find it.

PNG has it in a chunk iTXt; JPEG and WebP in XMP, which is written here, because the libraries that write XMP decode and
encode the picture again (Pillow), are under the GPL (pyexiv2) or need a system library (python-xmp-toolkit).

Security boundary: files are hostile. Nothing is decompressed, no XML is parsed, and every loop is bounded.
"""

from __future__ import annotations

import re
import zlib
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .._core.media import Read

__all__ = ["LONGEST", "ContainerError", "Piece", "find_text", "with_text"]

Piece: TypeAlias = "bytes | tuple[int, int]"
"""Bytes, or a part of the original file: offset and end."""

LONGEST = 1024 * 1024
"""Bytes of the longest text that is read."""

_KEYWORD = b"speccast.record"
_NAMESPACE = "urn:speccast:record#"
_PNG = b"\x89PNG\r\n\x1a\n"
_XMP_OF_JPEG = b"http://ns.adobe.com/xap/1.0/\x00"
_LONGEST_OF_JPEG = 65502
"""Bytes of the longest XMP packet in a JPEG."""
_MOST_PARTS = 100_000
"""Chunks or segments of a file that are looked at."""
_WITHOUT_LENGTH = frozenset({0x01, *range(0xD0, 0xD8)})
"""Markers of a JPEG that have no content."""
_XMP_FLAG = 0x04
_ALPHA_FLAG = 0x10


class ContainerError(ValueError):
    """A file is damaged, or has the text in a form that is not read."""


def with_text(read: Read, size: int, text: str) -> list[Piece] | None:
    """Return the pieces of a file with a text in it; None if the file cannot have it.

    That is a file of another type, a damaged one, and a JPEG or WebP that has XMP already.
    """
    start = read(0, 12)
    try:
        if start.startswith(_PNG):
            return _with_chunk(read, size, text)
        if start.startswith(b"\xff\xd8\xff"):
            return _with_segment(read, size, text)
        if start[:4] == b"RIFF" and start[8:] == b"WEBP":
            return _with_riff_chunk(read, size, text)
    except ContainerError:
        return None
    return None


def find_text(read: Read, size: int) -> str | None:
    """Return the text in a PNG, JPEG or WebP; None if there is none. Raises ContainerError."""
    start = read(0, 12)
    if start.startswith(_PNG):
        return _in_png(read, size)
    if start.startswith(b"\xff\xd8\xff"):
        return next(filter(None, map(_in_xmp, _packets_of_jpeg(read, size))), None)
    if start[:4] == b"RIFF" and start[8:] == b"WEBP":
        return next(filter(None, map(_in_xmp, _packets_of_webp(read, size))), None)
    return None


def _with_chunk(read: Read, size: int, text: str) -> list[Piece]:
    header = read(8, 25)
    if header[:8] != b"\x00\x00\x00\rIHDR" or size < 33:
        raise ContainerError("the PNG has no header")
    data = _KEYWORD + b"\x00\x00\x00\x00\x00" + text.encode()
    content = b"iTXt" + data
    chunk = len(data).to_bytes(4, "big") + content + zlib.crc32(content).to_bytes(4, "big")
    return [(0, 33), chunk, (33, size)]


def _in_png(read: Read, size: int) -> str | None:
    offset = len(_PNG)
    for _ in range(_MOST_PARTS):
        head = read(offset, 8)
        length, kind = int.from_bytes(head[:4], "big"), head[4:]
        if len(head) < 8 or kind == b"IEND" or offset + 12 + length > size:
            return None
        is_ours = (
            kind in (b"iTXt", b"zTXt", b"tEXt") and read(offset + 8, len(_KEYWORD) + 1) == _KEYWORD + b"\x00"
        )
        if is_ours:
            return _of_chunk(kind, read(offset + 8 + len(_KEYWORD) + 1, min(length, LONGEST + 100)), length)
        offset += 12 + length
    raise ContainerError("the PNG has too many chunks")


def _of_chunk(kind: bytes, data: bytes, length: int) -> str:
    if length > LONGEST:
        raise ContainerError(f"the text is larger than {LONGEST} bytes")
    if kind != b"iTXt" or data[:1] != b"\x00":
        raise ContainerError("the text is compressed or in another chunk than iTXt, which is not read")
    parts = data[2 : length - len(_KEYWORD) - 1].split(b"\x00", 2)
    if len(parts) != 3:
        raise ContainerError("the chunk with the text is damaged")
    return _decode(parts[2])


def _with_segment(read: Read, size: int, text: str) -> list[Piece]:
    packet = _XMP_OF_JPEG + _packet(text)
    if len(packet) - len(_XMP_OF_JPEG) > _LONGEST_OF_JPEG or any(_packets_of_jpeg(read, size)):
        raise ContainerError("the text is too long for a JPEG, or the JPEG has other XMP")
    offset = 2
    head = read(offset, 4)
    while head[:2] in (b"\xff\xe0", b"\xff\xe1"):  # JFIF and Exif must come first
        offset += 2 + int.from_bytes(head[2:], "big")
        head = read(offset, 4)
    if offset >= size or len(head) < 4 or head[0] != 0xFF:
        raise ContainerError("the JPEG is damaged")
    segment = b"\xff\xe1" + (len(packet) + 2).to_bytes(2, "big") + packet
    return [(0, offset), segment, (offset, size)]


def _packets_of_jpeg(read: Read, size: int) -> Iterator[bytes]:
    """Yield the XMP packets before the picture. Raises ContainerError if the segments are damaged."""
    offset = 2
    for _ in range(_MOST_PARTS):
        head = read(offset, 4)
        if len(head) < 4 or head[0] != 0xFF:
            raise ContainerError("the JPEG is damaged")
        marker, length = head[1], int.from_bytes(head[2:], "big")
        if marker in (0xDA, 0xD9):
            return
        if marker == 0xFF:  # a fill byte
            offset += 1
            continue
        if marker in _WITHOUT_LENGTH:
            offset += 2
            continue
        if length < 2 or offset + 2 + length > size:
            raise ContainerError("the JPEG is damaged")
        if marker == 0xE1 and (data := read(offset + 4, length - 2)).startswith(_XMP_OF_JPEG):
            yield data[len(_XMP_OF_JPEG) :]
        offset += 2 + length
    raise ContainerError("the JPEG has too many segments")


def _with_riff_chunk(read: Read, size: int, text: str) -> list[Piece]:
    end = 8 + int.from_bytes(read(4, 4), "little")
    first = read(12, 40)
    if end > size or end % 2 or any(_packets_of_webp(read, size)):
        raise ContainerError("the WebP is damaged, or already has XMP")
    packet = _packet(text)
    chunk = b"XMP " + len(packet).to_bytes(4, "little") + packet + b"\x00" * (len(packet) % 2)
    if first[:4] == b"VP8X" and len(first) >= 18:
        header, rest = first[:8] + bytes([first[8] | _XMP_FLAG]) + first[9:18], 12 + 18
    else:
        width, height, has_alpha = _size_of_webp(first)
        flags = _XMP_FLAG | (_ALPHA_FLAG if has_alpha else 0)
        content = (
            bytes([flags, 0, 0, 0]) + (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
        )
        header, rest = b"VP8X" + (10).to_bytes(4, "little") + content, 12
    length = 4 + len(header) + (end - rest) + len(chunk)
    return [b"RIFF" + length.to_bytes(4, "little") + b"WEBP" + header, (rest, end), chunk, (end, size)]


def _size_of_webp(first: bytes) -> tuple[int, int, bool]:
    """Width, height and whether there is an alpha channel, by the header of the bit stream. Raises ContainerError."""
    data = first[8:]
    if first[:4] == b"VP8 " and data[3:6] == b"\x9d\x01\x2a" and len(data) >= 10:
        sizes = (int.from_bytes(data[6:8], "little") & 0x3FFF, int.from_bytes(data[8:10], "little") & 0x3FFF)
        has_alpha = False
    elif first[:4] == b"VP8L" and data[:1] == b"\x2f" and len(data) >= 5:
        bits = int.from_bytes(data[1:5], "little")
        sizes, has_alpha = ((bits & 0x3FFF) + 1, ((bits >> 14) & 0x3FFF) + 1), bool(bits >> 28 & 1)
    else:
        raise ContainerError("the WebP has no header")
    if not all(sizes):
        raise ContainerError("the WebP is empty")
    return *sizes, has_alpha


def _packets_of_webp(read: Read, size: int) -> Iterator[bytes]:
    """Yield the XMP packets. Raises ContainerError if a chunk is damaged."""
    offset, end = 12, min(size, 8 + int.from_bytes(read(4, 4), "little"))
    for _ in range(_MOST_PARTS):
        if offset >= end:
            return
        head = read(offset, 8)
        length = int.from_bytes(head[4:], "little")
        if len(head) < 8 or offset + 8 + length > end:
            raise ContainerError("the WebP is damaged")
        if head[:4] == b"XMP ":
            if length > 2 * LONGEST:
                raise ContainerError(f"the text is larger than {LONGEST} bytes")
            yield read(offset + 8, length)
        offset += 8 + length + length % 2
    raise ContainerError("the WebP has too many chunks")


def _packet(text: str) -> bytes:
    """Return an XMP packet with the text as an element in a separate namespace."""
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return (
        '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/">'
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        f'<rdf:Description rdf:about="" xmlns:speccast="{_NAMESPACE}">'
        f"<speccast:record>{escaped}</speccast:record></rdf:Description></rdf:RDF></x:xmpmeta>"
        '<?xpacket end="r"?>'
    ).encode()


def _in_xmp(packet: bytes) -> str | None:
    """Return the text in an XMP packet. Found without an XML parser, so that no entity is expanded."""
    begin = packet.find(b"<speccast:record>")
    if begin < 0 or _NAMESPACE.encode() not in packet:
        return None
    end = packet.find(b"</speccast:record>", begin)
    if end < 0:
        raise ContainerError("the XMP is damaged")
    if end - begin > LONGEST:
        raise ContainerError(f"the text is larger than {LONGEST} bytes")
    text = _decode(packet[begin + len(b"<speccast:record>") : end])
    if re.search(r"<|&(?!(amp|lt|gt|quot|apos);)", text):
        raise ContainerError("the XMP has other markup where the text is")
    entities = {"amp": "&", "lt": "<", "gt": ">", "quot": '"', "apos": "'"}
    return re.sub("&([a-z]+);", lambda found: entities[found[1]], text)


def _decode(data: bytes) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError:
        raise ContainerError("the text is not UTF-8") from None
