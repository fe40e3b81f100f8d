"""Limits that a description states in words, as far as they are certain.

    Image width can be between 512 and 2048 in multiples of 8
    Prompt, max 400 characters

A sentence that recommends values ("use 0.2 to 0.5 for narration") states no limit. What looks like a limit, but may be a
recommendation, is returned as a doubt.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from speccast.pages.facts import ABSENT, Fact, Span
from speccast.pages.values import NUMBER

if TYPE_CHECKING:
    from collections.abc import Iterator

_NUMBER: Final = rf"({NUMBER})(?![\d.]*\d|\s*%|[:x\u00d7/])"
_BETWEEN: Final = re.compile(rf"\bbetween {_NUMBER} and {_NUMBER}", re.IGNORECASE)
_BRACKETS: Final = re.compile(rf"\({_NUMBER}\s?(?:[\u2013\u2014-]|to)\s?{_NUMBER}\)")
_RANGE: Final = re.compile(
    rf"\brange:?(?: of| is| from)? {_NUMBER}\s?(?:[\u2013\u2014-]|to)\s?{_NUMBER}", re.IGNORECASE
)
_SIDE: Final = re.compile(rf"\b(?:(min)|max)(?:imum)?(?: value)?: {_NUMBER}", re.IGNORECASE)
_STEP: Final = re.compile(
    rf"\b(?:in |a )?(?:multiples? of|divisible by|in steps of) {_NUMBER}", re.IGNORECASE
)
_LENGTH: Final = re.compile(
    r"\b(?:max(?:imum)?\.?|up to|at most|no more than)(?: of| length:?)? (\d{1,3}(?:,\d{3})+|\d+) char(?:acter)?s?\b",
    re.IGNORECASE,
)
_LABELED_LENGTH: Final = re.compile(r"\bmax(?:imum)? length: (\d+)", re.IGNORECASE)
_CERTAIN_BEFORE: Final = re.compile(
    r"(?:(?:can|must|should|has to|needs to) be|value|values|number|range)\s*\Z", re.IGNORECASE
)
_ADVICE: Final = re.compile(
    r"\b(?:recommend\w*|typical\w*|usual\w*|best|ideal\w*|optimal\w*|good|suggest\w*|try|use|works?|default\w*|for)\b",
    re.IGNORECASE,
)
_OR: Final = r"(?:, or | or |, )"
_LIST: Final = re.compile(
    r"\b(?:(?:could|can|must) be|(?:allowed|possible|supported|valid) values(?: are|:)|options:|one of:?) "
    rf"((?:[\"`][^\"`]+[\"`]{_OR}?){{2,}}|(?:(?<=one of )|(?<=: ))(?:[\w.-]+{_OR})+[\w.-]*\w)\.?\s*\Z",
    re.IGNORECASE,
)


def limits(description: str, kind: str, start: int) -> Iterator[tuple[str, Fact]]:
    """Yield keys of a parameter with the values that its description states.

    Args:
        description: text of the page.
        kind: JSON type of the parameter.
        start: position of the description on the page.
    """
    if kind in ("integer", "number"):
        yield from _numbers(description, start)
    elif kind == "string":
        found = list(_LENGTH.finditer(description))
        for match in found[:1]:
            value = int(match[1].replace(",", ""))
            fact = Fact(value, (Span(start + match.start(), start + match.end()),))
            is_advice = len(found) > 1 or bool(
                re.search(r"\b(?:per|each|recommend\w*|output)\b", description, re.IGNORECASE)
            )
            yield "maxLength", fact.doubted("stated in words only", [ABSENT]) if is_advice else fact
        if not found and (labeled := _LABELED_LENGTH.search(description)) is not None:
            span = Span(start + labeled.start(1), start + labeled.end(1))
            yield "maxLength", Fact(int(labeled[1]), (span,)).doubted("stated in words only", [ABSENT])
        if (stated := _LIST.search(description)) is not None:
            values = re.findall(r"[\"`]([^\"`]+)[\"`]", stated[1]) or re.split(_OR, stated[1])
            span = Span(start + stated.start(1), start + stated.end(1))
            yield "enum", Fact(values, (span,)).doubted("the values are in the description only", [ABSENT])


def _numbers(description: str, start: int) -> Iterator[tuple[str, Fact]]:
    patterns = (_BETWEEN, _BRACKETS, _RANGE)
    ranges = [match for pattern in patterns for match in pattern.finditer(description)]
    steps = list(_STEP.finditer(description))
    if len(ranges) == 1:
        match = ranges[0]
        sentence = _sentence(description, match.start(), match.end())
        is_certain = (
            match.re is _BETWEEN
            and not _ADVICE.search(sentence)
            and (match.start() == 0 or bool(_CERTAIN_BEFORE.search(description[: match.start()])))
        )
        for key, group in (("minimum", 1), ("maximum", 2)):
            span = Span(start + match.start(group), start + match.end(group))
            fact = Fact(_value(match[group]), (span,))
            yield key, fact if is_certain else fact.doubted("stated in words only", [ABSENT])
    sides = {"minimum" if match[1] else "maximum": match for match in _SIDE.finditer(description)}
    for key, match in sides.items() if not ranges else ():
        span = Span(start + match.start(2), start + match.end(2))
        yield key, Fact(_value(match[2]), (span,)).doubted("stated in words only", [ABSENT])
    if len(steps) == 1:
        match = steps[0]
        value = _value(match[1])
        if value > 0:
            fact = Fact(value, (Span(start + match.start(1), start + match.end(1)),))
            sentence = _sentence(description, match.start(), match.end())
            is_certain = not _ADVICE.search(sentence) and len(ranges) < 2
            yield "multipleOf", fact if is_certain else fact.doubted("stated in words only", [ABSENT])


def _sentence(text: str, start: int, end: int) -> str:
    begin = max(text.rfind(mark, 0, start) for mark in (". ", "; ", "\n", "("))
    stops = [stop for mark in (". ", "; ", "\n", ")") if (stop := text.find(mark, end)) >= 0]
    return text[begin + 1 : min(stops, default=len(text))]


def _value(text: str) -> int | float:
    return int(text) if re.fullmatch(r"-?\d+", text) else float(text)
