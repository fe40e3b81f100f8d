"""Samples: whether the model of the package's samples exists.

A114 unknown-sample

    `sample` names the model that the README of the package uses. Without this model, the README uses another one.

    Bad::

        # api.yaml
        sample: fox-2

    Good::

        # api.yaml
        sample: fox
        # fox.yaml
        slug: fox
"""

from __future__ import annotations

from speccast.core.suggestions import closest
from speccast.lint.rule import ApiContext, RuleViolation, Severity, Violations, api_rule


@api_rule("A114", Severity.ERROR, "a sample of a model that does not exist")
def unknown_sample(context: ApiContext) -> Violations:
    sample = context.spec.get("sample")
    slugs = [model.model.slug for model in context.models]
    if sample is not None and sample not in slugs:
        near = closest(sample, slugs)
        yield RuleViolation(
            context.value("sample"),
            f"the API has no model `{sample}`",
            f"did you mean `{near}`?" if near else "write the slug of one of its models",
        )
