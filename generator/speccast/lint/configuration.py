"""The configuration of the linter: the table `[tool.speccast.lint]`, or `[lint]` in speccast.toml.

    select = ["default", "D106"]        # which rules run; see `speccast.lint.selection`
    ignore = ["P203"]
    severity = { P303 = "error" }
    fail-on = "warning"                 # error (the default), warning, info or never
    baseline = "speccast-baseline.json"

On the command line, --select replaces `select`; the other options add to the table.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from speccast.core.suggestions import closest
from speccast.errors import SpeccastError
from speccast.findings import Severity
from speccast.lint.catalog import add_rules
from speccast.lint.selection import LEVELS, Selection, choose

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

NEVER: Final = "never"
FAIL_ON: Final = (*LEVELS, NEVER)
KEYS: Final = ("select", "ignore", "severity", "fail-on", "baseline")
_TABLE: Final = "[tool.speccast.lint]"


@dataclass(frozen=True, slots=True)
class Configuration:
    """The settings of a project and of the command line. `select` is None for the default set.

    `targets` are those that the project generates. None selects the rules of all targets.
    """

    select: tuple[str, ...] | None = None
    ignore: tuple[str, ...] = ()
    severities: tuple[tuple[str, str], ...] = ()
    fail_on: str = Severity.ERROR.value
    baseline: str | None = None
    targets: tuple[str, ...] | None = None

    def selection(self) -> Selection:
        """Return the rules to run and their severities.

        Raises:
            SpeccastError: an unknown rule or severity, or a rule that cannot be disabled.
        """
        return choose(self.select, self.ignore, self.severities, self.targets)

    def with_more(
        self,
        select: Sequence[str] = (),
        ignore: Sequence[str] = (),
        severities: Sequence[tuple[str, str]] = (),
        fail_on: str | None = None,
        baseline: str | None = None,
    ) -> Configuration:
        """Return a copy with the options of the command line."""
        return replace(
            self,
            select=tuple(select) or self.select,
            ignore=(*self.ignore, *ignore),
            severities=(*self.severities, *severities),
            fail_on=fail_on or self.fail_on,
            baseline=baseline or self.baseline,
        )


def configuration(table: Mapping[str, object], targets: tuple[str, ...] | None = None) -> Configuration:
    """Return the configuration from a project's table.

    Raises:
        SpeccastError: an unknown key, a value of the wrong type, or an unknown rule or severity.
    """
    for key in table:
        if key not in KEYS:
            near = closest(key, KEYS)
            hint = f"did you mean {near!r}?" if near else f"known keys: {', '.join(KEYS)}"
            raise SpeccastError(f"{_TABLE}: unknown key {key!r}", hint=hint)
    severity = table.get("severity", {})
    if not isinstance(severity, dict) or not all(isinstance(level, str) for level in severity.values()):
        raise SpeccastError(f'{_TABLE}: severity must be a table such as {{ P303 = "error" }}')
    fail_on = table.get("fail-on", Severity.ERROR.value)
    if fail_on not in FAIL_ON:
        raise SpeccastError(f"{_TABLE}: fail-on must be one of {', '.join(FAIL_ON)}, not {fail_on!r}")
    baseline = table.get("baseline")
    if baseline is not None and not isinstance(baseline, str):
        raise SpeccastError(f"{_TABLE}: baseline must be the path of a file, not {baseline!r}")
    add_rules(targets or ())
    result = Configuration(
        select=_list(table, "select") if "select" in table else None,
        ignore=_list(table, "ignore"),
        severities=tuple(severity.items()),
        fail_on=str(fail_on),
        baseline=baseline,
        targets=targets,
    )
    try:
        result.selection()
    except SpeccastError as error:
        # Raised here with the name of the table, since later the command line could be the cause.
        raise SpeccastError(f"{_TABLE}: {error}", hint=error.hint) from None
    return result


def _list(table: Mapping[str, object], key: str) -> tuple[str, ...]:
    value = table.get(key, [])
    if not isinstance(value, list) or not all(isinstance(word, str) for word in value):
        raise SpeccastError(f'{_TABLE}: {key} must be a list such as ["P203"], not {value!r}')
    return tuple(value)
