"""Documentation of a model in Python: docstrings, the rows of its reference, and sample code.

Returns plain text, which `speccast.targets.python.filters` makes safe. Values are written as in Python.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from speccast.core.answers import is_placeholder
from speccast.core.omit import OMIT
from speccast.core.parameter import size_text
from speccast.specs.identity_cache import cached_by_identity
from speccast.targets.wording import (
    choices_text,
    condition_text,
    deprecation,
    describe_in,
    facts,
    json_words,
    range_text,
    sentences,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from speccast.core.answers import Event, Operation
    from speccast.core.api import Api
    from speccast.core.model import Model
    from speccast.core.parameter import Json, Parameter
    from speccast.core.places import EventPlaces
    from speccast.targets.python.declarations import Method

_TYPES = {
    "string": "str",
    "integer": "int",
    "number": "float",
    "boolean": "bool",
    "array": "list",
    "object": "dict",
}


@dataclass(frozen=True, slots=True)
class ReferenceRow:
    """A parameter, or a member of an object at any depth, in the table of a reference."""

    name: str
    is_required: bool
    type: str
    default: str
    limits: str
    meaning: str


def python_words(value: Json) -> str:
    """Return a JSON value as Python writes it: None, True, ("a", "b")."""
    if isinstance(value, list):
        items = ", ".join(map(python_words, value))
        return f"({items},)" if len(value) == 1 else f"({items})"
    if isinstance(value, dict):
        members = (f"{json_words(name)}: {python_words(member)}" for name, member in value.items())
        return "{" + ", ".join(members) + "}"
    return json_words(value) if isinstance(value, str) else repr(value)


def model_documentation(model: Model) -> str:
    """Return the docstring of a model: title, description, deprecation and source."""
    parts = [model.title.strip().rstrip(".") + "."]
    if model.description:
        parts.append(model.description)
    if model.deprecated:
        parts.append(deprecation(model))
    parts.append(f"Slug: {model.slug}. Returns: {', '.join(model.returns)}.")
    if said := facts(model):
        parts.append(said)
    if model.source and (model.source.url or model.source.document):
        read = f", read on {model.source.date}" if model.source.date else ""
        parts.append(f"Source: {model.source.url or model.source.document}{read}.")
    return "\n\n".join(parts)


def method_documentation(model: Model, method: Method, events: EventPlaces | None = None) -> str:
    """Return the docstring of a method: what it does, and each parameter with its range, default and meaning.

    `events` are those of the model's streamed responses, if it can be streamed.
    """
    title = model.title.strip().rstrip(".")
    block, awaited = ("async with", " (awaited)") if method.is_async else ("with", "")
    summary = {
        "generate": f"Call {title} and wait for the result.",
        "stream": f"Call {title} in {'an' if method.is_async else 'a'} `{block}` block, and "
        + (
            "read the text while it is written."
            if method.sets
            else "pass its output on in pieces, without keeping it."
        ),
        "submit": f"Submit a job to {title} and return at once.",
    }[method.name]
    returns = {
        "generate": f"The result: content, images, metadata, save(){awaited}.",
        "stream": f"The stream, for `{block}` and `{'async for' if method.is_async else 'for'}`, with "
        + (f"text, events(), close(){awaited}." if method.sets else f"content_type, size, save(){awaited}."),
        "submit": f"The job: wait(), status(), result(){' (all awaited)' if method.is_async else ''}.",
    }[method.name]
    refused = {} if events is None or method.name != "generate" else _asking_sentences(model, events)
    lines = [
        summary,
        "",
        "Args:",
        *_argument_lines(tuple(each for each in model.parameters if each.wire not in method.sets), refused),
        "    timeout: Seconds for each read and write.",
        "    total_timeout: Seconds for the whole call.",
        "    max_retries: How often the request may be repeated if it cannot have been accepted.",
        "    validate: False sends the parameters unchecked.",
        "    extra_headers: Headers to send in addition.",
        "    extra_body: Merged into the request last, unchecked.",
        "",
        "Returns:",
        f"    {returns}",
        "",
        "Raises:",
        "    ParameterError: a parameter is invalid; lists all violations.",
        "    APIStatusError: the API responded with an error; `errors` has a class per status.",
        "    APIConnectionError: the API could not be reached, or did not respond in time.",
    ]
    return "\n".join(lines)


def use_of_result(model: Model, *, is_job: bool) -> str:
    """Return the expression that gives what a model returns: saved files, JSON or text."""
    kind = model.returns[0]
    if not (kind.startswith("text/") or kind == "application/json"):
        return "result.save()"
    if is_job:
        return "result.output"
    return "result.json()" if kind == "application/json" else "result.text"


def answer_rows(api: Api, model: Model) -> tuple[tuple[str, str], ...]:
    """Return what the API answers to requests for a model: the request, and the sample of the spec as JSON in one line."""
    operations: list[Operation] = ["sync"] if model.is_sync and api.sync is not None else []
    if model.is_async and api.jobs is not None:
        operations += ["submit", "status", "result", "failed"]
        operations += ["cancel"] if api.jobs.cancel is not None else []
    answers = api.answers_of(model)
    names = {parameter.wire for parameter in model.parameters}
    rows: list[tuple[str, str]] = []
    for operation in (*operations, "error"):
        for answer in getattr(answers, operation):
            if not all(_can_be(name, values, names, model.returns) for name, values in answer.when):
                continue
            conditions = [f"{name}: {_join(values)}" for name, values in answer.when]
            parts = [_REQUESTS[operation], *conditions, f"status {answer.status}" if answer.status else ""]
            if answer.events:
                sample = " ".join(_format_event(event) for event in answer.events)
            elif answer.body is not OMIT:
                sample = json.dumps(answer.body, ensure_ascii=False)
            else:
                sample = f"the bytes of the file: {answer.media}" if answer.media else "nothing"
            rows.append((", ".join(filter(None, parts)), sample))
    return tuple(rows)


def _format_event(event: Event) -> str:
    data = event.data if isinstance(event.data, str) else json.dumps(event.data, ensure_ascii=False)
    return f"event: {event.event} data: {data}" if event.event else f"data: {data}"


_REQUESTS: dict[Operation, str] = {
    "sync": "blocking call",
    "submit": "submit",
    "status": "status",
    "result": "result",
    "failed": "failed job",
    "cancel": "cancel",
    "error": "error",
}


def _can_be(
    name: str, values: tuple[Json, ...], parameters: Collection[str], returns: Collection[str]
) -> bool:
    """Return whether a condition of an answer can hold for a model with these parameters and media types."""
    if name == "{media_type}":
        return any(value in returns for value in values) or any("*" in each for each in returns)
    return is_placeholder(name) or name in parameters


def _join(values: tuple[Json, ...]) -> str:
    return " or ".join(json.dumps(value, ensure_ascii=False) for value in values)


def reference_rows(model: Model, events: EventPlaces | None = None) -> tuple[ReferenceRow, ...]:
    """Return the parameters of a model and the members of nested objects, such as `messages[].content`.

    `events` are those of the model's streamed responses, if it can be streamed.
    """
    rows = tuple(_rows(model.parameters, ""))
    if events is None:
        return rows
    asking = _asking_sentences(model, events)
    return tuple(replace(row, meaning=sentences(row.meaning, asking.get(row.name, ""))) for row in rows)


def _asking_sentences(model: Model, events: EventPlaces) -> dict[str, str]:
    """Return a sentence for each parameter that asks for events: which methods set or refuse its values. By Python names."""
    names = _names(model.parameters)
    found: dict[str, str] = {}
    for wire, values in events.asks.items():
        others = [names[other] for other in events.asks if other != wire]
        together = (
            f" together with the values of {' and '.join(others)} that ask for events" if others else ""
        )
        refused = " and ".join(map(python_words, values))
        found[names[wire]] = (
            f"stream() sets it to {python_words(values[0])}; generate() refuses {refused}{together}"
        )
    return found


def upload_note(api: Api, model: Model) -> str:
    """Return when the files of a model are uploaded before the request; empty if they never are."""
    if api.upload is None or not any("url" in each.forms for each in _all_parameters(model.parameters)):
        return ""
    limit = size_text(api.upload.above)
    return (
        f"Files over {limit}, and those for parameters that take addresses only, are uploaded before the request, which then"
        " contains their addresses. Anyone who knows the address of a file may be able to read it."
    )


def media_note(model: Model) -> str:
    """Return what `MediaInput` is in the table of a reference; empty if no parameter takes content."""
    if not any(each.is_media for each in _all_parameters(model.parameters)):
        return ""
    return (
        "MediaInput: a path (Path), bytes, a binary file object, a picture of Pillow, an array of numpy, the result of an earlier"
        " call, or a text in one of the forms in the table."
    )


def _all_parameters(parameters: Iterable[Parameter]) -> Iterator[Parameter]:
    for each in parameters:
        items = (each.items,) if each.items is not None else ()
        yield each
        yield from _all_parameters((*each.properties, *each.branches, *items))


def notes(model: Model) -> tuple[tuple[str, str], ...]:
    """Return the notes of a model's parameters as (name, note), those of nested ones included."""
    return tuple(_notes(model.parameters, ""))


def _argument_lines(parameters: Sequence[Parameter], also: Mapping[str, str]) -> Iterator[str]:
    names = _names(parameters)
    for parameter in parameters:
        text = _describe(parameter, names)
        if parameter.name in also:
            text = sentences(text, also[parameter.name])
        yield f"    {parameter.name}: {text or 'No description.'}"
        yield from _member_lines(parameter, "        ")
        if parameter.renamed_from:
            yield f"    {parameter.renamed_from}: Deprecated, the former name of {parameter.name}."


def _member_lines(parameter: Parameter, margin: str) -> Iterator[str]:
    """Yield the members of a parameter's objects, or the branches of a union, as an indented list."""
    for branch in parameter.branches:
        text = member_documentation(branch)
        yield f"{margin}- {_form_words(parameter, branch)}" + (f": {text}" if text else "")
        yield from _member_lines(branch, f"{margin}  ")
    if parameter.items is not None:
        yield from _member_lines(parameter.items, margin)
    names = {member.wire: member.wire for member in parameter.properties}
    for member in parameter.properties:
        text = _describe(member, names)
        yield f"{margin}- {member.wire} ({_type_words(member)})" + (f": {text}" if text else "")
        yield from _member_lines(member, f"{margin}  ")


@cached_by_identity
def member_documentation(parameter: Parameter) -> str:
    """Return the docstring of a member of a nested object."""
    return _with_names(parameter, {})


def _describe(parameter: Parameter, names: Mapping[str, str]) -> str:
    return _with_names(parameter, names) if parameter.applies_when else member_documentation(parameter)


def _with_names(parameter: Parameter, names: Mapping[str, str]) -> str:
    items = () if parameter.items is None else _item_sentences(parameter.items)
    return sentences(describe_in(parameter, python_words, names), *items)


def _names(parameters: Sequence[Parameter]) -> dict[str, str]:
    return {parameter.wire: parameter.name for parameter in parameters}


def _walk_nested(parameter: Parameter, path: str) -> Iterator[tuple[str, Parameter]]:
    """Yield the parameter, and what it consists of but members of objects, each with its path.

    The path has `[]` for the items of an array, and `[type=text]` for an object in a union.
    """
    yield path, parameter
    if parameter.items is not None:
        yield from _walk_nested(parameter.items, f"{path}[]")
    for branch in parameter.branches:
        tag = branch.tag_value(parameter.tag)
        of_value = "" if tag is None else f"[{parameter.tag}={tag}]"
        yield from _walk_nested(branch, f"{path.removesuffix('[]')}{of_value}" if of_value else path)


def _form_words(union: Parameter, branch: Parameter) -> str:
    """Return the type of a branch, with its tag: `str`, `dict with type "text"`."""
    tag = branch.tag_value(union.tag)
    words = _type_words(branch)
    return words if tag is None else f"{words} with {union.tag} {json_words(tag)}"


def _rows(parameters: Sequence[Parameter], prefix: str) -> Iterator[ReferenceRow]:
    names = _names(parameters) if not prefix else {each.wire: each.wire for each in parameters}
    for parameter in parameters:
        name = prefix + (parameter.wire if prefix else parameter.name)
        items = parameter.items
        yield ReferenceRow(
            name,
            parameter.must_be_given,
            _type_words(parameter),
            "" if parameter.default is OMIT else python_words(parameter.default),
            "; ".join(
                text
                for text in (
                    range_text(parameter),
                    choices_text(parameter, python_words),
                    *(_branch_limits(branch) for branch in parameter.branches),
                )
                if text
            ),
            sentences(
                parameter.description,
                condition_text(parameter, python_words, names),
                *(() if items is None else _item_sentences(items)),
                *(
                    f"{_form_words(parameter, branch)}: {branch.description}"
                    for branch in parameter.branches
                    if branch.description
                ),
            ),
        )
        for path, inner in _walk_nested(parameter, ""):
            yield from _rows(inner.properties, f"{name}{path}.")


def _branch_limits(branch: Parameter) -> str:
    limits = "; ".join(filter(None, (range_text(branch), choices_text(branch, python_words))))
    return f"{_type_words(branch)}: {limits.rstrip('.')}" if limits else ""


def _item_sentences(items: Parameter) -> tuple[str, ...]:
    limits = range_text(items)
    return (
        items.description,
        f"Each item: {limits}" if limits else "",
        choices_text(items, python_words),
    )


def _type_words(parameter: Parameter) -> str:
    """Return the type as Python names it: `str`, `list of dict`, `int or None`."""
    if parameter.branches:
        words = " or ".join(dict.fromkeys(map(_type_words, parameter.branches)))
    else:
        words = "MediaInput" if parameter.is_media else _TYPES[parameter.type]
    if parameter.items is not None:
        items = _type_words(parameter.items)
        words += f" of ({items})" if parameter.items.branches and " or " in items else f" of {items}"
    return f"{words} or None" if parameter.nullable else words


def _notes(parameters: Sequence[Parameter], prefix: str) -> Iterator[tuple[str, str]]:
    for parameter in parameters:
        name = prefix + (parameter.wire if prefix else parameter.name)
        nested = list(_walk_nested(parameter, ""))
        for note in dict.fromkeys(filter(None, (inner.note for _, inner in nested))):
            yield name, note
        for path, inner in nested:
            yield from _notes(inner.properties, f"{name}{path}.")
