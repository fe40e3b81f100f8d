"""The filters of every target: for every text, the output is one literal, one name, one comment, one paragraph."""

from __future__ import annotations

import ast
import io
import json
import re
import shlex
import tokenize
import tomllib
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from speccast.targets import filters
from speccast.targets.filters import FILTERS, Code, UnsafeTextError

from .support import markdown_shape, unseen
from .texts import ANY, NASTY, PAIRED, as_read, bounded, check_refused, short, visible

VALUES = {"bundle": "{}", "toml": ["x"]}


@pytest.mark.parametrize("name", FILTERS)
def test_filters_return_code(name: str) -> None:
    assert type(FILTERS[name](VALUES.get(name, "x"))) is Code


@pytest.mark.parametrize("name", ["block_comment", "comment", "markdown", "markdown_code", "markdown_link"])
@pytest.mark.parametrize("piece", ["a", "a@", "-"])
@pytest.mark.timeout(20)  # minutes where the time grows with the square of the length
def test_time_is_linear_in_the_length_of_prose(name: str, piece: str) -> None:
    assert len(FILTERS[name](piece * (200_000 // len(piece)))) >= 200_000


def test_comment_is_one_line_that_says_nothing_to_tools() -> None:
    for text in NASTY:
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


def test_toml_text_is_the_text() -> None:
    for text in (text for text in NASTY if not re.search("[\ud800-\udfff]", text)):
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
    check_refused(filters.toml, text)
    check_refused(filters.toml, ["a", text])


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
    """Return the text that a reader of a rendered page sees."""
    return "".join(
        words_of(token.children) if token.children else " " if token.type == "softbreak" else token.content
        for token in tokens
    )


PAGE = MarkdownIt("commonmark").enable(["table", "strikethrough"])


@pytest.mark.parametrize(
    "page", ["{}\n", "# {}\n", "Before.\n\n{}\n\nAfter.\n", "**{}**\n", "see [{}](a.md)\n", "| a | b |\n|---|---|\n| {} | x |\n"],
    ids=["paragraph", "heading", "between", "strong", "link", "cell"],
)  # fmt: skip
def test_markdown_is_escaped_everywhere(page: str) -> None:
    for text in NASTY:
        written = filters.markdown(text)
        assert not unseen(written)
        assert "\n" not in written
        if text.strip():
            assert markdown_shape(page.format(written)) == markdown_shape(page.format("harmless"))
            assert visible(as_read(text)) in words_of(PAGE.parse(page.format(written)))


@pytest.mark.parametrize(
    "text", ["http://a.b", "see https://a.b/c_d", "WWW.a.b", "_www.a.b", "(www.a.b)", "ftp://a.b"]
)
def test_markdown_does_not_link_addresses(text: str) -> None:
    # What GitHub looks for: https://github.github.com/gfm/#autolinks-extension-
    written = filters.markdown(text)
    assert not re.search(r"(https?|ftp)://|(^|[\s*_~(])www\.", written, re.IGNORECASE)
    assert words_of(PAGE.parse(written)) == text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("write to a.b+c@d.example.", "write to `a.b+c@d.example`."),
        ("xmpp:a@b.example/room", "`xmpp:a@b.example`/room"),
        ("(MAILTO:a_b@c.co)", "(`MAILTO:a_b@c.co`)"),
        ("a@b.co, c@d.co", "`a@b.co`, `c@d.co`"),
        ("x@a@b.co", "x@`a@b.co`"),
        ("a @ b.co, me@home, @handle", "a @ b.co, me@home, @handle"),
    ],
)
def test_markdown_shows_email_addresses_as_code(text: str, expected: str) -> None:
    """GitHub links them in prose, also with a backslash or an entity before or in place of the at sign."""
    assert filters.markdown(text) == expected


def test_markdown_of_ordinary_prose_is_the_prose() -> None:
    text = "Image-to-image, 16:9 (or 1:1); 512 + 8 px, e.g. 50%! A year since 2024-01-01, isn't it?"
    assert filters.markdown(text) == text


def test_markdown_code_is_one_span_in_one_cell() -> None:
    for text in NASTY:
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
def test_only_web_addresses_become_links(address: str) -> None:
    assert filters.markdown_link(address) == filters.markdown(address)
    assert "link_open" not in str(markdown_shape(filters.markdown_link(address)))


def test_shell_word_is_one_word() -> None:
    for word in NASTY:
        written = filters.shell(word)
        assert not unseen(written)
        assert shlex.split(written) == [visible(word)]


def test_shell_word_that_needs_no_quotes_has_none() -> None:
    assert filters.shell("acme-client") == "acme-client"
    assert filters.shell("acme[cli]") == "'acme[cli]'"


ENDS = (
    "ends */ x", "*/", "*", "/", "**/", "*//*", "/*", "/**/", "a *\u2028/ b", "* /", "*\n/", "\\u002a/", "\\u002a\\u002f", "\\uuu002a/",
    "a\\", "a\\\nb", "a \\ ", "??/", "a??/\nint x;", "*)", "(*", "-}", "{-", "]]", "]=]", "+/", "/+", "--", "-->", "#}", "%>", "?>", "@ts-ignore",
    "@ts-expect-error x", "x\n@deprecated", "go:build ignore", "+build ignore", "eslint-disable", "eslint-disable-line", "prettier-ignore", "nolint",
    "NOLINT", "istanbul ignore next", "coding: latin-1", "noqa", "type: ignore",
)  # fmt: skip
"""Texts that end a comment in some language, continue it, or are a directive for a tool."""

DIRECTIVES = re.compile(
    r"@ts-|@deprecated|(^|[/*] )(go:|\+build|eslint|prettier|nolint|istanbul|noqa|type:)|coding[:=]",
    re.IGNORECASE,
)


def code_after(source: str) -> str:
    """Return what a compiler of C sees of a source besides comments, whose lines a backslash continues."""
    source = source.replace("??/", "\\")
    source = re.sub(r"\\u+([0-9a-f]{4})", lambda found: chr(int(found[1], 16)), source)  # as Java does
    source = re.sub(r"\\[ \t]*\n", "", source)
    return re.sub(r"/\*.*?\*/|//[^\n]*", "", source, flags=re.DOTALL).strip()


def test_text_stays_inside_every_kind_of_comment() -> None:
    for text in (*NASTY, *ENDS):
        for source in (
            f"/* {filters.comment(text)} */\nx = 1;",
            f"/* {filters.comment(text)}*/\nx = 1;",
            f"// {filters.comment(text)}\nx = 1;",
            f"{filters.block_comment(text)}\nx = 1;",
            f"{filters.block_comment(text, 4)}\nx = 1;",
            f"{filters.line_comment(text)}\nx = 1;",
            f"{filters.line_comment(text, '//', 4)}\nx = 1;",
        ):
            assert code_after(source) == "x = 1;"
            assert source.count("/*") == source.count("*/") <= 1, "comments nest in some languages"
            assert not unseen(source.replace("\n", ""))
            assert not re.search(r"@ts-|@deprecated|coding[:=]", source)
        for end in ("*)", "-}", "]]", "]=]", "+/", "--", ">", "#"):
            assert end not in filters.comment(text)


@pytest.mark.parametrize("marker", ["//", "#", "--", ";"])
def test_no_line_of_a_comment_is_a_directive(marker: str) -> None:
    for line in (line for text in ENDS for line in filters.line_comment(text, marker).splitlines()):
        assert line.startswith(marker)
        assert not DIRECTIVES.search(line.removeprefix(marker).strip())


@bounded
@given(text=ANY | st.text(alphabet="*/\\u02af @-}])+?\n"), indent=st.sampled_from([0, 2, 8]))
def test_any_text_stays_inside_a_comment(text: str, indent: int) -> None:
    for comment in (filters.block_comment(text, indent), filters.line_comment(text, indent=indent)):
        assert code_after(f"{comment}\nx = 1;") == "x = 1;"


def test_comments_are_wrapped_and_indented() -> None:
    text = f"One.\n\n{'word ' * 30}"
    lines = filters.block_comment(text, 4).splitlines()
    assert (lines[0], lines[1], lines[2], lines[-1]) == ("/**", "     * One.", "     *", "     */")
    assert max(map(len, lines)) <= filters.WIDTH
    assert (
        filters.block_comment("Text-to-image, 16:9; a@b.example") == "/** Text-to-image, 16:9; a@b.example */"
    )
    assert filters.line_comment("One.\nTwo.", "#", 2) == "# One.\n  # Two."


@bounded
@given(value=PAIRED)
def test_javascript_is_json_without_markup(value: Any) -> None:
    written = filters.javascript(value)
    assert json.loads(written.replace('["__proto__"]:', '"__proto__":')) == value
    assert written.isascii()
    assert not set("<>&\n") & set(written)


def test_javascript_object_with_the_name_of_the_prototype_has_a_property_of_that_name() -> None:
    assert filters.javascript({"__proto__": {"a": 1}}) == '{["__proto__"]: {"a": 1}}'


def test_javascript_has_no_nan() -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        filters.javascript([float("nan")])


@bounded
@given(value=PAIRED)
def test_yaml_is_the_same_value(value: Any) -> None:
    written = filters.yaml(value)
    assert yaml.safe_load(f"a: {written}\n") == {"a": value}
    assert "\n" not in written
    assert not unseen(written)


@pytest.mark.parametrize(
    "text",
    ["no", "1e3", "null", "~", "2024-01-01", "a: b", "- a", "# a", "&a", "*a", "!!python/x", "16:9", ""],
)
def test_text_that_means_something_in_yaml_is_text(text: str) -> None:
    assert yaml.safe_load(filters.yaml(text)) == text
    assert yaml.safe_load(filters.yaml({text: [text]})) == {text: [text]}


@pytest.mark.parametrize("value", ["\ud800", {"\udfff": 1}], ids=short)
def test_yaml_has_no_lone_surrogates(value: object) -> None:
    check_refused(filters.yaml, value)


@pytest.mark.parametrize(
    ("name", "pascal", "camel", "snake", "kebab"),
    [
        ("guidance_scale", "GuidanceScale", "guidanceScale", "guidance_scale", "guidance-scale"),
        ("sd2.1-txt2img", "Sd21Txt2img", "sd21Txt2img", "sd2_1_txt2img", "sd2-1-txt2img"),
        ("3d-gen", "_3dGen", "_3dGen", "_3d_gen", "3d-gen"),
        ("topK", "TopK", "topK", "top_k", "top-k"),
        ("imageURL", "ImageURL", "imageURL", "image_url", "image-url"),
        ("\ufb01le; import os", "FileImportOs", "fileImportOs", "file_import_os", "file-import-os"),
    ],
)
def test_names_in_each_case(name: str, pascal: str, camel: str, snake: str, kebab: str) -> None:
    assert filters.pascal_case(name) == pascal
    assert filters.camel_case(name) == camel
    assert filters.snake_case(name) == snake
    assert filters.kebab_case(name) == kebab


@pytest.mark.parametrize("name", ["pascal_case", "camel_case", "snake_case", "kebab_case"])
def test_any_text_is_a_name_or_refused(name: str) -> None:
    for text in NASTY:
        try:
            written = FILTERS[name](text)
        except UnsafeTextError as error:
            assert "has no ASCII letter or digit" in str(error)
            assert not re.search("[A-Za-z0-9]", text)
        else:
            assert re.fullmatch(
                r"[A-Za-z0-9_-]+" if name == "kebab_case" else r"[A-Za-z_][A-Za-z0-9_]*", written
            )
