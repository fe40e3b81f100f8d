"""Fixes correct findings, keep comments and formatting, and change nothing the second time."""

from __future__ import annotations

import json
import stat
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from speccast.config import Project
from speccast.errors import SpeccastError
from speccast.lint import fixing
from speccast.lint.catalog import CATALOG, documentation
from speccast.lint.configuration import Configuration
from speccast.lint.linter import run_rules
from speccast.lint.session import LintOptions, run_lint
from speccast.specs.load import load
from speccast.specs.positions import LineIndex

if TYPE_CHECKING:
    from collections.abc import Callable

MODEL = "speccast: 1\nslug: flux\ntitle: Flux\nsurfaces: [sync]\nreturns: [image/png]\nparameters:\n"
BROKEN = sorted((Path(__file__).parents[1] / "specs" / "broken").glob("*.yaml"))


@pytest.fixture
def spec(project: Path) -> Path:
    return project / "specs" / "acme" / "flux.yaml"


@pytest.fixture
def fix(project: Path, speccast: Callable[..., Any]) -> Callable[..., Any]:
    def fix(*words: str, **options: Any) -> Any:
        return speccast("lint", *words, cwd=project, **options)

    return fix


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("  a: { type: string, requird: true }  # why\n", "  a: { type: string, required: true }  # why\n"),
        ("  a:   { type: string,  required: yes }\n", "  a:   { type: string,  required: true }\n"),
        ("  a: { type: string, required: 'True' }\n", "  a: { type: string, required: true }\n"),
        ("  a: { type: int }\n", "  a: { type: integer }\n"),
        ("  a: { type: [string, null] }\n", '  a: { type: [string, "null"] }\n'),
        ("  a: { type: string, description: 512 }\n", '  a: { type: string, description: "512" }\n'),
        ("  a: { type: integer, minimum: '5' }\n", "  a: { type: integer, minimum: 5 }\n"),
        ("  a: { type: string, default: 2024 }\n", '  a: { type: string, default: "2024" }\n'),
        ("  a: { type: string, enum: [x, 1e3, true] }\n", '  a: { type: string, enum: [x, "1e3", "true"] }\n'),
        ("  a: { type: number, enum: [1, 2, 1.0, 3] }\n", "  a: { type: number, enum: [1, 2, 3] }\n"),
        (
            "  a:\n    type: string\n    enum:\n      - x # the first\n      - y\n      - x\n      - z # the last\n",
            "  a:\n    type: string\n    enum:\n      - x # the first\n      - y\n      - z # the last\n",
        ),
        (
            "  image: { type: string, format: uri, description: Input image }\n",
            "  image: { type: string, format: uri, media: image, description: Input image }\n",
        ),
        (
            "  face:\n    type: string\n    description: URL or base64 of a photo\n",
            "  face:\n    type: string\n    media: image\n    forms: [url, base64]\n    description: URL or base64 of a photo\n",
        ),
        (
            "  clips:\n    type: array\n    items:\n      type: string\n      format: uri\n    description: Films\n",
            "  clips:\n    type: array\n    items:\n      type: string\n      format: uri\n      media: video\n    description: Films\n",
        ),
        (
            "  a: { type: string } # speccast: ignore[P203] odd\n",
            "  a: { type: string }\n",
        ),
        (
            "  # speccast: ignore[P203] odd\n  a: { type: string }\n",
            "  a: { type: string }\n",
        ),
        (
            "  a: { type: integer, minimum: 2, default: 1 } # speccast: ignore[P203, P303] odd\n",
            "  a: { type: integer, minimum: 2, default: 1 } # speccast: ignore[P303] odd\n",
        ),
    ],
)  # fmt: skip
def test_safe_fixes_change_nothing_else(fix: Callable[..., Any], spec: Path, before: str, after: str) -> None:
    spec.write_text(MODEL + before)

    fix("--fix", code=0)

    assert spec.read_text() == MODEL + after


@pytest.mark.parametrize(
    "text",
    [
        "  a:\n    type: string\n    enum:\n      - x\n      - x # a comment that would be lost\n",
        "  a: { type: string, default: &five 5, examples: [*five] }\n",
        "  a: { type: string, default: !!int 5 }\n",
        "  image:\n    type: string\n    format: uri # a comment that would move\n",
        "  mask: { type: string, description: White where it changes }\n",
        # What the page shows is evidence.
        "  a: { type: number, examples: ['0.5'] }\n",
        "  a: { type: integer }\nexample: { a: '5' }\n",
    ],
)
def test_ambiguous_findings_are_not_fixed(fix: Callable[..., Any], spec: Path, text: str) -> None:
    spec.write_text(MODEL + text)

    fix("--fix", "--fail-on", "never", code=0)

    assert spec.read_text() == MODEL + text


def test_unsafe_fixes_must_be_asked_for(fix: Callable[..., Any], spec: Path) -> None:
    inverted = (
        "  a: { type: integer, minimum: 10, maximum: 5 }\n  b: { type: integer, minimum: 7, multipleOf: 8 }\n"
    )
    spec.write_text(MODEL + inverted)

    safe = fix("--fix", code=1)
    assert spec.read_text() == MODEL + inverted
    assert safe.lines[-1] == "1 model, 1 error, 1 warning, 2 with --unsafe-fixes"
    fix("--unsafe-fixes", code=0)
    assert spec.read_text() == MODEL + (
        "  a: { type: integer, minimum: 5, maximum: 10 }\n  b: { type: integer, minimum: 8, multipleOf: 8 }\n"
    )


def test_a_diff_shows_the_fixes_and_writes_nothing(fix: Callable[..., Any], spec: Path) -> None:
    text = MODEL + "  a: { type: string, default: 5 }\n"
    spec.write_text(text)

    done = fix("--diff", code=1)

    assert done.lines[:2] == ["--- specs/acme/flux.yaml", "+++ specs/acme/flux.yaml"]
    assert '+  a: { type: string, default: "5" }' in done.lines
    assert spec.read_text() == text
    spec.write_text(MODEL + "  a: { type: string }\n")
    assert fix("--diff", code=0).out == ""


def test_a_diff_fails_for_errors_without_a_fix(fix: Callable[..., Any], spec: Path) -> None:
    spec.write_text(MODEL + "  a: { type: string, minimum: x, default: 5 }\n  b: { type: [] }\n")
    done = fix("--diff", code=1)
    assert '+  a: { type: string, minimum: x, default: "5" }' in done.lines or done.out == ""
    assert "no fix that was asked for; to see them, run speccast lint" in done.err
    report = json.loads(fix("--diff", "--format", "json", code=1).out)
    assert report["findings"]


def test_a_spec_that_changed_while_it_was_fixed_is_kept(
    project: Path, spec: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spec.write_text(MODEL + "  a: { type: string, default: 5 }\n")
    other = spec.with_name("sana.yaml")
    other.write_text(spec.read_text().replace("flux", "sana"))

    def write(fixes: fixing.AppliedFixes, cache: Path, really: Any = fixing.write) -> None:
        spec.write_text("saved meanwhile")
        really(fixes, cache)

    monkeypatch.setattr(fixing, "write", write)
    options = LintOptions(fix=True)
    with pytest.raises(SpeccastError, match=r"flux\.yaml: edited while it was being fixed") as error:
        run_lint(
            options,
            Project(project, project / "specs", project / "templates", project / "generated"),
            Configuration(),
        )
    assert error.value.hint == "run the command again"
    assert spec.read_text() == "saved meanwhile"
    assert '"5"' in other.read_text()


def test_a_killed_run_leaves_nothing_beside_the_specs(
    fix: Callable[..., Any], spec: Path, monkeypatch: pytest.MonkeyPatch, run: Callable[..., Any]
) -> None:
    spec.write_text(MODEL + "  a: { type: string, default: 5 }\n")
    script = (
        "import os, sys; from pathlib import Path; from speccast.cli import run\n"
        "Path.replace = lambda *_: os._exit(9)\n"
        "run(['lint', '--fix'])"
    )
    run([sys.executable, "-c", script], cwd=spec.parents[2], code=9)
    assert sorted(path.name for path in spec.parent.iterdir()) == ["api.yaml", "flux.yaml"]
    assert [
        path.name for path in (spec.parents[2] / ".speccast_cache").iterdir() if path.name == "fixed-spec"
    ]
    fix("--fix", code=0)
    assert not (spec.parents[2] / ".speccast_cache" / "fixed-spec").exists()


def test_a_spec_that_is_a_link_is_linted_and_fixed_like_any_other(
    fix: Callable[..., Any], spec: Path
) -> None:
    shared = spec.parents[2] / "shared.yaml"
    shared.write_text(MODEL + "  a: { type: string, default: 5 }\n")
    spec.symlink_to(shared)
    for words in ((), ("specs/acme/flux.yaml",), ("specs/acme",)):
        assert "specs/acme/flux.yaml:7" in fix(*words, code=1).out
    fix("--fix", code=0)
    assert spec.is_symlink()
    assert '"5"' in shared.read_text()


@pytest.mark.parametrize(
    "words", [("lint",), ("lint", "specs/acme/flux.yaml"), ("generate",), ("generate", "--check")]
)
def test_a_spec_that_is_a_link_out_of_the_project_is_an_error_of_every_command(
    project: Path, spec: Path, speccast: Callable[..., Any], words: tuple[str, ...]
) -> None:
    outside = project.parent / f"{project.name}-outside.yaml"
    outside.write_text("SECRET=1\n")
    spec.symlink_to(outside)
    done = speccast(*words, cwd=project, code=2)
    assert "specs/acme/flux.yaml: is a symbolic link that leads out of the project" in done.err
    assert "SECRET" not in done.out + done.err


def test_fixes_are_counted(fix: Callable[..., Any], spec: Path) -> None:
    spec.write_text(MODEL + "  a: { type: string, default: 5, requird: yes }\n")

    assert fix("--fix", code=0).out == "The spec is fine. 3 problems fixed.\n"


def test_only_the_selected_files_are_fixed(fix: Callable[..., Any], spec: Path) -> None:
    other = spec.with_name("sana.yaml")
    wrong = MODEL + "  a: { type: string, default: 5 }\n"
    spec.write_text(wrong)
    other.write_text(wrong.replace("flux", "sana"))

    fix("--fix", "specs/acme/sana.yaml", code=0)

    assert spec.read_text() == wrong
    assert '"5"' in other.read_text()


def test_line_ends_marks_and_modes_stay(fix: Callable[..., Any], spec: Path) -> None:
    text = "\ufeff" + (MODEL + "  a: { type: string, default: 5 } # 🦊\n").replace("\n", "\r\n")
    spec.write_bytes(text.encode())
    spec.chmod(0o640)

    fix("--fix", code=0)

    assert spec.read_bytes() == text.replace(" 5 ", ' "5" ').encode()
    assert stat.S_IMODE(spec.stat().st_mode) == 0o640
    assert sorted(path.name for path in spec.parent.iterdir()) == ["api.yaml", "flux.yaml"]


def test_all_line_breaks_end_lines() -> None:
    lines = LineIndex("a\r\nb\rc\nd")

    assert [lines.line(number) for number in range(6)] == ["", "a", "b", "c", "d", ""]


def fixed(project: Path, *, unsafe: bool) -> int:
    configuration = Configuration(select=("all",))
    place = Project(project, project / "specs", project / "templates", project / "generated")
    return run_lint(LintOptions(fix=True, unsafe=unsafe), place, configuration).report.fixed


@pytest.mark.parametrize("path", BROKEN, ids=lambda path: path.stem)
def test_fixing_twice_changes_nothing_and_leaves_no_more_errors(path: Path, project: Path) -> None:
    folder = project / "specs" / "acme"
    name = "api.yaml" if path.stem.startswith("api-") else "flux.yaml"
    (folder / "flux.yaml").write_text(MODEL)
    (folder / name).write_bytes(path.read_bytes())
    before = errors(project)

    for unsafe in (False, True):
        fixed(project, unsafe=unsafe)
        once = (folder / name).read_bytes()
        assert fixed(project, unsafe=unsafe) == 0
        assert (folder / name).read_bytes() == once
        assert b"# expect:" in once
    assert errors(project) <= before


def test_corpus_is_found() -> None:
    assert len(BROKEN) >= 150


def errors(project: Path) -> int:
    """Return how much the check finds. The rules see a spec only if it passes the check, and may find more."""
    found = run_rules(load(project / "specs", shown_from=project)).findings
    return sum(each.rule.startswith("S") for each in found)


def codes(project: Path) -> set[str]:
    return {each.rule for each in run_rules(load(project / "specs", shown_from=project)).findings}


@pytest.mark.parametrize(
    "code",
    [
        code
        for code, rule in CATALOG.items()
        if rule.fixable != "no" and code not in ("P306", "D101", "S301")
    ],  # S301 is opt-in, so that a plain run does not find it
)
def test_the_bad_example_of_a_rule_that_says_so_can_be_fixed(
    code: str, project: Path, lint_files: Callable[..., Any]
) -> None:
    lint_files({name or "flux.yaml": text for name, text in documentation(CATALOG[code]).bad.items()})
    assert code in codes(project)

    assert fixed(project, unsafe=CATALOG[code].fixable == "unsafe") >= 1

    assert code not in codes(project)


def test_rules_with_fixes_say_so(lint_files: Callable[..., Any]) -> None:
    for rule in CATALOG.values():
        for name, text in documentation(rule).bad.items():
            for finding in lint_files({name or "flux.yaml": text}):
                if finding.fix is not None:
                    assert CATALOG[finding.rule].fixable != "no", finding.rule
