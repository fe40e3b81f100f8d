"""Snapshots of representative errors of `speccast serve`, so that a change of their wording is deliberate."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from speccast.cli import run

if TYPE_CHECKING:
    import httpx2

SNAPSHOTS = Path(__file__).parent / "snapshots"
ROOT = Path(__file__).parents[2]

COMMANDS = (
    "serve --rate fast",
    "serve --credits many",
    "serve --progress poll:2",
    "serve --key=",
    "serve --url api.example.com",
    "serve --allow-origin https://app.example/page",
    "serve --fault stauts=503",
    "serve --fault status=200",
    "serve --fault job-failed;surface=sync",
    "serve --fault status=500;model=sd2.1",
    "serve --api other",
    "serve --package no_such_package",
)

REQUESTS: tuple[tuple[str, str, dict[str, str], bytes], ...] = (
    ("POST", "/v1/painter-1.5", {}, b'{"promt": "a", "width": 15}'),
    ("POST", "/v1/painter-1.5", {}, b"["),
    ("POST", "/v1/painter-1.5", {"content-type": "text/plain"}, b"{}"),
    ("POST", "/v1/painter", {}, b"{}"),
    ("GET", "/v2/requests/unknown", {}, b""),
    ("GET", "/v1/painter-1.5", {}, b""),
    ("POST", "/v1/echo", {"x-studio-key": ""}, b"{}"),
    ("POST", "/v1/echo", {"x-speccast-fault": "latncy=1"}, b"{}"),
    ("POST", "/v1/echo", {"host": "example.com"}, b"{}"),
    ("POST", "/_emulator/faults", {}, b"[1]"),
    ("POST", "/_emulator/clock", {}, b'{"advance": -1}'),
    ("GET", "/_emulator/journal?slug=echo", {}, b""),
    ("GET", "/_emulator/nothing", {}, b""),
)


def test_errors_of_the_command(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    lines = []
    for command in COMMANDS:
        code = run(command.split())
        lines.append(f"$ speccast {command}\n{capsys.readouterr().err}[exit {code}]\n")
    check("command.txt", "\n".join(lines))


def test_errors_of_requests(studio: httpx2.Client) -> None:
    lines = []
    for method, path, headers, body in REQUESTS:
        response = studio.request(
            method, path, headers={"content-type": "application/json", **headers}, content=body
        )
        shown = "".join(f"{name}: {value}\n" for name, value in headers.items())
        lines.append(
            f"{method} {path}\n{shown}{body.decode()}\n{response.status_code} {response.text.strip()}\n".replace(
                "\r", ""
            )
        )
    check("requests.txt", "\n".join(lines))


def check(name: str, actual: str) -> None:
    """Compare with a snapshot. To accept a change, delete the file and run the test twice."""
    path = SNAPSHOTS / name
    if not path.exists():
        path.write_text(actual, encoding="utf-8")
        pytest.fail(f"{name} did not exist and was written")
    assert actual == path.read_text(encoding="utf-8")
