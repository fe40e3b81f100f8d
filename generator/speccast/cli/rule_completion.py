"""Completion of rules on the command line, by code or name."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import click
    from click.shell_completion import CompletionItem


def complete_rules(_: click.Context, __: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Complete the last word of a comma-separated list with the codes and names of rules."""
    from click.shell_completion import CompletionItem

    from speccast.lint.catalog import CATALOG

    before, comma, last = incomplete.rpartition(",")
    found = [(rule.code, rule.name) for rule in CATALOG.values() if rule.code.startswith(last.upper())]
    if last:
        found += [(rule.name, rule.code) for rule in CATALOG.values() if rule.name.startswith(last)]
    return [CompletionItem(f"{before}{comma}{word}", help=about) for word, about in found]


def complete_rule_or_file(
    context: click.Context, parameter: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """Complete a rule, or leave the word to the shell as the path of a file."""
    from click.shell_completion import CompletionItem

    return complete_rules(context, parameter, incomplete) or [CompletionItem(incomplete, type="file")]
