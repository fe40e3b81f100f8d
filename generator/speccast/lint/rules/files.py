"""Files: the name of a spec's file.

M201 slug-is-not-file-name

    The file of a model must be named after its slug; that of a slug with slashes lies in folders of the same names. This often shows that the slug was not changed after copying a
    spec.

    Bad::

        # flux.yaml
        slug: sana

    Good::

        # flux.yaml
        slug: flux
"""

from __future__ import annotations

from pathlib import PurePosixPath

from speccast.lint.rule import ModelContext, RuleViolation, Severity, Violations, model_rule
from speccast.specs.problems import shorten_value


@model_rule("M201", Severity.WARNING, "a slug that is not the name of its file")
def slug_is_not_file_name(context: ModelContext) -> Violations:
    path = PurePosixPath(context.document.path)
    folder = PurePosixPath(context.api.document.path).parent
    path = path.relative_to(folder) if path.is_relative_to(folder) else PurePosixPath(path.name)
    slug = context.model.slug
    if str(path.with_suffix("")) != slug:
        yield RuleViolation(
            context.value("slug"),
            f"the slug is {shorten_value(slug)}, but the file is {shorten_value(str(path))}",
            f"rename the file to {shorten_value(slug)}{path.suffix}, or correct the slug",
        )
