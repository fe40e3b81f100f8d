"""Half a second of sound: a tone whose pitch depends on the seed, or silence if a tone would need an encoder."""

from __future__ import annotations

import io
import math
import struct
import wave
from typing import Literal

RATE = 16_000
SAMPLES = RATE // 2
PITCHES = (262, 294, 330, 349, 392, 440, 494, 523)
"""Hertz; one octave of the major scale."""


def wav_bytes(seed: int) -> bytes:
    """Return a tone as 16-bit mono WAV."""
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(pcm_bytes(seed, "<"))
    return out.getvalue()


def pcm_bytes(seed: int, order: Literal["<", ">"]) -> bytes:
    """Return a tone as 16-bit mono samples, the less or the more significant byte first."""
    pitch = PITCHES[seed % len(PITCHES)]
    samples = (round(8000 * math.sin(math.tau * pitch * n / RATE)) for n in range(SAMPLES))
    return struct.pack(f"{order}{SAMPLES}h", *samples)


def flac_bytes() -> bytes:
    """Return a FLAC file without samples: its description alone, which is the last block of metadata."""
    blocks = struct.pack(">2H", 4096, 4096) + bytes(6)  # samples of a block, and unknown sizes of frames
    rate_and_depth = (RATE << 44 | 15 << 36).to_bytes(8, "big")  # one channel, 16 bits, no samples
    return b"fLaC\x80\0\0\x22" + blocks + rate_and_depth + bytes(16)


def midi_bytes(seed: int) -> bytes:
    """Return one note as a MIDI file of one track."""
    note = 60 + seed % 12
    events = bytes((0, 0x90, note, 64, 96, 0x80, note, 0, 0, 0xFF, 0x2F, 0))
    return b"MThd\0\0\0\x06\0\0\0\x01\0\x60MTrk" + struct.pack(">I", len(events)) + events


def aiff_bytes(seed: int) -> bytes:
    """Return a tone as AIFF."""
    samples = pcm_bytes(seed, ">")
    rate = struct.pack(">HQ", 16383 + 13, RATE << 50)  # an extended float: 1.953125 * 2^13
    common = b"COMM" + struct.pack(">IhIh", 18, 1, SAMPLES, 16) + rate
    sound = b"SSND" + struct.pack(">3I", 8 + len(samples), 0, 0) + samples
    return b"FORM" + struct.pack(">I", 4 + len(common) + len(sound)) + b"AIFF" + common + sound


def mp3_bytes() -> bytes:
    """Return silence as MPEG-1 layer III: mono, 44.1 kHz, 32 kbit/s.

    A frame with zeros after its header contains no coded data and decodes to silence.
    """
    header = bytes((0xFF, 0xFB, 0x10, 0xC0))
    length = 144 * 32_000 // 44_100
    frames = round(0.5 * 44_100 / 1152)
    return (header + bytes(length - len(header))) * frames
