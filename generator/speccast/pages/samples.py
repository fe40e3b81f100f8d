"""Reads the request that a sample sends: Python, JavaScript or curl.

    data = { "prompt": "a fox", "seed": 1, "base64": false }
    result = vendor.run("fox-1", prompt="a fox", seed=1, base64=False)
    const reqBody = { "prompt": "a fox", "seed": 1 };
    curl … --data '{ "prompt": "a fox", "seed": 1 }'
    data = {}
    data["prompt"] = "a fox"

The literal is cut out of the text and parsed by Python's own parser, which takes literals of JSON and most of JavaScript as
well, and gives the position of every value.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from speccast.pages.code import (
    MAX_LITERAL,
    STRING,
    STRINGS_AND_COMMENTS,
    closing,
    commas,
    plain,
    repair,
    unescape,
    without_comments_in_line,
    without_line_numbers,
)
from speccast.pages.literals import SampleValue, encodable, members_of, single
from speccast.specs.problems import Span

if TYPE_CHECKING:
    from collections.abc import Iterator

_LITERAL: Final = re.compile(
    r"\b(?P<variable>data|payload|reqBody|requestBody|request_body|body|input|inputs|params|arguments|json)\s*[=:]\s*"
    r"(?:(?:JSON\.stringify|json\.dumps)\(\s*)?(?=\{)"
)
_CURL: Final = re.compile(r"(?:--data(?:-raw|-binary)?|--json|-d)\s+(?P<quote>['\"])(?=\s*\{)")
_MEMBER: Final = re.compile(
    r"\s*(?:(?P<quote>[\"'])(?P<quoted>[^\"'\n]{1,200})(?P=quote)|(?P<name>[A-Za-z_$][\w$]{0,199}))\s*(?P<colon>:|\Z)"
)
_CALL: Final = re.compile(
    r"\b(?!open\b)[A-Za-z_][\w.]*\((?=\s*[\"'](?P<model>[\w][\w./:@-]*)[\"']\s*,\s*[A-Za-z_]\w*\s*=)"
)
"""A call of an SDK with the name of a model, which is also in an address of the page."""
_EXPRESSION: Final = re.compile(rf"{STRING}|\[[^\[\]\n]{{0,1000}}\]|[\w.+-]+(?:\([^()\n]{{0,1000}}\))?")
"""An expression that is assigned: a text, a list without lists, a number, a name or a call."""
_EVENT: Final = re.compile(r"(?m)^data:[ \t]*\{[^\n]*\}[ \t]*$")
_POSTED: Final = re.compile(
    r"\.post\(\s*(?:[\"'`][^\"'`\n]*[\"'`]|[\w.]+)\s*,\s*(?=\{)(?!\{\s*[\"']?(?:json|headers|body|method|form)\b)"
)
"""A call with the address and the request, as of axios."""
_STARTS: Final = ((_LITERAL, "{"), (_POSTED, "{"), (_CURL, "{"), (_CALL, "("))
_MAX_SCANNED: Final = 2_000_000


@dataclass(frozen=True, slots=True)
class Sample:
    """The request of a sample: its members in order, and whether the literal was read to its end."""

    members: dict[str, SampleValue]
    span: Span
    is_complete: bool
    body: str = ""
    """`multipart` or `form` if it sends a form."""
    is_filled: bool = False
    """Whether code fills a form from the object, which can also be sent as JSON."""

    def move(self, distance: int) -> Sample:
        """Return the sample with another position."""
        members = {name: each.move(distance) for name, each in self.members.items()}
        return replace(self, members=members, span=Span(self.span.start + distance, self.span.end + distance))


def samples(text: str, start: int, end: int) -> Iterator[Sample]:
    """Yield the requests of all samples in a part of a page."""
    code = without_line_numbers(text[start:end])
    read_until = 0
    budget = _MAX_SCANNED
    matches = [(match, opening) for pattern, opening in _STARTS for match in pattern.finditer(code)]
    for match, opening in sorted(matches, key=lambda pair: pair[0].start()):
        if match.start() < read_until or _EVENT.match(code, match.start()):
            continue  # a member of the request before, or an event of a streamed response
        if match.re is _CALL and not re.search(rf"/{re.escape(match['model'])}(?![\w.-])", text):
            continue
        begin = code.index(opening, match.end() - (opening == "("))
        if match.re is _CURL and match["quote"] == '"':
            end_of_literal = begin + MAX_LITERAL
            code = code[:begin] + unescape(code[begin:end_of_literal]) + code[end_of_literal:]
        doubtful: list[int] = []
        stop = closing(code, begin)
        if stop is None:
            plain_code, doubtful = without_comments_in_line(code, begin)
            if (stop := closing(plain_code, begin)) is not None:
                code = plain_code
        literal = code[begin : begin + MAX_LITERAL if stop is None else stop]
        budget -= len(literal)
        if budget < 0:
            return  # thousands of beginnings are not samples
        members, is_complete = _literal(literal, opening, is_closed=stop is not None)
        if members is None:
            continue
        members = {name: each.move(begin) for name, each in members.items()}
        for place in doubtful:
            name = next((name for name, each in members.items() if each.span.start >= place), None)
            if name is not None:
                members[name] = replace(members[name], is_exact=False)
        read_until = len(code) if stop is None else stop
        if not members and match.re is _LITERAL:
            members, read_until = _read_assignments(code, match["variable"], read_until)
        yield Sample(members, Span(begin, read_until), is_complete).move(start)


def _literal(literal: str, opening: str, *, is_closed: bool) -> tuple[dict[str, SampleValue] | None, bool]:
    """Return the members of a literal, or None if it cannot be read, and whether these are all."""
    members = members_of(literal, is_call=opening == "(")
    if members is not None:
        return members, is_closed
    if is_closed and opening == "{":
        members, is_cut = _separate_members(literal)
        if members is not None:
            return members, not is_cut
    return members_of(repair(literal), is_call=opening == "("), False


def _read_assignments(code: str, variable: str, begin: int) -> tuple[dict[str, SampleValue], int]:
    """Return the members that are assigned to an empty object, one statement each, and the end of the last one.

    A statement behind `#` is a comment. A file that is sent is in another object and is not a member.
    """
    again = re.compile(rf"\b{variable}\s*=[^=]").search(code, begin)
    end = again.start() if again else len(code)
    members: dict[str, SampleValue] = {}
    statement = re.compile(
        rf"\b{variable}\[(?P<quote>[\"'])(?P<name>[^\"'\n]{{1,200}})(?P=quote)\] ?= ?(?!=)"
    )
    last = begin
    for match in statement.finditer(code, begin, end):
        line = code[code.rfind("\n", 0, match.start()) + 1 : match.start()]
        if line.rstrip().endswith("#") or line.lstrip().startswith("#"):
            continue
        value = _EXPRESSION.match(code, match.end(), end)
        if value is None:
            continue
        read = single(value[0])
        span = Span(*value.span())
        is_whole = read is not None and not re.match(r"[ \t]*[-+*/%.\[(]", code[value.end() : end])
        known = SampleValue(read.value, span, read.is_exact) if read and is_whole else None
        members[encodable(match["name"])] = known or SampleValue(None, span, is_exact=False)
        last = value.end()
    return members, last


def _separate_members(literal: str) -> tuple[dict[str, SampleValue] | None, bool]:
    """Read the members of an object one by one, where one of them is not a literal, and whether some have no name."""
    code = STRINGS_AND_COMMENTS.sub(plain, literal)
    members: dict[str, SampleValue] = {}
    is_cut = False
    for begin, end in pairwise([0, *commas(code), len(code) - 1]):
        match = _MEMBER.match(code, begin + 1, end)
        if match is None:
            is_cut = is_cut or bool(code[begin + 1 : end].strip())
            continue
        name = match["quoted"] or match["name"]
        value = code[match.end() : end]
        at = match.end() + len(value) - len(value.lstrip()) if match["colon"] else match.start("name")
        span = Span(at, at + len(value.strip() if match["colon"] else name))
        known = single(value)
        members[encodable(name)] = replace(known or SampleValue(None, span, is_exact=False), span=span)
    return members or None, is_cut
