"""On a terminal: progress, color, Ctrl-C and the keyboard."""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING

from .conftest import JPEG, PNG, Reply

if TYPE_CHECKING:
    from .conftest import Cli, Server

FILM = ("film", "--prompt", "x")
CURSOR_HIDDEN, CURSOR_SHOWN = "\x1b[?25l", "\x1b[?25h"


def test_a_terminal_shows_state_and_time_of_a_job(cli: Cli, server: Server) -> None:
    server.job("job-2", "QUEUED", "PROCESSING", "PROCESSING", "COMPLETED")
    terminal = cli.on_terminal(*FILM, "--interval", "0.3", stdout="pipe")
    assert (terminal.code, terminal.stdout) == (0, b"film-job-2.png\n")
    assert "job job-2: QUEUED" in terminal.output
    assert re.search(r"job job-2: PROCESSING \S*0:00:0\d", re.sub(r"\x1b\[[0-9;]*m", "", terminal.output))
    assert terminal.output.rindex(CURSOR_SHOWN) > terminal.output.rindex(CURSOR_HIDDEN)


def test_paths_are_printed_after_the_spinner(cli: Cli) -> None:
    terminal = cli.on_terminal(*FILM, "--debug")
    assert terminal.code == 0
    assert terminal.output.endswith("film-job-2.png\r\n")
    assert terminal.output.rindex(CURSOR_SHOWN) < terminal.output.rindex("film-job-2.png")
    assert "GET " in terminal.output


def test_a_blocking_call_has_a_spinner(cli: Cli, server: Server) -> None:
    server.on("POST /v1/paint-1.0", Reply(JPEG, content_type="image/jpeg", delay=0.3))
    terminal = cli.on_terminal("paint-1.0", "--prompt", "x", stdout="pipe")
    assert terminal.stdout == b"paint-1.0.jpg\n"
    assert CURSOR_HIDDEN in terminal.output
    assert "paint-1.0" in terminal.output


def test_quiet_and_a_dumb_terminal_show_no_spinner(cli: Cli) -> None:
    assert cli.on_terminal(*FILM, "--quiet", stdout="pipe").output == ""
    assert cli.on_terminal(*FILM, env={"TERM": "dumb"}, stdout="pipe").output == "job job-2: COMPLETED\r\n"


def test_color_is_used_on_a_terminal_only(cli: Cli) -> None:
    invalid = ("paint-1.0", "--steps", "5")
    assert "\x1b[31m\x1b[1mError:" in cli.on_terminal(*invalid).output
    for env in ({"NO_COLOR": "1"}, {"TERM": "dumb"}):
        assert "\x1b" not in cli.on_terminal(*invalid, env=env).output
    assert "\x1b" not in cli(*invalid).stderr


def test_ctrl_c_prints_the_command_that_resumes(cli: Cli, server: Server) -> None:
    server.job("job-2", "PROCESSING")
    terminal = cli.on_terminal(*FILM, interrupt_at="PROCESSING", stdout="pipe", typed=b"n\n")
    assert (terminal.code, terminal.stdout) == (130, b"")
    assert "Interrupted. Job job-2 is still running" in terminal.output
    assert re.search(
        r"^  acme-client job job-2 --wait\r?\n\s*Cancel the job\?", terminal.output, re.MULTILINE
    )
    assert terminal.output.rindex(CURSOR_SHOWN) < terminal.output.index("Interrupted")
    assert "Traceback" not in terminal.output


def test_reading_from_the_keyboard_explains_how_to_end(cli: Cli, server: Server) -> None:
    terminal = cli.on_terminal("paint-1.0", "--prompt", "-", typed=b"a fox\n\x04", stdout="pipe")
    assert terminal.stdout == b"paint-1.0-r1.jpg\n"
    assert "Reading --prompt from the keyboard; end with Ctrl-D" in terminal.output
    assert server.received[0].json["prompt"] == "a fox"


def test_control_characters_in_a_state_are_removed(cli: Cli, server: Server) -> None:
    server.job("job-2", "PRO\x1b[41m[red]CESSING", "COMPLETED")
    terminal = cli.on_terminal(*FILM, "--interval", "0.3", stdout="pipe")
    assert "PRO[red]CESSING" in terminal.output
    assert "\x1b[41m" not in terminal.output


HOSTILE = """
import sys
from dataclasses import replace
from acme_client import _api
trap = "x\\x1b]0;title\\x07\\x1b[31m\\u202e\\x9b2J\\u200b\\U000e0041y"
_api.API = replace(_api.API, base_url=f"https://{trap}", title=trap, version=trap, env_base_url=trap)
from acme_client.cli import main
print(trap, trap, file=sys.stderr)
for line in sys.argv[1:]:
    print(f"@@@ {line}", flush=True)
    main(line.split())
"""


def test_no_text_of_a_spec_reaches_a_terminal_uncleaned(cli: Cli) -> None:
    cli.command = lambda *words: [sys.executable, "-c", HOSTILE, *words]  # type: ignore[method-assign]  # not the package itself
    lines = ("--help", "paint-1.0 --help", "job --help", "--version", "models", "paint-1.0")
    for env in ({}, {"NO_COLOR": "1"}):
        raw, *outputs = cli.on_terminal(*lines, env=env).output.split("@@@ ")
        assert "\x1b]0" in raw
        assert len(outputs) == len(lines)
        for output in outputs:
            rest = output if env else re.sub(r"\x1b\[(0|1|2|31|33|36)m", "", output)
            assert re.findall(r"[^\w\s!-~…]", rest) == []


def test_help_is_colored_on_a_terminal_only(cli: Cli) -> None:
    output = cli.on_terminal("paint-1.0", "--help").output
    assert "\x1b[33m\x1b[1mParameters:\x1b[0m" in output or "\x1b[33m\x1b[1mParameters\x1b[0m:" in output
    assert "\x1b[36m--prompt TEXT\x1b[0m" in output
    for env in ({"NO_COLOR": "1", "FORCE_COLOR": "1"}, {"TERM": "dumb"}):
        assert "\x1b" not in cli.on_terminal("paint-1.0", "--help", env=env).output
    assert "\x1b" not in cli("paint-1.0", "--help").stdout
    assert "\x1b[36m--prompt TEXT\x1b[0m" in cli("paint-1.0", "--help", env={"FORCE_COLOR": "1"}).stdout


def test_errors_wrap_at_words_on_a_terminal(cli: Cli, server: Server) -> None:
    sentence = "This is a long explanation by the server of what was wrong. " * 4
    server.on("POST /v1/paint-1.0", Reply({"error": sentence}, 406))
    lines = cli.on_terminal(
        "paint-1.0", "--prompt", "x", "--quiet", env={"COLUMNS": "60", "NO_COLOR": "1"}
    ).output.splitlines()
    assert max(map(len, lines)) <= 60
    assert len(lines) > 3
    assert sentence.strip() in " ".join(lines)
    violations = cli.on_terminal(
        "paint-1.0", "--prompt", "x", "--aspect-ratio", "16:10", env={"COLUMNS": "60", "NO_COLOR": "1"}
    ).output
    assert max(map(len, violations.splitlines())) <= 60
    assert "did you mean '16:9 landscape 1344x768'?" in " ".join(violations.split())


def test_a_pause_says_why_and_until_when(cli: Cli, server: Server) -> None:
    limited = Reply({"error": "slow down"}, 429, headers={"retry-after": "1"})
    image = Reply(PNG, content_type="image/png")
    server.on("POST /v1/paint-1.0", limited, image)
    done = cli("paint-1.0", "--prompt", "x")
    assert done.stdout == "paint-1.0.png\n"
    assert re.fullmatch(r"429 Rate Limited: attempt 2 of 3 in 1\.\d s, at \d\d:\d\d:\d\d\n", done.stderr), (
        done.stderr
    )
    server.on("POST /v1/paint-1.0", limited, image)
    assert cli("paint-1.0", "--prompt", "x", "--quiet").stderr == ""
