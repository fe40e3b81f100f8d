"""What users of a generated client wait for: its import, being ready to call, and every call.

All contestants run on the interpreter of the peers' environment and take turns, so that noise affects all of them equally.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

from tools.bench.generation import PEERS
from tools.bench.measure import Task, measure, print_table, ratios
from tools.bench.synthetic import write_specs

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tools.bench.figures import Figures

HERE = Path(__file__).parent
HTTPX2 = "httpx2 and a first Client()"
BARE = "bare interpreter"
READY = """
from synthetic_client import Synthetic
client = Synthetic("key", base_url="http://127.0.0.1:9")
try:
    client.model_0.generate(prompt=1)  # is refused, so nothing is sent
except ValueError:
    pass
else:
    raise SystemExit("nothing was checked")
"""
PEERS_READY = {
    "segmind, a first client": "import segmind; segmind.SegmindClient('key')",
    "openai, a first client": "import openai; openai.OpenAI(api_key='key')",
}


FIRST_CALLS = {
    "generated client": """
import sys
from synthetic_client import Synthetic
result = Synthetic("key", base_url=sys.argv[1]).model_0.generate(prompt="a red fox", width=1024, steps=25)
assert len(result.content) == 102_400
""",
    "segmind": """
import sys
from segmind import SegmindClient
client = SegmindClient("key", base_url=f"{sys.argv[1]}/v1")
assert len(client.run_sync("model-0", prompt="a red fox", width=1024, steps=25).content) == 102_400
""",
    "httpx2": """
import sys
import httpx2
body = {"prompt": "a red fox", "width": 1024, "steps": 25}
with httpx2.Client() as client:
    response = client.post(f"{sys.argv[1]}/v1/model-0", json=body, headers={"x-api-key": "key"})
assert len(response.content) == 102_400
""",
    "bare interpreter": "",
}
"""Programs that make a client, check and send one request, and read the response."""


def report(counts: tuple[int, ...], runs: int) -> Figures:
    """Print start-up with the fewest and the most models, and the cost of a call, beside what others use."""
    interpreter = PEERS / "bin" / "python"
    if not interpreter.exists():
        print("the peers are not installed; `make bench` does that", file=sys.stderr)
        return {}
    with tempfile.TemporaryDirectory(prefix="speccast-bench-") as folder:
        numbers = sorted({min(counts), max(counts)})
        packages = {number: generate_package(Path(folder) / str(number), number) for number in numbers}
        _report_start(interpreter, packages, runs=max(runs, 5) * 3)
        figures = _report_first_call(interpreter, packages[numbers[0]], runs=max(runs, 7) * 3)
        return figures | _report_calls(interpreter, packages[numbers[0]])


def _report_start(interpreter: Path, packages: Mapping[int, Path], runs: int) -> None:
    contestants = {BARE: ("pass", Path()), HTTPX2: ("import httpx2; httpx2.Client()", Path())}
    for count, package in packages.items():
        contestants[f"import, {count} models"] = ("import synthetic_client", package)
        contestants[f"ready to call, {count} models"] = (READY, package)
    contestants |= {name: (code, Path()) for name, code in PEERS_READY.items()}
    taken: dict[str, list[float]] = {name: [] for name in contestants}
    for run in range(runs + 1):
        for name, contestant in contestants.items():
            seconds = _seconds(interpreter, *contestant)
            if run:  # the first one compiles
                taken[name].append(seconds * 1e3)
    print(f"\nstart-up, whole process, over a bare interpreter and over httpx2, median of {runs}")
    for name in contestants:
        over = {other: _median_difference(taken[name], taken[other]) for other in (BARE, HTTPX2)}
        if name != BARE:
            print(f"  {name:<40} {over[BARE]:7.1f} ms {over[HTTPX2]:+7.1f} ms", flush=True)
    print(f"  (targets: import at most 20 ms, ready at most 80 ms over {HTTPX2})")


def _median_difference(these: list[float], those: list[float]) -> float:
    """Of what was measured in the same round, under the same load."""
    return median(this - that for this, that in zip(these, those, strict=True))


def _seconds(interpreter: Path, code: str, path: Path) -> float:
    started = time.perf_counter()
    subprocess.run([interpreter, "-c", code], env={"PYTHONPATH": str(path)}, check=True)
    return time.perf_counter() - started


def _report_first_call(interpreter: Path, package: Path, runs: int) -> Figures:
    with _answering() as url:
        tasks = {
            name: Task([interpreter, "-c", code, url], environment={"PYTHONPATH": str(package)})
            for name, code in FIRST_CALLS.items()
        }
        measure(tasks, 1)  # compiles
        found = measure(tasks, runs)
    print_table(f"first call: client made, checked, sent, read; median of {runs}", found, unit="segmind")
    print("  (target: at most 0.8 x segmind in CPU time)")
    return ratios("first call", found, "segmind")


@contextmanager
def _answering() -> Iterator[str]:
    """Run the server that answers at once, and return its address."""
    with subprocess.Popen(
        [sys.executable, HERE / "answering.py"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as server:
        assert server.stdout is not None
        yield server.stdout.readline().strip()


def _report_calls(interpreter: Path, package: Path) -> Figures:
    figures: Figures = {}
    with _answering() as url:
        ran = subprocess.run(
            [interpreter, HERE / "calls.py", url],
            env={"PYTHONPATH": str(package)},
            check=True,
            stdout=subprocess.PIPE,
            text=True,
        )
    titles = ("one by one", "64 in flight, asynchronous, per call")
    for title, line in zip(titles, ran.stdout.splitlines(), strict=True):
        print(f"\na call of 14 fields, 100 KB back, kept-alive loopback, {title}, median")
        rows: dict[str, tuple[float, float]] = json.loads(line)
        plain, plain_cpu = rows["httpx2"]
        for name, (wall, cpu) in rows.items():
            print(f"  {name:<40} {wall:7.0f} µs {wall / plain:6.2f} x", end="")
            print(f"   of the processor {cpu:7.0f} µs {cpu / plain_cpu:6.2f} x", flush=True)
            figures[f"call, {title}: {name} ÷ httpx2"] = cpu / plain_cpu
    print("  (target: at most 1.05 x httpx2)")
    return figures


def generate_package(project: Path, count: int) -> Path:
    """Generate the client of synthetic models, and return the folder from which it can be imported."""
    write_specs(project, count)
    subprocess.run(
        [sys.executable, "-m", "speccast", "generate", "--quiet"],
        cwd=project,
        check=True,
        capture_output=True,
    )
    return project / "generated" / "synthetic" / "python"
