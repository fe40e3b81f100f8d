"""Words for callers: values, what a parameter accepts, and why it does not accept a value."""

from __future__ import annotations

import re
import reprlib
from typing import TYPE_CHECKING, cast

from .._core.parameter import size_text
from .._core.suggestions import closest
from .errors import Violation

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from .._core.check import Keyword, Mismatch
    from .._core.parameter import Parameter
    from .._core.uploads import Upload

__all__ = ["accepted", "shown", "suggestion", "violation"]

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
_REPR = reprlib.Repr()
_REPR.maxstring = _REPR.maxother = _REPR.maxlong = 60
_REPR.maxlevel = 3


def violation(mismatch: Mismatch, path: str) -> Violation:
    """The violation that a caller sees. `path` names the checked value, as the caller passed it."""
    path += "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in mismatch.pointer)
    parameter, value = mismatch.parameter, mismatch.value
    if parameter is None:
        close = suggestion(mismatch.pointer[-1], mismatch.known)
        return Violation(path, shown(value), f"is not known{close}", ", ".join(mismatch.known))
    if mismatch.keyword == "required":
        return Violation(f"{path}.{parameter.wire}", "", "is required", accepted(parameter))
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
    return Violation(path, shown(value), message, accepted(parameter))


def _limit(keyword: Keyword, parameter: Parameter, value: object) -> str:
    match keyword:
        case "forms":
            return f"must be {parameter.content}{_form(value)}"
        case "media":
            return f"must be {parameter.content}, not {_found(value)}"
        case "media_types":
            return f"must be {' or '.join(parameter.media_types)}"
        case "max_size":
            return f"must have at most {size_text(parameter.max_size or 0)}"
        case "min_width" | "max_width" | "min_height" | "max_height" | "max_pixels":
            return f"must be {parameter.pixels}"
        case "min_duration" | "max_duration":
            return f"must last {parameter.seconds}"
        case _:
            return f"must be {parameter.range}"


def accepted(parameter: Parameter) -> str:
    """What a parameter accepts."""
    if parameter.branches:
        kinds = dict.fromkeys(accepted(branch) for branch in parameter.branches)
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
    """The form of a text that a parameter does not take, or how to send the file whose name the text looks like."""
    from .._core.media import read_form

    if not isinstance(value, str):
        return ""
    if form := read_form(value).form:
        return f", not {_FORMS[form]}"
    is_name = re.fullmatch(r"(?!data:|.*://)[^\0\n]{0,200}\w\.\w{2,4}", value) is not None
    return f"; to send a file, pass Path({value!r})" if is_name else ""


def _found(value: object) -> str:
    """What content is, by its first bytes."""
    from .._core.media import read_form, sniff

    content = read_form(value) if isinstance(value, str) else cast("Upload", value).content
    return sniff(content.start) or "text"


def shown(value: object) -> str:
    """A value, short enough for a message."""
    try:
        path: Callable[[], object] | None = getattr(value, "__fspath__", None)
        text = _REPR.repr(value if path is None else path())
        return " ".join(text.split()) if "\n" in text else text
    except ValueError:  # more digits than Python converts
        return "an integer of very many digits"
    except Exception:  # an object of the caller that cannot be shown
        return f"a {type(value).__name__}"


def suggestion(name: object, known: Iterable[str]) -> str:
    """`; did you mean …?`, if a known name is similar."""
    close = closest(name, known) if isinstance(name, str) else ""
    return f"; did you mean {close!r}?" if close else ""


def _one_of(parameter: Parameter) -> str:
    choices = [shown(choice) for choice in parameter.choices[:_MOST_CHOICES]]
    more = len(parameter.choices) - len(choices)
    words = ("one of " if len(parameter.choices) > 1 else "") + ", ".join(choices)
    return words + (f" and {more} more" if more else "")
