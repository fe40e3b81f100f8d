"""Suggestions for misspelled words and for values that are nearly known."""

from __future__ import annotations

import pytest

from speccast.core.suggestions import closest

RATIOS = ("1:1", "16:9", "21:9", "2:3", "3:2", "4:5", "5:4", "9:16", "9:21")
NAMED = ("custom", "1:1 square 1024x1024", "16:9 landscape 1344x768", "9:16 portrait 768x1344")
SIZES = ("512x512", "1024x1024", "1024x1536", "1536x1024")


@pytest.mark.parametrize(
    ("word", "candidates", "meant"),
    [
        ("16:10", RATIOS, "16:9"),
        ("16:8", RATIOS, "16:9"),
        ("10:16", RATIOS, "9:16"),
        ("4:3", RATIOS, "5:4"),
        ("3:4", RATIOS, "4:5"),
        ("1:1.0", RATIOS, "1:1"),
        ("16:10", NAMED, "16:9 landscape 1344x768"),
        ("16:9", NAMED, "16:9 landscape 1344x768"),
        ("1000x1000", SIZES, "1024x1024"),
        ("1536x1000", SIZES, "1536x1024"),
        ("90000:1", RATIOS, ""),
        ("0:1", ("red",), ""),
        ("16x9", RATIOS, "16:9"),
        ("custm", NAMED, "custom"),
        ("image_quality", ("image-quality", "image_size"), "image-quality"),
    ],
)
def test_the_nearest_candidate(word: str, candidates: tuple[str, ...], meant: str) -> None:
    assert closest(word, candidates) == meant
