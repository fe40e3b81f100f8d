"""Makes the files that a request asks for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from speccast.emulator.audio import mp3_bytes, wav_bytes
from speccast.emulator.images import image_bytes
from speccast.emulator.responses import json_bytes
from speccast.emulator.video import mp4_bytes, webm_bytes

if TYPE_CHECKING:
    from collections.abc import Callable

    from speccast.emulator.output_request import OutputRequest


def make_file(output: OutputRequest, number: int = 0) -> bytes:
    """Return one of the requested files, numbered from 0. The same request and seed give the same bytes."""
    maker = MAKERS.get(output.format.media_type, image_bytes)
    return maker(output, number)


MAKERS: dict[str, Callable[[OutputRequest, int], bytes]] = {
    "audio/wav": lambda output, number: wav_bytes(output.seed + number),
    "audio/mpeg": lambda output, number: mp3_bytes(),
    "video/mp4": mp4_bytes,
    "video/webm": webm_bytes,
    "text/plain": lambda output, number: output.prompt.encode("utf-8", "replace"),
    "application/json": lambda output, number: json_bytes(output.echo),
}
"""Functions by media type; all other types are images."""
