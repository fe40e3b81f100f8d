# speccast: if renamed
"""Arguments under former names of their parameters, which are still accepted with a warning."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

from .check import level_of_caller
from .errors import ParameterError, Violation
from .wording import format_value

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .._core.parameter import Parameter

__all__ = ["rename_former"]


def rename_former(
    model: str, parameters: tuple[Parameter, ...], values: Mapping[str, object]
) -> dict[str, object]:
    """Return arguments under the current names of their parameters. Warns with DeprecationWarning about former ones.

    Raises ParameterError if a parameter is passed under both.
    """
    former = {parameter.renamed_from: parameter for parameter in parameters if parameter.renamed_from}
    current: dict[str, object] = {}
    for name, value in values.items():
        parameter = former.get(name)
        if parameter is None:
            current[name] = value
            continue
        if parameter.name in values:
            message = f"is the former name of {parameter.name}, which is passed as well"
            raise ParameterError(model, [Violation(name, format_value(value), message)])
        message = f"{model}: {name} is deprecated, use {parameter.name}"
        warnings.warn(message, DeprecationWarning, stacklevel=level_of_caller())
        current[parameter.name] = value
    return current


# speccast: end
