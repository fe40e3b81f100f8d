"""Where outputs are saved, their names, and what is printed."""

from __future__ import annotations

import base64
import json
import os
from typing import TYPE_CHECKING

import pytest

from .conftest import JPEG, PNG, Reply

if TYPE_CHECKING:
    from .conftest import Cli, Server

PAINT = ("paint-1.0", "--prompt", "x")


def test_a_generated_name_is_unique(cli: Cli) -> None:
    for name in ("paint-1.0-r1.jpg", "paint-1.0-r1-1.jpg", "paint-1.0-r1-2.jpg"):
        done = cli(*PAINT)
        assert (done.returncode, done.stdout, done.stderr) == (0, f"{name}\n", "")
        assert (cli.folder / name).read_bytes() == JPEG
    assert len(cli.files()) == 3


def test_a_generated_name_has_the_request_id_or_the_seed(cli: Cli, server: Server) -> None:
    server.on("POST /v1/paint-1.0", Reply(PNG, content_type="image/png", headers={"x-seed": "7"}))
    assert cli(*PAINT).stdout == "paint-1.0-7.png\n"
    server.on("POST /v1/paint-1.0", Reply(PNG, content_type="image/png"))
    assert cli(*PAINT).stdout == "paint-1.0.png\n"


def test_the_cost_is_printed_to_standard_error(cli: Cli, server: Server) -> None:
    done = cli(*PAINT, "--cost")
    assert (done.stdout, done.stderr) == ("paint-1.0-r1.jpg\n", "Cost: 0.5\n")
    server.on(
        "POST /v1/paint-1.0",
        Reply(PNG, content_type="image/png", headers={"x-cost": "1e400", "x-credits": "12.50"}),
    )
    assert cli(*PAINT, "--cost").stderr == "The API did not report the cost.\nRemaining credits: 12.5\n"
    assert "Cost: 1\n" in cli("film", "--prompt", "x", "--cost", "--interval", "0.01").stderr
    assert "Cost: 1\n" in cli("job", "job-2", "--wait", "--cost").stderr


def test_a_request_id_cannot_change_the_folder(cli: Cli, server: Server) -> None:
    server.on(
        "POST /v1/paint-1.0", Reply(PNG, content_type="image/png", headers={"x-request-id": "../../x\t\x85y"})
    )
    [name] = cli(*PAINT).stdout.splitlines()
    assert cli.files() == [name]
    assert name.startswith("paint-1.0-")
    assert name.endswith("y.png")


def test_a_file_with_a_full_name_is_overwritten(cli: Cli) -> None:
    (cli.folder / "fox.jpeg").write_bytes(b"old")
    assert cli(*PAINT, "-o", "fox.jpeg").stdout == "fox.jpeg\n"
    assert (cli.folder / "fox.jpeg").read_bytes() == JPEG
    assert cli.files() == ["fox.jpeg"]


def test_a_name_without_extension_gets_one_and_overwrites_nothing(cli: Cli) -> None:
    assert cli(*PAINT, "-o", "fox").stdout == "fox.jpg\n"
    assert cli(*PAINT, "-o", "fox").stdout == "fox-1.jpg\n"


def test_a_folder_gets_a_generated_name(cli: Cli) -> None:
    (cli.folder / "there").mkdir()
    for place in ("new/deep/", "there"):
        [path] = cli(*PAINT, "-o", place).stdout.splitlines()
        assert path == f"{place.rstrip('/')}/paint-1.0-r1.jpg"
        assert (cli.folder / path).read_bytes() == JPEG


def test_a_wrong_extension_is_noted(cli: Cli) -> None:
    done = cli(*PAINT, "-o", "fox.png")
    assert (done.returncode, done.stdout) == (0, "fox.png\n")
    assert done.stderr == "Note: the content of fox.png usually has the extension .jpg.\n"
    assert cli(*PAINT, "-o", "fox.jpeg").stderr == ""


def test_several_images_are_numbered(cli: Cli, server: Server) -> None:
    images = [base64.b64encode(image).decode() for image in (PNG, JPEG)]
    server.on("POST /v1/paint-1.0", Reply({"images": images}))
    assert cli(*PAINT, "-o", "fox").stdout == "fox-1.png\nfox-2.jpg\n"
    assert (cli.folder / "fox-2.jpg").read_bytes() == JPEG


def test_bytes_are_written_to_standard_output_only(cli: Cli, server: Server) -> None:
    server.on("POST /v1/paint-1.0", Reply({"image": base64.b64encode(PNG).decode()}))
    for words, content in ((("film", "--prompt", "x"), PNG), (PAINT, PNG)):
        done = cli(*words, "-o", "-", "--quiet")
        assert done.returncode == 0
        assert done.stdout.encode(errors="surrogateescape") == content
    assert cli.files() == []


def test_several_images_on_standard_output_are_saved_instead(cli: Cli, server: Server) -> None:
    images = [base64.b64encode(PNG).decode()] * 2
    server.on("POST /v1/paint-1.0", Reply({"images": images}))
    done = cli(*PAINT, "-o", "-")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.endswith("paint-1.0-1.png\npaint-1.0-2.png\n")
    assert cli.files() == ["paint-1.0-1.png", "paint-1.0-2.png"]


def test_bytes_for_a_terminal_are_refused_before_the_request(cli: Cli, server: Server) -> None:
    terminal = cli.on_terminal(*PAINT, "-o", "-")
    assert terminal.code == 2
    assert "would write bytes to the terminal" in terminal.output
    assert server.received == []


def test_json_is_saved_and_can_be_printed_to_a_terminal(cli: Cli, server: Server) -> None:
    server.on("POST /v1/3d-think", Reply({"answer": "42\x1b[2J", "steps": [1]}))
    assert cli("3d-think", "--question", "x").stdout == "3d-think.json\n"
    assert json.loads((cli.folder / "3d-think.json").read_text()) == {"answer": "42\x1b[2J", "steps": [1]}
    assert json.loads(cli("3d-think", "--question", "x", "-o", "-").stdout)["steps"] == [1]
    server.on("POST /v1/3d-think", Reply(b'{"answer": "4\x1b[2J2"}'))
    terminal = cli.on_terminal("3d-think", "--question", "x", "-o", "-", "--quiet")
    assert terminal.code == 0
    assert '{"answer": "42"}' in terminal.output


def test_json_of_a_call_has_metadata_and_paths(cli: Cli) -> None:
    done = cli(*PAINT, "--json", "-o", "fox.jpg")
    assert json.loads(done.stdout) == {
        "model": "paint-1.0",
        "request_id": "r1",
        "content_type": "image/jpeg",
        "metadata": {"request_id": "r1", "cost": 0.5, "seed": 7},
        "paths": ["fox.jpg"],
    }


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["-o", "file/fox.png"], "cannot save to file/fox.png: file is not a folder."),
        (["-o", "/dev/null"], "cannot save to /dev/null: it is neither a file nor a folder."),
        (["-o", ""], "-o requires the path of a file or folder."),
        (["-o", "-", "--json"], "--json and '-o -' both write to standard output: use only one of them."),
        (["-o", "locked/fox.png"], "cannot save to locked/fox.png: no permission to write to locked."),
    ],
)
def test_an_invalid_output_path_is_an_error_before_the_request(
    cli: Cli, server: Server, words: list[str], message: str
) -> None:
    (cli.folder / "file").touch()
    (cli.folder / "locked").mkdir(mode=0o500)
    if "locked" in message and os.access(cli.folder / "locked", os.W_OK):
        message = "locked/fox.png\n"  # the superuser may write everywhere
    done = cli(*PAINT, *words)
    assert message in done.stderr + done.stdout
    if done.returncode:
        assert done.returncode == 2
        assert server.received == []


def test_standard_output_has_paths_only(cli: Cli) -> None:
    done = cli("paint-1.0", "--prompt", "x", "--async", "--interval", "0.01", "-o", "fox")
    assert (done.stdout, done.stderr) == ("fox.png\n", "")


@pytest.mark.parametrize(
    "reply",
    [
        Reply({"error": "out of memory"}),
        Reply(b"<html><title>Busy</title>", content_type="text/html"),
        Reply(b"", content_type="image/jpeg"),
        Reply(b"", 204),
    ],
    ids=["error", "page", "empty", "204"],
)
def test_a_success_that_is_not_the_output_is_an_error(cli: Cli, server: Server, reply: Reply) -> None:
    server.on("POST /v1/paint-1.0", reply)
    done = cli(*PAINT, "-o", "fox.jpg")
    assert (done.returncode, done.stdout) == (1, "")
    assert f"status {reply.status} and " in done.stderr
    assert cli.files() == []


def test_what_cannot_have_the_name_is_saved_under_another(cli: Cli, server: Server) -> None:
    server.on("POST /v1/paint-1.0", Reply({"nsfw": True}))
    done = cli(*PAINT, "-o", "fox.jpg")
    assert (done.returncode, done.stdout) == (1, "")
    assert "the output is JSON, and was not saved as fox.jpg" in done.stderr
    assert "Saved instead:\npaint-1.0.json\n" in done.stderr
    assert cli.files() == ["paint-1.0.json"]


def test_certain_bytes_win_over_the_header(cli: Cli, server: Server) -> None:
    server.on("POST /v1/paint-1.0", Reply(PNG, content_type="text/plain"))
    assert json.loads(cli(*PAINT, "--json", "-o", "sd2.1-fox").stdout) == {
        "model": "paint-1.0",
        "request_id": None,
        "content_type": "image/png",
        "metadata": {},
        "paths": ["sd2.1-fox.png"],
    }
