"""Finds the suppressions in a spec, and what each of them covers.

A comment at the end of a line covers that line. A comment on its own line covers the key or item below it with everything
in it, or the whole file if it is above the first key. See `rules.suppressions`.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import defaultdict
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Final, NamedTuple

from speccast.core.suggestions import closest
from speccast.specs.document import json_pointer
from speccast.specs.positions import LineIndex
from speccast.specs.problems import Span

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from speccast.core.check import Pointer
    from speccast.findings import Finding
    from speccast.specs.compose import Node
    from speccast.specs.document import Document

_COMMENT: Final = re.compile(r"(?m)(?:^|(?<=[ \t]))#[ \t]*speccast[ \t]*:[ \t]*(?P<rest>[^\r\n]*)")
_DIRECTIVE: Final = re.compile(r"ignore[ \t]*\[(?P<rules>[^\]\r\n]*)\](?P<reason>[^\r\n]*)")
_WORD: Final = re.compile(r"[A-Za-z-]*")
_NAME: Final = re.compile(r"[^,\s]+")
MAX_COMMENTS: Final = 1000
"""Maximum number of suppressions in a file."""
_MEANT: Final = ("ignore", "disable", "noqa", "suppress")


class Named(NamedTuple):
    """The name of a rule in a comment, and its span."""

    text: str
    span: Span


@dataclass(frozen=True)
class Suppression:
    """A comment that suppresses rules. `named` is None if the comment is malformed.

    At the end of a line it covers the findings on `line`, at one of the `pointers` or within one of the `aliases`, else those
    in the `subtree`.
    """

    document: Document
    lines: LineIndex
    span: Span
    line: int
    named: tuple[Named, ...] | None
    reason: str
    is_trailing: bool
    pointers: frozenset[str]
    aliases: tuple[str, ...]
    subtree: str | None

    def covers(self, finding: Finding) -> bool:
        if not self.is_trailing:
            subtree = self.subtree
            return subtree is not None and f"{finding.pointer}/".startswith(f"{subtree}/")
        is_aliased = any(finding.pointer.startswith(f"{alias}/") for alias in self.aliases)
        return is_aliased or self.line == finding.line or finding.pointer in self.pointers


def suppressions(document: Document) -> Iterator[Suppression]:
    """Yield the suppressions of a document, including malformed ones, in the order of the text."""
    text = document.text
    if "#" not in text or not any(_is_suppression(match) for match in _COMMENT.finditer(text)):
        return
    lines = LineIndex(text)
    places = sorted(_places(document.root, ()), key=lambda place: place[0])
    on_line: dict[int, list[Pointer]] = defaultdict(list)
    for at, end, pointer in places:
        for number in {lines.place(at)[0], lines.place(end)[0]}:
            on_line[number].append(pointer)
    aliases: dict[int, list[Pointer]] = defaultdict(list)
    for at, pointer in _aliases(document, document.root, ()):
        aliases[lines.place(at)[0]].append(pointer)
    is_text = _text_finder(document, lines)
    for match in islice(filter(_is_suppression, _COMMENT.finditer(text)), MAX_COMMENTS):
        start = match.start()
        if is_text(start):
            continue
        line, _ = lines.place(start)
        is_trailing = bool(text[lines.bounds(start)[0] : start].strip())
        directive = _DIRECTIVE.match(match["rest"])
        named = None if directive is None else _parse_names(directive, match.start("rest"))
        subtree = None
        if not is_trailing and (index := bisect_right(places, start, key=lambda place: place[0])) < len(
            places
        ):
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
            aliases=tuple(map(json_pointer, aliases.get(line, ()))),
            subtree=None if subtree is None else json_pointer(subtree),
        )


def comments_above(document: Document, pattern: re.Pattern[str]) -> Iterator[tuple[re.Match[str], Pointer]]:
    """Yield the comments on their own lines that match a pattern, each with the key or item below it.

    A comment above the first key belongs to the whole document.
    """
    text = document.text
    if pattern.search(text) is None:
        return
    lines = LineIndex(text)
    places = sorted(_places(document.root, ()), key=lambda place: place[0])
    is_text = _text_finder(document, lines)
    for match in pattern.finditer(text):
        start = match.start()
        if is_text(start) or text[lines.bounds(start)[0] : start].strip():
            continue
        index = bisect_right(places, start, key=lambda place: place[0])
        yield match, places[index][2] if 0 < index < len(places) else ()


def _text_finder(document: Document, lines: LineIndex) -> Callable[[int], bool]:
    """Return a function that returns whether a position is inside a scalar."""
    scalars = (span for node in _nodes(document.root) for span in _spans(node))
    texts = sorted(_texts(scalars, document.text, lines))

    def is_text(position: int) -> bool:
        nearest = bisect_right(texts, position, key=lambda span: span.start) - 1
        return nearest >= 0 and position < texts[nearest].end

    return is_text


def _is_suppression(match: re.Match[str]) -> bool:
    """Return whether a comment that begins with the program's name is meant as a suppression."""
    word = _WORD.match(match["rest"])
    return word is not None and _is_meant(word[0].lower())


def _is_meant(word: str) -> bool:
    return len(word) < 20 and bool(closest(word, _MEANT, 0.8))


def _parse_names(directive: re.Match[str], offset: int) -> tuple[Named, ...] | None:
    start = offset + directive.start("rules")
    found = tuple(
        Named(match[0], Span(start + match.start(), start + match.end()))
        for match in _NAME.finditer(directive["rules"])
    )
    return found or None


def _places(node: Node, pointer: Pointer) -> Iterator[tuple[int, int, Pointer]]:
    """Yield where each key or item begins, where its value ends if it is a scalar or in brackets, and what leads to it."""
    for step, child in node.parts:
        start = child.key.start if child.key else child.value.start
        inner = (*pointer, step)
        yield start, child.value.end - 1 if child.children is None else start, inner
        yield from _places(child, inner)


def _aliases(document: Document, node: Node, pointer: Pointer) -> Iterator[tuple[int, Pointer]]:
    """Yield where each alias of a mapping or list is, and what leads to it."""
    if node.children is not None and document.is_alias(node):
        yield node.value.start, pointer
    else:
        for step, child in node.parts:
            yield from _aliases(document, child, (*pointer, step))


def _nodes(node: Node) -> Iterator[Node]:
    yield node
    for _, child in node.parts:
        yield from _nodes(child)


def _spans(node: Node) -> Iterator[Span]:
    if node.key:
        yield node.key
    if node.children is None:
        yield node.value


def _texts(scalars: Iterable[Span], text: str, lines: LineIndex) -> Iterator[Span]:
    """Yield the spans in which a `#` is text. After the indicator of a block scalar there can be a comment."""
    for span in scalars:
        is_block = text[span.start : span.start + 1] in ("|", ">")
        yield Span(lines.bounds(span.start)[1], span.end) if is_block else span
