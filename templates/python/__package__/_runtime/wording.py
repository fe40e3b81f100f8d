"""Words for callers: values, what a parameter accepts, and why it does not accept a value."""

from __future__ import annotations

import os
import re
import reprlib
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, cast

from .._core.parameter import size_text
from .._core.suggestions import closest
from .errors import Violation

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .._core.check import Mismatch, Pointer
    from .._core.media import Content
    from .._core.parameter import Keyword, Parameter
    from .._core.uploads import Upload

__all__ = ["describe_accepted", "format_value", "suggestion", "violation"]

_NOUNS = {
    "string": "text",
    "integer": "an integer",
    "number": "a number",
    "boolean": "True or False",
    "array": "a list",
    "object": "a dict",
    "file": "a file",
}
_NOUNS_OF_VALUES: dict[type, str] = {
    str: "text",
    int: "an integer",
    float: "a number",
    bool: "a boolean",
    list: "a list",
    dict: "a dict",
    type(None): "None",
}
_FORMS = {"url": "an address", "base64": "base64", "data_uri": "a data URI"}
_MOST_CHOICES = 20
_SHORT = 24
"""Bytes that are shown whole."""


def violation(mismatch: Mismatch, path: str, given: object) -> Violation:
    """Return the violation that a caller sees. `path` names the checked value, and `given` is what the caller passed."""
    passed = format_value(_part(given, mismatch.pointer, mismatch.value))
    path += "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in mismatch.pointer)
    parameter, value = mismatch.parameter, mismatch.value
    if parameter is None:
        close = suggestion(mismatch.pointer[-1], mismatch.known)
        return Violation(path, passed, f"is not known{close}", ", ".join(mismatch.known))
    if mismatch.keyword == "required":
        return Violation(f"{path}.{parameter.wire}", "", "is required", describe_accepted(parameter))
    match mismatch.keyword:
        case "type":
            message = f"must be {_nouns(parameter)}, not {_NOUNS_OF_VALUES[type(value)]}"
        case "enum":
            choices = [choice for choice in parameter.choices if isinstance(choice, str)]
            message = f"must be {_one_of(parameter)}{suggestion(value, choices)}"
        case "pattern":
            message = f"must match {parameter.pattern}"
        case "minLength" | "maxLength" | "minItems" | "maxItems" if isinstance(value, str | list):
            message = f"must have {parameter.counts}, not {len(value)}"
        case _:
            message = _limit(mismatch.keyword, parameter, value)
    return Violation(path, passed, message, describe_accepted(parameter))


def _part(given: object, pointer: Pointer, converted: object) -> object:
    """Return the part of an argument at a pointer, as the caller passed it; else what it was converted to."""
    for step in pointer:
        if not isinstance(given, Mapping if isinstance(step, str) else list | tuple):
            return converted
        try:
            given = cast("Any", given)[step]
        except (LookupError, TypeError):
            return converted
    return given


def _limit(keyword: Keyword, parameter: Parameter, value: object) -> str:
    from .._core.inputs import pixels  # few values are invalid

    match keyword:
        case "forms":
            return f"must be {parameter.content}{_form(value)}"
        case "media":
            return f"must be {parameter.content}, not {_describe_content(value)}"
        case "media_types":
            return f"must be {' or '.join(parameter.media_types)}, not {_describe_content(value)}"
        case "max_size":
            size = _content(value).size
            return f"must have at most {size_text(parameter.max_size or 0)}, not {size_text(size or 0)}"
        case "min_width" | "max_width" | "min_height" | "max_height" | "max_pixels":
            return f"must be {parameter.pixels}, not {'x'.join(map(str, pixels(_content(value)) or ()))}"
        # speccast: if durations
        case "min_duration" | "max_duration":
            from .._core.inputs import duration

            return f"must last {parameter.seconds}, not {duration(_content(value)):.6g}"
        # speccast: end
        case _:
            return f"must be {parameter.range}"


def describe_accepted(parameter: Parameter) -> str:
    """Return the values that a parameter accepts, in words."""
    if parameter.branches:
        kinds = dict.fromkeys(describe_accepted(branch) for branch in parameter.branches)
        return " or ".join([*kinds, *(["None"] if parameter.nullable else [])])
    parts = ["" if parameter.content else _NOUNS[parameter.type], parameter.range]
    if parameter.choices and not parameter.open:
        parts = [_one_of(parameter)]
    if parameter.pattern is not None:
        parts.append(f"matching {parameter.pattern}")
    return ", ".join(part for part in parts if part) + (", or None" if parameter.nullable else "")


def _nouns(parameter: Parameter) -> str:
    branches = parameter.branches or (parameter,)
    return " or ".join(dict.fromkeys(branch.content or _NOUNS[branch.type] for branch in branches))


def _form(value: object) -> str:
    """Return the form of a text that a parameter does not take, or how to send the file whose name the text looks like."""
    from .._core.media import read_form

    if not isinstance(value, str):
        return ""
    if form := read_form(value).form:
        return f", not {_FORMS[form]}"
    is_name = re.fullmatch(r"(?!data:|.*://)[^\0\n]{0,200}\w\.\w{2,4}", value) is not None
    return f"; to send a file, pass Path({value!r})" if is_name else ""


def _describe_content(value: object) -> str:
    """Return what content is: by its first bytes, else by the name of the file."""
    from .._core.media import is_text, sniff

    content = _content(value)
    unknown = "text" if is_text(content.start) else "a file of unknown type"
    return sniff(content.start) or content.media_type or unknown


def _content(value: object) -> Content:
    """Return a text or a file as content."""
    from .._core.media import read_form

    return read_form(value) if isinstance(value, str) else cast("Upload", value).content


def format_value(value: object) -> str:
    """Return a value, short enough for a message."""
    try:
        text = _REPR.repr(value)
        return " ".join(text.split()) if "\n" in text else text
    except ValueError:  # more digits than Python converts
        return "an integer of very many digits"
    except Exception:  # an object of the caller that cannot be shown
        return f"a {type(value).__name__}"


class _Repr(reprlib.Repr):
    """Values in a limited number of characters; files and content as a caller writes them."""

    def __init__(self) -> None:
        super().__init__()
        self.maxstring = self.maxother = self.maxlong = 60
        self.maxlevel = 3

    def repr_instance(self, x: object, level: int) -> str:
        if isinstance(x, bytes | bytearray | memoryview):
            return _format_bytes(cast("bytes | bytearray | memoryview[int]", x))
        if isinstance(x, os.PathLike):
            return f"Path({self.repr1(os.fspath(cast('os.PathLike[str]', x)), level)})"
        if callable(getattr(x, "read", None)):
            return self._file(x, level)
        shape, size = getattr(x, "shape", None), getattr(x, "size", None)
        if isinstance(shape, tuple) and shape:
            lengths = "x".join(map(str, cast("tuple[object, ...]", shape)))
            return f"<{type(x).__name__} {getattr(x, 'dtype', '')} {lengths}>"
        if isinstance(size, tuple) and hasattr(x, "mode"):
            return (
                f"<picture {getattr(x, 'mode', '')} {'x'.join(map(str, cast('tuple[object, ...]', size)))}>"
            )
        return super().repr_instance(x, level)

    def _file(self, file: object, level: int) -> str:
        name, mode = getattr(file, "name", None), getattr(file, "mode", None)
        if name == "<stdin>":
            return "sys.stdin.buffer"
        if isinstance(name, str) and isinstance(mode, str):
            return f"open({self.repr1(name, level)}, {mode!r})"
        return f"<{type(file).__name__}>"


_REPR = _Repr()


def _format_bytes(content: bytes | bytearray | memoryview[int]) -> str:
    """Return the first bytes, and how many there are."""
    size = content.nbytes if isinstance(content, memoryview) else len(content)
    if size <= _SHORT:
        return repr(bytes(content))
    start = b"" if isinstance(content, memoryview) else bytes(content[:8])
    return f"{start!r}… ({size} bytes)" if start else f"<{size} bytes>"


def suggestion(name: object, known: Iterable[str]) -> str:
    """`; did you mean …?`, if a known name is similar."""
    close = closest(name, known) if isinstance(name, str) else ""
    return f"; did you mean {close!r}?" if close else ""


def _one_of(parameter: Parameter) -> str:
    choices = [format_value(choice) for choice in parameter.choices[:_MOST_CHOICES]]
    more = len(parameter.choices) - len(choices)
    words = ("one of " if len(parameter.choices) > 1 else "") + ", ".join(choices)
    return words + (f" and {more} more" if more else "")
