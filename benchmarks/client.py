"""What users of a generated client wait for: importing it, making it ready, and a call, beside httpx2 itself."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

from benchmarks.synthetic import write_specs
from specwright.emulator.server import running
from specwright.spec.bundle import read_bundle

READY = """
from synthetic_client import Synthetic
client = Synthetic("key", base_url="http://127.0.0.1:9", max_retries=0)
try:
    client.model_0.generate(prompt=1)
except ValueError:
    pass
"""
CALL = """
import sys, time
from statistics import median
{prepare}
def call(): {call}
for _ in range(50): call()
times = []
for _ in range(300):
    start = time.perf_counter(); call(); times.append(time.perf_counter() - start)
print(median(times) * 1e6)
"""
RAW = CALL.format(
    prepare="import httpx2; client = httpx2.Client(); url = sys.argv[1] + '/v1/model-0'",
    call="client.post(url, json={'prompt': 'a red fox', 'steps': 25}, headers={'x-api-key': 'key'}).content",
)
OURS = CALL.format(
    prepare="from synthetic_client import Synthetic; client = Synthetic('key', base_url=sys.argv[1])",
    call="client.model_0.generate(prompt='a red fox', steps=25).content",
)


def report(counts: tuple[int, ...], runs: int) -> None:
    """Print start-up with few and with many models, and the cost of a call."""
    print("\nclient, over a bare interpreter (ms), median")
    bare = _seconds("pass", Path(), runs)
    raw = _seconds("import httpx2; httpx2.Client()", Path(), runs)
    print(f"  {'httpx2 and a first Client()':<40} {(raw - bare) * 1e3:7.1f}")
    with tempfile.TemporaryDirectory(prefix="specwright-bench-") as folder:
        for count in counts:
            package = _package(Path(folder) / str(count), count)
            imported = _seconds("import synthetic_client", package, runs)
            ready = _seconds(READY, package, runs)
            print(f"  {f'import, {count} models':<40} {(imported - bare) * 1e3:7.1f}")
            print(f"  {f'ready to call, {count} models':<40} {(ready - bare) * 1e3:7.1f}")
        bundle = read_bundle(package / "synthetic_client" / "_specs.json")
        with running(bundle) as url:
            plain, ours = _microseconds(RAW, package, url), _microseconds(OURS, package, url)
    print("\na call on a kept-alive loopback connection (µs), median of 300")
    print(f"  {'httpx2':<40} {plain:7.0f}    1.00 x")
    print(f"  {'generated client':<40} {ours:7.0f}   {ours / plain:5.2f} x")


def _package(project: Path, count: int) -> Path:
    write_specs(project, count)
    subprocess.run(
        [sys.executable, "-m", "specwright", "generate", "--quiet"],
        cwd=project,
        check=True,
        capture_output=True,
    )
    return project / "generated" / "synthetic" / "python"


def _seconds(code: str, path: Path, runs: int) -> float:
    command = [sys.executable, "-c", code]
    times = []
    for _ in range(max(runs, 5) * 3):
        started = time.perf_counter()
        subprocess.run(command, env={"PYTHONPATH": str(path)}, check=True)
        times.append(time.perf_counter() - started)
    return median(times)


def _microseconds(code: str, path: Path, url: str) -> float:
    ran = subprocess.run(
        [sys.executable, "-c", code, url],
        env={"PYTHONPATH": str(path)},
        check=True,
        capture_output=True,
        text=True,
    )
    return float(ran.stdout)
