"""Pictures that show what was asked for: the prompt and the seed, on colours that depend on both.

The same picture is drawn for the same request and seed; another prompt looks different at first sight.
"""

from __future__ import annotations

import colorsys
import io
import random
from bisect import bisect
from functools import cache
from typing import TYPE_CHECKING, Any

from PIL import Image, ImageDraw, ImageFont, ImageOps

if TYPE_CHECKING:
    from collections.abc import Iterator

    from speccast.emulator.wanted import Wanted

SHAPES = 6
INK = (255, 255, 255, 235)
PAPER = (0, 0, 0, 120)

SAVING: dict[str, dict[str, Any]] = {
    "image/jpeg": {"format": "JPEG"},
    "image/png": {"format": "PNG", "compress_level": 1},
    "image/webp": {"format": "WEBP", "method": 0},
    "image/gif": {"format": "GIF"},
    "image/bmp": {"format": "BMP"},
    "image/tiff": {"format": "TIFF"},
}
"""How Pillow writes each media type: quickly, since nobody keeps these files."""


def image_bytes(wanted: Wanted, number: int) -> bytes:
    """The picture of that number, encoded as wanted."""
    out = io.BytesIO()
    options = SAVING[wanted.format.media_type]
    # Formats without a quality ignore it.
    draw(wanted, number, wanted.width, wanted.height).save(out, **options, quality=wanted.quality)
    return out.getvalue()


def draw(wanted: Wanted, number: int, width: int, height: int) -> Image.Image:
    """One of the pictures of a request. Each has a seed of its own, counted from the request's."""
    seed = wanted.seed + number
    prompt = "".join(character if character.isprintable() else " " for character in wanted.prompt)
    image = _background(random.Random(f"{seed} {prompt}"), width, height)
    count = f"  {number + 1} of {wanted.count}" if wanted.count > 1 else ""
    _write(image, prompt, f"seed {seed}  {wanted.width}x{wanted.height}{count}")
    return image


def _background(rng: random.Random, width: int, height: int) -> Image.Image:
    hue = rng.random()
    column = Image.linear_gradient("L").crop((0, 0, 1, 256)).resize((1, height))
    column = ImageOps.colorize(column, _colour(hue, 0.62), _colour(hue + rng.uniform(0.08, 0.3), 0.22))
    image = column.resize((width, height), Image.Resampling.NEAREST)
    pen = ImageDraw.Draw(image, "RGBA")
    for _ in range(SHAPES):
        x, y = rng.uniform(0, width), rng.uniform(0, height)
        radius = rng.uniform(0.08, 0.35) * min(width, height)
        fill = (*_colour(hue + rng.uniform(-0.2, 0.5), rng.uniform(0.3, 0.8)), 90)
        pen.ellipse((x - radius, y - radius, x + radius, y + radius), fill=fill)
    return image


def _colour(hue: float, lightness: float) -> tuple[int, int, int]:
    red, green, blue = colorsys.hls_to_rgb(hue % 1, lightness, 0.6)
    return round(red * 255), round(green * 255), round(blue * 255)


def _write(image: Image.Image, prompt: str, label: str) -> None:
    """Writes as much of the prompt as the picture has room for, and the label below it."""
    width, height = image.size
    size = max(9, min(width, height) // 24)
    font = _font(size)
    margin = size
    line = round(size * 1.3)
    room = (height - 2 * margin) // line - 1
    if width < 6 * size or room < 0:
        return
    lines = list(_wrapped(prompt, font, width - 2 * margin, room + 1))
    if len(lines) > room:
        lines = [*lines[: room - 1], f"{lines[room - 1]} …"] if room else []
    lines.append(label)
    top = height - margin - len(lines) * line
    pen = ImageDraw.Draw(image, "RGBA")
    pen.rectangle((0, top - margin // 2, width, height), fill=PAPER)
    for number, text in enumerate(lines):
        pen.text((margin, top + number * line), text, font=font, fill=INK)


def _wrapped(
    text: str, font: ImageFont.FreeTypeFont | ImageFont.ImageFont, width: int, most: int
) -> Iterator[str]:
    """At most so many lines of a text that are no wider than the width, broken between words where that is possible."""
    words = text.split()
    line = ""
    while words and most > 0:
        word = words.pop(0)
        longer = f"{line} {word}" if line else word
        if font.getlength(longer) <= width:
            line = longer
            continue
        if line:
            yield line
            words.insert(0, word)
            line = ""
        else:
            fits = (
                bisect(range(1, len(word)), width, key=lambda length: int(font.getlength(word[:length]))) or 1
            )
            yield word[:fits]
            words.insert(0, word[fits:])
        most -= 1
    if line and most > 0:
        yield line


@cache
def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(size)
