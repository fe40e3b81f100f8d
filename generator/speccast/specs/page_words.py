"""What is meant by a key or type that was copied from a page as it is printed, such as `range: 1 - 25`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from speccast.specs import hints

if TYPE_CHECKING:
    from collections.abc import Mapping

    from speccast.specs.schema_errors import Schema

_NUMBER: Final = r"[-+]?\d{1,15}(?:\.\d{1,15})?"
_RANGE: Final = re.compile(rf"[(\[]?\s*({_NUMBER})\s*(?:-|\u2013|\u2014|~|,|to|and|\.\.+|\u2026)\s*({_NUMBER})\s*[)\]]?", re.IGNORECASE)  # fmt: skip
_RANGE_KEYS: Final = re.compile(r"(?:value|length)?[_ -]?(?:range|limits?|bounds|interval|min[_ -]?max|between|length)", re.IGNORECASE)  # fmt: skip
_LIMITS: Final = {
    "string": ("minLength", "maxLength"),
    "array": ("minItems", "maxItems"),
    "integer": ("minimum", "maximum"),
    "number": ("minimum", "maximum"),
}
_WITHIN: Final = re.compile(
    r"(?P<outer>[\w ]+?)\s*(?:[(<\[]\s*(?P<inner>[\w ,.|-]*?)\s*[)>\]]|,\s*(?P<word>optional|required|nullable))",
    re.IGNORECASE,
)
_ITEMS: Final = re.compile(r"(?:array|list)s? of (?P<items>\w+?)s?", re.IGNORECASE)
_NULLABLE: Final = re.compile(r"(?:nullable|optional)\s+(?P<a>\w+)|(?P<b>\w+)\s*(?:\?|\||/|,|or)\s*(?:null|none|nil)?", re.IGNORECASE)  # fmt: skip
_NOT_FORMATS: Final = {"optional": "", "required": " and `required: true`"}


def limits_advice(key: str, value: object, parameter: Mapping[str, Any]) -> str:
    """Return advice on an unknown key of a parameter that has a range, or ""."""
    if not _RANGE_KEYS.fullmatch(key):
        return ""
    text = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
    kind = parameter.get("type")
    kind = next((each for each in kind if each != "null"), "") if isinstance(kind, list) else kind
    low, high = _LIMITS.get(str(kind), _LIMITS["number"])
    if match := _RANGE.fullmatch(text.strip()):
        return f"write `{low}: {match[1]}` and `{high}: {match[2]}`"
    return f"write `{low}` and `{high}`, each with its number"


def type_advice(text: str, choices: Schema) -> str:
    """Return advice on a type as pages print it, such as `string (uri)` or `array of strings`, or ""."""
    text = text.strip()
    if match := _ITEMS.fullmatch(text):
        items = hints.meant_value(match["items"], choices)
        return f"write `type: array` and `items: {{type: {items}}}`" if items else ""
    if text.endswith("[]") and (items := hints.meant_value(text.removesuffix("[]").strip(), choices)):
        return f"write `type: array` and `items: {{type: {items}}}`"
    if match := _WITHIN.fullmatch(text):
        return _within(match["outer"], match["inner"] or match["word"] or "", choices)
    if match := _NULLABLE.fullmatch(text):
        kind = hints.meant_value(match["a"] or match["b"], choices)
        return (
            f'write `type: [{kind}, "null"]`; if it only may be left out, write `type: {kind}`'
            if kind
            else ""
        )
    return ""


def _within(outer: str, inner: str, choices: Schema) -> str:
    """Return advice on a type with a word in brackets: a format, the type of items, or whether it is required."""
    kind = hints.meant_value(outer, choices)
    if not kind:
        return ""
    word = inner.lower()
    if word in _NOT_FORMATS:
        return f"write `type: {kind}`{_NOT_FORMATS[word]}"
    if word == "nullable" or word.endswith("null"):
        return f'write `type: [{kind}, "null"]`'
    if kind == "array" and (items := hints.meant_value(word, choices)):
        return f"write `type: array` and `items: {{type: {items}}}`"
    if outer.lower() == "enum" or "," in inner or "|" in inner:
        return f"write `type: {kind}` and `enum: [{', '.join(re.split(r' *[,|] *', inner))}]`"
    if match := _RANGE.fullmatch(inner):
        low, high = _LIMITS.get(kind, _LIMITS["number"])
        return f"write `type: {kind}`, `{low}: {match[1]}` and `{high}: {match[2]}`"
    return (
        f"write `type: {kind}` and `format: {inner}`" if word and " " not in word else f"write `type: {kind}`"
    )
