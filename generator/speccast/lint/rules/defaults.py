"""Defaults: whether a default is a valid value of its parameter.

P301 default-wrong-type

    The default must have the type of its parameter, down to the innermost item. 1.0 is an integer. Neither true nor
    quoted text is a number.

    Bad::

        parameters:
          steps: { type: integer, default: "30" }

    Good::

        parameters:
          steps: { type: integer, default: 30 }

P302 default-null

    `default: null` means that the server accepts null, so the parameter must allow it. If the page does not show a
    default, omit `default`.

    Bad::

        parameters:
          seed: { type: integer, default: null }

    Good::

        parameters:
          seed: { type: [integer, "null"], default: null }

P303 default-outside-limits

    A default below the minimum, not a multiple of the step, or not matching the pattern. This occurs on real pages:
    one of the two is a mistake. A caller who passes the documented default gets an error.

    Bad::

        parameters:
          steps: { type: integer, minimum: 10, maximum: 100, default: 5 }

    Good::

        parameters:
          steps: { type: integer, minimum: 5, maximum: 100, default: 5 }

P304 default-outside-enum

    A default that is not in the enum shows that the enum is incomplete. In that case, write `open: true`. If it means
    that no value is chosen, such as "none", omit it.

    Bad::

        parameters:
          sampler: { type: string, enum: [euler, heun], default: dpmpp_2m }

    Good::

        parameters:
          sampler: { type: string, enum: [euler, heun], open: true, default: dpmpp_2m }

P305 sent-default-refused

    The client sends the default of a required parameter if the caller omits it. If the default is not valid, every
    such call fails.

    Bad::

        parameters:
          scheduler: { type: string, required: true, enum: [normal, karras], default: simple }

    Good::

        parameters:
          scheduler: { type: string, required: true, enum: [normal, karras], default: normal }
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from speccast.lint.mismatches import find_violated, fix_type
from speccast.lint.rule import ParameterContext, RuleViolation, Severity, Violations, parameter_rule
from speccast.specs.wording import advise, describe, format_value

if TYPE_CHECKING:
    from collections.abc import Callable

    from speccast.core.check import Mismatch
    from speccast.core.parameter import Parameter

_UNSET: Final = frozenset(
    {"", "-", "none", "null", "n/a", "na", "nil", "unset", "not set", "undefined", "empty"}
)
"""Texts that pages print for no value."""


@parameter_rule("P301", Severity.ERROR, "a default of the wrong type", fixable="safe", keywords={"default"})
def default_wrong_type(context: ParameterContext) -> Violations:
    return _violations(context, lambda mismatch: mismatch.keyword == "type" and not _is_null(mismatch))


@parameter_rule("P302", Severity.ERROR, "a default of null where null is not allowed", keywords={"default"})
def default_null(context: ParameterContext) -> Violations:
    return _violations(context, _is_null)


@parameter_rule(
    "P303", Severity.WARNING, "a default outside the limits of its parameter", keywords={"default"}
)
def default_outside_limits(context: ParameterContext) -> Violations:
    if not context.parameter.is_sent_by_default:
        yield from _violations(context, lambda mismatch: mismatch.keyword not in ("type", "enum"))


@parameter_rule("P304", Severity.WARNING, "a default that is not in the enum", keywords={"default"})
def default_outside_enum(context: ParameterContext) -> Violations:
    if not context.parameter.is_sent_by_default:
        yield from _violations(context, lambda mismatch: mismatch.keyword == "enum")


@parameter_rule(
    "P305",
    Severity.ERROR,
    "a default that the client would send, but that is not valid",
    keywords={"default"},
)
def sent_default_refused(context: ParameterContext) -> Violations:
    if context.parameter.is_sent_by_default:
        yield from _violations(context, lambda mismatch: mismatch.keyword != "type")


def _is_null(mismatch: Mismatch) -> bool:
    return mismatch.is_null and not mismatch.pointer


def _violations(context: ParameterContext, applies: Callable[[Mismatch], bool]) -> Violations:
    if context.role == "item":
        return
    for mismatch in context.default_mismatches:
        if mismatch.is_limit and not mismatch.pointer and _has_inverted_limits(context.parameter):
            continue  # reported as P201, and then the default cannot be checked
        if applies(mismatch):
            part = "" if not mismatch.pointer else " within it"
            place = context.value("default", *mismatch.pointer)
            yield RuleViolation(
                place,
                f"the default of `{context.label}` is not valid:{part} {format_value(mismatch.value)} {describe(mismatch)}",
                _help(mismatch),
                related=find_violated(context, mismatch),
                fix=fix_type(place, mismatch),
            )


def _help(mismatch: Mismatch) -> str:
    if mismatch.keyword == "enum" and str(mismatch.value).strip().lower() in _UNSET:
        return "if it means that no value is chosen, omit `default` and say so in `note`; else add it to the enum"
    if mismatch.keyword == "enum":
        return f"{advise(mismatch)}; if the enum does not list all values, write `open: true`"
    return advise(mismatch) or "correct the default or the limit"


def _has_inverted_limits(parameter: Parameter) -> bool:
    """Return whether a lower limit is above the upper one, so that no value can be valid."""
    pairs = (
        (parameter.minimum, parameter.maximum),
        (parameter.min_length, parameter.max_length),
        (parameter.min_items, parameter.max_items),
    )
    return any(least is not None and most is not None and least > most for least, most in pairs)
