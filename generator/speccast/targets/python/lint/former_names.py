"""Former names of parameters and models, which clients still accept (`renamed_from`).

N109 former-name-taken

    A former name is a keyword of the same methods and a flag of the same command, so no other parameter can have it. Only
    parameters of the model have one: members of objects are passed as they are sent.

    Bad::

        parameters:
          steps: { type: integer, renamed_from: { name: quality, version: 1.4.0 } }
          quality: { type: string }

    Good::

        parameters:
          steps: { type: integer, renamed_from: { name: num_steps, version: 1.4.0 } }
          quality: { type: string }

N110 former-name-due

    A former name is accepted until the next minor version: one that was replaced in 1.4.0 can be removed in 1.5.0. The example
    belongs to an API of version 0.1.0.

    Bad::

        parameters:
          steps: { type: integer, renamed_from: { name: num_steps, version: 0.0.3 } }

    Good::

        parameters:
          steps: { type: integer, renamed_from: { name: num_steps, version: 0.1.0 } }

N111 former-model-due

    Attribute, module, classes and command under the former name of a model work until the next minor version, like former names
    of parameters. The example belongs to an API of version 0.1.0.

    Bad::

        renamed_from: { name: red-fox, version: 0.0.3 }

    Good::

        renamed_from: { name: red-fox, version: 0.1.0 }
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from packaging.version import Version

from speccast.lint.rule import ModelContext, ParameterContext, RuleViolation, Severity, Violations, model_rule
from speccast.specs.problems import shorten_value
from speccast.targets.python.names import flag, python_parameter

if TYPE_CHECKING:
    from collections.abc import Iterator


@model_rule("N109", Severity.ERROR, "a former name that another parameter has", needed=True)
def former_name_taken(context: ModelContext) -> Violations:
    named = [python_parameter(each.parameter) for each in context.parameters.values()]
    names = {each.name for each in named}
    flags = {each.flag for each in named}
    for parameter in _list_renamed(context):
        former = python_parameter(parameter.parameter).renamed_from
        if parameter.role != "parameter":
            yield RuleViolation(
                parameter.key("renamed_from"),
                f"`{shorten_value(parameter.label)}` is not a parameter of the model, so it has no former name",
                "remove `renamed_from`",
            )
        elif former in names or flag(parameter.parameter.renamed_from) in flags:
            yield RuleViolation(
                parameter.value("renamed_from", "name"),
                f"`{shorten_value(former)}`, the former name of `{shorten_value(parameter.label)}`, is that of a parameter",
                "remove `renamed_from`",
            )
        else:
            names.add(former)
            flags.add(flag(parameter.parameter.renamed_from))


@model_rule("N110", Severity.WARNING, "a former name that is due to be removed")
def former_name_due(context: ModelContext) -> Violations:
    version = context.api.spec["version"]
    for parameter in _list_renamed(context):
        if _minor(version) > _minor(parameter.parameter.renamed_in):
            former = parameter.parameter.renamed_from
            yield RuleViolation(
                parameter.key("renamed_from"),
                f"`{shorten_value(former)}` was replaced in {parameter.parameter.renamed_in}, and this is {version}",
                "remove `renamed_from`; the client then accepts the current name only",
            )


@model_rule("N111", Severity.WARNING, "a former name of a model that is due to be removed")
def former_model_due(context: ModelContext) -> Violations:
    model, version = context.model, context.api.spec["version"]
    if model.renamed_in and _minor(version) > _minor(model.renamed_in):
        yield RuleViolation(
            context.key("renamed_from"),
            f"`{shorten_value(model.renamed_from)}` was replaced in {model.renamed_in}, and this is {version}",
            "remove `renamed_from`; only the current names of the model then work",
        )


def _list_renamed(context: ModelContext) -> Iterator[ParameterContext]:
    return (parameter for parameter in context.all_parameters if parameter.parameter.renamed_from)


def _minor(version: str) -> tuple[int, ...]:
    return Version(version).release[:2]
