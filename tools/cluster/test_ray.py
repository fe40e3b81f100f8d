"""Batches on a cluster of Ray whose nodes, actors and drivers are killed, while requests fail in all ways."""

from __future__ import annotations

import base64
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tools.batches.kills import FAULTS

pytestmark = pytest.mark.timeout(1800)
MODELS = {"sync": "sd2.1-txt2img", "async": "stable-diffusion-3-large-txt2img"}
PROGRAM = Path(__file__).with_name("program.py")
PICTURE = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
_BEFORE_WORK = r"status=.*|reset(;.*)?"
SHARDS, PER_SHARD = 16, 2


class Program:
    """A driver in a process, and the folder of its batch."""

    def __init__(
        self, nodes: Any, api: Any, folder: Path, rows: list[dict[str, Any]], **options: Any
    ) -> None:
        self.out, self._results, self._log = folder / "out", folder / "results.json", folder / "log.txt"
        file = folder / "rows.json"
        file.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
        given = json.dumps({"model": MODELS["sync"], **options})
        self._command = [
            sys.executable,
            PROGRAM,
            nodes.address,
            api.url,
            file,
            self.out,
            self._results,
            given,
        ]
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> subprocess.Popen[bytes]:
        with self._log.open("w") as log:
            self._process = subprocess.Popen(self._command, stdout=log, stderr=log)
        return self._process

    def results(self) -> list[dict[str, Any]]:
        """Wait for the end, and return the results."""
        code = (self._process or self.start()).wait(900)
        self._process = None
        assert code == 0, self._log.read_text()[-5000:]
        return [json.loads(line) for line in self._results.read_text(encoding="utf-8").splitlines()]

    def holders(self) -> dict[int, list[Path]]:
        """Return the shards that each actor makes now, by its process."""
        found: dict[int, list[Path]] = {}
        for lock in self.out.glob("*/journal.lock"):
            process = re.match(r"process (\d+) ", lock.read_text())
            if process is not None and Path("/proc", process[1]).exists():
                found.setdefault(int(process[1]), []).append(lock.parent)
        return found


def wait_for(api: Any, requests: int) -> None:
    until = time.monotonic() + 600
    while count_paid(api) < requests:
        assert time.monotonic() < until
        time.sleep(0.5)


def rows(number: int) -> list[dict[str, Any]]:
    return [{"key": f"k{each}", "prompt": f"fox {each}"} for each in range(number)]


def count_paid(api: Any) -> int:
    """Return how many requests were sent that may cost."""
    return sum(entry.surface in ("sync", "submit") for entry in api.journal())


def check(results: list[dict[str, Any]], api: Any, number: int, *, in_flight: int) -> None:
    """Compare the results with what the API has accepted, and with the files."""
    accepted: Counter[str] = Counter()
    for entry in api.journal():
        is_paid = entry.surface in ("sync", "submit") and entry.body
        if is_paid and not any(re.fullmatch(_BEFORE_WORK, fault) for fault in entry.faults):
            accepted[entry.body["prompt"]] += 1
    assert len(results) == number
    assert {result["key"] for result in results} == {f"k{each}" for each in range(number)}
    assert {result["state"] for result in results} <= {"done", "failed", "unknown"}
    for result in results:
        times = accepted[f"fox {result['key'][1:]}"]
        assert times <= 1, (result, times)
        if result["state"] == "done":
            assert times == 1, result
            (path,) = map(Path, result["paths"])
            assert path.read_bytes()[-2:] == b"\xff\xd9"
        if result["state"] == "failed" and result["reason"] != "job_failed":
            assert times == 0, result
    assert [result["reason"] for result in results].count("interrupted") <= in_flight


def check_rate(api: Any, requests: int, seconds: float) -> None:
    times = sorted(request.time for request in api.journal())
    assert all(later - first > seconds for first, later in zip(times, times[requests:], strict=False))


@pytest.mark.parametrize("api", [FAULTS["sync"]], ids=["faults"], indirect=True)
def test_a_killed_node(nodes: Any, second_node: Any, api: Any, tmp_path: Path) -> None:
    number = 10_000
    program = Program(nodes, api, tmp_path, rows(number), rate="480/s", concurrency=SHARDS * PER_SHARD)
    program.start()
    wait_for(api, number // 3)
    before = program.holders()
    nodes.remove_node(second_node, allow_graceful=False)
    results = program.results()
    killed = [process for process in before if not Path("/proc", str(process)).exists()]
    assert len(before) == 2
    assert len(killed) >= 1
    check(results, api, number, in_flight=2 * PER_SHARD * SHARDS)
    check_rate(api, 480, 1.0)
    requests = len(api.journal())
    assert sorted(map(str, program.results())) == sorted(map(str, results))
    assert len(api.journal()) == requests


@pytest.mark.parametrize(("surface", "api"), FAULTS.items(), ids=FAULTS.keys(), indirect=["api"])
def test_a_killed_actor(surface: str, nodes: Any, second_node: Any, api: Any, tmp_path: Path) -> None:
    number = 2000
    options = {"model": MODELS[surface], "surface": surface, "concurrency": SHARDS * PER_SHARD}
    program = Program(nodes, api, tmp_path, rows(number), **options)
    program.start()
    for part in (number // 4, number // 2):
        wait_for(api, part)
        os.kill(next(iter(program.holders())), signal.SIGKILL)
    check(program.results(), api, number, in_flight=2 * 2 * PER_SHARD * SHARDS)


@pytest.mark.parametrize("api", [FAULTS["sync"]], ids=["faults"], indirect=True)
def test_a_killed_driver(nodes: Any, api: Any, tmp_path: Path) -> None:
    number = 2000
    program = Program(nodes, api, tmp_path, rows(number), concurrency=SHARDS * PER_SHARD)
    process = program.start()
    wait_for(api, number // 2)
    process.kill()
    process.wait()
    program.start()
    check(program.results(), api, number, in_flight=2 * PER_SHARD * SHARDS)


def test_the_rate_of_all_actors(nodes: Any, second_node: Any, api: Any, tmp_path: Path) -> None:
    program = Program(nodes, api, tmp_path, rows(200), rate="32/2s")
    program.start()
    wait_for(api, 80)
    os.kill(next(iter(program.holders())), signal.SIGKILL)
    check(program.results(), api, 200, in_flight=32)
    check_rate(api, 32, 2.0)


def test_a_bad_row_is_a_result(nodes: Any, api: Any, tmp_path: Path) -> None:
    given = [*rows(20), {"key": "bad", "prompt": "fox", "samples": 5000}]
    found = {result["key"]: result for result in Program(nodes, api, tmp_path, given).results()}
    assert len(found) == 21
    assert found["bad"]["reason"] == "invalid"
    assert found["bad"]["error"].startswith("samples=5000: must be ")
    assert Counter(result["state"] for result in found.values()) == {"done": 20, "failed": 1}


def test_files_at_urls(nodes: Any, api: Any, tmp_path: Path) -> None:
    inputs, outputs = tmp_path / "inputs", tmp_path / "outputs"
    inputs.mkdir()
    (inputs / "fox.png").write_bytes(PICTURE)
    given = [
        {"key": f"k{each}", "prompt": f"fox {each}", "image": f"file://{inputs}/fox.png"} for each in range(4)
    ]
    given += [{"key": "missing", "prompt": "fox", "image": "wolf.png"}]
    options = {
        "model": "sd3-med-img2img",
        "inputs": f"file://{inputs}",
        "upload": f"file://{outputs}",
        "shards": 2,
    }
    program = Program(nodes, api, tmp_path, given, **options)
    found = {result["key"]: result for result in program.results()}
    assert found.pop("missing")["error"].startswith(f"cannot read file://{inputs}/wolf.png: ")
    assert {result["state"] for result in found.values()} == {"done"}
    for result in found.values():
        (url,) = result["paths"]
        assert url.startswith(f"file://{outputs}/shard-")
        assert Path(url.removeprefix("file://")).read_bytes()[-2:] == b"\xff\xd9"
    sent = [request.body["image"] for request in api.journal()]
    assert [image.partition(",")[0] for image in sent] == ["data:image/png;base64"] * 4
    assert {path.stat().st_size for path in program.out.glob("*/*.jpg")} == {0}
    again = {result["key"]: result for result in program.results()}
    assert {key: again[key] for key in found} == found
    assert len(api.journal()) == 4
