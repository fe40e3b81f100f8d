"""Examples: whether the examples of a page are valid.

P306 examples-refused

    Values under `examples` are shown on the page. An example that is not valid is a mistake of the page or of the
    spec, and misleads users who copy it.

    Bad::

        parameters:
          strength: { type: number, maximum: 1, examples: [7.5] }

    Good::

        parameters:
          strength: { type: number, maximum: 10, examples: [7.5] }

P307 examples-split

    In brackets, a comma without quotes separates two examples. A text that contains a comma needs quotes; without
    them, users see two incomplete examples. Quotes around each example say that there are two.

    Bad::

        parameters:
          prompt: { type: string, examples: [a tiger on mars, cubist style] }

    Good::

        parameters:
          prompt: { type: string, examples: ["a tiger on mars, cubist style"] }

D101 example-refused

    `example` is the request on the page, and a generated test sends it. If it is not valid, page and spec disagree,
    and the client would refuse the page's own sample. The sample is evidence: if it sends a number as text, such as
    `"2"`, the API takes both, and the parameter gets `also_accepts: string`. Otherwise the test is skipped.

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

import json

from speccast.core.check import mismatches
from speccast.core.places import in_words
from speccast.lint.mismatches import advise_on_sample, find_violated, fix_type
from speccast.lint.rule import (
    ModelContext,
    ParameterContext,
    RuleViolation,
    Severity,
    Violations,
    model_rule,
    parameter_rule,
)
from speccast.samples.examples import example_mismatches
from speccast.specs.problems import shorten_value
from speccast.specs.wording import advise, describe, format_value


@parameter_rule(
    "P306", Severity.WARNING, "an example value that is not valid", fixable="unsafe", keywords={"examples"}
)
def examples_refused(context: ParameterContext) -> Violations:
    for index, value in enumerate(context.parameter.examples if context.parameter.type != "file" else ()):
        for mismatch in mismatches(context.parameter, value):
            place = context.value("examples", index, *mismatch.pointer)
            yield RuleViolation(
                place,
                f"an example of `{context.label}` is not valid: {format_value(mismatch.value)} {describe(mismatch)}",
                advise_on_sample(mismatch),
                related=find_violated(context, mismatch),
                fix=fix_type(place, mismatch, is_safe=False),
            )


@parameter_rule("P307", Severity.WARNING, "examples that may be one text with a comma", keywords={"examples"})
def examples_split(context: ParameterContext) -> Violations:
    examples = context.spec.get("examples", [])
    if context.parameter.type != "string" or "enum" in context.spec or len(examples) < 2:
        return
    document, place = context.document, context.value("examples").pointer
    written = [document.source((*place, index)) for index in range(len(examples))]
    is_plain = not any(text[:1] in ("'", '"', "|", ">", "&", "*", "!", "") for text in written)
    if document.source(place).startswith("[") and is_plain and any(" " in text for text in written):
        whole = ", ".join(written)
        yield RuleViolation(
            context.value("examples"),
            f"`{context.label}` has {len(examples)} examples, since a comma separates them: {shorten_value(whole)}",
            f"if it is one text, quote it: {shorten_value(json.dumps(whole, ensure_ascii=False))}; else quote each of them",
        )


@model_rule("D101", Severity.WARNING, "an example request that is not valid", fixable="unsafe")
def example_refused(context: ModelContext) -> Violations:
    for mismatch in example_mismatches(context.model.parameters, context.model.example):
        pointer = ("example", *mismatch.pointer)
        if mismatch.keyword == "additionalProperties":
            yield RuleViolation(
                context.key(*pointer),
                f"`{in_words(mismatch.pointer)}` of the example is not a parameter of the model",
                advise(mismatch),
            )
        elif mismatch.keyword == "required":
            what = "the example" if not mismatch.pointer else f"`{in_words(mismatch.pointer)}` of the example"
            yield RuleViolation(
                context.key(*pointer), f"{what} {describe(mismatch)}", "add it, or correct `required`"
            )
        else:
            yield RuleViolation(
                context.value(*pointer),
                f"`{in_words(mismatch.pointer)}` of the example is not valid: {format_value(mismatch.value)} {describe(mismatch)}",
                advise_on_sample(mismatch),
                related=find_violated(context.parameters[str(mismatch.pointer[0])], mismatch, depth=1),
                fix=fix_type(context.value(*pointer), mismatch, is_safe=False),
            )
