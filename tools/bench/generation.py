"""Generation of N models, as maintainers run it, beside openapi-python-client and datamodel-code-generator."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from tools.bench.lint import PARSE, PARSING
from tools.bench.measure import Measured, Task, measure, print_table, ratios
from tools.bench.synthetic import write_openapi, write_spec, write_specs

if TYPE_CHECKING:
    from tools.bench.figures import Figures

PEERS = Path(__file__).parent / ".venv"
"""The peers' own environment, set up by `make bench` from requirements/bench.lock."""
CACHE_VARIABLE = "XDG_CACHE_HOME"
CLIENT = "openapi-python-client"
GENERATOR = "  parameter models' share of cold"
SHARE = """
import pathlib, resource, time
from speccast.config import find_project
from speccast.generation import read_specs
from speccast.targets.python.params import params_sources

models = read_specs(find_project(pathlib.Path.cwd())).apis[0].models
cpu, wall = time.process_time(), time.perf_counter()
params_sources(models)
print(
    time.process_time() - cpu,
    time.perf_counter() - wall,
    resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
)
"""


def report(counts: tuple[int, ...], runs: int) -> Figures:
    """Print a table for each number of models."""
    figures: Figures = {}
    for count in counts:
        with tempfile.TemporaryDirectory(prefix="speccast-bench-") as name:
            folder = Path(name)
            os.environ[CACHE_VARIABLE] = f"{name}/cache"  # not the cache of the person who measures
            write_specs(folder, count)
            rows = measure(_own_tasks(folder) | _peer_tasks(folder), runs)
            rows[GENERATOR] = _own_share(folder, runs)
        print_table(
            f"generation of {count} models of 14 parameters, whole process, median of {runs}",
            rows,
            CLIENT if CLIENT in rows else PARSING,
        )
        figures |= ratios(f"generation, {count} models", rows, CLIENT, PARSING)
    return figures


def _own_tasks(project: Path) -> dict[str, Task]:
    generate = [sys.executable, "-m", "speccast", "generate", "--quiet"]
    check = [sys.executable, "-m", "speccast", "generate", "--check"]
    changes = iter(range(100_000, 200_000))

    def remove_cache() -> None:
        shutil.rmtree(os.environ[CACHE_VARIABLE], ignore_errors=True)

    def remove_output_and_cache() -> None:
        shutil.rmtree(project / "generated", ignore_errors=True)
        remove_cache()

    return {
        PARSING: Task([sys.executable, "-c", PARSE], project),
        "speccast, cold": Task(generate, project, remove_output_and_cache),
        "speccast, one spec changed": Task(
            generate, project, lambda: write_spec(project, 0, steps=next(changes))
        ),
        "speccast, nothing changed": Task(generate, project),
        "speccast, --check": Task(check, project),
        "speccast, --check, cold": Task(check, project, remove_cache),
    }


def _own_share(project: Path, runs: int) -> Measured:
    """Return datamodel-code-generator's share of a cold run, in one process."""
    shares = []
    for _ in range(runs):
        ran = subprocess.run(
            [sys.executable, "-c", SHARE], cwd=project, capture_output=True, text=True, check=True
        )
        cpu, wall, mebibytes = map(float, ran.stdout.split())
        shares.append(Measured(cpu, wall, mebibytes))
    return Measured.median(shares)


def client_command(document: Path) -> list[str | Path]:
    """Return the command with which openapi-python-client writes the folder `client`."""
    program = PEERS / "bin" / CLIENT
    return [program, "generate", "--path", document, "--output-path", "client", "--overwrite"]


def _peer_tasks(project: Path) -> dict[str, Task]:
    tools = PEERS / "bin"
    if not tools.is_dir():
        print("the peers are not installed; to fix: make bench", file=sys.stderr)
        return {}
    document = write_openapi(project)
    path = {"PATH": f"{tools}:/usr/bin:/bin"}
    models: list[str | Path] = [
        tools / "datamodel-codegen", "--input", document, "--input-file-type", "openapi", "--output", "models.py",
        "--output-model-type", "pydantic_v2.BaseModel", "--formatters", "ruff-check", "ruff-format",
    ]  # fmt: skip
    return {
        CLIENT: Task(client_command(document), project, environment=path),
        "datamodel-code-generator, ruff": Task(models, project, environment=path),
    }
