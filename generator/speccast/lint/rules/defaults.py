"""Defaults: whether a default is a value that the parameter takes.

P301 default-wrong-type

    The default must be of the parameter's own type, down to its innermost item. 1.0 is an integer; true is no number,
    and text in quotes is none either.

    Bad::

        parameters:
          steps: { type: integer, default: "30" }

    Good::

        parameters:
          steps: { type: integer, default: 30 }

P302 default-null

    `default: null` says that the server takes null, so the parameter must allow it. A page that shows no default is
    transcribed by leaving `default` out.

    Bad::

        parameters:
          seed: { type: integer, default: null }

    Good::

        parameters:
          seed: { type: [integer, "null"], default: null }

P303 default-outside-limits

    A default below the minimum, off the step or against the pattern: on real pages that happens, and one of the two is
    a slip. A caller who types the documented default is refused.

    Bad::

        parameters:
          steps: { type: integer, minimum: 10, maximum: 100, default: 5 }

    Good::

        parameters:
          steps: { type: integer, minimum: 5, maximum: 100, default: 5 }

P304 default-outside-enum

    A default that the enum does not list shows that the list is not complete: `open: true` says so.

    Bad::

        parameters:
          sampler: { type: string, enum: [euler, heun], default: dpmpp_2m }

    Good::

        parameters:
          sampler: { type: string, enum: [euler, heun], open: true, default: dpmpp_2m }

P305 sent-default-refused

    The client sends the default of a required parameter when the caller leaves it out. One that the parameter itself
    does not take makes every such call fail.

    Bad::

        parameters:
          scheduler: { type: string, required: true, enum: [normal, karras], default: simple }

    Good::

        parameters:
          scheduler: { type: string, required: true, enum: [normal, karras], default: normal }
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from speccast.findings import Severity
from speccast.lint.correction import correction
from speccast.lint.refusal import refusal
from speccast.lint.rule import ParameterRule, Violation
from speccast.specs.wording import advise, describe, shown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from speccast.core.check import Mismatch
    from speccast.core.parameter import Parameter
    from speccast.lint.context import ParameterContext


def default_wrong_type(context: ParameterContext) -> Iterator[Violation]:
    return _violations(context, lambda mismatch: mismatch.keyword == "type" and not _is_null(mismatch))


def default_null(context: ParameterContext) -> Iterator[Violation]:
    return _violations(context, _is_null)


def default_outside_limits(context: ParameterContext) -> Iterator[Violation]:
    if not context.parameter.is_sent_by_default:
        yield from _violations(context, lambda mismatch: mismatch.keyword not in ("type", "enum"))


def default_outside_enum(context: ParameterContext) -> Iterator[Violation]:
    if not context.parameter.is_sent_by_default:
        yield from _violations(context, lambda mismatch: mismatch.keyword == "enum")


def sent_default_refused(context: ParameterContext) -> Iterator[Violation]:
    if context.parameter.is_sent_by_default:
        yield from _violations(context, lambda mismatch: mismatch.keyword != "type")


def _is_null(mismatch: Mismatch) -> bool:
    return mismatch.is_null and not mismatch.pointer


def _violations(context: ParameterContext, wanted: Callable[[Mismatch], bool]) -> Iterator[Violation]:
    if context.role == "item":
        return
    for mismatch in context.default_mismatches:
        if mismatch.is_limit and not mismatch.pointer and _has_inverted_limits(context.parameter):
            continue  # P201 says so, and nothing is known of the default
        if wanted(mismatch):
            part = "" if not mismatch.pointer else " within it"
            place = context.value("default", *mismatch.pointer)
            yield Violation(
                place,
                f"the default of `{context.label}` does not fit:{part} {shown(mismatch.value)} {describe(mismatch)}",
                _help(mismatch),
                related=refusal(context, mismatch),
                fix=correction(place, mismatch),
            )


def _help(mismatch: Mismatch) -> str:
    if mismatch.keyword == "enum":
        return f"{advise(mismatch)}; if the enum lacks values that the API takes, write `open: true`"
    return advise(mismatch) or "correct the default or the limit"


def _has_inverted_limits(parameter: Parameter) -> bool:
    """Return whether a lower limit is above the upper one, so that no value can be valid."""
    pairs = (
        (parameter.minimum, parameter.maximum),
        (parameter.min_length, parameter.max_length),
        (parameter.min_items, parameter.max_items),
    )
    return any(least is not None and most is not None and least > most for least, most in pairs)


RULES: Final = (
    ParameterRule(
        code="P301",
        name="default-wrong-type",
        severity=Severity.ERROR,
        summary="a default of another type than the parameter",
        fixable="safe",
        keywords=frozenset({"default"}),
        check=default_wrong_type,
    ),
    ParameterRule(
        code="P302",
        name="default-null",
        severity=Severity.ERROR,
        summary="a default of null where null is not allowed",
        keywords=frozenset({"default"}),
        check=default_null,
    ),
    ParameterRule(
        code="P303",
        name="default-outside-limits",
        severity=Severity.WARNING,
        summary="a default beyond the parameter's own limits",
        keywords=frozenset({"default"}),
        check=default_outside_limits,
    ),
    ParameterRule(
        code="P304",
        name="default-outside-enum",
        severity=Severity.WARNING,
        summary="a default that a closed enum does not list",
        keywords=frozenset({"default"}),
        check=default_outside_enum,
    ),
    ParameterRule(
        code="P305",
        name="sent-default-refused",
        severity=Severity.ERROR,
        summary="a default that the client would send and that the parameter refuses",
        keywords=frozenset({"default"}),
        check=sent_default_refused,
    ),
)
