"""Drafts: what `speccast draft` left for a person to decide.

D107 draft-undecided

    A comment `# draft:` marks a value that could not be read for certain from the page. Decide it, correct the spec if
    needed, and remove the comment. Select the rule in CI, so that no draft is released.

    Bad::

        parameters:
          duration:
            type: integer
            # draft: enum: the values touch: 248 (other readings: [24, 8])
            enum: [2, 4, 8]

    Good::

        parameters:
          duration:
            type: integer
            enum: [2, 4, 8]
            note: The page prints the values without anything between them (248).
"""

from __future__ import annotations

import re
from typing import Final

from speccast.lint.comments import comments_above
from speccast.lint.rule import Document, Location, RuleViolation, Severity, Violations, document_rule
from speccast.specs.problems import shorten_value

_DRAFT: Final = re.compile(r"#[ \t]*draft:[ \t]*(?P<text>[^\r\n]*)")


@document_rule(
    "D107", Severity.ERROR, "a comment of `speccast draft` that asks for a decision", default=False
)
def draft_undecided(document: Document) -> Violations:
    for match, pointer in comments_above(document, _DRAFT):
        yield RuleViolation(
            Location(document, pointer, on_key=bool(pointer)),
            f"to decide: {shorten_value(match['text'].strip(), 160)}",
            "compare it with the page, then remove the comment",
        )
