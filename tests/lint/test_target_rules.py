"""Rules of a target run only in projects that generate the target."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

from speccast.config import Project
from speccast.errors import SpeccastError
from speccast.findings import Severity
from speccast.lint.catalog import _BY_NAME, CATALOG, GROUP, _added, documentation
from speccast.lint.configuration import configuration
from speccast.lint.reports import FORMATS
from speccast.lint.selection import choose
from speccast.lint.session import LintOptions, run_lint

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

MODEL = "speccast: 1\nslug: run\ntitle: Run\nsurfaces: [sync]\nreturns: [image/png]\nparameters: {}\n"


def test_rules_of_a_target_are_selected_only_with_the_target() -> None:
    of_python = {code for code, rule in CATALOG.items() if rule.target == "python"}

    assert {"M202", "M203", "N101", "N106", "A109", "A110"} <= of_python
    assert of_python <= choose(["all"], targets=("openapi", "python")).codes
    assert not of_python & choose(["all"], targets=("openapi",)).codes
    assert choose(["all"], targets=("openapi",)).codes | of_python == CATALOG.keys()


def test_rules_that_report_no_errors_can_be_left_out() -> None:
    warnings = (rule for rule in CATALOG.values() if rule.severity is Severity.WARNING and not rule.needed)
    first, second = next(warnings).code, next(warnings).code
    errors = choose(["all"], severities=[(first, "error")]).errors()
    assert first in errors.codes
    assert second not in errors.codes
    assert all(errors.severity(code, CATALOG[code].severity) is Severity.ERROR for code in errors.codes)
    assert errors.codes >= {code for code, rule in CATALOG.items() if rule.severity is Severity.ERROR}


def test_a_project_without_python_may_use_names_that_python_reserves(
    project: Path, speccast: Callable[..., Any]
) -> None:
    (project / "specs" / "acme" / "run.yaml").write_text(MODEL)
    configuration = project / "speccast.toml"

    configuration.write_text('targets = ["python"]\n')
    assert "error[M203] run cannot be" in speccast("lint", cwd=project, code=1).out
    speccast("generate", cwd=project, code=1)
    configuration.write_text('targets = ["openapi"]\n')
    assert speccast("lint", cwd=project).out == "The spec is fine.\n"
    speccast("generate", cwd=project)
    configuration.write_text('targets = ["openapi", "python"]\n')
    speccast("generate", cwd=project, code=1)


RULES = """'''Rules of a sheet.

T101 sheet-title

    A title must fit on the sheet.
'''
from speccast.findings import Severity
from speccast.lint.rule import RuleViolation, model_rule


@model_rule("{code}", Severity.ERROR, "a title that is too long")
def sheet_title(context):
    if len(context.model.title) > 5:
        yield RuleViolation(context.value("title"), "the title is too long", "shorten it")


RULES = [sheet_title]
"""


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str, str], None]]:
    """Install a distribution that brings the rules of the target `sheet`."""
    catalog, names = dict(CATALOG), dict(_BY_NAME)

    def install(package: str, rules: str) -> None:
        metadata = tmp_path / "site" / f"{package}-1.dist-info"
        metadata.mkdir(parents=True)
        (metadata / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {package}\nVersion: 1\n")
        (metadata / "entry_points.txt").write_text(f"[{GROUP}]\nsheet = {package}:RULES\n")
        (tmp_path / "site" / f"{package}.py").write_text(rules)
        monkeypatch.syspath_prepend(tmp_path / "site")

    yield install
    _added.discard("sheet")
    for known, before in ((CATALOG, catalog), (_BY_NAME, names)):
        known.clear()
        known.update(before)


def test_another_distribution_brings_rules_for_its_target(
    project: Path, install: Callable[[str, str], None]
) -> None:
    install("sheet_rules", RULES.replace("{code}", "T101"))
    (project / "specs" / "acme" / "run.yaml").write_text(MODEL.replace("Run", "A long title"))
    place = Project(project, project / "specs", project / "templates", project / "generated")

    run = run_lint(LintOptions(), place, configuration({}, ("sheet",))).report
    assert [(each.rule, each.line, each.help) for each in run.findings] == [("T101", 3, "shorten it")]
    assert documentation(CATALOG["T101"]).prose == "A title must fit on the sheet."
    assert all("T101" in report(run) for report in FORMATS.values())
    assert not run_lint(LintOptions(), place, configuration({}, ("openapi",))).report.findings


@pytest.mark.parametrize(
    ("package", "rules", "message"),
    [
        ("sheet_code", RULES.replace("{code}", "P101"), "is not a rule with a code such as T101"),
        ("sheet_text", "RULES = ['T101']\n", "is not a rule with a code such as T101"),
        ("sheet_error", "import no_such_module\n", "sheet_error:RULES: ModuleNotFoundError"),
    ],
)
def test_a_broken_distribution_of_rules_is_an_error(
    install: Callable[[str, str], None], package: str, rules: str, message: str
) -> None:
    install(package, rules)
    with pytest.raises(SpeccastError, match=re.escape(message)):
        configuration({}, ("sheet",))
