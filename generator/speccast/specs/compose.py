"""Composes the events of a YAML parser into a value with the position of each part.

The events come from libyaml if PyYAML has it, else from PyYAML's own parser. PyYAML's composer is not used: it reads
YAML 1.1, keeps only the last of two equal keys, and its C version overflows the stack on deeply nested text. Here the
depth is checked before each level is read.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, NamedTuple, NoReturn

from yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
)

from speccast.specs import problems
from speccast.specs.problems import Problem, Span, Value
from speccast.specs.scalars import TAG_PREFIX, NumberError, Scalar, TagError, resolve, resolve_tagged

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from speccast.core.check import Pointer
    from speccast.specs.positions import LineIndex

MAX_DEPTH: Final = 64
"""Levels of nested mappings and lists, with aliases replaced by their values."""
MAX_NODES: Final = 100_000
"""Keys and values of a document, with aliases replaced by their values."""
MAX_ALIASES: Final = 100

_SEPARATORS: Final = "\x85\u2028\u2029"
_PRIVATE_USE: Final = range(0xE000, 0xF900)
_SURROGATE: Final = re.compile("[\ud800-\udfff]")


class Node(NamedTuple):
    """The spans of a value and of its key, and the nodes of its parts. An item of a list has no key."""

    value: Span
    key: Span | None = None
    children: dict[str, Node] | list[Node] | None = None

    @property
    def parts(self) -> Iterable[tuple[str | int, Node]]:
        """The nodes of the parts with their keys or indexes; none for a scalar."""
        if isinstance(self.children, dict):
            return self.children.items()
        return enumerate(self.children or ())


class UnreadableYamlError(Exception):
    """Reading cannot continue. The last problem is the reason."""


@dataclass(slots=True)
class _Anchor:
    """The value of an alias. It is open while its parts are being read; an alias within it is an error."""

    value: Value = None
    children: dict[str, Node] | list[Node] | None = None
    height: int = 0
    nodes: int = 1
    open: bool = True


class Composer:
    """Composes one document. The value can be used only if there are no `problems`.

    `last` is the span of the last scalar, and `open_brackets` are the offsets of the open brackets: the usual causes of
    a syntax error.
    """

    def __init__(self, text: str, lines: LineIndex) -> None:
        self.problems: list[Problem] = []
        self.last = Span(0, 0)
        self.open_brackets: list[int] = []
        self._text = text
        self._lines = lines
        self._next: Callable[[], Any]
        self._kept: dict[int, str] = {}
        self._anchors: dict[str, _Anchor] = {}
        self._aliases = 0
        self._nodes = 0
        self._deepest = 0
        self._end = 0

    def compose(self, parser: type[Any]) -> tuple[Value, Node]:
        """Return the only document of the stream. `parser` is a loader class of PyYAML.

        Raises:
            UnreadableError: the text has no document, more than one, or one that exceeds a limit.
            yaml.YAMLError: a syntax error.
        """
        self._next = parser(self._keep_separators()).get_event
        self._next()  # the start of the stream
        start = self._next()
        if type(start) is not DocumentStartEvent:
            self._stop(problems.empty_file())
        if start.version not in (None, (1, 2)):
            self.problems.append(problems.yaml_version(_span(start), ".".join(map(str, start.version))))
        first = self._next()
        value, node = self._node(first, (), None, 0, None)
        self._next()  # the end of the document
        another = self._next()
        if type(another) is DocumentStartEvent:
            self._stop(problems.second_document(_span(another)))
        if type(first) is ScalarEvent and value is None and not first.value:
            self._stop(problems.empty_file())
        return value, node

    def _node(
        self, event: Event, parent: Pointer, step: str | int | None, depth: int, key: Span | None
    ) -> tuple[Value, Node]:
        """Return a value and its place. `parent` and `step` make its pointer, joined only where it is needed."""
        self._nodes += 1
        if self._nodes > MAX_NODES:
            self._stop_at_limit(event)
        kind = type(event)
        if kind is ScalarEvent:
            scalar, span = self._scalar(event, parent, step)
            return scalar, Node(span, key)
        pointer = _join(parent, step)
        if kind is AliasEvent:
            return self._alias(event, pointer, depth, key)
        return self._collection(event, pointer, depth + 1, key)

    def _collection(self, event: Any, pointer: Pointer, depth: int, key: Span | None) -> tuple[Value, Node]:
        if depth > MAX_DEPTH:
            self._stop(problems.too_deep(_span(event), MAX_DEPTH))
        is_mapping = type(event) is MappingStartEvent
        if event.tag not in (None, "!", TAG_PREFIX + ("map" if is_mapping else "seq")):
            self.problems.append(problems.tag(_span(event), event.tag, pointer))
        outside, self._deepest = self._deepest, depth
        before = self._nodes
        anchor = _Anchor()
        if event.anchor is not None:
            self._anchors[event.anchor] = anchor
        start = event.start_mark.index
        if event.flow_style:
            # The event begins at the collection's tag or anchor, if it has one, and ends with the bracket. A pair
            # in a list, `[a: b]`, has no bracket.
            bracket = event.end_mark.index - 1
            has_bracket = self._text[bracket : bracket + 1] in ("[", "{")
            self.open_brackets.append(bracket if has_bracket else self.open_brackets[-1])
        read = self._mapping if is_mapping else self._sequence
        anchor.value, anchor.children, end = read(pointer, depth)
        anchor.height, anchor.nodes = self._deepest - depth + 1, self._nodes - before + 1
        anchor.open = False
        self._deepest = max(outside, self._deepest)
        # A block collection ends with the last thing in it; the parser's end is where the next token begins.
        if event.flow_style:
            self.open_brackets.pop()
            self._end = end.end_mark.index
        return anchor.value, Node(Span(start, self._end), key, anchor.children)

    def _mapping(self, pointer: Pointer, depth: int) -> tuple[dict[str, Value], dict[str, Node], Any]:
        value: dict[str, Value] = {}
        children: dict[str, Node] = {}
        while True:
            event = self._next()
            if type(event) is MappingEndEvent:
                return value, children, event
            name, span = self._key(event, pointer, depth)
            item, node = self._node(self._next(), pointer, name, depth, span)
            if name is None:
                continue
            if name in value:
                first = children[name].key or span
                line, _ = self._lines.place(first.start)
                self.problems.append(problems.duplicate_key(span, name, pointer, first, line))
                continue
            value[name] = item
            children[name] = node

    def _sequence(self, pointer: Pointer, depth: int) -> tuple[list[Value], list[Node], Any]:
        value: list[Value] = []
        children: list[Node] = []
        while True:
            event = self._next()
            if type(event) is SequenceEndEvent:
                return value, children, event
            item, node = self._node(event, pointer, len(value), depth, None)
            value.append(item)
            children.append(node)

    def _key(self, event: Event, pointer: Pointer, depth: int) -> tuple[str | None, Span]:
        """Return the key and its span; None instead of a key that is not text."""
        name, node = self._node(event, pointer, None, depth, None)
        if isinstance(name, str):
            return name, node.value
        self.problems.append(problems.key_not_text(node.value, name, self._text, pointer))
        return None, node.value

    def _scalar(self, event: Any, parent: Pointer, step: str | int | None) -> tuple[Scalar, Span]:
        start, self._end = event.start_mark.index, event.end_mark.index
        text, style, tag = event.value, event.style, event.tag
        if self._kept:
            text = text.translate(self._kept)
        if style in ("|", ">"):  # as with block collections
            self._end = start + len(self._text[start : self._end].rstrip())
        self.last = span = Span(start, self._end)
        value: Scalar = text
        try:
            if tag is None:
                if event.implicit[0]:
                    value = resolve(text)
            elif tag.startswith(TAG_PREFIX):
                value = resolve_tagged(text, tag.removeprefix(TAG_PREFIX))
            elif tag != "!":
                raise TagError(text)
        except NumberError:
            self.problems.append(problems.number(span, text, _join(parent, step)))
        except TagError:
            self.problems.append(problems.tag(span, event.tag, _join(parent, step)))
        if style == '"' and not text.isascii() and _SURROGATE.search(text):
            self.problems.append(problems.surrogate(span, _join(parent, step)))
        if event.anchor is not None:
            self._anchors[event.anchor] = _Anchor(value, open=False)
        return value, span

    def _alias(self, event: Any, pointer: Pointer, depth: int, key: Span | None) -> tuple[Value, Node]:
        span = _span(event)
        self._end = span.end
        self._aliases += 1
        if self._aliases > MAX_ALIASES:
            self._stop(problems.too_many_aliases(span, MAX_ALIASES))
        anchor = self._anchors.get(event.anchor)
        if anchor is None or anchor.open:
            problem = problems.unknown_alias if anchor is None else problems.recursive_alias
            self.problems.append(problem(span, event.anchor, pointer))
            return None, Node(span, key)
        self._nodes += anchor.nodes - 1
        if self._nodes > MAX_NODES:
            self._stop_at_limit(event)
        if depth + anchor.height > MAX_DEPTH:
            self._stop(problems.too_deep(span, MAX_DEPTH, aliases=True))
        self._deepest = max(self._deepest, depth + anchor.height)
        return anchor.value, Node(span, key, anchor.children)

    def _keep_separators(self) -> str:
        """Return the text for the parser.

        Only LF and CR break lines in YAML 1.2. The parsers follow YAML 1.1, where three more characters do, so these
        are replaced by characters that the text does not use, and restored in every scalar.
        """
        text = self._text
        found = [] if text.isascii() else [separator for separator in _SEPARATORS if separator in text]
        if found:
            unused = (chr(code) for code in _PRIVATE_USE if chr(code) not in text)
            substitutes = dict(zip(found, unused, strict=False))
            self._kept = {ord(substitute): separator for separator, substitute in substitutes.items()}
            text = text.translate(
                {ord(separator): substitute for separator, substitute in substitutes.items()}
            )
        return text

    def _stop_at_limit(self, event: Event) -> NoReturn:
        self._stop(problems.too_many_values(_span(event), MAX_NODES, aliases=self._aliases > 0))

    def _stop(self, problem: Problem) -> NoReturn:
        self.problems.append(problem)
        raise UnreadableYamlError


def _join(parent: Pointer, step: str | int | None) -> Pointer:
    return parent if step is None else (*parent, step)


def _span(event: Any) -> Span:
    return Span(event.start_mark.index, event.end_mark.index)
