"""Which rules run and how bad their findings are, as a user asks for it: `--select`, `--ignore`, `--severity`.

A selector is a rule's code, its name, the beginning of codes (`P`, `P2`), `default` or `all`. Of two that speak of the
same rule the more exact one counts, and of two that are equally exact the one that ignores.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
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
_EXACT: Final = 4


@dataclass(frozen=True, slots=True)
class Selection:
    """The codes that are looked for, the severities that differ from the declared ones, and what was named outright.

    A finding that only informs is shown where its rule was named, whatever else is shown.
    """

    codes: frozenset[str]
    severities: Mapping[str, Severity] = field(default_factory=dict)
    named: frozenset[str] = frozenset()

    @property
    def rules(self) -> tuple[Rule, ...]:
        """The rules that run, by code."""
        chosen = (CATALOG[code] for code in sorted(self.codes))
        return tuple(rule for rule in chosen if not isinstance(rule, ForeignRule))

    def severity(self, code: str, declared: Severity) -> Severity:
        return self.severities.get(code, declared)


def choose(
    select: Sequence[str] | None = None,
    ignore: Sequence[str] = (),
    severities: Iterable[tuple[str, str]] = (),
    targets: Collection[str] | None = None,
) -> Selection:
    """The selection that a user asked for. What generation needs is always in it.

    Rules of a target are in it only if that is one of the `targets` that are generated, or if these are not known.

    A severity other than `off` also turns on a rule that is not in the default set.

    Raises:
        SpeccastError: there is no such rule or severity, or it cannot be turned off.
    """
    wanted = _exactness(select if select is not None else ["default"])
    unwanted = _exactness(ignore, turns_off=True)
    levels: dict[str, Severity] = {}
    for selector, level in sorted(severities, key=lambda pair: _length(pair[0])):
        if level == OFF:
            codes = _matched(selector, turns_off=True)
            unwanted |= dict.fromkeys(codes, _length(selector))
            wanted = {code: exactness for code, exactness in wanted.items() if code not in codes}
            levels = {code: severity for code, severity in levels.items() if code not in codes}
            continue
        if level not in LEVELS:
            raise SpeccastError(f"{level!r} is no severity", hint=f"there are: {', '.join(LEVELS)} and {OFF}")
        for code in _matched(selector):
            if CATALOG[code].needed and level != CATALOG[code].severity:
                if _length(selector) == _EXACT:
                    raise _cannot(CATALOG[code], "has always the severity " + CATALOG[code].severity)
                continue
            levels[code] = Severity(level)
            wanted[code] = max(wanted.get(code, 0), _length(selector))
    chosen = frozenset(
        code
        for code, rule in CATALOG.items()
        if (rule.needed or (code in wanted and wanted[code] > unwanted.get(code, -1)))
        and (not rule.target or targets is None or rule.target in targets)
    )
    named = frozenset(code for code, exactness in wanted.items() if exactness > 0)
    return Selection(chosen, levels, named & chosen)


def _exactness(selectors: Iterable[str], *, turns_off: bool = False) -> dict[str, int]:
    found: dict[str, int] = {}
    for selector in selectors:
        for code in _matched(selector, turns_off=turns_off):
            found[code] = max(found.get(code, 0), _length(selector))
    return found


def _length(selector: str) -> int:
    """How exact a selector is: 0 for all rules, 4 for one."""
    word = selector.strip()
    return 0 if word in ("all", "default") else len(word) if _BEGINNING.fullmatch(word.upper()) else _EXACT


def _matched(selector: str, *, turns_off: bool = False) -> list[str]:
    """The codes of the rules that a selector speaks of; what cannot be turned off is no part of many that are."""
    word = selector.strip()
    if word in ("all", "default"):
        return [code for code, rule in CATALOG.items() if word == "all" or rule.default]
    if _BEGINNING.fullmatch(word.upper()):
        codes = [code for code in CATALOG if code.startswith(word.upper())]
    else:
        rule = find(word)
        codes = [rule.code] if rule else []
    if not codes:
        raise SpeccastError(f"there is no rule {word!r}", hint=suggestion(word))
    if not turns_off:
        return codes
    free = [code for code in codes if not CATALOG[code].needed]
    if not free:
        raise _cannot(CATALOG[codes[0]], "cannot be turned off")
    return free


def _cannot(rule: AnyRule, what: str) -> SpeccastError:
    return SpeccastError(
        f"{rule.code} ({rule.name}) {what}", hint="generation could not cope with what it finds"
    )


DEFAULT: Final = choose()
"""What runs where nobody asks for anything else."""
