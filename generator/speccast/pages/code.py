"""Prepares the code of a sample for Python's parser: line numbers, comments, and the end of a literal that begins somewhere."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_LITERAL: Final = 200_000
"""Longest literal that is read."""
STRING: Final = r"\"(?:[^\"\\\n]|\\.)*\"|'(?:[^'\\\n]|\\.)*'|`(?:[^`\\]|\\.)*`"
STRINGS_AND_COMMENTS: Final = re.compile(
    rf"(?P<string>{STRING})|(?:(?<=[\s,;{{}}\[\]])//[^\n]*|/\*.{{0,1000}}?\*/)", re.DOTALL
)
_ESCAPED: Final = re.compile(r'\\\\\\"|\\\\[nt](?![0-7])|\\"|\\.|"')
_MARKS: Final = re.compile(
    rf"{STRING}|(?<=[\s,;{{}}\[\]])(?:#|//)[^\n]{{0,1000}}\n|/\*.{{0,1000}}?\*/|(?P<mark>[{{}}\[\](),\"'`])",
    re.DOTALL,
)
"""Strings, comments, and what is outside of them: brackets, commas, and a quotation mark that is not closed."""
_BRACKETS: Final = {"{": "}", "[": "]", "(": ")"}
_MAX_DEPTH: Final = 60
_MOST_LOST_LINES: Final = 40
_FIRST_NUMBER: Final = re.compile(r"(?:^|[\s)])(1)(?=[A-Za-z#{/$@'\"])")
_COMMENTS_IN_LINE: Final = re.compile(
    rf"{STRING}|(?<=[\s,;{{}}\[\]])(?:#|//)(?P<comment>.*?)(?=\s(?:\"[^\"\n]{{1,200}}\"|'[^'\n]{{1,200}}')\s*:|\s*[}}\]]|\Z)"
)


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


def closing(code: str, begin: int) -> int | None:
    """Return the end of the bracket that opens at `begin`, or None if it is not closed."""
    stack: list[str] = []
    for index, mark in _marks(code, begin):
        if mark in _BRACKETS:
            stack.append(_BRACKETS[mark])
            if len(stack) > _MAX_DEPTH:
                return None
        elif mark != ",":
            if not stack or stack.pop() != mark:
                return None
            if not stack:
                return index + 1
    return None


def commas(literal: str) -> Iterator[int]:
    """Yield the places of the commas between the members of an object, or the arguments of a call."""
    depth = 0
    for index, mark in _marks(literal, 0):
        if mark != ",":
            depth += 1 if mark in _BRACKETS else -1
        elif depth == 1:
            yield index


def _marks(code: str, begin: int) -> Iterator[tuple[int, str]]:
    """Yield the brackets and commas outside of strings and comments, up to a string that is not closed."""
    for match in _MARKS.finditer(code, begin, begin + MAX_LITERAL):
        if match["mark"] is not None:
            if match["mark"] in "\"'`":
                return
            yield match.start(), match["mark"]


def repair(literal: str) -> str:
    """Return a literal that breaks off, closed after its last complete member at the top."""
    last = max(commas(literal), default=0)
    return literal[:last] + ("}" if literal[:1] == "{" else ")") if last else ""


def plain(match: re.Match[str]) -> str:
    """Return a string as Python reads it, or blanks for a comment, in the same number of characters."""
    found = match[0]
    if match["string"] is None:
        return re.sub(r"[^\n]", " ", found)
    if found[0] == "`" and "${" not in found and not re.search(r"[\"\n]", found):
        return f'"{found[1:-1]}"'
    return found


def unescape(text: str) -> str:
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


def without_comments_in_line(code: str, begin: int) -> tuple[str, list[int]]:
    """Return code in which comments end before the next member of their line, as blanks, and where doubtful ones end.

    Pages can print code without its line ends: `{ "a": 1, # or use read("PATH") "b": 2 }`. A comment that ends in a bracket is
    certain to end there; another one can go on, so that the member behind it is a part of it.
    """
    doubtful: list[int] = []

    def blank(match: re.Match[str]) -> str:
        if match["comment"] is None:
            return match[0]
        if not match["comment"].rstrip().endswith(")") and line[match.end() :].lstrip()[:1] in ("'", '"'):
            doubtful.append(begin + match.end())
        return " " * len(match[0])

    line = code[begin : begin + MAX_LITERAL].split("\n", 1)[0]
    return code[:begin] + _COMMENTS_IN_LINE.sub(blank, line) + code[begin + len(line) :], doubtful
