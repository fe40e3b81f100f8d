"""Parameter models: the output of datamodel-code-generator is checked and renamed, and accepts what the spec allows."""

from __future__ import annotations

import ast
import builtins
import importlib
import keyword
import re
import shutil
import warnings
from itertools import count
from typing import TYPE_CHECKING, Any, cast

import pydantic
import pytest

from speccast.errors import SpeccastError
from speccast.specs.build import build_model
from speccast.targets.python import names, params
from speccast.targets.python.filters import CheckedSource
from speccast.targets.python.names import python_model
from speccast.targets.python.params import CHUNK, params_sources
from speccast.targets.python.params_code import NAMES, PlaceholderNames, check_source
from speccast.testing.table import case_table
from tests.targets.support import ROOT, api_of, unseen

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from speccast.core.model import Model
    from speccast.specs.format import ModelSpec

    Import = Callable[[Model], type[pydantic.BaseModel]]

RUNTIME = ROOT / "templates" / "python" / "__package__" / "_runtime"
CORE = ROOT / "generator" / "speccast" / "core"
APIS = [
    ROOT / "specs" / "segmind",
    ROOT / "tests" / "apis" / "harmonia",
    ROOT / "tests" / "targets" / "everything",
]
NUMBERS = count()


def model_of(parameters: Mapping[str, Any], slug: str = "m") -> Model:
    spec = {
        "speccast": 1,
        "slug": slug,
        "title": "M",
        "surfaces": ["sync"],
        "returns": ["image/png"],
        "parameters": parameters,
    }
    return build_model(cast("ModelSpec", spec), f"{slug}.yaml")


def source_of(**parameters: Any) -> str:
    return params_sources([model_of(parameters)])["m"]


@pytest.fixture
def imported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Import:
    """Imports the parameter models of a model as the generated package does, beside the runtime that is shipped."""
    package = f"params_{next(NUMBERS)}"
    for folder in ("", "models", "models/_params"):
        (tmp_path / package / folder).mkdir()
        (tmp_path / package / folder / "__init__.py").touch()
    shutil.copytree(RUNTIME, tmp_path / package / "_runtime")
    shutil.copytree(CORE, tmp_path / package / "_core")
    monkeypatch.syspath_prepend(tmp_path)

    def class_of(built: Model) -> type[pydantic.BaseModel]:
        model = python_model(built)
        source = params_sources([model])[model.slug]
        file = tmp_path / package / "models" / "_params" / f"{model.module}.py"
        file.write_text(f"from __future__ import annotations\n\n{source}", encoding="utf-8")
        # No class with parameters here, so that pydantic alone decides.
        (tmp_path / package / "models" / f"{model.module}.py").touch()
        with warnings.catch_warnings():
            warnings.simplefilter("error")  # pydantic warns of fields that hide something
            warnings.filterwarnings("ignore", message=".*MISSING.*")
            module = importlib.import_module(f"{package}.models._params.{model.module}")
        class_: type[pydantic.BaseModel] = getattr(module, model.params_class_name)
        return class_

    return class_of


def takes(class_: type[pydantic.BaseModel], value: Any) -> bool:
    """Return whether a body passes, by the names of the API, as the client's check asks."""
    try:
        made = class_.model_validate(value, by_alias=True, by_name=False)
    except pydantic.ValidationError:
        return False
    assert made.model_dump(by_alias=True) == value
    return True


def test_each_keyword_of_a_limit_is_kept() -> None:
    source = source_of(
        a={"type": "integer", "required": True, "minimum": 1, "maximum": 9, "multipleOf": 2},
        b={
            "type": "number",
            "required": True,
            "exclusiveMinimum": 0,
            "exclusiveMaximum": 1.5,
            "multipleOf": 0.05,
        },
        c={"type": "string", "required": True, "minLength": 1, "maxLength": 9, "pattern": "^a+$"},
        d={"type": "array", "required": True, "minItems": 1, "maxItems": 9, "items": {"type": "string"}},
        e={"type": "integer", "required": True, "maximum": 18446744073709551615, "minimum": -1},
    )
    lines = [line.strip() for line in source.splitlines()]
    assert "a: Annotated[int, Field(ge=1, le=9, multiple_of=2)]" in lines
    assert "b: Annotated[float, Field(gt=0.0, lt=1.5, multiple_of=0.05)]" in lines
    assert "c: Annotated[str, Field(max_length=9, min_length=1, pattern='^a+$')]" in lines
    assert "d: Annotated[list[str], Field(max_length=9, min_length=1)]" in lines
    assert "e: Annotated[int, Field(ge=-1, le=18446744073709551615)]" in lines


@pytest.mark.parametrize(
    ("spec", "annotation"),
    [
        ({"type": "string"}, "str | MISSING"),
        ({"type": "string", "default": "x"}, "str | MISSING"),
        ({"type": ["string", "null"]}, "str | None | MISSING"),
        ({"type": "boolean", "required": True}, "bool"),
        ({"type": ["boolean", "null"], "required": True, "default": None}, "bool | None"),
        ({"type": "string", "enum": ["a", "b"], "required": True}, "Literal['a', 'b']"),
        ({"type": "string", "enum": ["a"], "open": True, "required": True}, "Literal['a'] | str"),
        ({"type": "string", "enum": ["a"], "hidden_values": 2, "required": True}, "Literal['a'] | str"),
        ({"type": "integer", "enum": [1, 2], "open": True, "required": True}, "Literal[1, 2] | int"),
        ({"type": "integer", "enum": [-1, 0], "required": True}, "Literal[-1, 0]"),
        ({"type": ["string", "null"], "enum": ["a", None], "required": True}, "Literal['a'] | None"),
        (
            {"type": "string", "enum": ["a"], "documented_as": {"a": "b"}, "required": True},
            "Literal['a', 'b']",
        ),
        ({"type": "array", "items": {"type": "integer"}, "required": True}, "list[int]"),
        ({"type": "array", "items": {"type": ["string", "null"]}, "required": True}, "list[str | None]"),
        ({"type": "object", "required": True}, "dict[str, Any]"),
    ],
)
def test_type_of_a_field(spec: dict[str, Any], annotation: str) -> None:
    written = f"    x: {annotation}" + (" = MISSING" if annotation.endswith("MISSING") else "")
    assert written in source_of(x=spec).splitlines()


def test_nested_objects_are_classes_called_after_the_way_to_them() -> None:
    inner = {"type": "object", "properties": {"pitch": {"type": "string", "required": True}}}
    source = source_of(
        voice={"type": "object", "required": True, "properties": {"tone": inner}},
        notes={"type": "array", "items": inner},
        maybe={**inner, "type": ["object", "null"]},
    )
    classes = [node for node in ast.parse(source).body if isinstance(node, ast.ClassDef)]
    assert {node.name for node in classes} == {
        "MVoiceToneParams", "MVoiceParams", "MNotesItemParams", "MMaybeParams", "MParams",
    }  # fmt: skip
    assert {ast.unparse(node.bases[0]) for node in classes} == {"Params"}
    for line in (
        "tone: MVoiceToneParams | MISSING = MISSING",
        "voice: MVoiceParams",
        "notes: list[MNotesItemParams] | MISSING = MISSING",
        "maybe: MMaybeParams | None | MISSING = MISSING",
    ):
        assert f"    {line}" in source.splitlines()


def test_fields_have_the_names_of_the_method_arguments() -> None:
    api = api_of(APIS[1])
    sources = params_sources(api.models)
    for model in map(python_model, api.models):
        (class_,) = (
            node
            for node in ast.parse(sources[model.slug]).body
            if isinstance(node, ast.ClassDef) and node.name == model.params_class_name
        )
        fields = [ast.unparse(line.target) for line in class_.body if isinstance(line, ast.AnnAssign)]
        taken = params._TAKEN
        assert fields == [
            f"{parameter.name}_" if parameter.name in taken else parameter.name
            for parameter in model.parameters
        ]


def test_names_that_every_pydantic_model_has_are_taken() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        # What the metaclass has can be reached on the class, too: pydantic warns about a field called `register`.
        names = (*dir(pydantic.BaseModel), *dir(type(pydantic.BaseModel)))
        attributes = {name for name in names if not name.startswith("_")}
    assert attributes | NAMES <= params._TAKEN


AWKWARD = list(
    dict.fromkeys(
        [
            *keyword.kwlist,
            *keyword.softkwlist,
            *dir(builtins),
            *sorted(params._TAKEN),
            *(f"{name}_" for name in ("json", "str", "Any", "class")),
            "root", "Model", "annotations", "field", "params", "item", "f0", "f1", "F0", "O0", "O1", "f0_aliased", "MISSING_aliased",
            "M", "MParams", "AsyncM", "MItem", "_", "__", "__x", "_x", "x__", "__init__", "__class__", "=", "", " ", "1", "2x", "a b", "a-b",
            "a.b", "a_b", "a/b", "\n", "\x00", "\x1b", "\u202e", '"', "'", "\\", '"""', "{{ x }}", "#", "\ufb01", "\u00aa", "\u00b2", "\u0130",
            "\u00df", "e\u0301", "\u212b", "\u00b5", "\u017f", "\U0001f98a", "\u05d0", "\u0bf0", "x" * 300, "self", "cls", "$ref", "$defs",
            "properties", "anyOf", "#/$defs/x", "C.f",
        ]
    )
)  # fmt: skip
"""Names that mean something to Python, to pydantic, to datamodel-code-generator or to JSON Schema, or are not names."""

KINDS: dict[str, tuple[Callable[[str], Any], Callable[[str], Any], Callable[[str], Any]]] = {
    "text": (lambda _: {"type": "string"}, lambda _: "x", lambda _: 1),
    "choice": (lambda _: {"type": "string", "enum": ["a", "b"]}, lambda _: "b", lambda _: "c"),
    "items": (
        lambda _: {"type": "array", "items": {"type": "string", "minLength": 2}},
        lambda _: ["xx"],
        lambda _: ["x"],
    ),
    "object": (
        lambda _: {"type": "object", "properties": {"inner": {"type": "string", "required": True}}},
        lambda _: {"inner": "x"},
        lambda _: {"other": "x"},
    ),
    "member": (
        lambda name: {"type": "object", "properties": {name: {"type": "string", "required": True}}},
        lambda name: {name: "x"},
        lambda name: {name: 1},
    ),
    "objects": (
        lambda name: {
            "type": "array",
            "items": {"type": "object", "properties": {name: {"type": "integer"}}},
        },
        lambda name: [{name: 1}],
        lambda name: [{name: "1"}],
    ),
}


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_the_wire_name_is_kept_even_if_python_reserves_it(kind: str, imported: Import) -> None:
    spec, good, bad = KINDS[kind]
    # The linter keeps apart what would be one name or one class; here the first of them is taken.
    chosen: dict[str, str] = {}
    for wire in AWKWARD:
        chosen.setdefault(
            names.member_class_name("M", wire).lower() + names.parameter_name(wire).lower(), wire
        )
    wires = list(
        {names.member_class_name("M", wire): wire for wire in reversed(list(chosen.values()))}.values()
    )
    assert len(wires) > 250
    class_ = imported(model_of({wire: spec(wire) for wire in wires}))
    for wire in wires:
        assert takes(class_, {wire: good(wire)}), wire
        assert not takes(class_, {wire: bad(wire)}), wire


@pytest.mark.parametrize(
    "wire", ["MISSING", "Annotated", "Literal", "Field", "params", "\u00aa", "class", "json", "f0"]
)
def test_a_name_alone_in_its_model_stays_as_well(wire: str, imported: Import) -> None:
    class_ = imported(model_of({wire: {"type": "string", "required": True, "enum": ["a"]}}))
    assert takes(class_, {wire: "a"})
    assert not takes(class_, {wire: "b"})
    assert not takes(class_, {})


TEXTS = [
    '"',
    "'",
    '"""',
    "\\",
    "\\n",
    "\n\n\n\n",
    "a\r\nb",
    "{{ x }}",
    "\x00",
    "\x1b",
    "\u202e",
    "\u2028",
    "\U0001f98a",
    "\u00aa",
    "#",
    " ",
    "",
]


def test_values_of_an_enum_are_kept_character_by_character(imported: Import) -> None:
    class_ = imported(model_of({"x": {"type": "string", "enum": TEXTS}}))
    assert all(takes(class_, {"x": text}) for text in TEXTS)
    assert not takes(class_, {"x": "other"})


@pytest.mark.parametrize(
    ("pattern", "good", "bad"),
    [
        ("^[a-z]{2}-[0-9]+$", "en-7", "EN"),
        (r"^\d+$", "12", "a"),
        ('^"$', '"', "'"),
        ("^'$", "'", '"'),
        ('^\'"""\\\\$', '\'"""\\', "x"),
        ("^\n$", "\n", "n"),
        ("^\\n$", "\n", "n"),
        (r"\\", "\\", "/"),
        ("^{{ x }}$", "{{ x }}", "x"),
        ("\u202e|\x1b", "\u202e", "x"),
        # What the regular expressions of Rust do not have.
        ("^(?!no)", "yes", "no"),
        (r"^(a|b)\1$", "aa", "ab"),
        ("^(?=.*1)(?<!x)", "a1", "a"),
    ],
)
@pytest.mark.parametrize("place", ["value", "items"])
def test_pattern_is_kept_and_has_the_meaning_of_python(
    pattern: str, good: str, bad: str, place: str, imported: Import
) -> None:
    text = {"type": "string", "pattern": pattern}
    spec = text if place == "value" else {"type": "array", "items": text}
    class_ = imported(model_of({"x": spec}))
    assert takes(class_, {"x": good if place == "value" else [good]})
    assert not takes(class_, {"x": bad if place == "value" else [bad]})


def test_objects_of_a_union_are_discriminated_by_their_tag(imported: Import) -> None:
    def block(tag: str) -> dict[str, Any]:
        members = {"class": {"type": "string", "enum": [tag]}, tag: {"type": "integer", "required": True}}
        return {"type": "object", "properties": members}

    class_ = imported(
        model_of({"x": {"type": "array", "items": {"anyOf": [block("a"), block("b"), {"type": "string"}]}}})
    )
    only = imported(
        model_of({"x": {"type": "array", "items": {"anyOf": [block("a"), block("b")]}}}, slug="only")
    )
    good: list[Any] = [{"class": "a", "a": 1}, {"class": "b", "b": 1}]
    bad: list[Any] = [{"class": "a", "b": 1}, {"class": "c"}, {"a": 1}, 1]
    for value in good:
        assert takes(class_, {"x": [value, "text"]})
        assert takes(only, {"x": [value]})
    for value in bad:
        assert not takes(class_, {"x": [value]})
        assert not takes(only, {"x": [value]})
    with pytest.raises(pydantic.ValidationError, match="'a', 'b'"):
        only(x=[{"class": "c"}])


def test_a_union_of_objects_can_be_the_only_parameter(imported: Import) -> None:
    forms = [
        {
            "type": "object",
            "properties": {"kind": {"type": "string", "enum": [kind]}, "x": {"type": "integer"}},
        }
        for kind in ("a", "b")
    ]
    class_ = imported(model_of({"u": {"anyOf": forms}}, slug="alone"))
    assert takes(class_, {"u": {"kind": "b", "x": 1}})
    assert not takes(class_, {"u": {"kind": "b", "x": "1"}})
    assert not takes(class_, {"u": {"kind": "c"}})


def test_items_are_checked_as_strictly_as_parameters(imported: Import) -> None:
    items = {"type": "integer", "minimum": 0}
    class_ = imported(model_of({"x": {"type": "array", "items": items}, "y": items}))
    for value in ("1", True, 1.5, -1):
        assert not takes(class_, {"y": value})
        assert not takes(class_, {"x": [value]})


@pytest.mark.parametrize("folder", APIS, ids=lambda folder: folder.name)
def test_test_cases_of_a_model_are_taken_and_refused(folder: Path, imported: Import) -> None:
    """All but numbers and media, for which the client's own check has the rules."""
    judged = 0
    for model in map(python_model, api_of(folder).models):
        class_ = imported(model)
        left = {parameter.name for parameter in model.parameters if _is_left_to_the_client(parameter)}
        for case in case_table(model):
            name = re.split(r"[.\[-]", case.id)[0]
            if case.id.endswith(("-max-size", "-media-type")) or case.id == "all-invalid":
                continue  # the client's own check reads files
            if case.expected == "refused" and not left & {name, *case.parameters}:
                assert not takes(class_, case.arguments), (model.slug, case.id)
                judged += 1
            if case.expected == "accepted" and not (left and name in {*left, "example"}):
                assert takes(class_, case.arguments), (model.slug, case.id)
                judged += 1
    assert judged > 50


def _is_left_to_the_client(parameter: Any) -> bool:
    inner = [*parameter.properties, *parameter.branches, *([parameter.items] if parameter.items else [])]
    is_left = parameter.is_media or parameter.type in ("number", "integer")
    return is_left or any(map(_is_left_to_the_client, inner))


def test_batches_give_the_same_result_as_single_models() -> None:
    models = api_of(APIS[1]).models
    together = params_sources(models)
    assert list(together) == [model.slug for model in models]
    for model in models:
        assert params_sources([model]) == {model.slug: together[model.slug]}
    assert params_sources(models[::-1]) == together


def test_models_beyond_a_chunk_are_made_too() -> None:
    member = {"type": "object", "properties": {"class": {"type": "string", "enum": ["a"]}}}
    models = [
        model_of({"x": member, f"p{number}": {"type": "string"}}, f"m-{number}")
        for number in range(CHUNK + 2)
    ]
    sources = params_sources(models)
    assert len(sources) == CHUNK + 2
    for model in (models[0], models[CHUNK - 1], models[CHUNK], models[-1]):
        assert sources[model.slug] == params_sources([model])[model.slug]


def test_no_models_are_no_sources() -> None:
    assert params_sources([]) == {}


def test_a_model_without_parameters_has_a_class() -> None:
    assert "class MParams(Params):\n    pass" in source_of()


def test_source_shows_everything_that_is_in_it() -> None:
    source = source_of(
        x={"type": "string", "enum": [*TEXTS, "\U0001fae8", "\U000e0100"], "pattern": "\u202e"}
    )
    assert not unseen(source)
    # As `literal` writes it, not as the Python that runs: 3.11 has not heard of U+1FAE8.
    assert "'\U0001fae8', '\\U000e0100'" in source


GOOD = """\
from __future__ import annotations
from typing import Annotated, Any, Literal
from pydantic import Field, RootModel
from speccast_base.params import Params
from pydantic.experimental.missing_sentinel import MISSING

class Value(RootModel[str]):
    root: Annotated[str, Field(min_length=2, pattern='x')]

class Inner(Params):
    a: Literal['a', -1, None] | str

class MParams(Params):
    x: Annotated[list[Inner] | dict[str, Any] | None | MISSING, Field(alias='y', ge=-1)] = MISSING
    y: Value
"""


def test_the_forms_of_parameter_models_pass() -> None:
    source = check_source("m", GOOD, PlaceholderNames())
    assert isinstance(source, CheckedSource)
    assert "class Inner(Params):\n    a: Literal['a', -1, None] | str" in source


INJECTED = [
    # statements
    "import os", "from os import system", "from typing import *", "from . import x", "from .x import Field", "import typing",
    "from typing import Annotated as Field, cast", "from pydantic import create_model", "from __future__ import annotations, x",
    "x = 1", "x: int = 1", "print()", "'text'", "del x", "assert x", "raise x", "if x: pass", "for x in y: pass", "while x: pass",
    "with x: pass", "try: pass\nfinally: pass", "def f(): pass", "async def f(): pass", "lambda: 0", "global x", "pass", "x()",
    "type X = int" if hasattr(ast, "TypeAlias") else "x",
    # classes
    "@x\nclass A(Params): pass", "class A(Params, x): pass", "class A(Params, metaclass=x): pass", "class A: pass", "class A(x): pass",
    "class A(x()): pass", "class A(x.Params): pass", "class A(Params[x]): pass", "class A(RootModel): pass", "class A(RootModel[x]): pass",
    "class A(RootModel[x()]): pass", "class Params(Params): pass", "class Field(Params): pass", "class MParams(Params): pass",
    # members
    *(
        f"class A(Params):\n    {member}"
        for member in (
            "import os", "x = 1", "x = print()", "x()", "'text'", "def f(self): pass", "class B(Params): pass", "x: int = 1", "x: int = f()",
            "x: int = MISSING()", "x: int = MISSING.x", "x.y: int", "x[0]: int", "__x: int", "_x: int", "__class__: int", "Field: int",
            "model_config = x", "for x in y: pass", "lambda: 0", "x: int; y = 1",
        )
        if member != "model_config = x"
    ),
    # types
    *(
        f"class A(Params):\n    x: {annotation}"
        for annotation in (
            "x", "os", "x()", "x.y", "str.x", "'str'", "'__import__(\"os\")'", "1", "True", "...", "[str]", "(str, int)", "{str}", "str | x",
            "str & int", "str + int", "not str", "str if x else int", "lambda: 0", "list[x]", "list[x()]", "dict[str, x]", "set[str]", "type[str]",
            "Literal[x]", "Literal[x()]", "Literal['a', x]", "Literal[f'{x}']", "Literal['a' + 'b']", "Literal[[1]]", "Literal[not 1]",
            "Literal[~1]", "Annotated[str]", "Annotated[str, x]", "Annotated[str, x()]", "Annotated[str, Field]", "Annotated[str, Field(1)]",
            "Annotated[str, Field(*x)]", "Annotated[str, Field(**x)]", "Annotated[str, Field(default=1)]", "Annotated[str, Field(default_factory=x)]",
            "Annotated[str, Field(ge=x)]", "Annotated[str, Field(ge=x())]", "Annotated[str, Field(pattern=f'{x}')]", "Annotated[str, Field(pattern=(1,))]",
            "Annotated[str, Field(ge=1), Field(le=1)]", "Annotated[str, 'x']", "Annotated[x, Field(ge=1)]", "Field(ge=1)", "(x := str)", "await x",
            "RootModel[str]", "Params", "BaseModel", "__import__", "eval",
        )
    ),
]  # fmt: skip


@pytest.mark.parametrize("statement", INJECTED)
def test_anything_else_is_refused(statement: str) -> None:
    with pytest.raises(
        SpeccastError, match="parameters of m: datamodel-code-generator returned unexpected code"
    ):
        check_source("m", f"{GOOD}\n{statement}\n", PlaceholderNames())


@pytest.mark.parametrize("text", ["class", "x = 'a\n", "\x00", "class A(Params):\n  x: str\n y: int"])
def test_invalid_python_is_refused(text: str) -> None:
    with pytest.raises(
        SpeccastError, match="parameters of m: datamodel-code-generator returned unexpected code"
    ):
        check_source("m", text, PlaceholderNames())


def test_only_checked_code_is_written() -> None:
    source = check_source("m", f"# coding: utf-7\n# noqa\n{GOOD}# type: ignore\n", PlaceholderNames())
    assert "#" not in source
    assert source.count("import") == 4


def test_configuration_that_comes_back_is_not_written() -> None:
    text = GOOD.replace("    y: Value", "    model_config = __import__('os').system('x')\n    y: Value")
    assert check_source("m", text, PlaceholderNames()) == check_source("m", GOOD, PlaceholderNames())


def test_placeholder_names_are_replaced_and_aliases_added() -> None:
    text = (
        "from pydantic import Field as Field_aliased\n"
        "class F1Item(RootModel[str]):\n    root: Annotated[str, Field_aliased(min_length=2)]\n"
        "class O0(Params):\n    f0: str\n    f1: Annotated[list[F1Item], Field_aliased(max_length=1)]\n    f2: O1 | MISSING = MISSING\n"
        "class O1(Params):\n    pass\n"
    )
    placeholder = PlaceholderNames(
        classes={"O0": "MParams", "O1": "MInnerParams"},
        fields={"f0": ("class_", "class"), "f1": ("tags", "t\"a'gs"), "f2": ("inner", "inner")},
        values={"f1": "MTags"},
    )
    source = check_source("m", text, placeholder)
    for line in (
        "class MTagsItemValue(RootModel[str]):",
        "    class_: Annotated[str, Field(alias='class')]",
        "    tags: Annotated[list[MTagsItemValue], Field(alias='t\"a\\'gs', max_length=1)]",
        "    inner: MInnerParams | MISSING = MISSING",
    ):
        assert line in source.splitlines()


def test_class_for_a_value_never_takes_the_name_of_another() -> None:
    text = (
        "class F0(RootModel[str]):\n    root: str\n"
        "class F1(RootModel[str]):\n    root: str\n"
        "class O0(Params):\n    f0: F0\n    f1: F1\n"
    )
    placeholder = PlaceholderNames(
        classes={"O0": "MParams"},
        fields={"f0": ("a", "a"), "f1": ("b", "b")},
        values={"f0": "MA", "f1": "MA"},
    )
    source = check_source("m", text, placeholder)
    assert "    a: MAValue\n    b: MAValue1\n" in source


def test_two_classes_of_one_name_are_refused() -> None:
    text = "class O0(Params):\n    pass\nclass O1(Params):\n    pass\n"
    with pytest.raises(SpeccastError, match="two classes of the same name"):
        check_source("m", text, PlaceholderNames(classes={"O0": "MParams", "O1": "MParams"}))
