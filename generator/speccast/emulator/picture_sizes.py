"""Sizes of pictures and films as texts of requests write them: `1024x768`, `16:9`, `720p`, `2K`."""

from __future__ import annotations

import math
import re
from functools import lru_cache


@lru_cache(maxsize=256)
def find_size(text: str) -> tuple[int, int] | None:
    """Return the size in a text such as `1024x768`, or in pixels that are written as a ratio, `1920:1080`."""
    size = re.search(r"(?<!\d)(\d{1,6})\s*[x*\u00d7]\s*(\d{1,6})(?!\d)", text)
    size = size or re.search(r"(?<!\d)(\d{3,6})\s*:\s*(\d{3,6})(?!\d)", text)
    return _positive(size) if size else None


@lru_cache(maxsize=256)
def find_ratio(text: str) -> tuple[int, int] | None:
    """Return the ratio in a text such as `16:9`."""
    ratio = re.search(r"(?<!\d)(\d{1,4})\s*[:/]\s*(\d{1,4})(?!\d)", text)
    return _positive(ratio) if ratio else None


def find_resolution(texts: list[str], *, is_film: bool) -> int | None:
    """Return the resolution in texts such as `720p` (lines of a film) or `2K`: lines, or the side of a square picture."""
    for text in texts:
        if lines := re.search(r"(?<![\w.])(\d{3,4})p(?!\w)", text, re.IGNORECASE):
            return int(lines[1])
        if thousands := re.search(r"(?<![\w.])([1248])k(?!\w)", text, re.IGNORECASE):
            number = int(thousands[1])
            return {1: 1080, 2: 1440, 4: 2160, 8: 4320}[number] if is_film else 1024 * number
        if is_film and re.fullmatch(r"[1-9]\d{2,3}", text):
            return int(text)
    return None


def scale(ratio: tuple[int, int] | None, resolution: int | None, *, is_film: bool) -> tuple[int, int]:
    """Return the size of a picture with a ratio; without a resolution it has about a megapixel."""
    width, height = ratio or ((16, 9) if is_film else (1, 1))
    if resolution is not None and is_film:
        # Even, because color has half the resolution: 480 lines are 854 pixels wide.
        pairs = resolution / min(width, height) / 2
        return max(round(width * pairs), 1) * 2, max(round(height * pairs), 1) * 2
    # Rounded down to multiples of 64: the sizes that models of a megapixel document.
    factor = (resolution or 1024) / math.sqrt(width * height)
    return max(int(width * factor) // 64 * 64, 64), max(int(height * factor) // 64 * 64, 64)


def fit(width: int, height: int, most: int) -> tuple[int, int]:
    """Return the size in the same proportion whose longer side has at most `most` pixels."""
    longest = max(width, height)
    if longest <= most:
        return width, height
    return max(width * most // longest, 1), max(height * most // longest, 1)


def _positive(found: re.Match[str]) -> tuple[int, int]:
    return max(int(found[1]), 1), max(int(found[2]), 1)
