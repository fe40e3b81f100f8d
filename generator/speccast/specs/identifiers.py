"""Which characters a name in code can have: the same on every version of Python.

Python takes the characters of identifiers from Unicode, and each version of Python has another version of Unicode. The standard
library also has the database of Unicode 3.2, which never changes. Its letters, marks and digits are allowed in identifiers by every
version of Python. A newer character is replaced like a space.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final
from unicodedata import ucd_3_2_0 as unicode_3_2

from speccast.specs import invisible_characters

_LETTERS: Final = frozenset({"Lu", "Ll", "Lt", "Lm", "Lo", "Nl"})
_OTHERS: Final = frozenset({"Mn", "Mc", "Nd"})
INVISIBLE: Final = re.compile(
    invisible_characters.INVISIBLE.pattern
    + "|[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0]"
)
"""Characters that are not shown, except the space. Two names that differ in them only look the same."""


def normalize(text: str) -> str:
    """Return a text in the form NFKC, to which Python normalizes identifiers."""
    return text if text.isascii() else unicode_3_2.normalize("NFKC", text)


def words(text: str) -> list[str]:
    """Return the parts of a text that an identifier can contain, which other characters and underscores separate."""
    return "".join(sign if is_allowed(sign) else " " for sign in normalize(text).replace("_", " ")).split()


def fold_words(text: str) -> str:
    """Return the letters and digits of a text without case, and the characters that are newer than Unicode 3.2."""
    return "".join(
        sign.casefold() if is_allowed(sign) else sign
        for sign in text
        if sign != "_" and (is_allowed(sign) or unicode_3_2.category(sign) == "Cn")
    )


@lru_cache(maxsize=4096)
def is_allowed(character: str) -> bool:
    """Return whether an identifier can contain a character."""
    if character.isascii():
        return character.isalnum() or character == "_"
    category = unicode_3_2.category(character)
    return (category in _LETTERS or category in _OTHERS) and INVISIBLE.match(character) is None


def is_identifier(text: str) -> bool:
    """Return whether a text is an identifier in every version of Python, in its normal form."""
    if text.isascii():
        return text.isidentifier()  # also for a keyword
    is_start = text[0] == "_" or unicode_3_2.category(text[0]) in _LETTERS
    return is_start and all(map(is_allowed, text)) and normalize(text) == text


def is_certain(text: str) -> bool:
    """Return whether all versions of Python agree whether a text is an identifier."""
    ascii_part = "".join(filter(str.isascii, text))
    return text.isascii() or is_identifier(text) or not f"a{ascii_part}".isidentifier()


def capitalize(word: str) -> str:
    """Return a word with a capital letter at its start, if Unicode 3.2 already had the capital letter."""
    first = word[:1].upper()
    return first + word[1:] if all(map(is_allowed, first)) else word
