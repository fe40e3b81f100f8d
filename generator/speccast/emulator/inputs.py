"""The inputs of a request: texts and files that contain a picture, a sound, a film or a document, or the address of one.

They are judged by their first bytes and their headers, as `speccast.core.media` reads them. No address is ever fetched:
its content is known only if the emulator itself handed it out, or if it is found in the folder of the settings.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import islice
from typing import TYPE_CHECKING, Any

from speccast.core.inputs import duration, find_exceeded, pixels
from speccast.core.media import START, Content, read_form, sniff
from speccast.core.parameter import size_text
from speccast.emulator.addresses import file_name
from speccast.emulator.bodies import FileDescription
from speccast.emulator.exact_numbers import branch_of_exact
from speccast.emulator.output_request import ShownInput
from speccast.emulator.thumbnails import MAX_BYTES, thumbnail
from speccast.emulator.validation import InvalidValue, path_text
from speccast.reading import read_regular_file

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from speccast.core.check import Pointer
    from speccast.core.parameter import Keyword, Parameter
    from speccast.emulator.settings import EmulatorSettings

MAX_SHOWN = 6
"""Inputs of one request that a picture shows."""

MAX_JUDGED = 1000
"""Inputs of one request that are judged."""

SIDE = 256
"""Pixels of the longer side of the copy of an input; half as many if there are more than two."""

MAX_TEXT = 300
"""Characters of an address that are kept."""

_KINDS = {"image": "an image", "video": "a video", "audio": "audio", "document": "a document"}
_FORMS = {"url": "an address", "base64": "base64", "data_uri": "a data URI"}
_IS = {**_FORMS, "": "other text"}


@dataclass(frozen=True, slots=True)
class GivenInput:
    """An input of a request, at its path. `content` is what is known of it; for an address, of the file at it."""

    path: Pointer
    parameter: Parameter
    value: str | FileDescription
    form: str
    content: Content | None
    is_refused: bool = False
    """Whether it is an address, and the settings refuse addresses."""

    @property
    def name(self) -> str:
        return path_text(self.path)

    def as_json(self) -> dict[str, Any]:
        """Return what the journal keeps of an input."""
        kept: dict[str, Any] = {"parameter": self.name, "form": self.form or None}
        if self.form == "url":
            kept["url"] = str(self.value)[:MAX_TEXT]
        if (content := self.content) is not None:
            kept |= {"media_type": _type_of(content), "size": content.size}
            if measured := pixels(content):
                kept |= {"width": measured[0], "height": measured[1]}
            elif seconds := duration(content):
                kept["seconds"] = round(seconds, 3)
        return kept


class InputReader:
    """Finds and judges the inputs in requests for one model."""

    def __init__(
        self, parameters: Sequence[Parameter], settings: EmulatorSettings, own: Callable[[str], bytes | None]
    ) -> None:
        """`own` returns the content at an address that the emulator itself handed out, or None; it is called in threads."""
        self._parameters = parameters
        self._settings = settings
        self._own = own
        self.has_inputs = any(map(_has_media, parameters))

    def find(self, values: Mapping[str, Any]) -> list[GivenInput]:
        """Return the inputs of a request, in the order of the parameters. Values of other types are left out."""
        found = _media_values(self._parameters, values, ()) if self.has_inputs else ()
        return [self._given(*each) for each in islice(found, MAX_JUDGED)]

    def violations(self, inputs: Iterable[GivenInput]) -> Iterator[InvalidValue]:
        """Yield what is wrong with inputs, besides what the JSON Schema of the parameters says."""
        for given in inputs:
            if given.is_refused:
                requirement = "must not be an address: this emulator runs with `--inputs deny`"
                yield InvalidValue(given.path, {"inputs": "deny"}, requirement, str(given.value)[:MAX_TEXT])
            for keyword in self._find_exceeded(given):
                yield _violation(given, keyword)

    def _given(self, path: Pointer, parameter: Parameter, value: str | FileDescription) -> GivenInput:
        if isinstance(value, FileDescription):
            return GivenInput(
                path, parameter, value, "file", content_of(value.content, value.get("media_type", ""))
            )
        read = read_form(value)
        if read.form != "url":
            return GivenInput(path, parameter, value, read.form, read if read.form else None)
        own = self._own(value)
        content = self._in_folder(value) if own is None else content_of(own)
        is_refused = content is None and self._settings.inputs == "deny"
        return GivenInput(path, parameter, value, "url", content, is_refused)

    def _in_folder(self, address: str) -> Content | None:
        """Return the file in the folder of the settings with the name of an address. Security: only files of that folder."""
        folder = self._settings.inputs
        if folder is None or isinstance(folder, str):
            return None
        name = file_name(address)
        if not name:
            return None
        try:
            path = (folder / name).resolve()
            if path.parent != folder:
                return None  # a link that leaves the folder
            # Of a larger file, only the beginning is measured.
            return content_of(
                read_regular_file(path, MAX_BYTES, follow_links=False), size=path.stat().st_size
            )
        except (OSError, ValueError):
            return None

    def _find_exceeded(self, given: GivenInput) -> Iterator[Keyword]:
        parameter, content = given.parameter, given.content
        if given.form != "file" and given.form not in self._forms(parameter):
            yield "forms"
        elif content is not None:
            if given.form == "file":
                # The JSON Schema has these limits of a file in a form, for what its part declares.
                parameter = replace(parameter, media_types=(), max_size=None)
            yield from find_exceeded(parameter, content._replace(form="file"))

    def _forms(self, parameter: Parameter) -> tuple[str, ...]:
        return (*parameter.forms, "base64", "data_uri") if self._settings.is_lenient else parameter.forms


def content_of(content: bytes | memoryview, media_type: str = "", size: int | None = None) -> Content:
    """Return bytes as content that can be recognized and measured; with a size, they are the beginning of it."""

    def read(at: int, length: int) -> bytes:
        return bytes(content[at : at + length])

    return Content("file", len(content) if size is None else size, read, media_type, read(0, START))


def prepare_inputs(inputs: Sequence[GivenInput]) -> tuple[ShownInput, ...]:
    """Return the first inputs as pictures show them. Takes time: pictures are decoded."""
    shown = inputs[:MAX_SHOWN]
    side = SIDE if len(shown) <= 2 else SIDE // 2
    return tuple(_format(each, side) for each in shown)


def _format(given: GivenInput, side: int) -> ShownInput:
    content = given.content
    address = str(given.value)[:MAX_TEXT] if given.form == "url" else ""
    if content is None:
        return ShownInput(given.name, address)
    picture = b""
    measured = pixels(content)
    if measured is not None and content.size is not None and content.size <= MAX_BYTES:
        picture = thumbnail(content.read(0, content.size), side, measured)
    parts = [address, _type_of(content) or "unknown type"]
    if measured is not None:
        parts.append(f"{measured[0]}x{measured[1]}")
    if seconds := duration(content):
        parts.append(f"{seconds:.1f} s")
    parts.append(f"{content.size or 0:,} bytes")
    return ShownInput(given.name, ", ".join(part for part in parts if part), picture)


def _type_of(content: Content) -> str:
    return sniff(content.start) or content.media_type


def _has_media(parameter: Parameter) -> bool:
    nested = (*parameter.properties, *parameter.branches, *([parameter.items] if parameter.items else []))
    return parameter.is_media or any(map(_has_media, nested))


def _media_values(
    members: Iterable[Parameter], values: Mapping[str, Any], path: Pointer
) -> Iterator[tuple[Pointer, Parameter, str | FileDescription]]:
    for member in members:
        if member.wire in values:
            yield from _media_in(member, values[member.wire], (*path, member.wire))


def _media_in(
    parameter: Parameter, value: Any, path: Pointer
) -> Iterator[tuple[Pointer, Parameter, str | FileDescription]]:
    if parameter.branches:
        branch = branch_of_exact(parameter, value)
        if branch is not None:
            yield from _media_in(branch, value, path)
    elif parameter.is_media:
        if _is_content(parameter, value):
            yield path, parameter, value
    elif isinstance(value, list) and parameter.items is not None:
        for index, item in enumerate(value):
            yield from _media_in(parameter.items, item, (*path, index))
    elif isinstance(value, dict) and parameter.properties:
        yield from _media_values(parameter.properties, value, path)


def _is_content(parameter: Parameter, value: Any) -> bool:
    if parameter.type == "file":
        return isinstance(value, FileDescription)
    # Pages print values such as "" as the default of a parameter that may be left out.
    return isinstance(value, str) and value not in (parameter.default, *parameter.choices)


def _violation(given: GivenInput, keyword: Keyword) -> InvalidValue:
    bound: Any = getattr(given.parameter, keyword)
    shown = given.value if isinstance(given.value, FileDescription) else str(given.value)[:MAX_TEXT]
    return InvalidValue(
        given.path,
        {keyword: list(bound) if isinstance(bound, tuple) else bound},
        _requirement(given, keyword, bound),
        shown,
    )


def _requirement(given: GivenInput, keyword: Keyword, bound: Any) -> str:
    """Return what an input must be, in words that follow the name of its parameter."""
    if keyword == "forms":
        return f"must be {_either([_FORMS[form] for form in bound])}, not {_IS[given.form]}"
    content = given.content
    assert content is not None  # without it, only the form is judged
    if keyword in ("media", "media_types"):
        required = f"be {_either([_KINDS.get(each, each) for each in bound])}"
        return f"must {required} (got {sniff(content.start) or 'text'})"  # bytes of unknown types can be anything
    if keyword == "max_size":
        return f"must have at most {size_text(bound)} (got {content.size} bytes)"
    width, height = pixels(content) or (0, 0)
    required, got = {
        "min_width": (f"be at least {bound} pixels wide", width),
        "max_width": (f"be at most {bound} pixels wide", width),
        "min_height": (f"be at least {bound} pixels high", height),
        "max_height": (f"be at most {bound} pixels high", height),
        "max_pixels": (f"have at most {bound} pixels", width * height),
        "min_duration": (f"last at least {bound} seconds", duration(content)),
        "max_duration": (f"last at most {bound} seconds", duration(content)),
    }[keyword]
    return f"must {required} (got {got})"


def _either(names: Sequence[str]) -> str:
    *first, last = names
    return f"{', '.join(first)} or {last}" if first else last
