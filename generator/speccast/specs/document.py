"""Reads one YAML file: its value, and the position of each part in the text.

The file must be one document of YAML 1.2 (core schema), within limits that are far beyond any spec (`MAX_BYTES` here;
depth, values and aliases in `compose`). All problems become findings, as many as possible in one run. No content of a
file raises another exception.
"""

from __future__ import annotations

import codecs
import json
import re
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

import yaml
from yaml.error import MarkedYAMLError
from yaml.reader import ReaderError

from speccast.findings import Finding, Related, Severity
from speccast.specs.codes import FindingCode
from speccast.specs.compose import Composer, Node, UnreadableYamlError
from speccast.specs.files import MAX_BYTES
from speccast.specs.positions import LineIndex, Position
from speccast.specs.problems import Problem, Span, Value, shorten_value
from speccast.specs.syntax import explain

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from speccast.core.check import Pointer
    from speccast.findings import Fix

__all__ = [
    "MAX_BYTES",
    "PARSERS",
    "Document",
    "DocumentError",
    "Position",
    "Value",
    "read_document",
]

MAX_FINDINGS: Final = 1000
"""Maximum number of findings in one file. More do not help, and take long to create."""

PARSERS: Final[tuple[type[Any], ...]] = (
    *((yaml.CSafeLoader,) if yaml.__with_libyaml__ else ()),
    yaml.SafeLoader,
)
"""The available parsers, the fastest first. Both accept the same language, except for a question mark in `{ a: why? }`: the
second one, for systems without libyaml, requires quotes around such a text."""

_UNPRINTABLE: Final = re.compile(
    "[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]"
)
_BYTE_ORDER_MARK: Final = "\ufeff"
_OTHER_ENCODINGS: Final = (
    (codecs.BOM_UTF32_LE, "UTF-32"),
    (codecs.BOM_UTF32_BE, "UTF-32"),
    (codecs.BOM_UTF16_LE, "UTF-16"),
    (codecs.BOM_UTF16_BE, "UTF-16"),
)


class DocumentError(Exception):
    """The file is not valid YAML 1.2. `findings` are the reasons, in the order of the text.

    If the file could be read to its end, as with a duplicate key, `document` is the result. Use it only to find further
    problems.
    """

    def __init__(self, findings: tuple[Finding, ...], document: Document | None = None) -> None:
        super().__init__("\n".join(finding.render() for finding in findings))
        self.findings = findings
        self.document = document


@dataclass(frozen=True)
class Document:
    """A YAML file: its path in findings, its text, its value, and the position of every part.

    A pointer is a tuple of keys and list indices, () for the whole document. If a pointer leads nowhere, the nearest
    existing part above it is used.
    """

    path: str
    text: str
    value: Value
    bundled: str = field(default="", repr=False, compare=False)
    """The value of a model as `bundle_piece` writes it, if it is known."""

    @cached_property
    def root(self) -> Node:
        """The positions of all parts. They take more memory than the rest, so they are read again when they are needed."""
        return Composer(self.text, LineIndex(self.text)).compose(PARSERS[0])[1]

    def forget_positions(self) -> None:
        """Free the memory of the positions."""
        vars(self).pop("root", None)
        vars(self).pop("positions", None)

    def position(self, pointer: Pointer = ()) -> Position:
        """Return the position of a value. Parts of an alias's value are at its anchor."""
        return self._position(self._nodes(pointer)[-1].value)

    def key_position(self, pointer: Pointer) -> Position:
        """Return the position of a value's key, or of the nearest key above it, for example for an item of a list."""
        return self._position(self.key_span(pointer))

    def key_span(self, pointer: Pointer) -> Span:
        """Return the offsets of a value's key, or of the nearest key above it."""
        nodes = self._nodes(pointer)
        return next((node.key for node in reversed(nodes) if node.key), nodes[0].value)

    def span(self, pointer: Pointer) -> Span:
        """Return the offsets of a value in the text."""
        return self._nodes(pointer)[-1].value

    def source(self, pointer: Pointer) -> str:
        """Return a value as written in the file."""
        span = self.span(pointer)
        return self.text[span.start : span.end]

    def finding(
        self,
        rule: str,
        pointer: Pointer,
        message: str,
        hint: str = "",
        *,
        at_key: bool = False,
        severity: Severity = Severity.ERROR,
        related: tuple[Related, ...] = (),
        fix: Fix | None = None,
    ) -> Finding:
        """Return a finding at a value or, with `at_key`, at its key. For a part of an alias's value, it names the alias too."""
        position = self.key_position(pointer) if at_key else self.position(pointer)
        if (alias := self._alias(pointer)) is not None:
            place = self._position(alias)
            used = f"used here by the alias {shorten_value(self.text[alias.start : alias.end])}"
            related = (*related, Related(self.path, place.line, place.column, used))
        where = json_pointer(pointer)
        return position.finding(
            self.path, rule, severity, message, hint, pointer=where, related=related, fix=fix
        )

    def relate(self, pointer: Pointer, message: str, *, at_key: bool = False) -> Related:
        """Return a value of this document as the related position of a finding."""
        position = self.key_position(pointer) if at_key else self.position(pointer)
        return Related(self.path, position.line, position.column, message)

    def _position(self, span: Span) -> Position:
        return self.positions.position(span.start, span.end)

    def is_alias(self, node: Node) -> bool:
        """Return whether a node is an alias. Its parts are those of the anchor."""
        return self.text[node.value.start : node.value.start + 1] == "*"

    def _alias(self, pointer: Pointer) -> Span | None:
        """Return the first alias that a pointer leads through, if the position of its value is at the anchor."""
        above = self._nodes(pointer)[:-1]
        return next((node.value for node in above if self.is_alias(node)), None)

    def _nodes(self, pointer: Pointer) -> list[Node]:
        """Return the existing nodes on the path to a value, beginning with that of the document."""
        nodes = [self.root]
        for step in pointer:
            children = nodes[-1].children
            if isinstance(children, dict) and step in children:
                nodes.append(children[str(step)])
            elif isinstance(children, list) and isinstance(step, int) and 0 <= step < len(children):
                nodes.append(children[step])
            else:
                break
        return nodes

    @cached_property
    def positions(self) -> LineIndex:
        """Converts offsets into the text to lines and columns."""
        return LineIndex(self.text)


def read_document(
    data: bytes, path: str, *, parser: type[Any] = PARSERS[0], limit: int = MAX_BYTES
) -> Document:
    """Parse the bytes of a file. `path` is its path in findings, `limit` the most bytes.

    Raises:
        DocumentError: with all findings that can be determined.
    """
    if len(data) > limit:
        size = Problem(
            FindingCode.TOO_LARGE, Span(0, 0), f"the file is larger than {limit} bytes", "shorten it"
        )
        raise _error(path, LineIndex(""), [size])
    text = _decode(data, path)
    lines = LineIndex(text)
    if not text.isascii() and _BYTE_ORDER_MARK in text:
        raise _error(path, lines, _unprintable(text))
    composer = Composer(text, lines)
    composed: tuple[Value, Node] | None = None
    try:
        composed = composer.compose(parser)
    except UnreadableYamlError:
        pass
    except ReaderError:
        composer.problems.extend(_unprintable(text))
    except MarkedYAMLError as error:
        problem = explain(error, text, lines, last=composer.last, open_brackets=composer.open_brackets)
        if all(problem.span.start != other.span.start for other in composer.problems):
            composer.problems.append(problem)
    document = None
    if composed is not None:
        document = Document(path, text, composed[0])
        vars(document)["root"] = composed[1]
    if document is None or composer.problems:
        raise _error(path, lines, composer.problems, document)
    return document


def known_document(data: bytes, path: str, bundled: str) -> Document:
    """Return the document of a file whose value is known from an earlier run, in the form of `bundle_piece`."""
    return Document(path, data.removeprefix(codecs.BOM_UTF8).decode(), json.loads(bundled), bundled)


def json_pointer(pointer: Pointer) -> str:
    """Return a pointer as a JSON Pointer (RFC 6901)."""
    return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in pointer)


def _decode(data: bytes, path: str) -> str:
    for mark, encoding in _OTHER_ENCODINGS:
        if data.startswith(mark):
            raise _error(path, LineIndex(""), [_other_encoding(encoding)])
    data = data.removeprefix(codecs.BOM_UTF8)
    if len(data) > 1 and (data[0] == 0) != (data[1] == 0):
        raise _error(path, LineIndex(""), [_other_encoding("UTF-16")])
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        text = data[: error.start].decode()
        byte = data[error.start]
        guess = bytes([byte]).decode("cp1252", errors="replace")
        message = f"the byte 0x{byte:02X} is not UTF-8"
        if guess.isprintable() and guess != "\ufffd":
            message += f" (in Windows-1252 it is `{guess}`)"
        problem = Problem(FindingCode.ENCODING, Span(len(text), len(text)), message, "save the file as UTF-8")
        raise _error(path, LineIndex(text), [problem]) from None


def _other_encoding(name: str) -> Problem:
    return Problem(
        FindingCode.ENCODING, Span(0, 0), f"the file is {name}, but specs are UTF-8", "save the file as UTF-8"
    )


def _unprintable(text: str) -> Iterator[Problem]:
    for match in islice(_UNPRINTABLE.finditer(text), MAX_FINDINGS + 1):
        code = ord(match[0])
        if match[0] == _BYTE_ORDER_MARK:
            message, hint = "the text contains an invisible byte order mark (U+FEFF)", "remove it"
        else:
            message = f"the character U+{code:04X} is not allowed in YAML"
            escape = f"\\x{code:02x}" if code <= 0xFF else f"\\u{code:04x}"
            hint = f"remove it, or write {escape} within double quotes"
        yield Problem(FindingCode.CHARACTER, Span(*match.span()), message, hint)


def _error(
    path: str, lines: LineIndex, found: Iterable[Problem], document: Document | None = None
) -> DocumentError:
    return DocumentError(limit_findings(_make_finding(path, lines, problem) for problem in found), document)


def limit_findings(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return the findings of one file in the order of the text. The last one says if there are too many."""
    kept = sorted(islice(findings, MAX_FINDINGS + 1))
    if len(kept) > MAX_FINDINGS:
        last = kept.pop()
        message = f"only the first {MAX_FINDINGS} problems of the file are listed"
        kept.append(
            replace(last, rule=FindingCode.TOO_LARGE, message=message, help="correct these first", related=())
        )
    return tuple(kept)


def _make_finding(path: str, lines: LineIndex, problem: Problem) -> Finding:
    related: tuple[Related, ...] = ()
    if problem.related is not None:
        span, message = problem.related
        related = (Related(path, *lines.place(span.start), message),)
    position = lines.position(*problem.span)
    pointer, message, hint = json_pointer(problem.pointer), problem.message, problem.help
    return position.finding(
        path, problem.code, Severity.ERROR, message, hint, pointer=pointer, related=related
    )
