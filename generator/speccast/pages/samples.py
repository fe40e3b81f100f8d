"""Reads the request that a sample sends: Python, JavaScript or curl.

    data = { "prompt": "a fox", "seed": 1, "base64": false }
    result = vendor.run("fox-1", prompt="a fox", seed=1, base64=False)
    const reqBody = { "prompt": "a fox", "seed": 1 };
    curl … --data '{ "prompt": "a fox", "seed": 1 }'

The literal is cut out of the text and parsed by Python's own parser, which takes literals of JSON and most of JavaScript as
well, and gives the position of every value.
"""

from __future__ import annotations

import ast
import math
import re
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from speccast.pages.facts import Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from speccast.core.parameter import Json

_LITERAL: Final = re.compile(
    r"\b(?:data|payload|reqBody|requestBody|request_body|body|input|inputs|params|arguments|json)\s*[=:]\s*"
    r"(?:JSON\.stringify\(\s*)?(?=\{)"
)
_CURL: Final = re.compile(r"(?:--data(?:-raw|-binary)?|--json|-d)\s+(?P<quote>['\"])(?=\s*\{)")
_COMMENT: Final = re.compile(r"(?:(?<=[\s,;{}\[\]])(?://|#)|/\*)")
_STRING: Final = r"\"(?:[^\"\\\n]|\\.)*\"|'(?:[^'\\\n]|\\.)*'|`(?:[^`\\]|\\.)*`"
_STRINGS_AND_COMMENTS: Final = re.compile(
    rf"(?P<string>{_STRING})|(?:(?<=[\s,;{{}}\[\]])//[^\n]*|/\*.{{0,1000}}?\*/)", re.DOTALL
)
_ESCAPED: Final = re.compile(r'\\\\\\"|\\\\[nt](?![0-7])|\\"|\\.|"')
_CALLED: Final = re.compile(r"\w+\((?P<quote>[\"'])(?P<address>https?://[^\"'\s]+)(?P=quote)\)")
"""A call that a sample prints within a text: `"toB64('https://…')"`."""
_MEMBER: Final = re.compile(
    r"\s*(?:(?P<quote>[\"'])(?P<quoted>[^\"'\n]{1,200})(?P=quote)|(?P<name>[A-Za-z_$][\w$]{0,199}))\s*(?P<colon>:|\Z)"
)
_CALL: Final = re.compile(r"\b[A-Za-z_][\w.]*\((?=\s*[\"'][^\"'\n]+[\"']\s*,\s*[A-Za-z_]\w*\s*=)")
_STARTS: Final = ((_LITERAL, "{"), (_CURL, "{"), (_CALL, "("))
_CONSTANTS: Final = {"true": True, "false": False, "null": None, "None": None, "undefined": None}
_MAX_LITERAL: Final = 200_000
_MAX_SCANNED: Final = 2_000_000
_MAX_DEPTH: Final = 60
_LONGEST_COMMENT: Final = 1000
_LONGEST_NAME: Final = 200
"""Longest name of a member; a longer one is damage, and YAML cannot hold it as a key."""
_MOST_LOST_LINES: Final = 40
_FIRST_NUMBER: Final = re.compile(r"(?:^|[\s)])(1)(?=[A-Za-z#{/$@'\"])")


@dataclass(frozen=True, slots=True)
class SampleValue:
    """A value of a sample with its position. `is_exact` is false where the sample computes the value."""

    value: Json
    span: Span
    is_exact: bool = True


@dataclass(frozen=True, slots=True)
class Sample:
    """The request of a sample: its members in order, and whether the literal was read to its end."""

    members: dict[str, SampleValue]
    span: Span
    is_complete: bool


def samples(text: str, start: int, end: int) -> Iterator[Sample]:
    """Yield the requests of all samples in a part of a page."""
    code = without_line_numbers(text[start:end])
    read_until = 0
    budget = _MAX_SCANNED
    matches = [(match, opening) for pattern, opening in _STARTS for match in pattern.finditer(code)]
    for match, opening in sorted(matches, key=lambda pair: pair[0].start()):
        if match.start() >= read_until:  # else a member of the request before
            begin = code.index(opening, match.end() - (opening == "("))
            if match.re is _CURL and match["quote"] == '"':
                code = (
                    code[:begin]
                    + _unescaped(code[begin : begin + _MAX_LITERAL])
                    + code[begin + _MAX_LITERAL :]
                )
            stop = _closing(code, begin)
            cut = stop is None
            literal = code[begin : begin + _MAX_LITERAL if stop is None else stop]
            budget -= len(literal)
            if budget < 0:
                return  # thousands of beginnings are no samples
            members = _members(literal, is_call=opening == "(")
            if members is None and not cut and opening == "{":
                members, cut = _separate_members(literal)
            if members is None:
                members = _members(_repaired(literal), is_call=opening == "(")
                cut = True
            if members is None:
                continue
            shifted = {
                name: SampleValue(
                    each.value,
                    Span(start + begin + each.span.start, start + begin + each.span.end),
                    each.is_exact,
                )
                for name, each in members.items()
            }
            read_until = len(code) if stop is None else stop
            span = Span(start + begin, start + read_until)
            yield Sample(shifted, span, is_complete=not cut)


def without_line_numbers(text: str) -> str:
    """Return the text with blanks instead of the numbers that a page prints before the lines of code: 1, 2, 3, …"""
    lines = text.split("\n")
    expected = 0
    for index, line in enumerate(lines):
        first = _FIRST_NUMBER.search(line)
        if first is not None and all(
            re.match(rf"[ \t]*{number}", following)
            for number, following in enumerate(lines[index + 1 : index + 3], 2)
        ):
            begin, length, expected = first.start(1), 1, 1
        elif expected and (match := re.match(rf"[ \t]*({expected})", line)):
            begin, length = match.start(1), len(match[1])
        elif (
            expected
            and (match := re.match(r"[ \t]*(\d{1,4})(?!\d)", line))
            and (expected < int(match[1]) <= expected + _MOST_LOST_LINES)
        ):
            begin, length, expected = match.start(1), len(match[1]), int(match[1])
        else:
            continue
        lines[index] = line[:begin] + " " * length + line[begin + length :]
        expected += 1
    return "\n".join(lines)


def _closing(code: str, begin: int) -> int | None:
    """Return the end of the bracket that opens at `begin`, or None if it is not closed."""
    closing = {"{": "}", "[": "]", "(": ")"}
    stack: list[str] = []
    index = begin
    limit = min(len(code), begin + _MAX_LITERAL)
    while index < limit:
        character = code[index]
        if character in "#/" and _COMMENT.match(code, index):
            ends = "*/" if code.startswith("/*", index) else "\n"
            found = code.find(ends, index, min(limit, index + _LONGEST_COMMENT))
            index = index + 1 if found < 0 else found + len(ends)
            continue
        if character in "\"'`":
            stop = index + 1
            while stop < limit and code[stop] != character and (code[stop] != "\n" or character == "`"):
                stop += 2 if code[stop] == "\\" else 1
            if stop >= limit or code[stop] != character:
                return None
            index = stop + 1
            continue
        if character in closing:
            stack.append(closing[character])
            if len(stack) > _MAX_DEPTH:
                return None
        elif character in ")]}":
            if not stack or stack.pop() != character:
                return None
            if not stack:
                return index + 1
        index += 1
    return None


def _repaired(literal: str) -> str:
    """Return a literal that breaks off, closed after its last complete member at the top."""
    depth = 0
    last = 0
    index = 0
    while index < len(literal):
        character = literal[index]
        if character in "\"'":
            stop = index + 1
            while stop < len(literal) and literal[stop] != character:
                stop += 2 if literal[stop] == "\\" else 1
            index = stop + 1
            continue
        if character in "{[(":
            depth += 1
        elif character in ")]}":
            depth -= 1
        elif character == "," and depth == 1:
            last = index
        index += 1
    return literal[:last] + ("}" if literal[:1] == "{" else ")") if last else ""


def _members(literal: str, *, is_call: bool) -> dict[str, SampleValue] | None:
    if not literal or len(literal) > _MAX_LITERAL:
        return None
    code = _STRINGS_AND_COMMENTS.sub(_plain, literal)
    code = code.replace("'\\''", "\\x27")  # a single quote within a text of curl
    code = ("f" if is_call else "") + code
    shift = 1 if is_call else 0
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            parsed = ast.parse(f"({code}\n)", mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    offsets = _Offsets(code)
    members: dict[str, SampleValue] = {}
    pairs: list[tuple[str, ast.expr]] = []
    if isinstance(parsed, ast.Dict):
        for key, value in zip(parsed.keys, parsed.values, strict=True):
            if (
                isinstance(key, ast.Constant)
                and isinstance(key.value, str)
                and len(key.value) <= _LONGEST_NAME
            ):
                pairs.append((_encodable(key.value), value))
            elif isinstance(key, ast.Name):
                pairs.append((key.id, value))
    elif isinstance(parsed, ast.Call):
        pairs = [(each.arg, each.value) for each in parsed.keywords if each.arg is not None]
        if not pairs:
            return None
    else:
        return None
    for name, node in pairs:
        value, is_exact = _value(node)
        span = offsets.span(node)
        members[name] = SampleValue(value, Span(span.start - shift, span.end - shift), is_exact)
    return members


def _plain(match: re.Match[str]) -> str:
    """Return a string as Python reads it, or blanks for a comment, in the same number of characters."""
    found = match[0]
    if match["string"] is None:
        return re.sub(r"[^\n]", " ", found)
    if found[0] == "`" and "${" not in found and not re.search(r"[\"\n]", found):
        return f'"{found[1:-1]}"'
    return found


def _unescaped(text: str) -> str:
    """Return an argument of a shell in double quotes as the shell reads it, in the same number of characters."""
    is_inside = False

    def plain(match: re.Match[str]) -> str:
        nonlocal is_inside
        found = match[0]
        if found == '\\"':
            is_inside = not is_inside
            return ' "' if is_inside else '" '
        if len(found) == 4:
            return "\\x22"
        if len(found) == 3:
            return "\\12" if found[-1] == "n" else "\\11"
        return found

    end = next((match.start() for match in _ESCAPED.finditer(text) if match[0] == '"'), len(text))
    return _ESCAPED.sub(plain, text[:end]) + text[end:]


def _separate_members(literal: str) -> tuple[dict[str, SampleValue] | None, bool]:
    """Read the members of an object one by one, where one of them is no literal, and whether some have no name."""
    code = _STRINGS_AND_COMMENTS.sub(_plain, literal)
    members: dict[str, SampleValue] = {}
    is_cut = False
    for begin, end in _parts(code):
        match = _MEMBER.match(code, begin, end)
        if match is None:
            is_cut = is_cut or bool(code[begin:end].strip())
            continue
        name = match["quoted"] or match["name"]
        value = code[match.end() : end]
        at = match.end() + len(value) - len(value.lstrip()) if match["colon"] else match.start("name")
        span = Span(at, at + len(value.strip() if match["colon"] else name))
        read = _members(f'{{0:0,"v":{value.strip()}}}', is_call=False) if value.strip() else None
        known = None if read is None else read.get("v")
        members[_encodable(name)] = (
            SampleValue(None, span, is_exact=False)
            if known is None
            else SampleValue(known.value, span, known.is_exact)
        )
    return members or None, is_cut


def _parts(code: str) -> Iterator[tuple[int, int]]:
    """Yield the ranges between the commas of an object."""
    begin = 1
    depth = 0
    index = 1
    strings = {match.start(): match.end() for match in re.finditer(_STRING, code)}
    while index < len(code) - 1:
        character = code[index]
        if index in strings:
            index = strings[index]
            continue
        depth += (character in "{[(") - (character in ")]}")
        if character == "," and depth == 0:
            yield begin, index
            begin = index + 1
        index += 1
    yield begin, len(code) - 1


class _Offsets:
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


def _encodable(text: str) -> str:
    """Replace halves of surrogate pairs, which escapes can make and files cannot hold."""
    return text.encode(errors="replace").decode()


def _text(value: str) -> tuple[str, bool]:
    if (called := _CALLED.fullmatch(value)) is not None:
        return called["address"], False
    clean = _encodable(value)
    return clean, clean == value


def _value(node: ast.expr) -> tuple[Any, bool]:
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
        value, is_exact = _value(node.operand)
        if isinstance(value, int | float) and not isinstance(value, bool):
            return (-value if isinstance(node.op, ast.USub) else value), is_exact
        return None, False
    if isinstance(node, ast.List | ast.Tuple):
        items = [_value(each) for each in node.elts]
        return [value for value, _ in items], all(is_exact for _, is_exact in items)
    if isinstance(node, ast.Dict):
        result: dict[str, Any] = {}
        is_exact = True
        for key, inner in zip(node.keys, node.values, strict=True):
            if (
                isinstance(key, ast.Constant)
                and isinstance(key.value, str)
                and len(key.value) <= _LONGEST_NAME
            ):
                name = _encodable(key.value)
            elif isinstance(key, ast.Name):
                name = key.id
            else:
                is_exact = False
                continue
            result[name], exact = _value(inner)
            is_exact = is_exact and exact
        return result, is_exact
    is_chain = isinstance(node, ast.Call) and any(isinstance(each, ast.Call) for each in ast.walk(node.func))
    if isinstance(node, ast.Call) and len(node.args) == 1 and not node.keywords and not is_chain:
        value, _ = _value(node.args[0])  # a helper that converts its argument, such as an address to base64
        return value, False
    return None, False
