"""Converts the content that callers pass for files and media into the text or the file to send."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Mapping
from dataclasses import replace
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeGuard, cast

from .._core.media import is_address, read_form
from .._core.omit import OMIT
from .._core.uploads import Form, Upload
from .errors import Violation
from .uploads import UnusableFileError, make_upload
from .wording import describe_accepted, format_value

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .._core.parameter import Parameter
    from .types import OutputLike, ResultLike

__all__ = ["convert_content", "only_media", "takes_time"]

_LONGEST_PATH = 1024
"""Characters of the longest text that is looked up as a path."""
_DEEPEST = 64


def convert_content(
    parameter: Parameter, value: object, path: str, violations: list[Violation], *, is_checked: bool
) -> tuple[bool, object]:
    """Return whether a parameter takes a value as content, and the text or the file to send, or else the value.

    Content that cannot be sent is added to `violations`, and is `OMIT` in the result. A file is not read whole: its beginning
    shows its type. Without checks, texts are not content.
    """
    if value is None or value is OMIT:
        return False, value
    if isinstance(value, Enum):
        value = value.value
    try:
        place = _place(parameter, value, is_checked=is_checked)
        return (False, _items(parameter, value)) if place is None else (True, _to_send(place, value))
    except UnusableFileError as error:
        problem = str(error)
    except Exception as error:  # what the object of a caller raises, such as a stream whose connection broke
        problem = f"cannot be read: {error or type(error).__name__}"
    violations.append(Violation(path, format_value(value), problem, describe_accepted(parameter)))
    return True, OMIT


def takes_time(value: object, depth: int = 0) -> bool:
    """Return whether arguments contain what is encoded or read before anything is sent: a picture or a file object."""
    if isinstance(value, str | int | float | None):
        return False
    if depth < _DEEPEST and isinstance(value, Mapping | list | tuple):
        members: Iterable[object] = cast("Iterable[object]", value)
        if isinstance(value, Mapping):
            members = cast("Mapping[str, object]", value).values()
        return any(takes_time(each, depth + 1) for each in members)
    return _is_array(value) or _is_picture(value) or callable(getattr(value, "read", None))


def only_media(parameter: Parameter, tag: str = "") -> Parameter | None:
    """Return the parameter with only those parts that take content, and without defaults; None if there are none.

    The member that is the `tag` of a union is kept as well.
    """
    if parameter.is_media:
        return replace(parameter, required=False)
    items = None if parameter.items is None else only_media(parameter.items)
    properties = tuple(filter(None, map(only_media, parameter.properties)))
    branches = tuple(filter(None, (only_media(branch, parameter.tag) for branch in parameter.branches)))
    if items is None and not properties and not branches:
        return None
    properties += tuple(member for member in parameter.properties if member.wire == tag)
    return replace(parameter, required=False, items=items, properties=properties, branches=branches)


def _place(parameter: Parameter, value: object, *, is_checked: bool) -> Parameter | None:
    """Return the parameter or the branch of a union that takes a value as content."""
    is_content, is_text = _is_content(value), isinstance(value, str)
    if parameter.is_media:
        return parameter if is_content or is_checked else None
    places = [
        branch
        for branch in parameter.branches
        if branch.is_media and (is_content or (is_text and is_checked and branch.type == "string"))
    ]
    return places[0] if places else None


def _to_send(parameter: Parameter, value: object) -> str | Upload:
    """Return the text or the file to send. Raises UnreadableError."""
    if isinstance(value, Upload):
        return value
    if isinstance(value, str):
        return _of_text(parameter, value)
    if (output := _output(parameter, value)) is not None:
        return _of_output(parameter, output)
    return _in_best_form(make_upload(value, parameter), parameter)


def _items(parameter: Parameter, value: object) -> object:
    """Return the items of a list of files: the outputs of a model, or the pictures in an array of four dimensions.

    Raises UnreadableError for content where a list is required.
    """
    lists = [form.items for form in parameter.branches or (parameter,) if form.items is not None]
    if not any(form.is_media for items in lists for form in items.branches or (items,)):
        return value
    if _has_outputs(value):
        return list(value.outputs)
    if _is_array(value) and value.ndim == 4:
        return list(value)
    if _is_content(value):
        raise UnusableFileError("must be a list: pass [file] for one file")
    return value


def _is_content(value: object) -> bool:
    """Return whether a value is content, and not a JSON value."""
    if isinstance(value, tuple):
        parts = cast("tuple[object, ...]", value)
        return len(parts) in (2, 3) and isinstance(parts[0], str) and not isinstance(parts[1], str)
    return (
        isinstance(value, bytes | bytearray | memoryview | os.PathLike | Upload)
        or callable(getattr(value, "read", None))
        or _has_outputs(value)
        or _is_output(value)
        or _is_array(value)
        or _is_picture(value)
    )


def _of_text(parameter: Parameter, text: str) -> str | Upload:
    """Return an address, a data URI or base64. Raises UnreadableError."""
    if re.match("(?i)file:", text):
        raise UnusableFileError(f"is the address of a file: to send the file, pass Path({_path_of(text)!r})")
    is_form = is_address(text) or re.match("(?i)data:", text) is not None
    if not is_form and len(text) <= _LONGEST_PATH and _is_path(text):
        raise UnusableFileError(f"is a path: to send the file, pass Path({text!r})")
    if parameter.type != "file":
        return _encodable(text)
    content = read_form(text)
    if content.form == "url":
        raise UnusableFileError("is an address: this parameter takes a file")
    if not content.form or content.size is None:
        raise UnusableFileError("must be a file: a text is a data URI or base64")
    kind = text[len("data:") :].partition(",")[0].partition(";")[0].strip() if is_form else ""
    return make_upload(content.read(0, content.size), parameter, kind)


def _path_of(address: str) -> str:
    """Return the path in the address of a file."""
    from urllib.parse import urlsplit  # seldom needed
    from urllib.request import url2pathname

    try:
        return url2pathname(urlsplit(address).path)
    except ValueError:
        return address


def _encodable(text: str) -> str:
    try:
        text.encode()
    except UnicodeEncodeError:
        raise UnusableFileError("contains half of a surrogate pair, which is not a character") from None
    return str.__str__(text)


def _is_path(text: str) -> bool:
    try:
        return bool(text) and Path(text).exists()
    except (OSError, ValueError):
        return False


def _output(parameter: Parameter, value: object) -> OutputLike | None:
    """Return the output that a result has for a parameter; None if the value is not a result. Raises UnreadableError."""
    if not _has_outputs(value):
        return value if _is_output(value) else None
    outputs = list(value.outputs)
    kinds = {"document", "text", "json"} if "document" in parameter.media else set[str]()
    kinds |= {*parameter.media}
    found = next((each for each in outputs if not kinds or each.kind in kinds), None)
    if found is None:
        had = ", ".join(dict.fromkeys(each.kind for each in outputs)) or "none"
        raise UnusableFileError(f"has no output that this parameter takes (outputs: {had})")
    return found


def _of_output(parameter: Parameter, output: OutputLike) -> str | Upload:
    """Return the address or the bytes of an output. Raises UnreadableError."""
    if output.content is None:
        if output.url is not None and "url" in parameter.forms:
            return output.url
        raise UnusableFileError("is an output at an address: pass the bytes that its read() returns")
    return _in_best_form(make_upload((output.name, output.content), parameter), parameter)


def _in_best_form(upload: Upload, parameter: Parameter) -> Upload:
    """Return a file in the form in which the parameter takes it. Raises UnreadableError."""
    if parameter.type == "file":
        return upload
    inline: tuple[Form, ...] = ("data_uri", "base64")
    forms: list[Form] = [form for form in inline if form in parameter.forms]
    upload.can_be_address = "url" in parameter.forms
    forms.append("url")
    if not forms:
        raise UnusableFileError("is a file, but the API takes an address only: pass the URL of the file")
    upload.form = forms[0]
    return upload


def _has_outputs(value: object) -> TypeGuard[ResultLike]:
    # Results of other clients made by Speccast are results as well.
    return hasattr(type(value), "outputs")


def _is_output(value: object) -> TypeGuard[OutputLike]:
    return hasattr(value, "content_type") and hasattr(value, "url") and hasattr(value, "content")


def _is_array(value: object) -> TypeGuard[Any]:
    array = getattr(sys.modules.get("numpy"), "ndarray", None)  # None while another thread imports it
    return array is not None and isinstance(value, array)


def _is_picture(value: object) -> TypeGuard[Any]:
    picture = getattr(sys.modules.get("PIL.Image"), "Image", None)
    return picture is not None and isinstance(value, picture)
