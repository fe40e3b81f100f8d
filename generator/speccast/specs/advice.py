"""What would be right: examples of every key that must be there, forms in words, and other names of keys and types.

Data for `check`, kept against the schemas by the tests: every required key has an example that passes, and every
pattern is put in words.
"""

from __future__ import annotations

import re
from difflib import get_close_matches
from typing import TYPE_CHECKING, Final

from speccast.specs.problems import clipped

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

EXAMPLES: Final[Mapping[tuple[str, str], str]] = {
    ("ModelSpec", "speccast"): "speccast: 1",
    ("ModelSpec", "slug"): "slug: acme-image-1",
    ("ModelSpec", "title"): "title: Acme Image 1",
    ("ModelSpec", "surfaces"): "surfaces: [sync]",
    ("ModelSpec", "returns"): "returns: [image/jpeg]",
    ("ModelSpec", "parameters"): "parameters: {prompt: {type: string, required: true}}",
    ("ParameterSpec", "type"): "type: string",
    ("deprecated", "since"): "since: 2026-01-31",
    ("ApiSpec", "speccast"): "speccast: 1",
    ("ApiSpec", "title"): "title: Acme",
    ("ApiSpec", "base_url"): "base_url: https://api.acme.example",
    ("ApiSpec", "package"): "package: acme_client",
    ("ApiSpec", "distribution"): "distribution: acme-client",
    ("ApiSpec", "command"): "command: acme",
    ("ApiSpec", "client"): "client: Acme",
    ("ApiSpec", "version"): "version: 0.1.0",
    ("auth", "in"): "in: header",
    ("auth", "name"): "name: x-api-key",
    ("sync", "path"): "path: /v1/{slug}",
    ("base64", "parameter"): "parameter: base64",
    ("base64", "field"): "field: image",
    ("async", "submit"): "submit: /v2/{slug}",
    ("async", "status"): "status: /v2/requests/{id}/status",
    ("async", "result"): "result: /v2/requests/{id}",
    ("async", "states"): "states: [{name: DONE, phase: succeeded}, {name: FAILED, phase: failed}]",
    ("StateSpec", "name"): "name: QUEUED",
    ("StateSpec", "phase"): "phase: waiting",
    ("ErrorSpec", "status"): "status: 429",
    ("ErrorSpec", "title"): "title: Too Many Requests",
    ("HeaderSpec", "name"): "name: x-request-id",
    ("HeaderSpec", "meaning"): "meaning: request_id",
}
"""A line for each key that must be there, by the title of its schema, else by the key above it."""

FORMS: Final[Mapping[str, tuple[str, str]]] = {
    "^[a-z0-9][a-z0-9._-]*$": (
        "lower-case letters, digits, `.`, `_` and `-` only, a letter or digit first",
        "acme-image-1",
    ),
    "^[a-z][a-z0-9_]*$": ("lower-case letters, digits and `_` only, a letter first", "acme_image"),
    "^[a-z][a-z0-9_-]*$": ("lower-case letters, digits, `_` and `-` only, a letter first", "acme-client"),
    "^[A-Z][A-Z0-9_]*$": ("capital letters, digits and `_` only, a letter first", "ACME_API_KEY"),
    "^[A-Za-z][A-Za-z0-9_]*$": ("letters, digits and `_` only, a letter first", "AcmeClient"),
    "^[A-Z][A-Za-z0-9]*$": ("letters and digits only, a capital first", "Acme"),
    "^[A-Z][A-Za-z0-9]*Error$": ("letters and digits, a capital first and `Error` last", "RateLimitError"),
    "^[A-Za-z0-9_-]+$": ("letters, digits, `_` and `-` only", "x-api-key"),
    "^[a-z0-9-]+$": ("lower-case letters, digits and `-` only", "x-request-id"),
    "^[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?$": (
        "letters, digits, `.`, `_` and `-` only, a letter or digit first and last",
        "acme-client",
    ),
    "^[0-9]+\\.[0-9]+\\.[0-9]+((a|b|rc)[0-9]+)?$": ("three numbers with dots between", "0.1.0"),
    "^[A-Za-z0-9(][A-Za-z0-9.+() -]*$": (
        "an SPDX expression: letters, digits, `.`, `+`, `-`, brackets and blanks",
        "Apache-2.0",
    ),
    "^[0-9]{4}-[0-9]{2}-[0-9]{2}$": ("a day as YYYY-MM-DD", "2026-01-31"),
    "^https?://[^/?#\\s]+$": (
        "`http://` or `https://` and a host, nothing after it",
        "https://api.acme.example",
    ),
    "^/[^\\s?#]*$": ("a path that begins with `/`, without blanks, `?` and `#`", "/v1/{slug}"),
    "^/[^\\s?#]*\\{id\\}[^\\s?#]*$": (
        "a path that begins with `/` and has `{id}` where the job's id goes",
        "/v2/requests/{id}",
    ),
    "^[a-z0-9.+-]+/[a-z0-9.+*-]+$": ("a media type in lower case", "image/jpeg"),
}
"""The patterns of the schemas in words, each with an example."""

TYPES: Final[Mapping[str, str]] = {
    "str": "string",
    "text": "string",
    "enum": "string",
    "file": "string",
    "uri": "string",
    "int": "integer",
    "long": "integer",
    "float": "number",
    "double": "number",
    "decimal": "number",
    "bool": "boolean",
    "list": "array",
    "dict": "object",
    "map": "object",
    "mapping": "object",
}
"""What other languages call the types."""

PHASES: Final[Mapping[str, str]] = {
    **dict.fromkeys(("queued", "pending", "created", "submitted", "starting", "in_queue"), "waiting"),
    **dict.fromkeys(("processing", "in_progress", "started", "active"), "running"),
    **dict.fromkeys(
        ("completed", "complete", "done", "finished", "success", "successful", "ok"), "succeeded"
    ),
    **dict.fromkeys(("error", "errored", "failure", "cancelled", "canceled", "timeout", "expired"), "failed"),
}
"""What vendors call the phases of a job."""

MEDIA_TYPES: Final[Mapping[str, str]] = {
    "png": "image/png",
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "webp": "image/webp",
    "gif": "image/gif",
    "mp4": "video/mp4",
    "webm": "video/webm",
    "mp3": "audio/mpeg",
    "wav": "audio/wav",
    "json": "application/json",
    "text": "text/plain",
}
"""What files and people call media types."""

OTHER_NAMES: Final[Mapping[str, Mapping[str, str]]] = {
    "ModelSpec": {
        "id": "slug",
        "params": "parameters",
        "inputs": "parameters",
        "input": "parameters",
        "properties": "parameters",
        "outputs": "returns",
        "output": "returns",
        "response": "returns",
        "media_types": "returns",
        "examples": "example",
    },
    "ParameterSpec": {
        "min": "minimum",
        "max": "maximum",
        "step": "multipleOf",
        "multiple": "multipleOf",
        "values": "enum",
        "choices": "enum",
        "options": "enum",
        "example": "examples",
        "regex": "pattern",
        "desc": "description",
        "title": "description",
        "summary": "description",
    },
    "ApiSpec": {
        "url": "base_url",
        "host": "base_url",
        "server": "base_url",
        "authentication": "auth",
        "env": "environment",
        "name": "title",
        "docs": "documentation",
        "jobs": "async",
    },
    "async": {
        "poll": "status",
        "polling": "status",
        "fetch": "result",
        "output": "result",
        "timeout": "deadline",
    },
}
"""What other formats call a key, by the section that has it under another name."""

_NOT_THERE: Final[Mapping[str, Mapping[str, str]]] = {
    "auth": dict.fromkeys(
        ("key", "api_key", "token", "value", "secret"),
        "no key stands in a spec; `environment: {api_key: NAME}` names the variable that holds the user's",
    ),
    "ParameterSpec": {
        "nullable": 'say it in the type, such as `type: [string, "null"]`',
        "optional": "remove it; what is not `required: true` is optional",
        "const": "write `enum:` with this one value",
        "additionalProperties": "remove it; objects have the listed properties and no others",
        "uniqueItems": "remove it, and say so in `description`",
        **dict.fromkeys(
            ("$ref", "allOf", "anyOf", "oneOf", "not", "if", "then", "else"),
            "remove it; a parameter is described on its own, with one type",
        ),
    },
}


def meant_key(key: str, section: str, free: Collection[str]) -> str:
    """The key of a section that was probably meant by one it does not have, or "".

    `section` is the title of the section's schema, `free` are its keys that are not yet taken.
    """
    if key in _NOT_THERE.get(section, ()):
        return ""
    name, colon, _ = key.partition(":")
    if colon and name in free:
        return name
    other = OTHER_NAMES.get(section, {}).get(key.lower(), "")
    return other if other in free else closest(key, free)


def instead_of_key(key: str, section: str, known: Collection[str]) -> str:
    """What to do about a key that means nothing here and resembles nothing, or "" where that is not known."""
    if key == "<<":
        return "YAML 1.2 has no merge keys; write the keys out"
    name, colon, value = key.partition(":")
    if colon and name in known:
        return f"a space is missing after the colon: write `{name}: {clipped(value)}`"
    return _NOT_THERE.get(section, {}).get(key, "")


def in_form(value: str, pattern: str) -> str:
    """What was probably meant by a text that has not the form of a pattern, or ""."""
    text = value.strip()
    low = text.lower()
    candidates = (
        text,
        MEDIA_TYPES.get(low.removeprefix("."), ""),
        low,
        re.sub(r"[\s_]+", "-", low),
        re.sub(r"[\s-]+", "_", low),
        re.sub(r"[\s-]+", "_", text.upper()),
        text[:1].upper() + text[1:],
        f"/{text}",
        text.rstrip("/"),
    )
    return next((each for each in candidates if each and re.search(pattern, each)), "")


def closest(word: str, candidates: Iterable[str]) -> str:
    """The candidate that was probably meant, or ""; capitals, `_` and `-` do not count."""
    if len(word) > 40:
        return ""
    plain = {_plain(candidate): candidate for candidate in candidates}
    match = get_close_matches(_plain(word), plain, n=1, cutoff=0.7)
    return plain[match[0]] if match else ""


def _plain(word: str) -> str:
    return word.lower().replace("_", "").replace("-", "")
