"""Finds the word that was probably meant by a misspelled one."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_COMPARED = 100
"""Characters of the longest words that are compared, since the time for that grows with the square."""

_MOST = 200
"""Number of candidates above which only those with the same first letter are compared, at most this many."""


def closest(word: str, candidates: Iterable[str], cutoff: float = 0.6) -> str:
    """Return the candidate that is most similar to a word, or "". Case, `_` and `-` do not count."""
    if len(word) > _COMPARED:
        return ""
    from difflib import get_close_matches  # takes time to load, and only errors need it

    plain = {_plain(candidate): candidate for candidate in candidates if len(candidate) <= _COMPARED}
    meant = _plain(word)
    if len(plain) > _MOST:
        alike = (candidate for candidate in plain if candidate[:1] == meant[:1] and candidate != meant)
        plain = {each: plain[each] for each in [*({meant} & plain.keys()), *islice(alike, _MOST)]}
    match = get_close_matches(meant, plain, n=1, cutoff=cutoff)
    return plain[match[0]] if match else ""


def _plain(word: str) -> str:
    return word.lower().replace("_", "").replace("-", "")
