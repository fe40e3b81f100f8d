"""What surrounds the parameters in the body of a request: the constants of a model, and the object that holds them.

An API can tell models at one path apart by a constant (`{"model": "fox-1", "prompt": …}`), and can expect the
parameters as members of one object (`{"input": {"prompt": …}}`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from .values import is_equal

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["WrapError", "enclose", "has_constants", "take_parameters"]


class WrapError(ValueError):
    """The body does not contain the object of the parameters; the text says what is wrong with it."""


def enclose(parameters: Mapping[str, Any], sends: Mapping[str, Any], wrap: str | None) -> dict[str, Any]:
    """Return the body of a request with these parameters. They may replace constants beside them."""
    return {**sends, wrap: parameters} if wrap is not None else {**sends, **parameters}


def has_constants(body: Mapping[str, Any], sends: Mapping[str, Any]) -> bool:
    """Return whether a body has the constants of a model."""
    return all(name in body and is_equal(body[name], value) for name, value in sends.items())


def take_parameters(body: Mapping[str, Any], sends: Mapping[str, Any], wrap: str | None) -> dict[str, Any]:
    """Return the parameters in a body. What an API takes beside the object of the parameters is ignored.

    Raises:
        WrapError: the object is missing.
    """
    if wrap is None:
        return {name: value for name, value in body.items() if name not in sends}
    if wrap not in body:
        raise WrapError("is required")
    if not isinstance(body[wrap], dict):
        raise WrapError("must be an object")
    return cast("dict[str, Any]", body[wrap])
