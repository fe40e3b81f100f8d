"""Texts of `speccast init` that were not replaced.

D111 skeleton-text

    The skeleton that `speccast init` writes has sample texts. Those that are left become the documentation of the client.

    Bad::

        description: What the page says the model does, in the page's words.

    Good::

        description: Makes a picture from a text.
"""

from __future__ import annotations

from typing import Final

from speccast.lint.rule import Document, Location, RuleViolation, Severity, Violations, document_rule
from speccast.lint.texts import texts_of
from speccast.specs.problems import shorten_value

TEXTS: Final = (
    "What the page says the model does, in the page's words.",
    "What the picture shows.",
    "How closely the picture follows the prompt.",
    "Format of the picture.",
    "https://docs.example.com",
    "https://api.example.com",
)
"""Sample texts, or their beginnings, that no page has."""


@document_rule("D111", Severity.WARNING, "a sample text of `speccast init`")
def skeleton_text(document: Document) -> Violations:
    for pointer, text in texts_of(document):
        if text.startswith(TEXTS):
            yield RuleViolation(
                Location(document, pointer),
                f"this is still the text of the skeleton: {shorten_value(text)}",
                "write what the page says, or remove the key",
            )
