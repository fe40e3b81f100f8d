"""Rewrites an `api.yaml` with keys that `answers` replaced: the names of members become samples of the answers."""

from __future__ import annotations

import json
import re
from io import StringIO
from typing import TYPE_CHECKING, Any, Final, cast

from speccast.findings import Edit, Fix

if TYPE_CHECKING:
    from collections.abc import Mapping

    from speccast.specs.document import Document, Pointer

__all__ = ["rewritten"]

_KEYS: Final[tuple[Pointer, ...]] = (
    ("sync", "base64"),
    ("async", "fields"),
    ("async", "metrics"),
    ("async", "media_members"),
    ("error_field",),
)
_FIELDS: Final = {
    "id": "request_id",
    "status": "status",
    "status_url": "status_url",
    "result_url": "response_url",
    "output": "output",
    "error": "error",
    "metrics": "metrics",
}
"""What members of a job were called where `async.fields` named no others."""
_MEDIA_TYPES: Final = {
    "image": ["image/png", "image/jpeg", "image/webp"],
    "audio": ["audio/mpeg", "audio/wav"],
    "video": ["video/mp4", "video/webm"],
}
_END_OF_LINE: Final = re.compile(r"[ \t]*(?:#[^\r\n]*)?(?:\r\n|\r|\n|\Z)")


def rewritten(document: Document, pointer: Pointer) -> Fix | None:
    """Replace all former keys with `answers`, if the key at the pointer is the first of them.

    Return None if the spec has `answers` already, or a former key shares its line with others.
    """
    spec = cast("dict[str, Any]", document.value)
    former = [each for each in _KEYS if _has(spec, each)]
    if pointer not in former or "answers" in spec:
        return None
    if pointer != min(former, key=lambda each: document.key_position(each).line):
        return None
    removals = [_removed_lines(document, each) for each in former]
    if None in removals:
        return None
    try:
        samples = _samples(spec)
    except (AttributeError, KeyError, TypeError):
        return None  # a key has an invalid value
    block = "".join(f"  {name}: {_flow(sample)}\n" for name, sample in samples.items())
    lines = list(StringIO(document.text, newline=""))
    start = "" if not lines or lines[-1].endswith(("\n", "\r")) else "\n"
    last = len(lines) if start else len(lines) + 1
    column = len(lines[-1]) + 1 if start else 1
    appended = Edit(last, column, last, column, f"{start}\nanswers:\n{block}")
    return Fix("write the samples under answers", (*cast("list[Edit]", removals), appended))


def _has(spec: Mapping[str, Any], pointer: Pointer) -> bool:
    value: Any = spec
    for step in pointer:
        if not isinstance(value, dict) or step not in value:
            return False
        value = value[step]
    return True


def _removed_lines(document: Document, pointer: Pointer) -> Edit | None:
    key, value = document.key_position(pointer), document.position(pointer)
    lines = list(StringIO(document.text, newline=""))
    is_alone = not lines[key.line - 1][: key.column - 1].strip()
    rest = _END_OF_LINE.fullmatch(lines[value.end_line - 1], value.end_column - 1)
    if not is_alone or rest is None or document.source(pointer)[:1] in ("&", "*"):
        return None
    return Edit(key.line, 1, value.end_line + 1, 1, "")


def _samples(spec: Mapping[str, Any]) -> dict[str, Any]:
    samples: dict[str, Any] = {}
    if base64 := spec.get("sync", {}).get("base64"):
        as_text = {"when": {base64["parameter"]: True}, "body": {base64["field"]: "{base64}"}}
        samples["sync"] = [as_text, {"media": "*/*"}]
    jobs = spec.get("async", {})
    if any(key in jobs for key in ("fields", "metrics", "media_members")):
        samples |= _samples_of_jobs(jobs)
    if "error_field" in spec:
        samples["error"] = {"body": {spec["error_field"]: "{message}"}}
    return samples


def _samples_of_jobs(jobs: Mapping[str, Any]) -> dict[str, Any]:
    names = {**_FIELDS, **jobs.get("fields", {})}
    job = {names["id"]: "{id}", names["status"]: "{state}"}
    links = {names["status_url"]: "{status_url}", names["result_url"]: "{result_url}"}
    poll = {names["poll_url"]: "{status_url}"} if "poll_url" in names else {}
    times = {member: f"{{{name}}}" for name, member in jobs.get("metrics", {}).items()}
    result = {**job, **links, names["output"]: "{output}", names["metrics"]: times}
    file = {"url": "{output}", "content_type": "{media_type}"}
    with_media: list[Any] = [
        {"when": {"{media_type}": _MEDIA_TYPES[kind]}, "body": {**result, kind: file}}
        for kind in jobs.get("media_members", ())
    ]
    return {
        "submit": {"body": {**job, **poll, **links}},
        "status": {"body": {**job, names["metrics"]: {}}},
        "result": [*with_media, {"body": result}],
        "failed": {"body": {**job, names["error"]: "{message}", names["metrics"]: times}},
    }


def _flow(value: Any) -> str:
    if isinstance(value, dict):
        members = (f"{json.dumps(key, ensure_ascii=False)}: {_flow(each)}" for key, each in value.items())
        return f"{{ {', '.join(members)} }}" if value else "{}"
    if isinstance(value, list):
        return f"[{', '.join(map(_flow, value))}]"
    return json.dumps(value, ensure_ascii=False)
