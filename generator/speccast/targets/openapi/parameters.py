"""The JSON Schema of a request body with the annotations of the page."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from speccast.core.check import branch_of, member_mismatches, mismatches
from speccast.core.omit import OMIT
from speccast.core.parameter import size_text
from speccast.specs.identity_cache import cached_by_identity
from speccast.targets.openapi.media import content_limits, text_schema
from speccast.targets.wording import condition_text, json_words

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from speccast.core.model import Model
    from speccast.core.parameter import Json, Parameter

EXACT = 2**53
"""Integers below this limit are exact in every language, so integral floats are written as integers."""


def parameters_schema(model: Model) -> dict[str, Any]:
    """Return the schema of a model's request body: `model.schema` with annotations."""
    return _annotate_members(model.schema, model.parameters)


def request_example(model: Model) -> dict[str, Json] | None:
    """Return the request of the page with the defaults that a client sends; None if the model or a tool rejects it."""
    if model.example is None:
        return None
    added = {
        parameter.wire: parameter.default
        for parameter in model.parameters
        if parameter.is_sent_by_default and parameter.default is not OMIT
    }
    example = {**added, **model.example}
    judged = tuple(_without_default(parameter) for parameter in model.parameters)
    if any(member_mismatches(judged, example)) or not _are_exact(example, model.parameters):
        return None
    return example


def as_json_numbers(value: Any) -> Any:
    """Return the value with every integral float as an integer, which is how JSON is usually written."""
    if isinstance(value, dict):
        # Unchanged parts are not copied: thousands of models would take twice the memory.
        changed = {
            name: made for name, member in value.items() if (made := as_json_numbers(member)) is not member
        }
        return {**value, **changed} if changed else value
    if isinstance(value, list):
        items = [as_json_numbers(item) for item in value]
        return items if any(made is not item for made, item in zip(items, value, strict=True)) else value
    if isinstance(value, float):
        return int(value) if value.is_integer() and abs(value) < EXACT else value
    return value


def _annotate_members(schema: Mapping[str, Any], members: Sequence[Parameter]) -> dict[str, Any]:
    properties = schema["properties"]
    annotated = {member.wire: _annotate(properties[member.wire], member) for member in members}
    return {**schema, "properties": annotated}


def _annotate(schema: Mapping[str, Any], parameter: Parameter) -> dict[str, Any]:
    """Return the schema with the description, default, examples and format of the parameter.

    Some pages have invalid defaults or examples. They are left out, since tools send them; the description mentions such a
    default.
    """
    annotated: dict[str, Any] = dict(schema)
    if parameter.type == "file":
        annotated = {"type": "string", "format": "binary"}
    if parameter.is_media:
        annotated = text_schema(annotated, parameter) if parameter.forms else annotated
        annotated |= content_limits(parameter)
    if parameter.items is not None and "items" in schema:
        annotated["items"] = _annotate(schema["items"], parameter.items)
    if parameter.branches:
        pairs = zip(schema["anyOf"], parameter.branches, strict=True)
        annotated["anyOf"] = [_annotate(branch, form) for branch, form in pairs]
    if parameter.properties:
        annotated = _annotate_members(annotated, parameter.properties)
    return annotated | _annotations(parameter)


@cached_by_identity
def _annotations(parameter: Parameter) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if parameter.format is not None and not parameter.is_media:
        # Not as `format`, which many tools check or convert by; the API does neither.
        found["x-format"] = parameter.format
    if described := _description(parameter):
        found["description"] = described
    if parameter.default is not OMIT and _takes(parameter, parameter.default):
        found["default"] = parameter.default
    if examples := [value for value in parameter.examples if _takes(parameter, value)]:
        found["examples"] = examples
    return found


def _description(parameter: Parameter) -> str:
    sentences = [parameter.description]
    sentences += _limits(parameter)
    if parameter.format is not None and not parameter.is_media:
        sentences.append(f"Format: {parameter.format}")
    sentences.append(condition_text(parameter))
    if parameter.takes_text:
        sentences.append(
            f"Also as text, such as {json_words('true' if parameter.type == 'boolean' else '2')}"
        )
    if parameter.hidden_values:
        sentences.append(f"Values that are not listed: {parameter.hidden_values} more")
    if parameter.default is not OMIT and not _takes(parameter, parameter.default):
        sentences.append(f"The documented default is {json_words(parameter.default)}")
    return " ".join(_sentence(sentence) for sentence in sentences if sentence.strip())


def _limits(parameter: Parameter) -> Iterator[str]:
    """Yield the limits of content in words, since JSON Schema has no keywords for them."""
    size = "" if parameter.max_size is None else f"at most {size_text(parameter.max_size)}"
    for words in (parameter.content, size, parameter.pixels, parameter.seconds):
        if words:
            yield words[0].upper() + words[1:]


def _sentence(text: str) -> str:
    text = text.strip()
    return text if text.endswith((".", "!", "?")) else f"{text}."


@cached_by_identity
def _without_default(parameter: Parameter) -> Parameter:
    """Return the parameter without defaults, since a server does not complete required parameters."""
    return replace(
        parameter,
        default=OMIT,
        items=_without_default(parameter.items) if parameter.items is not None else None,
        properties=tuple(map(_without_default, parameter.properties)),
        branches=tuple(map(_without_default, parameter.branches)),
    )


def _takes(parameter: Parameter, value: Json) -> bool:
    return not any(mismatches(parameter, value)) and _is_exact(value, parameter)


def _is_exact(value: Json, parameter: Parameter) -> bool:
    """Return whether tools that divide binary fractions find a valid value valid: 0.3 is not a multiple of 0.05 to them."""
    parameter = branch_of(parameter, value) or parameter
    if isinstance(value, list) and parameter.items is not None:
        return all(_is_exact(item, parameter.items) for item in value)
    if isinstance(value, dict):
        return _are_exact(value, parameter.properties)
    if parameter.multiple_of is None or not isinstance(value, int | float):
        return True
    try:
        return float(value / parameter.multiple_of).is_integer()
    except OverflowError:  # too large for a float
        return False


def _are_exact(values: Mapping[str, Json], members: Sequence[Parameter]) -> bool:
    return all(_is_exact(values[member.wire], member) for member in members if member.wire in values)
