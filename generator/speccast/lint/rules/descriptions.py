"""Documentation: what users of the client need.

D102 parameter-undescribed

    `help()`, the command line and the reference show the description of a parameter.

    Bad::

        parameters:
          cfg: { type: number }

    Good::

        parameters:
          cfg: { type: number, description: Scale for classifier-free guidance }

D103 model-undescribed

    Description and category say what a model is for. A generated test sends the example.

    Bad::

        description: Makes a picture from a text.

    Good::

        description: Makes a picture from a text.
        category: text-to-image
        example: {}
"""

from __future__ import annotations

from typing import Final

from speccast.lint.rule import (
    ModelContext,
    ParameterContext,
    RuleViolation,
    Severity,
    Violations,
    model_rule,
    parameter_rule,
)
from speccast.specs.problems import shorten_value

_WANTED: Final = ("description", "category", "example")


@parameter_rule("D102", Severity.INFO, "a parameter without a description", default=False)
def parameter_undescribed(context: ParameterContext) -> Violations:
    if context.role != "item" and not context.parameter.description.strip():
        message = f"`{shorten_value(context.label)}` has no description"
        yield RuleViolation(context.key(), message, "add a `description` with the text of the page")


@model_rule("D103", Severity.INFO, "a model without description, category or example", default=False)
def model_undescribed(context: ModelContext) -> Violations:
    missing = [f"`{key}`" for key in _WANTED if key not in context.spec]
    if missing:
        yield RuleViolation(
            context.value("slug"), f"the spec has no {', '.join(missing)}", "add what the page says"
        )
