"""What a request asks for, read from its parameters by the names that such parameters usually have.

Specs do not say which parameter is the width of a picture, so these conventions decide:

    prompt, text, input, caption, description, lyrics, query     drawn into the picture, or what a text is about
    messages, contents                                           the text of the user's last message, likewise
    max_tokens, max_completion_tokens, max_output_tokens,
    max_new_tokens                                               words of a text
    width, img_width, image_width, w; height likewise            pixels
    size, image_size, resolution, dimensions                     "1024x768"; "720p" is the shorter side, "2K" the size
    aspect_ratio, ratio                                          "16:9", about a megapixel; or a size in the text
    output_format, image_format, audio_format, video_format,
    file_format, response_format, format                         "jpeg", "image/png", "mp3"
    image_quality, output_quality, quality, jpeg_quality         1 to 100
    duration, video_length, seconds, length              seconds of a film, also as "5s"; else num_frames / fps
    samples, batch_size, num_images, num_outputs,
    number_of_images, num_samples, n                             number of files
    seed                                                         drawn if it is -1 or missing

An omitted parameter counts with its default, and does not count if its `applies_when` does not hold. Values of the
request take precedence over all defaults: a requested size wins over the default aspect ratio. Members of an object
parameter count like parameters. Values out of bounds are replaced by the nearest bound.
"""

from __future__ import annotations

import math
import re
from collections import ChainMap
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from speccast.core.answers import choose
from speccast.core.omit import OMIT
from speccast.core.values import is_equal
from speccast.emulator.bodies import FileDescription
from speccast.emulator.exact_numbers import exact
from speccast.emulator.formats import Format, format_named, format_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from types import UnionType

    from speccast.core.answers import Answer, Answers
    from speccast.core.model import Model
    from speccast.core.parameter import Parameter

MAX_SIDE = 2048
"""Pixels of the longer side; larger pictures are reduced in proportion."""

MAX_FILM_SIDE = 3840
"""The same for films."""

MAX_DURATION = 600.0
"""Seconds of a film."""

DEFAULT_SIDE = 512
"""Pixels of a side if the request does not say: few, so that test suites stay fast."""

MAX_COUNT = 16
MAX_PROMPT = 2000
MAX_NAME = 100
"""Characters of a size or format that are read."""

MAX_ECHO = 16 * 1024

PROMPTS = ("prompt", "text", "input", "caption", "description", "lyrics", "query", "messages", "contents")
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
DURATIONS = (
    "duration",
    "video_duration",
    "duration_seconds",
    "video_length",
    "num_seconds",
    "seconds",
    "length",
)
FRAMES = ("num_frames", "frames", "frame_count", "video_frames")
RATES = ("fps", "frame_rate", "frames_per_second")
QUALITIES = ("image_quality", "output_quality", "quality", "jpeg_quality")
LENGTHS = ("max_tokens", "max_completion_tokens", "max_output_tokens", "max_new_tokens")
COUNTS = ("samples", "batch_size", "num_images", "num_outputs", "number_of_images", "num_samples", "n")


@dataclass(frozen=True, slots=True)
class ShownInput:
    """A file, or the address of one, in a request, as pictures show it.

    `name` is the path of its parameter, `text` says what it is, and `picture` is a small copy of it; empty if it is not a
    picture that can be decoded.
    """

    name: str
    text: str
    picture: bytes = b""


@dataclass(frozen=True, slots=True)
class OutputRequest:
    """What to make, within bounds; small enough to be kept for every job. `quality` is 1 to 100.

    `answers` are those to requests with these parameters. `echo` is the output of a model that returns JSON; empty for
    others. `duration` is that of a film, in seconds; `words` is how many a text may have. `inputs` are shown in pictures.
    """

    slug: str
    format: Format
    prompt: str
    seed: int
    width: int
    height: int
    quality: int
    count: int
    duration: float
    answers: Answers
    echo: Mapping[str, Any]
    words: int | None = None
    inputs: tuple[ShownInput, ...] = ()

    @property
    def seconds(self) -> float:
        """Seconds that a model might have taken: invented, and the same for the same request."""
        return round(0.5 + self.count * self.width * self.height / 1_000_000, 3)

    @property
    def answer(self) -> Answer:
        """The answer of the spec to a blocking call."""
        return choose(self.answers.sync, {"media_type": self.format.media_type})


class OutputReader:
    """Reads what valid parameters of one model ask for."""

    def __init__(self, model: Model, answers: Answers) -> None:
        self._slug = model.slug
        self._title = model.title
        self._returned = [format_of(media_type) for media_type in model.returns]
        images = (returned for returned in self._returned if returned.kind == "image")
        self._usual_format = next(images, self._returned[0])
        self._defaults = {
            each.wire: exact(each.default) for each in model.parameters if each.default is not OMIT
        }
        self._conditions = {
            each.wire: [(other, exact(list(values))) for other, values in each.applies_when]
            for each in model.parameters
            if each.applies_when
        }
        names = _names(model.parameters)

        def used(*usual: str) -> tuple[str, ...]:
            """The usual names that the model can have."""
            return tuple(name for name in usual if names is None or name in names)

        self._prompts, self._seeds = used(*PROMPTS), used("seed")
        self._widths, self._heights, self._sizes = used(*WIDTHS), used(*HEIGHTS), used(*SIZES, *RATIOS)
        self._formats, self._qualities, self._counts = used(*FILE_FORMATS), used(*QUALITIES), used(*COUNTS)
        self._durations, self._frames, self._rates = used(*DURATIONS), used(*FRAMES), used(*RATES)
        self._lengths = used(*LENGTHS)
        self._answers = answers

    def read(self, parameters: Mapping[str, Any], draw_seed: Callable[[], int]) -> OutputRequest:
        """Return what the parameters ask for. `draw_seed` is called if they contain no seed."""
        passed, defaults = self._applying(parameters)
        file = self._format(passed, defaults)
        is_film = file.kind == "video"
        size = self._size(passed, defaults, is_film) or self._size(defaults, {}, is_film)
        width, height = _fit(*(size or (DEFAULT_SIDE, DEFAULT_SIDE)), MAX_FILM_SIDE if is_film else MAX_SIDE)
        both = {**defaults, **passed}
        seed = _first(both, self._seeds, int)

        def number(names: tuple[str, ...], default: int, most: int) -> int:
            """Return the number that is passed, or by default, within 1 and a maximum."""
            found = _first(passed, names, int) or _first(defaults, names, int) or default
            return min(max(found, 1), most)

        return OutputRequest(
            slug=self._slug,
            format=file,
            prompt=(_prompt(both, self._prompts) or self._title)[:MAX_PROMPT],
            seed=draw_seed() if seed is None or seed < 0 else seed,
            width=width,
            height=height,
            quality=number(self._qualities, 90, 100),
            count=number(self._counts, 1, MAX_COUNT),
            duration=self._duration(passed, both) if is_film else 0.0,
            words=max(_first(both, self._lengths, int) or 0, 0) or None,
            answers=self._answers.for_parameters(both),
            echo=_echo(self._slug, parameters) if file.is_json else {},
        )

    def _size(
        self, values: Mapping[str, Any], fallback: Mapping[str, Any], is_film: bool
    ) -> tuple[int, int] | None:
        """Width and height in `values`. If only one of them is there, the other is that in `fallback`, or equal.

        Likewise a resolution such as `720p` and a ratio.
        """
        width, height = _pixels(values, self._widths), _pixels(values, self._heights)
        if width or height:
            width = width or _pixels(fallback, self._widths) or height
            height = height or _pixels(fallback, self._heights) or width
            return width, height
        texts = self._texts(values)
        if not texts:
            return None
        if size := next(filter(None, map(_size_in, texts)), None):
            return size
        ratio = next(filter(None, map(_ratio_in, texts)), None)
        resolution = _resolution_in(texts, is_film)
        if ratio is None and resolution is None:
            return None
        others = self._texts(fallback)
        ratio = ratio or next(filter(None, map(_ratio_in, others)), None)
        return _scaled(ratio, resolution or _resolution_in(others, is_film), is_film)

    def _texts(self, values: Mapping[str, Any]) -> list[str]:
        """The values that can name a size, as text."""
        found = (values.get(name) for name in self._sizes)
        return [
            str(each)[:MAX_NAME]
            for each in found
            if isinstance(each, str | int) and not isinstance(each, bool)
        ]

    def _duration(self, passed: Mapping[str, Any], both: Mapping[str, Any]) -> float:
        """Seconds of a film: passed, by the number of its frames, or by default."""
        for values in (passed, both):
            for name in self._durations:
                if seconds := _seconds_in(values.get(name)):
                    return min(seconds, MAX_DURATION)
            frames = _first(values, self._frames, int | Decimal)
            rate = _first(both, self._rates, int | Decimal)
            if frames and frames > 0 and rate and rate > 0:
                return min(float(frames) / float(rate), MAX_DURATION)
        return 1.0

    def _format(self, passed: Mapping[str, Any], defaults: Mapping[str, Any]) -> Format:
        """The requested format, if the model returns files of its kind; else an image, if it returns any."""
        for values in (passed, defaults) if self._formats else ():
            requested = format_named((_first(values, self._formats, str) or "")[:MAX_NAME])
            if requested is None:
                continue
            for returned in self._returned:
                if returned.made_as == requested.made_as:
                    return returned  # with the name that the spec has for it
            if any(requested.kind == returned.kind for returned in self._returned):
                return requested
        return self._usual_format

    def _applying(self, parameters: Mapping[str, Any]) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
        """The parameters that were passed and the defaults of the others, without those that have no effect."""
        defaults = {name: value for name, value in self._defaults.items() if name not in parameters}
        if self._conditions:
            ignored = self._ignored({**defaults, **parameters})
            parameters = {name: value for name, value in parameters.items() if name not in ignored}
            defaults = {name: value for name, value in defaults.items() if name not in ignored}
        objects = [
            value
            for value in parameters.values()
            if isinstance(value, dict) and not isinstance(value, FileDescription)
        ]
        return dict(ChainMap(dict(parameters), *reversed(objects))) if objects else parameters, defaults

    def _ignored(self, values: Mapping[str, Any]) -> set[str]:
        """The parameters that have no effect, because one of their conditions does not hold."""
        return {
            name
            for name, conditions in self._conditions.items()
            if not all(
                any(is_equal(values.get(other), expected) for expected in choices)
                for other, choices in conditions
            )
        }


def _names(parameters: tuple[Parameter, ...]) -> set[str] | None:
    """The names of parameters and members of objects; None if an object is open, so that any name is possible."""
    names = {each.wire for each in parameters}
    for each in parameters:
        if each.type == "object":
            if not each.properties:
                return None
            names |= {member.wire for member in each.properties}
    return names


@lru_cache(maxsize=256)
def _size_in(text: str) -> tuple[int, int] | None:
    """The size in a text such as `1024x768`, or in pixels that are written as a ratio, `1920:1080`."""
    size = re.search(r"(?<!\d)(\d{1,6})\s*[x*\u00d7]\s*(\d{1,6})(?!\d)", text)
    size = size or re.search(r"(?<!\d)(\d{3,6})\s*:\s*(\d{3,6})(?!\d)", text)
    return _positive(size) if size else None


@lru_cache(maxsize=256)
def _ratio_in(text: str) -> tuple[int, int] | None:
    """The ratio in a text such as `16:9`."""
    ratio = re.search(r"(?<!\d)(\d{1,4})\s*[:/]\s*(\d{1,4})(?!\d)", text)
    return _positive(ratio) if ratio else None


def _resolution_in(texts: list[str], is_film: bool) -> int | None:
    """The resolution in texts such as `720p` (lines of a film) or `2K`: lines, or the side of a square picture."""
    for text in texts:
        if lines := re.search(r"(?<![\w.])(\d{3,4})p(?!\w)", text, re.IGNORECASE):
            return int(lines[1])
        if thousands := re.search(r"(?<![\w.])([1248])k(?!\w)", text, re.IGNORECASE):
            number = int(thousands[1])
            return {1: 1080, 2: 1440, 4: 2160, 8: 4320}[number] if is_film else 1024 * number
        if is_film and re.fullmatch(r"[1-9]\d{2,3}", text):
            return int(text)
    return None


def _scaled(ratio: tuple[int, int] | None, resolution: int | None, is_film: bool) -> tuple[int, int]:
    """The size of a picture with a ratio, about a megapixel without a resolution."""
    wide, high = ratio or ((16, 9) if is_film else (1, 1))
    if resolution is not None and is_film:
        shorter = min(wide, high)
        # Even, because color has half the resolution: 480 lines are 854 pixels wide.
        return max(round(resolution * wide / shorter / 2) * 2, 2), max(
            round(resolution * high / shorter / 2) * 2, 2
        )
    # Rounded down to multiples of 64: the sizes that models of a megapixel document.
    scale = (resolution or 1024) / math.sqrt(wide * high)
    return max(int(wide * scale) // 64 * 64, 64), max(int(high * scale) // 64 * 64, 64)


def _seconds_in(value: Any) -> float | None:
    """The seconds in a number, or in a text such as `5`, `5s` or `5 seconds`."""
    if isinstance(value, str) and (
        found := re.fullmatch(r"(\d{1,4}(?:\.\d{1,3})?)\s*(?:s|sec|secs|seconds?)?", value)
    ):
        return float(found[1]) or None
    if isinstance(value, int | Decimal) and not isinstance(value, bool) and value > 0:
        return float(min(value, int(MAX_DURATION)))
    return None


def _positive(found: re.Match[str]) -> tuple[int, int]:
    return max(int(found[1]), 1), max(int(found[2]), 1)


def _pixels(values: Mapping[str, Any], names: tuple[str, ...]) -> int:
    """The first number of pixels under one of the names; 0 if it is missing or negative."""
    return max(int(_first(values, names, int | Decimal) or 0), 0)


def _fit(width: int, height: int, most: int) -> tuple[int, int]:
    longest = max(width, height)
    if longest <= most:
        return width, height
    return max(width * most // longest, 1), max(height * most // longest, 1)


def _echo(slug: str, parameters: Mapping[str, Any]) -> Mapping[str, Any]:
    """The request itself; only the names of its parameters if it is long, since jobs keep this."""
    if sum(len(repr(value)) for value in parameters.values()) > MAX_ECHO:
        return {"model": slug, "parameters": list(parameters)[:100]}
    described = {name: _without_content(value) for name, value in parameters.items()}
    return {"model": slug, "parameters": described}


def _without_content(value: Any) -> Any:
    if isinstance(value, FileDescription):
        return dict(value)
    return [_without_content(item) for item in value] if isinstance(value, list) else value


def _prompt(values: Mapping[str, Any], names: tuple[str, ...]) -> str:
    """The first text under one of the names."""
    return next(filter(None, (_text_in(values.get(name)) for name in names)), "")


def _text_in(value: Any) -> str:
    """The text of a prompt: itself, that of blocks, or that of the user's last message in a conversation."""
    if isinstance(value, str):
        return value
    if isinstance(value, dict):
        return next(filter(None, (_text_in(value.get(name)) for name in ("text", "content", "parts"))), "")
    if not isinstance(value, list):
        return ""
    if any(isinstance(item, dict) and "role" in item for item in value):
        by_user = [item for item in value if isinstance(item, dict) and item.get("role") == "user"]
        return _text_in((by_user or value)[-1])
    return "\n".join(filter(None, map(_text_in, value)))


def _first(values: Mapping[str, Any], names: tuple[str, ...], kind: type | UnionType) -> Any:
    """The first value of a type under one of the names, or None. A boolean is not a number."""
    for name in names:
        value = values.get(name)
        if isinstance(value, kind) and not isinstance(value, bool):
            return value
    return None
