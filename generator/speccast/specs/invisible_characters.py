"""Escapes invisible characters of a spec in generated text."""

from __future__ import annotations

import re

INVISIBLE = re.compile(
    "[\x00-\x1f\x7f-\xa0\xad\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u1680\u180e\u2000-\u200f\u2028-\u202f"
    "\u205f-\u206f\u3000\ud800-\uf8ff\ufdd0-\ufdef\ufeff\ufff0-\ufffb\ufffe\uffff\U000110bd\U000110cd"
    "\U00013430-\U0001343f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U0010ffff"
    + "".join(f"{chr(plane + 0xFFFE)}{chr(plane + 0xFFFF)}" for plane in range(0x10000, 0xE0000, 0x10000))
    + "]"
)
"""Control, formatting and other invisible characters except the space.

The set is written out because that of `str.isprintable` depends on the Python version, and the output must not. Characters
that Unicode has not assigned are not part of it.
"""


_INVISIBLE_BUT_BREAKS = re.compile(INVISIBLE.pattern.replace("[\x00-\x1f", "[\x00-\x09\x0b-\x1f"))


def json_visible(text: str) -> str:
    """Escape every invisible character in a JSON document.

    Line breaks are kept: those in strings are escaped already, the others belong to the layout.
    """
    if text.isascii() and "\x7f" not in text:
        return text  # the common case: JSON has no other control characters
    return _INVISIBLE_BUT_BREAKS.sub(lambda found: _json_escape(found[0]), text)


def unicode_escape(character: str) -> str:
    """Return the escape of a character in Python and TOML."""
    code = ord(character)
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"


def _json_escape(character: str) -> str:
    """Return the escape in JSON, where characters beyond 16 bits need two."""
    code = ord(character) - 0x10000
    if code < 0:
        return unicode_escape(character)
    return f"\\u{0xD800 + (code >> 10):04x}\\u{0xDC00 + (code & 0x3FF):04x}"
