"""Values at every limit of one parameter and one step beyond it, each with the expected outcome."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from math import isqrt
from typing import TYPE_CHECKING, Any

from speccast.core.check import branch_of, match_pattern, mismatches
from speccast.core.omit import Omit
from speccast.core.values import exact
from speccast.samples.bounds import bounds, number_of
from speccast.samples.content import (
    MAX_PIXELS,
    OTHER_TYPES,
    TYPES,
    as_text,
    content,
    file_of,
    files,
    files_of_types,
    flac,
    mp3,
    picture,
    texts_of,
    valid_content,
    within,
)
from speccast.samples.media import MAX_IN_MEMORY, MediaSample, sent_form
from speccast.samples.size import MAX_SIZE, expand, repeat, size
from speccast.samples.values import (
    fraction,
    is_valid,
    minimal_object,
    sample,
    sample_item,
    text_of_length,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from speccast.core.parameter import Json, Parameter
    from speccast.samples.media import Given

UNKNOWN_NAME = "no_such_parameter"
UNKNOWN_TEXT = "no-such-value"
UNKNOWN_MEDIA_TYPE = "font/x-no-such-type"
MAX_FILE_SIZE = 32 * 1024 * 1024
"""Bytes of the largest file that a test sends."""
MAX_ENCODED_SIZE = 16 * 1024 * 1024
"""Bytes of the largest content that a test sends in a text."""

_OBJECTS: tuple[Given, ...] = ("tuple", "bytes", "path", "file", "picture", "result")
_TEXTS: tuple[Given, ...] = ("base64", "data_uri")


@dataclass(frozen=True, slots=True)
class Probe:
    """A value of one parameter, with long parts as expressions (`speccast.samples.size`).

    Attributes:
        path: place of the error below the parameter.
        is_completed: the value lacks a required member with a default: the client adds it, the API does not.
        is_for_client: only the client checks the value, because it is too large to be sent, or missing.
        needs_upload: the value is a file, and the API takes only addresses.
    """

    label: str
    value: Any
    is_accepted: bool
    path: str = ""
    is_completed: bool = False
    is_for_client: bool = False
    needs_upload: bool = False


def probes(parameter: Parameter) -> Iterator[Probe]:
    """Yield the values worth sending. Some may violate another limit than the one they were made for.

    Values at limits that would be larger than `MAX_SIZE` are left out (rule P109 reports them).
    """
    yield Probe("null", None, parameter.nullable)
    if parameter.branches:
        yield from _union_probes(parameter)
        return
    for label, value in _values_of_other_types(parameter):
        yield Probe(label, value, False)
    for index, choice in enumerate(parameter.choices):
        yield Probe(f"choice-{index}", choice, True)
    for index, printed in enumerate(parameter.also_accepted):
        yield Probe(f"as-printed-{index}", printed, True)
    if parameter.choices:
        yield from _unknown_choice(parameter)
    if parameter.takes_text and isinstance(inside := sample(parameter), int | float):
        yield Probe("as-text", json.dumps(inside), True)
    match parameter.type:
        case "string":
            yield from _string_probes(parameter)
        case "integer" | "number":
            yield from _number_probes(parameter)
        case "boolean":
            yield from (Probe("true", True, True), Probe("false", False, True))
        case "array":
            yield from _array_probes(parameter)
        case "object":
            yield from _object_probes(parameter)
        case "file":
            yield from _file_probes(parameter)


def _union_probes(union: Parameter) -> Iterator[Probe]:
    """Yield the probes of each branch, without those that are values of another branch."""
    for branch in union.branches:
        label = branch.tag_value(union.tag) or branch.type
        for probe in probes(branch):
            value = expand(probe.value)
            meant = branch_of(union, value)
            if meant is branch:
                yield replace(probe, label=f"{label}-{probe.label}")
            elif meant is None and value is not None:
                yield replace(probe, label=f"{label}-{probe.label}", is_accepted=False)


def _values_of_other_types(parameter: Parameter) -> Iterator[tuple[str, Json]]:
    others: Mapping[str, Mapping[str, Json]] = {
        "string": {"integer": 1, "boolean": True, "array": ["x"]},
        "integer": {"string": "1", "boolean": True, "fraction": 0.5},
        "number": {"string": "1", "boolean": True},
        "boolean": {"string": "true", "one": 1, "zero": 0},
        "array": {"string": "x", "object": {}},
        "object": {"string": "x", "array": []},
        "file": {"integer": 1},
    }
    for kind, value in others[parameter.type].items():
        yield f"is-{kind}", "x" if kind == "string" and parameter.takes_text else value


def _unknown_choice(parameter: Parameter) -> Iterator[Probe]:
    numbers = [
        value for value in parameter.choices if isinstance(value, int | float) and not isinstance(value, bool)
    ]
    unknown: Json = max(numbers) + 1 if numbers else UNKNOWN_TEXT
    if parameter.type != "boolean":
        yield Probe("unknown-choice", unknown, parameter.open)


def _string_probes(parameter: Parameter) -> Iterator[Probe]:
    least, most = parameter.min_length, parameter.max_length
    if least is not None and least <= MAX_SIZE:
        yield Probe("at-min-length", text_of_length(parameter, least), True)
        if least > 0:
            yield Probe("below-min-length", text_of_length(parameter, least - 1), False)
    if most is not None and most <= MAX_SIZE:
        yield Probe("at-max-length", text_of_length(parameter, most), True)
        yield Probe("above-max-length", text_of_length(parameter, most + 1), False)
    if parameter.pattern is not None:
        for text in ("", "!", "\n", "0", "zZ"):
            if match_pattern(parameter.pattern, text) is False:
                yield Probe("off-pattern", text, False)
                break
    if not parameter.choices:
        yield Probe("empty", "", True)
        yield Probe("odd-text", "\"'\\ {{ }} \u00e4\U0001f98a\u202e\n", True)
    if parameter.media:
        yield from _content_probes(parameter)
        yield from _object_forms(parameter, _OBJECTS)


def _number_probes(parameter: Parameter) -> Iterator[Probe]:
    inside = sample(parameter)
    limits = list(bounds(parameter))
    values = [(f"at-{each.name}", each.valid, True) for each in limits]
    values += [(f"beyond-{each.name}", each.invalid, False) for each in limits]
    if isinstance(inside, int | float) and parameter.multiple_of is not None:
        middle, step = exact(inside), exact(parameter.multiple_of)
        # An integer between two steps, where there is one, so that the type does not refuse it.
        half = max(int(step) // 2, 1) if parameter.type == "integer" and step > 1 else step / 2
        values += [
            ("off-step", middle + half, False),
            ("next-step", middle + step, True),
            ("last-step", middle - step, True),
        ]
    for label, value, is_accepted in values:
        number = number_of(value, parameter)
        if number is not None:
            yield Probe(label, number, is_accepted)
    if isinstance(inside, int) and not isinstance(inside, bool):
        integral = number_of(exact(inside), replace(parameter, type="number"))
        if integral is not None:
            yield Probe("integral-float", integral, True)
    with_fraction = fraction(parameter)
    if with_fraction is not None:
        yield Probe("fraction", with_fraction, parameter.type == "number")
    if parameter.type == "integer" and parameter.maximum is None and parameter.exclusive_maximum is None:
        yield Probe("beyond-32-bits", 2**40, True)


def _array_probes(parameter: Parameter) -> Iterator[Probe]:
    item = sample_item(parameter)
    if isinstance(item, Omit):
        return
    least, most, each = parameter.min_items or 0, parameter.max_items, size(item)
    if least * each > MAX_SIZE:
        return
    yield Probe("at-min-items", repeat([item], least, [], []), True)
    if least > 0:
        yield Probe("below-min-items", repeat([item], least - 1, [], []), False)
    if most is not None and most * each <= MAX_SIZE:
        yield Probe("at-max-items", repeat([item], most, [], []), True)
        yield Probe("above-max-items", repeat([item], most + 1, [], []), False)
    if parameter.items is not None:
        rest = [item] * (max(least, 1) - 1)
        for probe in probes(parameter.items):
            yield replace(
                probe, label=f"item-{probe.label}", value=[probe.value, *rest], path=f"[0]{probe.path}"
            )


def _content_probes(parameter: Parameter) -> Iterator[Probe]:
    """Yield texts of each kind and form, and content at each limit."""
    for kind in ("image", "video", "audio", "document"):
        is_taken = kind in parameter.media
        for form, text in texts_of(kind, valid_content(parameter, kind)).items():
            label = f"{kind}-as-{form.replace('_', '-')}"
            yield Probe(label, text, form in parameter.forms and (is_taken or form == "url"))
    yield Probe("file-name", "fox.png", False)
    for kind, contents in OTHER_TYPES.items():
        is_taken = kind in parameter.media and not parameter.media_types
        for index, data in enumerate(contents):
            if (text := as_text(parameter, kind, data)) is not None:
                yield Probe(f"{kind}-of-another-type-{index}", text, is_taken)
    for kind in parameter.media:
        for label, text, is_accepted in _at_limits_of_content(parameter, kind):
            if text is not None:
                yield Probe(f"{kind}-{label}", text, is_accepted)


def _object_forms(parameter: Parameter, given: Sequence[Given]) -> Iterator[Probe]:
    """Yield a file in each way in which a caller can pass it, and one of another kind."""
    valid: Any = next((file for file in files(parameter) if is_valid(parameter, file)), None)
    if valid is None:
        return
    needs_upload = sent_form(parameter) == "url"
    for probe in (*_forms_of_file(valid, given), *_types_of_file(parameter), *_large_files(parameter, valid)):
        yield replace(probe, needs_upload=needs_upload)


def _forms_of_file(valid: Any, given: Sequence[Given]) -> Iterator[Probe]:
    for each in given:
        if each != "picture" or valid.media_type == "image/png":
            yield Probe(f"as-{each.replace('_', '-')}", replace(valid, given=each), True)
    yield Probe("missing-file", replace(valid, given="missing_path"), False, is_for_client=True)


def _types_of_file(parameter: Parameter) -> Iterator[Probe]:
    for file in files_of_types(parameter) if parameter.media_types else ():
        yield Probe(f"is-{file.media_type.replace('/', '-')}", file, True)
    for kind in TYPES:
        other = replace(file_of(parameter, kind, content(kind)), given="bytes")
        if {each.keyword for each in mismatches(parameter, expand(other))} & {"media", "media_types"}:
            yield Probe("another-kind-as-bytes", other, False)
            return


def _large_files(parameter: Parameter, valid: Any) -> Iterator[Probe]:
    """Yield files at the limit and above it that are too large to be in memory."""
    most = parameter.max_size
    if most is None or most <= MAX_IN_MEMORY:
        return
    at, above = (replace(valid, given="file", size=size) for size in (most, most + 1))
    is_sent = most < (MAX_FILE_SIZE if parameter.type == "file" else MAX_ENCODED_SIZE)
    if is_sent:
        yield Probe("file-at-max-size", at, True)
    yield Probe("file-above-max-size", above, False, is_for_client=not is_sent)


def _at_limits_of_content(parameter: Parameter, kind: str) -> Iterator[tuple[str, Any, bool]]:
    """Yield texts at each limit of content and one step beyond it; None where no text can show the limit."""
    made = valid_content(parameter, kind)
    for label, most, is_accepted in _outermost("size", None, parameter.max_size):
        yield label, _content_value(parameter, kind, made, int(most)), is_accepted
    for label, data, is_accepted in _measure_contents(parameter, kind):
        yield label, _content_value(parameter, kind, data), is_accepted


def _measure_contents(parameter: Parameter, kind: str) -> Iterator[tuple[str, bytes, bool]]:
    """Yield content at each limit of pixels or seconds and beyond it."""
    if kind == "image":
        for label, sides, is_accepted in _pictures(parameter):
            yield label, picture(*sides), is_accepted
    if kind not in ("audio", "video"):
        return
    durations = list(_outermost("duration", parameter.min_duration, parameter.max_duration, 0.002))
    for label, seconds, is_accepted in durations:
        yield label, content(kind, seconds=seconds), is_accepted
    if kind == "audio" and not parameter.media_types:
        for label, seconds, is_accepted in durations:
            yield f"flac-{label}", flac(seconds), is_accepted
        if parameter.max_duration is not None:  # the frames of an MP3 are longer than a step
            yield "mp3-above-max-duration", mp3(parameter.max_duration + 1), False


def _content_value(parameter: Parameter, kind: str, data: bytes, size: int = 0) -> Any:
    """Return content as a file or as a text; None if that is not possible."""
    if parameter.type == "file":
        return file_of(parameter, kind, data, size) if size <= MAX_IN_MEMORY else None
    return as_text(parameter, kind, data, size or None)


def _pictures(parameter: Parameter) -> Iterator[tuple[str, tuple[int, int], bool]]:
    """Yield width and height of pictures at each limit and one pixel beyond it."""
    widths = (parameter.min_width, parameter.max_width)
    heights = (parameter.min_height, parameter.max_height)
    for label, width, is_accepted in _outermost("width", *widths):
        yield label, (int(width), within(*heights)), is_accepted
    for label, height, is_accepted in _outermost("height", *heights):
        yield label, (within(*widths), int(height)), is_accepted
    for label, most, is_accepted in _outermost("pixels", None, parameter.max_pixels):
        area = int(most)
        sides = ((side, area // side) for side in range(isqrt(area), 0, -1) if area % side == 0)
        both = (each for pair in sides for each in (pair, pair[::-1]))
        within_sides = (each for each in both if within(*widths, each[0]) == each[0])
        found = next((each for each in within_sides if within(*heights, each[1]) == each[1]), None)
        if found is not None and area <= MAX_PIXELS:
            yield label, found, is_accepted


def _outermost(
    name: str, low: float | None, high: float | None, step: float = 1
) -> Iterator[tuple[str, float, bool]]:
    if low is not None:
        yield f"at-min-{name}", low, True
        yield f"below-min-{name}", low - step, False
    if high is not None:
        yield f"at-max-{name}", high, True
        yield f"above-max-{name}", high + step, False


def _file_probes(parameter: Parameter) -> Iterator[Probe]:
    made = sample(parameter)
    if not isinstance(made, MediaSample):
        return
    yield from _object_forms(parameter, (*_TEXTS, *_OBJECTS))
    yield Probe("unknown-media-type", MediaSample(UNKNOWN_MEDIA_TYPE), not parameter.media_types)
    yield Probe("is-url", "https://example.com/sample", False)
    most = parameter.max_size
    if most is not None and most <= MAX_IN_MEMORY:
        yield Probe("at-max-size", replace(made, size=most), True)
        yield Probe("above-max-size", replace(made, size=most + 1), False)
    for kind in parameter.media:
        for label, value, is_accepted in _at_limits_of_content(replace(parameter, max_size=None), kind):
            yield Probe(f"{kind}-{label}", value, is_accepted)


def _object_probes(parameter: Parameter) -> Iterator[Probe]:
    minimal = minimal_object(parameter.properties)
    if minimal is None:
        return
    yield Probe("minimal", minimal, True)
    if not parameter.properties:
        return
    yield Probe("unknown-member", {**minimal, UNKNOWN_NAME: 1}, False, f".{UNKNOWN_NAME}")
    for member in parameter.properties:
        if member.required:
            rest = {wire: value for wire, value in minimal.items() if wire != member.wire}
            is_completed = not member.must_be_given
            yield Probe(f"{member.name}-missing", rest, is_completed, f".{member.wire}", is_completed)
        for probe in probes(member):
            yield replace(
                probe,
                label=f"{member.name}-{probe.label}",
                value={**minimal, member.wire: probe.value},
                path=f".{member.wire}{probe.path}",
            )
