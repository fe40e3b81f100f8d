"""Reads one YAML file: its value, and where in the text each part of it stands.

YAML is read as version 1.2, core schema, one document, within bounds that no spec comes near (`MAX_BYTES` here, depth,
values and aliases in `compose`). Whatever is wrong becomes findings, as many at once as can be known; nothing that a
file holds raises anything else.
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
from speccast.specs.codes import Code
from speccast.specs.compose import Composer, Node, UnreadableError
from speccast.specs.files import MAX_BYTES
from speccast.specs.positions import Lines, Position
from speccast.specs.problems import Pointer, Problem, Span, Value
from speccast.specs.syntax import explain

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from speccast.findings import Fix

__all__ = [
    "MAX_BYTES",
    "PARSERS",
    "Document",
    "DocumentError",
    "Pointer",
    "Position",
    "SettledDocument",
    "Value",
    "read_document",
]

MAX_FINDINGS: Final = 1000
"""Findings of one file; more are no help, and making them would take longer than reading any spec."""

PARSERS: Final[tuple[type[Any], ...]] = (
    *((yaml.CSafeLoader,) if yaml.__with_libyaml__ else ()),
    yaml.SafeLoader,
)
"""The parsers at hand, the fastest first. Both read the same language."""

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
    """The file is no sound YAML 1.2; `findings` says why, in the order of the text.

    Where it could be read to its end all the same, as with a key that stands there twice, `document` is what was read:
    good for telling what else is wrong with it, and for nothing else.
    """

    def __init__(self, findings: tuple[Finding, ...], document: Document | None = None) -> None:
        super().__init__("\n".join(finding.render() for finding in findings))
        self.findings = findings
        self.document = document


@dataclass(frozen=True)
class Document:
    """A YAML file that was read: its path as the user is shown it, its text, its value, and the place of every part.

    A pointer is a tuple of keys and list indices, () for the whole document. Where a pointer leads nowhere, the nearest
    part above it that exists stands for it.
    """

    path: str
    text: str
    value: Value
    root: Node = field(repr=False, compare=False)

    def position(self, pointer: Pointer = ()) -> Position:
        """Where a value stands. What an alias stands for is where its anchor is, the alias itself where it is used."""
        return self._position(self._nodes(pointer)[-1].value)

    def key_position(self, pointer: Pointer) -> Position:
        """Where the key of a value stands; for an item of a list, or where there is no such key, the nearest above."""
        nodes = self._nodes(pointer)
        return self._position(next((node.key for node in reversed(nodes) if node.key), nodes[0].value))

    def source(self, pointer: Pointer) -> str:
        """A value as it is written in the file."""
        span = self._nodes(pointer)[-1].value
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
        """A finding about a value, standing at the value or, with `at_key`, at its key."""
        position = self.key_position(pointer) if at_key else self.position(pointer)
        finding = _finding(
            self.path, position, rule, message, hint, pointer=pointer, related=related, severity=severity
        )
        return finding if fix is None else replace(finding, fix=fix)

    def related(self, pointer: Pointer, message: str, *, at_key: bool = False) -> Related:
        """A value of this document as the other place of a finding."""
        position = self.key_position(pointer) if at_key else self.position(pointer)
        return Related(self.path, position.line, position.column, message)

    def _position(self, span: Span) -> Position:
        return self._lines.position(span.start, span.end)

    def _nodes(self, pointer: Pointer) -> list[Node]:
        """The nodes on the way to a value, the document's first, as far as there are any."""
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

    @property
    def is_settled(self) -> bool:
        """Whether everything is said of this document by itself."""
        return False

    @property
    def bundled(self) -> str | None:
        """Its value as it stands in a bundle, once it has been said."""
        return vars(self).get("piece")

    def settled(self, piece: str, findings: tuple[Finding, ...], content: bytes) -> SettledDocument:
        """What stands for the document when all is said of it; `piece` is its value as it stands in a bundle."""
        document = SettledDocument(self.path, piece, findings, content)
        vars(document).update({name: vars(self)[name] for name in ("value", "model") if name in vars(self)})
        return document

    @cached_property
    def _lines(self) -> Lines:
        return Lines(self.text)


class SettledDocument(Document):
    """A document that was read, checked and judged by itself before; `findings` is all that was said.

    Its value is kept as JSON, which takes a tenth of the room; text and places are found again in the file's content if
    another document gives reason to ask for them.
    """

    def __init__(self, path: str, piece: str, findings: tuple[Finding, ...], content: bytes) -> None:
        object.__setattr__(self, "path", path)
        object.__setattr__(self, "piece", piece)
        object.__setattr__(self, "findings", findings)
        object.__setattr__(self, "_content", content)

    piece: str
    """The value as JSON, as `speccast.specs.bundle.bundle_piece` writes it."""
    findings: tuple[Finding, ...]
    _content: bytes

    @property
    def is_settled(self) -> bool:
        return True

    @cached_property
    def value(self) -> Value:
        value: Value = json.loads(self.piece)
        return value

    def release(self) -> None:
        """Lets the value go, until it is asked for again: of thousands of documents, values take most of the room."""
        vars(self).pop("value", None)

    @cached_property
    def text(self) -> str:
        return self._document.text

    @cached_property
    def root(self) -> Node:
        return self._document.root

    @cached_property
    def _document(self) -> Document:
        return read_document(self._content, self.path)


def read_document(data: bytes, path: str, *, parser: type[Any] = PARSERS[0]) -> Document:
    """Reads a file's bytes. `path` is how findings name it.

    Raises:
        DocumentError: with every finding that can be known.
    """
    if len(data) > MAX_BYTES:
        size = Problem(
            Code.TOO_LARGE, Span(0, 0), f"the file is larger than {MAX_BYTES} bytes", "no spec needs that"
        )
        raise _error(path, Lines(""), [size])
    text = _decoded(data, path)
    lines = Lines(text)
    if not text.isascii() and _BYTE_ORDER_MARK in text:
        raise _error(path, lines, _unprintable(text))
    composer = Composer(text, lines)
    composed: tuple[Value, Node] | None = None
    try:
        composed = composer.compose(parser)
    except UnreadableError:
        pass
    except ReaderError:
        composer.problems.extend(_unprintable(text))
    except MarkedYAMLError as error:
        problem = explain(error, text, lines, last=composer.last, open_brackets=composer.open_brackets)
        if all(problem.span.start != known.span.start for known in composer.problems):
            composer.problems.append(problem)
    document = None if composed is None else Document(path, text, *composed)
    if document is None or composer.problems:
        raise _error(path, lines, composer.problems, document)
    return document


def json_pointer(pointer: Pointer) -> str:
    """A pointer as RFC 6901 writes it."""
    return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in pointer)


def _decoded(data: bytes, path: str) -> str:
    for mark, encoding in _OTHER_ENCODINGS:
        if data.startswith(mark):
            raise _error(path, Lines(""), [_other_encoding(encoding)])
    data = data.removeprefix(codecs.BOM_UTF8)
    if len(data) > 1 and (data[0] == 0) != (data[1] == 0):
        raise _error(path, Lines(""), [_other_encoding("UTF-16")])
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        text = data[: error.start].decode()
        byte = data[error.start]
        guess = bytes([byte]).decode("cp1252", errors="replace")
        message = f"the byte 0x{byte:02X} is not UTF-8"
        if guess.isprintable() and guess != "\ufffd":
            message += f" (in Windows-1252 it is `{guess}`)"
        problem = Problem(Code.ENCODING, Span(len(text), len(text)), message, "save the file as UTF-8")
        raise _error(path, Lines(text), [problem]) from None


def _other_encoding(name: str) -> Problem:
    return Problem(
        Code.ENCODING, Span(0, 0), f"the file is {name}, but specs are UTF-8", "save the file as UTF-8"
    )


def _unprintable(text: str) -> Iterator[Problem]:
    for match in islice(_UNPRINTABLE.finditer(text), MAX_FINDINGS + 1):
        code = ord(match[0])
        if match[0] == _BYTE_ORDER_MARK:
            message, hint = "an invisible byte order mark (U+FEFF) stands within the text", "remove it"
        else:
            message = f"the character U+{code:04X} cannot stand in YAML"
            escape = f"\\x{code:02x}" if code <= 0xFF else f"\\u{code:04x}"
            hint = f"remove it, or write {escape} within double quotes"
        yield Problem(Code.CHARACTER, Span(*match.span()), message, hint)


def _error(
    path: str, lines: Lines, found: Iterable[Problem], document: Document | None = None
) -> DocumentError:
    return DocumentError(capped(_reported(path, lines, problem) for problem in found), document)


def capped(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """The findings of one file in the order of the text; beyond the first thousand, one that says that there are more."""
    kept = sorted(islice(findings, MAX_FINDINGS + 1))
    if len(kept) > MAX_FINDINGS:
        last = kept.pop()
        message = f"only the first {MAX_FINDINGS} problems of the file are listed"
        kept.append(
            replace(last, rule=Code.TOO_LARGE, message=message, help="correct these first", related=())
        )
    return tuple(kept)


def _reported(path: str, lines: Lines, problem: Problem) -> Finding:
    related: tuple[Related, ...] = ()
    if problem.related is not None:
        span, message = problem.related
        related = (Related(path, *lines.place(span.start), message),)
    position = lines.position(*problem.span)
    return _finding(
        path, position, problem.code, problem.message, problem.help, pointer=problem.pointer, related=related
    )


def _finding(
    path: str,
    position: Position,
    rule: str,
    message: str,
    hint: str,
    *,
    pointer: Pointer,
    related: tuple[Related, ...],
    severity: Severity = Severity.ERROR,
) -> Finding:
    return Finding(
        path,
        position.line,
        position.column,
        rule,
        severity,
        message,
        help=hint,
        end_line=position.end_line,
        end_column=position.end_column,
        pointer=json_pointer(pointer),
        related=related,
    )
