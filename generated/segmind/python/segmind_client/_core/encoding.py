"""How parameters become the body of a request. One class per encoding serves the client, the emulator and OpenAPI.

To add an encoding, write its class and list it in `ENCODINGS`; the client, the emulator and OpenAPI ask a model's
encoding for everything that depends on it.
"""

from __future__ import annotations

import json
import re
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any, ClassVar, NoReturn, cast

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["ENCODINGS", "MAX_DEPTH", "BodyError", "EncodeError", "Encoding", "JsonEncoding", "json_type"]

MAX_DEPTH = 100
"""Objects and arrays within each other that a server decodes; specs nest less deeply."""


class EncodeError(ValueError):
    """Parameters that cannot be encoded: `reasons` says why, by name."""

    def __init__(self, reasons: Mapping[str, str]) -> None:
        super().__init__("; ".join(f"{name}: {reason}" for name, reason in reasons.items()))
        self.reasons = reasons


class BodyError(ValueError):
    """A body that cannot be decoded. The text says why."""


class Encoding(ABC):
    """Parameters as a body, and back."""

    media_type: ClassVar[str]
    """The media type as OpenAPI names it."""

    @abstractmethod
    def encode(self, parameters: Mapping[str, Any]) -> tuple[str, bytes]:
        """The content type and the body. Raises EncodeError."""

    @abstractmethod
    def matches(self, content_type: str) -> bool:
        """Whether a content type announces this encoding."""

    @abstractmethod
    def decode(
        self, content_type: str, body: bytes, *, parse_number: Callable[[str], Any] | None = None
    ) -> dict[str, Any]:
        """The parameters in a body. `parse_number` reads numbers from their text. Raises BodyError."""

    def describe(self, schema: Mapping[str, Any], examples: Mapping[str, Any]) -> dict[str, Any]:
        """The `content` of a Request Body Object of OpenAPI; `examples` are Example Objects by name."""
        described: dict[str, Any] = {"schema": schema}
        if examples:
            described["examples"] = examples
        return {self.media_type: described}


class JsonEncoding(Encoding):
    """A JSON object in UTF-8."""

    media_type: ClassVar[str] = "application/json"
    _encoder: ClassVar[json.JSONEncoder] = json.JSONEncoder(
        ensure_ascii=False, allow_nan=False, separators=(",", ":")
    )

    def encode(self, parameters: Mapping[str, Any]) -> tuple[str, bytes]:
        try:
            return self.media_type, self._encoder.encode(parameters).encode()
        except (TypeError, ValueError, RecursionError):
            pass
        reasons = {
            str(name): reason for name, value in parameters.items() if (reason := self._why_not(value))
        }
        raise EncodeError(reasons)

    def matches(self, content_type: str) -> bool:
        media_type = content_type.partition(";")[0].strip().lower()
        return re.fullmatch(r"application/([\w.+-]+\+)?json", media_type) is not None

    def decode(
        self, content_type: str, body: bytes, *, parse_number: Callable[[str], Any] | None = None
    ) -> dict[str, Any]:
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
            value = json.loads(
                text,
                parse_int=parse_number,
                parse_float=parse_number,
                parse_constant=_refuse_constant,
                object_pairs_hook=_unique_members,
            )
        except json.JSONDecodeError as error:
            raise BodyError(f"The body is not JSON: {error}.") from None
        except RecursionError:
            raise BodyError(_TOO_DEEP) from None
        except ValueError as error:
            raise BodyError(f"The body cannot be read: {error}.") from None
        if not isinstance(value, dict):
            raise BodyError(f"The body must be a JSON object, not {json_type(value)}.")
        members = cast("dict[str, Any]", value)
        _check_depth(members)
        return members

    def _why_not(self, value: object) -> str:
        try:
            self._encoder.encode(value).encode()
        except UnicodeEncodeError:
            return "it holds half of a surrogate pair"
        except RecursionError:
            return "it is nested too deeply"
        except (TypeError, ValueError) as error:
            return str(error)
        return ""


ENCODINGS: Mapping[str, Encoding] = {"json": JsonEncoding()}
"""The encodings by name; `json` is the default."""


def json_type(value: object) -> str:
    """The JSON type of a value, with its article."""
    return next((name for kind, name in _TYPES if isinstance(value, kind)), "a number")


# bool is before int, of which it is a subclass.
_TYPES = (
    (type(None), "null"),
    (bool, "a boolean"),
    (int, "an integer"),
    (str, "a string"),
    (list, "an array"),
    (dict, "an object"),
)

_TOO_DEEP = f"The body is nested too deeply; {MAX_DEPTH} levels are allowed."


def _unique_members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) < len(pairs):
        seen: set[str] = set()
        for name, _ in pairs:
            if name in seen:
                raise ValueError(f"the name {json.dumps(name)} is given twice")
            seen.add(name)
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
