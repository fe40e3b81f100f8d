"""Looking for patterns: what `re` finds is found, and nothing is waited for."""

from __future__ import annotations

import re
import time
import warnings

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from speccast.specs import regex
from speccast.specs.regex import begin_anew, is_slow, search
from speccast.specs.regex_program import UnsupportedError, program
from speccast.specs.regex_steps import OutOfStepsError, Steps, found

LETTERS = "abAB1 \n\u00e4\u00c4_"
ATOMS = st.sampled_from([
    "a", "b", "A", "\\.", ".", "[ab]", "[^a]", "[a-z0-9]", "\\d", "\\w", "\\s", "\\b", "\\B", "^", "$", "\\A", "\\Z", "\u00e4", "",
])  # fmt: skip


def larger(parts: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    group = st.tuples(
        st.sampled_from(["(", "(?:", "(?i:", "(?s:", "(?-i:", "(?a:", "(?=", "(?!", "(?<=a", "(?<!b"]), parts
    ).map(lambda pair: f"{pair[0]}{pair[1]})")
    repeat = st.tuples(
        parts, st.sampled_from(["*", "+", "?", "{2}", "{0,2}", "{1,}", "*?", "+?", "??", "{0,2}?"])
    ).map(lambda pair: f"(?:{pair[0]}){pair[1]}")
    return (
        group
        | repeat
        | st.tuples(parts, parts).map("".join)
        | st.tuples(parts, parts).map(lambda pair: f"(?:{pair[0]}|{pair[1]})")
    )


PATTERNS = st.tuples(
    st.sampled_from(["", "(?i)", "(?m)", "(?s)", "(?ia)"]), st.recursive(ATOMS, larger, max_leaves=6)
)


@settings(deadline=None, max_examples=500)
@example(("", "(?!)"), "a")
@example(("", "(?:a?)*b"), "aaaa")
@example(("(?m)", "^b$"), "a\nb")
@given(PATTERNS, st.text(LETTERS, max_size=8))
def test_both_ways_of_counting_find_what_re_finds(parts: tuple[str, str], text: str) -> None:
    pattern = "".join(parts)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            compiled = re.compile(pattern)
    except re.error:  # a look back of any width, or a repeat of nothing
        assume(False)
    wanted = compiled.search(text) is not None

    assert found(program(pattern), text, Steps(1_000_000), once=True) is wanted
    try:
        assert found(program(pattern), text, Steps(100_000), once=False) is wanted
    except OutOfStepsError:
        assume(False)


@pytest.mark.parametrize("pattern", ["(a)\\1", "a++b", "(?>a)b", "(a)?(?(1)b|c)", "(?:a{1,90}){1,90}"])
def test_what_steps_cannot_tell_is_not_guessed(pattern: str) -> None:
    with pytest.raises(UnsupportedError):
        program(pattern)

    begin_anew()
    compiled = re.compile(pattern.replace("(a)?", "(a+b*c*)*"))
    assert search(compiled, "a" * 5000) in (None, True, False)
    assert not is_slow(compiled, "a" * 5000)


SLUG = r"^[a-z0-9]+(-[a-z0-9]+)*$"


@pytest.mark.parametrize(
    ("pattern", "text", "answer"),
    [
        (r"^(a+)+$", "a" * 60 + "!", False),
        (r"^(a+)+$", "a" * 60, True),
        (r"^(a|a)*$", "a" * 60 + "!", False),
        (SLUG, "stable-diffusion-3-medium-txt2img-with-a-long-name", True),
        (r"^(\w+\s?)*$", "the quick brown fox jumps over the lazy dog !", False),
        (r"x*x*x*y", "x" * 2000, False),
    ],
)
def test_what_re_would_take_for_ever_is_found_out_at_once(pattern: str, text: str, answer: bool) -> None:
    begin_anew()

    assert search(re.compile(pattern), text) is answer


@pytest.mark.parametrize(
    ("pattern", "text", "slow"),
    [
        (r"^(a+)+$", "a" * 60 + "!", True),
        (r"^(a+)+$", "a" * 60, False),
        (SLUG, "stable-diffusion-3-medium-txt2img-with-a-long-name", False),
        (SLUG, "stable_diffusion_3_medium_txt2img_with_a_long_name", False),
        (r"^(?=.*\d)(?=.*[a-z])\S{8,}$", "correct-horse-battery-staple" * 8, False),
        (r"x*x*x*y", "x" * 2000, True),
        (r"^https?://\S+\.(png|jpe?g)$", "https://example.com/" + "a/" * 500 + "fox.gif", False),
    ],
)
def test_slow_is_what_takes_many_steps(pattern: str, text: str, slow: bool) -> None:
    begin_anew()

    assert is_slow(re.compile(pattern), text) is slow


def test_no_clock_has_a_say(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("time", "monotonic", "perf_counter", "process_time"):
        monkeypatch.setattr(time, name, lambda: pytest.fail("a clock was asked"))
    begin_anew()

    assert is_slow(re.compile(r"^(a+)+$"), "a" * 60 + "!")


def test_steps_are_counted_for_all_patterns_of_an_api_together() -> None:
    begin_anew()
    patterns = [re.compile(rf"^(a+[{number}]?)+$") for number in range(50)]
    first = [is_slow(pattern, "a" * 60 + "!") for pattern in patterns]
    spent = regex._allowance[0].left

    assert first == [True] * 5 + [False] * 45
    assert spent < regex.MANY_STEPS
    assert [is_slow(pattern, "a" * 60 + "!") for pattern in patterns] == first
    begin_anew()
    assert is_slow(patterns[-1], "a" * 60 + "!")


@pytest.mark.parametrize(
    ("pattern", "meant"),
    [
        ("^a$", r"^a\Z"),
        (r"^\$a$", r"^\$a\Z"),
        ("[$]$", r"[$]\Z"),
        ("[]$]a", "[]$]a"),
        ("[^]$]|b$", r"[^]$]|b\Z"),
    ],
)
def test_a_dollar_is_the_end_of_the_text(pattern: str, meant: str) -> None:
    assert regex.anchored(pattern) == meant
