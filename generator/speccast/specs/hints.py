"""Suggestions for a spec with an error, read from the format's JSON Schemas.

Beside `examples`, a schema can have `patternErrorMessage` (also shown by editors), `x-other-names` (what other formats call
the key), `x-other-values` (and each of its values) and `x-not-keys` (advice on keys that the format does not have). All of them
are optional.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Final

from speccast.core.suggestions import closest
from speccast.specs.problems import shorten_value
from speccast.specs.scalars import NumberError, resolve
from speccast.specs.schema_errors import resolve_reference

if TYPE_CHECKING:
    from speccast.specs.schema_errors import Schema, SchemaName

_PLAIN: Final = re.compile(r"[A-Za-z0-9_/][A-Za-z0-9_/{}.:<>=+-]*(?: [A-Za-z0-9]+)*|")
_CUTOFF: Final = 0.7
"""How similar a word must be to a key or value of the format."""


def example_line(key: str, schema: Schema, kind: SchemaName) -> str:
    """Return a line of YAML with a key of an object and an example of its value, or only the key if no example is known."""
    examples = resolve_reference(schema["properties"].get(key, {}), kind).get("examples")
    return f"{key}: {_flow(examples[0])}" if examples else f"{key}:"


def meant_key(key: str, schema: Schema, free: list[str]) -> str:
    """Return the key that was probably meant by an unknown one, or "". `free` are the keys that are not used yet."""
    if _not_key(key, schema):
        return ""
    name, colon, _ = key.partition(":")
    if colon and name in free:
        return name
    for other in free:
        if key.lower() in schema["properties"][other].get("x-other-names", ()):
            return other
    return closest(key, free, _CUTOFF)


def suggest_key(key: str, schema: Schema) -> str:
    """Return what to do about an unknown key, or "" if nothing is known about it."""
    if key == "<<":
        return "YAML 1.2 has no merge keys; write the keys out"
    name, colon, value = key.partition(":")
    if colon and name in schema["properties"]:
        return f"a space is missing after the colon: write `{name}: {shorten_value(value)}`"
    return _not_key(key, schema)


def meant_value(word: str, schema: Schema) -> str:
    """Return the value of an enum that was probably meant by another word, or ""."""
    return _other_name(word.lower(), schema) or closest(word, schema["enum"], _CUTOFF)


def in_form(value: str, schema: Schema) -> str:
    """Return the text that was probably meant by one that does not match the pattern of a schema, or ""."""
    text = value.strip()
    low = text.lower()
    candidates = (
        text,
        _other_name(low.removeprefix("."), schema),
        low,
        re.sub(r"[\s_]+", "-", low),
        re.sub(r"[\s-]+", "_", low),
        re.sub(r"[\s-]+", "_", text.upper()),
        text[:1].upper() + text[1:],
        f"{text}/" if "://" in text else f"/{text}",
        text.rstrip("/"),
    )
    return next((each for each in candidates if each and re.search(schema["pattern"], each)), "")


def _not_key(key: str, schema: Schema) -> str:
    return next((each["advice"] for each in schema.get("x-not-keys", ()) if key in each["keys"]), "")


def _other_name(word: str, schema: Schema) -> str:
    return next((value for value, words in schema.get("x-other-values", {}).items() if word in words), "")


def _flow(value: Any) -> str:
    """Return a JSON value as YAML in flow style, with quotes only where they are needed."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_flow(key)}: {_flow(part)}" for key, part in value.items()) + "}"
    if isinstance(value, list):
        return f"[{', '.join(map(_flow, value))}]"
    if isinstance(value, str) and _PLAIN.fullmatch(value) and _is_text(value):
        return value
    return json.dumps(value, ensure_ascii=False)


def _is_text(value: str) -> bool:
    try:
        return isinstance(resolve(value), str)
    except NumberError:
        return False
