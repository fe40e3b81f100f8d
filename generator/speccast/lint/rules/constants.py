"""Constants: members of the request body that are not parameters.

M217 constant-named-like-parameter

    A constant (`sends`) has the name of a parameter, or of the object that holds the parameters (`wrap`), so only one
    of the two could be sent.

    Bad::

        # flux.yaml
        slug: flux
        sends: { model: flux-1 }
        parameters:
          model: { type: string }

    Good::

        # flux.yaml
        slug: flux
        sends: { model: flux-1 }
        parameters:
          prompt: { type: string }
"""

from __future__ import annotations

from speccast.lint.rule import ModelContext, RuleViolation, Severity, Violations, model_rule
from speccast.specs.problems import shorten_value


@model_rule("M217", Severity.ERROR, "a constant with the name of a parameter", needed=True)
def constant_named_like_parameter(context: ModelContext) -> Violations:
    wraps = {
        surface: wrap
        for surface in context.spec["surfaces"]
        if (wrap := context.api.spec.get(surface, {}).get("wrap")) is not None
    }
    is_beside_parameters = len(wraps) < len(context.spec["surfaces"])
    for name in context.spec.get("sends", {}):
        place = context.key("sends", name)
        if name in context.parameters and is_beside_parameters:
            yield RuleViolation(
                place,
                f"`{shorten_value(name)}` is also a parameter",
                "remove one of the two",
                related=((context.parameters[name].key(), "the parameter is here"),),
            )
        elif name in wraps.values():
            yield RuleViolation(
                place,
                f"`{shorten_value(name)}` is the object that holds the parameters",
                "remove the constant",
            )
