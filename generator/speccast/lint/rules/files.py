"""Files: what a spec's file is called.

M201 slug-is-not-file-name

    A model's file has the model's slug as its name, so that one finds the other. After copying a spec to start a new
    one, this is where the slug was forgotten.

    Bad::

        # flux.yaml
        slug: sana

    Good::

        # flux.yaml
        slug: flux
"""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Final

from speccast.findings import Severity
from speccast.lint.rule import ModelRule, Violation
from speccast.specs.problems import clipped

if TYPE_CHECKING:
    from collections.abc import Iterator

    from speccast.lint.context import ModelContext


def slug_is_not_file_name(context: ModelContext) -> Iterator[Violation]:
    path = PurePosixPath(context.document.path)
    slug = context.model.slug
    if path.stem != slug:
        yield Violation(
            context.value("slug"),
            f"the slug is {clipped(slug)}, but the file is called {clipped(path.name)}",
            f"rename the file to {clipped(slug)}{path.suffix}, or correct the slug",
        )


RULES: Final = (
    ModelRule(
        code="M201",
        name="slug-is-not-file-name",
        severity=Severity.WARNING,
        summary="a slug that is not the name of its file",
        check=slug_is_not_file_name,
    ),
)
