"""What calls cost, as the API reports it in responses, in its own unit."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Any, cast

from .._core.omit import OMIT
from .._core.places import read_first
from .media import sniff
from .response import parse_json

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .._core.api import HeaderMeaning
    from .._core.places import Paths, Places

__all__ = ["in_content", "in_headers", "number_in", "of_call", "of_job"]

_NUMBER = r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?"
_LONGEST = 100
"""Characters of a number in a text."""


def of_call(name: str, metadata: Mapping[str, object], content: bytes, paths: Paths) -> float | None:
    """Return the number with this meaning in the headers of a response, or where its JSON has it."""
    number = number_in(metadata.get(name))
    return in_content(content, paths) if number is None else number


def of_job(
    name: str,
    body: Mapping[str, Any],
    headers: Mapping[str, str],
    places: Places,
    documented: tuple[HeaderMeaning, ...],
) -> float | None:
    """Return the number where the JSON about a job has it, or with this meaning in the headers of the response."""
    number = number_in(read_first(places.of(name), body))
    return in_headers(name, headers, documented) if number is None else number


def in_headers(name: str, headers: Mapping[str, str], documented: tuple[HeaderMeaning, ...]) -> float | None:
    """Return the number with this meaning in the documented headers."""
    for each in documented:
        if each.meaning == name and (text := headers.get(each.name.lower())):
            return number_in(text)
    return None


def in_content(content: bytes, paths: Paths) -> float | None:
    """Return the number at the first of these places in a JSON body."""
    return None if not paths or sniff(content) else number_in(read_first(paths, parse_json(content)))


def number_in(value: object) -> float | None:
    """Return a finite number, or a text of one; None for everything else that a server may send."""
    if value is OMIT or isinstance(value, bool):
        return None
    if isinstance(value, str):
        value = value.strip()
        is_number = len(value) <= _LONGEST and re.fullmatch(_NUMBER, value, re.ASCII) is not None
    else:
        is_number = isinstance(value, int | float)
    if not is_number:
        return None
    try:
        number = float(cast("str | float", value))
    except OverflowError:
        return None
    return number if math.isfinite(number) else None
