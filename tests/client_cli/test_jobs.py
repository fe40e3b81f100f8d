"""Submitting jobs, waiting for them, and resuming them."""

from __future__ import annotations

import json
import re
import signal
import subprocess
from typing import TYPE_CHECKING

import pytest

from .conftest import PNG, Reply

if TYPE_CHECKING:
    from .conftest import Cli, Server

FILM = ("film", "--prompt", "x", "--interval", "0.01")


def test_a_model_with_jobs_only_is_run_as_a_job(cli: Cli, server: Server) -> None:
    server.job("job-2", "QUEUED", "QUEUED", "PROCESSING", "COMPLETED")
    done = cli(*FILM)
    assert (done.returncode, done.stdout) == (0, "film-job-2.png\n")
    assert done.stderr == ""
    assert (cli.folder / "film-job-2.png").read_bytes() == PNG


def test_a_blocking_call_is_the_default(cli: Cli, server: Server) -> None:
    assert cli("paint-1.0", "--prompt", "x").returncode == 0
    assert [request.path for request in server.asked("POST")] == ["/v1/paint-1.0"]
    assert (
        cli("paint-1.0", "--prompt", "x", "--async", "--interval", "0.01").stdout == "paint-1.0-job-1.png\n"
    )
    assert [request.path for request in server.asked("POST")] == ["/v1/paint-1.0", "/v2/paint-1.0"]


def test_quiet_shows_no_progress(cli: Cli) -> None:
    assert cli(*FILM, "--quiet").stderr == ""


def test_a_submit_prints_the_id_and_ends(cli: Cli, server: Server) -> None:
    done = cli("paint-1.0", "--prompt", "x", "--submit", "-o", "a fox.png")
    assert (done.returncode, done.stdout) == (0, "job-1\n")
    assert "acme-client job job-1 --wait -o 'a fox.png'" in done.stderr
    assert server.asked("GET") == []
    assert json.loads(cli("film", "--prompt", "x", "--submit", "--json").stdout) == {
        "request_id": "job-2",
        "status": "QUEUED",
    }


def test_a_job_is_resumed_by_its_id(cli: Cli) -> None:
    done = cli("job", "job-2", "--wait", "--interval", "0.01")
    assert (done.returncode, done.stdout) == (0, "job-2.png\n")
    assert cli("job", "job-2", "--wait", "-o", "fox.png").stdout == "fox.png\n"
    assert json.loads(cli("job", "job-2", "--wait", "--json", "-o", "cat").stdout)["paths"] == ["cat.png"]


def test_the_job_command_prints_the_state_and_saves_nothing(cli: Cli, server: Server) -> None:
    server.job("job-2", "PROCESSING")
    done = cli("job", "job-2")
    assert (done.returncode, done.stdout) == (0, "PROCESSING\n")
    assert "acme-client job job-2 --wait" in done.stderr
    assert json.loads(cli("job", "job-2", "--json").stdout)["status"] == "PROCESSING"
    server.job("job-2", "COMPLETED")
    assert cli("job", "job-2").stdout == "COMPLETED\n"
    assert json.loads(cli("job", "job-2", "--json").stdout)["metrics"] == {"cost": 1}
    assert cli.files() == []


def test_an_output_path_downloads_the_result_of_a_finished_job(cli: Cli, server: Server) -> None:
    assert cli("job", "job-2", "-o", "fox.png").stdout == "fox.png\n"
    server.job("job-2", "PROCESSING")
    done = cli("job", "job-2", "-o", "fox.png")
    assert (done.returncode, done.stdout) == (1, "")
    assert "job job-2 is not done: its state is PROCESSING. To wait for it, add --wait." in done.stderr


@pytest.mark.parametrize("words", [["film", "--prompt", "x"], ["job", "job-2", "--wait"], ["job", "job-2"]])
def test_a_failed_job_is_an_error_with_the_reason(cli: Cli, server: Server, words: list[str]) -> None:
    server.job("job-2", "FAILED")
    done = cli(*words)
    assert done.returncode == 1
    assert "Error: job job-2 failed: blocked\n" in done.stderr
    assert "--wait" not in done.stderr


def test_an_unknown_job_is_an_error(cli: Cli) -> None:
    for words in (["job", "job-9"], ["job", "job-9", "--wait"]):
        done = cli(*words)
        assert (done.returncode, done.stdout) == (1, "")
        assert "Error: 404 Not Found: not found" in done.stderr
        assert "The job does not exist" in done.stderr
        assert "Model or endpoint" not in done.stderr
        assert "acme-client job" not in done.stderr


def test_an_invalid_id_is_a_usage_error(cli: Cli, server: Server) -> None:
    done = cli("job", "..")
    assert (done.returncode, done.stdout) == (2, "")
    assert "Traceback" not in done.stderr
    assert server.received == []


def test_a_job_can_be_resumed_after_a_timeout(cli: Cli, server: Server) -> None:
    server.job("job-2", "PROCESSING")
    done = cli(*FILM, "--timeout", "0.05", "-o", "fox.png")
    assert (done.returncode, done.stdout) == (1, "")
    assert re.search(r"Error: job job-2 did not finish within 0\.\d+ s; it may still be running", done.stderr)
    assert "\n  acme-client job job-2 --wait -o fox.png\n" in done.stderr


def test_a_failed_download_can_be_resumed(cli: Cli, server: Server) -> None:
    server.on("GET /media/out", Reply(b"gone", 404))
    done = cli(*FILM)
    assert (done.returncode, done.stdout) == (1, "")
    assert "\n  acme-client job job-2 --wait\n" in done.stderr


def test_a_result_that_cannot_be_saved_is_shown(cli: Cli, server: Server) -> None:
    server.on("GET /v2/requests/job-2", Reply({"status": "COMPLETED", "output": None, "note": "all black"}))
    done = cli(*FILM)
    assert (done.returncode, done.stdout) == (1, "")
    assert '"note": "all black"' in done.stderr


def test_an_interrupted_wait_can_be_resumed(cli: Cli, server: Server) -> None:
    server.job("job-2", "PROCESSING")
    process = cli.start(
        "film", "--prompt", "x", "-o", "fox.png", stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    while not server.asked("GET"):
        assert process.poll() is None
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=20)
    assert (process.returncode, out) == (130, b"")
    assert b"  acme-client job job-2 --wait -o fox.png\n" in err
    assert b"Traceback" not in err


def test_an_interrupted_call_says_that_it_may_be_billed(cli: Cli, server: Server) -> None:
    server.on("POST /v1/paint-1.0", Reply(PNG, delay=20))
    process = cli.start("paint-1.0", "--prompt", "x", stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    while not server.received:
        assert process.poll() is None
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=20)
    assert (process.returncode, out) == (130, b"")
    assert b"may have been processed and billed" in err
    assert b"Traceback" not in err


def test_the_id_of_a_job_is_printed_so_that_it_can_be_pasted(cli: Cli, server: Server) -> None:
    server.on("POST /v2/film", Reply({"request_id": "$(rm x)"}))
    done = cli("film", "--prompt", "x", "--submit")
    assert done.stdout == "$(rm x)\n"
    assert "acme-client job '$(rm x)' --wait" in done.stderr
    server.on("POST /v2/film", Reply({"request_id": "-w"}))
    server.job("-w", "COMPLETED")
    command = cli("film", "--prompt", "x", "--submit", "-o", "fox.png").stderr.splitlines()[-1]
    assert command == "  acme-client job --wait -o fox.png -- -w"
    assert cli(*command.split()[1:]).stdout == "fox.png\n"


def test_a_job_is_canceled_by_its_id(cli: Cli, server: Server) -> None:
    server.on("DELETE /v2/requests/job-2/cancel", Reply({"request_id": "job-2", "status": "CANCELED"}))
    done = cli("job", "cancel", "job-2")
    assert (done.returncode, done.stdout, done.stderr) == (0, "CANCELED\n", "")
    assert json.loads(cli("job", "cancel", "job-2", "--json").stdout)["status"] == "CANCELED"
    assert [request.method for request in server.received] == ["DELETE", "DELETE"]
    server.on("DELETE /v2/requests/job-2/cancel", Reply(b"", 204))
    assert cli("job", "cancel", "job-2").stdout == "canceled\n"
    server.on("DELETE /v2/requests/job-2/cancel", Reply({"error": "it is finished"}, 400))
    done = cli("job", "cancel", "job-2")
    assert (done.returncode, done.stdout) == (1, "")
    assert "Error: 400 Bad Request: it is finished" in done.stderr


@pytest.mark.parametrize("words", [["film", "--prompt", "x"], ["job", "job-2", "--wait"], ["job", "job-2"]])
def test_a_canceled_job_is_an_error(cli: Cli, server: Server, words: list[str]) -> None:
    server.job("job-2", "CANCELED")
    done = cli(*words)
    assert done.returncode == 1
    assert "Error: job job-2 was canceled" in done.stderr
    assert "--wait" not in done.stderr


def test_without_a_terminal_an_interruption_names_the_command_that_cancels(cli: Cli, server: Server) -> None:
    server.job("job-2", "PROCESSING")
    process = cli.start("film", "--prompt", "x", "-o", "fox.png", stderr=subprocess.PIPE)
    while not server.asked("GET"):
        assert process.poll() is None
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=20)
    assert process.returncode == 130
    assert b"To cancel it:\n  acme-client job cancel job-2\n" in err
    assert server.asked("DELETE") == []


@pytest.mark.parametrize(
    ("typed", "canceled", "text"),
    [(b"y\n", 1, "Job job-2 was canceled."), (b"n\n", 0, "Cancel the job?"), (b"\n", 0, "Cancel the job?")],
)
def test_on_a_terminal_an_interruption_asks(
    cli: Cli, server: Server, typed: bytes, canceled: int, text: str
) -> None:
    server.job("job-2", "PROCESSING")
    server.on("DELETE /v2/requests/job-2/cancel", Reply(b"", 204))
    shown = cli.on_terminal("film", "--prompt", "x", interrupt_at="PROCESSING", typed=typed)
    assert shown.code == 130
    assert text in shown.output
    assert "acme-client job job-2 --wait" in shown.output
    assert len(server.asked("DELETE")) == canceled
