"""Texts that contain a picture, a sound, a film or a document, or the address of one.

JSON Schema has words for the forms of such a text, but not for the limits of its content, which are extensions (`x-max-width`).
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from speccast.core.check import mismatches
from speccast.core.omit import OMIT
from speccast.specs.jsonschema import MEDIA_LIMITS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from speccast.core.parameter import Json, Parameter

# Portable regular expressions, without flags.
_ENCODED = "(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{4}|[A-Za-z0-9+/]{3}=|[A-Za-z0-9+/]{2}==)"
# `\s` means other characters in each dialect.
_SPACES = r"\u0000-\u0020\u007f-\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
ADDRESS = rf"^[Hh][Tt][Tt][Pp][Ss]?://[^{_SPACES}/?#\\]"
BASE64 = f"^{_ENCODED}$"
DATA_URI = f"^[Dd][Aa][Tt][Aa]:[^,]*;base64,{_ENCODED}$"


def content_limits(parameter: Parameter) -> dict[str, Any]:
    """Return the kinds, forms and limits of a file or of the content of a text as extensions, such as `x-max-size` in bytes."""
    limits = {f"x-{name.replace('_', '-')}": getattr(parameter, name) for name in MEDIA_LIMITS}
    for name in ("media", "forms", "media_types"):
        limits[f"x-{name.replace('_', '-')}"] = [*getattr(parameter, name)] or None
    return {name: limit for name, limit in limits.items() if limit is not None}


def text_schema(schema: Mapping[str, Any], parameter: Parameter) -> dict[str, Any]:
    """Return the schema of a text with the forms that it can have: `anyOf`, if there are several."""
    if parameter.choices and not parameter.open:
        return dict(schema)
    forms = [_form(form, parameter) for form in parameter.forms]
    # The API takes these as they are, such as "" as the default of a parameter that may be left out.
    values = [value for value in _known_values(parameter) if _is_another_form(parameter, value)]
    alternatives = [*([{"enum": values}] if values else []), *forms]
    plain = {name: value for name, value in schema.items() if name != "anyOf"}
    plain.setdefault("type", ["string", "null"] if parameter.nullable else "string")
    return {**plain, **(alternatives[0] if len(alternatives) == 1 else {"anyOf": alternatives})}


def _form(form: str, parameter: Parameter) -> dict[str, Any]:
    match form:
        case "url":
            # Not `format: uri`, which tools check or convert by: the API takes any address.
            return {"x-format": "uri", "pattern": ADDRESS}
        case "data_uri":
            return {"pattern": DATA_URI}
        case _:
            return {"contentEncoding": "base64", **_media_type(parameter), "pattern": BASE64}


def _media_type(parameter: Parameter) -> dict[str, str]:
    """Return the media type or range of the content, if there is only one."""
    kinds = {"image": "image/*", "video": "video/*", "audio": "audio/*", "document": ""}
    types = parameter.media_types or tuple(kinds[kind] for kind in parameter.media)
    return {"contentMediaType": types[0]} if len(types) == 1 and types[0] else {}


def _known_values(parameter: Parameter) -> Iterator[Json]:
    yield from dict.fromkeys(
        value for value in (parameter.default, *parameter.choices) if isinstance(value, str)
    )


def _is_another_form(parameter: Parameter, value: Json) -> bool:
    return any(mismatches(replace(parameter, default=OMIT, choices=()), value))
