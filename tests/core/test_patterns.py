"""Searching for patterns: the result is that of `re`, and no search takes long."""

from __future__ import annotations

import re
import time
import warnings

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from speccast.core.patterns import PatternError, compile_pattern

LETTERS = "abAB1- \n\u00e4\u00c4_"
ATOMS = st.sampled_from([
    "a", "b", "A", "\\.", ".", "[ab]", "[^a]", "[a-z0-9]", "\\d", "\\w", "\\s", "\\b", "\\B", "^", "$", "\\A", "\\Z", "\u00e4",
    "", "\\x61", "\\141", "\\N{DIGIT ONE}", "{", "[]a]", "(?#))", "-", "\\-",
])  # fmt: skip
SLUG = r"^[a-z0-9]+(-[a-z0-9]+)*$"


def larger(parts: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    group = st.tuples(
        st.sampled_from(
            ["(", "(?:", "(?i:", "(?s:", "(?-i:", "(?a:", "(?=", "(?!", "(?<=a", "(?<!b", "(?>", "(?P<n>"]
        ),
        parts,
    ).map(lambda pair: f"{pair[0]}{pair[1]})")
    repeat = st.tuples(
        parts, st.sampled_from(["*", "+", "?", "{2}", "{0,2}", "{1,}", "{,3}", "*?", "+?", "??", "*+"])
    ).map(lambda pair: f"(?:{pair[0]}){pair[1]}")
    return (
        group
        | repeat
        | st.tuples(parts, parts).map("".join)
        | st.tuples(parts, parts).map(lambda pair: f"(?:{pair[0]}|{pair[1]})")
    )


PATTERNS = st.tuples(
    st.sampled_from(["", "(?i)", "(?m)", "(?s)", "(?ia)"]), st.recursive(ATOMS, larger, max_leaves=6)
).map("".join)


@settings(deadline=None, max_examples=500)
@example("(?!)", "a")
@example("(?:a?)*b", "aaaa")
@example("(?m)^b", "a\nb")
@given(PATTERNS, st.text(LETTERS, max_size=8))
def test_the_result_is_that_of_re_or_undecided(pattern: str, text: str) -> None:
    assume("$" not in pattern)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            expected = re.compile(pattern).search(text) is not None
    except re.error:
        assume(False)

    assert compile_pattern(pattern).search(text) in (expected, None)


@pytest.mark.parametrize(
    "pattern",
    [
        r"^(a+)+$",
        r"^(a|a)*$",
        r"^(a|aa|aaa)*$",
        r"^(a{1,3}){1,30}$",
        r"((a+)+)+$",
        r"^(\w+\s?)*$",
        r"(.*)*x",
        r"^(.*a){12}$",
        r"x*x*x*x*y|a*a*a*!$",
        "a?" * 30 + "a" * 30 + "$",
        r"(a+)\1$",
        r"[a-z]+@",
        r"^(?=(a+)+$)",
        r"(?i)^(A+)+$",
        r"(?x) (a+)+ # ) ($",
        r"^(-?[a-z-]+)*$",
        r"\101*(a|\141)*$",
        SLUG,
    ],
)
@pytest.mark.parametrize("length", [9, 10, 12, 20, 40, 200, 1000, 5000, 100_000])
def test_no_search_takes_long(pattern: str, length: int) -> None:
    started = time.process_time()

    compile_pattern(pattern).search("a" * (length - 1) + "!")

    assert time.process_time() - started < 2


@pytest.mark.parametrize(
    ("pattern", "text", "result"),
    [
        (r"^(a+)+$", "aaaa", True),
        (r"^(a+)+$", "a" * 60, None),
        (r"^(a+)+$", "a" * 60 + "!", None),
        (SLUG, "stable-diffusion-3-medium-txt2img-with-a-long-name", True),
        (SLUG, "stable_diffusion_3_medium_txt2img_with_a_long_name", False),
        (r"^[A-Z][a-z]*( [a-z]+)*$", "The quick brown fox jumps over the lazy dog " * 8 + "dog", False),
        (r"^(?=.*\d)(?=.*[a-z])\S{8,}$", "correct-horse-battery-staple-1" * 8, True),
        (r"^data:image/[a-z]+;base64,[A-Za-z0-9+/=]+$", "data:image/png;base64," + "A" * 1_000_000, True),
        (r"^https?://\S+\.(png|jpe?g)$", "https://example.com/" + "a/" * 500 + "fox.gif", False),
        (r"^(25[0-5]|\d{1,2})(\.\d{1,3}){3}$", "10.0.0.255", True),
        (r"\S", " " * 100_000 + "x", True),
        ("sk-" * 1000, "sk-", False),
        (r"(?x) a # verbose patterns are not searched", "a", None),
    ],
)
def test_the_usual_patterns_are_decided(pattern: str, text: str, result: bool | None) -> None:
    assert compile_pattern(pattern).search(text) is result


def test_a_pattern_that_is_too_long_is_not_compiled() -> None:
    with pytest.raises(PatternError, match=r"^it has 900000 characters, more than 5000$"):
        compile_pattern("a|" * 450_000)


@pytest.mark.parametrize(
    ("pattern", "text"), [("^a$", "a"), (r"^\$a$", "$a"), ("[$]$", "$"), ("[]$]a$", "$a"), ("[^]$]|b$", "b")]
)
def test_a_dollar_is_the_end_of_the_text(pattern: str, text: str) -> None:
    compiled = compile_pattern(pattern)

    assert compiled.search(text) is True
    assert compiled.search(f"{text}\n") is ("|" in pattern)


@pytest.mark.parametrize(
    ("pattern", "message"),
    [
        ("^#([0-9a-f]{6}$", "missing ), unterminated subpattern at character 3"),
        ("a$b**", "multiple repeat at character 5"),
        ("(" * 2400 + ")" * 2400, "maximum recursion depth exceeded"),
        ("a{99999999999}", "the repetition number is too large"),
    ],
)
def test_an_invalid_pattern_is_an_error_with_its_position(pattern: str, message: str) -> None:
    with pytest.raises(PatternError, match=re.escape(message)):
        compile_pattern(pattern)
