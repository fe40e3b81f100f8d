"""`returns`: the media types of the responses.

M212 returns-incomplete

    A parameter that selects the format of the output decides which media types are possible. `returns` must list all of
    them, the type of the default first; otherwise the client refuses a valid response, and the emulator never sends one.

    Bad::

        returns: [image/jpeg]
        parameters:
          image_format: { type: string, enum: [jpeg, png, webp], default: png }

    Good::

        returns: [image/png, image/jpeg, image/webp]
        parameters:
          image_format: { type: string, enum: [jpeg, png, webp], default: png }
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from speccast.lint.rule import ModelContext, ParameterContext, RuleViolation, Severity, Violations, model_rule
from speccast.specs.wording import format_value

if TYPE_CHECKING:
    from collections.abc import Mapping


_NAME: Final = re.compile(
    r"(?:(?:output|out|image|img|picture|video|audio|file|response|result|return)[_-]?)*"
    r"(?:format|type|ext|extension|mime|mime[_-]?type|codec)",
    re.IGNORECASE,
)
_TYPES: Final[Mapping[str, str]] = {
    **{word: f"image/{word}" for word in ("png", "jpeg", "webp", "gif", "avif", "bmp", "tiff")},
    "jpg": "image/jpeg",
    "tif": "image/tiff",
    "svg": "image/svg+xml",
    "mp4": "video/mp4",
    "webm": "video/webm",
    "mov": "video/quicktime",
    "mp3": "audio/mpeg",
    "wav": "audio/wav",
    "flac": "audio/flac",
    "ogg": "audio/ogg",
    "aac": "audio/aac",
    "glb": "model/gltf-binary",
    "pdf": "application/pdf",
    "zip": "application/zip",
}

_ENVELOPES: Final = frozenset({"application/json", "text/plain"})
"""Media types of responses that contain or name the output; its own format is another one."""


@model_rule("M212", Severity.WARNING, "a format of the output that is not in returns")
def returns_incomplete(context: ModelContext) -> Violations:
    returns = context.model.returns
    if set(returns) <= _ENVELOPES:
        return
    for parameter in context.parameters.values():
        types = _types(parameter)
        for index, media_type in types.items():
            if not _is_in(media_type, returns):
                yield RuleViolation(
                    parameter.value("enum", index),
                    f"`{parameter.label}` can be {format_value(parameter.parameter.choices[index])}, but `returns` does not "
                    f"list {media_type}",
                    f"add {media_type} to `returns`",
                    related=((context.value("returns"), "returns is here"),),
                )
        usual = _media_type(parameter.parameter.default) if types and parameter.spec.get("default") else ""
        if usual in returns[1:] and returns[0] in types.values():
            yield RuleViolation(
                context.value("returns", 0),
                f"the usual media type is {usual}, since {format_value(parameter.spec['default'])} is the default of `{parameter.label}`",
                f"list {usual} first",
                related=((parameter.value("default"), "the default is here"),),
            )


def _types(parameter: ParameterContext) -> dict[int, str]:
    """Return the media type of each value of an enum that selects the format of the output, by index."""
    if _NAME.fullmatch(parameter.parameter.wire) is None:
        return {}
    types = {index: _media_type(value) for index, value in enumerate(parameter.parameter.choices)}
    return {index: media_type for index, media_type in types.items() if media_type}


def _media_type(value: object) -> str:
    word = value.lower().removeprefix(".") if isinstance(value, str) else ""
    return word if word in _TYPES.values() else _TYPES.get(word, "")


def _is_in(media_type: str, returns: tuple[str, ...]) -> bool:
    return any(each in (media_type, f"{media_type.partition('/')[0]}/*", "*/*") for each in returns)
