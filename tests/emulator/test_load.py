"""Ten thousand requests with 64 in flight, a tenth of them failing: none is lost, mixed up or leaked."""

from __future__ import annotations

import asyncio
import collections
import json
import re
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx2
import pytest

from speccast.specs.bundle import bundle_text
from tests.thorough import cases

if TYPE_CHECKING:
    from collections.abc import Callable

JOBS = cases(500, 1500)
"""Jobs in each of two rounds. A job takes three requests, or nearly 3.4 with failures."""

IN_FLIGHT = 64
FAULTS = ["status=503;p=0.05", "reset;p=0.02", "html=502;p=0.02", "truncate;p=0.01;surface=result"]


class Connection:
    """One HTTP/1.1 connection that is opened again when it breaks. A full client would take more time than the server."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def ask(self, method: str, path: str, body: str = "") -> tuple[int, bytes]:
        """Return status and body of a response. Raises OSError or EOFError if it is missing or incomplete."""
        head = f"{method} {path} HTTP/1.1\r\nHost: localhost\r\nx-studio-key: any\r\n"
        head += f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        try:
            if self._streams is None:
                self._streams = await asyncio.open_connection("127.0.0.1", self._port)
            reader, writer = self._streams
            writer.write((head + body).encode())
            actual = await reader.readuntil(b"\r\n\r\n")
            length = re.search(rb"content-length: ([0-9]+)", actual)
            assert length is not None
            return int(actual.split()[1]), await reader.readexactly(int(length[1]))
        except (OSError, EOFError):
            self.close()
            raise

    def close(self) -> None:
        if self._streams is not None:
            self._streams[1].close()
            self._streams = None


async def jobs_done(port: int, round_: int) -> tuple[dict[str, str], collections.Counter[int | None]]:
    """Return the output of each job by its text, and the count of each status; None is a broken response."""
    seen: collections.Counter[int | None] = collections.Counter()
    results: dict[str, str] = {}
    texts = iter([f"round {round_}, job {number}" for number in range(JOBS)])

    async def work() -> None:
        connection = Connection(port)

        async def ask(method: str, path: str, body: str = "") -> Any:
            while True:
                try:
                    status, content = await connection.ask(method, path, body)
                except (OSError, EOFError):
                    seen[None] += 1
                    continue
                seen[status] += 1
                if status == 200:
                    return json.loads(content)

        for text in texts:
            job = await ask("POST", "/v2/echo", json.dumps({"text": text}))
            path = f"/v2/requests/{job['request_id']}"
            assert (await ask("GET", f"{path}/status"))["status"] == "COMPLETED"
            result = await ask("GET", path)
            assert result["request_id"] == job["request_id"]
            results[text] = result["output"]["parameters"]["text"]
        connection.close()

    await asyncio.gather(*(work() for _ in range(IN_FLIGHT)))
    return results, seen


def measure_memory(process: int) -> int:
    """Return memory of a process in KiB."""
    found = re.search(r"VmRSS:\s+([0-9]+)", Path(f"/proc/{process}/status").read_text(encoding="ascii"))
    assert found is not None
    return int(found[1])


@pytest.mark.skipif(sys.platform != "linux", reason="the memory of another process is read from /proc")
def test_no_request_is_lost_mixed_up_or_leaked_under_load(
    tmp_path: Path, studio_api: dict[str, Any], spec_of: Callable[..., dict[str, Any]]
) -> None:
    specs = tmp_path / "_specs.json"
    echo = spec_of("echo", {"text": {"type": "string"}}, returns=["application/json"])
    specs.write_text(bundle_text(studio_api, [echo]), encoding="utf-8")
    options = ["--port", "0", "--progress", "immediate", "--journal", "100000"]
    options += [option for fault in FAULTS for option in ("--fault", fault)]
    command = [sys.executable, "-m", "speccast", "serve", *options, str(specs)]
    memory = []
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            found = re.search(r"http://127\.0\.0\.1:([0-9]+)", process.stdout.readline())
            assert found is not None
            total = 0
            for round_ in range(2):
                results, seen = asyncio.run(jobs_done(int(found[1]), round_))
                assert len(results) == JOBS
                assert all(text == actual for text, actual in results.items())
                requests = httpx2.get(f"{found[0]}/_emulator/journal", timeout=60).json()["requests"]
                assert [request["number"] for request in requests] == list(range(1, seen.total() + 1))
                # A truncated response was one, with a status, for the emulator.
                cut = sum("truncate" in fault for request in requests for fault in request["faults"])
                actual = collections.Counter(request["status"] for request in requests)
                assert actual == seen + collections.Counter({200: cut}) - collections.Counter({None: cut})
                assert 0.05 < sum(bool(request["faults"]) for request in requests) / len(requests) < 0.15
                total += len(requests)
                memory.append(measure_memory(process.pid))
                httpx2.post(f"{found[0]}/_emulator/reset").raise_for_status()
            assert total > 6.2 * JOBS
            # The second round found room where the first had been.
            assert memory[1] - memory[0] < 4_000
            process.send_signal(signal.SIGTERM)
            rest, errors = process.communicate(timeout=20)
            assert (process.returncode, rest, errors) == (0, "", "")
        finally:
            process.kill()
