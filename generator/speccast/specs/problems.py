"""The messages of problems in YAML files.

A problem is a finding whose positions are offsets into the text; `document` converts them to lines and columns. The
composer (`compose`) and the explanation of syntax errors (`syntax`) create problems.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from speccast.specs.codes import FindingCode
from speccast.specs.scalars import CORE_TAGS, TAG_PREFIX, Scalar

if TYPE_CHECKING:
    from speccast.core.check import Pointer

Value: TypeAlias = dict[str, Any] | list[Any] | Scalar


class Span(NamedTuple):
    """Offsets of the first character, and of the one after the last."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong, how to correct it (`help`), and another span that the message refers to (`related`)."""

    code: FindingCode
    span: Span
    message: str
    help: str = ""
    pointer: Pointer = ()
    related: tuple[Span, str] | None = None


def empty_file() -> Problem:
    return Problem(
        FindingCode.EMPTY_FILE, Span(0, 0), "the file is empty", "to create a spec, run: speccast init"
    )


def second_document(span: Span) -> Problem:
    return Problem(
        FindingCode.SEVERAL_DOCUMENTS,
        span,
        "a second YAML document begins here, but a file contains one spec",
        "remove this line, or move the text after it to another file",
    )


def yaml_version(span: Span, version: str) -> Problem:
    return Problem(
        FindingCode.YAML_VERSION,
        span,
        f"the file declares YAML {version}, but specs are YAML 1.2",
        "remove the line that begins with %YAML",
    )


def too_deep(span: Span, levels: int, *, aliases: bool = False) -> Problem:
    what = "with its aliases, the file is" if aliases else "the file is"
    message = f"{what} nested deeper than {levels} levels"
    return Problem(
        FindingCode.TOO_LARGE, span, message, "reduce the nesting, or look for brackets that are not closed"
    )


def too_many_values(span: Span, limit: int, *, aliases: bool) -> Problem:
    what = "with its aliases, the file contains" if aliases else "the file contains"
    message = f"{what} more than {limit} keys and values"
    hint = "write out the values of nested aliases" if aliases else "split the file: one model per file"
    return Problem(FindingCode.TOO_LARGE, span, message, hint)


def too_many_aliases(span: Span, limit: int) -> Problem:
    return Problem(FindingCode.ALIAS, span, f"the file has more than {limit} aliases", "write the values out")


def unknown_alias(span: Span, name: str, pointer: Pointer) -> Problem:
    message = f"unknown anchor `&{name}`: it is not defined before the alias `*{name}`"
    return Problem(FindingCode.ALIAS, span, message, f"if it is meant as text, quote it: '*{name}'", pointer)


def recursive_alias(span: Span, name: str, pointer: Pointer) -> Problem:
    message = f"the alias `*{name}` is within its own anchor"
    return Problem(FindingCode.ALIAS, span, message, "write the value out", pointer)


def duplicate_key(span: Span, name: str, pointer: Pointer, first: Span, first_line: int) -> Problem:
    return Problem(
        FindingCode.DUPLICATE_KEY,
        span,
        f"the key `{shorten_value(name)}` is already on line {first_line}",
        "remove or rename one of the two",
        (*pointer, name),
        (first, "the first one is here"),
    )


def key_not_text(span: Span, value: Value, text: str, pointer: Pointer) -> Problem:
    """`text` is that of the whole file, since the text around the key shows what was meant."""
    written = shorten_value(text[span.start : span.end])
    if isinstance(value, dict) and text[max(span.start - 1, 0) : span.start + 1] == "{{":
        span = Span(span.start - 1, span.end)
        message, hint = (
            "YAML reads `{{` as a mapping within a mapping",
            "if it is meant as text, quote it: '{{ … }}'",
        )
    elif isinstance(value, dict | list):
        message = f"a key must be text, but this one is a {'mapping' if isinstance(value, dict) else 'list'}"
        hint = "if it is meant as text, quote it"
    elif not written:
        message, hint = (
            "a key must be text, but the key before the colon is missing",
            "write the key before the colon",
        )
    else:
        kind = "a boolean" if isinstance(value, bool) else "a number"
        kind = "null" if value is None else kind
        message, hint = f"a key must be text, but YAML reads `{written}` as {kind}", f'quote it: "{written}"'
    return Problem(FindingCode.KEY_NOT_TEXT, span, message, hint, pointer)


def number(span: Span, text: str, pointer: Pointer) -> Problem:
    if text.lstrip("+-").lower() in (".inf", ".nan"):
        message = f"`{text}` is not a number in JSON"
        hint = "write a finite number, or omit the key"
    else:
        message = f"`{shorten_value(text)}` is outside the range of double-precision numbers (about ±1.8e308)"
        hint = "write a number within that range; if it is meant as text, quote it"
    return Problem(FindingCode.NUMBER, span, message, hint, pointer)


def tag(span: Span, name: str, pointer: Pointer) -> Problem:
    shown = f"!!{name.removeprefix(TAG_PREFIX)}" if name.startswith(TAG_PREFIX) else name
    if name.removeprefix(TAG_PREFIX) in CORE_TAGS:
        message, hint = f"the value does not match its tag `{shown}`", "remove the tag or correct the value"
    else:
        message = f"`{shorten_value(shown)}` is not one of YAML's core tags"
        hint = "remove it; if it is meant as text, quote the whole text"
    return Problem(FindingCode.TAG, span, message, hint, pointer)


def surrogate(span: Span, pointer: Pointer) -> Problem:
    return Problem(
        FindingCode.CHARACTER,
        span,
        "the text contains half of a surrogate pair, which is not a character",
        "write the character itself, or \\U and its eight hexadecimal digits",
        pointer,
    )


def shorten_value(text: str, longest: int = 60) -> str:
    """Return a piece of the spec's text, shortened for a message."""
    return text if len(text) <= longest else f"{text[: longest - 1]}…"
