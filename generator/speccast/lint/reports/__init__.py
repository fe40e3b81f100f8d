"""Reports of a run, one module a format. Each is a function of the run alone and gives the whole report as text.

Whatever happened, a report is valid in its format, also where files could not be read or the run failed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from speccast.lint.reports import concise, github, gitlab, json, junit, sarif, text

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from speccast.lint.report import Run

FORMATS: Final[Mapping[str, Callable[[Run], str]]] = {
    "text": text.report,
    "concise": concise.report,
    "json": json.report,
    "sarif": sarif.report,
    "github": github.report,
    "gitlab": gitlab.report,
    "junit": junit.report,
}
"""Every format by its name; `text` and `concise` are styled for a terminal, with escapes that others leave out."""
