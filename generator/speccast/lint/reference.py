"""What is said of rules, as text for a terminal and as Markdown for the reference page: both from the docstrings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from speccast.lint.catalog import CATALOG, FAMILIES, address, documentation
from speccast.lint.rules import suppressions

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from speccast.lint.rule import AnyRule

_INTRODUCTION: Final = """\
<!-- Made by tools/scripts/rules.py from generator/speccast/lint/rules/; do not edit. -->
# The rules of the linter

`speccast lint` judges specs by these rules; [linting.md](linting.md) tells how to use it. `speccast rules` lists them,
`speccast explain P203` shows one.

**Stability.** A code and its name keep their meaning for ever; one that goes out of use is not given away again. The
severity is no part of the code and may change with a minor version, as may the rules that run by default; what a rule
finds may become more exact with any. A new rule begins outside the default set where specs without a fault could meet it.

**Severity.** An *error* fails a run and stops generation, a *warning* does neither, an *info* is shown with `--info`. Change
it with `--severity RULE=LEVEL`, where `off` turns a rule off, and say with `--fail-on` what fails. What generation could
not cope with is **needed**: it can be neither turned off nor silenced.

**Which run.** The default set, unless `--select` names others: codes (`P203`), their beginnings (`P2`), names, `default` or
`all`. `--ignore` leaves rules out. The more exact selector counts.

**Fixes.** `--fix` mends what is *safe* to mend, which is what the author surely meant; `--unsafe-fixes` also what may change
the meaning of a spec; `--diff` shows either without doing it.

**In a project**, in `pyproject.toml`, or without `tool.speccast` in `speccast.toml`:

```toml
[tool.speccast.lint]
select = ["default", "D106"]
ignore = ["P203"]
severity = {{ P303 = "error" }}
fail-on = "warning"
baseline = "speccast-baseline.json"
```

**Comments.** {comments}

**Baseline.** `--baseline FILE --write-baseline` notes the findings of today, by rule, file and JSON pointer, and later runs
with `--baseline FILE` let them through. It only ever shrinks: an entry that is no longer found fails a run until
`--prune-baseline` removes it. Under `CI=true` it is never written.
"""


def page() -> str:
    """The reference page."""
    comments = (suppressions.__doc__ or "").partition("\n\nX101")[0].replace("\n\n", " ").replace("\n", " ")
    parts = [_INTRODUCTION.format(comments=comments)]
    parts.append("| code | name | severity | by default | fix | finds |\n|---|---|---|---|---|---|")
    parts += [_row(rule) for rule in CATALOG.values()]
    for letter, family in FAMILIES.items():
        rules = [rule for rule in CATALOG.values() if rule.code.startswith(letter)]
        parts.append(f"\n## {family}")
        parts += [f"\n{section}" for rule in rules for section in _section(rule)]
    return "\n".join(parts) + "\n"


def explanation(rule: AnyRule) -> str:
    """One rule as text."""
    said = documentation(rule)
    lines = [f"{rule.code} {rule.name}", "", _traits(rule), "", said.prose]
    for title, example in (("Bad", said.bad), ("Good", said.good)):
        if example:
            lines += [
                "",
                f"{title}:",
                "",
                *(f"    {line}".rstrip() for line in _joined(example).splitlines()),
            ]
    return "\n".join([*lines, "", address(rule)])


def _row(rule: AnyRule) -> str:
    fix = {"no": "", "safe": "safe", "unsafe": "unsafe"}[rule.fixable]
    runs = "needed" if rule.needed else "yes" if rule.default else "no"
    link = f"[{rule.code}](#{rule.code.lower()}-{rule.name})"
    return f"| {link} | {rule.name} | {rule.severity.value} | {runs} | {fix} | {rule.summary} |"


def _section(rule: AnyRule) -> Iterator[str]:
    said = documentation(rule)
    yield f"### {rule.code} {rule.name}\n\n*{_traits(rule)}*\n\n{said.prose}"
    for title, example in (("Bad", said.bad), ("Good", said.good)):
        if example:
            yield f"{title}:\n\n```yaml\n{_joined(example)}```"


def _traits(rule: AnyRule) -> str:
    runs = "needed" if rule.needed else "in the default set" if rule.default else "only where it is asked for"
    fixes = {"no": "no fix", "safe": "safe fix", "unsafe": "unsafe fix"}[rule.fixable]
    return f"{rule.severity.value}, {runs}, {fixes}"


def _joined(example: Mapping[str, str]) -> str:
    return "\n".join(f"# {name}\n{text}" if name else text for name, text in example.items())
