"""How parameters become the body of a request. One class per encoding serves the client, the emulator and OpenAPI.

To add an encoding, write its class and list it in `ENCODINGS`, and its decoder in the emulator; the client, the emulator
and OpenAPI ask an encoding for everything that depends on it.
"""

from __future__ import annotations

import json
import os
import re
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any, ClassVar, TypeAlias, cast

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from .parameter import Parameter
    from .uploads import JsonBody, StreamedBody, Upload

    Body: TypeAlias = bytes | StreamedBody

__all__ = ["ENCODINGS", "EncodeError", "Encoding", "FormEncoding", "JsonEncoding", "MultipartEncoding"]


class EncodeError(ValueError):
    """Parameters that cannot be encoded: `reasons` says why, by name."""

    def __init__(self, reasons: Mapping[str, str]) -> None:
        super().__init__("; ".join(f"{name}: {reason}" for name, reason in reasons.items()))
        self.reasons = reasons


class Encoding(ABC):
    """Parameters as a body."""

    media_type: ClassVar[str]
    """The media type as OpenAPI names it."""
    is_form: ClassVar[bool] = False
    """Whether a body is a list of texts: numbers, booleans and objects are sent as their JSON, an array as several texts
    of the same name."""

    @abstractmethod
    def encode(self, parameters: Mapping[str, Any]) -> tuple[str, Body]:
        """Return the content type and the body. Raises EncodeError."""

    def matches(self, content_type: str) -> bool:
        """Return whether a content type announces this encoding."""
        return content_type.partition(";")[0].strip().lower() == self.media_type

    def describe(
        self, schema: Mapping[str, Any], examples: Mapping[str, Any], parameters: Sequence[Parameter]
    ) -> dict[str, Any]:
        """Return the `content` of a Request Body Object of OpenAPI; `examples` are Example Objects by name."""
        described: dict[str, Any] = {"schema": schema}
        if examples:
            described["examples"] = examples
        if self.is_form and (encoding := dict(_describe_fields(parameters))):
            described["encoding"] = encoding
        return {self.media_type: described}


class JsonEncoding(Encoding):
    """A JSON object in UTF-8."""

    media_type: ClassVar[str] = "application/json"
    _encoder: ClassVar[json.JSONEncoder] = json.JSONEncoder(
        ensure_ascii=False, allow_nan=False, separators=(",", ":")
    )

    def encode(self, parameters: Mapping[str, Any]) -> tuple[str, Body]:
        try:
            return self.media_type, self._encoder.encode(parameters).encode()
        except (TypeError, ValueError, RecursionError):
            pass
        try:
            return self.media_type, self._with_uploads(parameters)
        except (TypeError, ValueError, RecursionError):
            pass
        reasons = {
            str(name): reason for name, value in parameters.items() if (reason := self._why_not(value))
        }
        raise EncodeError(reasons)

    def matches(self, content_type: str) -> bool:
        media_type = content_type.partition(";")[0].strip().lower()
        return re.fullmatch(r"application/([\w.+-]+\+)?json", media_type) is not None

    def _with_uploads(self, value: object) -> Body:
        """Return the body with files, which are texts. Raises TypeError, ValueError and RecursionError."""
        from .uploads import JsonBody, Upload  # few models take files

        mark, uploads = os.urandom(16).hex(), list[Upload]()

        def marked(value: object) -> object:
            if isinstance(value, Upload) and value.form != "file":
                uploads.append(value)
                return mark
            return self._encoder.default(value)

        encoder = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":"), default=marked)
        first, *rest = encoder.encode(value).encode().split(f'"{mark}"'.encode())
        pieces: list[bytes | Upload] = [first]
        for upload, text in zip(uploads, rest, strict=True):
            pieces += (upload, text)
        return JsonBody(self.media_type, pieces)

    def _why_not(self, value: object) -> str:
        try:
            self._with_uploads(value)
        except UnicodeEncodeError:
            return "it holds half of a surrogate pair"
        except RecursionError:
            return "it is nested too deeply"
        except (TypeError, ValueError) as error:
            return str(error)
        return ""


class _Form(Encoding):
    """A list of names and texts."""

    is_form: ClassVar[bool] = True
    takes_files: ClassVar[bool] = False

    def _fields(self, parameters: Mapping[str, Any]) -> list[tuple[str, Any]]:
        """Return the names and texts. Raises EncodeError."""
        fields: list[tuple[str, Any]] = []
        reasons: dict[str, str] = {}
        for name, value in parameters.items():
            values: list[Any] = cast("list[object]", value) if isinstance(value, list) else [value]
            for each in values:
                text = self._text(each)
                if isinstance(text, EncodeError):
                    reasons[name] = str(text.reasons[""])
                else:
                    fields.append((name, text))
        if reasons:
            raise EncodeError(reasons)
        return fields

    def _text(self, value: Any) -> str | Upload | JsonBody | EncodeError:
        from .uploads import EncodedUpload, Upload, UploadError

        if isinstance(value, str) or (
            isinstance(value, Upload) and (self.takes_files or value.form == "url")
        ):
            return value
        if value is None:
            return EncodeError({"": "null has no text in a form"})
        try:
            if not isinstance(value, Upload):
                _, body = ENCODINGS["json"].encode({"": value})
                if isinstance(body, bytes):
                    return body[4:-1].decode()  # without {"": and }
                member = cast("JsonBody", body).member()
                # Addresses of files are known when the form is sent.
                if (
                    isinstance(member, str)
                    or self.takes_files
                    or any(each.form == "url" for each in member.uploads)
                ):
                    return member
                return b"".join(member).decode()
            if value.form != "file":
                return b"".join(EncodedUpload(value).chunks()).decode()
        except EncodeError as error:
            return error
        except UploadError as error:
            return EncodeError({"": str(error)})
        return EncodeError({"": "a file needs a multipart body"})


class MultipartEncoding(_Form):
    """multipart/form-data, in which values can be files."""

    media_type: ClassVar[str] = "multipart/form-data"
    takes_files: ClassVar[bool] = True

    def encode(self, parameters: Mapping[str, Any]) -> tuple[str, Body]:
        from .uploads import MultipartBody  # few models need it

        body = MultipartBody(self._fields(parameters))
        return body.content_type, body


class FormEncoding(_Form):
    """application/x-www-form-urlencoded."""

    media_type: ClassVar[str] = "application/x-www-form-urlencoded"

    def encode(self, parameters: Mapping[str, Any]) -> tuple[str, Body]:
        from .uploads import FormBody  # few models need it

        body = FormBody(self._fields(parameters))
        return self.media_type, body if body.uploads else b"".join(body)


ENCODINGS: Mapping[str, Encoding] = {
    "json": JsonEncoding(),
    "multipart": MultipartEncoding(),
    "form": FormEncoding(),
}
"""The encodings by name; `json` is the default."""


def _describe_fields(parameters: Sequence[Parameter]) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield Encoding Objects of OpenAPI by name, where they differ from their default."""
    for parameter in parameters:
        item = parameter.items or parameter
        if item.type == "file" and item.media_types:
            yield parameter.wire, {"contentType": ", ".join(item.media_types)}
