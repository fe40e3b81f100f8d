"""Requests: what a model's limits and conditions leave a caller to send.

C104 no-valid-request

    Each limit by itself is fine, but together they refuse every value of a parameter that must be given, so every
    request is refused. The message is the proof.

    Bad::

        parameters:
          code: { type: string, required: true, pattern: "^[0-9]{8}$", maxLength: 6 }

    Good::

        parameters:
          code: { type: string, required: true, pattern: "^[0-9]{8}$", maxLength: 8 }

C105 default-outside-condition

    A required parameter with a default is always sent. Where its condition does not hold by default, the plainest request
    already sends something that has no effect. The message shows that request.

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
from speccast.findings import Severity
from speccast.lint.rule import ModelRule, ParameterRule, Violation
from speccast.specs.wording import describe, shown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from speccast.core.parameter import Json, Parameter
    from speccast.lint.context import ModelContext, ParameterContext

_LISTED: Final = 5
_PARSER: Final[Any] = import_module("re._parser")  # where Python keeps it; it has no public name


def no_valid_request(context: ModelContext) -> Iterator[Violation]:
    for parameter in context.parameters.values():
        if parameter.parameter.required and (proof := _refused(parameter.parameter, parameter.label)):
            yield Violation(
                parameter.key(),
                f"no valid request exists: `{parameter.label}` must be given, but {proof}",
                "correct one of the limits, or `required`",
            )


def default_outside_condition(context: ParameterContext) -> Iterator[Violation]:
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
        yield Violation(
            context.key("applies_when"),
            f"`{context.label}` is always sent, but has no effect by default: {shown(request)}",
            "remove `required`, the condition, or correct one of the defaults",
        )


def _default(parameter: Parameter) -> Json:
    default = parameter.default
    assert default is not OMIT
    return default


def _refused(parameter: Parameter, label: str) -> str:
    """Why no value at all is one that a parameter takes, or "" where there is one, or bounds alone say so."""
    if parameter.nullable:
        return ""
    known = (*parameter.choices, *parameter.also_accepted)
    if known and not parameter.open:
        reasons = [next(map(describe, mismatches(parameter, value)), "") for value in known]
        if not all(reasons):
            return ""
        listed = [f"{shown(value)} {reason}" for value, reason in zip(known, reasons, strict=True)]
        more = "; …" if len(listed) > _LISTED else ""
        return f"each of its values is refused: {'; '.join(listed[:_LISTED])}{more}"
    match parameter.type:
        case "string":
            return _refused_text(parameter)
        case "array" if parameter.items is not None and parameter.min_items:
            proof = _refused(parameter.items, f"{label}[]")
            return f"of its items, of which it needs {parameter.min_items}, {proof}" if proof else ""
        case "object":
            for member in parameter.properties:
                if member.required and (proof := _refused(member, f"{label}.{member.wire}")):
                    return f"its member `{member.wire}` must be given, and {proof}"
        case _:
            pass
    return ""


def _refused_text(parameter: Parameter) -> str:
    try:
        pattern = compile_pattern(parameter.pattern or "").source
    except PatternError:
        return ""
    tree = _PARSER.parse(pattern)
    shortest, longest = tree.getwidth()
    if parameter.max_length is not None and shortest > parameter.max_length:
        return (
            f"what the pattern {shown(pattern)} finds has at least {shortest} characters, "
            f"and maxLength is {parameter.max_length}"
        )
    if _is_whole(tree) and parameter.min_length is not None and longest < parameter.min_length:
        return (
            f"what the pattern {shown(pattern)} finds has at most {longest} characters, "
            f"and minLength is {parameter.min_length}"
        )
    return ""


def _is_whole(tree: Any) -> bool:
    """Return whether a parsed pattern can only match a whole text."""
    places = [str(argument) for operator, argument in tree if str(operator) == "AT"]
    is_bound = len(places) == 2 and str(tree[0][0]) == str(tree[-1][0]) == "AT"
    return is_bound and "BEGINNING" in places[0] and "END" in places[1]


RULES: Final = (
    ModelRule(
        code="C104",
        name="no-valid-request",
        severity=Severity.ERROR,
        summary="limits that together refuse every request",
        check=no_valid_request,
    ),
    ParameterRule(
        code="C105",
        name="default-outside-condition",
        severity=Severity.WARNING,
        summary="a parameter that is always sent and by default has no effect",
        keywords=frozenset({"applies_when"}),
        check=default_outside_condition,
    ),
)
