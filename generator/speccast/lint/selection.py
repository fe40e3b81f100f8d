"""Selects the rules that run and their severities: `--select`, `--ignore`, `--severity`.

A selector is the code or name of a rule, a prefix of codes (`P`, `P2`), `default` or `all`. If several match a rule, the
most specific one applies, and `--ignore` before `--select`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from speccast.errors import SpeccastError
from speccast.findings import Severity
from speccast.lint.catalog import CATALOG, find, suggestion
from speccast.lint.rule import ForeignRule

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from speccast.lint.rule import AnyRule, Rule

OFF: Final = "off"
LEVELS: Final = tuple(severity.value for severity in Severity)
_BEGINNING: Final = re.compile(r"[A-Z]\d{0,2}")
_MOST_SPECIFIC: Final = 4


@dataclass(frozen=True, slots=True)
class Selection:
    """The codes of the selected rules, the severities that were changed, and the rules that were named explicitly.

    Info-level findings of rules that were named are always shown.
    """

    codes: frozenset[str]
    severities: Mapping[str, Severity] = field(default_factory=dict)
    named: frozenset[str] = frozenset()

    @property
    def rules(self) -> tuple[Rule, ...]:
        """The rules to run, sorted by code."""
        chosen = (CATALOG[code] for code in sorted(self.codes))
        return tuple(rule for rule in chosen if not isinstance(rule, ForeignRule))

    def severity(self, code: str, declared: Severity) -> Severity:
        return self.severities.get(code, declared)

    def errors(self) -> Selection:
        """Return the selection of those of these rules that report errors."""
        codes = (code for code in self.codes if self.severity(code, CATALOG[code].severity) is Severity.ERROR)
        return replace(self, codes=frozenset(codes))


def choose(
    select: Sequence[str] | None = None,
    ignore: Sequence[str] = (),
    severities: Iterable[tuple[str, str]] = (),
    targets: Collection[str] | None = None,
) -> Selection:
    """Return the selection for some selectors. Rules that protect generation are always selected.

    Rules of a target are selected only if it is one of the generated `targets` (None: all). A severity other than `off`
    also selects a rule that is not in the default set.

    Raises:
        SpeccastError: a rule or severity is unknown, or the rule cannot be disabled.
    """
    selected = _specificity(select if select is not None else ["default"])
    ignored = _specificity(ignore, turns_off=True)
    levels: dict[str, Severity] = {}
    for selector, level in sorted(severities, key=lambda pair: _length(pair[0])):
        if level == OFF:
            codes = _match(selector, turns_off=True)
            ignored |= dict.fromkeys(codes, _length(selector))
            selected = {code: specificity for code, specificity in selected.items() if code not in codes}
            levels = {code: severity for code, severity in levels.items() if code not in codes}
            continue
        if level not in LEVELS:
            raise SpeccastError(f"unknown severity {level!r}", hint=f"severities: {', '.join(LEVELS)}, {OFF}")
        for code in _match(selector):
            if CATALOG[code].needed and level != CATALOG[code].severity:
                if _length(selector) == _MOST_SPECIFIC:
                    raise _cannot(CATALOG[code], "always has the severity " + CATALOG[code].severity)
                continue
            levels[code] = Severity(level)
            selected[code] = max(selected.get(code, 0), _length(selector))
    chosen = frozenset(
        code
        for code, rule in CATALOG.items()
        if (rule.needed or (code in selected and selected[code] > ignored.get(code, -1)))
        and (not rule.target or targets is None or rule.target in targets)
    )
    named = frozenset(code for code, specificity in selected.items() if specificity > 0)
    return Selection(chosen, levels, named & chosen)


def _specificity(selectors: Iterable[str], *, turns_off: bool = False) -> dict[str, int]:
    found: dict[str, int] = {}
    for selector in selectors:
        for code in _match(selector, turns_off=turns_off):
            found[code] = max(found.get(code, 0), _length(selector))
    return found


def _length(selector: str) -> int:
    """Return how specific a selector is: 0 for all rules, 4 for one."""
    word = selector.strip()
    if word in ("all", "default"):
        return 0
    return len(word) if _BEGINNING.fullmatch(word.upper()) else _MOST_SPECIFIC


def _match(selector: str, *, turns_off: bool = False) -> list[str]:
    """Return the codes that match a selector, without those that cannot be disabled if it selects several to disable."""
    word = selector.strip()
    if word in ("all", "default"):
        return [code for code, rule in CATALOG.items() if word == "all" or rule.default]
    if _BEGINNING.fullmatch(word.upper()):
        codes = [code for code in CATALOG if code.startswith(word.upper())]
    else:
        rule = find(word)
        codes = [rule.code] if rule else []
    if not codes:
        raise SpeccastError(f"unknown rule {word!r}", hint=suggestion(word))
    if not turns_off:
        return codes
    free = [code for code in codes if not CATALOG[code].needed]
    if not free:
        raise _cannot(CATALOG[codes[0]], "cannot be disabled")
    return free


def _cannot(rule: AnyRule, what: str) -> SpeccastError:
    return SpeccastError(f"{rule.code} ({rule.name}) {what}", hint="this rule protects generation")


DEFAULT: Final = choose()
"""The default selection."""
