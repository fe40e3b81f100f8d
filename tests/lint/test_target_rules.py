"""Rules of a target run only in projects that generate the target."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from speccast.lint.catalog import CATALOG
from speccast.lint.selection import choose

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

MODEL = "speccast: 1\nslug: run\ntitle: Run\nsurfaces: [sync]\nreturns: [image/png]\nparameters: {}\n"


def test_rules_of_a_target_are_selected_only_with_the_target() -> None:
    of_python = {code for code, rule in CATALOG.items() if rule.target == "python"}

    assert {"M202", "M203", "N101", "N106", "A109", "A110"} <= of_python
    assert of_python <= choose(["all"], targets=("openapi", "python")).codes
    assert not of_python & choose(["all"], targets=("openapi",)).codes
    assert choose(["all"], targets=("openapi",)).codes | of_python == CATALOG.keys()


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
