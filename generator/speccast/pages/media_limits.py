"""Limits that a description of content states in words: media types, bytes, pixels and seconds.

    "A `.wav` or `.mp3` longer than 15 s"     audio/wav or audio/mpeg, at least 15 seconds
    "JPEG or PNG, at least 360 px, max 10 MB"

Advice ("ideally under 10 MB") is a doubt.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from speccast.pages.facts import sentence, state

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from speccast.pages.facts import Fact

TYPES: Final = {
    **{
        name: ("image", f"image/{name}")
        for name in ("png", "jpeg", "webp", "gif", "bmp", "tiff", "heic", "avif")
    },
    **{name: ("audio", f"audio/{name}") for name in ("wav", "flac", "ogg", "aac")},
    **{name: ("video", f"video/{name}") for name in ("mp4", "webm")},
    "jpg": ("image", "image/jpeg"),
    "mp3": ("audio", "audio/mpeg"),
    "m4a": ("audio", "audio/mp4"),
    "m4v": ("video", "video/mp4"),
    "mov": ("video", "video/quicktime"),
    "mkv": ("video", "video/x-matroska"),
    "avi": ("video", "video/x-msvideo"),
    "pdf": ("document", "application/pdf"),
}
"""Kind and media type by the ending of a file."""
_SUFFIX: Final = "|".join(sorted(TYPES, key=len, reverse=True))
_NUMBER: Final = r"(\d{1,3}(?:,\d{3})+|\d+(?:\.\d+)?)"
_LEAST: Final = r"(?:at least|min(?:imum)?\.?(?: (?:size|width|height|duration|length|resolution))?(?: (?:of|is))?:?|longer than|larger than|more than|no (?:less|smaller|shorter) than|not (?:less|smaller|shorter) than|over|>=?|\u2265)"
_MOST: Final = r"(?:at most|max(?:imum)?\.?(?: (?:file )?(?:size|width|height|duration|length|resolution))?(?: (?:of|is))?:?|up to|under|below|within|less than|smaller than|shorter than|no (?:more|larger|longer|bigger) than|not exceed(?:ing)?|not be (?:larger|longer|more) than|<=?|\u2264)"
_PIXELS: Final = rf"{_NUMBER}(?: ?(?:px|pixels?))?(?: ?[x\u00d7*] ?{_NUMBER})? ?(?:px|pixels?)\b"
_SECONDS: Final = rf"{_NUMBER} ?-?(s|secs?|seconds?|min|mins|minutes?)\b"
_BYTES: Final = rf"{_NUMBER} ?(k|m|g)i?b(?:ytes?)?\b"
_ADVICE: Final = re.compile(
    r"\b(?:recommend\w*|ideal\w*|best|optimal\w*|prefer\w*|should|typical\w*|usual\w*|suggest\w*|output|generated?|default\w*|each|total|combined|per)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class _Measure:
    """A limit of sizes or times: keys of the spec, the pattern of an amount with its unit, and how it is read."""

    low: str
    high: str
    amount: str
    read: Callable[[str, str], int | float]


def limits(description: str, kinds: Iterable[str], start: int) -> Iterator[tuple[str, Fact]]:
    """Yield media types and limits of size, pixels and seconds that a description of content states."""
    kinds = list(kinds)
    if types := _types(description, kinds, start):
        yield "media_types", types
    yield from _bounds(description, start, _Measure("", "max_size", _BYTES, _size))
    if {"image", "video"} & set(kinds):
        yield from _pixels(description, start)
    if {"audio", "video"} & set(kinds):
        yield from _bounds(description, start, _Measure("min_duration", "max_duration", _SECONDS, _duration))


def _types(description: str, kinds: list[str], start: int) -> Fact | None:
    listed = rf"[`'\".(]{{0,2}}\b(?:{_SUFFIX})\b[`'\")]{{0,2}}"
    match = re.search(
        rf"(?i){listed}(?:\s*(?:,\s*(?:or|and)\b|,|/|\bor\b|\band\b|\|)\s*{listed})+", description
    )
    if match is None:
        return None
    types = [TYPES[word.lower()] for word in re.findall(rf"(?i)\b(?:{_SUFFIX})\b", match[0])]
    if any(kind not in kinds for kind, _ in types):
        return None
    is_example = re.search(r"(?i)\b(?:such as|e\.g\.?|like|etc|for example|output|convert\w*)\b", description)
    doubt = "the page gives examples of types" if is_example or _is_advice(description, match) else ""
    return state(list(dict.fromkeys(media_type for _, media_type in types)), match, start, doubt)


def _bounds(description: str, start: int, measure: _Measure) -> Iterator[tuple[str, Fact]]:
    """Yield the limits that are stated once each."""
    low, high, amount, read = measure.low, measure.high, measure.amount, measure.read
    unit = r"(?: ?(?P<unit>s|secs?|seconds?|m|mins?|minutes?)\b)?(?: ?(?:-|\u2013|to|and) ?)"
    between = re.search(rf"(?i)\b(?:between |from )?{_NUMBER}{unit}{amount}", description) if low else None
    found: dict[str, list[tuple[Any, re.Match[str]]]] = {}
    if between is not None:
        found[low] = [(read(between[1], between["unit"] or between[4]), between)]
        found[high] = [(read(between[3], between[4]), between)]
    else:
        for key, words in ((low, _LEAST), (high, _MOST)):
            matches = re.finditer(rf"(?i)(?<!\w){words} {{0,2}}{amount}", description) if key else ()
            found[key] = [(read(match[1], match[2]), match) for match in matches]
        if not found[high]:
            after = rf"(?i)\b{amount} (?:max(?:imum)?|or (?:less|smaller|shorter))\b"
            found[high] = [(read(match[1], match[2]), match) for match in re.finditer(after, description)]
    for key, matched in found.items():
        if len(matched) == 1:
            [(value, match)] = matched
            yield key, _state(value, match, description, start)


def _pixels(description: str, start: int) -> Iterator[tuple[str, Fact]]:
    for side, words in (("min", _LEAST), ("max", _MOST)):
        matches = list(re.finditer(rf"(?i)(?<!\w){words} {{0,2}}{_PIXELS}", description))
        if len(matches) != 1:
            continue
        [match] = matches
        width, height = _count(match[1]), _count(match[2] or match[1])
        around = sentence(description, match, brackets="")
        is_width, is_height = (
            re.search(rf"(?i)\b(?:{words})\b", around) for words in ("wide|width", "high|height|tall")
        )
        is_both = match[2] or bool(is_width) == bool(is_height)
        if is_both or is_width:
            yield f"{side}_width", _state(width, match, description, start)
        if is_both or is_height:
            yield f"{side}_height", _state(height, match, description, start)
    areas = list(re.finditer(rf"(?i)(?<!\w){_MOST} {{0,2}}{_NUMBER} ?(?:megapixels?|mp)\b", description))
    if len(areas) == 1:
        yield "max_pixels", _state(int(float(areas[0][1]) * 1_000_000), areas[0], description, start)


def _state(value: Any, match: re.Match[str], description: str, start: int) -> Fact:
    return state(value, match, start, "stated as advice" if _is_advice(description, match) else "")


def _is_advice(description: str, match: re.Match[str]) -> bool:
    return _ADVICE.search(sentence(description, match, brackets="")) is not None


def _count(text: str) -> int:
    return int(float(text.replace(",", "")))


def _size(number: str, unit: str) -> int:
    """Return bytes. Pages rarely tell MB from MiB: the larger reading refuses nothing that the API takes."""
    return int(float(number.replace(",", "")) * 1024 ** " kmg".index(unit.lower()))


def _duration(number: str, unit: str) -> int | float:
    seconds = float(number.replace(",", "")) * (60 if unit.lower().startswith("m") else 1)
    return int(seconds) if seconds.is_integer() else seconds
