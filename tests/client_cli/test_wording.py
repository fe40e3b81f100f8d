"""The full text of representative errors of each command, so that a change of their wording is noticed.

`errors.txt` has the commands with what they print to standard error, and their exit codes. Edit it if a change is meant.
"""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from .conftest import Reply

if TYPE_CHECKING:
    from .conftest import Cli, Server

ERRORS = re.findall(
    r"^\$ acme-client (.*)\n((?:.*\n)*?)exit code (\d+)$",
    Path(__file__).with_name("errors.txt").read_text(encoding="utf-8"),
    re.MULTILINE,
)


def test_every_command_has_errors_here() -> None:
    commands = {shlex.split(line)[0] for line, _, _ in ERRORS}
    assert commands >= {"completion", "film", "job", "models", "paint-1.0", "speak"}


@pytest.mark.parametrize(("line", "message", "code"), ERRORS, ids=[line for line, _, _ in ERRORS])
def test_an_error_has_this_text(cli: Cli, server: Server, line: str, message: str, code: str) -> None:
    server.on("POST /v1/3d-think", Reply({"error": "slow down"}, 429))
    server.job("job-2", "FAILED")
    done = cli(*shlex.split(line))
    assert done.stdout == ""
    assert done.stderr == message
    assert done.returncode == int(code)
