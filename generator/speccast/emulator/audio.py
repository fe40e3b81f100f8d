"""Half a second of sound: a tone whose pitch depends on the seed, or silence if a tone would need an encoder."""

from __future__ import annotations

import io
import math
import struct
import wave

RATE = 16_000
SAMPLES = RATE // 2
PITCHES = (262, 294, 330, 349, 392, 440, 494, 523)
"""Hertz; one octave of the major scale."""


def wav_bytes(seed: int) -> bytes:
    """Return a tone as 16-bit mono WAV."""
    pitch = PITCHES[seed % len(PITCHES)]
    samples = (round(8000 * math.sin(math.tau * pitch * n / RATE)) for n in range(SAMPLES))
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(struct.pack(f"<{SAMPLES}h", *samples))
    return out.getvalue()


def mp3_bytes() -> bytes:
    """Return silence as MPEG-1 layer III: mono, 44.1 kHz, 32 kbit/s.

    A frame with zeros after its header contains no coded data and decodes to silence.
    """
    header = bytes((0xFF, 0xFB, 0x10, 0xC0))
    length = 144 * 32_000 // 44_100
    frames = round(0.5 * 44_100 / 1152)
    return (header + bytes(length - len(header))) * frames
