"""Text in any script: Latin, Greek, Cyrillic, Chinese, Japanese, Korean, Arabic, Hebrew, the scripts of India, emoji.

No font has all characters, so a text is divided into runs of one script each, with its own font of the Noto family.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from importlib.resources import files
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import ImageFont

if TYPE_CHECKING:
    from PIL.ImageDraw import ImageDraw

_FILES = {
    found[1].upper(): path
    for path in Path(str(files("manimgx_fonts"))).glob("Noto*.ttf")
    if (
        found := re.fullmatch(
            r"Noto(?:Sans)?([A-Z][a-z]+)?\[wght\]\.ttf", path.name.replace("Sans[", "SansLatin[")
        )
    )
}
"""Font files by script: the first word of the Unicode names of its characters, or `EMOJI`."""

_FILES["CJK"] = Path(str(files("manimgx_fonts_cjk"))) / "NotoSansCJK-VF.otf.ttc"
_CJK_WORDS = frozenset(
    {"CJK", "HIRAGANA", "KATAKANA", "HANGUL", "BOPOMOFO", "IDEOGRAPHIC", "FULLWIDTH", "HALFWIDTH"}
)
_REGULAR = 400
"""Weight of the letters; some fonts are thin by default."""


def text_width(text: str, size: int) -> float:
    """Return the width of a line in pixels."""
    if text.isascii():
        return _font("ASCII", size).getlength(text)
    return sum(_font(script, size).getlength(run) for script, run in _runs(text))


def write_line(
    pen: ImageDraw, place: tuple[float, float, float], text: str, size: int, color: tuple[int, ...]
) -> None:
    """Write a line at a place (left, top, right). It begins at the right if its script is written from right to left."""
    left, top, right = place
    runs = _runs(text)
    if not text.isascii() and _is_right_to_left(text):
        runs.reverse()
        left = right - text_width(text, size)
    base = top + _font("ASCII", size).getmetrics()[0]
    for script, run in runs:
        font = _font(script, size)
        pen.text((left, base), run, font=font, fill=color, anchor="ls")
        if len(runs) > 1:
            left += font.getlength(run)


def _runs(text: str) -> list[tuple[str, str]]:
    """Divide a text into runs, each with its script."""
    if text.isascii():
        return [("ASCII", text)]
    scripts: list[str] = []
    for character in text:
        before = scripts[-1] if scripts else "LATIN"
        # Spaces between emoji would be as wide as these.
        scripts.append(_script(character) or ("LATIN" if (before, character) == ("EMOJI", " ") else before))
    pairs = groupby(zip(scripts, text, strict=True), key=lambda pair: pair[0])
    return [(script, "".join(character for _, character in run)) for script, run in pairs]


@lru_cache(maxsize=4096)
def _script(character: str) -> str:
    """Return the script of a character, empty if it belongs to the one before it: a space, a mark, a joiner."""
    code = ord(character)
    if unicodedata.category(character)[0] in "MZ" or unicodedata.category(character) in ("Cf", "Sk"):
        return ""
    word = re.match("[A-Z]*", unicodedata.name(character, ""))
    name = word[0] if word is not None else ""
    if name in _CJK_WORDS or 0x2E80 <= code <= 0x303F or 0x20000 <= code <= 0x3FFFF:
        return "CJK"
    if name in _FILES:
        return name
    if code >= 0x1F000 or 0x2600 <= code <= 0x27BF or 0x2B00 <= code <= 0x2BFF:
        return "EMOJI"
    # The font for Chinese has most symbols: ≤, ℃, →, ①.
    return "CJK" if 0x2100 <= code < 0x2600 else "LATIN"


def _is_right_to_left(text: str) -> bool:
    """Return whether the first letter that has a direction is written to the left."""
    directions = (unicodedata.bidirectional(character) for character in text)
    return next((each != "L" for each in directions if each in ("L", "R", "AL")), False)


@lru_cache(maxsize=64)  # loading a font takes longer than drawing
def _font(script: str, size: int) -> ImageFont.FreeTypeFont:
    if script == "ASCII":  # the fast way, for letters that need no shaping
        return ImageFont.truetype(_FILES["LATIN"], size, layout_engine=ImageFont.Layout.BASIC)
    font = ImageFont.truetype(_FILES[script], size)
    axes = [_REGULAR if axis["name"] == b"Weight" else axis["default"] for axis in font.get_variation_axes()]
    font.set_variation_by_axes(axes)  # type: ignore[arg-type] # the stubs want floats
    return font
