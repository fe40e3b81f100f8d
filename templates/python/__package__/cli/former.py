# speccast: if renamed
"""Options under former names of parameters: hidden, and accepted with a warning."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from .options import RESERVED_FLAGS, destination
from .terminal import print_message

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .._core.parameter import Parameter


def former_options(parameters: Sequence[Parameter]) -> list[click.Option]:
    """Return a hidden option for each former name."""
    return [_option(parameter) for parameter in parameters if parameter.renamed_from]


def take_former_options(
    context: click.Context, parameters: Sequence[Parameter], given: dict[str, object]
) -> None:
    """Add the values of options under former names to those that are given, with a warning for each."""
    for parameter in parameters:
        name = _destination(parameter)
        if context.get_parameter_source(name) is click.core.ParameterSource.COMMANDLINE:
            if destination(parameter) in given:
                message = f"{_flag(parameter)} is the former name of {parameter.flag}; pass one of them."
                raise click.UsageError(message, context)
            print_message(f"Warning: {_flag(parameter)} is deprecated, use {parameter.flag}")
            given[destination(parameter)] = context.params[name]


def _option(parameter: Parameter) -> click.Option:
    flag = _flag(parameter)
    if parameter.type == "boolean":
        declaration = f"{flag}/--no-{flag.removeprefix('--')}"
        return click.Option([declaration, _destination(parameter)], is_flag=True, default=None, hidden=True)
    types = {form.type for form in parameter.branches or (parameter,)}
    return click.Option([flag, _destination(parameter)], type=str, multiple="array" in types, hidden=True)


def _flag(parameter: Parameter) -> str:
    name = parameter.renamed_from.strip("_").replace("_", "-")
    return f"--param-{name}" if f"--{name}" in RESERVED_FLAGS else f"--{name}"


def _destination(parameter: Parameter) -> str:
    """Return the name under which click stores the value."""
    return f"former_{parameter.name}"


# speccast: end
