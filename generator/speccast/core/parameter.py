"""A parameter of a model as data, from which checks, documentation and user interfaces are made."""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING, Literal, TypeAlias, Union

from .frozen_classes import Frozen
from .omit import OMIT, Omit

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["GENERATOR_ONLY", "Json", "Keyword", "Kind", "Parameter", "size_text"]

Json: TypeAlias = Union["dict[str, Json]", "list[Json]", str, int, float, bool, None]
"""A JSON value. As a union of Python 3.11, it can be evaluated wherever `Json` is imported."""

Kind: TypeAlias = Literal["string", "integer", "number", "boolean", "array", "object", "file", "union"]
"""The JSON type of a parameter; a file, which only a multipart body can contain; or `union` if there are several."""

Keyword: TypeAlias = Literal[
    "type",
    "enum",
    "minimum",
    "exclusiveMinimum",
    "maximum",
    "exclusiveMaximum",
    "multipleOf",
    "minLength",
    "maxLength",
    "pattern",
    "minItems",
    "maxItems",
    "forms",
    "media",
    "media_types",
    "max_size",
    "min_width",
    "max_width",
    "min_height",
    "max_height",
    "max_pixels",
    "min_duration",
    "max_duration",
    "required",
    "additionalProperties",
]

_KINDS = {"image": "an image", "video": "a video", "audio": "audio", "document": "a document"}
_FORMS = {"url": "URL", "base64": "base64", "data_uri": "data URI"}

GENERATOR_ONLY = {"is_generator_only": True}
"""Metadata of the fields that a generated client does not publish."""


class Parameter(Frozen, kw_only=True):
    """One parameter, one member of an object, or the items of an array. Limits mean what they mean in JSON Schema."""

    wire: str
    """Name in the request's JSON."""
    name: str
    """Name in code. A spec is built with the name that it gives or the wire name; a target makes a legal name of that."""
    flag: str = ""
    """Name on the command line, such as `--guidance-scale`, where a target has decided it."""
    type: Kind
    nullable: bool = False
    required: bool = False
    """The client sends the default, if there is one, when the caller omits a required parameter."""
    default: Json | Omit = OMIT
    choices: tuple[Json, ...] = ()
    """The known values; if `open`, other values are valid as well."""
    also_accepted: tuple[Json, ...] = ()
    """Values that are valid because the API's documentation prints them, though it means one of the choices."""
    takes_text: bool = False
    """Whether the API also takes the text of a number or boolean, such as "2" for 2. It is sent as it is given."""
    open: bool = False
    hidden_values: int = 0
    """How many more choices the documentation mentions without listing them."""
    minimum: int | float | None = None
    maximum: int | float | None = None
    exclusive_minimum: int | float | None = None
    exclusive_maximum: int | float | None = None
    multiple_of: int | float | None = None
    min_length: int | None = None
    max_length: int | None = None
    pattern: str | None = None
    """Regular expression that must match somewhere in the text."""
    format: str | None = None
    """The kind of text, such as uri. Never checked."""
    items: Parameter | None = None
    min_items: int | None = None
    max_items: int | None = None
    properties: tuple[Parameter, ...] = ()
    """Members of a closed object. An object without properties is open."""
    branches: tuple[Parameter, ...] = ()
    """What a value of a union can be. The branches have different types, except for objects with a `tag`."""
    tag: str = ""
    """Wire name of the member that distinguishes the objects of a union: it has one value, another one in each of them."""
    media: tuple[str, ...] = ()
    """Kinds of content that a text or a file can be: image, video, audio, document. Empty where content is not known to be media."""
    forms: tuple[str, ...] = ()
    """Forms in which a text with `media` can be: url, base64, data_uri, the first one named first."""
    media_types: tuple[str, ...] = ()
    """Media types of the content, or ranges such as `image/*`; any if empty."""
    max_size: int | None = None
    """Most bytes of the content, before it is encoded."""
    min_width: int | None = None
    """Limits of a picture in pixels, of a sound or film in seconds. They are not checked where they cannot be measured."""
    max_width: int | None = None
    min_height: int | None = None
    max_height: int | None = None
    max_pixels: int | None = None
    min_duration: int | float | None = None
    max_duration: int | float | None = None
    examples: tuple[Json, ...] = ()
    description: str = ""
    applies_when: tuple[tuple[str, tuple[Json, ...]], ...] = ()
    """Wire names of other parameters, and the values for which this one has an effect; all must hold."""
    documented_as: Json | Omit = field(default=OMIT, metadata=GENERATOR_ONLY)
    """The default as the API's documentation prints it, where the spec corrects it."""
    note: str = field(default="", metadata=GENERATOR_ONLY)
    """Why the spec reads as it does; for maintainers."""
    renamed_from: str = ""
    """Former name in code, which is still accepted with a DeprecationWarning. A target makes a legal name of that in the spec."""
    renamed_in: str = field(default="", metadata=GENERATOR_ONLY)
    """The version of the package that has the new name first."""

    @property
    def is_sent_by_default(self) -> bool:
        """Whether the client sends the default when the caller omits the parameter."""
        return self.required and self.default is not OMIT

    @property
    def must_be_given(self) -> bool:
        """Whether the caller must pass a value."""
        return self.required and self.default is OMIT

    def tag_value(self, tag: str) -> str | None:
        """Return the value of the `tag` of a union in this branch of it; None if the branch has none."""
        members = self.properties if tag else ()
        return next((str(member.choices[0]) for member in members if member.wire == tag), None)

    @property
    def is_nested(self) -> bool:
        """Whether a value can have members or items that are described."""
        return bool(self.properties or self.items or self.branches)

    @property
    def is_media(self) -> bool:
        """Whether a value is content: a file, or a text with `media`."""
        return self.type == "file" or bool(self.media)

    @property
    def has_pixel_limits(self) -> bool:
        limits = (self.min_width, self.max_width, self.min_height, self.max_height, self.max_pixels)
        return any(limit is not None for limit in limits)

    @property
    def content(self) -> str:
        """The content in words, such as `an image as URL, base64 or data URI`; empty without `media`."""
        forms = _either([_FORMS[form] for form in self.forms])
        return _either([_KINDS[kind] for kind in self.media]) + (f" as {forms}" if forms else "")

    @property
    def counts(self) -> str:
        """The limits of characters and items in words, such as `at most 3 items`; empty without limits."""
        counts = (
            _count(self.min_length, self.max_length, "character"),
            _count(self.min_items, self.max_items, "item"),
        )
        return ", ".join(text for text in counts if text)

    @property
    def pixels(self) -> str:
        """The limits of a picture in words, such as `at least 300 pixels wide`; empty without limits."""
        sides = ((self.min_width, self.max_width, "wide"), (self.min_height, self.max_height, "high"))
        limits = [
            f"{_count(low, high, 'pixel')} {side}" for low, high, side in sides if (low, high) != (None, None)
        ]
        area = [] if self.max_pixels is None else [_count(None, self.max_pixels, "pixel")]
        return ", ".join(limits + area)

    @property
    def seconds(self) -> str:
        """The limits of a sound or film in words, such as `3 to 15 seconds`; empty without limits."""
        return _count(self.min_duration, self.max_duration, "second")

    @property
    def range(self) -> str:
        """The limits in words, such as `10 to 100` or `over 0 and at most 2, in steps of 8`; empty without limits."""
        parts = [
            _bounds(self.minimum, self.maximum, self.exclusive_minimum, self.exclusive_maximum),
            "" if self.multiple_of is None else f"in steps of {_number(self.multiple_of)}",
            self.counts,
            self.content,
            _either(self.media_types),
            "" if self.max_size is None else f"at most {size_text(self.max_size)}",
            self.pixels,
            self.seconds,
        ]
        return ", ".join(part for part in parts if part)


def size_text(count: int) -> str:
    """Return a number of bytes as people write it, without rounding: `10 MB`, `512 KiB`, `1 byte`."""
    for unit, size in (
        ("GB", 10**9),
        ("GiB", 2**30),
        ("MB", 10**6),
        ("MiB", 2**20),
        ("kB", 10**3),
        ("KiB", 2**10),
    ):
        if count % size == 0:
            return f"{count // size} {unit}"
    return f"{count} byte{'' if count == 1 else 's'}"


def _bounds(low: float | None, high: float | None, over: float | None, under: float | None) -> str:
    if low is not None and high is not None and over is None and under is None:
        return f"{_number(low)} to {_number(high)}" if low != high else f"exactly {_number(low)}"
    limits = (("at least", low), ("over", over), ("at most", high), ("under", under))
    return " and ".join(f"{words} {_number(value)}" for words, value in limits if value is not None)


def _either(names: Sequence[str]) -> str:
    """Return alternatives in words: `a, b or c`."""
    *first, last = names or [""]
    return f"{', '.join(first)} or {last}" if first else last


def _count(low: float | None, high: float | None, noun: str) -> str:
    if low is None:
        words = "" if high is None else f"at most {_number(high)}"
    elif high is None:
        words = f"at least {_number(low)}"
    else:
        words = f"{_number(low)} to {_number(high)}" if low != high else f"exactly {_number(low)}"
    if not words:
        return ""
    return f"{words} {noun}{'' if words.endswith(' 1') else 's'}"


def _number(value: float) -> str:
    """Return a number as people write it: 8, not 8.0."""
    is_whole = isinstance(value, float) and value.is_integer() and abs(value) < 1e16
    return str(int(value)) if is_whole else repr(value)
