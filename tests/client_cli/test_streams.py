"""Standard streams that are closed, full, or not read to the end."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from .conftest import Reply

if TYPE_CHECKING:
    from .conftest import Cli, Server


def shell(cli: Cli, line: str) -> subprocess.CompletedProcess[str]:
    """Run a line of shell in which `acme` is the command."""
    command = " ".join(str(word) for word in cli.command())
    return subprocess.run(
        ["bash", "-c", f'acme() {{ {command} "$@"; }}; {line}'],
        cwd=cli.folder,
        env=cli.environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize(
    "arguments", ["models", "paint-1.0 --help", "paint-1.0 --prompt x", "paint-1.0 --prompt x -o -"]
)
def test_a_closed_pipe_is_not_an_error_message(cli: Cli, arguments: str) -> None:
    done = shell(cli, f"(sleep 0.1; acme {arguments}; echo $? >&2) | true")
    assert done.stderr == "1\n"


def test_a_closed_output_does_not_lose_the_image(cli: Cli) -> None:
    done = shell(cli, "acme paint-1.0 --prompt x >&-; echo $?")
    assert (done.stdout, done.stderr) == ("0\n", "")
    assert cli.files() == ["paint-1.0-r1.jpg"]
    done = shell(cli, "acme paint-1.0 --prompt x -o - >&-; echo $?")
    assert done.stdout == "1\n"
    assert cli.files() == ["paint-1.0-r1-1.jpg", "paint-1.0-r1.jpg"]


@pytest.mark.parametrize("option", ["", "-o -"])
def test_a_text_is_not_paid_for_if_standard_output_is_closed(cli: Cli, server: Server, option: str) -> None:
    done = shell(cli, f"acme tale --prompt x {option} >&-; echo $?")
    assert done.stdout == "2\n"
    assert "Error: standard output is closed: pass a file with -o.\n" in done.stderr
    assert not server.received


def test_a_closed_input_is_a_usage_error(cli: Cli, server: Server) -> None:
    done = shell(cli, "acme paint-1.0 --prompt - <&-; echo $?")
    assert done.stdout == "2\n"
    assert "--prompt: standard input is closed" in done.stderr
    assert server.received == []


def test_a_closed_standard_error_is_ignored(cli: Cli) -> None:
    assert shell(cli, "acme film --prompt x 2>&-; echo $?").stdout == "film-job-2.png\n0\n"
    assert shell(cli, "acme paint-1.0 2>&-; echo $?").stdout == "2\n"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has a device that is always full")
def test_a_full_disk_is_an_error(cli: Cli) -> None:
    for arguments in ("models", "paint-1.0 --prompt x -o -"):
        done = shell(cli, f"acme {arguments} > /dev/full; echo $?")
        assert done.stdout == "1\n"
        assert done.stderr == "Error: No space left on device\n"


def test_a_limited_encoding_gets_escapes(cli: Cli, server: Server) -> None:
    server.on("POST /v1/3d-think", Reply({"answer": "🦊"}))
    done = cli("3d-think", "--question", "🦊", "--json", env={"PYTHONIOENCODING": "ascii"})
    assert done.returncode == 0
    assert done.stdout.isascii()
    assert json.loads(done.stdout)["response"] == {"answer": "🦊"}
