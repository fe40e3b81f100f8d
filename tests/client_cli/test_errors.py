"""Error messages and exit codes."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

import pytest

from .conftest import KEY, PNG, Reply

if TYPE_CHECKING:
    from .conftest import Cli, Server

PAINT = ("paint-1.0", "--prompt", "x")


@pytest.mark.parametrize(
    ("reply", "message"),
    [
        (
            Reply({"error": "no such key"}, 401),
            "401 Unauthorized: no such key. Set the environment variable ACME_API_KEY to a valid key. Keys are on acme.example/keys.",
        ),
        (
            Reply({"error": "bad"}, 400, headers={"x-request-id": "r9"}),
            "400 Bad Request: bad (request r9) Invalid parameters.",
        ),
        (
            Reply({"error": "0 left"}, 406),
            "406 No Credits: 0 left. Not enough credits to process the request.",
        ),
        (Reply({"error": "oops"}, 500), "500 Server Error: oops. Internal server error."),
        (Reply({"error": "teapot"}, 418), "418 I'm a Teapot: teapot"),
    ],
)
def test_an_error_of_the_api_is_one_line(cli: Cli, server: Server, reply: Reply, message: str) -> None:
    server.on("POST /v1/paint-1.0", reply)
    done = cli(*PAINT)
    assert (done.returncode, done.stdout, done.stderr) == (1, "", f"Error: {message}\n")
    assert len(server.received) == 1


def test_a_rate_limit_error_says_how_long_to_wait(cli: Cli, server: Server) -> None:
    server.on("POST /v1/paint-1.0", Reply({"error": "slow down"}, 429, headers={"retry-after": "3600"}))
    done = cli(*PAINT)
    assert done.returncode == 1
    assert "429 Rate Limited: slow down" in done.stderr
    assert "3600 s" in done.stderr


def test_a_missing_key_is_an_error_before_anything_is_sent(cli: Cli, server: Server) -> None:
    done = cli(*PAINT, env={"ACME_API_KEY": " "})
    assert (done.returncode, done.stdout) == (2, "")
    assert (
        "The API key is missing. Set the environment variable ACME_API_KEY to a valid key. Keys are on acme.example/keys."
        in done.stderr
    )
    assert server.received == []


def test_an_invalid_key_is_a_usage_error_and_not_shown(cli: Cli, server: Server) -> None:
    done = cli(*PAINT, env={"ACME_API_KEY": "two words"})
    assert (done.returncode, done.stdout) == (2, "")
    assert "is not a valid API key" in done.stderr
    assert "two words" not in done.stderr
    assert server.received == []


def test_a_response_with_a_broken_link_is_printed(cli: Cli, server: Server) -> None:
    server.on("POST /v1/3d-think", Reply({"output": f"{server.url}/media/gone"}))
    done = cli("3d-think", "--question", "x")
    assert (done.returncode, done.stdout) == (1, "")
    assert f'The response was:\n{{\n  "output": "{server.url}/media/gone"\n}}\n' in done.stderr


def test_an_unreachable_server_is_an_error_with_its_url(cli: Cli) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}"
        done = cli(*PAINT, "--base-url", url)
    assert (done.returncode, done.stdout) == (1, "")
    assert f"could not connect to {url.removeprefix('http://')}" in done.stderr
    assert (
        "The URL is set by --base-url or ACME_BASE_URL; the default is https://api.acme.example."
        in done.stderr
    )


def test_an_invalid_base_url_is_a_usage_error(cli: Cli) -> None:
    done = cli(*PAINT, "--base-url", "acme")
    assert (done.returncode, done.stdout) == (2, "")
    assert "'acme'" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_timeout_says_that_the_request_may_be_billed(cli: Cli, server: Server) -> None:
    server.on("POST /v1/paint-1.0", Reply(PNG, delay=5))
    done = cli(*PAINT, "--timeout", "0.2s")
    assert (done.returncode, done.stdout) == (1, "")
    assert "billed" in done.stderr
    assert "To wait longer, pass --timeout SECONDS." in done.stderr
    assert len(server.received) == 1


def test_an_error_in_html_is_printed_as_text(cli: Cli, server: Server) -> None:
    page = b"<html><head><title>405 Not Allowed</title></head><body><script>x()</script></body></html>"
    server.on("POST /v1/paint-1.0", Reply(page, 405, "text/html"))
    done = cli(*PAINT)
    assert "405 Not Allowed" in done.stderr
    assert "<" not in done.stderr


def test_control_characters_from_a_server_are_removed(cli: Cli, server: Server) -> None:
    trap = "no\x1b[2J \x1b]0;title\x07\x9b31mcredits\u202e\r\nleft"
    server.on("POST /v1/paint-1.0", Reply({"error": trap}, 406))
    assert "406 No Credits: no credits left." in cli(*PAINT).stderr
    terminal = cli.on_terminal(*PAINT, "--quiet", env={"NO_COLOR": "1"}).output
    assert "406 No Credits: no credits left." in terminal
    assert "\x1b" not in terminal


@pytest.mark.parametrize("debug", [False, True])
def test_a_bug_is_one_line_and_a_traceback_with_debug(cli: Cli, debug: bool) -> None:
    # A broken dependency behaves like a bug of the client.
    (cli.folder / "httpx2.py").write_text("raise RuntimeError('broken on purpose')")
    more = ["--debug"] if debug else []
    done = cli(*PAINT, *more, env={"PYTHONPATH": f"{cli.folder}:{cli.environment['PYTHONPATH']}"})
    assert (done.returncode, done.stdout) == (1, "")
    assert "Error: unexpected RuntimeError: broken on purpose\n" in done.stderr
    assert ("Traceback" in done.stderr) is debug
    assert ("Add --debug" in done.stderr) is not debug


def test_debug_shows_requests_but_not_the_key(cli: Cli, server: Server) -> None:
    server.on("POST /v1/paint-1.0", Reply({"error": f"key {KEY} is bad"}, 401))
    done = cli(*PAINT, "--debug")
    assert done.returncode == 1
    assert f"POST {server.url}/v1/paint-1.0" in done.stderr
    assert "Traceback" in done.stderr
    assert KEY not in done.stderr


@pytest.mark.parametrize(
    "env",
    [
        {"ALL_PROXY": "socks5://127.0.0.1:1", "NO_PROXY": "127.0.0.1"},
        {"ALL_PROXY": "foo://x"},
        {"NO_PROXY": "[::1"},
        {"SSL_CERT_FILE": "/none.pem", "ACME_BASE_URL": "https://127.0.0.1:1"},
        {"HTTP_PROXY": "http://127.0.0.1:1"},
        {"ACME_BASE_URL": "http://a..b"},
        {"ACME_BASE_URL": "http://\u2603.test:99999"},
    ],
    ids=lambda env: " ".join(env)[:40],
)
def test_a_wrong_network_configuration_is_not_called_a_bug(cli: Cli, env: dict[str, str]) -> None:
    done = cli(*PAINT, "--quiet", env=env)
    if done.returncode != 0:  # some proxies are not needed for a loopback address
        assert "Error: " in done.stderr
        assert done.returncode in (1, 2)
    assert "bug" not in done.stderr
    assert "Traceback" not in done.stderr
