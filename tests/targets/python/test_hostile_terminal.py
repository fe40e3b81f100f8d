"""Every command prints text of specs without control characters."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from speccast.lint.reports import FORMATS
from tests.targets.support import EVERYTHING, as_yaml, benign, change_everywhere, unseen

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

HOSTILE = "\x1b[31m\x1b]0;title\x07\x9b2J\x08\x7f\x85\r\u202e\u2066\u200b\u2028\ufeff\x00"
"""Escapes for colors, titles, erased screens and lines, and marks that reorder or hide letters."""


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory, speccast: Callable[..., Any]) -> Path:
    """A generated project in which every field with free text has a hostile text."""
    folder = tmp_path_factory.mktemp("hostile")
    api = change_everywhere(HOSTILE)
    specs = folder / "specs" / "benign"
    specs.mkdir(parents=True)
    (specs / "api.yaml").write_text(as_yaml(api.api.value), encoding="utf-8")
    (specs / "everything.yaml").write_text(as_yaml(api.models[0].value), encoding="utf-8")
    speccast("generate", cwd=folder, code=0)
    return folder


def assert_harmless(ran: Any) -> None:
    assert not unseen(ran.out), ran.out
    assert not unseen(ran.err), ran.err


@pytest.mark.parametrize("words", [
    ("generate", "--check"),
    ("generate", "--dry-run"),
    ("explain", "generated/benign/python/benign_client/models/everything_named.py:40"),
    ("vendor", "--into", "src/copy"),
    ("vendor", "--into", "src/part", "--models", "everything"),
], ids=" ".join)  # fmt: skip
def test_commands_escape_text_of_specs(
    project: Path, speccast: Callable[..., Any], words: tuple[str, ...]
) -> None:
    assert_harmless(speccast(*words, cwd=project))


@pytest.mark.parametrize("report", FORMATS)
def test_lint_reports_escape_text_of_specs(project: Path, speccast: Callable[..., Any], report: str) -> None:
    ran = speccast("lint", "--format", report, cwd=project)
    assert ran.code in (0, 1)
    assert_harmless(ran)


@pytest.mark.parametrize("report", FORMATS)
@pytest.mark.parametrize("kind", ["keys", "types", "choices", "yaml"])
def test_errors_of_broken_specs_escape_their_text(
    tmp_path: Path, speccast: Callable[..., Any], report: str, kind: str
) -> None:
    specs = tmp_path / "specs" / "benign"
    specs.mkdir(parents=True)
    (specs / "api.yaml").write_bytes((EVERYTHING / "api.yaml").read_bytes())
    model = json.loads(json.dumps(benign().models[0].value))
    text = "" if kind != "yaml" else f'slug: "{HOSTILE[:6]}\n'
    for name, parameter in list(model["parameters"].items()):
        if kind == "keys":
            parameter[f"{HOSTILE}type"] = name
        elif kind == "types":
            parameter["minimum"] = HOSTILE
        elif kind == "choices":
            parameter["type"] = f"{HOSTILE}string"
            parameter["applies_when"] = {f"{HOSTILE}x": HOSTILE}
    (specs / "everything.yaml").write_text(text or as_yaml(model), encoding="utf-8")
    ran = speccast("lint", "--format", report, cwd=tmp_path, code=1)
    assert_harmless(ran)
    assert len(ran.out) > 100


@pytest.mark.parametrize("report", ["text", "json", "github"])
def test_diffs_escape_text_of_specs(project: Path, speccast: Callable[..., Any], report: str) -> None:
    file = project / "generated/benign/python/benign_client/_index.py"
    before = file.read_text(encoding="utf-8")
    file.write_text(f"# {HOSTILE}\n{before}", encoding="utf-8", newline="")
    try:
        ran = speccast("generate", "--check", "--diff", "--format", report, cwd=project, code=1)
    finally:
        file.write_text(before, encoding="utf-8")
    assert_harmless(ran)
    assert "title" in ran.out


@pytest.mark.parametrize("words", [
    ("--help",),
    ("everything-named", "--help"),
    ("everything-named", "--dry-run"),
    ("everything-named", "--set", "a=b"),
    ("no-such-model",),
], ids=" ".join)  # fmt: skip
def test_the_generated_command_escapes_text_of_specs(
    project: Path, run: Callable[..., Any], words: tuple[str, ...]
) -> None:
    environment = {"PYTHONPATH": str(project / "generated/benign/python")}
    ran = run([sys.executable, "-m", "benign_client", *words], cwd=project, env=environment)
    # A client also prints what an API answers, in any script; some need spaces without a width.
    assert set(unseen(ran.out + ran.err)) <= {"U+200B"}
    assert ran.out + ran.err


def test_the_emulator_escapes_text_of_specs(project: Path, environment: Mapping[str, str]) -> None:
    command = [sys.executable, "-m", "speccast", "serve", "--port", "0"]
    with subprocess.Popen(
        command, cwd=project, env=environment, stdout=subprocess.PIPE, encoding="utf-8"
    ) as process:
        try:
            assert process.stdout is not None
            lines: list[str] = []
            while "http://" not in "".join(lines[-1:]):  # what the linter warns of comes first
                lines.append(process.stdout.readline())
                assert lines[-1], lines
        finally:
            process.terminate()
    assert not unseen("".join(lines))
