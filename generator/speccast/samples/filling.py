"""Samples of answers with values in place of their placeholders."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from speccast.core.answers import is_repeated, parse_text
from speccast.core.omit import OMIT, Omit

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from speccast.core.answers import Answer
    from speccast.core.parameter import Json


def fill(sample: Json | Omit, values: Mapping[str, Any], outputs: Sequence[Mapping[str, Any]] = ()) -> Any:
    """Return the JSON of a sample with values in place of its placeholders; None for no body.

    A placeholder that is a whole text becomes the value itself. A member whose placeholder has no value is left out. An
    item of a list that contains a placeholder of an output is repeated for each of the `outputs`, which have values for
    such placeholders. Outside of lists the placeholder of an output is the only output, or a list of them.
    """
    if sample is OMIT:
        return None
    together: dict[str, Any] = {**values}
    for name in {name: None for output in outputs for name in output}:
        each = [output[name] for output in outputs if name in output]
        together[name] = each if len(each) > 1 else each[0]
    filled = _fill(sample, together, [{**values, **output} for output in outputs])
    return None if filled is OMIT else filled


def fill_headers(answer: Answer, values: Mapping[str, Any]) -> dict[str, str]:
    """Return the headers of an answer with values in place of placeholders; those without a value are left out."""
    filled = {name: _fill_text(text, values) for name, text in answer.headers.items()}
    return {name: str(value) for name, value in filled.items() if value is not OMIT and value is not None}


def _fill(sample: Json | Omit, together: Mapping[str, Any], each: Sequence[Mapping[str, Any]]) -> Any:
    if isinstance(sample, str):
        return _fill_text(sample, together)
    if isinstance(sample, dict):
        members = {name: _fill(value, together, each) for name, value in sample.items()}
        return {name: value for name, value in members.items() if value is not OMIT}
    if isinstance(sample, list):
        items: list[Any] = []
        for item in sample:
            if is_repeated(item):
                items += (_fill(item, values, [values]) for values in each)
            else:
                items.append(_fill(item, together, each))
        return [None if item is OMIT else item for item in items]
    return sample


def _fill_text(text: str, values: Mapping[str, Any]) -> Any:
    parts = parse_text(text)
    if len(parts) == 1 and parts[0].name:
        return values.get(parts[0].name, OMIT)
    if any(part.name and part.name not in values for part in parts):
        return OMIT
    return "".join(str(values[part.name]) if part.name else part.text for part in parts)
