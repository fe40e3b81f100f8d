"""Random requests that one version of a model accepts, to look for one that another version refuses."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from speccast.core.omit import Omit
from speccast.errors import SpeccastError
from speccast.samples.media import Media
from speccast.samples.probes import probes
from speccast.samples.size import MAX_SIZE, expand, size
from speccast.samples.values import is_valid, minimal_object, sample

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

    from speccast.core.model import Model
    from speccast.core.parameter import Json, Parameter


def random_requests(old: Model, new: Model, count: int) -> Json | None:
    """Return a request that the old version accepts and the new one refuses, as small as possible; None if none is found.

    Raises:
        SpeccastError: Hypothesis is not installed.
    """
    try:
        import jsonschema_rs
        from hypothesis import HealthCheck, assume, given, settings
    except ModuleNotFoundError as error:
        raise SpeccastError(
            f"random requests need {error.name}, which is not installed", hint='pip install "speccast[prove]"'
        ) from None
    if minimal_object(old.parameters) is None:
        return None  # no request is known that it accepts
    before, after = (jsonschema_rs.Draft202012Validator(dict(model.schema)) for model in (old, new))

    class RefusedError(Exception):
        pass

    @settings(
        max_examples=count,
        derandomize=True,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(bodies(old))
    def check(body: Json) -> None:
        assume(before.is_valid(body))
        if not after.is_valid(body):
            raise RefusedError(body)

    try:
        check()
    except RefusedError as error:
        found: Json = error.args[0]
        return found
    return None


def bodies(model: Model) -> SearchStrategy[Any]:
    """Return a strategy for bodies, most of which the model accepts."""
    from hypothesis import strategies as st

    required = {each.wire: values(each) for each in model.parameters if each.required}
    optional = {each.wire: values(each) for each in model.parameters if not each.required}
    return st.fixed_dictionaries(required, optional=optional)


def values(parameter: Parameter) -> SearchStrategy[Any]:
    """Return a strategy for values of a parameter: those at its limits, and random ones."""
    from hypothesis import strategies as st

    valid = [probe.value for probe in probes(parameter) if is_valid(parameter, probe.value)]
    example = sample(parameter)
    valid += [] if isinstance(example, Omit) else [example]
    known = [expand(value, Media.text) for value in valid if size(value) <= MAX_SIZE]
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
            found.append(
                st.lists(values(parameter.items), min_size=least, max_size=max(least, min(most, 20)))
            )
        case "union":
            found += map(values, parameter.branches)
        case "object" if parameter.properties:
            required = {each.wire: values(each) for each in parameter.properties if each.required}
            optional = {each.wire: values(each) for each in parameter.properties if not each.required}
            found.append(st.fixed_dictionaries(required, optional=optional))
    return st.one_of(found) if found else st.nothing()


def _bounds(parameter: Parameter) -> tuple[float | None, float | None]:
    """Return numbers between which the valid ones are; the ends can be invalid themselves."""
    low = [each for each in (parameter.minimum, parameter.exclusive_minimum) if each is not None]
    high = [each for each in (parameter.maximum, parameter.exclusive_maximum) if each is not None]
    return max(low, default=None), min(high, default=None)
