"""Which rules run and what fails: --select, --ignore, --severity, --fail-on, the configuration, and standard input."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from speccast.findings import Severity
from speccast.lint.catalog import CATALOG
from speccast.lint.selection import choose

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable
    from pathlib import Path

    Lint = Callable[..., subprocess.CompletedProcess[str]]

MODEL = "speccast: 1\nslug: flux\ntitle: Flux\nsurfaces: [sync]\nreturns: [image/png]\nparameters:\n"
ODD = "  b: { type: integer, minimum: 2, default: 1 }\n"
OFF_STEP = "  c: { type: integer, maximum: 10, multipleOf: 8 }\n"


@pytest.fixture
def spec(project: Path) -> Path:
    path = project / "specs" / "acme" / "flux.yaml"
    path.write_text(MODEL + ODD + OFF_STEP)
    return path


def rules(done: subprocess.CompletedProcess[str]) -> list[str]:
    return [each["rule"] for each in json.loads(done.stdout)["findings"]]


@pytest.mark.parametrize(
    ("arguments", "found"),
    [
        ((), ["P303", "P203"]),
        (("--select", "P303"), ["P303"]),
        (("--select", "P2"), ["P203"]),
        (("--select", "bound-off-step"), ["P203"]),
        (("--select", "A1"), ["A111"]),
        (("--ignore", "P203"), ["P303"]),
        (("--ignore", "P"), []),
        (("--ignore", "P", "--select", "P203"), ["P203"]),
        (("--select", "P", "--ignore", "P2,P3"), []),
        (("--severity", "P303=off"), ["P203"]),
        (("--select", "D102"), ["D102", "D102"]),
        (("--select", "default, D102"), ["D102", "P303", "D102", "P203"]),
    ],
)
def test_rules_are_chosen_by_code_beginning_or_name(
    lint: Lint, spec: Path, arguments: tuple[str, ...], found: list[str]
) -> None:
    assert rules(lint("--format", "json", *arguments)) == found


def test_severity_is_the_users_affair(lint: Lint, spec: Path) -> None:
    raised = lint("--severity", "P303=error")
    lowered = lint("--severity", "P=info", "--info")

    assert (raised.returncode, lint().returncode, lowered.returncode) == (1, 0, 0)
    assert "error[P303]" in raised.stdout
    assert "info[P303]" in lowered.stdout


@pytest.mark.parametrize(("level", "code"), [("error", 0), ("warning", 1), ("info", 1), ("never", 0)])
def test_fail_on_says_what_fails(lint: Lint, spec: Path, level: str, code: int) -> None:
    assert lint("--fail-on", level).returncode == code


def test_nothing_fails_where_nothing_shall(lint: Lint, spec: Path) -> None:
    spec.write_text(MODEL + "  a: { type: string, default: 1 }\n")

    assert (lint().returncode, lint("--fail-on", "never").returncode) == (1, 0)


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (("--select", "P999"), "unknown rule 'P999'"),
        (("--ignore", "bound-of-step"), "did you mean P203 (bound-off-step)?"),
        (("--severity", "P303=fatal"), "unknown severity 'fatal'"),
        (("--severity", "P303"), "'P303' is not RULE=LEVEL"),
        (("--ignore", "S101"), "S101 (syntax) cannot be disabled"),
        (("--severity", "names-meet=warning"), "M202 (names-meet) always has the severity error"),
        (("--output", "xml=x"), "'xml=x' is not FORMAT=PATH"),
        (("--output", "json=-"), "to write to standard output, use --format json"),
        (("--today", "20.11.2026"), "'20.11.2026' is not a date"),
    ],
)
def test_invalid_options_are_refused(
    lint: Lint, spec: Path, arguments: tuple[str, ...], expected: str
) -> None:
    done = lint(*arguments)

    assert (done.returncode, done.stdout) == (2, "")
    assert expected in done.stderr


def test_rules_that_protect_generation_always_run() -> None:
    for code in choose(["P203"], ["P1", "M", "N", "A"]).codes - {"P203"}:
        assert CATALOG[code].needed


def test_the_more_exact_selector_counts() -> None:
    assert "D102" in choose(None, ["D"], [("D102", "warning")]).codes
    assert choose(None, (), [("P", "info"), ("P203", "error")]).severities["P203"] is Severity.ERROR
    assert choose(None, (), [("P203", "error"), ("P", "info")]).severities["P203"] is Severity.ERROR


def test_an_opt_in_rule_runs_where_it_is_asked_for() -> None:
    optional = [code for code, rule in CATALOG.items() if not rule.default]

    assert optional
    for code in optional:
        assert code not in choose().codes
        assert (
            code in choose([code]).codes & choose(["all"]).codes & choose(None, (), [(code, "error")]).codes
        )


@pytest.mark.parametrize("name", ["pyproject.toml", "speccast.toml"])
def test_configuration_says_the_same_as_the_command_line(
    lint: Lint, spec: Path, project: Path, name: str
) -> None:
    table = "[tool.speccast.lint]" if name == "pyproject.toml" else "[lint]"
    (project / name).write_text(
        f'{table}\nignore = ["P203"]\nseverity = {{ P303 = "error" }}\nfail-on = "never"\n'
    )

    done = lint()

    assert done.returncode == 0
    assert "error[P303]" in done.stdout
    assert "P203" not in done.stdout
    assert lint("--fail-on", "error").returncode == 1
    assert lint("--severity", "P303=warning", "--fail-on", "error").returncode == 0


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("ignored = []", "unknown key 'ignored'"),
        ('select = "P203"', 'select must be a list such as ["P203"]'),
        ('fail-on = "fatal"', "fail-on must be one of"),
        ('ignore = ["P999"]', "[tool.speccast.lint]: unknown rule 'P999'"),
        ('severity = { P303 = "fatal" }', "[tool.speccast.lint]: unknown severity 'fatal'"),
        ("severity = []", "severity must be a table"),
        ("baseline = 1", "baseline must be the path of a file"),
    ],
)
def test_an_invalid_configuration_is_reported(
    lint: Lint, spec: Path, project: Path, line: str, expected: str
) -> None:
    (project / "speccast.toml").write_text(f"[lint]\n{line}\n")

    done = lint()

    assert (done.returncode, done.stdout) == (2, "")
    assert expected in done.stderr


def test_generation_heeds_the_configuration(
    spec: Path, project: Path, speccast: Callable[..., object]
) -> None:
    (project / "speccast.toml").write_text('[lint]\nseverity = { P303 = "error" }\n')

    speccast("generate", cwd=project, code=1)


def test_standard_input_is_read_as_the_file_that_it_is_called(lint: Lint, spec: Path) -> None:
    done = lint("--stdin-filename", "specs/acme/flux.yaml", "--format", "json", stdin=MODEL + ODD)

    assert rules(done) == ["P303"]
    assert json.loads(done.stdout)["files"] == ["specs/acme/flux.yaml"]


def test_standard_input_may_be_a_file_that_is_not_there_yet(lint: Lint, spec: Path) -> None:
    done = lint("--stdin-filename", "specs/acme/sana.yaml", stdin=MODEL)

    assert done.returncode == 1
    assert "specs/acme/sana.yaml:2:7: error[M101] the slug `flux` is already used in" in done.stdout
    assert " 2 | slug: flux" in done.stdout
    assert not (spec.parent / "sana.yaml").exists()


@pytest.mark.parametrize("name", ["notes.md", "nowhere/flux.yaml", "flux.yaml"])
def test_standard_input_must_belong_to_an_api(lint: Lint, spec: Path, name: str) -> None:
    done = lint("--stdin-filename", name, stdin=MODEL)

    assert done.returncode in (1, 2)
    assert done.stdout.count("M103") == (done.returncode == 1)


def test_an_editor_may_run_anywhere(
    lint: Lint, spec: Path, project: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    (project / "speccast.toml").write_text('[lint]\nignore = ["P303"]\n')

    elsewhere = tmp_path_factory.mktemp("elsewhere")
    done = lint("--stdin-filename", str(spec), stdin=MODEL + ODD, cwd=elsewhere)

    assert done.stdout == "The spec is fine.\n"


def test_standard_input_is_not_written(lint: Lint, spec: Path) -> None:
    before = spec.read_text()
    stdin = MODEL + "  a: { type: string, default: 5 }\n"

    refused = lint("--stdin-filename", "specs/acme/flux.yaml", "--fix", stdin=stdin)
    shown = lint("--stdin-filename", "specs/acme/flux.yaml", "--diff", stdin=stdin)

    assert refused.returncode == 2
    assert shown.returncode == 1
    assert '+  a: { type: string, default: "5" }' in shown.stdout
    assert spec.read_text() == before
