"""Names that become file names.

M211 name-not-portable

    The files of a model are named after its slug, or its `name`. Windows reserves some names for devices, such as `aux`
    and `com1`, so a repository with such a file cannot be cloned there.

    Bad::

        # aux.yaml
        slug: aux

    Good::

        # aux.yaml
        slug: aux
        name: aux_model
"""

from __future__ import annotations

import re

from speccast.lint.rule import ModelContext, RuleViolation, Severity, Violations, model_rule
from speccast.portable_names import name_problem


@model_rule("M211", Severity.ERROR, "a model whose files have the name of a device on Windows", needed=True)
def name_not_portable(context: ModelContext) -> Violations:
    for part in context.model.slug.split("/")[:-1]:
        if name_problem(part):
            yield RuleViolation(
                context.value("slug"),
                f"the spec lies in a folder `{part}`, which is not allowed on Windows",
                "a repository with such a folder cannot be cloned there",
            )
    written = context.model.name or context.model.slug
    name = re.sub("[^a-z0-9]+", "_", written.lower())
    if name_problem(f"{name}.py"):
        yield RuleViolation(
            context.name_place,
            f"the files of `{written}` cannot be called {name}: Windows reserves the name for a device",
            f"give the model another name, such as `name: {name}_model`",
        )
