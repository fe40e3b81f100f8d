"""What the tests of batches share."""

from __future__ import annotations

from pathlib import Path

CLIENT = Path(__file__).resolve().parents[3] / "generated" / "segmind" / "python"
"""The committed client, whose specs the emulator serves."""
SYNC = "sd2.1-txt2img"
"""A model with blocking calls."""
JOBS = "stable-diffusion-3-large-txt2img"
"""A model with jobs, too."""
