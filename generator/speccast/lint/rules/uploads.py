"""`upload`: the request with which an API takes a file before a call.

A141 upload-placeholder-invalid

    A placeholder in the body of an upload or in its answer must be one that has a value there. Those of the content and
    of addresses are whole texts, because the client sends or reads the whole text. `{file}` is a part of a form.

    Bad::

        # api.yaml
        upload:
          url: /v1/files
          encoding: multipart
          body: { content: "{file}", name: "{title}" }
          answer: { body: { urls: { get: "{url}" } } }

    Good::

        # api.yaml
        upload:
          url: /v1/files
          encoding: multipart
          body: { content: "{file}", name: "{name}" }
          answer: { body: { urls: { get: "{url}" } } }

A142 upload-incomplete

    The file must be in the body, or the answer must say where it is sent: at `{put_url}` or `{post_url}`. The answer must contain
    `{url}`, which requests then contain instead of the file.

    Bad::

        # api.yaml
        upload:
          url: /v1/files
          body: { file_name: "{name}" }
          answer: { body: { file_url: "{url}" } }

    Good::

        # api.yaml
        upload:
          url: /v1/files
          body: { file_name: "{name}" }
          answer: { body: { upload_url: "{put_url}", file_url: "{url}" } }
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from speccast.core.answers import parse_text
from speccast.core.suggestions import closest
from speccast.core.upload_surface import ADDRESSES, CONTENTS, DESCRIPTIONS
from speccast.lint.rule import ApiContext, RuleViolation, Severity, Violations, api_rule
from speccast.specs.problems import shorten_value

if TYPE_CHECKING:
    from collections.abc import Iterator

    from speccast.core.check import Pointer

_KNOWN: Final = {
    "body": (*CONTENTS, *DESCRIPTIONS),
    "answer": (*ADDRESSES, *DESCRIPTIONS, "id", "now", "unix"),
}
_WHOLE: Final = frozenset({*CONTENTS, *ADDRESSES})


class _Found(NamedTuple):
    """A placeholder of an upload: where it is, its name, and whether it is the whole text."""

    pointer: Pointer
    name: str
    is_whole: bool


def _placeholders(value: Any, pointer: Pointer) -> Iterator[_Found]:
    if isinstance(value, str):
        parts = parse_text(value)
        for part in parts:
            if part.name:
                yield _Found(pointer, part.name, len(parts) == 1)
    elif isinstance(value, dict):
        for name, member in value.items():
            yield from _placeholders(member, (*pointer, name))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _placeholders(item, (*pointer, index))


def _of_upload(context: ApiContext, side: str) -> list[_Found]:
    upload: Any = context.spec.get("upload", {})
    if side == "answer":
        return list(_placeholders(upload["answer"]["body"], ("upload", "answer", "body"))) if upload else []
    return list(_placeholders(upload.get("body"), ("upload", "body")))


@api_rule("A141", Severity.ERROR, "a placeholder of an upload that has no value", needed=True)
def upload_placeholder_invalid(context: ApiContext) -> Violations:
    encoding = context.spec.get("upload", {}).get("encoding", "json")
    for side, known in _KNOWN.items():
        for found in _of_upload(context, side):
            place = context.value(*found.pointer)
            if found.name not in known:
                similar = closest(found.name, known)
                names = ", ".join(f"{{{each}}}" for each in known)
                hint = f"did you mean {{{similar}}}?" if similar else f"the placeholders here are {names}"
                message = f"{{{shorten_value(found.name)}}} is not a placeholder in the {side} of an upload"
                yield RuleViolation(place, message, hint)
            elif found.name in _WHOLE and not found.is_whole:
                message = f"{{{found.name}}} is only a part of this text"
                yield RuleViolation(place, message, f'write "{{{found.name}}}" alone')
            elif found.name == "file" and encoding == "json":
                message = "{file} is a part of a form, but this body is JSON"
                yield RuleViolation(
                    place, message, "write {data_uri} or {base64}, or add `encoding: multipart`"
                )


@api_rule("A142", Severity.ERROR, "an upload without the file or its address", needed=True)
def upload_incomplete(context: ApiContext) -> Violations:
    upload = context.spec.get("upload")
    if upload is None:
        return
    contents = [found for found in _of_upload(context, "body") if found.name in CONTENTS]
    addresses = {found.name: found for found in _of_upload(context, "answer") if found.name in ADDRESSES}
    targets = [found for name, found in addresses.items() if name in ("put_url", "post_url")]
    is_binary = upload.get("encoding") == "binary"
    if "url" not in addresses:
        yield RuleViolation(
            context.key("upload", "answer"),
            "the answer of the upload contains no {url}",
            'write it where the page shows the address of the file, such as `url: "{url}"`',
        )
    if is_binary and "body" in upload:
        yield RuleViolation(
            context.key("upload", "body"), "a binary body is the file itself", "remove `body` or `encoding`"
        )
    elif targets and (is_binary or contents):
        yield RuleViolation(
            context.value(*targets[0].pointer),
            f"the body contains the file, but {{{targets[0].name}}} is where it is sent afterwards",
            "remove one of the two",
        )
    elif not targets and not is_binary and not contents:
        yield RuleViolation(
            context.key("upload"),
            "neither the body of the upload contains the file nor does the answer say where it is sent",
            "write {data_uri}, {base64} or {file} in `body`, or {put_url} or {post_url} in `answer`",
        )
    if len(targets) > 1:
        yield RuleViolation(
            context.value(*targets[1].pointer),
            f"the file is sent to {{{targets[0].name}}} already",
            "remove one of the two",
        )
    if "fields" in addresses and "post_url" not in addresses:
        yield RuleViolation(
            context.value(*addresses["fields"].pointer),
            "{fields} are those of a form, but there is no {post_url} for it",
            "write {post_url} where the page shows the address of the form",
        )
