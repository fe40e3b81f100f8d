"""Prints a spec as a page in HTML or Markdown, with texts escaped as each needs it."""

from __future__ import annotations

import html
import json
import re
from typing import TYPE_CHECKING, Any

from tests.pages.printers import END, in_order, label_each, printed_type

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

URL = "https://api.acme.example/v1/{slug}"
COLUMNS = ("Name", "Type", "Required", "Default", "Description")


def html_page(spec: Mapping[str, Any]) -> str:
    """Return a page with a block for each parameter, whose text is that of the labelled layout."""
    blocks = "".join(_block(*each) for each in in_order(spec["parameters"]))
    url = URL.format(slug=spec["slug"])
    parameters = f"<h2>API Endpoint</h2><div><b>POST</b><code>{url}</code></div><h2>Parameters</h2>{blocks}"
    end = "".join(f"<p>{html.escape(line)}</p>" for line in END.split("\n"))
    return _html(spec, f"{parameters}<h2>Response Type</h2><p>Returns: Image</p>{end}")


def html_table(spec: Mapping[str, Any]) -> str:
    """Return a page with a table."""
    rows = "".join(
        f"<tr>{''.join(f'<td>{html.escape(cell)}</td>' for cell in _cells(*each))}</tr>\n"
        for each in spec["parameters"].items()
    )
    head = "".join(f"<th>{column}</th>" for column in COLUMNS)
    return _html(
        spec, f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table><p>Returns: Image</p>"
    )


def markdown_table(spec: Mapping[str, Any]) -> str:
    """Return a page with a table in Markdown. Each punctuation mark of a text is escaped."""
    rows = [
        COLUMNS,
        ["---"] * len(COLUMNS),
        *(map(_escape, _cells(*each)) for each in spec["parameters"].items()),
    ]
    table = "\n".join(f"| {' | '.join(row)} |" for row in rows)
    return (
        f"# {_escape(spec['title'])}\n\n{_escape(spec['description'])}\n\n```python\n{_code(spec)}\n```\n\n"
        f"{table}\n\nReturns: Image\n"
    )


DOCUMENTS: Mapping[str, Callable[[Mapping[str, Any]], str]] = {
    "labelled.html": html_page,
    "table.html": html_table,
    "table.md": markdown_table,
}


def _html(spec: Mapping[str, Any], body: str) -> str:
    return (
        "<!doctype html><html><head><title>Docs</title><script>let a = 'Parameters';</script></head><body>"
        f"<nav><a>Home</a></nav><h1>{html.escape(spec['title'])}</h1><p>{html.escape(spec['description'])}</p>\n"
        f"<pre><code>{html.escape(_code(spec))}</code></pre>{body}</body></html>"
    )


def _code(spec: Mapping[str, Any]) -> str:
    code = json.dumps(spec["example"], indent=2, ensure_ascii=False)
    return f'url = "{URL.format(slug=spec["slug"])}"\ndata = {code}\nresponse = requests.post(url, json=data)'


def _block(name: str, parameter: Mapping[str, Any]) -> str:
    lines = label_each(name, parameter).rstrip("\n").split("\n")
    paragraphs = [f"<div>{html.escape(line)}</div>" if line else "<p></p>" for line in lines]
    described = [
        f"<p>{html.escape(line)}</p>" if not before and not after else paragraph
        for before, line, after, paragraph in zip(
            ["x", *lines], lines, [*lines[1:], "x"], paragraphs, strict=False
        )
    ]
    return "".join(described) + "\n"


def _cells(name: str, parameter: Mapping[str, Any]) -> list[str]:
    default = json.dumps(parameter["default"], ensure_ascii=False) if "default" in parameter else ""
    required = "yes" if parameter.get("required") else "no"
    return [name, printed_type(parameter), required, default, parameter["description"]]


def _escape(text: str) -> str:
    return re.sub(r"([!-/:-@\[-`{-~])", r"\\\1", text)
