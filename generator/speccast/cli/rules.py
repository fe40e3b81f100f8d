"""`speccast rules`: list every rule with its code, name, severity and summary."""

from __future__ import annotations

import json

import click


@click.command(
    epilog="Marks: o off by default; f fixable, F fixable with --unsafe-fixes; ! cannot be disabled. "
    "`speccast explain RULE` explains one."
)
@click.option(
    "--format",
    "format_",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="Output format.",
)
def command(format_: str) -> int:
    """List the rules of the linter."""
    from speccast.lint.catalog import CATALOG, FAMILIES, address, documentation

    if format_ == "json":
        value = [
            {
                "code": rule.code,
                "name": rule.name,
                "family": FAMILIES[rule.code[0]],
                "severity": rule.severity.value,
                "default": rule.default,
                "needed": rule.needed,
                "fixable": rule.fixable,
                "summary": rule.summary,
                "documentation": documentation(rule).prose,
                "url": address(rule),
            }
            for rule in CATALOG.values()
        ]
        click.echo(json.dumps(value, indent=2))
        return 0
    width = max(len(rule.name) for rule in CATALOG.values())
    family = ""
    for rule in CATALOG.values():
        if rule.code[0] != family:
            family = rule.code[0]
            click.echo(f"{'' if rule is next(iter(CATALOG.values())) else chr(10)}{FAMILIES[family]}")
        fix = {"no": " ", "safe": "f", "unsafe": "F"}[rule.fixable]
        marks = f"{' ' if rule.default else 'o'}{fix}{'!' if rule.needed else ' '}"
        click.echo(f"  {rule.code}  {rule.name:{width}}  {rule.severity.value:7}  {marks}  {rule.summary}")
    return 0
