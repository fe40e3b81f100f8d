"""`answers`: the samples of what the API answers.

A121 placeholder-unknown

    A placeholder must be one of the format's, and one that has a value in that operation. Others would never be filled in.

    Bad::

        # api.yaml
        answers:
          error: { body: { error: "{mesage}" } }

    Good::

        # api.yaml
        answers:
          error: { body: { error: "{message}" } }

A122 answer-without-id

    The client continues with the id in the answer to a submit, so it must be there as a whole text.

    Bad::

        # api.yaml
        answers:
          submit: { body: { status: "{state}" } }

    Good::

        # api.yaml
        answers:
          submit: { body: { task: "{id}", status: "{state}" } }

A123 placeholder-repeated

    The client reads a value from one place of an answer, the first one. A second one is only expected for addresses, ids,
    outputs, times, seeds and the slug, which some APIs repeat.

    Bad::

        # api.yaml
        answers:
          failed: { body: { error: "{message}", detail: { text: "{message}" } } }

    Good::

        # api.yaml
        answers:
          failed: { body: { error: "{message}" } }

A124 answer-unreachable

    The first answer whose conditions hold is used. One without `when` always holds, so it must be the last one.

    Bad::

        # api.yaml
        answers:
          sync:
            - { media: "*/*" }
            - { when: { base64: true }, body: { image: "{base64}" } }

    Good::

        # api.yaml
        answers:
          sync:
            - { when: { base64: true }, body: { image: "{base64}" } }
            - { media: "*/*" }

A125 events-misplaced

    Server-sent events are an answer to a blocking call that asks for them by a parameter. Exactly one of them has `{text}`
    as a whole text: it is sent once for each piece.

    Bad::

        # api.yaml
        answers:
          sync:
            - { when: { stream: true }, events: [{ data: "[DONE]" }] }
            - { body: { said: "{text}" } }

    Good::

        # api.yaml
        answers:
          sync:
            - { when: { stream: true }, events: [{ data: { piece: "{text}" } }, { data: "[DONE]" }] }
            - { body: { said: "{text}" } }

M221 condition-never-holds

    A condition of an answer names a parameter of the model and values that the parameter accepts, or a placeholder in
    braces.

    Bad::

        # flux.yaml
        answers:
          sync: [{ when: { inline: true }, body: { image: "{base64}" } }, { media: "*/*" }]
        parameters:
          prompt: { type: string }

    Good::

        # flux.yaml
        answers:
          sync: [{ when: { inline: true }, body: { image: "{base64}" } }, { media: "*/*" }]
        parameters:
          inline: { type: boolean }

M222 answer-contradicts-returns

    What an answer contains must fit `returns`: `{text}` is text, `{base64}` a file.

    Bad::

        # flux.yaml
        returns: [image/png]
        answers: { sync: { body: { content: "{text}" } } }

    Good::

        # flux.yaml
        returns: [image/png]
        answers: { sync: { body: { image: "{base64}" } } }
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final, cast

from speccast.core.answers import OUTPUTS, PLACEHOLDERS, is_placeholder, placeholders_in
from speccast.core.check import mismatches
from speccast.core.places import METRICS, in_words
from speccast.core.suggestions import closest
from speccast.lint.rule import (
    Document,
    Location,
    ModelContext,
    RuleViolation,
    Severity,
    Violations,
    document_rule,
    model_rule,
)
from speccast.specs.problems import shorten_value
from speccast.specs.wording import format_value

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from speccast.core.check import Pointer

_ALWAYS: Final = ("slug", "now", "unix")
_JOB: Final = ("id", "state", "status_url", "result_url", "cancel_url")
_OUTPUT: Final = (*OUTPUTS, *METRICS, "seed", "media_type")
_AVAILABLE: Final[Mapping[str, frozenset[str]]] = {
    operation: frozenset((*_ALWAYS, *names))
    for operation, names in {
        "sync": ("id", *_OUTPUT),
        "submit": (*_JOB, *METRICS, "seed", "media_type"),
        "status": (*_JOB, *_OUTPUT, "message"),
        "result": (*_JOB, *_OUTPUT),
        "cancel": (*_JOB, *METRICS, "message"),
        "failed": (*_JOB, *METRICS, "seed", "message"),
        "error": ("id", "message", "parameter", "status", "title"),
    }.items()
}
"""The placeholders that have a value in each operation."""

_OF_EVENTS: Final = frozenset((*_ALWAYS, *METRICS, "id", "text", "seed", "media_type"))
"""The placeholders that have a value in an event."""

_REPEATED: Final = frozenset(
    {"id", "output", "seed", "slug", "now", "unix", "media_type", "status_url", "result_url", "cancel_url"}
)
"""Placeholders that an answer may have twice."""


def _answers(document: Document) -> Iterator[tuple[str, Pointer, Mapping[str, Any]]]:
    """Yield the operation, the pointer and the value of each answer of a file."""
    value = document.value
    given = cast("Mapping[str, Any]", value.get("answers", {}) if isinstance(value, dict) else {})
    for operation, answers in given.items():
        if isinstance(answers, list):
            for index, answer in enumerate(answers):
                yield operation, ("answers", operation, index), answer
        else:
            yield operation, ("answers", operation), answers


def _texts(answer: Mapping[str, Any]) -> Iterator[tuple[Pointer, str, bool]]:
    """Yield the pointer within an answer, the name of each placeholder, and whether it is a whole text."""
    for index, event in enumerate(answer.get("events", ())):
        for path, name, is_whole in placeholders_in(event["data"]):
            yield ("events", index, "data", *_pointer(event["data"], path)), name, is_whole
    for key in ("headers", "body"):
        for path, name, is_whole in placeholders_in(answer.get(key)):
            yield (key, *_pointer(answer[key], path)), name, is_whole


def _pointer(value: Any, path: tuple[str | int | None, ...]) -> Pointer:
    """Return the pointer of a path. The first item that contains an output represents all items of a list."""
    pointer: list[str | int] = []
    for step in path:
        place = step
        if place is None:
            place = next(
                index
                for index, item in enumerate(value)
                if any(name in OUTPUTS for _, name, _ in placeholders_in(item))
            )
        pointer.append(place)
        value = value[place]
    return tuple(pointer)


@document_rule("A121", Severity.ERROR, "a placeholder that has no value in its answer")
def placeholder_unknown(document: Document) -> Violations:
    for operation, pointer, answer in _answers(document):
        for inner, name, _ in _texts(answer):
            available = _OF_EVENTS if inner[0] == "events" else _AVAILABLE[operation]
            if name in available:
                continue
            place = Location(document, (*pointer, *inner))
            if name in PLACEHOLDERS:
                subject = "event" if inner[0] == "events" else "answer"
                message = f"{{{name}}} has no value in an {subject} of `{operation}`"
                known = ", ".join(f"{{{each}}}" for each in sorted(available))
                yield RuleViolation(place, message, f"the placeholders here are {known}")
                continue
            similar = closest(name, sorted(available))
            hint = f"did you mean {{{similar}}}?" if similar else "if it is meant as text, double the braces"
            yield RuleViolation(place, f"{{{shorten_value(name)}}} is not a placeholder", hint)


@document_rule("A122", Severity.ERROR, "an answer to a submit without the id of the job")
def answer_without_id(document: Document) -> Violations:
    for operation, pointer, answer in _answers(document):
        if operation == "submit" and not any(
            name == "id" and is_whole and inner[0] == "body" for inner, name, is_whole in _texts(answer)
        ):
            yield RuleViolation(
                Location(document, pointer, on_key=isinstance(pointer[-1], str)),
                "the answer to a submit contains no {id}",
                'write it where the page shows the id of the job, such as `id: "{id}"`',
            )


@document_rule("A123", Severity.WARNING, "a placeholder at two places of an answer")
def placeholder_repeated(document: Document) -> Violations:
    for _, pointer, answer in _answers(document):
        first: dict[str, Pointer] = {}
        for inner, name, is_whole in _texts(answer):
            if not is_whole or name in _REPEATED or inner[0] != "body":
                continue
            before = first.setdefault(name, inner)
            if before != inner:
                yield RuleViolation(
                    Location(document, (*pointer, *inner)),
                    f"{{{name}}} is already in {in_words(before[1:])}, where the client reads it",
                    "write the sample's text instead of one of the two",
                    related=((Location(document, (*pointer, *before)), "the first one is here"),),
                )


@document_rule("A124", Severity.ERROR, "an answer that hides those after it")
def answer_unreachable(document: Document) -> Violations:
    found = list(_answers(document))
    for (operation, pointer, answer), (following, *_) in pairwise(found):
        if operation == following and "when" not in answer:
            yield RuleViolation(
                Location(document, pointer),
                f"this answer of `{operation}` has no `when`, so those after it are never used",
                "add its conditions, or move it to the end",
            )


@document_rule("A125", Severity.ERROR, "events without a condition or without a place for the text")
def events_misplaced(document: Document) -> Violations:
    found = list(_answers(document))
    for operation, pointer, answer in found:
        if "events" not in answer:
            continue
        place = Location(document, (*pointer, "events"), on_key=True)
        others = [each for name, _, each in found if name == operation and "events" not in each]
        names = (inner for inner, name, is_whole in _texts(answer) if name == "text" and is_whole)
        texts = {inner[:2] for inner in names if inner[0] == "events"}
        if operation != "sync":
            message = f"an answer of `{operation}` cannot be streamed"
            yield RuleViolation(place, message, "write the `body` that the page shows")
        elif "body" in answer or "media" in answer:
            other = "body" if "body" in answer else "media"
            yield RuleViolation(
                place, f"an answer with `{other}` has no events", "write two answers: one of them with `when`"
            )
        elif not answer.get("when") or any(map(is_placeholder, answer["when"])) or not others:
            yield RuleViolation(
                place,
                "the spec does not say when the answer is streamed, or what it is otherwise",
                "add `when: {parameter: value}`, and an answer for blocking calls",
            )
        elif len(texts) != 1:
            yield RuleViolation(
                place,
                f"{len(texts) or 'none'} of the events {'have' if len(texts) > 1 else 'has'} {{text}} as a whole text",
                "write {text} in the data of the event that is sent for each piece of the text, and only there",
            )


@model_rule("M221", Severity.ERROR, "an answer whose conditions never hold")
def condition_never_holds(context: ModelContext) -> Violations:
    parameters = {each.wire: each for each in context.model.parameters}
    for _, pointer, answer in _answers(context.document):
        for name, values in answer.get("when", {}).items():
            place = Location(context.document, (*pointer, "when", name), on_key=True)
            if is_placeholder(name):
                continue
            parameter = parameters.get(name)
            if parameter is None:
                similar = closest(name, sorted(parameters))
                hint = (
                    f"did you mean `{similar}`?"
                    if similar
                    else 'name a parameter, or a placeholder such as "{state}"'
                )
                yield RuleViolation(place, f"the model has no parameter `{shorten_value(name)}`", hint)
                continue
            for value in values if isinstance(values, list) else [values]:
                if any(mismatches(parameter, value)):
                    yield RuleViolation(
                        place,
                        f"`{shorten_value(name)}` cannot be {format_value(value)}, so the condition never holds",
                        "write a value that the parameter accepts",
                    )


@model_rule("M222", Severity.WARNING, "an answer that contradicts `returns`")
def answer_contradicts_returns(context: ModelContext) -> Violations:
    returns = context.spec["returns"]
    are_texts = [each.startswith("text/") or each.partition(";")[0].endswith("json") for each in returns]
    refused = "base64" if all(are_texts) else ""
    if not any(are_texts) and "*/*" not in returns:
        refused = "text"
    for _, pointer, answer in _answers(context.document):
        for inner, name, _ in _texts(answer):
            if name == refused:
                yield RuleViolation(
                    Location(context.document, (*pointer, *inner)),
                    f"the answer contains {{{name}}}, but the model returns {', '.join(returns)}",
                    "correct the placeholder or `returns`",
                )
