"""Limits that a description states in words, as far as they are certain.

    Image width can be between 512 and 2048 in multiples of 8
    Prompt, max 400 characters

A sentence that recommends values ("use 0.2 to 0.5 for narration") states no limit. What looks like a limit, but may be a
recommendation, is returned as a doubt.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from speccast.pages.facts import sentence, state
from speccast.pages.values import NUMBER

if TYPE_CHECKING:
    from collections.abc import Iterator

    from speccast.pages.facts import Fact

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
_NO_LIMIT: Final = re.compile(r"\b(?:per|each|recommend\w*|output)\b", re.IGNORECASE)
_IN_WORDS: Final = "stated in words only"
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
        if found:
            doubt = _IN_WORDS if len(found) > 1 or _NO_LIMIT.search(description) else ""
            yield "maxLength", state(int(found[0][1].replace(",", "")), found[0], start, doubt)
        elif (labeled := _LABELED_LENGTH.search(description)) is not None:
            yield "maxLength", state(int(labeled[1]), labeled, start, _IN_WORDS, group=1)
        if (listed := _LIST.search(description)) is not None:
            values = re.findall(r"[\"`]([^\"`]+)[\"`]", listed[1]) or re.split(_OR, listed[1])
            yield "enum", state(values, listed, start, "the values are in the description only", group=1)


def _numbers(description: str, start: int) -> Iterator[tuple[str, Fact]]:
    ranges = [match for pattern in (_BETWEEN, _BRACKETS, _RANGE) for match in pattern.finditer(description)]
    if len(ranges) == 1:
        match = ranges[0]
        is_certain = (
            match.re is _BETWEEN
            and not _ADVICE.search(sentence(description, match))
            and (match.start() == 0 or bool(_CERTAIN_BEFORE.search(description[: match.start()])))
        )
        for key, group in (("minimum", 1), ("maximum", 2)):
            yield key, state(_value(match[group]), match, start, "" if is_certain else _IN_WORDS, group)
    sides = {"minimum" if match[1] else "maximum": match for match in _SIDE.finditer(description)}
    for key, match in sides.items() if not ranges else ():
        yield key, state(_value(match[2]), match, start, _IN_WORDS, group=2)
    steps = list(_STEP.finditer(description))
    if len(steps) == 1 and (step := _value(steps[0][1])) > 0:
        is_certain = not _ADVICE.search(sentence(description, steps[0])) and len(ranges) < 2
        yield "multipleOf", state(step, steps[0], start, "" if is_certain else _IN_WORDS, group=1)


def _value(text: str) -> int | float:
    return int(text) if re.fullmatch(r"-?\d+", text) else float(text)
