"""The example request of a model's page, as a source of sample values."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from speccast.core.answers import choose, placeholders_in
from speccast.core.check import branch_of, member_mismatches
from speccast.core.media import bare
from speccast.core.omit import OMIT
from speccast.core.places import in_words

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from speccast.core.api import Api
    from speccast.core.check import Mismatch
    from speccast.core.model import Model
    from speccast.core.parameter import Json, Parameter


def example_refusal(model: Model) -> str | None:
    """Return why the parameters of a model refuse the example of its page, or None if they accept it or there is none."""
    for mismatch in example_mismatches(model.parameters, model.example):
        place = in_words(mismatch.pointer) if mismatch.pointer else "it"
        return f"the parameters refuse the page's example: {place} violates `{mismatch.keyword}`"
    return None


def example_mismatches(
    parameters: tuple[Parameter, ...], example: Mapping[str, Json] | None
) -> Iterator[Mismatch]:
    """Yield why parameters refuse an example, if there is one. It need not contain required files, which a spec cannot hold."""
    for mismatch in member_mismatches(parameters, example) if example is not None else ():
        is_file = mismatch.parameter is not None and "file" in (
            mismatch.parameter.type,
            mismatch.parameter.items.type if mismatch.parameter.items is not None else "",
        )
        if not (mismatch.keyword == "required" and is_file and not mismatch.pointer):
            yield mismatch


def with_example(model: Model) -> Model:
    """Return the model with the values of its example added to the examples of its parameters."""
    example = model.example or {}
    return replace(
        model,
        parameters=tuple(
            _with_examples(parameter, [example[parameter.wire]] if parameter.wire in example else [])
            for parameter in model.parameters
        ),
    )


def _with_examples(parameter: Parameter, values: list[Json]) -> Parameter:
    if not values:
        return parameter
    if parameter.branches:
        return replace(
            parameter,
            examples=(*parameter.examples, *values),
            branches=tuple(
                _with_examples(branch, [value for value in values if branch_of(parameter, value) is branch])
                for branch in parameter.branches
            ),
        )
    objects = [value for value in values if isinstance(value, dict)]
    items = [item for value in values if isinstance(value, list) for item in value]
    return replace(
        parameter,
        examples=(*parameter.examples, *values),
        items=_with_examples(parameter.items, items) if parameter.items is not None else None,
        properties=tuple(
            _with_examples(member, [value[member.wire] for value in objects if member.wire in value])
            for member in parameter.properties
        ),
    )


def content_types(api: Api, model: Model) -> tuple[str, ...]:
    """Return the media types of the response to a blocking call with the example of the page, by the names that clients use."""
    defaults = {each.wire: each.default for each in model.parameters if each.default is not OMIT}
    answer = choose(api.answers_of(model).for_parameters({**defaults, **(model.example or {})}).sync, {})
    return tuple(dict.fromkeys(map(bare, model.returns))) if answer.body is OMIT else ("application/json",)


def base64_parameter(api: Api, model: Model) -> str | None:
    """Return the wire name of the boolean parameter that asks for base64 in JSON, if the model has one."""
    names = {parameter.wire for parameter in model.parameters if parameter.type == "boolean"}
    for answer in api.answers_of(model).sync:
        if any(name == "base64" for _, name, _ in placeholders_in(answer.body)) and len(answer.when) == 1:
            [(name, values)] = answer.when
            if name in names and values == (True,):
                return name
    return None
