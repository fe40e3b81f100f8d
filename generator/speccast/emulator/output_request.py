"""What a request asks for, read from its parameters by the names that such parameters usually have.

Specs do not say which parameter is the width of a picture, so conventions decide (`NAMES`; docs/emulator.md explains them).

An omitted parameter counts with its default, and does not count if its `applies_when` does not hold. Values of the
request take precedence over all defaults: a requested size wins over the default aspect ratio. Members of an object
parameter count like parameters. Values out of bounds are replaced by the nearest bound.
"""

from __future__ import annotations

import re
from collections import ChainMap
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from speccast.core.answers import choose
from speccast.core.omit import OMIT
from speccast.core.values import is_equal
from speccast.emulator.bodies import FileDescription
from speccast.emulator.exact_numbers import exact
from speccast.emulator.formats import Format, format_named, format_of
from speccast.emulator.picture_sizes import find_ratio, find_resolution, find_size, fit, scale

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

NAMES: Mapping[str, tuple[str, ...]] = {
    "prompt": ("prompt", "text", "input", "caption", "description", "lyrics", "query", "messages", "contents"),
    "seed": ("seed",),
    "width": ("width", "img_width", "image_width", "w"),
    "height": ("height", "img_height", "image_height", "h"),
    "size": ("size", "image_size", "resolution", "dimensions", "aspect_ratio", "ratio"),
    "format": ("output_format", "image_format", "audio_format", "video_format", "file_format", "response_format", "format"),
    "duration": (
        "duration", "video_duration", "duration_seconds", "video_length", "num_seconds", "seconds", "length",
    ),
    "frames": ("num_frames", "frames", "frame_count", "video_frames"),
    "rate": ("fps", "frame_rate", "frames_per_second"),
    "quality": ("image_quality", "output_quality", "quality", "jpeg_quality"),
    "words": ("max_tokens", "max_completion_tokens", "max_output_tokens", "max_new_tokens"),
    "count": ("samples", "batch_size", "num_images", "num_outputs", "number_of_images", "num_samples", "n"),
}  # fmt: skip
"""Usual names of parameters by what they mean, those that count first at the front."""


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
        known = _names(model.parameters)
        self._names = {
            meaning: tuple(name for name in names if known is None or name in known)
            for meaning, names in NAMES.items()
        }
        self._answers = answers

    def read(self, parameters: Mapping[str, Any], draw_seed: Callable[[], int]) -> OutputRequest:
        """Return what the parameters ask for. `draw_seed` is called if they contain no seed."""
        passed, defaults = self._applying(parameters)
        file = self._format(passed, defaults)
        is_film = file.kind == "video"
        size = self._size(passed, defaults, is_film=is_film) or self._size(defaults, {}, is_film=is_film)
        width, height = fit(*(size or (DEFAULT_SIDE, DEFAULT_SIDE)), MAX_FILM_SIDE if is_film else MAX_SIDE)
        both = {**defaults, **passed}
        seed = self._first(both, "seed", int)

        def number(meaning: str, default: int, most: int) -> int:
            """Return the number that is passed, or by default, within 1 and a maximum."""
            found = self._first(passed, meaning, int) or self._first(defaults, meaning, int) or default
            return min(max(found, 1), most)

        return OutputRequest(
            slug=self._slug,
            format=file,
            prompt=(_prompt(both, self._names["prompt"]) or self._title)[:MAX_PROMPT],
            seed=draw_seed() if seed is None or seed < 0 else seed,
            width=width,
            height=height,
            quality=number("quality", 90, 100),
            count=number("count", 1, MAX_COUNT),
            duration=self._duration(passed, both) if is_film else 0.0,
            words=max(self._first(both, "words", int) or 0, 0) or None,
            answers=self._answers.for_parameters(both),
            echo=_echo(self._slug, parameters) if file.is_json else {},
        )

    def _first(self, values: Mapping[str, Any], meaning: str, kind: type | UnionType) -> Any:
        """Return the first value of a type under one of the names, or None. A boolean is not a number."""
        for name in self._names[meaning]:
            value = values.get(name)
            if isinstance(value, kind) and not isinstance(value, bool):
                return value
        return None

    def _size(
        self, values: Mapping[str, Any], fallback: Mapping[str, Any], *, is_film: bool
    ) -> tuple[int, int] | None:
        """Return the width and height in `values`. If only one of them is there, the other is that in `fallback`, or equal.

        Likewise a resolution such as `720p` and a ratio.
        """
        width, height = self._pixels(values, "width"), self._pixels(values, "height")
        if width or height:
            width = width or self._pixels(fallback, "width") or height
            height = height or self._pixels(fallback, "height") or width
            return width, height
        texts = self._texts(values)
        if size := next(filter(None, map(find_size, texts)), None):
            return size
        ratio = next(filter(None, map(find_ratio, texts)), None)
        resolution = find_resolution(texts, is_film=is_film)
        if ratio is None and resolution is None:
            return None
        others = self._texts(fallback)
        ratio = ratio or next(filter(None, map(find_ratio, others)), None)
        return scale(ratio, resolution or find_resolution(others, is_film=is_film), is_film=is_film)

    def _pixels(self, values: Mapping[str, Any], meaning: str) -> int:
        """Return the first number of pixels; 0 if it is missing or negative."""
        return max(int(self._first(values, meaning, int | Decimal) or 0), 0)

    def _texts(self, values: Mapping[str, Any]) -> list[str]:
        """Return the values that can name a size, as text."""
        found = (values.get(name) for name in self._names["size"])
        return [
            str(each)[:MAX_NAME]
            for each in found
            if isinstance(each, str | int) and not isinstance(each, bool)
        ]

    def _duration(self, passed: Mapping[str, Any], both: Mapping[str, Any]) -> float:
        """Return the seconds of a film: passed, by the number of its frames, or by default."""
        for values in (passed, both):
            for name in self._names["duration"]:
                if seconds := _seconds_in(values.get(name)):
                    return min(seconds, MAX_DURATION)
            frames = self._first(values, "frames", int | Decimal)
            rate = self._first(both, "rate", int | Decimal)
            if frames and frames > 0 and rate and rate > 0:
                return min(float(frames) / float(rate), MAX_DURATION)
        return 1.0

    def _format(self, passed: Mapping[str, Any], defaults: Mapping[str, Any]) -> Format:
        """Return the requested format, if the model returns files of its kind; else an image, if it returns any."""
        for values in (passed, defaults):
            requested = format_named((self._first(values, "format", str) or "")[:MAX_NAME])
            if requested is None:
                continue
            for returned in self._returned:
                if returned.made_as == requested.made_as:
                    return returned  # with the name that the spec has for it
            if any(requested.kind == returned.kind for returned in self._returned):
                return requested
        return self._usual_format

    def _applying(self, parameters: Mapping[str, Any]) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
        """Return the parameters that were passed and the defaults of the others, without those that have no effect."""
        defaults = {name: value for name, value in self._defaults.items() if name not in parameters}
        if self._conditions:
            ignored = self._find_ignored({**defaults, **parameters})
            parameters = {name: value for name, value in parameters.items() if name not in ignored}
            defaults = {name: value for name, value in defaults.items() if name not in ignored}
        objects = [value for value in parameters.values() if type(value) is dict]  # files are not
        return dict(ChainMap(dict(parameters), *reversed(objects))) if objects else parameters, defaults

    def _find_ignored(self, values: Mapping[str, Any]) -> set[str]:
        """Return the parameters that have no effect, because one of their conditions does not hold."""
        return {
            name
            for name, conditions in self._conditions.items()
            if not all(
                any(is_equal(values.get(other), expected) for expected in choices)
                for other, choices in conditions
            )
        }


def _names(parameters: tuple[Parameter, ...]) -> set[str] | None:
    """Return the names of parameters and members of objects; None if an object is open, so that any name is possible."""
    names = {each.wire for each in parameters}
    for each in parameters:
        if each.type == "object":
            if not each.properties:
                return None
            names |= {member.wire for member in each.properties}
    return names


def _seconds_in(value: Any) -> float | None:
    """Return the seconds in a number, or in a text such as `5`, `5s` or `5 seconds`."""
    if isinstance(value, str) and (
        found := re.fullmatch(r"(\d{1,4}(?:\.\d{1,3})?)\s*(?:s|sec|secs|seconds?)?", value)
    ):
        return float(found[1]) or None
    if isinstance(value, int | Decimal) and not isinstance(value, bool) and value > 0:
        return float(min(value, int(MAX_DURATION)))
    return None


def _echo(slug: str, parameters: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the request itself; only the names of its parameters if it is long, since jobs keep this."""
    if sum(len(repr(value)) for value in parameters.values()) > MAX_ECHO:
        return {"model": slug, "parameters": list(parameters)[:100]}
    described = {name: _without_content(value) for name, value in parameters.items()}
    return {"model": slug, "parameters": described}


def _without_content(value: Any) -> Any:
    if isinstance(value, FileDescription):
        return dict(value)
    return [_without_content(item) for item in value] if isinstance(value, list) else value


def _prompt(values: Mapping[str, Any], names: tuple[str, ...]) -> str:
    """Return the first text under one of the names."""
    return next(filter(None, (_text_in(values.get(name)) for name in names)), "")


def _text_in(value: Any) -> str:
    """Return the text of a prompt: itself, that of blocks, or that of the user's last message in a conversation."""
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
