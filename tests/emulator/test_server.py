"""The server: ready quickly, one line on stdout, a clean stop, and clear errors."""

from __future__ import annotations

import os
import re
import resource
import signal
import socket
import ssl
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx2
import pytest

from speccast.emulator.server import start_emulator
from speccast.specs.bundle import Bundle, bundle_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.emulator.conftest import Start

SERVE = """
import sys
from pathlib import Path
from speccast.emulator.server import serve
from speccast.errors import SpeccastError
from speccast.specs.bundle import read_bundle
try:
    serve(read_bundle(Path(sys.argv[1])), host=sys.argv[2], port=int(sys.argv[3]))
except SpeccastError as error:
    print(error.message, error.hint, sep="; ", file=sys.stderr)
    sys.exit(2)
"""

HEAD = "POST /v1/only HTTP/1.1\r\nHost: localhost\r\nx-studio-key: any\r\nContent-Type: application/json\r\n"


@pytest.fixture
def specs(tmp_path: Path, api: dict[str, Any], spec_of: Callable[..., Any]) -> Path:
    """The file of an API with one model."""
    path = tmp_path / "_specs.json"
    path.write_text(bundle_text(api, [spec_of("only", {"width": {"type": "integer"}})]), encoding="utf-8")
    return path


@contextmanager
def served(
    specs: Path, host: str = "127.0.0.1", port: int = 0, command: list[str] | None = None
) -> Iterator[subprocess.Popen[str]]:
    """A server in its own process, started by the given command or by a call of `serve`."""
    command = command or [sys.executable, "-c", SERVE, str(specs), host, str(port)]
    # Without buffering, output that is not flushed would arrive as well.
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def address(process: subprocess.Popen[str]) -> str:
    """Return the address in the line that says that a server is ready."""
    assert process.stdout is not None
    found = re.search(r"http://127\.0\.0\.1:[0-9]+", process.stdout.readline())
    assert found is not None
    return found[0]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_prints_one_line_serves_and_stops_on_a_signal(specs: Path, number: signal.Signals) -> None:
    with served(specs) as process:
        assert httpx2.get(f"{address(process)}/_emulator/health").status_code == 200
        process.send_signal(number)
        rest, errors = process.communicate(timeout=10)
        assert (process.returncode, rest, errors) == (0, "", "")


def test_the_command_line_serves_with_its_options(specs: Path) -> None:
    options = ["--port", "0", "--progress", "polls:1", "--key", "right", "--seed", "3"]
    with served(specs, command=[sys.executable, "-m", "speccast", "serve", *options, str(specs)]) as process:
        url = address(process)
        assert httpx2.post(f"{url}/v2/only", json={}, headers={"x-studio-key": "wrong"}).status_code == 401
        with httpx2.Client(headers={"x-studio-key": "right"}) as client:
            job = client.post(f"{url}/v2/only", json={}).json()
            found = [client.get(job["status_url"]).json()["status"] for _ in range(2)]
        assert found == ["PROCESSING", "COMPLETED"]
        process.send_signal(signal.SIGTERM)
        rest, errors = process.communicate(timeout=10)
    assert (process.returncode, rest, errors) == (0, "", "")


def test_a_request_in_flight_is_finished_before_the_server_stops(specs: Path) -> None:
    body = b'{"width": 64}'
    head = f"{HEAD}Content-Length: {len(body)}\r\nExpect: 100-continue\r\n\r\n"
    with served(specs) as process:
        port = int(address(process).rpartition(":")[2])
        with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
            connection.sendall(head.encode())
            # The server says so when it is about to read the body, and so is in the middle of the request.
            assert connection.recv(1024).startswith(b"HTTP/1.1 100 ")
            process.send_signal(signal.SIGTERM)
            time.sleep(0.5)
            assert process.poll() is None
            connection.sendall(body)
            assert connection.recv(1024).startswith(b"HTTP/1.1 200 ")
        assert process.wait(10) == 0


def test_a_second_signal_does_not_wait_for_requests_in_flight(specs: Path) -> None:
    with served(specs) as process:
        port = int(address(process).rpartition(":")[2])
        with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
            connection.sendall(f"{HEAD}Content-Length: 1000\r\nExpect: 100-continue\r\n\r\n".encode())
            assert connection.recv(1024).startswith(b"HTTP/1.1 100 ")
            process.send_signal(signal.SIGINT)
            time.sleep(0.5)
            assert process.poll() is None
            process.send_signal(signal.SIGINT)
            rest, errors = process.communicate(timeout=3)
            assert connection.recv(1024).startswith(b"HTTP/1.1 503 ")
    assert (process.returncode, rest, errors) == (0, "", "")


def test_an_idle_connection_does_not_delay_the_stop(specs: Path) -> None:
    with served(specs) as process, httpx2.Client(base_url=address(process)) as client:
        client.get("/_emulator/health")
        before = time.monotonic()
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0
        assert time.monotonic() - before < 3


@pytest.mark.parametrize("path", ["/v1/only", "/_emulator/faults"])
def test_a_client_that_disconnects_while_sending_causes_no_error(specs: Path, path: str) -> None:
    head = HEAD.replace("/v1/only", path)
    with served(specs) as process:
        url = address(process)
        with socket.create_connection(("127.0.0.1", int(url.rpartition(":")[2])), timeout=10) as connection:
            connection.sendall(f'{head}Content-Length: 1000\r\nExpect: 100-continue\r\n\r\n{{"wid'.encode())
            assert connection.recv(1024).startswith(b"HTTP/1.1 100 ")
        assert httpx2.post(f"{url}/v1/only", json={}, headers={"x-studio-key": "any"}).status_code == 200
        process.send_signal(signal.SIGTERM)
        rest, errors = process.communicate(timeout=10)
    assert (process.returncode, rest, errors) == (0, "", "")


def test_it_is_ready_after_less_than_a_second_of_cpu_time(specs: Path) -> None:
    # CPU time, because the machine may be busy.
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    with served(specs) as process:
        address(process)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime < 1


def test_a_port_that_is_in_use_is_a_clear_error(specs: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with served(specs, port=port) as process:
            output, errors = process.communicate(timeout=10)
    assert (process.returncode, output) == (2, "")
    assert errors == f"port {port} is in use; --port 0 selects a free port\n"


@pytest.mark.parametrize("host", ["192.0.2.1", "no-such-host.invalid"])
def test_a_host_that_is_not_this_machine_is_a_clear_error(specs: Path, host: str) -> None:
    with served(specs, host=host) as process:
        output, errors = process.communicate(timeout=30)
    assert (process.returncode, output) == (2, "")
    assert errors.startswith(f"cannot listen on {host}")
    assert "Traceback" not in errors


def test_a_port_can_be_used_again_at_once(specs: Path) -> None:
    with served(specs) as process:
        port = int(address(process).rpartition(":")[2])
        # A connection that the server closes keeps the port busy for a while.
        with httpx2.Client(base_url=f"http://127.0.0.1:{port}") as client:
            client.get("/")
            process.send_signal(signal.SIGTERM)
            process.wait(10)
    with served(specs, port=port) as process:
        assert address(process).endswith(f":{port}")


def test_listening_beyond_loopback_prints_a_warning(specs: Path) -> None:
    with served(specs, host="0.0.0.0") as process:
        url = address(process)
        assert httpx2.get(f"{url}/_emulator/health").status_code == 200
        process.send_signal(signal.SIGTERM)
        _, errors = process.communicate(timeout=10)
    assert (
        errors == "warning: listening on 0.0.0.0: everyone who can reach this machine can use the emulator\n"
    )


@pytest.mark.skipif(not socket.has_ipv6, reason="this machine has no IPv6")
def test_ipv6_is_supported(specs: Path) -> None:
    with served(specs, host="::1") as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        found = re.search(r"http://\[::1\]:[0-9]+", line)
        assert found is not None, line
        job = httpx2.post(f"{found[0]}/v2/only", json={}, headers={"x-studio-key": "any"}).json()
        assert job["status_url"].startswith(f"{found[0]}/v2/")


def test_several_emulators_run_in_one_process_and_leave_no_thread(start: Start) -> None:
    before = set(threading.enumerate())
    with start() as one, start() as other:
        assert one.base_url != other.base_url
        job = one.post("/v2/echo", json={}).json()
        assert one.get(job["response_url"]).status_code == 200
        assert other.get(f"/v2/requests/{job['request_id']}").status_code == 404
        url = one.base_url
    assert set(threading.enumerate()) == before
    with pytest.raises(httpx2.ConnectError):
        httpx2.get(f"{url}/_emulator/health")


def test_an_error_in_the_with_statement_stops_the_server(api: dict[str, Any]) -> None:
    before = set(threading.enumerate())
    with pytest.raises(KeyError, match="mine"), start_emulator(Bundle(api, {})):
        raise KeyError("mine")
    assert set(threading.enumerate()) == before


def test_signal_handlers_of_the_process_are_not_changed(api: dict[str, Any]) -> None:
    handlers = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]
    with start_emulator(Bundle(api, {})):
        assert [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)] == handlers


def test_the_command_line_has_faults_quotas_and_names(specs: Path) -> None:
    options = ["--fault", "status=503;times=1", "--fault", "html=502;times=1", "--rate", "4/60s"]
    options += ["--credits", "0.01", "--journal", "2", "--max-jobs", "5", "--progress", "time:100"]
    options += ["--allow-host", "emulator", "--port", "0"]
    with served(specs, command=[sys.executable, "-m", "speccast", "serve", *options, str(specs)]) as process:
        url = address(process)
        headers = {"x-studio-key": "any", "host": "emulator:1"}
        responses = [httpx2.post(f"{url}/v2/only", json={}, headers=headers) for _ in range(4)]
        assert [response.status_code for response in responses] == [503, 502, 200, 402]
        assert len(httpx2.get(f"{url}/_emulator/journal").json()["requests"]) == 2
        status_url = f"{url}/v2/requests/{responses[2].json()['request_id']}/status"
        assert httpx2.get(status_url, headers=headers).json()["status"] == "QUEUED"
        httpx2.post(f"{url}/_emulator/clock", json={"advance": 101})
        assert httpx2.get(status_url, headers=headers).json()["status"] == "COMPLETED"


@pytest.mark.parametrize(
    ("options", "error"),
    [
        (["--fault", "explode"], "--fault: unknown fault 'explode'"),
        (["--fault", "status=500;model=nothing"], "unknown model 'nothing'"),
        (["--rate", "fast"], "invalid rate 'fast'"),
        (["--credits", "many"], "invalid credits 'many'"),
        (["--progress", "slow"], "invalid progress 'slow'"),
        (["--inputs", "no-folder"], "invalid inputs 'no-folder': not a folder"),
        (["--key", ""], "the key is empty"),
    ],
)
def test_an_invalid_option_exits_with_2(specs: Path, options: list[str], error: str) -> None:
    command = [sys.executable, "-m", "speccast", "serve", "--port", "0", *options, str(specs)]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert (ended.returncode, ended.stdout) == (2, "")
    assert error in ended.stderr
    assert "Traceback" not in ended.stderr


def test_it_serves_https_that_clients_can_trust_and_logs_requests(specs: Path) -> None:
    options = ["--port", "0", "--tls", "--url", "https://api.studio.example", "--verbose"]
    with served(specs, command=[sys.executable, "-m", "speccast", "serve", *options, str(specs)]) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        advice = process.stderr.readline()
        found = re.search(r"SSL_CERT_FILE=(\S+ca\.pem) .*NODE_EXTRA_CA_CERTS=\1 .*--cacert \1$", advice)
        assert found is not None
        ready = re.search(r"at https://127\.0\.0\.1:([0-9]+)$", process.stdout.readline())
        assert ready is not None
        trusted = ssl.create_default_context(cafile=found[1])
        headers = {"host": "api.studio.example", "x-studio-key": "any"}
        for host in ("localhost", "127.0.0.1"):
            job = httpx2.post(
                f"https://{host}:{ready[1]}/v2/only", json={}, headers=headers, verify=trusted
            ).json()
            assert job["status_url"].startswith("https://api.studio.example/v2/requests/")
        with (
            socket.create_connection(("127.0.0.1", int(ready[1])), timeout=10) as raw,
            trusted.wrap_socket(raw, server_hostname="api.studio.example") as connection,
        ):
            connection.sendall(b"GET /nowhere HTTP/1.1\r\nHost: localhost\r\nx-studio-key: a\r\n\r\n")
            assert connection.recv(1024).startswith(b"HTTP/1.1 404 ")
        with pytest.raises(httpx2.ConnectError, match="CERTIFICATE_VERIFY_FAILED"):
            httpx2.get(f"https://127.0.0.1:{ready[1]}/", trust_env=False)
        process.send_signal(signal.SIGTERM)
        rest, errors = process.communicate(timeout=10)
    lines = [line.partition(" {")[0] for line in errors.splitlines()]
    assert lines == ["POST /v2/only 200", "POST /v2/only 200", "GET /nowhere 404"]
    assert (process.returncode, rest, Path(found[1]).exists()) == (0, "", False)
