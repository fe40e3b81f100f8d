"""The filters of Python: for every text, the output is one literal, one identifier or one docstring."""

from __future__ import annotations

import ast
import enum
import io
import tokenize
import unicodedata
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from speccast.specs.build import build_api
from speccast.targets.filters import WIDTH, Code
from speccast.targets.python import filters
from speccast.targets.python.declarations import model_classes
from speccast.targets.python.filters import FILTERS
from speccast.targets.python.names import python_model
from tests.targets.support import EVERYTHING, api_of, change_text, markdown_shape, places, unseen
from tests.targets.texts import ANY, JSON, NASTY, as_read, bounded, check_refused, short


def test_filters_return_code() -> None:
    api = api_of(EVERYTHING)
    (model,) = api.models
    for name, value in (
        ("docstring", "x"), ("dotted", "a.b"), ("identifier", "a"), ("keywords", "async"), ("literal", "x"), ("relative", ".a"),
        ("one_of", ["x"]), ("media_type_of", ["image/*"]), ("constructor", model.parameters[0]), ("model_docstring", model), ("constructor", api),
    ):  # fmt: skip
        assert type(FILTERS[name](value)) is Code
    assert type(FILTERS["class_imports"](api, "._core")) is Code
    assert type(FILTERS["annotation"](model.parameters[0], "X")) is Code
    [method, *_] = model_classes(python_model(model), None)[0].methods
    assert type(FILTERS["method_docstring"](model, method)) is Code
    assert type(FILTERS["quick_start"](api, model)) is Code


def test_text_as_a_literal_is_the_text() -> None:
    for text in NASTY:
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
def test_values_that_are_not_json_are_refused(value: object) -> None:
    check_refused(filters.literal, value)


@pytest.mark.parametrize("character", [chr(code) for code in (0x1FAE8, 0x1F9FF, 0x2EBF0, 0x31350)], ids=short)
def test_a_character_of_a_newer_unicode_version_is_unchanged(character: str) -> None:
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
def test_an_invalid_or_normalized_identifier_is_refused(name: str) -> None:
    check_refused(filters.identifier, name)
    if name != "a.b":
        check_refused(filters.dotted, f"a.{name}")
        check_refused(filters.relative, f".{name}")


def test_module_paths_are_checked_part_by_part() -> None:
    assert filters.dotted("a.b.c") == "a.b.c"
    assert filters.relative("._runtime.jobs") == "._runtime.jobs"
    for path in ("a..b", ".a", "a.", "a.class", "a b.c"):
        check_refused(filters.dotted, path)
    for path in ("a", "a.b", "..a", ".", "", ".a.class"):
        check_refused(filters.relative, path)


@pytest.mark.parametrize("text", ["def", "async def", "await", "", "not in"])
def test_keywords_are_themselves(text: str) -> None:
    assert filters.keywords(text) == text


@pytest.mark.parametrize("text", ["print", "async x", "def;", "lambda: 0", "import os"])
def test_an_invalid_keyword_is_refused(text: str) -> None:
    check_refused(filters.keywords, text)


@pytest.mark.parametrize("indent", [0, 4, 8])
def test_docstring_is_one_docstring_with_the_same_words(indent: int) -> None:
    for text in NASTY:
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
    assert max(map(len, lines)) <= WIDTH
    assert lines[2] == "    Args:"
    assert lines[3].startswith("        a: word")
    assert lines[4].startswith("            word")
    assert lines[-2] == "        b: short"


def test_source_of_parameter_models_must_have_been_checked() -> None:
    for source in ("", "class X(Params): pass", Code("x = 1")):
        check_refused(filters.params_source, source)


@pytest.mark.parametrize("text", ["```", "\n```\n", "'\"\\", "\x1b\u202e", "{{ x }}", "a" * 200], ids=short)
def test_quick_start_is_python_in_one_fence(text: str) -> None:
    (place,) = (place for place in places() if place.pointer == ("example", "prompt") and not place.is_key)
    api = build_api(change_text(place, text))
    (model,) = api.models
    written = filters.quick_start(api, model)
    calls = [node for node in ast.walk(ast.parse(written)) if isinstance(node, ast.Call)]
    given = [keyword.value for call in calls for keyword in call.keywords if keyword.arg == "words"]
    assert list(map(ast.literal_eval, given)) == [text] * 3  # the blocking call, the stream and the job
    assert not unseen(written)
    assert markdown_shape(f"```python\n{written}\n```\n\nAfter.\n") == markdown_shape(
        "```python\nx\n```\n\nAfter.\n"
    )


def test_quick_start_with_names_that_are_none_is_refused() -> None:
    (place,) = (place for place in places() if place.pointer == ("package",))
    api = build_api(change_text(place, "a; import os"))
    check_refused(filters.quick_start, api, api.models[0])


def test_a_value_is_compared_with_the_one_or_the_several_that_it_may_be() -> None:
    assert filters.one_of(("a",)) == "== 'a'"
    assert filters.one_of(("a", "'")) == "in ('a', \"'\", )"
    assert filters.one_of(()) == "in ()"
    assert filters.media_type_of(("a/b", "a/c")) == "in ('a/b', 'a/c', )"
    assert filters.media_type_of(("image/*",)) == ".startswith(('image/', ))"
    assert filters.media_type_of(("image/*", "a/b")) == ".startswith(('image/', 'a/b', ))"
    check_refused(filters.one_of, (Decimal(1),))
