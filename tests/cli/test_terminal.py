"""What the tool prints to a terminal, and what its errors quote."""

from __future__ import annotations

import io
import sys

import pytest

from speccast import cli
from speccast.cli.terminal import guard

HOSTILE = "\x1b]0;title\x07\x1b[2J\x9b31m\x08\r\u202e\u200b\ufeff\x00"


class FakeTerminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_only_printable_text_lines_and_colors_reach_a_terminal() -> None:
    terminal = FakeTerminal()
    stream = guard(terminal)
    stream.write(f"\x1b[31mred\x1b[0m\n{HOSTILE}\n")
    stream.writelines(["\x1b[?25l", "é 中\n"])
    assert terminal.getvalue() == (
        "\x1b[31mred\x1b[0m\n\\x1b]0;title\\x07\\x1b[2J\\x9b31m\\x08\\r\\u202e\\u200b\\ufeff\\x00\n\\x1b[?25lé 中\n"
    )


def test_a_pipe_receives_the_text_as_it_is() -> None:
    pipe = io.StringIO()
    assert guard(pipe) is pipe


def test_the_command_line_guards_both_streams(monkeypatch: pytest.MonkeyPatch) -> None:
    terminals = FakeTerminal(), FakeTerminal()

    def run(_: list[str]) -> int:
        print(HOSTILE)
        print(HOSTILE, file=sys.stderr)
        return 0

    monkeypatch.setattr(sys, "stdout", terminals[0])
    monkeypatch.setattr(sys, "stderr", terminals[1])
    monkeypatch.setattr(cli, "run", run)
    with pytest.raises(SystemExit):
        cli.main()
    assert [terminal.getvalue().replace("\n", "").isprintable() for terminal in terminals] == [True, True]


@pytest.mark.parametrize(
    "words",
    [
        [f"x{HOSTILE}"],
        ["generate", HOSTILE],
        [f"--{HOSTILE}"],
        ["lint", f"--format={HOSTILE}"],
        ["explain", HOSTILE],
    ],
)
def test_an_error_escapes_what_it_quotes(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(words) == 2
    printed = capsys.readouterr()
    assert printed.err
    assert (printed.out + printed.err).replace("\n", "").isprintable()
