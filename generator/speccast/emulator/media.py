"""Makes the files that a request asks for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from speccast.emulator import documents
from speccast.emulator.audio import aiff_bytes, flac_bytes, midi_bytes, mp3_bytes, pcm_bytes, wav_bytes
from speccast.emulator.images import image_bytes
from speccast.emulator.responses import json_bytes
from speccast.emulator.video import matroska_bytes, mp4_bytes

if TYPE_CHECKING:
    from collections.abc import Callable

    from speccast.emulator.output_request import OutputRequest


def make_file(output: OutputRequest, number: int = 0) -> bytes:
    """Return one of the requested files, numbered from 0. The same request and seed give the same bytes."""
    return MAKERS.get(output.format.made_as, image_bytes)(output, number)


MAKERS: dict[str, Callable[[OutputRequest, int], bytes]] = {
    **{media_type: documents.start_of_file(media_type) for media_type in documents.START_OF_FILE},
    "image/svg+xml": documents.compile_template(documents.SVG),
    "audio/wav": lambda output, number: wav_bytes(output.seed + number),
    "audio/l16": lambda output, number: pcm_bytes(output.seed + number, ">"),
    "audio/mpeg": lambda output, number: mp3_bytes(),
    "audio/flac": lambda output, number: flac_bytes(),
    "audio/aiff": lambda output, number: aiff_bytes(output.seed + number),
    "audio/midi": lambda output, number: midi_bytes(output.seed + number),
    "video/mp4": lambda output, number: mp4_bytes(output, number, b"isom"),
    "video/quicktime": lambda output, number: mp4_bytes(output, number, b"qt  "),
    "video/3gpp": lambda output, number: mp4_bytes(output, number, b"3gp4"),
    "video/webm": lambda output, number: matroska_bytes(output, number, b"webm"),
    "video/x-matroska": lambda output, number: matroska_bytes(output, number, b"matroska"),
    "model/gltf-binary": documents.glb,
    "model/gltf+json": documents.gltf,
    "model/obj": documents.obj,
    "model/stl": documents.stl,
    "model/ply": documents.ply,
    "model/vnd.usdz+zip": documents.zip_archive,
    **dict.fromkeys(("text/plain", "text/markdown"), lambda output, number: documents.text(output).encode()),
    "text/html": documents.compile_template(documents.HTML),
    "text/csv": documents.compile_template(documents.CSV),
    "text/vtt": documents.compile_template(documents.VTT),
    "text/event-stream": documents.events,
    "text/xml": documents.compile_template(documents.XML),
    "application/octet-stream": documents.octets,
    "application/json": lambda output, number: json_bytes(output.echo),
    "application/x-ndjson": documents.compile_template(documents.NDJSON),
    "application/x-subrip": documents.compile_template(documents.SRT),
    "application/yaml": documents.compile_template(documents.YAML),
    "application/zip": documents.zip_archive,
    "application/gzip": documents.compress,
    "application/x-tar": documents.tar_archive,
}
"""Functions by media type; all other types are pictures."""
