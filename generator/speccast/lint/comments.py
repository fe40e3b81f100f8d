"""Finds the comments of a spec that silence rules, and what each of them is about.

A comment after a value, on its line, is about what stands on that line; one on a line of its own about the key or item
below it and all within, and above the first key of the file about the whole file. See `rules.suppressions`.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import defaultdict
from dataclasses import dataclass
from difflib import get_close_matches
from functools import lru_cache
from itertools import islice
from typing import TYPE_CHECKING, Final, NamedTuple

from speccast.specs.document import json_pointer
from speccast.specs.positions import Lines
from speccast.specs.problems import Span

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from speccast.findings import Finding
    from speccast.specs.compose import Node
    from speccast.specs.document import Document, Pointer

_COMMENT: Final = re.compile(r"(?m)(?:^|(?<=[ \t]))#[ \t]*speccast[ \t]*:[ \t]*(?P<rest>[^\r\n]*)")
_DIRECTIVE: Final = re.compile(r"ignore[ \t]*\[(?P<rules>[^\]\r\n]*)\](?P<reason>[^\r\n]*)")
_WORD: Final = re.compile(r"[A-Za-z-]*")
_NAME: Final = re.compile(r"[^,\s]+")
MAX_COMMENTS: Final = 1000
"""Comments of a file that are looked at; more are no spec's."""
_MEANT: Final = ("ignore", "disable", "noqa", "suppress")


class Named(NamedTuple):
    """A rule as a comment names it, and where."""

    text: str
    span: Span


@dataclass(frozen=True)
class Suppression:
    """A comment that silences rules. `named` is None where it was meant as one but cannot be read.

    It covers the findings that stand on `lines`, or whose pointer is one of `pointers`, or lies below one of `subtrees`.
    """

    document: Document
    lines: Lines
    span: Span
    line: int
    named: tuple[Named, ...] | None
    reason: str
    is_trailing: bool
    pointers: frozenset[str]
    subtree: str | None

    def covers(self, finding: Finding) -> bool:
        if not self.is_trailing:
            subtree = self.subtree
            return subtree is not None and f"{finding.pointer}/".startswith(f"{subtree}/")
        return self.line == finding.line or finding.pointer in self.pointers


def suppressions(document: Document) -> Iterator[Suppression]:
    """The comments of a document that silence rules, or were meant to, in the order of the text."""
    text = document.text
    if "#" not in text or not any(_may_be_one(match) for match in _COMMENT.finditer(text)):
        return
    lines = Lines(text)
    places = sorted(_places(document.root, ()), key=lambda place: place[0])
    starts = [at for at, _, _ in places]
    on_line: dict[int, list[Pointer]] = defaultdict(list)
    for at, end, pointer in places:
        for number in {lines.place(at)[0], lines.place(end)[0]}:
            on_line[number].append(pointer)
    scalars = (span for node in _nodes(document.root) for span in _written(node))
    texts = sorted(_texts(scalars, text, lines))
    for match in islice(filter(_may_be_one, _COMMENT.finditer(text)), MAX_COMMENTS):
        start = match.start()
        nearest = bisect_right(texts, start, key=lambda span: span.start) - 1
        if nearest >= 0 and start < texts[nearest].end:
            continue
        line, _ = lines.place(start)
        is_trailing = bool(text[lines.bounds(start)[0] : start].strip())
        directive = _DIRECTIVE.match(match["rest"])
        named = None if directive is None else _named(directive, match.start("rest"))
        subtree = None
        if not is_trailing and (index := bisect_right(starts, start)) < len(places):
            subtree = places[index][2] if index else ()
        yield Suppression(
            document=document,
            lines=lines,
            span=Span(start, match.start() + len(match[0].rstrip())),
            line=line,
            named=named,
            reason=directive["reason"].strip(" \t-:") if directive else "",
            is_trailing=is_trailing,
            pointers=frozenset(map(json_pointer, on_line.get(line, ()))),
            subtree=None if subtree is None else json_pointer(subtree),
        )


def _may_be_one(match: re.Match[str]) -> bool:
    """Whether a comment that begins with the program's name was meant to silence rules, and is no prose."""
    word = _WORD.match(match["rest"])
    return word is not None and _is_meant(word[0].lower())


@lru_cache(maxsize=256)
def _is_meant(word: str) -> bool:
    return len(word) < 20 and bool(get_close_matches(word, _MEANT, 1, 0.8))


def _named(directive: re.Match[str], offset: int) -> tuple[Named, ...] | None:
    start = offset + directive.start("rules")
    found = tuple(
        Named(match[0], Span(start + match.start(), start + match.end()))
        for match in _NAME.finditer(directive["rules"])
    )
    return found or None


def _places(node: Node, pointer: Pointer) -> Iterator[tuple[int, int, Pointer]]:
    """Where each key or item begins, where its value ends if it is a scalar or in brackets, and what leads to it."""
    children = node.children
    if children is None:
        return
    for step, child in children.items() if isinstance(children, dict) else enumerate(children):
        start = child.key.start if child.key else child.value.start
        inner = (*pointer, step)
        yield start, child.value.end - 1 if child.children is None else start, inner
        yield from _places(child, inner)


def _nodes(node: Node) -> Iterator[Node]:
    yield node
    children = node.children
    for child in children.values() if isinstance(children, dict) else children or ():
        yield from _nodes(child)


def _written(node: Node) -> Iterator[Span]:
    if node.key:
        yield node.key
    if node.children is None:
        yield node.value


def _texts(scalars: Iterable[Span], text: str, lines: Lines) -> Iterator[Span]:
    """The stretches of scalars in which a `#` is text; behind the indicator of a block scalar there may be a comment."""
    for span in scalars:
        is_block = text[span.start : span.start + 1] in ("|", ">")
        yield Span(lines.bounds(span.start)[1], span.end) if is_block else span
