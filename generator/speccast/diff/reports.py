"""Reports of changes: text, JSON, Markdown, annotations for GitHub, and SARIF.

Messages can contain text of specs, so each report escapes what its format or a terminal would interpret.
"""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from speccast import __version__
from speccast.diff.change import Level, Side
from speccast.diff.rules import RULES
from speccast.findings import printable
from speccast.workflow_commands import workflow_command

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from speccast.diff.change import Change, Place, PlacedChange
    from speccast.diff.outcome import VersionOutcome

_SEVERITIES: Final = {Level.BREAKING: "error", Level.BEHAVIOR: "warning"}
_SARIF: Final = {"error": "error", "warning": "warning", "notice": "note"}
_SCHEMA: Final = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"


@dataclass(frozen=True, slots=True)
class Comparison:
    """What the reports show: the labels of both versions, the changes, and the required version of each API."""

    before: str
    after: str
    changes: tuple[PlacedChange, ...]
    outcomes: tuple[VersionOutcome, ...]


def text(comparison: Comparison) -> str:
    lines = []
    for each in comparison.changes:
        change = each.change
        lines.append(
            f"{_place(each)}: {change.level.word}[{change.rule.code}] {each.subject}: {change.message}"
        )
        lines.append(f"    for: {_sides(change)}")
        if change.witness is not None:
            proven = " (proven)" if change.witness.is_proven else ""
            lines.append(f"    worked before{proven}: {change.witness}")
        if change.advice:
            lines.append(f"    help: {change.advice}")
    lines += [*_summary(comparison)]
    return "".join(f"{printable(line)}\n" for line in lines)


def as_json(comparison: Comparison) -> str:
    return (
        json.dumps(
            {
                "before": comparison.before,
                "after": comparison.after,
                "changes": [_value(each) for each in comparison.changes],
                "versions": [
                    {
                        "api": each.api,
                        "before": each.before,
                        "after": each.after,
                        "required": each.required,
                        "sides": each.sides,
                        "is_enough": each.is_enough,
                    }
                    for each in comparison.outcomes
                ],
            },
            indent=2,
        )
        + "\n"
    )


def markdown(comparison: Comparison) -> str:
    """Return the report as a comment on a pull request: breaks first, everything else folded."""
    lines = [f"### Changes from {code(comparison.before)} to {code(comparison.after)}", ""]
    lines += [*(f"- {escape(line)}" for line in _summary(comparison)), ""]
    for level in sorted(Level, reverse=True):
        found = [each for each in comparison.changes if each.change.level is level]
        if not found:
            continue
        title = f"{level.word.capitalize()} ({len(found)})"
        is_open = level is Level.BREAKING
        lines += [f"#### {title}", ""] if is_open else [f"<details><summary>{title}</summary>", ""]
        lines += ["| model | change | for | worked before |", "| --- | --- | --- | --- |"]
        lines += [_row(each) for each in found]
        lines += [""] if is_open else ["", "</details>", ""]
    if comparison.changes:
        codes = sorted({each.change.rule.code for each in comparison.changes})
        lines.append(f"`speccast explain {codes[0]}` explains a code.")
    return "\n".join(lines).rstrip() + "\n"


def github(comparison: Comparison) -> str:
    lines = []
    for each in comparison.changes:
        place = each.after or each.before
        properties = {"title": f"{each.change.rule.code} {each.change.rule.name}"}
        if each.after is not None and place is not None and place.line:
            properties |= {"file": place.path, "line": str(place.line), "col": str(place.column)}
        message = f"{each.subject}: {each.change.message}\nfor: {_sides(each.change)}"
        lines.append(workflow_command(_severity(each.change), message, **properties))
    lines += [
        workflow_command("error", str(outcome), title="version")
        for outcome in comparison.outcomes
        if not outcome.is_enough
    ]
    return "".join(f"{line}\n" for line in lines)


def sarif(comparison: Comparison) -> str:
    rules = [
        {
            "id": rule.code,
            "name": rule.name,
            "shortDescription": {"text": f"{rule.summary[0].upper()}{rule.summary[1:]}."},
        }
        for rule in RULES
    ]
    driver = {"name": "speccast diff", "version": __version__, "rules": rules}
    results = [_result(each) for each in comparison.changes]
    run = {"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "results": results}
    return json.dumps({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2) + "\n"


FORMATS: Final[Mapping[str, Callable[[Comparison], str]]] = {
    "text": text,
    "json": as_json,
    "markdown": markdown,
    "github": github,
    "sarif": sarif,
}
"""The formats by name."""


def _summary(comparison: Comparison) -> list[str]:
    lines = [f"{comparison.before} → {comparison.after}: {count_levels(comparison.changes)}"]
    for each in comparison.outcomes:
        if each.level is not None:
            lines.append(str(each))
            lines += _by_side(each)
    return lines


def _by_side(outcome: VersionOutcome) -> list[str]:
    """Return which sides need which version, if not all need the same."""
    by_version = {
        version: [side for side in outcome.sides if outcome.sides[side] == version]
        for version in outcome.sides.values()
    }
    if len(by_version) == 1:
        return []
    words = {version: "no new version" if version == outcome.before else version for version in by_version}
    needs = "; ".join(f"{words[version]} for {', '.join(sides)}" for version, sides in by_version.items())
    return [f"{outcome.api}: needs {needs}"]


def count_levels(changes: Iterable[PlacedChange]) -> str:
    """Return the number of changes of each level in words, such as `2 breaking, 1 addition`."""
    counts = Counter(each.change.level for each in changes)
    return (
        ", ".join(f"{counts[level]} {level.word}" for level in sorted(counts, reverse=True)) or "no changes"
    )


def _place(each: PlacedChange) -> str:
    return str(each.after or each.before or each.api)


def _sides(change: Change) -> str:
    return ", ".join(f"{side} {change.effects[side]}" for side in Side if side in change.effects)


def _severity(change: Change) -> str:
    return _SEVERITIES.get(change.level, "notice")


def _value(each: PlacedChange) -> dict[str, Any]:
    change = each.change
    return {
        "rule": change.rule.code,
        "name": change.rule.name,
        "level": change.level.word,
        "api": each.api,
        "model": each.model or None,
        "pointer": list(change.pointer),
        "message": change.message,
        "effects": {
            side.value: {"level": effect.level.word, "when": effect.when or None}
            for side, effect in change.effects.items()
        },
        "witness": None
        if change.witness is None
        else {
            "kind": change.witness.kind,
            "action": change.witness.action if change.witness.kind == "request" else None,
            "value": change.witness.shown,
            "is_proven": change.witness.is_proven,
        },
        "advice": change.advice or None,
        "before": _position(each.before),
        "after": _position(each.after),
    }


def _position(place: Place | None) -> dict[str, Any] | None:
    return None if place is None else {"path": place.path, "line": place.line, "column": place.column}


def _row(each: PlacedChange) -> str:
    change = each.change
    message = f"{change.message} ({change.advice})" if change.advice else change.message
    witness = code(str(change.witness)) if change.witness else ""
    return f"| {code(each.subject)} | {change.rule.code} {escape(message)} | {escape(_sides(change))} | {witness} |"


def code(text: str) -> str:
    """Return text as code in a cell of a table. Backticks and bars would end it."""
    return f"`{printable(text).replace('`', chr(39)).replace('|', chr(92) + '|')}`"


def escape(text: str) -> str:
    """Return text whose characters mean nothing in Markdown or HTML, except that `…` stays code."""
    outside = []
    for index, part in enumerate(printable(text).split("`")):
        if index % 2:
            outside.append(code(part))
        else:
            outside.append("".join(f"\\{each}" if each in r"\*_[]<>|#~&!" else each for each in part))
    return "".join(outside)


def _result(each: PlacedChange) -> dict[str, Any]:
    change = each.change
    severity = _SARIF[_severity(change)]
    result: dict[str, Any] = {
        "ruleId": change.rule.code,
        "level": severity,
        "message": {"text": f"{each.subject}: {change.message}\nfor: {_sides(change)}"},
    }
    if each.after is not None:
        result["locations"] = [_location(each.after)]
    if each.before is not None:
        result["relatedLocations"] = [{**_location(each.before), "message": {"text": "before"}}]
    return result


def _location(place: Place) -> dict[str, Any]:
    found: dict[str, Any] = {"artifactLocation": {"uri": place.path}}
    if place.line:
        found["region"] = {"startLine": place.line, "startColumn": place.column}
    return {"physicalLocation": found}
