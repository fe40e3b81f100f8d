"""Reads a literal of Python, JSON or JavaScript with Python's own parser: its members and the position of each."""

from __future__ import annotations

import ast
import json
import math
import re
import warnings
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from speccast.pages.code import MAX_LITERAL, STRINGS_AND_COMMENTS, plain
from speccast.pages.values import NUMBER
from speccast.specs.problems import Span

if TYPE_CHECKING:
    from speccast.core.parameter import Json

_CALLED: Final = re.compile(r"\w+\((?P<quote>[\"'])(?P<address>https?://[^\"'\s]+)(?P=quote)\)")
"""A call that a sample prints within a text: `"toB64('https://…')"`."""
_CONSTANTS: Final = {"true": True, "false": False, "null": None, "None": None, "undefined": None}
_LONGEST_NAME: Final = 200
"""Longest name of a member; a longer one is damage, and YAML cannot hold it as a key."""


@dataclass(frozen=True, slots=True)
class SampleValue:
    """A value of a sample with its position. `is_exact` is false where the sample computes the value."""

    value: Json
    span: Span
    is_exact: bool = True
    is_file: bool = False
    """Whether it is a file that is sent as a part of a form."""
    is_text: bool = False
    """Whether it is the text of a form, where numbers look like texts."""

    def move(self, distance: int) -> SampleValue:
        """Return the value with another position."""
        return replace(self, span=Span(self.span.start + distance, self.span.end + distance))


def members_of(literal: str, *, is_call: bool = False) -> dict[str, SampleValue] | None:
    """Return the members of an object, or the keyword arguments of a call, or None if it cannot be read."""
    parsed = parse(f"f{literal}" if is_call else literal)
    if parsed is None:
        return None
    node, offsets = parsed
    shift = 1 if is_call else 0
    pairs: list[tuple[str | None, ast.expr]] = []
    if isinstance(node, ast.Dict):
        pairs = list(zip(map(name_of, node.keys), node.values, strict=True))
    elif isinstance(node, ast.Call):
        pairs = [(each.arg, each.value) for each in node.keywords]
    members: dict[str, SampleValue] = {}
    for name, value in pairs:
        if name is not None:
            read, is_exact = value_of(value)
            members[name] = SampleValue(read, offsets.span(value), is_exact).move(-shift)
    return members if members or isinstance(node, ast.Dict) else None


def single(expression: str) -> SampleValue | None:
    """Return the value of one expression, with its position in an object around it."""
    read = members_of(f'{{0:0,"v":{expression.strip()}}}') if expression.strip() else None
    return None if read is None else read.get("v")


def parse(literal: str) -> tuple[ast.expr, Offsets] | None:
    """Return the syntax tree of a literal, or None if it is not one."""
    if not literal or len(literal) > MAX_LITERAL:
        return None
    code = STRINGS_AND_COMMENTS.sub(plain, literal)
    code = code.replace("'\\''", "\\x27")  # a single quote within a text of curl
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(f"({code}\n)", mode="eval").body, Offsets(code)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def name_of(key: ast.expr | None) -> str | None:
    """Return the name of a member, or None if it is computed or damaged."""
    if isinstance(key, ast.Constant) and isinstance(key.value, str) and len(key.value) <= _LONGEST_NAME:
        return encodable(key.value)
    return key.id if isinstance(key, ast.Name) else None


def other_values(text: str) -> list[Any]:
    """Return what else the text of a form can be: a number, a boolean, a list or an object."""
    try:
        value = json.loads(text) if re.fullmatch(rf"{NUMBER}|true|false|[\[{{].*", text, re.DOTALL) else text
    except (ValueError, RecursionError):
        value = text
    return [] if value == text else [value]


def value_of(node: ast.expr) -> tuple[Any, bool]:
    """Return the value of an expression, and whether it is a literal."""
    if isinstance(node, ast.Constant):
        if isinstance(node.value, str):
            return _text(node.value)
        is_json = node.value is None or isinstance(node.value, bool | int | float)
        is_json = is_json and not (isinstance(node.value, float) and not math.isfinite(node.value))
        return (node.value, True) if is_json else (None, False)
    if isinstance(node, ast.Name):
        return (_CONSTANTS[node.id], True) if node.id in _CONSTANTS else (None, False)
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub | ast.UAdd):
        value, is_exact = value_of(node.operand)
        if isinstance(value, int | float) and not isinstance(value, bool):
            return (-value if isinstance(node.op, ast.USub) else value), is_exact
        return None, False
    if isinstance(node, ast.List | ast.Tuple):
        items = [value_of(each) for each in node.elts]
        return [value for value, _ in items], all(is_exact for _, is_exact in items)
    if isinstance(node, ast.Dict):
        names = [name_of(key) for key in node.keys]
        read = [value_of(inner) for inner in node.values]
        members = {name: value for name, (value, _) in zip(names, read, strict=True) if name is not None}
        return members, None not in names and all(is_exact for _, is_exact in read)
    is_chain = isinstance(node, ast.Call) and any(isinstance(each, ast.Call) for each in ast.walk(node.func))
    if isinstance(node, ast.Call) and len(node.args) == 1 and not node.keywords and not is_chain:
        value, _ = value_of(node.args[0])  # a helper that converts its argument, such as an address to base64
        return value, False
    return None, False


def _text(value: str) -> tuple[str, bool]:
    if (called := _CALLED.fullmatch(value)) is not None:
        return called["address"], False
    clean = encodable(value)
    return clean, clean == value


def encodable(text: str) -> str:
    """Replace halves of surrogate pairs, which escapes can make and files cannot hold."""
    return text.encode(errors="replace").decode()


class Offsets:
    """Converts lines and columns (in bytes) of the syntax tree to offsets of the text, which has a bracket before it."""

    def __init__(self, code: str) -> None:
        self._lines = code.split("\n")
        self._starts = [0]
        for line in self._lines:
            self._starts.append(self._starts[-1] + len(line) + 1)

    def span(self, node: ast.expr) -> Span:
        assert node.end_lineno is not None and node.end_col_offset is not None
        return Span(self._at(node.lineno, node.col_offset), self._at(node.end_lineno, node.end_col_offset))

    def _at(self, line: int, column: int) -> int:
        if line == 1:
            column -= 1
        text = self._lines[line - 1] if line <= len(self._lines) else ""
        before = text if text.isascii() else text.encode()[:column].decode(errors="replace")
        length = min(column, len(text)) if text.isascii() else len(before)
        return self._starts[line - 1] + length
