"""Requests: whether the limits and conditions of a model allow any request.

C104 no-valid-request

    Together, the limits of a required parameter exclude every value, so no request is valid. The message shows why.

    Bad::

        parameters:
          code: { type: string, required: true, pattern: "^[0-9]{8}$", maxLength: 6 }

    Good::

        parameters:
          code: { type: string, required: true, pattern: "^[0-9]{8}$", maxLength: 8 }

C105 default-outside-condition

    A required parameter with a default is always sent. If its condition is not met by default, even the simplest
    request sends something that has no effect. The message shows that request.

    Bad::

        parameters:
          aspect_ratio: { type: string, enum: [custom, "1:1"], default: "1:1" }
          width: { type: integer, required: true, default: 1024, applies_when: { aspect_ratio: custom } }

    Good::

        parameters:
          aspect_ratio: { type: string, enum: [custom, "1:1"], default: "1:1" }
          width: { type: integer, default: 1024, applies_when: { aspect_ratio: custom } }
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

from speccast.core.check import mismatches
from speccast.core.omit import OMIT
from speccast.core.patterns import PatternError, compile_pattern
from speccast.core.values import is_equal
from speccast.lint.rule import (
    ModelContext,
    ParameterContext,
    RuleViolation,
    Severity,
    Violations,
    model_rule,
    parameter_rule,
)
from speccast.specs.wording import describe, format_value

if TYPE_CHECKING:
    from speccast.core.parameter import Json, Parameter

_LISTED: Final = 5
_PARSER: Final[Any] = import_module("re._parser")  # not public, but stable since Python 3.11


@model_rule("C104", Severity.ERROR, "limits that exclude every request")
def no_valid_request(context: ModelContext) -> Violations:
    for parameter in context.parameters.values():
        if parameter.parameter.required and (proof := _find_reason(parameter.parameter, parameter.label)):
            yield RuleViolation(
                parameter.key(),
                f"no valid request exists: `{parameter.label}` is required, but {proof}",
                "correct one of the limits, or `required`",
            )


@parameter_rule(
    "C105",
    Severity.WARNING,
    "a parameter that is always sent, but has no effect by default",
    keywords={"applies_when"},
)
def default_outside_condition(context: ParameterContext) -> Violations:
    if not context.parameter.is_sent_by_default:
        return
    request: dict[str, Json] = {context.parameter.wire: _default(context.parameter)}
    for other, values in context.parameter.applies_when:
        sibling = context.siblings.get(other)
        if sibling is None or sibling is context or sibling.parameter.default is OMIT:
            continue
        default = _default(sibling.parameter)
        if not any(is_equal(default, value) for value in values):
            request[other] = default
    if len(request) > 1:
        yield RuleViolation(
            context.key("applies_when"),
            f"`{context.label}` is always sent, but has no effect in the default request {format_value(request)}",
            "remove `required`, the condition, or correct one of the defaults",
        )


def _default(parameter: Parameter) -> Json:
    default = parameter.default
    assert default is not OMIT
    return default


def _find_reason(parameter: Parameter, label: str) -> str:
    """Return why no value of a parameter is valid, or "" if there is one, or if P201 or P202 reports the bounds."""
    if parameter.nullable:
        return ""
    if parameter.branches:
        proofs = [_find_reason(branch, label) for branch in parameter.branches]
        return f"none of its branches allows a value: {'; '.join(proofs)}" if all(proofs) else ""
    known = (*parameter.choices, *parameter.also_accepted)
    if known and not parameter.open:
        reasons = [next(map(describe, mismatches(parameter, value)), "") for value in known]
        if not all(reasons):
            return ""
        listed = [f"{format_value(value)} {reason}" for value, reason in zip(known, reasons, strict=True)]
        more = "; …" if len(listed) > _LISTED else ""
        return f"none of its values is valid: {'; '.join(listed[:_LISTED])}{more}"
    match parameter.type:
        case "string":
            return _find_text_reason(parameter)
        case "array" if parameter.items is not None and parameter.min_items:
            proof = _find_reason(parameter.items, f"{label}[]")
            return f"it needs {parameter.min_items} items, and {proof}" if proof else ""
        case "object":
            for member in parameter.properties:
                if member.required and (proof := _find_reason(member, f"{label}.{member.wire}")):
                    return f"its member `{member.wire}` is required, and {proof}"
        case _:
            pass
    return ""


def _find_text_reason(parameter: Parameter) -> str:
    try:
        pattern = compile_pattern(parameter.pattern or "").source
    except PatternError:
        return ""
    tree = _PARSER.parse(pattern)
    shortest, longest = tree.getwidth()
    if parameter.max_length is not None and shortest > parameter.max_length:
        return (
            f"a match of the pattern {format_value(pattern)} has at least {shortest} characters, "
            f"and maxLength is {parameter.max_length}"
        )
    if _is_whole(tree) and parameter.min_length is not None and longest < parameter.min_length:
        return (
            f"a match of the pattern {format_value(pattern)} has at most {longest} characters, "
            f"and minLength is {parameter.min_length}"
        )
    return ""


def _is_whole(tree: Any) -> bool:
    """Return whether a parsed pattern can only match a whole text."""
    places = [str(argument) for operator, argument in tree if str(operator) == "AT"]
    is_bound = len(places) == 2 and str(tree[0][0]) == str(tree[-1][0]) == "AT"
    return is_bound and "BEGINNING" in places[0] and "END" in places[1]
