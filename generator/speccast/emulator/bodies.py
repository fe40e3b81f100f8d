"""Decodes the bodies of requests: JSON objects, and forms with files.

A file in a form is described by an object with `filename`, `media_type` (if its part has a type) and `size`, which is what the
schema of a model's parameters says of files (`specs.jsonschema`). Its content is beside these members.
"""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING, Any, NoReturn, cast
from urllib.parse import parse_qsl

from python_multipart import MultipartParser
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartState, parse_options_header

from speccast.core.values import kind_of
from speccast.emulator.exact_numbers import branch_of_exact
from speccast.specs.wording import ARTICLES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from speccast.core.parameter import Parameter

    Fields = list[tuple[str, Any]]

MAX_DEPTH = 100
"""Objects and arrays within each other that are decoded; specs nest less deeply."""

MAX_FIELDS = 1000
"""Fields of a form."""

MAX_HEADERS = 20
"""Headers of one field."""


class FileDescription(dict[str, Any]):
    """The description of a file in a form. `parts` are slices of the body, which are its content."""

    __slots__ = ("parts",)

    def __init__(self, members: Mapping[str, Any]) -> None:
        super().__init__(members)
        self.parts: list[memoryview] = []

    @property
    def content(self) -> bytes | memoryview:
        """The content, which is copied only if it is not in one piece."""
        return self.parts[0] if len(self.parts) == 1 else b"".join(self.parts)


class BodyError(ValueError):
    """A body that cannot be decoded. The text says why."""


def decode_json(body: bytes, parse_number: Callable[[str], Any] | None = None) -> dict[str, Any]:
    """Return the members of a JSON object. `parse_number` reads numbers from their text. Raises BodyError."""
    # Strictly: a name that is given twice, NaN and a byte order mark pass a careless parser.
    if not body.strip():
        raise BodyError("The body is empty; send a JSON object.")
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise BodyError(f"The body is not UTF-8: byte {error.start} cannot be read.") from None
    if text.startswith("\ufeff"):
        raise BodyError("The body begins with a byte order mark; send plain UTF-8.")
    try:
        value = _parse(text, parse_number)
    except json.JSONDecodeError as error:
        raise BodyError(f"The body is not JSON: {error}.") from None
    except BodyError:
        raise
    except ValueError as error:
        raise BodyError(f"The body cannot be read: {error}.") from None
    if not isinstance(value, dict):
        raise BodyError(f"The body must be a JSON object, not {json_type(value)}.")
    members = cast("dict[str, Any]", value)
    _check_depth(members)
    return members


def decode_form(
    body: bytes,
    content_type: str,
    parameters: Iterable[Parameter],
    parse_number: Callable[[str], Any] | None = None,
) -> dict[str, Any]:
    """Return the values of a form. Texts are read as the types of the parameters. Raises BodyError."""
    known = {parameter.wire: parameter for parameter in parameters}
    fields = form_fields(body, content_type)
    counts = Counter(name for name, _ in fields)
    values: dict[str, Any] = {}
    for name, text in fields:
        parameter = _form_of(known.get(name), is_repeated=counts[name] > 1)
        if parameter is None and isinstance(text, dict) and not text["size"]:
            continue  # the usual way to make programs send a form without files as multipart
        if parameter is not None and parameter.type == "array":
            item = _read(text, parameter.items, parse_number)
            values.setdefault(name, []).append(item)
        elif name in values:
            raise BodyError(f"The body cannot be read: the name {json.dumps(name)} is given twice.")
        else:
            values[name] = _read(text, parameter, parse_number)
    _check_depth(values)
    return values


def _form_of(parameter: Parameter | None, *, is_repeated: bool) -> Parameter | None:
    """Return a parameter, or the array of a union if a field is given several times or nothing else is possible."""
    if parameter is None or not parameter.branches:
        return parameter
    arrays = [branch for branch in parameter.branches if branch.type == "array"]
    is_scalar = any(
        branch.type in ("string", "integer", "number", "boolean") for branch in parameter.branches
    )
    return arrays[0] if arrays and (is_repeated or not is_scalar) else parameter


def form_fields(body: bytes, content_type: str) -> Fields:
    """Return the names and values of a form in order: texts, and descriptions of files. Raises BodyError."""
    media_type, options = parse_options_header(content_type)
    if media_type == b"multipart/form-data":
        return _Parts(options).parse(body)
    try:
        return parse_qsl(
            body.decode("ascii"),
            keep_blank_values=True,
            strict_parsing=bool(body),
            errors="strict",
            max_num_fields=MAX_FIELDS,
        )
    except ValueError as error:
        raise BodyError(f"The body is not a form: {error}.") from None


class _Parts:
    """Reads the parts of a multipart body."""

    def __init__(self, options: Mapping[bytes, bytes]) -> None:
        if not (boundary := options.get(b"boundary", b"")):
            raise BodyError("The content type has no boundary.")
        self.fields: Fields = []
        self._header = bytearray()
        self._value = bytearray()
        self._headers: dict[str, str] = {}
        self._name = ""
        self._file: FileDescription | None = None
        self._text = bytearray()
        try:
            self._parser = MultipartParser(
                boundary,
                {
                    "on_part_begin": self._begin_part,
                    "on_header_field": lambda data, start, end: self._header.extend(data[start:end]),
                    "on_header_value": lambda data, start, end: self._value.extend(data[start:end]),
                    "on_header_end": self._end_header,
                    "on_headers_finished": self._begin_content,
                    "on_part_data": self._add_content,
                    "on_part_end": self._end_part,
                },
                max_header_count=MAX_HEADERS,
            )
        except FormParserError as error:
            raise BodyError(f"The boundary is invalid: {error}.") from None

    def parse(self, body: bytes) -> Fields:
        try:
            self._parser.write(body)
            self._parser.finalize()
        except FormParserError as error:
            raise BodyError(f"The body is not multipart/form-data: {error}.") from None
        if self._parser.state != MultipartState.END:
            raise BodyError("The body is incomplete: the last boundary is missing.")
        return self.fields

    def _begin_part(self) -> None:
        if len(self.fields) >= MAX_FIELDS:
            raise BodyError(f"The body has more than {MAX_FIELDS} fields.")
        self._headers = {}
        self._text = bytearray()

    def _end_header(self) -> None:
        self._headers[self._header.decode("latin-1").lower()] = self._value.decode("utf-8", "replace")
        self._header.clear()
        self._value.clear()

    def _begin_content(self) -> None:
        kind, options = parse_options_header(
            self._headers.get("content-disposition", "").encode().decode("latin-1")
        )
        if kind != b"form-data" or b"name" not in options:
            raise BodyError("A part of the body has no name: send Content-Disposition: form-data; name=…")
        self._name = _unquote(options[b"name"])
        self._file = None
        if b"filename" in options:
            self._file = FileDescription({"filename": _unquote(options[b"filename"]), "size": 0})
            if declared := self._headers.get("content-type"):
                self._file["media_type"] = declared.partition(";")[0].strip().lower()

    def _add_content(self, data: bytes, start: int, end: int) -> None:
        if self._file is not None:
            self._file["size"] += end - start
            self._file.parts.append(memoryview(data)[start:end])
        else:
            self._text += data[start:end]

    def _end_part(self) -> None:
        if self._file is not None:
            self.fields.append((self._name, self._file))
            return
        try:
            self.fields.append((self._name, self._text.decode()))
        except UnicodeDecodeError as error:
            raise BodyError(
                f"The part {json.dumps(self._name)} is not UTF-8: byte {error.start} cannot be read."
            ) from None


def _unquote(name: bytes) -> str:
    """Return a name in a header, in which HTML forms escape three characters."""
    text = name.decode("utf-8", "replace")
    return text.replace("%22", '"').replace("%0D", "\r").replace("%0A", "\n")


def _read(text: Any, parameter: Parameter | None, parse_number: Callable[[str], Any] | None) -> Any:
    """Return the value that a text means for a parameter; the text itself if it means none."""
    if not isinstance(text, str) or parameter is None:
        return text
    match parameter.type:
        case "integer" | "number" | "boolean" | "object" | "array" if text.strip() == text:
            try:
                value = _parse(text, parse_number)
            except BodyError:
                raise
            except ValueError:
                return text
            # The text of a value of another type is text.
            return text if isinstance(value, str) or value is None else value
        case "union":
            read = (_read(text, branch, parse_number) for branch in parameter.branches)
            others = (value for value in read if not isinstance(value, str))
            return next((value for value in others if branch_of_exact(parameter, value) is not None), text)
        case _:
            return text


def _parse(text: str, parse_number: Callable[[str], Any] | None) -> Any:
    try:
        return json.loads(
            text,
            parse_int=parse_number,
            parse_float=parse_number,
            parse_constant=_refuse_constant,
            object_pairs_hook=_unique_members,
        )
    except RecursionError:
        raise BodyError(_TOO_DEEP) from None


def json_type(value: Any) -> str:
    """Return the JSON type of a value, with its article."""
    return "null" if value is None else ARTICLES[kind_of(value) or "number"]


_TOO_DEEP = f"The body is nested too deeply; {MAX_DEPTH} levels are allowed."


def _unique_members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) < len(pairs):
        [(name, _)] = Counter(name for name, _ in pairs).most_common(1)
        raise ValueError(f"the name {json.dumps(name)} is given twice")
    return members


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a number in JSON")


def _check_depth(value: dict[str, Any]) -> None:
    level: list[Any] = [value]
    for _ in range(MAX_DEPTH):
        level = [
            inner
            for outer in level
            for inner in (cast("dict[str, Any]", outer).values() if isinstance(outer, dict) else outer)
            if isinstance(inner, dict | list)
        ]
        if not level:
            return
    raise BodyError(_TOO_DEEP)
