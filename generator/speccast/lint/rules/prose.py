"""Descriptions that contradict the fields, and secrets.

D104 description-contradicts

    The page states limits in a sentence, and the spec has them as fields. If they differ, one is wrong, and the
    client accepts or refuses the wrong values. The rule recognizes "between 512 and 2048", "range 0-1", "(0.0 to 2.0)", "any
    number 1-999999", "multiples of 8", "at least", "at most", "up to", "minimum", "maximum" and "default", each with a
    number, and "max 400 characters" for a text or "up to 4 images" for an array.

    Bad::

        parameters:
          width:
            type: integer
            minimum: 512
            maximum: 1024
            multipleOf: 8
            description: Width in pixels, between 512 and 2048 in multiples of 8

    Good::

        parameters:
          width:
            type: integer
            minimum: 512
            maximum: 2048
            multipleOf: 8
            description: Width in pixels, between 512 and 2048 in multiples of 8

D105 secret-in-spec

    Pages show keys in their examples, and some of them are real. Specs are published, so no text may look like a
    key. Use a placeholder such as YOUR_API_KEY.

    Bad::

        example: { prompt: hello, token: AKIA2X7RTQ4LZP6MWN3B }
        parameters: { prompt: { type: string }, token: { type: string } }

    Good::

        example: { prompt: hello, token: YOUR_API_KEY }
        parameters: { prompt: { type: string }, token: { type: string } }
"""

from __future__ import annotations

import re
from fractions import Fraction
from typing import Final

from speccast.core.values import exact
from speccast.lint.rule import (
    Document,
    Location,
    ParameterContext,
    RuleViolation,
    Severity,
    Violations,
    document_rule,
    parameter_rule,
)
from speccast.lint.texts import texts_of
from speccast.specs.wording import format_value, number

_NUMBER: Final = (
    r"([-+]?(?:\d{1,3}(?:,\d{3}){1,4}|\d{1,15})(?:\.\d{1,15})?)(?!\d|[.,]\d|%|[kKmMxX]\b|\s?[xX\xd7]\s?\d)"
)
_TO: Final = r"\s*(?:-|\u2013|\u2014|~|\b(?:up )?to\b|\bthrough\b|\.\.+|\u2026)\s*"
_BETWEEN: Final = re.compile(
    rf"\bbetween {_NUMBER}(?: and |{_TO}){_NUMBER}"
    rf"|\b(?:range|from|accepts|any (?:number|integer|value)|values?)(?: is| of|:)?(?: from| between)? \(?{_NUMBER}{_TO}{_NUMBER}"
    rf"|\(\s*{_NUMBER}{_TO}{_NUMBER}\s*\)"
    rf"|\[\s*{_NUMBER}\s*,\s*{_NUMBER}\s*\]"
    rf"|{_NUMBER}\s?(?:\u2264|<=)\s?\w{{1,40}}\s?(?:\u2264|<=)\s?{_NUMBER}",
    re.IGNORECASE,
)
_STEP: Final = re.compile(rf"\b(?:multiples? of|divisible by|in steps of) {_NUMBER}", re.IGNORECASE)
_UNIT: Final = r"\s?(?P<unit>char(?:acter)?s?|symbols?|letters?|items?|words?|tokens?|images?|files?|elements?|entries|pixels?|px)\b"
_OF: Final = r"\.?(?: (?:value|length|number))?(?: is| of|:)?"
_AT_LEAST: Final = rf"\b(?:at least|no (?:fewer|less) than|min(?:imum)?{_OF})"
_AT_MOST: Final = rf"\b(?:at most|up to|no more than|limited to|(?:limit|max(?:imum)?){_OF})"
_LEAST: Final = re.compile(rf"{_AT_LEAST} {_NUMBER}(?:{_UNIT})?", re.IGNORECASE)
_MOST: Final = re.compile(rf"{_AT_MOST} {_NUMBER}(?:{_UNIT})?", re.IGNORECASE)
_MOST_BEHIND: Final = re.compile(
    rf"\b{_NUMBER}{_UNIT} \(?(?:max(?:imum)?|at most|or (?:fewer|less))\b", re.IGNORECASE
)
_LENGTHS: Final = re.compile(rf"\b(?:between )?{_NUMBER}(?:{_TO}| and ){_NUMBER}{_UNIT}", re.IGNORECASE)
_DEFAULT: Final = re.compile(
    rf"\b(?:defaults? to|default(?: value)?(?: is| of|:| =|=)?) {_NUMBER}", re.IGNORECASE
)
_CHARACTERS: Final = ("char", "symb", "lett")
_NUMBERS: Final = ("integer", "number")
_UNITS: Final = {"string": _CHARACTERS, "array": ("item", "imag", "file", "elem", "entr")}
"""The beginnings of the units in which the length of a value is stated."""
_LOWER: Final = ("minimum", "exclusiveMinimum")
_UPPER: Final = ("maximum", "exclusiveMaximum")

_SECRETS: Final = re.compile(
    r"""
    \bAKIA[0-9A-Z]{16}\b
    | \bgh[pousr]_[A-Za-z0-9]{36}\b
    | \bxox[abprs]-[A-Za-z0-9-]{20,}
    | \bAIza[A-Za-z0-9_-]{35}
    | \beyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}
    | -----BEGIN[ ][A-Z ]{0,30}PRIVATE[ ]KEY-----
    | \b(?:sk|pk|rk|hf|r8|key|api)[-_](?:[a-z]{2,10}[-_])?[A-Za-z0-9]{20,}\b
    | \b[A-Za-z]{2,6}_[0-9a-f]{16,64}\b
    """,
    re.VERBOSE,
)
_SHORTEST: Final = 16
"""Minimum number of characters of a key."""
_VARIED: Final = 6
"""Minimum number of different characters in a key, which excludes `sk-xxxxxxxxxxxxxxxxxxxxxxxx`."""


@parameter_rule(
    "D104",
    Severity.WARNING,
    "a description that contradicts the limits of the fields",
    keywords={"description"},
)
def description_contradicts(context: ParameterContext) -> Violations:
    check = _of_number if context.parameter.type in _NUMBERS else _of_length
    found = check(context, context.parameter.description)
    yield from {violation.message: violation for violation in found}.values()  # a text can repeat itself


def _of_number(context: ParameterContext, text: str) -> Violations:
    for match in _BETWEEN.finditer(text):
        low, high = filter(None, match.groups())
        yield from _limit(context, match[0], low, _LOWER, is_certain=True)
        yield from _limit(context, match[0], high, _UPPER, is_certain=True)
    for match in _STEP.finditer(text):
        yield from _limit(context, match[0], match[1], ("multipleOf",), is_certain=True)
    least, most = (
        [match for match in pattern.finditer(text) if match["unit"] is None] for pattern in (_LEAST, _MOST)
    )
    is_range = bool(least and most)
    for matches, keywords in ((least, _LOWER), (most, _UPPER)):
        for match in matches:
            yield from _limit(context, match[0], match[1], keywords, is_certain=is_range)
    for match in _DEFAULT.finditer(text):
        yield from _limit(context, match[0], match[1], ("default",), is_certain="default" not in context.spec)


def _of_length(context: ParameterContext, text: str) -> Violations:
    """Yield the violations of a description that states how long a text or array can be."""
    units = _UNITS.get(context.parameter.type)
    if units is None:
        return
    least, most = (
        ("minLength", "maxLength") if context.parameter.type == "string" else ("minItems", "maxItems")
    )
    for pattern, keyword in ((_LEAST, least), (_MOST, most), (_MOST_BEHIND, most)):
        for match in pattern.finditer(text):
            unit = match["unit"] or (units[0] if " length" in match[0] else "")
            if unit.lower().startswith(units):
                yield from _limit(context, match[0], match[1], (keyword,), is_certain=True)
    for match in _LENGTHS.finditer(text):
        if match["unit"].lower().startswith(units):
            yield from _limit(context, match[0], match[1], (least,), is_certain=True)
            yield from _limit(context, match[0], match[2], (most,), is_certain=True)


def _limit(
    context: ParameterContext, said: str, text: str, keywords: tuple[str, ...], *, is_certain: bool = False
) -> Violations:
    """Yield a violation if a limit in a sentence is not that of the fields. A missing field is reported only if certain."""
    stated = Fraction(text.replace(",", ""))
    given = {
        keyword: value
        for keyword in keywords
        if isinstance(value := context.keywords.get(keyword), int | float) and not isinstance(value, bool)
    }
    if any(exact(value) == stated for value in given.values()):
        return
    if given:
        keyword, value = next(iter(given.items()))
        yield RuleViolation(
            context.value("description"),
            f'the description of `{context.label}` says "{said}", but {keyword} is {format_value(value)}',
            "correct the field, or explain the difference in `note` and suppress this finding",
            related=((context.value(keyword), f"{keyword} is here"),),
        )
    elif is_certain and not any(keyword in context.keywords for keyword in keywords):
        yield RuleViolation(
            context.value("description"),
            f'the description of `{context.label}` says "{said}", but {keywords[0]} is missing',
            f"add `{keywords[0]}: {number(stated)}`",
        )


@document_rule("D105", Severity.WARNING, "a text that looks like a key")
def secret_in_spec(document: Document) -> Violations:
    for pointer, text in texts_of(document):
        for match in _SECRETS.finditer(text) if len(text) >= _SHORTEST else ():
            found = match[0]
            if len(set(found)) >= _VARIED and (any(map(str.isdigit, found)) or "KEY" in found):
                yield RuleViolation(
                    Location(document, pointer),
                    f"this looks like a key: {found[:4]}…, {len(found)} characters",
                    "replace it with YOUR_API_KEY; if it is a real key, revoke it",
                )
                break
