"""Files on the command line: paths, standard input, completion and errors."""

from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING, Any

import pytest

from speccast.emulator.bodies import form_fields

from .conftest import JPEG, PNG, Reply
from .test_completion import list_offered

if TYPE_CHECKING:
    from .conftest import Cli, Server


@pytest.fixture(autouse=True)
def _files(cli: Cli, server: Server) -> None:
    server.on("POST /v1/speak", Reply(b"ID3\x03", content_type="audio/mpeg"))
    (cli.folder / "fox.png").write_bytes(PNG)
    (cli.folder / "[1].jpg").write_bytes(JPEG)


def speak(cli: Cli, *arguments: str, **more: Any) -> Any:
    return cli("speak", "--text", "x", *arguments, **more)


def list_sent(server: Server) -> list[tuple[str, Any]]:
    [request] = server.received
    return form_fields(request.body, request.headers["content-type"])


def file(name: str, media_type: str, size: int) -> dict[str, Any]:
    return {"filename": name, "media_type": media_type, "size": size}


def test_paths_are_sent_as_files(cli: Cli, server: Server) -> None:
    done = speak(cli, "--scan", "fox.png", "--views", "[1].jpg", "--views", str(cli.folder / "fox.png"))
    assert done.returncode == 0, done.stderr
    assert list_sent(server) == [
        ("text", "x"),
        ("scan", file("fox.png", "image/png", len(PNG))),
        ("views[]", file("[1].jpg", "image/jpeg", len(JPEG))),
        ("views[]", file("fox.png", "image/png", len(PNG))),
    ]


def test_a_dash_reads_standard_input(cli: Cli, server: Server) -> None:
    assert speak(cli, "--scan", "-", stdin=JPEG).returncode == 0
    assert list_sent(server)[1] == ("scan", file("scan.jpg", "image/jpeg", len(JPEG)))
    server.received.clear()
    words = cli.command("speak", "--text", "x", "--scan", "-")
    with (cli.folder / "fox.png").open("rb") as redirected:
        subprocess.run(
            words, stdin=redirected, cwd=cli.folder, env=cli.environment, check=True, capture_output=True
        )
    assert list_sent(server)[1][1]["size"] == len(PNG)


@pytest.mark.parametrize(
    ("arguments", "lines"),
    [
        (["--scan", "none.png"], ["--scan 'none.png': cannot read none.png: No such file or directory"]),
        (["--scan", "."], ["--scan '.': cannot read .: Is a directory"]),
        (["--scan", "-", "--views", "-"], ["--views: standard input was already read for --scan"]),
        (
            ["--views", "none", "--views", "fox.png"],
            ["--views[0] 'none': cannot read none: No such file or directory"],
        ),
        (
            ["--scan", "text.txt"],
            [
                "--scan 'text.txt': must be image/png or image/jpeg, not text/plain",
                "--scan 'text.txt': must have at most 1 kB, not 2 kB",
            ],
        ),
    ],
)
def test_files_that_cannot_be_sent_are_named(
    cli: Cli, server: Server, arguments: list[str], lines: list[str]
) -> None:
    (cli.folder / "text.txt").write_text("x" * 2000)
    done = speak(cli, *arguments, stdin=PNG)
    assert done.returncode == 2
    for line in lines:
        assert line in done.stderr
    assert not server.received


def test_a_dry_run_shows_files_by_name_type_and_size(cli: Cli, server: Server) -> None:
    done = speak(cli, "--dry-run", "--json", "--scan", "fox.png", "--views", "fox.png", "--views", "fox.png")
    shown = f"<fox.png, image/png, {len(PNG)} bytes>"
    assert json.loads(done.stdout)["body"] == {"text": "x", "scan": shown, "views[]": [shown, shown]}
    assert not server.received


def test_a_file_of_parameters_can_name_files(cli: Cli, server: Server) -> None:
    (cli.folder / "params.json").write_text(json.dumps({"scan": "fox.png", "views[]": ["[1].jpg"]}))
    assert speak(cli, "--params-file", "params.json").returncode == 0
    assert [name for name, value in list_sent(server) if isinstance(value, dict)] == ["scan", "views[]"]


def test_help_says_what_a_file_must_be(cli: Cli) -> None:
    done = cli("speak", "--help")
    assert "--scan PATH" in done.stdout
    assert "[image/png or image/jpeg, at most 1 kB]" in " ".join(done.stdout.split())


def test_names_of_files_are_completed(cli: Cli) -> None:
    assert list_offered(cli, "speak", "--scan", "f") == ["fox.png"]
    assert list_offered(cli, "speak", "--views", "f") == ["fox.png"]
