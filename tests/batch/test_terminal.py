"""What the `batch` command shows on a terminal: a bar in one line of any width, and messages and results above it."""

from __future__ import annotations

import json
import os
import re
import struct
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any

import pytest
from segmind_batches import CLIENT, SYNC

if TYPE_CHECKING:
    from pathlib import Path

if sys.platform == "win32":
    pytest.skip("pseudo-terminals", allow_module_level=True)

import fcntl
import pty
import termios

_ROWS = "".join(json.dumps({"prompt": f"fox {each}", "key": f"狐狸{each}"}) + "\n" for each in range(8))


def run(
    api: Any,
    folder: Path,
    *words: str,
    widths: tuple[int, ...] = (80,),
    variables: dict[str, str] | None = None,
) -> str:
    """Run on a terminal, whose width changes. Returns what the terminal got."""
    (folder / "rows.jsonl").write_text(_ROWS, encoding="utf-8")
    controller, terminal = pty.openpty()
    resize(terminal, widths[0])
    command = [sys.executable, "-m", "segmind_client", "batch", "rows.jsonl", "-o", "out", "--model", SYNC]
    environment = {**os.environ, **api.environment, "PYTHONPATH": str(CLIENT), "TERM": "xterm-256color"}
    for name in ("NO_COLOR", "FORCE_COLOR", "COLUMNS"):
        environment.pop(name, None)
    process = subprocess.Popen(
        [*command, *words],
        cwd=folder,
        env={**environment, **(variables or {})},
        stdin=terminal,
        stdout=terminal,
        stderr=terminal,
        start_new_session=True,
    )
    os.close(terminal)
    output, sizes, began = b"", [*widths[1:]], time.monotonic()
    while True:
        try:
            piece = os.read(controller, 65536)
        except OSError:
            break
        if not piece:
            break
        output += piece
        if sizes and b"done" in piece and time.monotonic() - began > 0.3:
            began = time.monotonic()
            resize(controller, sizes.pop(0))
    os.close(controller)
    process.wait(timeout=30)
    return output.decode()


def resize(descriptor: int, columns: int) -> None:
    fcntl.ioctl(descriptor, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))


def frames(output: str) -> list[str]:
    """Return the states of the last line, as the terminal shows them."""
    plain = re.sub(r"\x1b\[[0-9;?]*[A-JL-Za-z]", "", output)
    return [frame for line in plain.split("\n") for frame in re.split(r"\r?\x1b\[2K|\r", line)]


@pytest.mark.parametrize("widths", [(5,), (100, 60, 20, 1, 80)])
def test_the_bar_fits_in_the_terminal(api: Any, tmp_path: Path, widths: tuple[int, ...]) -> None:
    api.fault("latency=0.3")
    shown = frames(run(api, tmp_path, "--concurrency", "2", widths=widths))
    bars = [frame for frame in shown if re.search("of 8|━|…", frame)]
    assert len(bars) > 2
    assert max(map(len, bars)) <= max(widths)
    assert shown[-1] == ""


def test_messages_stand_above_the_bar(api: Any, tmp_path: Path) -> None:
    api.fault("latency=0.4;when=prompt:fox 5", "status=400;when=prompt:fox 2")
    output = run(api, tmp_path, widths=(300,))
    (line,) = [frame for frame in frames(output) if "failed: 400" in frame]
    assert line.startswith("狐狸2: failed: 400 Bad Request")


def test_json_on_a_terminal_is_not_mixed_with_a_bar(api: Any, tmp_path: Path) -> None:
    api.fault("latency=0.3")
    lines = run(api, tmp_path, "--json", widths=(40,)).splitlines()
    assert {json.loads(line)["state"] for line in lines[:8]} == {"done"}
    assert [line for line in lines[8:] if line.startswith("{")] == []


@pytest.mark.parametrize(
    ("variables", "escapes"), [({"NO_COLOR": "1"}, ["?25l", "?25h", "1A", "2K"]), ({"TERM": "dumb"}, [])]
)
def test_colors_and_motion_can_be_turned_off(
    api: Any, tmp_path: Path, variables: dict[str, str], escapes: list[str]
) -> None:
    api.fault("latency=0.3")
    found = {*re.findall(r"\x1b\[([0-9;?]*[A-Za-z])", run(api, tmp_path, variables=variables))}
    assert found == {*escapes}
