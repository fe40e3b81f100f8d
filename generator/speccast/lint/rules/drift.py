"""Differences between a spec and the page that it is from. `speccast drift` reports them, not the linter.

D108 page-adds

    The page documents a parameter that the spec does not have.

D109 page-lacks

    The spec has a parameter that the page does not document. If the parameter is known from elsewhere, say so in its
    `note`.

D110 page-differs

    The page states another value. If the spec differs on purpose, quote what the page prints in the parameter's `note`
    ("The page prints 12 as the maximum"), or write it into `documented_as`.
"""

from __future__ import annotations

from typing import Final

from speccast.lint.rule import ForeignRule, Severity

_SUMMARIES: Final = {
    "D108": ("page-adds", "a parameter of the page that the spec does not have"),
    "D109": ("page-lacks", "a parameter that the page does not document"),
    "D110": ("page-differs", "a value that differs from the page"),
}

RULES: Final = tuple(
    ForeignRule(code, name, Severity.WARNING, summary, default=False, module=__name__)
    for code, (name, summary) in _SUMMARIES.items()
)
