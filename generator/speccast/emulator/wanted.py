"""What a request wants made, read from its parameters by the names that such parameters usually have.

No spec says which parameter is a picture's width, so these conventions stand in for it:

    prompt, text, input, caption, description, lyrics, query     what is drawn into the picture
    width, img_width, image_width, w; height likewise            pixels
    size, image_size, resolution, dimensions                     "1024x768"
    aspect_ratio, ratio                                          "16:9", about a megapixel; or with a size in it
    output_format, image_format, audio_format, video_format,
    file_format, response_format, format                         "jpeg", "image/png", "mp3"
    image_quality, output_quality, quality, jpeg_quality         1 to 100
    samples, batch_size, num_images, num_outputs,
    number_of_images, num_samples, n                             how many
    seed                                                         -1 or none at all: one is drawn

A parameter counts with the spec's default where the request leaves it out, and not at all where its `applies_when` does
not hold. What a request says goes before any default: a size that is asked for wins over the default aspect ratio.
Members of an object parameter count as if they stood beside it. What is out of bounds is brought within them.
"""

from __future__ import annotations

import math
import re
from collections import ChainMap
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from speccast.emulator.exact import exact
from speccast.emulator.formats import JSON, Format, format_named, format_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from types import UnionType

    from speccast.core.api import SyncSurface

MAX_SIDE = 2048
"""Pixels of the longer side; larger pictures are made smaller, in proportion."""

DEFAULT_SIDE = 512
"""Pixels of a picture of which nothing is said: few, so that test suites stay fast."""

MAX_COUNT = 16
MAX_PROMPT = 2000
MAX_ECHO = 16 * 1024

PROMPTS = ("prompt", "text", "input", "caption", "description", "lyrics", "query")
WIDTHS = ("width", "img_width", "image_width", "w")
HEIGHTS = ("height", "img_height", "image_height", "h")
SIZES = ("size", "image_size", "resolution", "dimensions")
RATIOS = ("aspect_ratio", "ratio")
FILE_FORMATS = (
    "output_format",
    "image_format",
    "audio_format",
    "video_format",
    "file_format",
    "response_format",
    "format",
)
QUALITIES = ("image_quality", "output_quality", "quality", "jpeg_quality")
COUNTS = ("samples", "batch_size", "num_images", "num_outputs", "number_of_images", "num_samples", "n")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be made, within bounds; small enough to be kept for every job. `quality` is 1 to 100.

    `base64_field` is the member of a JSON answer that holds the file as text, if it is wanted so. `echo` is what a model
    that answers with JSON says; empty for the others.
    """

    format: Format
    prompt: str
    seed: int
    width: int
    height: int
    quality: int
    count: int
    base64_field: str | None
    echo: Mapping[str, Any]

    @property
    def seconds(self) -> float:
        """How long a model might have taken for it. Made up, and the same for the same request."""
        return round(0.5 + self.count * self.width * self.height / 1_000_000, 3)


class Reader:
    """Reads what valid parameters of one model want."""

    def __init__(self, model: Mapping[str, Any], sync: SyncSurface | None) -> None:
        specs: Mapping[str, Any] = model["parameters"]
        self._slug: str = model["slug"]
        self._title: str = model["title"]
        self._returned = [format_of(media_type) for media_type in model["returns"]]
        images = (returned for returned in self._returned if returned.kind == "image")
        self._usual = next(images, self._returned[0])
        self._defaults = {name: exact(spec["default"]) for name, spec in specs.items() if "default" in spec}
        self._conditions = {
            name: spec["applies_when"] for name, spec in specs.items() if "applies_when" in spec
        }
        names = _names(specs)

        def there(*usual: str) -> tuple[str, ...]:
            """Those of the usual names that can be there at all."""
            return tuple(name for name in usual if names is None or name in names)

        self._prompts, self._seeds = there(*PROMPTS), there("seed")
        self._widths, self._heights, self._sizes = there(*WIDTHS), there(*HEIGHTS), there(*SIZES, *RATIOS)
        self._formats, self._qualities, self._counts = there(*FILE_FORMATS), there(*QUALITIES), there(*COUNTS)
        self._base64_parameter = sync.base64_parameter if sync else None
        self._base64_field = sync.base64_field if sync else None

    def read(self, parameters: Mapping[str, Any], draw_seed: Callable[[], int]) -> Wanted:
        """What is wanted. `draw_seed` is called where the parameters fix no seed."""
        passed, defaults = self._applying(parameters)
        size = self._size(passed, defaults) or self._size(defaults, {}) or (DEFAULT_SIDE, DEFAULT_SIDE)
        width, height = _fit(*size)
        both = {**defaults, **passed}
        seed = _first(both, self._seeds, int)
        file = self._format(passed, defaults)
        return Wanted(
            format=file,
            prompt=(_first(both, self._prompts, str) or self._title)[:MAX_PROMPT],
            seed=draw_seed() if seed is None or seed < 0 else seed,
            width=width,
            height=height,
            quality=min(
                max(_first(passed, self._qualities, int) or _first(defaults, self._qualities, int) or 90, 1),
                100,
            ),
            count=min(
                max(_first(passed, self._counts, int) or _first(defaults, self._counts, int) or 1, 1),
                MAX_COUNT,
            ),
            base64_field=self._base64_field if both.get(self._base64_parameter or "") is True else None,
            echo=_echo(self._slug, parameters) if file is JSON else {},
        )

    def _size(self, said: Mapping[str, Any], otherwise: Mapping[str, Any]) -> tuple[int, int] | None:
        """Width and height as `said`; where it names only one of them, the other is from `otherwise`, or the same."""
        width, height = _pixels(said, self._widths), _pixels(said, self._heights)
        if width or height:
            width = width or _pixels(otherwise, self._widths) or height
            height = height or _pixels(otherwise, self._heights) or width
            return width, height
        for name in self._sizes:
            text = said.get(name)
            if isinstance(text, str) and (size := _size_in(text)):
                return size
        return None

    def _format(self, passed: Mapping[str, Any], defaults: Mapping[str, Any]) -> Format:
        """The format that is asked for, if it is of a kind that the model returns; else an image, if it returns any."""
        for values in (passed, defaults) if self._formats else ():
            asked = format_named(_first(values, self._formats, str) or "")
            if asked is not None and any(asked.kind == other.kind for other in self._returned):
                return asked
        return self._usual

    def _applying(self, parameters: Mapping[str, Any]) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
        """What was passed and what is left to defaults, of the parameters that have an effect."""
        defaults = {name: value for name, value in self._defaults.items() if name not in parameters}
        if self._conditions:
            idle = self._idle({**defaults, **parameters})
            parameters = {name: value for name, value in parameters.items() if name not in idle}
            defaults = {name: value for name, value in defaults.items() if name not in idle}
        objects = [value for value in parameters.values() if isinstance(value, dict)]
        return dict(ChainMap(dict(parameters), *reversed(objects))) if objects else parameters, defaults

    def _idle(self, values: Mapping[str, Any]) -> set[str]:
        """The parameters that have no effect, because a condition of theirs does not hold."""
        return {
            name
            for name, conditions in self._conditions.items()
            if not all(
                values.get(other) in (wanted if isinstance(wanted, list) else [wanted])
                for other, wanted in conditions.items()
            )
        }


def _names(specs: Mapping[str, Any]) -> set[str] | None:
    """The names that parameters and members of objects can have; None where those of an open object can be any."""
    names = set(specs)
    for spec in specs.values():
        if "object" in spec["type"]:
            if "properties" not in spec:
                return None
            names |= spec["properties"].keys()
    return names


def _size_in(text: str) -> tuple[int, int] | None:
    """The size that a text such as `1024x768` or `16:9` names."""
    if size := re.search(r"(?<!\d)(\d{1,6})\s*[x*]\s*(\d{1,6})(?!\d)", text):
        return _positive(size)
    if ratio := re.search(r"(?<!\d)(\d{1,4})\s*[:/]\s*(\d{1,4})(?!\d)", text):
        wide, high = _positive(ratio)
        # Rounded down to multiples of 64, these are the sizes that models of a megapixel document.
        scale = 1024 / math.sqrt(wide * high)
        return max(int(wide * scale) // 64 * 64, 64), max(int(high * scale) // 64 * 64, 64)
    return None


def _positive(found: re.Match[str]) -> tuple[int, int]:
    return max(int(found[1]), 1), max(int(found[2]), 1)


def _pixels(values: Mapping[str, Any], names: tuple[str, ...]) -> int:
    """The first number of pixels under one of the names; 0 where there is none that makes sense."""
    return max(int(_first(values, names, int | Decimal) or 0), 0)


def _fit(width: int, height: int) -> tuple[int, int]:
    longest = max(width, height)
    if longest <= MAX_SIDE:
        return width, height
    return max(width * MAX_SIDE // longest, 1), max(height * MAX_SIDE // longest, 1)


def _echo(slug: str, parameters: Mapping[str, Any]) -> Mapping[str, Any]:
    """The request, repeated; only the names of its parameters where it is long, since jobs keep this."""
    if sum(len(repr(value)) for value in parameters.values()) > MAX_ECHO:
        return {"model": slug, "parameters": list(parameters)[:100]}
    return {"model": slug, "parameters": parameters}


def _first(values: Mapping[str, Any], names: tuple[str, ...], kind: type | UnionType) -> Any:
    """The first value of a type under one of the names, or None. A boolean is no number."""
    for name in names:
        value = values.get(name)
        if isinstance(value, kind) and not isinstance(value, bool):
            return value
    return None
