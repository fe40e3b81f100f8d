"""The example request of a model, for its generated tests and its documentation."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from speccast.core.answers import placeholders_in
from speccast.core.omit import OMIT, Omit
from speccast.core.values import is_equal
from speccast.samples.examples import base64_parameter, example_refusal, with_example
from speccast.samples.size import expand, size
from speccast.samples.values import is_valid, minimal_object, sample
from speccast.targets.python.names import python_model

if TYPE_CHECKING:
    from collections.abc import Mapping

    from speccast.core.api import Api
    from speccast.core.model import Model
    from speccast.core.parameter import Json, Parameter

_LONGEST_SAMPLE = 200
"""Characters of the longest value in sample code that is made from limits."""
_LARGEST_SAMPLE = 10_000
"""Its size before it is written out; see `samples.size`."""
_MOST_ITEMS = 10
"""Items of the longest array that is made up."""


@dataclass(frozen=True, slots=True)
class ExampleRequest:
    """A valid request. `keywords`, by name in Python, are the page's own example; None if the page has no valid one.

    `has_files` says that files are required, which the example cannot contain.
    """

    keywords: Mapping[str, Json] | None = field(hash=False)
    returns_images: bool
    base64_name: str | None
    has_files: bool


def page_example(api: Api, model: Model) -> Mapping[str, Json] | None:
    """Return the page's own request by wire names; None if it has no valid one.

    Parameters that ask for events are left out: other methods than `stream` do not take them.
    """
    if model.example is None or example_refusal(model) is not None:
        return None
    events = api.event_places(model)
    asked = {} if events is None else events.asks
    return {
        name: value
        for name, value in model.example.items()
        if not any(is_equal(value, each) for each in asked.get(name, ()))
    }


def required_files(model: Model) -> tuple[Parameter, ...]:
    """Return the parameters that are required files, or lists of them."""
    return tuple(
        parameter
        for parameter in model.parameters
        if parameter.required and (parameter.items or parameter).type == "file"
    )


def sample_path(parameter: Parameter) -> str:
    """Return the name of a file that a parameter, or each item of a list, could take, for sample code."""
    content = parameter.items or parameter
    subtype = content.media_types[0].partition("/")[2] if content.media_types else "*"
    usual = {"image": "png", "video": "mp4", "audio": "mp3", "document": "pdf"}
    of_kind = usual[content.media[0]] if content.media else "png"
    extension = {"jpeg": "jpg", "mpeg": "mp3", "plain": "txt", "*": of_kind}.get(subtype, subtype)
    stem = "".join(letter for letter in parameter.name if letter.isalnum()) or "file"
    return f"{stem}.{extension}" if extension.isalnum() else stem


def sample_value(parameter: Parameter) -> Json:
    """Return what sample code passes for a required parameter: "…" for text and for files, else a valid value."""
    if known := (*parameter.examples, *parameter.choices):
        return known[0]
    value = _make_up(parameter)
    if (parameter.items or parameter).is_media or is_valid(parameter, value):
        return value
    valid = sample(parameter)
    if isinstance(valid, Omit) or size(valid) > _LARGEST_SAMPLE:  # a limit can be billions
        return value
    written = expand(valid)
    return written if len(json.dumps(written, default=str)) <= _LONGEST_SAMPLE else value


def _make_up(parameter: Parameter) -> Json:
    """Return a value of the type of a parameter, with the required members of objects."""
    if parameter.branches:
        return sample_value(parameter.branches[0])
    match parameter.type:
        case "boolean":
            return True
        case "integer" | "number":
            return 1
        case "array" if parameter.items is not None and not parameter.items.is_media:
            # More are a matter of `sample`, which knows how large a value may be.
            return [sample_value(parameter.items)] * min(max(parameter.min_items or 1, 1), _MOST_ITEMS)
        case "object":
            return {each.wire: sample_value(each) for each in parameter.properties if each.must_be_given}
        case _:
            return "…"


def example_request(api: Api, model: Model) -> ExampleRequest | None:
    """Return what the tests of a model send; None if no valid request is known."""
    minimal = minimal_object(with_example(model).parameters)
    if minimal is None:
        return None
    names = {parameter.wire: parameter.name for parameter in python_model(model).parameters}
    example = page_example(api, model)
    keywords = None if example is None else {names[wire]: value for wire, value in example.items()}
    returns_images = model.returns[0].startswith("image/") and _is_inline(
        api, model, minimal if example is None else example
    )
    base64 = names.get(base64_parameter(api, model) or "") if returns_images else None
    return ExampleRequest(keywords, returns_images, base64, bool(required_files(model)))


def _is_inline(api: Api, model: Model, request: Mapping[str, Json]) -> bool:
    """Return whether the response to a blocking call contains the output, not its address."""
    defaults = {each.wire: each.default for each in model.parameters if each.default is not OMIT}
    answer = api.answers_of(model).for_parameters({**defaults, **request}).sync[0]
    return answer.media is not None or "base64" in {name for _, name, _ in placeholders_in(answer.body)}
