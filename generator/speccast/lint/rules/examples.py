"""Examples: what a page shows, measured against what it says.

P306 examples-refused

    Values under `examples` are what the page shows for the parameter. One that the parameter does not take is a slip of
    the page or of the spec, and misleads whoever copies it.

    Bad::

        parameters:
          strength: { type: number, maximum: 1, examples: [7.5] }

    Good::

        parameters:
          strength: { type: number, maximum: 10, examples: [7.5] }

D101 example-refused

    `example` is the page's own request, and a generated test sends it. A part that the spec refuses shows that page and
    spec disagree; the client would refuse the page's own sample.

    Bad::

        parameters:
          steps: { type: integer, maximum: 70 }
        example: { steps: 75 }

    Good::

        parameters:
          steps: { type: integer, maximum: 75 }
        example: { steps: 75 }
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from speccast.core.check import Mismatch, member_mismatches, mismatches
from speccast.findings import Severity
from speccast.lint.correction import correction
from speccast.lint.refusal import refusal
from speccast.lint.rule import ModelRule, ParameterRule, Violation
from speccast.specs.wording import advise, describe, shown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from speccast.lint.context import ModelContext, ParameterContext


def examples_refused(context: ParameterContext) -> Iterator[Violation]:
    for index, value in enumerate(context.parameter.examples):
        for mismatch in mismatches(context.parameter, value):
            place = context.value("examples", index, *mismatch.pointer)
            yield Violation(
                place,
                f"an example of `{context.label}` does not fit: {shown(mismatch.value)} {describe(mismatch)}",
                advise(mismatch) or "correct the example or the limit",
                related=refusal(context, mismatch),
                fix=correction(place, mismatch),
            )


def example_refused(context: ModelContext) -> Iterator[Violation]:
    if context.model.example is None:
        return
    for mismatch in member_mismatches(context.model.parameters, context.model.example):
        pointer = ("example", *mismatch.pointer)
        if mismatch.keyword == "additionalProperties":
            yield Violation(
                context.key(*pointer),
                f"`{_label(mismatch)}` of the example is no parameter of the model",
                advise(mismatch),
            )
        elif mismatch.keyword == "required":
            what = "the example" if not mismatch.pointer else f"`{_label(mismatch)}` of the example"
            yield Violation(
                context.key(*pointer), f"{what} {describe(mismatch)}", "add it, or correct `required`"
            )
        else:
            yield Violation(
                context.value(*pointer),
                f"`{_label(mismatch)}` of the example does not fit: {shown(mismatch.value)} {describe(mismatch)}",
                advise(mismatch) or "correct the example or the limit",
                related=refusal(context.parameters[str(mismatch.pointer[0])], mismatch, depth=1),
                fix=correction(context.value(*pointer), mismatch),
            )


def _label(mismatch: Mismatch) -> str:
    """The part of an example as messages call it, such as `voice.settings.pauses[0]`."""
    parts = [f"[{part}]" if isinstance(part, int) else f".{part}" for part in mismatch.pointer]
    return "".join(parts).removeprefix(".")


RULES: Final = (
    ParameterRule(
        code="P306",
        name="examples-refused",
        severity=Severity.WARNING,
        summary="an example value that the parameter does not take",
        fixable="safe",
        keywords=frozenset({"examples"}),
        check=examples_refused,
    ),
    ModelRule(
        code="D101",
        name="example-refused",
        severity=Severity.WARNING,
        summary="an example request that the model's own spec refuses",
        fixable="safe",
        check=example_refused,
    ),
)
