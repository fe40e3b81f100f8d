"""`speccast explain`: the documentation of a rule, or the sources of a generated file."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

import click

from speccast.cli.rule_completion import complete_rule_or_file
from speccast.errors import SpeccastError
from speccast.findings import printable

_LINE: Final = re.compile(r"(.+?):(\d+)(?::\d+)?")


@click.command(
    epilog="Examples: speccast explain P203; speccast explain bound-off-step; speccast explain "
    "generated/acme/python/acme_client/models/fox.py:30"
)
@click.argument("what", metavar="RULE|PATH[:LINE]", shell_complete=complete_rule_or_file)
def command(what: str) -> int:
    """Explain a rule, or show which spec and template a generated file comes from.

    A rule of the linter or a change of `speccast diff` is named by its code or its name.
    """
    from speccast.diff import reference
    from speccast.lint import catalog
    from speccast.lint.reference import explanation

    rule = catalog.find(what)
    if rule is not None:
        click.echo(explanation(rule))
        return 0
    if (change := reference.find(what)) is not None:
        click.echo(reference.explanation(change))
        return 0
    match = _LINE.fullmatch(what)
    path, line = (Path(match[1]), int(match[2])) if match and not Path(what).exists() else (Path(what), None)
    if not path.exists() and "/" not in what and "\\" not in what:
        raise SpeccastError(f"unknown rule or file {what!r}", hint=catalog.suggestion(what))
    _explain_file(path, line)
    return 0


def _explain_file(path: Path, line: int | None) -> None:
    from speccast.cli.crash_recovery import find_recovered_project
    from speccast.origin import origin

    project = find_recovered_project(path)
    if path.is_dir():
        raise SpeccastError(f"{path} is a folder", hint="name a generated file in it")
    found = origin(project, path, line)
    spec = f"{found.spec}:{found.line}" if found.line else found.spec
    click.echo(printable(f"spec      {spec}" + (f"  ({found.about})" if found.about else "")))
    if not found.template:
        click.echo("template  none (the file is copied from beside api.yaml)")
        return
    click.echo(printable(f"template  {found.template}" + ("  (copied unchanged)" if found.is_copied else "")))
    if found.causes:
        from speccast.cli.drift_report import shown_causes

        click.echo(printable(f"stale     {shown_causes(project, found.causes)} since it was generated"))
