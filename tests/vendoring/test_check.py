"""`speccast vendor --check`: find changes of a copy from the copy alone."""

from __future__ import annotations

import hashlib
import json
import py_compile
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from speccast.vendoring.syntax import syntax_digest

from .conftest import COPY, Desk, with_copy
from .support import reformat

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path


@pytest.fixture
def alone(tmp_path: Path, pattern: Callable[..., Path], speccast: Callable[..., Any]) -> Desk:
    """A host with a copy of two models, after the source was deleted."""
    desk = Desk(tmp_path / "desk", speccast)
    shutil.copytree(pattern("--models", "fox,owl") / "host", desk.host)
    return desk


def test_an_untouched_copy_is_verified_from_the_copy_alone(alone: Desk) -> None:
    ran = alone.run("--check")
    assert ran.out == f"{COPY}: all {len(alone.files())} files are untouched\n"


def test_a_check_imports_no_renderer_yaml_parser_or_network_client(
    alone: Desk, environment: Mapping[str, str]
) -> None:
    script = (
        "import sys; from speccast.cli import run; code = run(['vendor', '--check']);"
        "print(code, sorted({'jinja2', 'yaml', 'jsonschema', 'socket', 'datamodel_code_generator'} & sys.modules.keys()))"
    )
    ran = subprocess.run(
        [sys.executable, "-c", script],
        cwd=alone.host,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    assert ran.stdout.splitlines()[-1] == "0 []"


def test_a_reformatted_file_is_distinguished_from_an_edited_one(alone: Desk, run: Callable[..., Any]) -> None:
    reformat(run, alone.copy)
    specs = alone.copy / "_specs.json"
    specs.write_text(json.dumps(json.loads(specs.read_bytes()), indent=4), encoding="utf-8")
    ran = alone.run("--check")
    assert f"{COPY}/client.py: reformatted: other bytes, but the same syntax tree" in ran.lines
    assert f"{COPY}/_specs.json: reformatted: other bytes, but the same value" in ran.lines
    assert " edited" not in ran.out
    assert alone.run("--check", "--strict", code=1).out == ran.out

    alone.change(alone.copy / "models" / "fox.py", "50", "51")
    ran = alone.run("--check", code=1)
    assert f"{COPY}/models/fox.py: edited: differs from the vendored code" in ran.lines
    assert "1 edited" in ran.lines[-1]


def test_a_new_comment_is_reformatting_and_a_new_docstring_is_an_edit(alone: Desk) -> None:
    file = alone.copy / "errors.py"
    file.write_text(file.read_text(encoding="utf-8") + "\n\n# vendored\n", encoding="utf-8")
    assert "errors.py: reformatted" in alone.run("--check").out
    alone.change(file, '"""Exceptions of', '"""Errors of')
    assert "errors.py: edited" in alone.run("--check", code=1).out


def test_other_line_endings_are_untouched(alone: Desk) -> None:
    for path in alone.copy.rglob("*.py"):
        path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    assert "files are untouched" in alone.run("--check").out


def test_missing_and_foreign_files_are_reported(alone: Desk) -> None:
    (alone.copy / "client.py").unlink()
    (alone.copy / "models" / "extra.py").write_text("", encoding="utf-8")
    (alone.copy / "__pycache__").mkdir()
    (alone.copy / "__pycache__" / "client.cpython-311.pyc").write_bytes(bytes(16))
    ran = alone.run("--check", code=1)
    assert ran.lines[:2] == [
        f"{COPY}/client.py: missing: deleted since it was vendored",
        f"{COPY}/models/extra.py: foreign: not one of the vendored files",
    ]


def test_a_link_in_place_of_a_file_is_an_edit(alone: Desk) -> None:
    real = alone.folder / "client.py"
    (alone.copy / "client.py").rename(real)
    (alone.copy / "client.py").symlink_to(real)
    assert f"{COPY}/client.py: edited" in alone.run("--check", code=1).out


def test_syntax_warnings_of_a_copy_are_not_printed(alone: Desk) -> None:
    (alone.copy / "client.py").write_text("x = '\\d' is 1\n", encoding="utf-8")
    assert "Warning" not in alone.run("--check", code=1).err


def test_invalid_python_is_an_edit(alone: Desk) -> None:
    (alone.copy / "client.py").write_text("def (", encoding="utf-8")
    assert f"{COPY}/client.py: edited" in alone.run("--check", code=1).out


def test_conflict_markers_are_an_edit(alone: Desk) -> None:
    manifest = alone.copy / ".speccast-manifest"
    text = manifest.read_text(encoding="utf-8")
    line = next(line for line in text.splitlines() if line.endswith("  client.py"))
    other = f"{'0' * 64}  client.py"
    conflicted = f"<<<<<<< ours\n{line}\n=======\n{other}\n>>>>>>> theirs"
    manifest.write_text(text.replace(line, conflicted), encoding="utf-8")
    ran = alone.run("--check", code=1)
    assert f"{COPY}/.speccast-manifest: edited" in ran.out
    assert f"{COPY}/client.py: edited: it has merge conflicts" in ran.out


def test_a_forged_record_does_not_make_an_edit_look_reformatted(alone: Desk) -> None:
    alone.change(alone.copy / "client.py", "class Acme(", "class Bcme(")
    record = alone.copy / "_vendored.json"
    value = json.loads(record.read_bytes())
    value["syntax"]["client.py"] = syntax_digest("client.py", (alone.copy / "client.py").read_bytes())
    record.write_text(json.dumps(value, indent=1) + "\n", encoding="utf-8")
    ran = alone.run("--check", code=1)
    assert f"{COPY}/client.py: edited" in ran.out
    assert f"{COPY}/_vendored.json: edited" in ran.out


@pytest.mark.parametrize("text", ["{}", "[]", '{"format": 1}'])
def test_an_invalid_record_is_not_used_even_if_the_manifest_lists_it(alone: Desk, text: str) -> None:
    record = alone.copy / "_vendored.json"
    before = hashlib.sha256(record.read_bytes()).hexdigest()
    alone.change(alone.copy / ".speccast-manifest", before, hashlib.sha256(text.encode()).hexdigest())
    record.write_text(text, encoding="utf-8")
    with (alone.copy / "client.py").open("a", encoding="utf-8") as file:
        file.write("# ours\n")
    assert f"{COPY}/client.py: edited" in alone.run("--check", code=1).out


def test_a_record_can_be_reformatted(alone: Desk, run: Callable[..., Any]) -> None:
    record = alone.copy / "_vendored.json"
    record.write_text(json.dumps(json.loads(record.read_bytes()), indent=4), encoding="utf-8")
    reformat(run, alone.copy)
    ran = alone.run("--check")
    assert f"{COPY}/_vendored.json: reformatted" in ran.out
    assert " edited" not in ran.out


def test_every_copy_of_the_project_is_found(desk: Desk) -> None:
    desk.vendor()
    desk.run("--into", "lib/other", "--from", "../maker/generated/acme/python", "--models", "fox")
    (desk.host / ".venv").mkdir()
    shutil.copytree(desk.copy, desk.host / ".venv" / "acme")
    (desk.host / "lib/other/client.py").write_text("", encoding="utf-8")
    ran = desk.run("--check", code=1)
    assert [line.partition(": ")[0] for line in ran.lines] == ["lib/other/client.py", "lib/other", COPY]
    assert desk.run("--check", "--into", COPY).out.startswith(f"{COPY}: all ")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--check",), "no vendored client in"),
        (("--check", "--into", "src"), "src is not a vendored client"),
        (("--check", "--into", "../maker/generated/acme/python"), "speccast generate --check"),
        (("--check", "--update"), "--check writes nothing"),
        (("--update", "--into", "src/x"), "to create one: speccast vendor --into FOLDER"),
        (("--check", "--force"), "--check writes nothing"),
        (("--check", "--no-cli"), "--check writes nothing, so it cannot be combined with --no-cli"),
        (("--strict", "--into", "src/x"), "--strict requires --check"),
    ],
)
def test_a_folder_that_is_not_a_copy_is_an_error(desk: Desk, words: tuple[str, ...], message: str) -> None:
    assert message in desk.run(*words, code=2).err


@pytest.mark.parametrize(
    ("one", "other", "is_same"),
    [
        ("x = 'a'  # note", 'x = (\n    "a"\n)\n', True),
        ("x = 'a' 'b'", "x = 'ab'", True),
        ("def f():\n  'Says.\\n  More.'", 'def f():\n    """Says.\\n    More.  """', True),
        ("x = 1", "x = True", False),
        ("x = 1", "x = 1.0", False),
        ("x = ''", "x = b''", False),
        ("f(a, b)", "f(b, a)", False),
        ("if a:\n  b()\nc()", "if a:\n  b()\n  c()", False),
    ],
)
def test_the_syntax_digest_does_not_depend_on_formatting(one: str, other: str, is_same: bool) -> None:
    assert (syntax_digest("a.py", one.encode()) == syntax_digest("a.py", other.encode())) is is_same


def test_the_digest_of_a_syntax_tree_is_the_same_under_every_python() -> None:
    """A copy can be checked with another version of Python, so the digest is part of the format."""
    source = b'"""Says."""\n\ndef f(a: int = -1, *b: str) -> list[str]:\n    return [f"{c!r:>{a}}" for c in b if c != 1.5]\n'
    assert syntax_digest("a.py", source) == DIGEST


DIGEST = "7b397b63c786358dffb185c4e20faf74a4eef29528daf96e10942b4dc473d9ec"


def test_the_order_of_members_is_significant_in_json() -> None:
    """It is the order of the parameters of a model."""
    assert syntax_digest("a.json", b'{"a": 1, "b": 2}') == syntax_digest("a.json", b'{"a":1,\n"b":2}')
    assert syntax_digest("a.json", b'{"a": 1, "b": 2}') != syntax_digest("a.json", b'{"b": 2, "a": 1}')


def test_byte_code_that_is_not_compared_with_its_source_is_reported(alone: Desk) -> None:
    source, cache = alone.copy / "client.py", alone.copy / "__pycache__"
    for name, mode in (
        ("client.cpython-311.pyc", "TIMESTAMP"),
        ("client.cpython-312.pyc", "CHECKED_HASH"),
        ("client.cpython-313.pyc", "UNCHECKED_HASH"),
    ):
        py_compile.compile(
            str(source),
            str(cache / name),
            invalidation_mode=py_compile.PycInvalidationMode[mode],
            doraise=True,
        )
    (cache / "short.cpython-311.pyc").write_bytes(b"")
    (cache / "evil.py").touch()
    shutil.copy(cache / "client.cpython-311.pyc", alone.copy / "extra.pyc")
    ran = alone.run("--check", code=1)
    assert sorted(line.partition(f"{COPY}/")[2] for line in ran.lines[:-1]) == [
        "__pycache__/client.cpython-313.pyc: foreign: byte code that Python does not compare with its source",
        "__pycache__/evil.py: foreign: not byte code",
        "__pycache__/short.cpython-311.pyc: foreign: byte code that Python does not compare with its source",
        "extra.pyc: foreign: byte code that Python imports without a source",
    ]


@pytest.mark.parametrize("path", ["client.py", "py.typed", "added.py"])
def test_an_edit_whose_digest_was_put_into_the_manifest_is_reported(alone: Desk, path: str) -> None:
    file, manifest = alone.copy / path, alone.copy / ".speccast-manifest"
    lines = [line for line in manifest.read_text().splitlines() if not line.endswith(f"  {path}")]
    file.write_bytes((file.read_bytes() if file.exists() else b"") + b"# edited\n")
    lines.append(f"{hashlib.sha256(file.read_bytes()).hexdigest()}  {path}")
    comments = [line for line in lines if line.startswith("#")]
    files = sorted((line for line in lines if not line.startswith("#")), key=lambda line: line.split("  ")[1])
    manifest.write_text("\n".join([*comments, *files, ""]))
    ran = alone.run("--check", code=1)
    assert (
        ran.lines[0] == f"{COPY}/.speccast-manifest: edited: its digests differ from those of _vendored.json"
    )


@with_copy("--models", "fox")
def test_a_copy_that_is_behind_its_source_is_not_a_finding(desk: Desk) -> None:
    """The changes of models that were not copied do not count."""
    desk.change(desk.spec("owl"), "maximum: 50", "maximum: 40")
    desk.generate()
    assert desk.run("--check").lines == [f"{COPY}: all {len(desk.files())} files are untouched"]

    desk.change(desk.spec("fox"), "maximum: 50", "maximum: 40")
    desk.change(desk.spec("fox"), "The fox model", "A fox")
    desk.change(desk.maker / "specs/acme/api.yaml", "version: 1.2.0", "version: 1.3.0")
    desk.generate()
    assert desk.run("--check").lines[1:] == [
        f"{COPY}: behind ../maker/generated/acme/python: 1 breaking, 1 text; version 1.2.0 → 1.3.0"
        " (the changes need at least 2.0.0)"
    ]


@with_copy("--models", "fox,owl")
def test_a_removed_model_of_a_copy_is_a_change_of_its_source(desk: Desk) -> None:
    desk.spec("owl").unlink()
    desk.generate()
    assert "python: 1 breaking; version 1.2.0 → 1.2.0" in desk.run("--check").out


@with_copy("--models", "fox")
def test_a_source_that_cannot_be_read_is_not_a_finding(desk: Desk) -> None:
    (desk.made / "_specs.json").write_text("{", encoding="utf-8")
    ran = desk.run("--check")
    assert f"{COPY}: not compared with its source: " in ran.err
    desk.maker.rename(desk.folder / "moved")
    assert desk.run("--check").err == ""
