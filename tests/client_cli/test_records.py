"""`--embed`, and the commands `show` and `again`."""

from __future__ import annotations

import hashlib
import json
import subprocess
from io import BytesIO
from typing import TYPE_CHECKING, Any

import pytest
from PIL import Image

from .conftest import JPEG, Reply

if TYPE_CHECKING:
    from .conftest import Cli, Server

PAINT = ("paint-1.0", "--prompt", "a \x1b[31mred fox", "--steps", "20")


def _png() -> bytes:
    file = BytesIO()
    Image.new("RGB", (3, 2), "red").save(file, "PNG")
    return file.getvalue()


PNG = _png()


@pytest.fixture
def fox(cli: Cli, server: Server) -> None:
    """`fox.png` with the record of its request."""
    headers = {"x-request-id": "r1", "x-cost": "0.5", "x-seed": "7"}
    server.on("POST /v1/paint-1.0", Reply(PNG, content_type="image/png", headers=headers))
    assert cli(*PAINT, "--embed", "-o", "fox").stdout == "fox.png\n"


def body_of_the_last_request(server: Server) -> Any:
    return server.asked("POST")[-1].json


@pytest.mark.usefixtures("fox")
def test_show_prints_the_request(cli: Cli) -> None:
    done = cli("show", "fox.png")
    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert lines[0] == "model: paint-1.0"
    assert "by acme-client 1.2.3" in lines[1]
    assert lines[2:6] == ["request: r1", "cost: 0.5", "seed: 7", "parameters:"]
    assert '  prompt: "a \\u001b[31mred fox"' in lines
    assert "  steps: 20" in lines
    record = json.loads(cli("show", "fox.png", "--json").stdout)
    assert (record["model"], record["seed"]) == ("paint-1.0", 7)
    assert record["parameters"]["prompt"] == "a \x1b[31mred fox"


def test_show_without_a_record_is_an_error(cli: Cli) -> None:
    (cli.folder / "fox.png").write_bytes(PNG)
    done = cli("show", "fox.png")
    assert (done.returncode, done.stdout) == (1, "")
    assert "fox.png has no record of its request" in done.stderr
    assert cli("show", "none.png").returncode == 2


@pytest.mark.usefixtures("fox")
def test_show_cleans_escape_sequences(cli: Cli) -> None:
    content = (cli.folder / "fox.png").read_bytes()
    text = Image.open(cli.folder / "fox.png").info["speccast.record"]
    hostile = text.replace('"r1"', '"\\u001b]0;title\\u0007"')
    assert len(hostile) != len(text)
    (cli.folder / "fox.mp4").write_bytes(content[:0] + b"film")
    digest = hashlib.sha256(b"film").hexdigest()
    (cli.folder / "fox.mp4.json").write_text(hostile.replace("{", f'{{"sha256":"{digest}",', 1))
    assert "title" not in cli("show", "fox.mp4").stdout
    assert "request:" in cli("show", "fox.mp4").stdout


@pytest.mark.usefixtures("fox")
def test_again_repeats_the_request_with_the_seed_of_the_response(cli: Cli, server: Server) -> None:
    first = body_of_the_last_request(server)
    assert "seed" not in first
    done = cli("again", "fox.png", "--yes")
    assert (done.returncode, done.stdout) == (0, "fox-1.png\n")
    assert body_of_the_last_request(server) == {**first, "seed": 7}
    assert cli("show", "fox-1.png").stdout.count("seed: 7") == 2
    done = cli(
        "again", "fox.png", "--yes", "--set", "steps=30", "--set", "guidance-scale=2", "--no-embed", "-o", "x"
    )
    assert done.stdout == "x.png\n"
    assert body_of_the_last_request(server) == {**first, "seed": 7, "steps": 30, "guidance-scale": 2}
    assert (cli.folder / "x.png").read_bytes() == PNG


@pytest.mark.usefixtures("fox")
def test_again_prints_the_output_without_a_record(cli: Cli) -> None:
    done = subprocess.run(
        cli.command("again", "fox.png", "--yes", "-o", "-"),
        cwd=cli.folder,
        env=cli.environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=True,
    )
    assert done.stdout == PNG


@pytest.mark.usefixtures("fox")
def test_again_asks_on_a_terminal(cli: Cli, server: Server) -> None:
    done = cli.on_terminal("again", "fox.png", typed=b"y\n")
    assert done.code == 0
    assert "The last time it cost 0.5." in done.output
    assert '"steps": 20' in done.output
    assert len(server.asked("POST")) == 2
    done = cli.on_terminal("again", "fox.png", typed=b"n\n")
    assert done.code == 1
    assert "Nothing was sent." in done.output
    assert len(server.asked("POST")) == 2


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ((), "To send it, pass --yes"),
        (("--yes", "--max-cost", "0.4"), "the request cost 0.5 the last time, which is more than 0.4"),
        (("--yes", "--set", "nose=1"), "--set nose=1: must be NAME=VALUE, with one of the names prompt, sampler"),
        (("--yes", "--set", "steps"), "--set steps: must be NAME=VALUE"),
        (("--yes", "--set", "steps=5", "--set", "width=65"), "2 invalid parameters for paint-1.0"),
        (("--yes", "--embed", "-o", "-"), "--embed needs a file"),
    ],
)  # fmt: skip
@pytest.mark.usefixtures("fox")
def test_again_refuses_before_anything_is_sent(
    cli: Cli, server: Server, words: tuple[str, ...], message: str
) -> None:
    done = cli("again", "fox.png", *words)
    assert done.returncode == 2
    assert message in done.stderr
    assert len(server.asked("POST")) == 1


def test_again_needs_the_content_of_inputs(cli: Cli, server: Server) -> None:
    server.on("POST /v1/speak", Reply(b"ID3\x04" + bytes(30), content_type="audio/mpeg"))
    (cli.folder / "in.png").write_bytes(PNG)
    assert cli("speak", "--text", "x", "--scan", "in.png", "--embed", "-o", "out").stdout == "out.mp3\n"
    assert f"scan: in.png, image/png, {len(PNG)} bytes, sha256 " in cli("show", "out.mp3").stdout
    done = cli("again", "out.mp3", "--yes")
    assert done.returncode == 2
    assert "--scan: the content is not in the file (in.png, image/png" in done.stderr
    assert "pass it with --set scan=PATH" in done.stderr
    done = cli("again", "out.mp3", "--yes", "--set", "scan=in.png")
    assert (done.stdout, done.stderr) == ("out-1.mp3\n", "")
    (cli.folder / "other.jpg").write_bytes(JPEG)
    assert "seed" not in done.stderr
    done = cli("again", "out.mp3.json", "--yes", "--set", "scan=other.jpg")
    assert done.stdout == "out-2.mp3\n"
    assert "scan is not the file that was sent the last time" in done.stderr
    done = cli("again", "out.mp3.json", "--yes", "--set", "scan=-", stdin=PNG)
    assert (done.stdout, done.stderr) == ("out-3.mp3\n", "")
    assert PNG in server.received[-1].body


def test_a_note_names_each_input_of_a_list_that_has_changed(cli: Cli, server: Server) -> None:
    server.on("POST /v1/speak", Reply(b"ID3\x04" + bytes(30), content_type="audio/mpeg"))
    (cli.folder / "a.png").write_bytes(PNG)
    (cli.folder / "b.jpg").write_bytes(JPEG)
    words = ("speak", "--text", "x", "--views", "a.png", "--views", "b.jpg", "--embed", "-o", "out")
    assert cli(*words).stdout == "out.mp3\n"
    note = "Note: views[][{}] is not the file that was sent the last time."
    again = ("again", "out.mp3", "--yes", "--set")
    same = cli(*again, "views=a.png", "--set", "views=b.jpg")
    assert (same.returncode, same.stderr) == (0, "")
    swapped = cli(*again, "views=b.jpg", "--set", "views=a.png")
    assert swapped.stderr.splitlines() == [note.format(0), note.format(1)]
    second = cli(*again, "views=a.png", "--set", "views=a.png", "--set", "views=a.png")
    assert second.stderr.splitlines() == [note.format(1)]
    short = cli(*again, "views=a.png")
    assert short.stderr.splitlines() == ["Note: views[][1] was a file the last time, and is missing."]


def test_a_note_says_that_the_seed_is_not_known(cli: Cli, server: Server) -> None:
    server.on("POST /v1/paint-1.0", Reply(PNG, content_type="image/png"))
    assert cli(*PAINT, "--embed", "-o", "fox").stdout == "fox.png\n"
    assert "neither the request nor the response had a seed" in cli("again", "fox.png", "--yes").stderr
    assert "seed" not in cli("again", "fox.png", "--yes", "--set", "seed=1").stderr


def test_again_repeats_jobs(cli: Cli, server: Server) -> None:
    assert cli("film", "--prompt", "x", "--interval", "0.01", "--embed", "-o", "fox").stdout == "fox.png\n"
    done = cli("again", "fox.png", "--yes", "--interval", "0.01")
    assert done.stdout == "fox-1.png\n"
    assert [each.path for each in server.asked("POST")] == ["/v2/film"] * 2
    record = cli.folder / "fox.png.json"
    record.write_text(record.read_text().replace('"spec":"', '"spec":"0'))
    done = cli("again", "fox.png", "--yes", "--interval", "0.01")
    assert (
        "acme-client 1.2.3 made the file. In 1.2.3, which is installed, the parameters of film have changed"
        in done.stderr
    )
    record.write_text(record.read_text().replace('"model":"film"', '"model":"gone"'))
    done = cli("again", "fox.png", "--yes")
    assert done.returncode == 1
    assert "was made by the model gone, which this version of acme-client does not have" in done.stderr


@pytest.mark.usefixtures("fox")
def test_again_can_show_the_request_only(cli: Cli, server: Server) -> None:
    done = cli("again", "fox.png", "--dry-run", "--json", "--set", "tile=true")
    assert json.loads(done.stdout)["body"]["seed"] == 7
    assert json.loads(done.stdout)["body"]["tile"] is True
    assert len(server.asked("POST")) == 1
