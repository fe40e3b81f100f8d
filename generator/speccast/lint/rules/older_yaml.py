"""YAML that programs can read in different ways.

S301 other-in-older-yaml

    Specs are YAML 1.2, in which these values are text or decimal numbers. A program that reads YAML 1.1, as many
    libraries do, reads `no` as false, `16:9` as 969 and `0777` as 511. Quoted text is text in both versions.

    Bad::

        parameters:
          aspect_ratio: { type: string, enum: [16:9, 1:1] }

    Good::

        parameters:
          aspect_ratio: { type: string, enum: ["16:9", "1:1"] }

S302 anchor-used

    With an alias, the definition of a parameter is elsewhere, and a change in one place changes others. Specs
    should repeat what the page repeats.

    Bad::

        parameters:
          width: &size { type: integer, maximum: 2048 }
          height: *size

    Good::

        parameters:
          width: { type: integer, maximum: 2048 }
          height: { type: integer, maximum: 2048 }
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Final

from speccast.lint.rule import Document, Fix, Location, RuleViolation, Severity, Violations, document_rule
from speccast.specs.edits import replace_value
from speccast.specs.problems import shorten_value

if TYPE_CHECKING:
    from collections.abc import Iterator

    from speccast.core.check import Pointer
    from speccast.specs.compose import Node

_OLDER: Final = (
    (re.compile(r"y|yes|n|no|on|off", re.IGNORECASE), "a boolean"),
    (re.compile(r"[-+]?[0-9][0-9_]*(:[0-5]?[0-9])+(\.[0-9_]*)?"), "a number in base 60"),
    (re.compile(r"[-+]?0[0-7_]+"), "an octal number"),
    (re.compile(r"[-+]?0b[01_]+"), "a binary number"),
    (re.compile(r"[-+]?[0-9]+(_[0-9_]*)(\.[0-9_]*)?"), "a number"),
    (re.compile(r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}([Tt ].*)?"), "a date"),
)
_ANCHOR: Final = re.compile(r"&[^\s,\[\]{}]+")


@document_rule(
    "S301", Severity.INFO, "a value that YAML 1.1 reads as something else", default=False, fixable="safe"
)
def other_in_older_yaml(document: Document) -> Violations:
    for pointer, node in _walk(document.root, ()):
        if node.children is not None:
            continue
        source = document.text[node.value.start : node.value.end]
        for form, kind in _OLDER:
            if form.fullmatch(source):
                yield RuleViolation(
                    Location(document, pointer),
                    f"YAML 1.1 reads `{shorten_value(source)}` as {kind}",
                    f'quote it: "{shorten_value(source)}"',
                    fix=_quote(document, pointer, source),
                )
                break


@document_rule("S302", Severity.INFO, "an anchor, so that one change changes several values", default=False)
def anchor_used(document: Document) -> Violations:
    if "&" not in document.text:
        return
    for pointer, node in _walk(document.root, ()):
        match = _ANCHOR.match(document.text, node.value.start)
        if match:
            message = f"`{shorten_value(match[0])}` is an anchor, whose value is also used elsewhere"
            yield RuleViolation(
                Location(document, pointer), message, "write out the value instead of each alias"
            )


def _quote(document: Document, pointer: Pointer, source: str) -> Fix | None:
    value: Any = document.value
    for step in pointer:
        value = value[step]
    return replace_value(document, pointer, json.dumps(source)) if isinstance(value, str) else None


def _walk(node: Node, pointer: Pointer) -> Iterator[tuple[Pointer, Node]]:
    """Yield every value where it is written, without the values of aliases."""
    yield pointer, node
    for step, child in node.parts:
        inside = child.value.start >= node.value.start and child.value.end <= node.value.end
        if inside:
            yield from _walk(child, (*pointer, step))
