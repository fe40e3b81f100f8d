"""The text of the manifest: deterministic, and readable after conflicts and damage."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest

from speccast.publish.manifest import MANIFEST, manifest_text, parse_manifest

if TYPE_CHECKING:
    from tests.publish.conftest import Project

A, B, C = "a" * 64, "b" * 64, "c" * 64


def test_a_manifest_is_parsed_as_it_was_written() -> None:
    files = {"a b.py": A, "é%.py": B, "z\n\\\u202e.py": C, "100%25.py": A}
    text = manifest_text(files, {"ruff": "1", "black": "2"}, "make generate")
    assert text.isascii()
    assert text.count(b"\n") == 4 + len(files)
    expected = {path: (digest,) for path, digest in files.items() if path.isprintable()}
    assert dict(parse_manifest(text).files) == expected
    assert parse_manifest(text).versions == {"ruff": "1", "black": "2"}


def test_inputs_are_parsed_as_they_were_written() -> None:
    inputs = {"specs/a b.yaml": "0" * 16, "templates/python/é.jinja": "f" * 16}
    text = manifest_text({"a": A}, {}, "make generate", inputs)
    assert parse_manifest(text).inputs == inputs
    assert dict(parse_manifest(text).files) == {"a": (A,)}
    assert text.isascii()


def test_lines_are_sorted_by_path() -> None:
    lines = manifest_text({"b": A, "a/z": B, "a": C}, {}, "make generate").decode().splitlines()
    assert lines[2:] == [f"{C}  a", f"{B}  a/z", f"{A}  b"]


def test_sha256sum_can_check_a_manifest(project: Project) -> None:
    project.publish({"README.md": "read me\n", "acme/a file.py": "A = 1\n"})
    command = ["sha256sum", "--check", "--strict", MANIFEST]
    assert (
        subprocess.run(command, cwd=project.root, check=True, capture_output=True).stdout.count(b": OK") == 2
    )


def test_both_sides_of_a_conflict_are_parsed() -> None:
    text = f"# ruff: 1\n{A}  a\n<<<<<<< ours\n# black: 1\n{A}  b\n=======\n# black: 2\n{B}  b\n{C}  c\n>>>>>>> theirs\n"
    manifest = parse_manifest(text.encode())
    assert dict(manifest.files) == {"a": (A,), "b": (A, B), "c": (C,)}
    assert manifest.versions == {}, "two versions of one tool are as good as none"


@pytest.mark.parametrize(
    "line",
    [
        f"{A}  ../outside",
        f"{A}  /etc/passwd",
        f"{A}  a/../../outside",
        f"{A}  C:/windows",
        f"{A}  a\\b",
        f"{A}  .git/hooks/pre-commit",
        f"{A}  {MANIFEST}",
        f"{A}  a%2F..%2F..%2Foutside",
        f"{A}  %2e%2e/outside",
        f"{A}  a%00",
        f"{A}  %ff",
        f"{A} one-space",
        f"{A[:-1]}  short",
        f"{A.upper()}  upper-case",
        "",
        "\0\xff",
    ],
)
def test_an_invalid_line_is_ignored(line: str) -> None:
    assert dict(parse_manifest(f"{line}\n{B}  b\n".encode("latin-1")).files) == {"b": (B,)}


def test_a_truncated_last_line_is_ignored() -> None:
    assert dict(parse_manifest(f"{A}  a.py\n{B}  b.py".encode()).files) == {"a.py": (A,)}


@pytest.mark.parametrize("damage", ["conflict", "truncated", "garbage", "gone"])
def test_a_damaged_manifest_is_rebuilt(project: Project, damage: str) -> None:
    wanted = {f"{name}.py": f"{name.upper()} = 1\n" for name in "abcdef"}
    project.publish(wanted)
    whole = project.manifest.read_bytes()
    lines = whole.splitlines(keepends=True)
    damaged = {
        "conflict": b"".join(
            [*lines[:7], b"<<<<<<< ours\n", lines[7], b"=======\n", *lines[8:], b">>>>>>> x\n"]
        ),
        "truncated": whole[:-100],
        "garbage": b"\0\xff\xfe" * 50,
    }
    if damage in damaged:
        project.manifest.write_bytes(damaged[damage])
    else:
        project.manifest.unlink()
    plan = project.publish(wanted)
    assert plan.drift
    assert not plan.kept
    assert project.manifest.read_bytes() == whole


def test_files_of_both_sides_of_a_conflict_are_owned(project: Project) -> None:
    project.publish({"a.py": "A = 1\n", "b.py": "B = 1\n"})
    ours = project.manifest.read_text()
    project.publish({"a.py": "A = 2\n", "c.py": "C = 1\n"})
    theirs = project.manifest.read_text()
    (project.root / "b.py").write_text("B = 1\n")
    project.manifest.write_text(f"<<<<<<< ours\n{ours}=======\n{theirs}>>>>>>> theirs\n")
    for content in ("A = 1\n", "A = 2\n"):
        (project.root / "a.py").write_text(content)
        assert project.state(project.plan({"a.py": "A = 3\n"}), "a.py") == ("stale", "write")
    project.publish({"a.py": "A = 3\n"})
    assert project.files() == {"a.py": "A = 3\n"}
