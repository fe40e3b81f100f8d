"""Renders the documentation of rules, for the terminal and as the reference page, from the docstrings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from speccast.lint.catalog import CATALOG, FAMILIES, address, documentation
from speccast.lint.rules import suppressions
from speccast.rule_documentation import explain_rule, in_markdown

if TYPE_CHECKING:
    from speccast.lint.rule import AnyRule

_INTRODUCTION: Final = """\
<!-- Made by tools/scripts/rules.py from generator/speccast/lint/rules/; do not edit. -->
# The rules of the linter

`speccast lint` checks specs with these rules; see [linting.md](linting.md). `speccast rules` lists them,
`speccast explain P203` shows one.

**Stability.** The meaning of a code and its name never change, and neither is reused. Severities and the default set can change
in a minor version. Any version can make a rule more precise. A new rule that valid specs could violate is not in the default set
at first.

**Severity.** An *error* fails a run and stops generation. A *warning* does neither. An *info* is shown only with `--info`.
`--severity RULE=LEVEL` changes the severity, `off` disables a rule, and `--fail-on` sets the lowest severity that fails. A
**needed** rule protects generation: it cannot be disabled or suppressed.

**Selection.** By default, the default set runs. `--select` selects other rules: codes (`P203`), prefixes (`P2`), names,
`default` or `all`. `--ignore` skips rules. The most specific selector applies. Rules of a target run only in projects that
generate the target.

**Fixes.** `--fix` applies *safe* fixes, which are certainly what the author meant. `--unsafe-fixes` also applies those that
may change the meaning of a spec. `--diff` shows the changes without making them.

**Configuration.** In `pyproject.toml`, or without the prefix `tool.speccast` in `speccast.toml`:

```toml
[tool.speccast.lint]
select = ["default", "D106"]
ignore = ["P203"]
severity = {{ P303 = "error" }}
fail-on = "warning"
baseline = "speccast-baseline.json"
```

**Comments.** {comments}

**Baseline.** `--baseline FILE --write-baseline` records the current findings by rule, file and JSON pointer. Later runs with
`--baseline FILE` ignore them. The baseline only shrinks: an entry without a finding fails a run until `--prune-baseline`
removes it. With `CI=true`, a baseline is never written.
"""


def page() -> str:
    """Return the reference page as Markdown."""
    comments = (suppressions.__doc__ or "").partition("\n\nX101")[0].replace("\n\n", " ").replace("\n", " ")
    parts = [_INTRODUCTION.format(comments=comments)]
    parts.append("| code | name | severity | by default | fix | finds |\n|---|---|---|---|---|---|")
    parts += [_row(rule) for rule in CATALOG.values()]
    for letter, family in FAMILIES.items():
        rules = [rule for rule in CATALOG.values() if rule.code.startswith(letter)]
        if rules:
            parts.append(f"\n## {family}")
        parts += [f"\n{_section(rule)}" for rule in rules]
    return "\n".join(parts) + "\n"


def explanation(rule: AnyRule) -> str:
    """Return the documentation of a rule as text."""
    lines = [f"{rule.code} {rule.name}", "", _traits(rule), "", *explain_rule(documentation(rule))]
    return "\n".join([*lines, "", address(rule)])


def _row(rule: AnyRule) -> str:
    fix = {"no": "", "safe": "safe", "unsafe": "unsafe"}[rule.fixable]
    runs = "yes" if rule.default else "no"
    runs = "needed" if rule.needed else runs
    link = f"[{rule.code}](#{rule.code.lower()}-{rule.name})"
    return f"| {link} | {rule.name} | {rule.severity.value} | {runs} | {fix} | {rule.summary} |"


def _section(rule: AnyRule) -> str:
    return f"### {rule.code} {rule.name}\n\n*{_traits(rule)}*\n\n{in_markdown(documentation(rule))}"


def _traits(rule: AnyRule) -> str:
    runs = "in the default set" if rule.default else "not in the default set"
    runs = "needed" if rule.needed else runs
    fixes = {"no": "no fix", "safe": "safe fix", "unsafe": "unsafe fix"}[rule.fixable]
    return f"{rule.severity.value}, {runs}, {fixes}"
