"""What the tests of batches share."""

from __future__ import annotations

import base64
from pathlib import Path

CLIENT = Path(__file__).resolve().parents[3] / "generated" / "segmind" / "python"
"""The committed client, whose specs the emulator serves."""
SYNC = "sd2.1-txt2img"
"""A model with blocking calls."""
JOBS = "stable-diffusion-3-large-txt2img"
"""A model with jobs, too."""
PICTURE = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
"""A PNG file."""
