"""The values that a page prints after a description: default, allowed values, range.

    Default: 0.5Range: 0 - 1
    Allowed values (13 total):
    "1:1""2:3""3:4"+10 more

Labels can be missing, and everything can touch. A text is accepted only if all of it can be read.
"""

from __future__ import annotations

import json
import math
import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final

from speccast.specs.problems import Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from speccast.core.parameter import Json

SHOWN_VALUES: Final = 10
"""Number of values that a page shows of a list that ends in `+N more`."""

LONGEST_NUMBER: Final = 21
"""Most digits of a number that JavaScript prints without an exponent."""

LONGEST_RUN: Final = 60
"""Longest text of numbers that touch which is split."""
_MOST_STEPS: Final = 2000
_MOST_RUNS: Final = 200
NUMBER: Final = r"-?\d+(?:\.\d+)?(?:[eE][+-]\d+)?"
"""A number as JavaScript prints it. An exponent has a sign, so `2e4` is 2 and the name that follows."""
_LIMIT: Final = rf"(?:-?\d{{1,3}}(?:,\d{{3}})+(?!\d)|{NUMBER})"
"""A number of a limit, perhaps with commas between thousands."""
_SURROGATE: Final = re.compile("[\ud800-\udfff]")
_SPACE: Final = re.compile(r"\s*")
_STRING: Final = re.compile(r'"(?:[^"\\\n]|\\.)*"')
_NUMBER: Final = re.compile(NUMBER)
_RUN: Final = re.compile(r"-?\d[\d.-]*\d")
_PART: Final = re.compile(r"-?(?:0|[1-9]\d*)(?:\.\d*[1-9])?")
"""A number as it is printed in a list whose numbers touch: without zeros that JavaScript does not print."""
_WORD: Final = re.compile(r"true|false|null")
_DEFAULT: Final = re.compile(r"Default\s*:\s*")
_VALUES: Final = re.compile(r"Allowed values\s*(?:\((?P<total>\d+) total\)\s*)?:\s*")
_MORE: Final = re.compile(r"\+\s?(?P<more>\d+) more")
_RANGE: Final = re.compile(rf"Range:\s*(?P<low>{_LIMIT}|-∞)\s*[-\u2013]\s*(?P<high>{_LIMIT}|∞)")
_LENGTH: Final = re.compile(
    r"Length:\s*(?P<minLength>\d+)\s*[-\u2013]\s*(?P<maxLength>\d+)(?: char(?:acter)?s)?"
)
_BOUND: Final = re.compile(
    rf"(?:(?P<side>Min|Max)(?:imum)?(?: (?P<what>value|length|items))?\s*:\s*|Range:\s*(?P<sign>≥|>=|≤|<=)\s*"
    rf"|(?P<step>Step|Multiple of)\s*:\s*)(?P<value>{_LIMIT})(?: (?:char(?:acter)?s|items))?"
)
LABEL: Final = (
    r"(?:Default\s*:|Allowed values\s*(?:\(\d+ total\)\s*)?:|Range:|(?:Min|Max)(?:imum)?(?: (?:value|length|items))?\s*:"
    r"|Length:|(?:Step|Multiple of)\s*:)"
)
"""Text before the values of a page that has labels."""
LABELS: Final = (
    "Default:", "Allowed values :", "Allowed values (", "Range:", "Length:", "Step:", "Multiple of:", "Array items:",
    *(f"{side}{what}" for side in ("Min", "Max", "Minimum", "Maximum") for what in (":", " value:", " length:", " items:")),
)  # fmt: skip
"""The labels, to recognize one that breaks off."""
_MEMBERS: Final = re.compile(r"(?:Array items|Items|Object properties|Properties)\s*:")
_CAPTION: Final = re.compile(r"(?:[A-Za-z]|\d[\d.,]*[ :]?[A-Za-z%(])[^\"\n]{0,60}?(?=\")")
_NUMBER_CAPTION: Final = re.compile(rf"(?<=\n)[^\"\n]{{0,60}}[A-Za-z%)][ ]?(?={NUMBER}[ \t]*\n)")


@dataclass(frozen=True, slots=True)
class Token:
    """A value of a page and its characters. Numbers that touch (`0.511.5`) are one token whose value is their text."""

    value: Json
    span: Span
    text: str
    is_run: bool = False
    """Whether these are several numbers, which cannot be split for certain."""


@dataclass
class TextBlock:
    """Text after a description. `tokens` are the values without a label before them."""

    default: Token | None = None
    values: list[Token] = field(default_factory=list)
    tokens: list[Token] = field(default_factory=list)
    captions: list[str] = field(default_factory=list)
    total: Token | None = None
    more: Token | None = None
    low: Token | None = None
    high: Token | None = None
    bounds: dict[str, Token] = field(default_factory=dict)
    """Other limits by the key of a parameter, such as `maxLength`."""
    has_values_label: bool = False
    has_touching_captions: bool = False
    has_members: bool = False
    is_labelled: bool = False

    @property
    def is_empty(self) -> bool:
        limits = self.low or self.high or self.bounds
        return not (self.is_labelled or self.tokens or limits or self.more or self.has_members)


def parse_block(text: str, base: int) -> TextBlock | None:
    """Parse a text that consists of values and labels only. Return None if anything in it is something else."""
    block, position = parse_start(text, base)
    return block if position == len(text) else None


def parse_start(text: str, base: int) -> tuple[TextBlock, int]:
    """Parse as many values and labels as a text begins with. Return them and the position behind them."""
    return _ValuesParser(text, base).run()


class _ValuesParser:
    def __init__(self, text: str, base: int) -> None:
        self.text = text
        self.base = base
        self.block = TextBlock()

    def run(self) -> tuple[TextBlock, int]:
        position = self._skip(0)
        while position < len(self.text):
            after = self._label(position) or self._limit(position) or self._value(position)
            if after is None:
                break
            position = self._skip(after)
        return self.block, position

    def _skip(self, position: int) -> int:
        match = _SPACE.match(self.text, position)
        assert match is not None
        return match.end()

    def _label(self, position: int) -> int | None:
        block = self.block
        if (match := _DEFAULT.match(self.text, position)) and block.default is None and not block.tokens:
            literal = self._literal(match.end())
            if literal is None:
                return None
            block.default, after = literal
            block.is_labelled = True
            return after
        if (match := _VALUES.match(self.text, position)) and not block.has_values_label:
            block.has_values_label = block.is_labelled = True
            if match["total"]:
                block.total = self._token(int(match["total"]), *match.span("total"))
            return match.end()
        if (match := _MEMBERS.match(self.text, position)) and not block.has_members:
            block.has_members = True
            return match.end()
        return None

    def _limit(self, position: int) -> int | None:
        block = self.block
        if (
            (match := _MORE.match(self.text, position))
            and block.more is None
            and (block.values or block.tokens)
        ):
            block.more = self._token(int(match["more"]), *match.span())
            return match.end()
        if (match := _RANGE.match(self.text, position)) and block.low is None and block.high is None:
            for name in ("low", "high"):
                number = _number(match[name].replace("∞", "1e999"))
                if number is not None:
                    setattr(block, name, self._token(number, *match.span(name)))
            return match.end()
        return self._bound(position)

    def _bound(self, position: int) -> int | None:
        """Read a limit with its own label, such as `Max: 4` or `Max length: 400`."""
        block = self.block
        if match := _LENGTH.match(self.text, position):
            if block.bounds.keys() & match.groupdict().keys():
                return None
            block.bounds |= {
                name: self._token(int(match[name]), *match.span(name)) for name in match.groupdict()
            }
            return match.end()
        match = _BOUND.match(self.text, position)
        number = None if match is None else _number(match["value"])
        if match is None or number is None:
            return None
        token = self._token(number, *match.span("value"))
        side = match["side"] or ("Max" if match["sign"] in ("≤", "<=") else "Min")
        if match["step"] or match["what"] in ("length", "items"):
            key = "multipleOf" if match["step"] else f"{side.lower()}{match['what'].title()}"
            if key in block.bounds:
                return None
            block.bounds[key] = token
            return match.end()
        name = "low" if side == "Min" else "high"
        if getattr(block, name) is not None:
            return None
        setattr(block, name, token)
        return match.end()

    def _value(self, position: int) -> int | None:
        block = self.block
        if block.more or block.low or block.high or block.bounds or block.has_members:
            return None
        if block.is_labelled and not block.has_values_label:
            return None
        target = block.values if block.has_values_label else block.tokens
        is_list = block.has_values_label or any(isinstance(token.value, str) for token in target)
        literal = (self._read_captioned(position) if is_list else None) or self._literal(position)
        if literal is None:
            return None
        token, after = literal
        target.append(token)
        return after

    def _read_captioned(self, position: int) -> tuple[Token, int] | None:
        """Return a value that has a caption before it: `Standard"std"`, or `5 seconds5` on its own line."""
        match = None if _WORD.match(self.text, position) else _CAPTION.match(self.text, position)
        if match is None and self.block.has_values_label:
            match = _NUMBER_CAPTION.match(self.text, position)
            self.block.has_touching_captions = self.block.has_touching_captions or match is not None
        literal = None if match is None else self._literal(match.end())
        if match is not None and literal is not None:
            self.block.captions.append(match[0].strip())
        return literal

    def _literal(self, position: int) -> tuple[Token, int] | None:
        text = self.text
        if match := _STRING.match(text, position):
            try:
                value: Any = json.loads(match[0])
            except ValueError:
                return None
            if _SURROGATE.search(value):
                return None
        elif match := _WORD.match(text, position):
            value = json.loads(match[0])
        elif match := _NUMBER.match(text, position):
            value = _number(match[0])
            if value is None:
                return None
            run = _RUN.match(text, position)
            if run is not None and run.end() > match.end():
                return replace(self._token(run[0], *run.span()), is_run=True), run.end()
        elif text[position : position + 1] in ("[", "{") and text[position:]:
            try:
                value, end = json.JSONDecoder().raw_decode(text, position)
            except (ValueError, RecursionError):
                return None
            if _SURROGATE.search(json.dumps(value, ensure_ascii=False)):
                return None
            return self._token(value, position, end), end
        else:
            return None
        return self._token(value, *match.span()), match.end()

    def _token(self, value: Json, start: int, end: int) -> Token:
        return Token(value, Span(self.base + start, self.base + end), self.text[start:end])


def split_run(run: str, *, count: int) -> Iterator[list[int | float]]:
    """Yield the ways to split numbers that touch into different numbers in ascending order.

    `5127681024` is 512, 768, 1024 or 512, 7681024 and so on; `0.511.5` is 0.5, 1, 1.5 or 0.5, 11.5 and so on.

    Args:
        count: how many numbers there are, 0 if that is not known.
    """
    if len(run) > LONGEST_RUN or not re.fullmatch(r"[\d.-]+", run):
        return
    found = 0
    stack: list[tuple[int, tuple[int | float, ...]]] = [(0, ())]
    steps = 0
    while stack and found < _MOST_RUNS:
        steps += 1
        if steps > _MOST_STEPS:
            return
        start, parts = stack.pop()
        left = count - len(parts)
        if start == len(run):
            found += not left or not count
            if not left or not count:
                yield list(parts)
            continue
        # The next number is not shorter than the one before it, so the shortest of the numbers that are left is bounded.
        longest = (len(run) - start) // left if count and left > 0 and run.isdigit() else len(run)
        for stop in range(start + 1, min(start + longest, len(run)) + 1) if not count or left > 0 else ():
            if _PART.fullmatch(run, start, stop):
                number = _number(run[start:stop])
                if number is not None and (not parts or number > parts[-1]):
                    stack.append((stop, (*parts, number)))


def most_even(runs: list[list[int | float]]) -> list[list[int | float]]:
    """Sort readings of numbers that touch: those whose numbers have similar lengths first."""

    def spread(run: list[int | float]) -> tuple[int, int]:
        lengths = [len(str(number)) for number in run]
        return max(lengths) - min(lengths) + (len(run) == 1) * 2, len(run)

    return sorted(runs, key=spread)


def _number(text: str) -> int | float | None:
    """Return the value of a number, or None if it is too large to be one."""
    text = text.replace(",", "")
    if re.fullmatch(r"-?\d{1,400}", text):
        return int(text)
    value = float(text)
    return value if math.isfinite(value) else None
