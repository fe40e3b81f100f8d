"""Files other than pictures, sound and video that are easy to make: texts, archives, 3D models.

For formats that need a special encoder there are only the first bytes of a file (`START_OF_FILE`), by which
programs recognize the type. Such a file cannot be decoded.
"""

from __future__ import annotations

import gzip
import io
import json
import random
import struct
import tarfile
import zipfile
from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from speccast.emulator.output_request import OutputRequest

START_OF_FILE: dict[str, bytes] = {
    "image/heic": b"\0\0\0\x18ftypheic\0\0\0\0mif1heic",
    "image/heif": b"\0\0\0\x18ftypmif1\0\0\0\0mif1heic",
    "image/jxl": b"\xff\x0a",
    "image/vnd.adobe.photoshop": b"8BPS\0\x01",
    "audio/ogg": b"OggS\0\x02" + bytes(8) + b"spec",
    "audio/aac": b"\xff\xf1\x50\x80\x01\x7f\xfc",
    "audio/mp4": b"\0\0\0\x18ftypM4A \0\0\0\0M4A mp42",
    "audio/webm": b"\x1aE\xdf\xa3\x87\x42\x82\x84webm",
    "video/x-msvideo": b"RIFF\x10\0\0\0AVI LIST\x04\0\0\0hdrl",
    "video/mpeg": b"\0\0\x01\xba\x44\0\x04\0\x04\x01",
    "video/ogg": b"OggS\0\x02" + bytes(8) + b"spec",
}
"""The first bytes of files that cannot be made here."""

TRIANGLE = ((0.0, 0.0, 0.0), (1.0, 0.0, 0.0), (0.0, 1.0, 0.0))
"""The shape that all 3D models show."""


def start_of_file(media_type: str) -> Callable[[OutputRequest, int], bytes]:
    """Return a function that makes a file which only has the right beginning."""
    return lambda output, number: START_OF_FILE[media_type].ljust(64, b"\0") + octets(output, number)


def octets(output: OutputRequest, number: int) -> bytes:
    """Return bytes without a meaning, which depend on the seed."""
    return b"\0speccast\0" + random.Random(output.seed + number).randbytes(246)


def text(output: OutputRequest) -> str:
    """Return the prompt without unpaired surrogates, which a request can contain."""
    return output.prompt.encode("utf-8", "replace").decode("utf-8")


def compile_template(template: str) -> Callable[[OutputRequest, int], bytes]:
    """Return a function that makes a text file from a template with values of the request."""

    def make(output: OutputRequest, number: int) -> bytes:
        shown = text(output)
        values = {
            "html": escape(shown),
            # XML has no control characters.
            "xml": escape("".join(each if each.isprintable() else " " for each in shown)),
            "csv": shown.replace('"', '""'),
            "json": json.dumps(shown),
            "line": " ".join(shown.replace("-->", "").split()) or "…",
        }
        size = {"width": output.width, "height": output.height}
        return template.format(**values, **size, seed=output.seed + number, hue=output.seed % 360).encode()

    return make


HTML = '<!doctype html>\n<meta charset="utf-8">\n<p>{html}</p>\n'
XML = '<?xml version="1.0" encoding="UTF-8"?>\n<output>{xml}</output>\n'
SVG = """\
<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}">
<rect width="100%" height="100%" fill="hsl({hue} 60% 80%)"/>
<text x="16" y="32" font-size="16">{xml}</text>
</svg>
"""
CSV = 'seed,text\r\n{seed},"{csv}"\r\n'
VTT = "WEBVTT\n\n00:00.000 --> 00:01.000\n{line}\n"
SRT = "1\n00:00:00,000 --> 00:00:01,000\n{line}\n"
YAML = "text: {json}\n"
NDJSON = '{{"seed": {seed}, "text": {json}}}\n'


def events(output: OutputRequest, _: int) -> bytes:
    return "".join(f"data: {word}\n\n" for word in text(output).split() or [""]).encode()


def zip_archive(output: OutputRequest, _: int) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr(zipfile.ZipInfo("output.txt"), text(output))
    return out.getvalue()


def compress(output: OutputRequest, _: int) -> bytes:
    return gzip.compress(text(output).encode(), mtime=0)


def tar_archive(output: OutputRequest, _: int) -> bytes:
    content = text(output).encode()
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        member = tarfile.TarInfo("output.txt")
        member.size = len(content)
        archive.addfile(member, io.BytesIO(content))
    return out.getvalue()


def gltf(output: OutputRequest, _: int) -> bytes:
    return json.dumps(_gltf(output)).encode()


def glb(output: OutputRequest, _: int) -> bytes:
    """Return a scene without objects in glTF's binary container: a header and one chunk of JSON."""
    content = json.dumps(_gltf(output)).encode()
    content += b" " * (-len(content) % 4)
    return struct.pack("<4s4I", b"glTF", 2, 20 + len(content), len(content), 0x4E4F534A) + content


def obj(_: OutputRequest, __: int) -> bytes:
    return "".join(f"v {x} {y} {z}\n" for x, y, z in TRIANGLE).encode() + b"f 1 2 3\n"


def ply(_: OutputRequest, __: int) -> bytes:
    head = "ply\nformat ascii 1.0\nelement vertex 3\nproperty float x\nproperty float y\nproperty float z\n"
    head += "element face 1\nproperty list uchar int vertex_indices\nend_header\n"
    return (head + "".join(f"{x} {y} {z}\n" for x, y, z in TRIANGLE) + "3 0 1 2\n").encode()


def stl(_: OutputRequest, __: int) -> bytes:
    points = (coordinate for point in ((0.0, 0.0, 1.0), *TRIANGLE) for coordinate in point)
    return b"speccast".ljust(80) + struct.pack("<I12fH", 1, *points, 0)


def _gltf(output: OutputRequest) -> object:
    return {
        "asset": {"version": "2.0", "generator": "speccast"},
        "scenes": [{"name": text(output)[:200]}],
        "scene": 0,
    }
