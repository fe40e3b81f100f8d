"""The `show` command: which request made a file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import click

from .terminal import Command, json_text, one_line, print_result

if TYPE_CHECKING:
    from .._runtime.record import Record


@click.command(cls=Command)
@click.argument("file", type=click.Path(exists=True, dir_okay=False))
@click.option("--json", "as_json", is_flag=True, help="Print the record as JSON.")
def show(file: str, as_json: bool) -> None:
    """Show which request made a FILE that was saved with --embed: model, parameters, seed, cost, time and id."""
    from .._runtime.record import read_record

    record = read_record(file)
    print_result(json_text(record.to_json()) if as_json else "\n".join(lines_of(record)))


def lines_of(record: Record) -> list[str]:
    """Return the record for people."""
    facts = {
        "model": record.model,
        "made": f"{record.time} by {record.package} {record.version}",
        "request": record.request_id,
        "cost": None if record.cost is None else f"{record.cost:.10g}",
        "seed": record.seed,
    }
    lines = [f"{name}: {one_line(str(fact))}" for name, fact in facts.items() if fact is not None]
    lines.append("parameters:" if record.parameters else "parameters: none")
    return [*lines, *(f"  {one_line(name)}: {_format(value)}" for name, value in record.parameters.items())]


def _format(value: Any) -> str:
    if (content := content_of(value)) is not None:
        return content_in_words(content)
    return json_text(value, indent=None)


def content_of(value: object) -> dict[str, Any] | None:
    """Return the description of an input, if a value is one."""
    from .._runtime.request_summary import CONTENT

    content = cast("dict[str, Any]", value).get(CONTENT) if isinstance(value, dict) else None
    return cast("dict[str, Any]", content) if isinstance(content, dict) else None


def content_in_words(content: dict[str, Any]) -> str:
    """Return what is known of an input: `fox.jpg, image/jpeg, 1234 bytes, sha256 …`."""
    units = {"name": "{}", "media_type": "{}", "size": "{} bytes", "sha256": "sha256 {}"}
    facts = [unit.format(one_line(str(content[name]))) for name, unit in units.items() if name in content]
    return ", ".join(facts) or "a file"
