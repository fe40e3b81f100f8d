"""The baseline ignores recorded findings, and never grows automatically."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Lint = Callable[..., Any]

MODEL = "speccast: 1\nslug: flux\ntitle: Flux\nsurfaces: [sync]\nreturns: [image/png]\nparameters:\n"
WRONG = "  a: { type: string, default: 5 }\n"
ODD = "  b: { type: integer, minimum: 2, default: 1 }\n"
FILE = "baseline.json"


@pytest.fixture
def lint(project: Path, speccast: Callable[..., Any]) -> Lint:
    def lint(*words: str, **options: Any) -> Any:
        return speccast("lint", "--baseline", FILE, *words, cwd=project, **options)

    return lint


@pytest.fixture
def spec(project: Path) -> Path:
    path = project / "specs" / "acme" / "flux.yaml"
    path.write_text(MODEL + WRONG + ODD)
    return path


def test_recorded_findings_are_ignored_even_if_lines_move(lint: Lint, spec: Path) -> None:
    lint("--write-baseline", code=0)
    spec.write_text("# a new line\n" + spec.read_text())

    assert lint(code=0).out == "The spec is fine.\n"


def test_new_findings_are_reported(lint: Lint, spec: Path) -> None:
    lint("--write-baseline", code=0)
    spec.write_text(spec.read_text() + WRONG.replace("a:", "c:"))

    done = lint(code=1)

    assert [line for line in done.lines if "error[" in line] == [done.lines[0]]
    assert "flux.yaml:9:31: error[P301]" in done.lines[0]


def test_it_has_rule_file_and_pointer_one_a_line(lint: Lint, spec: Path, project: Path) -> None:
    lint("--write-baseline", code=0)
    text = (project / FILE).read_text()

    assert json.loads(text)["findings"] == [
        {"rule": "P301", "path": "specs/acme/flux.yaml", "pointer": "/parameters/a/default"},
        {"rule": "P303", "path": "specs/acme/flux.yaml", "pointer": "/parameters/b/default"},
    ]
    assert sum('"rule"' in line for line in text.splitlines()) == 2


def test_stale_entries_fail_until_they_are_pruned(lint: Lint, spec: Path) -> None:
    lint("--write-baseline", code=0)
    spec.write_text(MODEL + ODD)

    stale = lint(code=1)
    pruned = lint("--prune-baseline", code=0)

    assert "P301 at /parameters/a/default: in the baseline, but no longer found" in stale.out
    assert "1 stale in the baseline" in stale.lines[-1]
    assert pruned.err == "baseline.json: 1 finding\n"
    lint(code=0)


def test_the_file_of_an_entry_that_is_gone_makes_it_stale(lint: Lint, spec: Path) -> None:
    other = spec.with_name("sana.yaml")
    other.write_text(spec.read_text().replace("flux", "sana"))
    lint("--write-baseline", code=0)
    other.unlink()

    assert "2 stale" in lint(code=1).lines[-1]


def test_entries_of_files_and_rules_that_were_not_asked_for_are_not_stale(
    lint: Lint, spec: Path, project: Path
) -> None:
    other = spec.with_name("sana.yaml")
    other.write_text(spec.read_text().replace("flux", "sana"))
    lint("--write-baseline", code=0)
    before = (project / FILE).read_text()
    spec.write_text(MODEL + "  a: { type: string }\n")

    lint("specs/acme/sana.yaml", code=0)
    lint("--select", "A", code=0)
    lint("--write-baseline", "specs/acme/sana.yaml", code=0)

    assert (project / FILE).read_text() == before


def test_it_is_not_written_in_ci(lint: Lint, spec: Path, project: Path) -> None:
    for option in ("--write-baseline", "--prune-baseline"):
        assert "a baseline cannot be written in CI" in lint(option, env={"CI": "true"}, code=2).err
    assert not (project / FILE).exists()
    lint("--write-baseline", code=0)
    lint(env={"CI": "true"}, code=0)


def test_rules_that_protect_generation_are_not_recorded(lint: Lint, spec: Path) -> None:
    spec.write_text(MODEL + "  a: { type: string, pattern: '(' }\n")

    ran = lint("--write-baseline", code=1)
    assert "error[P105]" in ran.out
    assert "0 findings; 1 cannot be in a baseline, since they stop generation" in ran.err
    assert "error[P105]" in lint(code=1).out


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"speccast-baseline": 2, "findings": []}', '{"speccast-baseline": 1, "findings": [1]}'])  # fmt: skip
def test_an_invalid_baseline_is_an_error(lint: Lint, spec: Path, project: Path, content: str) -> None:
    (project / FILE).write_text(content)

    assert "baseline.json:" in lint(code=2).err


def test_a_missing_baseline_is_an_error(lint: Lint, spec: Path) -> None:
    assert "the baseline does not exist" in lint(code=2).err


def test_the_configuration_can_name_it(spec: Path, project: Path, speccast: Callable[..., Any]) -> None:
    (project / "speccast.toml").write_text(f'[lint]\nbaseline = "{FILE}"\n')

    speccast("lint", "--write-baseline", cwd=project / "specs", code=0)

    assert (project / FILE).is_file()
    speccast("lint", cwd=project, code=0)


def test_writing_without_a_name_is_refused(spec: Path, project: Path, speccast: Callable[..., Any]) -> None:
    assert "--baseline FILE" in speccast("lint", "--write-baseline", cwd=project, code=2).err
