"""Streamed text is printed, or written to a file, while it arrives."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import threading
import time
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

import pytest

from .conftest import Reply

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .conftest import Cli, Server

TALE = ("tale", "--prompt", "a fox")
ROUTE = "POST /v1/tale"
DONE = b"data: [DONE]\n\n"


def piece(text: str) -> bytes:
    return f'data: {{"piece": "{text}"}}\n\n'.encode()


def events(*parts: bytes) -> Reply:
    return Reply(b"".join(parts), content_type="text/event-stream")


WHOLE = events(piece("Once "), piece("upon "), piece("a time"), DONE)


@contextmanager
def slow(first: bytes, rest: bytes = b"") -> Iterator[tuple[dict[str, str], threading.Event]]:
    """A server that sends the first part, and the rest when the event is set; it does not close the connection."""
    listener = socket.create_server(("127.0.0.1", 0))
    goes_on, is_over = threading.Event(), threading.Event()

    def serve() -> None:
        with suppress(OSError), listener.accept()[0] as connection:
            connection.recv(65536)
            connection.sendall(b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\n" + first)
            goes_on.wait(20)
            connection.sendall(rest)
            is_over.wait(20)

    threading.Thread(target=serve, daemon=True).start()
    yield {"ACME_BASE_URL": f"http://127.0.0.1:{listener.getsockname()[1]}"}, goes_on
    goes_on.set()
    is_over.set()
    listener.close()


def test_a_pipe_gets_the_text_unchanged(cli: Cli, server: Server) -> None:
    server.on(ROUTE, WHOLE)
    for options in ((), ("-o", "-", "--stream")):
        done = cli(*TALE, *options)
        assert (done.returncode, done.stdout, done.stderr) == (0, "Once upon a time", "")
    assert [each.json for each in server.received] == [{"prompt": "a fox", "stream": True}] * 2
    assert cli.files() == []


def test_pieces_are_printed_before_the_answer_is_complete(cli: Cli) -> None:
    with slow(piece("Once "), piece("upon") + DONE) as (environment, goes_on):
        cli.environment.update(environment)
        process = cli.start(*TALE, stdout=subprocess.PIPE)
        assert process.stdout is not None
        assert os.read(process.stdout.fileno(), 100) == b"Once "
        goes_on.set()
        assert process.stdout.read() == b"upon"
        assert process.wait(20) == 0


def test_a_terminal_gets_a_line_without_control_characters(cli: Cli, server: Server) -> None:
    server.on(ROUTE, events(piece("Once \\u001b[31m"), piece("\\u001b"), piece("]0;upon"), DONE))
    terminal = cli.on_terminal(*TALE, "--quiet")
    assert terminal.code == 0
    assert terminal.output.endswith("upon\r\n")
    assert "\x1b" not in terminal.output


def test_a_spinner_ends_before_the_text(cli: Cli, server: Server) -> None:
    server.on(ROUTE, WHOLE)
    terminal = cli.on_terminal(*TALE)
    assert terminal.output.endswith("Once upon a time\r\n")
    assert terminal.output.rindex("\x1b[?25h") < terminal.output.rindex("Once")


def test_ctrl_c_leaves_the_text_on_a_separate_line(cli: Cli) -> None:
    with slow(piece("Once ")) as (environment, _):
        terminal = cli.on_terminal(*TALE, "--quiet", env=environment, interrupt_at="Once ")
    assert terminal.code == 130
    lines = [line for line in terminal.output.replace("^C", "").splitlines() if line]
    assert lines == ["Once ", "Interrupted. What the model still writes may be billed."]


def test_an_answer_is_written_to_a_file(cli: Cli, server: Server) -> None:
    server.on(ROUTE, WHOLE)
    assert cli(*TALE, "-o", "tale").stdout == "tale.txt\n"
    assert (cli.folder / "tale.txt").read_text() == "Once upon a time"


@pytest.mark.parametrize(
    ("last", "message"), [(b'data: {"error": "Too busy"}\n\n', "Too busy"), (b"", "without its last event")]
)
def test_an_answer_that_breaks_keeps_what_has_come(
    cli: Cli, server: Server, last: bytes, message: str
) -> None:
    server.on(ROUTE, events(piece("Once "), last))
    done = cli(*TALE)
    assert (done.returncode, done.stdout) == (1, "Once ")
    done = cli(*TALE, "-o", "tale.txt")
    assert (done.returncode, done.stdout, cli.files()) == (1, "", ["tale.txt"])
    assert message in done.stderr
    assert "5 characters of the text" in done.stderr
    assert "Saved what had come:\ntale.txt" in done.stderr
    assert (cli.folder / "tale.txt").read_text() == "Once "


def test_ctrl_c_keeps_what_has_come_in_the_file(cli: Cli) -> None:
    with slow(piece("Once ")) as (environment, _):
        cli.environment.update(environment)
        process = cli.start(*TALE, "-o", "tale.txt", stderr=subprocess.PIPE)
        until = time.monotonic() + 20
        while time.monotonic() < until and not any(each.stat().st_size for each in cli.folder.iterdir()):
            time.sleep(0.02)
        process.send_signal(signal.SIGINT)
        assert process.wait(20) == 130
    assert process.stderr is not None
    assert b"Saved what had come:\ntale.txt" in process.stderr.read()
    assert (cli.files(), (cli.folder / "tale.txt").read_text()) == (["tale.txt"], "Once ")


@pytest.mark.parametrize(
    ("option", "body"),
    [("--no-stream", {"prompt": "a fox", "stream": False}), ("--json", {"prompt": "a fox"})],
)
def test_a_whole_answer_is_asked_for(cli: Cli, server: Server, option: str, body: Any) -> None:
    server.on(ROUTE, Reply({"said": "Once"}))
    done = cli(*TALE, option)
    assert (done.returncode, cli.files()) == (0, ["tale.txt"])
    assert server.received[0].json == body


def test_json_of_a_stream_is_a_usage_error(cli: Cli, server: Server) -> None:
    done = cli(*TALE, "--json", "--stream")
    assert (done.returncode, server.received) == (2, [])
    assert "--json prints the whole response: remove --stream." in done.stderr


def test_the_request_of_a_stream_is_shown(cli: Cli) -> None:
    assert '"stream": true' in cli(*TALE, "--dry-run").stdout
