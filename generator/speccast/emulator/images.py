"""Pictures that show the prompt, the model, the seed and the inputs of a request, on colors that depend on prompt and seed.

The same request and seed give the same picture; other prompts give clearly different ones.
"""

from __future__ import annotations

import colorsys
import io
import random
import time
from bisect import bisect
from typing import TYPE_CHECKING, Any

from PIL import Image, ImageDraw, ImageOps

from speccast.emulator.fonts import text_width, write_line

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from speccast.emulator.output_request import OutputRequest, ShownInput

SHAPES = 6
INK = (255, 255, 255, 235)
PAPER = (0, 0, 0, 120)

MIN_BOX = 8
"""Pixels of the smallest side of the frame of an input; where there is less room, inputs are not shown."""

SAVING: dict[str, dict[str, Any]] = {
    "image/jpeg": {"format": "JPEG"},
    "image/png": {"format": "PNG", "compress_level": 1},
    "image/webp": {"format": "WEBP", "method": 0},
    "image/gif": {"format": "GIF"},
    "image/bmp": {"format": "BMP"},
    "image/tiff": {"format": "TIFF"},
    "image/avif": {"format": "AVIF", "speed": 10},
    "image/jp2": {"format": "JPEG2000"},
    "image/x-icon": {"format": "ICO"},
    # Pillow would write the current time.
    "application/pdf": {"format": "PDF", "creationDate": time.gmtime(0), "modDate": time.gmtime(0)},
}
"""Options of Pillow for each media type, chosen for speed."""


def image_bytes(output: OutputRequest, number: int) -> bytes:
    """Return a picture in the requested format."""
    out = io.BytesIO()
    options = SAVING[output.format.made_as]
    # Formats without a quality ignore it.
    draw(output, number, output.width, output.height).save(out, **options, quality=output.quality)
    return out.getvalue()


def draw(output: OutputRequest, number: int, width: int, height: int) -> Image.Image:
    """Draw one of the pictures of a request. Each has its own seed: the request's plus its number."""
    seed = output.seed + number
    prompt = "".join(character if character.isprintable() else " " for character in output.prompt)
    image = _background(random.Random(f"{seed} {prompt}"), width, height)
    used = _show_inputs(image, output.inputs)
    count = f"  {number + 1} of {output.count}" if output.count > 1 else ""
    _write(image, prompt, (output.slug, f"seed {seed}  {output.width}x{output.height}{count}"), used)
    return image


def _background(rng: random.Random, width: int, height: int) -> Image.Image:
    hue = rng.random()
    column = Image.linear_gradient("L").crop((0, 0, 1, 256)).resize((1, height))
    column = ImageOps.colorize(column, _color(hue, 0.62), _color(hue + rng.uniform(0.08, 0.3), 0.22))
    image = column.resize((width, height), Image.Resampling.NEAREST)
    pen = ImageDraw.Draw(image, "RGBA")
    for _ in range(SHAPES):
        x, y = rng.uniform(0, width), rng.uniform(0, height)
        radius = rng.uniform(0.08, 0.35) * min(width, height)
        fill = (*_color(hue + rng.uniform(-0.2, 0.5), rng.uniform(0.3, 0.8)), 90)
        pen.ellipse((x - radius, y - radius, x + radius, y + radius), fill=fill)
    return image


def _color(hue: float, lightness: float) -> tuple[int, int, int]:
    red, green, blue = colorsys.hls_to_rgb(hue % 1, lightness, 0.6)
    return round(red * 255), round(green * 255), round(blue * 255)


def _show_inputs(image: Image.Image, inputs: Sequence[ShownInput]) -> int:
    """Draw the inputs side by side at the top, and return the height that they take."""
    if not inputs:
        return 0
    gap = max(min(image.size) // 32, 2)
    width = (image.width - gap * (len(inputs) + 1)) // len(inputs)
    height = (image.height - gap) * 2 // 5
    if min(width, height) < MIN_BOX:
        return 0
    for number, shown in enumerate(inputs):
        _show_input(image, shown, (gap + number * (width + gap), gap, width, height))
    return height + 2 * gap


def _show_input(image: Image.Image, shown: ShownInput, place: tuple[int, int, int, int]) -> None:
    """Draw an input in a frame at a place (left, top, width, height): its picture and its name, or its name and its text."""
    left, top, width, height = place
    size = max(9, min(image.size) // 32)
    line = round(size * 1.3)
    texts = [shown.name]
    if shown.picture:
        with Image.open(io.BytesIO(shown.picture)) as small:
            picture = ImageOps.contain(small.convert("RGBA"), (width, height))
        left, top = left + (width - picture.width) // 2, top + (height - picture.height) // 2
        width, height = picture.size
        image.paste(picture, (left, top), picture)
    else:
        texts.append(shown.text)
    pen = ImageDraw.Draw(image, "RGBA")
    room = (height - size) // line
    wrapped = [each for text in texts for each in _wrap(text, size, width - size, room)][:room]
    if width > 4 * size and wrapped:
        paper = height if not shown.picture else len(wrapped) * line + size // 2
        pen.rectangle((left, top + height - paper, left + width - 1, top + height - 1), fill=PAPER)
        first = top + height - paper + size // 4
        for number, text in enumerate(wrapped):
            write_line(
                pen, (left + size // 2, first + number * line, left + width - size // 2), text, size, INK
            )
    pen.rectangle((left, top, left + width - 1, top + height - 1), outline=INK, width=max(size // 6, 1))


def _write(image: Image.Image, prompt: str, labels: tuple[str, ...], used: int) -> None:
    """Write as much of the prompt as fits below the first `used` pixels, and the labels below it."""
    width, height = image.size
    size = max(9, min(width, height) // 24)
    margin = size
    line = round(size * 1.3)
    room = (height - max(used, margin) - margin) // line - len(labels)
    if width < 6 * size or room < 0:
        return
    lines = list(_wrap(prompt, size, width - 2 * margin, room + 1))
    if len(lines) > room:
        lines = [*lines[: room - 1], f"{lines[room - 1]} …"] if room else []
    lines += labels
    top = height - margin - len(lines) * line
    pen = ImageDraw.Draw(image, "RGBA")
    pen.rectangle((0, top - margin // 2, width, height), fill=PAPER)
    for number, text in enumerate(lines):
        write_line(pen, (margin, top + number * line, width - margin), text, size, INK)


def _wrap(text: str, size: int, width: int, most: int) -> Iterator[str]:
    """Yield at most `most` lines of a text that fit the width, broken between words if possible."""
    words = text.split()
    line = ""
    while words and most > 0:
        word = words.pop(0)
        longer = f"{line} {word}" if line else word
        if text_width(longer, size) <= width:
            line = longer
            continue
        if line:
            yield line
            words.insert(0, word)
            line = ""
        else:
            fits = (
                bisect(range(1, len(word)), width, key=lambda length: int(text_width(word[:length], size)))
                or 1
            )
            yield word[:fits]
            words.insert(0, word[fits:])
        most -= 1
    if line and most > 0:
        yield line
