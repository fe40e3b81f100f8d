"""`speccast rules`: every rule with its code, name, severity and what it finds."""

from __future__ import annotations

import json

import click


@click.command(
    epilog="Marks: o runs only where it is asked for; f can be fixed, F by --unsafe-fixes only; ! cannot be turned off. "
    "`speccast explain RULE` tells more of one."
)
@click.option(
    "--format", "format_", type=click.Choice(["text", "json"]), default="text", show_default=True, help="How."
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
