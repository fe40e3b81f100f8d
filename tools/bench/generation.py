"""How long maintainers wait: generation of N models, beside openapi-python-client and datamodel-code-generator."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median

from tools.bench.measure import Measured, measure, print_table
from tools.bench.synthetic import write_openapi, write_spec, write_specs

PEERS = Path(__file__).parent / ".venv"
"""The peers' own environment, set up by `make bench` from requirements/bench.lock."""
CLIENT = "openapi-python-client"
GENERATOR = "  datamodel-code-generator's share of cold"
SHARE = """
import pathlib, resource, time
from speccast.config import find_project
from speccast.generation import read_specs
from speccast.generation.walk import CHUNK
from speccast.targets.python.params import _generate, _Schemas

models = read_specs(find_project(pathlib.Path.cwd())).apis[0].models
schemas = [_Schemas(model) for model in models]
started = time.perf_counter()
for start in range(0, len(schemas), CHUNK):
    _generate(schemas[start : start + CHUNK])
print(time.perf_counter() - started, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
"""


def report(counts: tuple[int, ...], runs: int) -> None:
    """Print a table for each number of models."""
    for count in counts:
        with tempfile.TemporaryDirectory(prefix="speccast-bench-") as folder:
            rows = _ours(Path(folder), count, runs) | _peers(Path(folder), runs)
        print_table(
            f"generation of {count} models of 14 parameters, whole process, median of {runs}", rows, CLIENT
        )


def _ours(project: Path, count: int, runs: int) -> dict[str, Measured]:
    write_specs(project, count)
    generate = [sys.executable, "-m", "speccast", "generate"]

    def forget() -> None:
        shutil.rmtree(project / "generated", ignore_errors=True)
        shutil.rmtree(project / ".speccast_cache", ignore_errors=True)

    changes = iter(range(100_000, 200_000))
    return {
        "speccast, cold": measure([*generate, "--quiet"], cwd=project, runs=runs, before=forget),
        "speccast, one spec changed": measure(
            [*generate, "--quiet"],
            cwd=project,
            runs=runs,
            before=lambda: write_spec(project, 0, steps=next(changes)),
        ),
        "speccast, nothing changed": measure([*generate, "--quiet"], cwd=project, runs=runs),
        "speccast, --check": measure([*generate, "--check"], cwd=project, runs=runs),
        "speccast, --check, cold": measure(
            [*generate, "--check"],
            cwd=project,
            runs=runs,
            before=lambda: shutil.rmtree(project / ".speccast_cache", ignore_errors=True),
        ),
        GENERATOR: _own_share(project, runs),
    }


def _own_share(project: Path, runs: int) -> Measured:
    """What datamodel-code-generator takes of a cold run, in the one process that it is given here."""
    shares = []
    for _ in range(runs):
        ran = subprocess.run(
            [sys.executable, "-c", SHARE], cwd=project, capture_output=True, text=True, check=True
        )
        seconds, mebibytes = ran.stdout.split()
        shares.append(Measured(float(seconds), float(mebibytes)))
    return Measured(median(share.seconds for share in shares), median(share.mebibytes for share in shares))


def _peers(project: Path, runs: int) -> dict[str, Measured]:
    tools = PEERS / "bin"
    if not tools.is_dir():
        print("the peers are not installed; `make bench` does that", file=sys.stderr)
        return {}
    document = write_openapi(project)
    path = {"PATH": f"{tools}:/usr/bin:/bin"}
    client: list[str | Path] = [
        tools / "openapi-python-client",
        "generate",
        "--path",
        document,
        "--output-path",
        "client",
        "--overwrite",
    ]
    models: list[str | Path] = [
        tools / "datamodel-codegen", "--input", document, "--input-file-type", "openapi", "--output", "models.py",
        "--output-model-type", "pydantic_v2.BaseModel", "--formatters", "ruff-check", "ruff-format",
    ]  # fmt: skip
    return {
        CLIENT: measure(client, cwd=project, runs=runs, environment=path),
        "datamodel-code-generator, ruff": measure(models, cwd=project, runs=runs, environment=path),
    }
