"""Hostile texts for tests of filters, and how readers see them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st

from speccast.targets.filters import UnsafeTextError
from speccast.targets.python.filters import literal

if TYPE_CHECKING:
    from collections.abc import Callable

    from speccast.targets.filters import Code

NASTY = (
    "", " ", '"', "'", '"""', "'''", '""', '""""', '"' * 7, "'\"", "\\", "\\\\", 'a"', "a\\", '\\"', '\\"""', "\\'",
    "\\N{BULLET}", "\\x41", "\\u0041", "\\0", "{{ x }}", "{% x %}", "{# x #}", "%s", "{x}", "a\nb", "a\n\nb", "\na\n",
    "a\r\nb", "a\rb", "a\tb", "\x0b\x0c", "\x1c", "\x85", "\u2028", "\u2029", "a \\\n b", '"\n"', "\x00", "\x07",
    "\x1b[31m", "\x7f", "\x9b", "\xa0", "\xad", "\u061c", "\u200b", "\u200e", "\u202e", "\u2066", "\ufeff", "\ufff9",
    "\ud800", "\udfff", "\ud83e\udd8a", "\uffff", "\U0001fffe", "\U000e0041", "\U000e0100", "\U0010ffff", "\ue000", "\u3000",
    "\U0001f98a", "\u00e9", "e\u0301", "\ufb01", "\u4e00", "\u05d0", "# x", "#!x", "coding: x", "-->", "--!>", "<!--",
    "<script>", "</a>", "&lt;", "`", "``", "```", "~~~", "|", "\\|", "a | b", "*a*", "_a_", "[a](b)", "![a](b)", "<http://a>",
    "http://a.b", "WWW.a.b", "_www.a.b", "ftp://a", "# a", "a #", "- a", "+ a", "1. a", "1) a", "> a", "===", "---", "$a$",
    "x" * 5000, "x " * 2000, "a" * 98 + '"""', "a" * 99 + "\\",
)  # fmt: skip
ANY = (
    st.text()
    | st.text(alphabet="\"'\\\n\r\t `|*_<>&#{}[]()-=\x00\x1b\u202e\u2028\ud800aN")
    | st.sampled_from(NASTY)
)
bounded = settings(max_examples=300, derandomize=True, deadline=None, database=None)


def json_values(texts: st.SearchStrategy[str]) -> st.SearchStrategy[Any]:
    numbers = st.integers() | st.floats(allow_nan=False, allow_infinity=False)
    return st.recursive(
        st.none() | st.booleans() | numbers | texts,
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
        max_leaves=10,
    )


JSON = json_values(ANY)
PAIRED = json_values(ANY.map(lambda text: re.sub("[\ud800-\udfff]", "", text)))
"""Without surrogates, since JSON reads two adjacent ones as one character."""


def short(value: object) -> str:
    return ascii(value)[:40]


def check_refused(filter_: Callable[..., Code], *values: Any) -> None:
    with pytest.raises(UnsafeTextError):
        filter_(*values)


def as_read(text: str) -> str:
    """Return the words of a text, as a reader of wrapped prose sees them."""
    return " ".join(text.split())


def visible(text: str) -> str:
    """Return the text with an escape for every invisible character, as `literal` writes it."""
    return "".join(character if character in "\\'\"" else literal(character)[1:-1] for character in text)
