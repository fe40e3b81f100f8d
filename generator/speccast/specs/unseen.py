"""Characters of a spec that a reader of what is generated would not see, and how they are written instead."""

from __future__ import annotations

import re

UNSEEN = re.compile(
    "[\x00-\x1f\x7f-\xa0\xad\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u1680\u180e\u2000-\u200f\u2028-\u202f"
    "\u205f-\u206f\u3000\ud800-\uf8ff\ufdd0-\ufdef\ufeff\ufff0-\ufffb\ufffe\uffff\U000110bd\U000110cd"
    "\U00013430-\U0001343f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U0010ffff"
    + "".join(f"{chr(plane + 0xFFFE)}{chr(plane + 0xFFFF)}" for plane in range(0x10000, 0xE0000, 0x10000))
    + "]"
)
"""Characters that an editor obeys, reorders text by or does not show: what is no mark on paper, but for the space.

The set is written out, since Python's own (`str.isprintable`) grows with Unicode, and the same specs must give the same
bytes under every Python. What Unicode has not assigned yet stays as it is.
"""


_UNSEEN_BUT_BREAKS = re.compile(UNSEEN.pattern.replace("[\x00-\x1f", "[\x00-\x09\x0b-\x1f"))


def json_visible(text: str) -> str:
    """A JSON document with an escape in place of every character that could not be seen.

    Line breaks stay: those in texts are escaped already, and those that are left are of the layout.
    """
    return _UNSEEN_BUT_BREAKS.sub(lambda found: _json_escape(found[0]), text)


def unicode_escape(character: str) -> str:
    """The escape that Python and TOML have for a character."""
    code = ord(character)
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"


def _json_escape(character: str) -> str:
    """Every escape of JSON is of sixteen bits, so it takes two of them for some characters."""
    code = ord(character) - 0x10000
    if code < 0:
        return unicode_escape(character)
    return f"\\u{0xD800 + (code >> 10):04x}\\u{0xDC00 + (code & 0x3FF):04x}"
