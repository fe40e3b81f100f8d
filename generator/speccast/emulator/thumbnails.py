"""Small copies of pictures that a request contains. Security: pictures are untrusted.

Only formats that Pillow decodes safely and quickly are decoded, and only if their header says that they are not too large.
"""

from __future__ import annotations

import io

from PIL import Image

FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP")
"""Formats of Pillow that are decoded."""

MAX_BYTES = 64 * 1024 * 1024
"""Bytes of the largest file that is decoded."""

MAX_PIXELS = 16 * 1024 * 1024
"""Pixels of the largest picture that is decoded; it takes 64 MiB."""

MAX_JPEG_PIXELS = 64 * 1024 * 1024
"""The same for JPEG, which is decoded at an eighth of its size."""

MAX_SCANS = 32
"""Scans of a JPEG. Each takes time for all pixels, however few bytes it has; programs write about ten."""


def thumbnail(content: bytes, side: int, measured: tuple[int, int]) -> bytes:
    """Return a copy of a picture as WebP, its longer side at most `side` pixels; empty if it cannot be decoded.

    `measured` are the pixels of the picture as its header says. Pillow is not called for too many of them, because it would
    warn of an attack.
    """
    if measured[0] * measured[1] > MAX_JPEG_PIXELS:
        return b""
    try:
        return _reduce(content, side)
    except Exception:  # damaged files make Pillow raise exceptions of many types
        return b""


def _reduce(content: bytes, side: int) -> bytes:
    with Image.open(io.BytesIO(content), formats=FORMATS) as image:
        is_jpeg = image.format == "JPEG"
        if image.width * image.height > (MAX_JPEG_PIXELS if is_jpeg else MAX_PIXELS):
            return b""
        if is_jpeg:
            if content.count(b"\xff\xda") > MAX_SCANS:
                return b""
            image.draft("RGB", (side, side))
        image.thumbnail((side, side), reducing_gap=2.0)
        small = image.convert("RGBA" if image.has_transparency_data else "RGB")
    out = io.BytesIO()
    small.save(out, format="WEBP", quality=80, method=0)
    return out.getvalue()
