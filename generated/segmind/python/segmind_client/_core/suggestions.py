"""Finds the word that was probably meant by a misspelled one."""

from __future__ import annotations

import math
import re
from itertools import islice
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_COMPARED = 100
"""Characters of the longest words that are compared, since the time for that grows with the square."""

_MOST = 200
"""Number of candidates above which only those with the same first letter are compared, at most this many."""

_PAIR = r"0*([1-9][0-9]{0,8})([:x/])0*([1-9][0-9]{0,8})(?![0-9])"
"""An aspect ratio or a size at the beginning of a word."""

_FARTHEST = 1.0
"""Sum of the logarithms of the ratios of both numbers; together they may differ by a factor of 2.7."""


def closest(word: str, candidates: Iterable[str], cutoff: float = 0.6) -> str:
    """Return the candidate that is most similar to a word, or "". Case, `_` and `-` do not count."""
    if len(word) > _COMPARED:
        return ""
    from difflib import get_close_matches  # takes time to load, and only errors need it

    candidates = list(candidates)
    if (pair := re.match(_PAIR, word)) and (near := _nearest(pair, candidates)):
        return near
    plain = {_plain(candidate): candidate for candidate in candidates if len(candidate) <= _COMPARED}
    meant = _plain(word)
    if len(plain) > _MOST:
        alike = (candidate for candidate in plain if candidate[:1] == meant[:1] and candidate != meant)
        plain = {each: plain[each] for each in [*({meant} & plain.keys()), *islice(alike, _MOST)]}
    match = get_close_matches(meant, plain, n=1, cutoff=cutoff)
    return plain[match[0]] if match else ""


def _nearest(pair: re.Match[str], candidates: list[str]) -> str:
    """Return the candidate whose two numbers are nearest by their ratios: `16:9` for `16:10`, regardless of the letters that they share."""

    def distance(candidate: str) -> float:
        found = re.match(_PAIR, candidate)
        if found is None or found[2] != pair[2]:
            return math.inf
        return sum(abs(math.log(int(pair[each]) / int(found[each]))) for each in (1, 3))

    near = min(candidates, key=distance, default="")
    return near if distance(near) <= _FARTHEST else ""


def _plain(word: str) -> str:
    return word.lower().replace("_", "").replace("-", "")
