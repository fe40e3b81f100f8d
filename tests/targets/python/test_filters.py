"""Filters: whatever the text, what comes out is one literal, one name, one docstring, one comment, one paragraph."""

from __future__ import annotations

import ast
import enum
import io
import json
import re
import shlex
import tokenize
import tomllib
import unicodedata
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from speccast.specs.build import build_api
from speccast.targets.python import filters
from speccast.targets.python.filters import FILTERS, Code, UnsafeTextError
from tests.targets.support import EVERYTHING, api_of, changed, markdown_shape, places, unseen

if TYPE_CHECKING:
    from collections.abc import Callable

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
"""JSON reads two surrogates side by side as the character that they stand for."""


def short(value: object) -> str:
    return ascii(value)[:40]


def refused(filter_: Callable[..., Code], *values: Any) -> None:
    with pytest.raises(UnsafeTextError):
        filter_(*values)


def test_everything_that_a_filter_answers_is_marked_as_code() -> None:
    api = api_of(EVERYTHING)
    (model,) = api.models
    for name, value in (
        ("json_document", 1), ("comment", "x"), ("docstring", "x"), ("dotted", "a.b"), ("identifier", "a"), ("json", 1), ("keywords", "async"),
        ("literal", "x"), ("markdown", "x"), ("markdown_code", "x"), ("markdown_link", "x"), ("relative", ".a"),
        ("shell", "x"), ("toml", "x"), ("bundle", "{}"), ("one_of", ["x"]), ("parameter_data", model.parameters[0]), ("model_docstring", model), ("constructor", api),
    ):  # fmt: skip
        assert type(FILTERS[name](value)) is Code
    assert type(FILTERS["class_imports"](api, "._core")) is Code
    assert type(FILTERS["annotation"](model.parameters[0], "X")) is Code
    assert type(FILTERS["method_docstring"](model, "submit")) is Code
    assert type(FILTERS["quick_start"](api, model)) is Code


@pytest.mark.parametrize("text", NASTY, ids=short)
def test_text_as_a_literal_is_the_text(text: str) -> None:
    written = filters.literal(text)
    assert ast.literal_eval(written) == text
    assert not unseen(written)
    assert "\n" not in written


@bounded
@given(value=JSON)
def test_any_json_as_a_literal_is_the_same_value(value: Any) -> None:
    written = filters.literal(value)
    assert ast.literal_eval(written) == value
    assert repr(ast.literal_eval(written)) == repr(value)
    assert not unseen(written)
    assert len(list(tokenize.generate_tokens(io.StringIO(written).readline))) > 0


def test_tuples_keep_their_type_however_many_they_have() -> None:
    for value in ((), ("a",), ("a", ("b", 1)), [("a",)]):
        assert ast.literal_eval(filters.literal(value)) == value


class Choice(enum.Enum):
    KNOWN = 1


class Text(str):
    """A text that says it is written otherwise."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "__import__('os')"


def test_an_enum_member_is_written_by_its_name() -> None:
    assert filters.literal(Choice.KNOWN) == "KNOWN"


def test_a_text_of_another_type_is_still_text() -> None:
    assert filters.literal(Text("x")) == "'x'"


@pytest.mark.parametrize(
    "value", [float("nan"), float("inf"), -float("inf"), [float("nan")], {"a": (float("inf"),)}, Ellipsis, {1, 2}, b"x", Decimal(1)],
    ids=short,
)  # fmt: skip
def test_what_is_no_json_is_no_literal(value: object) -> None:
    refused(filters.literal, value)


@pytest.mark.parametrize("character", [chr(code) for code in (0x1FAE8, 0x1F9FF, 0x2EBF0, 0x31350)], ids=short)
def test_a_character_that_a_newer_unicode_has_stays_as_it_is(character: str) -> None:
    """Python 3.11 knows Unicode 14; U+1FAE8 came with 15. The output must not depend on the Python that makes it."""
    assert filters.literal(character) == f"'{character}'"


def test_no_character_that_cannot_be_seen_is_left_by_any_python() -> None:
    hidden = ("Cc", "Cf", "Cs", "Co", "Zl", "Zp", "Zs")
    every = "".join(chr(code) for code in range(0x110000))
    written = filters.literal(every)
    assert ast.literal_eval(written) == every
    left = [
        character for character in written if unicodedata.category(character) in hidden and character != " "
    ]
    assert not left
    # Nor one that Unicode calls no character at all.
    assert not [
        character
        for character in written
        if ord(character) & 0xFFFE == 0xFFFE or "\ufdd0" <= character <= "\ufdef"
    ]


@pytest.mark.parametrize("name", ["a", "_a", "A1", "gr\u00f6\u00dfe", "match", "type", "\u540d"])
def test_identifier_is_itself(name: str) -> None:
    assert filters.identifier(name) == name


@pytest.mark.parametrize(
    "name", ["", "1a", "a b", "a-b", "a.b", "a\n", "a;b", "class", "None", "async", "\ufb01", "\u00aa", "gro\u0308\u00dfe", "a\u200b", "a#", "*"],
    ids=short,
)  # fmt: skip
def test_what_is_no_name_or_another_one_to_python_is_refused(name: str) -> None:
    refused(filters.identifier, name)
    if name != "a.b":
        refused(filters.dotted, f"a.{name}")
        refused(filters.relative, f".{name}")


def test_module_paths_are_checked_part_by_part() -> None:
    assert filters.dotted("a.b.c") == "a.b.c"
    assert filters.relative("._runtime.jobs") == "._runtime.jobs"
    for path in ("a..b", ".a", "a.", "a.class", "a b.c"):
        refused(filters.dotted, path)
    for path in ("a", "a.b", "..a", ".", "", ".a.class"):
        refused(filters.relative, path)


@pytest.mark.parametrize("text", ["def", "async def", "await", "", "not in"])
def test_keywords_are_themselves(text: str) -> None:
    assert filters.keywords(text) == text


@pytest.mark.parametrize("text", ["print", "async x", "def;", "lambda: 0", "import os"])
def test_what_is_no_keyword_is_refused(text: str) -> None:
    refused(filters.keywords, text)


def as_read(text: str) -> str:
    """A text as a docstring's reader sees it: words, with escapes for what cannot be seen."""
    return " ".join(text.split())


def visible(text: str) -> str:
    """The text with what cannot be seen as an escape, as `literal` writes it."""
    return "".join(
        character if character in "\\'\"" else filters.literal(character)[1:-1] for character in text
    )


@pytest.mark.parametrize("indent", [0, 4, 8])
@pytest.mark.parametrize("text", NASTY, ids=short)
def test_docstring_is_one_docstring_with_the_same_words(text: str, indent: int) -> None:
    margin = " " * indent
    opening = {0: "", 4: "class C:\n", 8: "class C:\n    def f(self):\n"}[indent]
    source = f"{opening}{margin}{filters.docstring(text, indent)}\n{margin}x = 1\n"
    tree: Any = ast.parse(source)
    while isinstance(tree.body[0], ast.ClassDef | ast.FunctionDef):
        tree = tree.body[0]
    expression, assignment = tree.body
    assert isinstance(expression, ast.Expr)
    assert isinstance(assignment, ast.Assign)
    said = ast.get_docstring(tree)
    assert said is not None
    assert as_read(said) == as_read(text)
    assert not unseen(source)
    assert all(line == line.rstrip() for line in source.splitlines() if not line.endswith('"""'))


@bounded
@given(text=ANY, indent=st.sampled_from([0, 4, 8]))
def test_any_text_makes_one_docstring(text: str, indent: int) -> None:
    source = f"if 1:\n{' ' * indent} {filters.docstring(text, indent)}\n{' ' * indent} x\n"
    (block,) = ast.parse(source).body
    assert isinstance(block, ast.If)
    first, second = block.body
    assert isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant)
    assert isinstance(second, ast.Expr) and isinstance(second.value, ast.Name)
    assert as_read(str(first.value.value)) == as_read(text)
    assert not unseen(source)


def test_docstring_is_wrapped_and_keeps_lists_apart() -> None:
    text = f"First.\n\nArgs:\n    a: {'word ' * 40}\n    b: short"
    lines = filters.docstring(text, 4).splitlines()
    assert max(map(len, lines)) <= filters.WIDTH
    assert lines[2] == "    Args:"
    assert lines[3].startswith("        a: word")
    assert lines[4].startswith("            word")
    assert lines[-2] == "        b: short"


@pytest.mark.parametrize("text", NASTY, ids=short)
def test_comment_is_one_line_that_says_nothing_to_tools(text: str) -> None:
    for place in (text, f"coding{text}", f"x {text} coding: latin-1 # noqa # type: ignore # fmt: off"):
        written = filters.comment(place)
        assert not unseen(written)
        assert "\n" not in written and "#" not in written and ">" not in written
        assert not re.search(r"coding[:=]", written)
        source = f"# Generated from {written}; do not edit.\nx = 1\n"
        assert tokenize.detect_encoding(io.BytesIO(source.encode()).readline)[0] == "utf-8"
        assert len(ast.parse(source).body) == 1
        assert tomllib.loads(f"# {written}\nx = 1\n") == {"x": 1}
        (comment,) = MarkdownIt("commonmark").parse(f"<!-- {written} -->\n")
        assert comment.type == "html_block"


def test_a_comment_of_harmless_text_is_the_text() -> None:
    assert filters.comment("specs/acme/sd2.1-txt2img.yaml") == "specs/acme/sd2.1-txt2img.yaml"


@pytest.mark.parametrize(
    "text", [text for text in NASTY if not re.search("[\ud800-\udfff]", text)], ids=short
)
def test_toml_text_is_the_text(text: str) -> None:
    written = filters.toml(text)
    assert tomllib.loads(f"x = {written}\n") == {"x": text}
    assert tomllib.loads(f"{written} = 1\n") == {text: 1}
    assert tomllib.loads(f"x = {filters.toml([text, 'b', text])}") == {"x": [text, "b", text]}
    assert not unseen(written)


@bounded
@given(text=st.text())
def test_any_text_is_the_same_in_toml(text: str) -> None:
    assert tomllib.loads(f"x = {filters.toml(text)}") == {"x": text}


@pytest.mark.parametrize("text", ["\ud800", "a\udfffb", "\ud83e\udd8a"], ids=short)
def test_toml_has_no_lone_surrogates(text: str) -> None:
    refused(filters.toml, text)
    refused(filters.toml, ["a", text])


@bounded
@given(value=PAIRED)
def test_json_is_ascii_on_one_line(value: Any) -> None:
    written = filters.json_text(value)
    assert json.loads(written) == value
    assert written.isascii()
    assert "\n" not in written


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_json_has_no_nan(value: float) -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        filters.json_text(value)


@bounded
@given(value=PAIRED)
def test_json_for_people_is_the_same_value_and_hides_nothing(value: Any) -> None:
    written = filters.json_document(value)
    assert json.loads(written) == value
    assert not unseen(written)


def test_json_for_people_is_laid_out_and_readable() -> None:
    assert filters.json_document({"a": ["\u00e4\x7f\U000e0041"]}) == (
        '{\n  "a": [\n    "\u00e4\\u007f\\udb40\\udc41"\n  ]\n}\n'
    )


def test_bundle_must_be_json() -> None:
    assert filters.bundle('{"a": 1}') == '{"a": 1}'
    for text in ("", "{", "x", "{} import os"):
        with pytest.raises(ValueError, match="line 1 column"):
            filters.bundle(text)


def words_of(tokens: Any) -> str:
    """The text that a reader of a rendered page sees."""
    return "".join(
        words_of(token.children) if token.children else " " if token.type == "softbreak" else token.content
        for token in tokens
    )


PAGE = MarkdownIt("commonmark").enable(["table", "strikethrough"])


@pytest.mark.parametrize("text", NASTY, ids=short)
@pytest.mark.parametrize(
    "page", ["{}\n", "# {}\n", "Before.\n\n{}\n\nAfter.\n", "**{}**\n", "see [{}](a.md)\n", "| a | b |\n|---|---|\n| {} | x |\n"],
    ids=["paragraph", "heading", "between", "strong", "link", "cell"],
)  # fmt: skip
def test_markdown_is_text_wherever_it_stands(text: str, page: str) -> None:
    written = filters.markdown(text)
    assert not unseen(written)
    assert "\n" not in written
    if text.strip():
        assert markdown_shape(page.format(written)) == markdown_shape(page.format("harmless"))
        assert visible(as_read(text)) in words_of(PAGE.parse(page.format(written)))


@pytest.mark.parametrize(
    "text", ["http://a.b", "see https://a.b/c_d", "WWW.a.b", "_www.a.b", "(www.a.b)", "ftp://a.b"]
)
def test_markdown_makes_no_link_of_an_address(text: str) -> None:
    # What GitHub looks for: https://github.github.com/gfm/#autolinks-extension-
    written = filters.markdown(text)
    assert not re.search(r"(https?|ftp)://|(^|[\s*_~(])www\.", written, re.IGNORECASE)
    assert words_of(PAGE.parse(written)) == text


def test_markdown_of_ordinary_prose_is_the_prose() -> None:
    text = "Image-to-image, 16:9 (or 1:1); 512 + 8 px, e.g. 50%! A year since 2024-01-01, isn't it?"
    assert filters.markdown(text) == text


@pytest.mark.parametrize("text", NASTY, ids=short)
def test_markdown_code_is_one_span_in_one_cell(text: str) -> None:
    written = filters.markdown_code(text)
    assert not unseen(written)
    page = "| a | b |\n|---|---|\n| {} | x |\n"
    assert markdown_shape(page.format(written)) == markdown_shape(page.format("`harmless`"))
    assert visible(as_read(text)) in words_of(PAGE.parse(page.format(written)))


def test_markdown_code_takes_json_values() -> None:
    assert filters.markdown_code("null") == "`null`"
    assert filters.markdown_code("a`b") == "``a`b``"
    assert filters.markdown_code("`a`") == "`` `a` ``"


@pytest.mark.parametrize(
    "address", ["https://acme.example", "https://acme.example/a_b-c/?d=e&f=*g*#h~(i)", "http://127.0.0.1:80/"]
)
def test_address_is_a_link_to_itself(address: str) -> None:
    (_, line, _) = PAGE.parse(filters.markdown_link(address))
    assert line.children is not None
    assert line.children[0].attrs == {"href": address}
    assert words_of([line]) == address


@pytest.mark.parametrize(
    "address",
    ["javascript:alert(1)", "https://a b", "https://a>b", "https://a<b", 'https://a"b', "https://a|b", "https://a`b",
     "https://", "file:///etc/passwd", "x", "", "https://a\nb", "https://a\\b", "https://\u202ea", "//a.b", "https://a{b}"],
    ids=short,
)  # fmt: skip
def test_what_is_no_address_of_the_web_is_no_link(address: str) -> None:
    assert filters.markdown_link(address) == filters.markdown(address)
    assert "link_open" not in str(markdown_shape(filters.markdown_link(address)))


@pytest.mark.parametrize("word", NASTY, ids=short)
def test_shell_word_is_one_word(word: str) -> None:
    written = filters.shell(word)
    assert not unseen(written)
    assert shlex.split(written) == [visible(word)]


def test_shell_word_that_needs_no_quotes_has_none() -> None:
    assert filters.shell("acme-client") == "acme-client"
    assert filters.shell("acme[cli]") == "'acme[cli]'"


def test_source_of_parameter_models_must_have_been_checked() -> None:
    for source in ("", "class X(Params): pass", Code("x = 1")):
        refused(filters.params_source, source)


@pytest.mark.parametrize("text", ["```", "\n```\n", "'\"\\", "\x1b\u202e", "{{ x }}", "a" * 200], ids=short)
def test_quick_start_is_python_in_one_fence(text: str) -> None:
    (place,) = (place for place in places() if place.pointer == ("example", "prompt") and not place.is_key)
    api = build_api(changed(place, text))
    (model,) = api.models
    written = filters.quick_start(api, model)
    calls = [node for node in ast.walk(ast.parse(written)) if isinstance(node, ast.Call)]
    (given,) = [keyword.value for call in calls for keyword in call.keywords if keyword.arg == "words"]
    assert ast.literal_eval(given) == text
    assert not unseen(written)
    assert markdown_shape(f"```python\n{written}\n```\n\nAfter.\n") == markdown_shape(
        "```python\nx\n```\n\nAfter.\n"
    )


def test_quick_start_with_names_that_are_none_is_refused() -> None:
    (place,) = (place for place in places() if place.pointer == ("package",))
    api = build_api(changed(place, "a; import os"))
    refused(filters.quick_start, api, api.models[0])


def test_a_value_is_compared_with_the_one_or_the_several_that_it_may_be() -> None:
    assert filters.one_of(("a",)) == "== 'a'"
    assert filters.one_of(("a", "'")) == "in ('a', \"'\", )"
    assert filters.one_of(()) == "in ()"
    refused(filters.one_of, (Decimal(1),))
