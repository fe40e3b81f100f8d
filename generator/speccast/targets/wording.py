"""English that any target can use in documentation: types, limits and meaning of a parameter, and a model's deprecation.

Returns plain text; a filter of the target makes it safe.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from speccast.core.omit import OMIT

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from speccast.core.model import Model
    from speccast.core.parameter import Json, Parameter

    Words = Callable[[Json], str]

_encode = json.JSONEncoder(ensure_ascii=False).encode  # `json.dumps` would construct an encoder for each call


def deprecation(model: Model) -> str:
    """Return a sentence that says since when a model is deprecated, or an empty text."""
    if model.deprecated is None:
        return ""
    instead = f"; use {model.deprecated.replaced_by}" if model.deprecated.replaced_by else ""
    return f"{model.slug} is deprecated since {model.deprecated.since}{instead}."


def facts(model: Model) -> str:
    """Return what a page says of price, latency and waiting, in sentences; an empty text if it says nothing."""
    found = [f"Price: {model.price}."] if model.price else []
    found += [f"Latency: {model.latency}."] if model.latency else []
    found += [f"Deadline of a job: {model.deadline:g} s."] if model.deadline is not None else []
    found += [f"Interval between polls: {model.interval:g} s."] if model.interval is not None else []
    return " ".join(found)


def type_text(parameter: Parameter) -> str:
    """Return the JSON type in words: `integer`, `array of objects`, `string or null`."""
    if parameter.branches:
        kinds = dict.fromkeys(map(type_text, parameter.branches))
        return " or ".join([*kinds, *(["null"] if parameter.nullable else [])])
    if parameter.items is None:
        return f"{parameter.type} or null" if parameter.nullable else parameter.type
    text = f"array of {_types_text(parameter.items)}"
    return f"{text}, or null" if parameter.nullable else text


def _types_text(items: Parameter) -> str:
    of = f" of {_types_text(items.items)}" if items.items is not None else ""
    if items.branches:
        return " or ".join(dict.fromkeys(map(_types_text, items.branches))) + (
            " or nulls" if items.nullable else ""
        )
    return f"{items.type}s{of}" + (" or nulls" if items.nullable else "")


def limits(parameter: Parameter) -> str:
    """Return the range and the choices in words, for a table cell."""
    return "; ".join(text for text in (range_text(parameter), choices_text(parameter)) if text)


def meaning(parameter: Parameter) -> str:
    """Return the description and the conditions in words, for a table cell."""
    return sentences(parameter.description, condition_text(parameter))


def json_words(value: Json) -> str:
    """Return a value as compact JSON for readers."""
    return _encode(value)


def describe(parameter: Parameter) -> str:
    """Return all about a parameter on one line: description, limits, default and conditions."""
    return describe_in(parameter, json_words, {}) or "No description."


def describe_in(parameter: Parameter, words: Words, names: Mapping[str, str]) -> str:
    """`describe` in the words of a language, with the names of other parameters in it by wire name; empty without facts."""
    limits = range_text(parameter)
    return sentences(
        parameter.description,
        "Required" if parameter.must_be_given else "",
        limits[:1].upper() + limits[1:],
        choices_text(parameter, words),
        "Also as text" if parameter.takes_text else "",
        default_text(parameter, words),
        condition_text(parameter, words, names),
    )


def sentences(*texts: str) -> str:
    """Return texts as sentences on one line, without the empty ones."""
    lines = [" ".join(text.split()) for text in texts]
    return " ".join(line if line.endswith((".", "!", "?", ":")) else f"{line}." for line in lines if line)


def default_text(parameter: Parameter, words: Words) -> str:
    """Return the default in words; empty without one."""
    if parameter.default is OMIT:
        return ""
    sent = " (sent when left out)" if parameter.is_sent_by_default else ""
    return f"Default: {words(parameter.default)}{sent}"


def range_text(parameter: Parameter) -> str:
    """Return the limits in words: `10 to 100`, `at least 0`, `512 to 2048, in steps of 8`, `at most 3 items`."""
    pattern = "" if parameter.pattern is None else f"matching {parameter.pattern}"
    return ", ".join(filter(None, (parameter.range, pattern)))


def choices_text(parameter: Parameter, words: Words = json_words) -> str:
    """Return the known values in words; empty without any."""
    if not parameter.choices:
        return ""
    known = ", ".join(map(words, parameter.choices))
    if not parameter.open:
        return f"One of {known}."
    more = f" and {parameter.hidden_values} more" if parameter.hidden_values else ", among others"
    return f"Known values: {known}{more}."


def condition_text(
    parameter: Parameter, words: Words = json_words, names: Mapping[str, str] | None = None
) -> str:
    """Return the values of other parameters for which this one has an effect, in words; `names` are theirs by wire name."""
    conditions = " and ".join(
        f"{(names or {}).get(other, other)} is {' or '.join(map(words, values))}"
        for other, values in parameter.applies_when
    )
    return f"Applies when {conditions}" if conditions else ""
