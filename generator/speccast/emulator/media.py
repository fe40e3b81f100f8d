"""Makes what is wanted: bytes of the wanted format."""

from __future__ import annotations

from typing import TYPE_CHECKING

from speccast.emulator.answers import json_bytes
from speccast.emulator.audio import mp3_bytes, wav_bytes
from speccast.emulator.images import image_bytes
from speccast.emulator.video import mp4_bytes, webm_bytes

if TYPE_CHECKING:
    from collections.abc import Callable

    from speccast.emulator.wanted import Wanted


def make(wanted: Wanted, number: int = 0) -> bytes:
    """One of the files that a request wants, counted from 0. The same request and seed give the same bytes."""
    maker = MAKERS.get(wanted.format.media_type, image_bytes)
    return maker(wanted, number)


MAKERS: dict[str, Callable[[Wanted, int], bytes]] = {
    "audio/wav": lambda wanted, number: wav_bytes(wanted.seed + number),
    "audio/mpeg": lambda wanted, number: mp3_bytes(),
    "video/mp4": mp4_bytes,
    "video/webm": webm_bytes,
    "text/plain": lambda wanted, number: wanted.prompt.encode("utf-8", "replace"),
    "application/json": lambda wanted, number: json_bytes(wanted.echo),
}
"""How the types that are no images are made."""
