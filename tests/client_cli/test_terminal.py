"""On a terminal: progress, color, Ctrl-C and the keyboard."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from .conftest import JPEG, Reply

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
    terminal = cli.on_terminal(*FILM, interrupt_at="PROCESSING", stdout="pipe")
    assert (terminal.code, terminal.stdout) == (130, b"")
    assert "Interrupted. Job job-2 is still running" in terminal.output
    assert terminal.output.rstrip().endswith("acme-client job job-2 --wait")
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
