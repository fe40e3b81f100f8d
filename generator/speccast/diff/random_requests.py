"""Random requests that one version of a model accepts, to look for one that another version refuses."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

from speccast.core.omit import Omit
from speccast.errors import SpeccastError
from speccast.samples.media import MediaSample
from speccast.samples.probes import probes
from speccast.samples.size import describe_media, expand, size
from speccast.samples.values import is_valid, minimal_object, sample

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    import jsonschema_rs
    from hypothesis.strategies import SearchStrategy

    from speccast.core.model import Model
    from speccast.core.parameter import Json, Parameter

_LARGEST: Final = 64 * 1024
"""Size of the largest value of a random request: larger ones would take most of the time."""


def refused_request(old: Model, new: Model, count: int) -> Json | None:
    """Return a request that the old version accepts and the new one refuses, as small as possible; None if none is found.

    The JSON Schemas of the models decide, which takes a thousandth of the time that requests take.

    Raises:
        SpeccastError: Hypothesis is not installed.
    """
    before, after = _validator(old), _validator(new)

    class FoundRequestError(Exception):
        pass

    def check(body: Json) -> None:
        described = expand(body, describe_media)
        if before.is_valid(described) and not after.is_valid(described):
            raise FoundRequestError(body)

    try:
        _try(old, count, check)
    except FoundRequestError as error:
        found: Json = error.args[0]
        return found
    return None


def random_requests(model: Model, count: int) -> list[Json]:
    """Return different requests that a model accepts, at most `count`.

    Raises:
        SpeccastError: Hypothesis is not installed.
    """
    validator, found = _validator(model), dict[str, "Json"]()

    def keep(body: Json) -> None:
        if validator.is_valid(expand(body, describe_media)):
            found.setdefault(repr(body), body)

    _try(model, count, keep)
    return [*found.values()]


def _validator(model: Model) -> jsonschema_rs.Draft202012Validator:
    import jsonschema_rs

    return jsonschema_rs.Draft202012Validator(dict(model.schema))


def _try(model: Model, count: int, test: Callable[[Json], None]) -> None:
    """Call a test with random bodies, always the same ones."""
    try:
        from hypothesis import HealthCheck, given, settings
    except ModuleNotFoundError as error:
        raise SpeccastError(
            f"random requests need {error.name}, which is not installed", hint='pip install "speccast[prove]"'
        ) from None
    if minimal_object(model.parameters) is None:
        return  # no request is known that it accepts
    with_settings = settings(
        max_examples=count,
        derandomize=True,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    with_settings(given(bodies(model))(test))()


def bodies(model: Model) -> SearchStrategy[Any]:
    """Return a strategy for bodies, most of which the model accepts."""
    return _objects(model.parameters)


def _objects(members: Iterable[Parameter]) -> SearchStrategy[Any]:
    """Return a strategy for objects. Members without a known value are left out if they can be."""
    from hypothesis import strategies as st

    known = {each: values(each) for each in members}
    required = {each.wire: strategy for each, strategy in known.items() if each.required}
    optional = {
        each.wire: strategy for each, strategy in known.items() if not (each.required or strategy.is_empty)
    }
    return st.fixed_dictionaries(required, optional=optional)


def values(parameter: Parameter) -> SearchStrategy[Any]:
    """Return a strategy for values of a parameter: those at its limits, and random ones."""
    from hypothesis import strategies as st

    valid = [probe.value for probe in probes(parameter) if is_valid(parameter, probe.value)]
    example = sample(parameter)
    valid += [] if isinstance(example, Omit) else [example]
    known = [value for value in valid if size(value) <= _LARGEST and not _is_large(value)]
    found = [st.sampled_from(known)] if known else []
    match parameter.type:
        case "integer" | "number" if known:  # else its limits exclude each other
            low, high = _bounds(parameter)
            if parameter.type == "number":
                found.append(st.floats(low, high, allow_nan=False, allow_infinity=False))
            else:
                ends = None if low is None else math.floor(low), None if high is None else math.ceil(high)
                found.append(st.integers(*ends))
        case "string" if not parameter.pattern and (parameter.open or not parameter.choices):
            longest = min(parameter.max_length if parameter.max_length is not None else 50, 200)
            found.append(
                st.text(
                    st.characters(exclude_categories=["Cs"]),
                    min_size=min(parameter.min_length or 0, longest),
                    max_size=longest,
                )
            )
        case "array" if parameter.items is not None:
            most = parameter.max_items if parameter.max_items is not None else 5
            least = parameter.min_items or 0
            items = values(parameter.items)
            if not items.is_empty:
                found.append(st.lists(items, min_size=least, max_size=max(least, min(most, 20))))
        case "union":
            found += map(values, parameter.branches)
        case "object" if parameter.properties:
            found.append(_objects(parameter.properties))
    return st.one_of(found) if found else st.nothing()


def _is_large(value: Any) -> bool:
    return isinstance(value, MediaSample) and max(value.size, len(value.content)) > _LARGEST


def _bounds(parameter: Parameter) -> tuple[float | None, float | None]:
    """Return numbers between which the valid ones are; the ends can be invalid themselves."""
    low = [each for each in (parameter.minimum, parameter.exclusive_minimum) if each is not None]
    high = [each for each in (parameter.maximum, parameter.exclusive_maximum) if each is not None]
    return max(low, default=None), min(high, default=None)
