"""What the generated tests do not show.

P109 limit-untested

    The generated tests send a value at each limit and one beyond it. A text or array of more than a million characters
    would slow down every run, so these values are left out. P108 reports limits that a slow pattern leaves out.

    Bad::

        parameters:
          text: { type: string, maxLength: 10485760 }

    Good::

        parameters:
          text: { type: string, maxLength: 1048576 }

M210 requests-unknown

    The generated tests need a valid request. If a required parameter has neither a default nor an example, and no
    value is easy to find that its pattern and limits allow, all tests of the model are skipped.

    Bad::

        parameters:
          code: { type: string, required: true, pattern: "^[a-f]{3}:[0-9]{4}$" }

    Good::

        parameters:
          code: { type: string, required: true, pattern: "^[a-f]{3}:[0-9]{4}$", examples: ["abc:2048"] }
"""

from __future__ import annotations

from typing import Final

from speccast.core.omit import OMIT
from speccast.lint.rule import (
    ModelContext,
    ParameterContext,
    RuleViolation,
    Severity,
    Violations,
    model_rule,
    parameter_rule,
)
from speccast.samples.examples import with_example
from speccast.samples.probes import MAX_ENCODED_SIZE, MAX_FILE_SIZE
from speccast.samples.size import MAX_SIZE, size
from speccast.samples.values import minimal_object, sample, sample_item
from speccast.specs.problems import shorten_value

_LENGTHS: Final = ("minLength", "maxLength")
_SIZE_HELP: Final = "correct the limit, or test it by hand"
_COUNTS: Final = ("minItems", "maxItems")


@parameter_rule(
    "P109",
    Severity.INFO,
    "a limit that is too large for the generated tests",
    keywords={*_LENGTHS, *_COUNTS, "max_size"},
)
def limit_untested(context: ParameterContext) -> Violations:
    unit = 1
    if context.parameter.type == "array" and any(keyword in context.spec for keyword in _COUNTS):
        item = sample_item(context.parameter)
        unit = 1 if item is OMIT else size(item)
    most = context.parameter.max_size
    largest = MAX_FILE_SIZE if context.parameter.type == "file" else MAX_ENCODED_SIZE
    if most is not None and most >= largest:
        yield RuleViolation(
            context.value("max_size"),
            f"no test is at max_size {most} of `{context.label}`: tests send at most {largest} bytes",
            _SIZE_HELP,
        )
    for keyword in (*_LENGTHS, *_COUNTS):
        limit = context.keywords.get(keyword)
        if limit is not None and limit * unit > MAX_SIZE:
            yield RuleViolation(
                context.value(keyword),
                f"no test is at {keyword} {limit} of `{context.label}`: the value would have more than "
                f"{MAX_SIZE} characters",
                _SIZE_HELP,
            )


@model_rule("M210", Severity.INFO, "a model without a known valid request")
def requests_unknown(context: ModelContext) -> Violations:
    parameters = [parameter for parameter in with_example(context.model).parameters if parameter.required]
    unknown = [parameter.wire for parameter in parameters if sample(parameter) is OMIT]
    for wire in unknown:
        yield RuleViolation(
            context.parameters[wire].key(),
            f"no valid value of `{shorten_value(wire)}` is known, so the tests of the model are skipped",
            "add `examples`, or the `example` of the page",
        )
    if not unknown and minimal_object(parameters) is None:
        yield RuleViolation(
            context.key("parameters"),
            f"a valid request has more than {MAX_SIZE} characters, so the tests of the model are skipped",
            "correct the limits of the required parameters, or test the model by hand",
        )
