"""Texts and files that contain media.

M223 media-not-said

    The type, the name or the description of a text shows that it contains a picture, a sound, a film or a document, or the address of
    one, and the spec does not say so. With `media`, clients take files, paths and pictures for it, and kind and limits are
    checked before anything is sent. The fix writes it where nothing else can be meant.

    An address that is not content, such as that of a web site or of weights, needs no `media`. If the rule takes it for content, suppress the finding with the
    reason.

    Bad::

        parameters:
          image: { type: string, format: uri, description: Input image }

    Good::

        parameters:
          image: { type: string, format: uri, media: image, description: Input image }

M224 media-limit-not-said

    The description of content names a limit of size, pixels or seconds, and the spec has no key for it. With the key, clients check the
    limit before anything is sent, and tests and emulator know it. Advice ("ideally under 10 MB") is not a limit.

    The fix writes the key. Pages rarely tell MB from MiB: it takes the larger one, which refuses nothing that the API takes.

    Bad::

        parameters:
          image: { type: string, media: image, description: "Input image, at most 10 MB" }

    Good::

        parameters:
          image: { type: string, media: image, max_size: 10485760, description: "Input image, at most 10 MB" }
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from speccast.core.omit import OMIT
from speccast.lint.rule import (
    Fix,
    ModelContext,
    ParameterContext,
    RuleViolation,
    Severity,
    Violations,
    model_rule,
)
from speccast.pages.facts import ABSENT
from speccast.pages.media import MediaText, kinds_of, media_facts
from speccast.pages.media_limits import limits
from speccast.specs.edits import add_keys
from speccast.specs.jsonschema import MEDIA_LIMITS

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from speccast.core.parameter import Json

_SHORTEST: Final = 100
"""A text that must be shorter is a name or a word, neither an address nor content."""


@model_rule(
    "M223",
    Severity.WARNING,
    "a text that contains a picture, a sound or a film, without `media`",
    fixable="safe",
)
def media_not_said(context: ModelContext) -> Violations:
    example: Mapping[str, Json] = context.model.example or {}
    for name, parameter in context.parameters.items():
        yield from _of_parameter(parameter, name, "", example.get(name))


def _of_parameter(context: ParameterContext, name: str, description: str, sent: Json) -> Violations:
    """Yield a violation for a text without `media`, at any depth. Items and branches have the name and the description above them."""
    description = context.parameter.description or description
    for branch in context.branches:
        yield from _of_parameter(branch, name, description, sent)
    if context.item is not None:
        yield from _of_parameter(context.item, name, description, sent)
    for member in context.members.values():
        yield from _of_parameter(member, member.parameter.wire, "", None)
    parameter = context.parameter
    is_long = parameter.max_length is None or parameter.max_length >= _SHORTEST
    if parameter.type == "string" and is_long and not (parameter.media or parameter.choices):
        yield from _of_text(context, name, description, sent)


@model_rule(
    "M224",
    Severity.WARNING,
    "a limit of size, pixels or seconds that only the description of content has",
    fixable="safe",
)
def media_limit_not_said(context: ModelContext) -> Violations:
    for parameter in context.parameters.values():
        yield from _limits_of(parameter, "")


def _limits_of(context: ParameterContext, description: str) -> Violations:
    """Yield a violation for each limit of content that only the description has, at any depth."""
    description = context.parameter.description or description
    for inner in (*context.branches, *((context.item,) if context.item is not None else ())):
        yield from _limits_of(inner, description)
    for member in context.members.values():
        yield from _limits_of(member, "")
    parameter = context.parameter
    if not parameter.is_media:
        return
    kinds = parameter.media or ("image", "video", "audio", "document")
    for key, fact in limits(description, kinds, 0):
        if key in MEDIA_LIMITS and fact.is_certain and key not in context.spec:
            line = f"{key}: {_flow_text(fact.value)}"
            yield RuleViolation(
                context.value("type"),
                f"the description of `{context.label}` names a limit, and the spec has no `{key}`",
                f"write `{line}`",
                fix=add_keys(context.document, (*context.pointer, "type"), [line]),
            )


def _of_text(context: ParameterContext, name: str, description: str, sent: Json) -> Violations:
    parameter = context.parameter
    values = [*([] if parameter.default is OMIT else [parameter.default]), *parameter.examples]
    values += sent if isinstance(sent, list) else [sent]
    texts = tuple(value for value in values if isinstance(value, str))
    text = MediaText(name, description, parameter.format or "", texts)
    kinds = kinds_of(text)
    if kinds is None:
        return
    is_certain = kinds.is_certain
    possible = [kinds.value] if is_certain else [kinds.value, *kinds.readings]
    written = " or ".join(f"`media: {_flow_text(kind)}`" for kind in possible if kind is not ABSENT)
    yield RuleViolation(
        context.value("type"),
        f"`{context.label}` {'contains' if is_certain else 'probably contains'} media, and the spec does not say so",
        f"write {written}" + ("" if is_certain else ", if it is content; else suppress this"),
        fix=_fix(context, text) if is_certain else None,
    )


def _fix(context: ParameterContext, text: MediaText) -> Fix | None:
    """Write kind and forms, which belong together. Limits are left to the reader of the page."""
    keys: dict[str, Any] = {
        key: fact.value
        for key, fact in media_facts(text)
        if key in ("media", "forms") and key not in context.spec and fact.is_certain
    }
    after = "format" if "format" in context.spec else "type"
    lines = [f"{key}: {_flow_text(value)}" for key, value in keys.items()]
    return add_keys(context.document, (*context.pointer, after), lines)


def _flow_text(value: Any) -> str:
    from speccast.pages.writing import flow_text  # imports everything that reads parameters of pages

    return flow_text(value)
