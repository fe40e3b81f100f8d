"""Formats of the report, one module each, with a function that returns the report as text.

The text is always valid in its format, even if files could not be read or the run failed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from speccast.lint.reports import concise, github, gitlab, json, junit, sarif, text

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from speccast.lint.report import LintReport

FORMATS: Final[Mapping[str, Callable[[LintReport], str]]] = {
    "text": text.report,
    "concise": concise.report,
    "json": json.report,
    "sarif": sarif.report,
    "github": github.report,
    "gitlab": gitlab.report,
    "junit": junit.report,
}
"""The formats by name. `text` and `concise` are styled for a terminal."""
