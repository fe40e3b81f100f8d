"""Names are valid and stable, and do not conflict with names in the generated code."""

from __future__ import annotations

import ast
import keyword
import os
import re
import subprocess
import sys
import unicodedata
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from speccast.specs.build import build_api, build_model, build_parameter
from speccast.specs.load import load
from speccast.targets.python import names
from speccast.targets.python.declarations import annotation, member_classes
from speccast.targets.rendering import draft

ROOT = Path(__file__).parents[3]
PACKAGE = ROOT / "templates" / "python" / "__package__"
SLUGS = st.from_regex(r"[a-z0-9][a-z0-9._-]{0,30}", fullmatch=True)
settings.register_profile("names", derandomize=True, deadline=None, database=None, max_examples=500)
quick = settings.get_profile("names")


def test_objects_of_a_union_are_named_after_their_tags() -> None:
    def block(tag: str) -> dict[str, Any]:
        return {"type": "object", "properties": {"type": {"type": "string", "enum": [tag]}}}

    image = {"type": "object", "properties": {"url": {"type": "string"}}}
    content: Any = {
        "anyOf": [
            {"type": "string"},
            {"type": "array", "items": {"anyOf": [block("text"), block("image_url")]}},
        ]
    }
    picture: Any = {"anyOf": [image, {"type": "array", "items": image}]}
    members = (build_parameter("content", content), build_parameter("picture", picture))

    found = [name for name, _ in names.nested_objects("Chat", members)]

    assert found == ["ChatContentItemText", "ChatContentItemImageUrl", "ChatPicture", "ChatPictureItem"]
    assert [annotation(member, "Chat", repr) for member in members] == [
        "str | Sequence[ChatContentItemText | ChatContentItemImageUrl]",
        "ChatPicture | Sequence[ChatPictureItem]",
    ]


@pytest.mark.parametrize(
    ("slug", "module", "class_name"),
    [
        ("sd2.1-txt2img", "sd2_1_txt2img", "Sd21Txt2img"),
        (
            "stable-diffusion-3.5-large-txt2img",
            "stable_diffusion_3_5_large_txt2img",
            "StableDiffusion35LargeTxt2img",
        ),
        ("only", "only", "Only"),
        ("3d-gen", "m_3d_gen", "M3dGen"),
        ("3", "m_3", "M3"),
        ("a.b", "a_b", "AB"),
        ("a-._-b", "a_b", "AB"),
        ("a__b", "a_b", "AB"),
        ("a-", "a_", "A"),
        ("class", "class_", "Class"),
        ("none", "none", "NoneModel"),
        ("true", "true", "TrueModel"),
        ("import", "import_", "Import"),
        # Soft keywords are names.
        ("match", "match", "Match"),
        ("type", "type", "Type"),
        # What the modules of the models import keeps its name.
        ("job", "job", "JobModel"),
        ("parameter", "parameter", "ParameterModel"),
        ("any", "any", "AnyModel"),
        ("class-var", "class_var", "ClassVarModel"),
    ],
)
def test_module_and_class_of_a_slug(slug: str, module: str, class_name: str) -> None:
    assert names.module_name(slug) == module
    assert names.class_name(slug) == class_name


@pytest.mark.parametrize(
    ("slug", "name", "command"),
    [("sd2.1-txt2img", None, "sd2.1-txt2img"), ("video.loop", "video_loop_next", "video-loop-next")],
)
def test_command_is_the_slug_unless_the_spec_has_a_name(slug: str, name: str | None, command: str) -> None:
    assert names.command_name(slug, name) == command


@pytest.mark.parametrize(
    ("wire", "name", "flag"),
    [
        ("prompt", "prompt", "--prompt"),
        ("guidance_scale", "guidance_scale", "--guidance-scale"),
        ("guidanceScale", "guidanceScale", "--guidanceScale"),
        # builtins stay
        ("type", "type", "--type"),
        ("format", "format", "--format"),
        ("id", "id", "--id"),
        # words of Python's own
        ("class", "class_", "--class"),
        ("from", "from_", "--from"),
        ("None", "None_", "--None"),
        ("async", "async_", "--param-async"),
        ("match", "match", "--match"),
        ("self", "self_", "--self"),
        ("cls", "cls_", "--cls"),
        ("CallOptions", "CallOptions_", "--CallOptions"),
        # options of a call
        ("timeout", "timeout_", "--param-timeout"),
        ("max_retries", "max_retries_", "--max-retries"),
        ("validate", "validate_", "--param-validate"),
        ("extra_headers", "extra_headers_", "--extra-headers"),
        ("extra_body", "extra_body_", "--extra-body"),
        # options of the command line, and what switches a boolean off
        ("json", "json", "--param-json"),
        ("no-json", "no_json", "--param-no-json"),
        ("no_validate", "no_validate", "--param-no-validate"),
        ("dry-run", "dry_run", "--param-dry-run"),
        ("dry_run", "dry_run", "--param-dry-run"),
        ("no-no-json", "no_no_json", "--no-no-json"),
        ("jsonl", "jsonl", "--jsonl"),
        # no identifiers
        ("top k", "top_k", "--top-k"),
        ("top-k", "top_k", "--top-k"),
        ("a.b", "a_b", "--a-b"),
        ("a - . b", "a_b", "--a-b"),
        ("$ref", "p_ref", "--p-ref"),
        ("k$", "k_", "--k"),
        ("2x", "p_2x", "--p-2x"),
        ("12", "p_12", "--p-12"),
        ("=", "p_", "--p"),
        ("", "p_", "--p"),
        (" ", "p_", "--p"),
        ("\n", "p_", "--p"),
        ("\x00", "p_", "--p"),
        ("\U0001f98a", "p_", "--p"),
        ("\U0001f98a fox", "p_fox", "--p-fox"),
        # a class would rewrite a leading double underscore, and pydantic hides a single one
        ("_private", "p_private", "--p-private"),
        ("__init__", "p_init__", "--p-init"),
        ("_", "p_", "--p"),
        ("a_", "a_", "--a"),
        # Python reads identifiers in their normal form
        ("gr\u00f6\u00dfe", "gr\u00f6\u00dfe", "--gr\u00f6\u00dfe"),
        ("gro\u0308\u00dfe", "gr\u00f6\u00dfe", "--gr\u00f6\u00dfe"),
        ("\ufb01t", "fit", "--fit"),
        ("\u00aa", "a", "--a"),
        ("x\u00b2", "x2", "--x2"),
        ("\u00b2", "p_2", "--p-2"),
        ("\uff43lass", "class_", "--class"),
        ("\u2460", "p_1", "--p-1"),
        ("\u0939\u093f\u0928\u094d\u0926\u0940", "\u0939\u093f\u0928\u094d\u0926\u0940", "--\u0939\u093f\u0928\u094d\u0926\u0940"),
        ("\u0301x", "p_\u0301x", "--p-\u0301x"),
        # numbers that are letters to str.isalnum, but to no identifier
        ("a\u0bf0b", "a_b", "--a-b"),
        ("\u0bf0", "p_", "--p"),
    ],
)  # fmt: skip
def test_name_and_flag_of_a_parameter(wire: str, name: str, flag: str) -> None:
    assert names.parameter_name(wire) == name
    assert names.flag(wire) == flag


@pytest.mark.parametrize(
    ("given_name", "name", "flag"),
    [
        ("words", "words", "--words"),
        ("class", "class_", "--class"),
        ("timeout", "timeout_", "--param-timeout"),
    ],
)
def test_name_in_the_spec_is_kept_where_it_is_legal(given_name: str, name: str, flag: str) -> None:
    assert names.parameter_name(given_name) == name
    assert names.flag(given_name) == flag


@pytest.mark.parametrize(
    ("owner", "wire", "name"),
    [
        ("MusicGen", "voice settings", "MusicGenVoiceSettings"),
        ("MusicGen", "voice_settings", "MusicGenVoiceSettings"),
        ("MusicGen", "voiceSettings", "MusicGenVoiceSettings"),
        ("MusicGen", "2x", "MusicGen2x"),
        ("MusicGen", "", "MusicGenItem"),
        ("MusicGen", "=", "MusicGenMember"),
        ("MusicGen", "params", "MusicGenParamsMember"),
        ("MusicGen", "\ufb01t", "MusicGenFit"),
        ("MusicGen", "\u0390", "MusicGen\u03aa\u0301"),
        ("MusicGen", "\u0bf0", "MusicGenMember"),
    ],
)
def test_class_of_a_nested_object(owner: str, wire: str, name: str) -> None:
    assert names.member_class_name(owner, wire) == name


@pytest.mark.parametrize(
    ("wires", "is_class"),
    [
        (("a", "b_2"), True),
        (("a", "größe in cm"), False),
        (("a", "b\u30fbc"), False),  # an identifier in some versions of Python only
        (("a", "\ufb01t"), False),  # Python normalizes it
        (("a", "class"), False),
        (("a", "float"), False),  # would hide the type in the annotations of the class
        (("a", "Any"), False),
        (("a", "_b"), False),
    ],
)
def test_every_object_has_a_class_in_the_syntax_that_its_members_allow(
    wires: tuple[str, ...], is_class: bool
) -> None:
    members: Any = {wire: {"type": "string"} for wire in wires}
    parameter = build_parameter("o", {"type": "object", "properties": members})
    assert annotation(parameter, "M", repr) == "MO"
    (loaded,) = load(ROOT / "tests" / "targets" / "everything").apis
    (model,) = map(names.python_model, build_api(loaded).models)
    (found,) = member_classes(replace(model, class_name="M", parameters=(parameter,)))
    assert (found.name, found.is_class) == ("MO", is_class)


@pytest.mark.parametrize(
    ("name", "is_legal"),
    [("acme", True), ("acme_client", True), ("class", False), ("2acme", False), ("a-b", False), ("", False)],
)
def test_package_must_be_a_name_that_can_be_imported(name: str, is_legal: bool) -> None:
    assert names.is_legal_package(name) is is_legal


def is_kept_by_python(name: str) -> bool:
    """Return whether a name comes out of the compiler as it went in, also within a class."""
    (scope,) = ast.parse(f"class C:\n  def f(*, {name}): pass").body
    assert isinstance(scope, ast.ClassDef)
    (function,) = scope.body
    assert isinstance(function, ast.FunctionDef)
    (argument,) = function.args.kwonlyargs
    return argument.arg == name and not name.startswith("_")


@settings(quick)
@given(wire=st.text())
def test_any_wire_name_gives_a_legal_parameter(wire: str) -> None:
    name = names.parameter_name(wire)
    assert name.isidentifier()
    assert not keyword.iskeyword(name)
    assert name not in names.RESERVED_PARAMETERS
    assert unicodedata.normalize("NFKC", name) == name
    assert is_kept_by_python(name)
    assert names.parameter_name(wire) == name


@settings(quick)
@given(wire=st.text())
def test_any_wire_name_gives_a_flag_that_can_be_typed_and_is_not_ours(wire: str) -> None:
    flag = names.flag(wire)
    text = flag.removeprefix("--")
    assert flag == f"--{text}"
    assert not text.startswith("-")
    assert f"a{text.replace('-', '_')}".isidentifier()
    for meant in (text, f"no-{text}"):
        assert meant not in names.RESERVED_FLAGS


@settings(quick)
@given(owner=SLUGS, wire=st.text())
def test_any_wire_name_gives_a_legal_class(owner: str, wire: str) -> None:
    name = names.member_class_name(names.class_name(owner), wire)
    assert name.isidentifier()
    assert unicodedata.normalize("NFKC", name) == name
    assert name not in (names.class_name(owner), f"{names.class_name(owner)}Params")


@settings(quick)
@given(slug=SLUGS)
def test_any_slug_gives_a_legal_module_and_class(slug: str) -> None:
    module, class_name = names.module_name(slug), names.class_name(slug)
    assert re.fullmatch(r"[a-z][a-z0-9_]*", module)
    assert re.fullmatch(r"[A-Z][A-Za-z0-9]*", class_name)
    assert not keyword.iskeyword(module) and not keyword.iskeyword(class_name)
    assert class_name not in names.RESERVED_CLASSES
    # A name that has been made is a name that can be given.
    assert names.module_name(module) == module


def test_names_depend_on_the_text_only() -> None:
    code = (
        "from speccast.targets.python import names\n"
        "for text in ['gr\\u00f6\\u00dfe', '\\u0130', 'I', '\\ufb01', '2x', 'class']:\n"
        "    print(ascii([names.parameter_name(text), names.flag(text), names.member_class_name('A', text)]))\n"
    )
    answers = set()
    for seed, locale in (("0", "C"), ("1", "tr_TR.UTF-8"), ("2", "de_DE.UTF-8")):
        environment = os.environ | {
            "PYTHONHASHSEED": seed,
            "LC_ALL": locale,
            "PYTHONPATH": str(ROOT / "generator"),
        }
        ran = subprocess.run(
            [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True
        )
        answers.add(ran.stdout)
    assert len(answers) == 1


def public_members(module: ast.Module, class_name: str) -> set[str]:
    """Public methods, properties and attributes of a class and of its bases in the same module."""
    classes = {node.name: node for node in module.body if isinstance(node, ast.ClassDef)}
    own: set[str] = set()
    for statement in classes[class_name].body:
        match statement:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                own.add(name)
            case ast.AnnAssign(target=ast.Name(id=name)):
                own.add(name)
        own |= {
            node.attr
            for node in ast.walk(statement)
            if isinstance(node, ast.Attribute)
            and isinstance(node.ctx, ast.Store)
            and ast.unparse(node.value) == "self"
        }
    bases = [
        base.id for base in classes[class_name].bases if isinstance(base, ast.Name) and base.id in classes
    ]
    inherited = {name for base in bases for name in public_members(module, base)}
    return {name for name in own | inherited if not name.startswith("_")}


def test_members_of_the_clients_are_reserved() -> None:
    module = ast.parse((PACKAGE / "_runtime" / "client.py").read_text(encoding="utf-8"))
    members = public_members(module, "SyncClient") | public_members(module, "AsyncClient")
    assert members == names.CLIENT_MEMBERS


def test_options_of_the_commands_are_reserved() -> None:
    options = {
        str(node.value).removeprefix("--")
        for path in sorted((PACKAGE / "cli").glob("*.py"))
        if not path.stem.startswith("batch")
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(call, ast.Call) and ast.unparse(call.func) in ("click.Option", "click.version_option")
        for node in ast.walk(call)
        if isinstance(node, ast.Constant) and re.fullmatch(r"--[a-z-]+", str(node.value))
    }
    # Click itself adds --help. `batch`, `job` and `again`, which have no parameters, have options of their own.
    assert (options | {"help"}) - {"model", "set", "yes"} == names.RESERVED_FLAGS


def module_of_a_model() -> tuple[ast.Module, set[str]]:
    """Return the unformatted module of a model with every kind of parameter, and the parameters by all their names."""
    (loaded,) = load(ROOT / "tests" / "targets" / "everything").apis
    api = build_api(loaded)
    (model,) = map(names.python_model, api.models)
    texts = draft(api, "python", ROOT / "no-overlay").texts
    source = texts[f"{api.package}/models/{model.module}.py"]
    parameters = {name for each in model.parameters for name in (each.name, each.renamed_from) if name}
    return ast.parse(source), parameters


def test_classes_that_the_modules_of_models_import_are_reserved() -> None:
    module, _ = module_of_a_model()
    imported = {
        alias.asname or alias.name
        for node in ast.walk(module)
        if isinstance(node, ast.ImportFrom) and node.module != "__future__"
        for alias in node.names
    }
    imported -= {"EverythingNamedParams"}
    assert {name for name in imported if not name.isupper()} <= names.RESERVED_CLASSES


def test_names_that_the_methods_of_models_use_are_reserved() -> None:
    module, parameters = module_of_a_model()
    methods = [
        node
        for node in ast.walk(module)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.name in ("generate", "stream", "submit")
    ]
    assert len(methods) == 6
    hidden: set[str] = set()
    for method in methods:
        keywords = {argument.arg for argument in method.args.kwonlyargs}
        assert keywords - parameters == names.CALL_OPTIONS
        used = {node.id for line in method.body for node in ast.walk(line) if isinstance(node, ast.Name)}
        hidden |= used - keywords
    # A parameter of this name would hide what a method calls; `cls` is for readers.
    assert hidden | {"cls"} == names.RESERVED_PARAMETERS - names.CALL_OPTIONS


def build(slug: str, parameters: dict[str, object], **more: object) -> names.PythonModel:
    spec: Any = {
        "speccast": 1,
        "slug": slug,
        "title": "M",
        "surfaces": ["sync"],
        "returns": ["image/png"],
        **more,
    }
    return names.python_model(build_model(spec | {"parameters": parameters}, "m.yaml"))


def test_model_has_the_names_of_its_slug_or_of_the_name_in_its_spec() -> None:
    model = build("sd2.1", {})
    assert (model.module, model.class_name, model.command) == ("sd2_1", "Sd21", "sd2.1")
    named = build("sd2.1", {}, name="stable_two")
    assert (named.slug, named.module, named.command) == ("sd2.1", "stable_two", "stable-two")
    assert named.exported == ("StableTwo", "AsyncStableTwo", "StableTwoParams")
    assert names.names_of_model(named) == {"sd2.1", "stable_two", "stable-two", *named.exported}
    assert names.python_model(named) is named


def test_parameters_have_legal_names_at_every_depth() -> None:
    inner = {"class": {"type": "string"}, "%": {"type": "string", "name": "percent"}}
    items = {"type": "object", "properties": inner}
    model = build(
        "m",
        {"timeout": {"type": "array", "name": "outer", "items": items}, "max retries": {"type": "string"}},
    )
    outer, other = model.parameters
    assert (outer.wire, outer.name, outer.flag) == ("timeout", "outer", "--outer")
    assert (other.wire, other.name, other.flag) == ("max retries", "max_retries_", "--max-retries")
    assert outer.items is not None
    assert [(member.wire, member.name) for member in outer.items.properties] == [
        ("class", "class_"),
        ("%", "percent"),
    ]
    assert names.names_of_parameter(other) == {"max retries", "max_retries_", "--max-retries"}
