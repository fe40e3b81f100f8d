"""Pictures, sounds and films on the command line: files, standard input, addresses and data URIs."""

from __future__ import annotations

import base64
import json
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from tests.thorough import cases

from .conftest import JPEG, PNG, Reply
from .test_completion import list_offered

if TYPE_CHECKING:
    from .conftest import Cli, Server

ADDRESS = "HTTPS://example.com/fox.png"
SIZE, LIMIT = cases(24_000_000, 210_000_000), cases(10 << 20, 100 << 20)
FILM = b"\x00\x00\x00\x18ftypmp42" + bytes(60)
JPEG_URI, PNG_URI = (
    f"data:image/{kind};base64,{base64.b64encode(content).decode()}"
    for kind, content in (("jpeg", JPEG), ("png", PNG))
)


@pytest.fixture(autouse=True)
def _files(cli: Cli, server: Server) -> None:
    server.on("POST /v1/blend", Reply(PNG, content_type="image/png"))
    (cli.folder / "fox.png").write_bytes(JPEG)
    (cli.folder / "[1].png").write_bytes(PNG)
    (cli.folder / "fox.mp4").write_bytes(FILM)


def list_sent(server: Server) -> dict[str, Any]:
    [request] = server.received
    server.received.clear()
    body: dict[str, Any] = request.json
    return body


def test_files_addresses_and_data_uris_are_sent_in_the_form_that_the_api_takes(
    cli: Cli, server: Server
) -> None:
    images = ["--images", "[1].png", "--images", "@fox.png", "--images", f'["{ADDRESS}"]']
    either = ["--either", "@[1].png", "--title", "fox.png", "--film", "fox.mp4"]
    done = cli("blend", "--image", "fox.png", *images, *either)
    assert done.returncode == 0, done.stderr
    assert list_sent(server) == {
        "image": JPEG_URI,
        "film": base64.b64encode(FILM).decode(),
        "images": [PNG_URI, JPEG_URI, ADDRESS],
        "either": PNG_URI,
        "title": [JPEG_URI],
    }
    either = ["--either", "fox.png", "--either", ADDRESS, "--title", "7", "--film", ""]
    assert cli("blend", "--image", PNG_URI, *either).returncode == 0
    assert list_sent(server) == {"image": PNG_URI, "film": "", "either": [JPEG_URI, ADDRESS], "title": 7}
    assert cli("blend", "--image", "gs://bucket/fox.png").returncode == 0
    assert list_sent(server) == {"image": "gs://bucket/fox.png"}
    assert cli("blend", "--image", ADDRESS, "--either", '{"a": 1}').returncode == 0
    assert list_sent(server) == {"image": ADDRESS, "either": {"a": 1}}


def test_a_dash_reads_standard_input_once(cli: Cli, server: Server) -> None:
    assert cli("blend", "--image", "-", "--images", "fox.png", stdin=PNG).returncode == 0
    assert list_sent(server) == {"image": PNG_URI, "images": [JPEG_URI]}
    words = cli.command("blend", "--image", "@-")
    with (cli.folder / "fox.png").open("rb") as redirected:
        subprocess.run(
            words, stdin=redirected, cwd=cli.folder, env=cli.environment, check=True, capture_output=True
        )
    assert list_sent(server) == {"image": JPEG_URI}
    done = cli("blend", "--image", "-", "--images", "fox.png", "--images", "-", stdin=PNG)
    assert done.returncode == 2
    assert "--images: standard input was already read for --image" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["--image", "none.png"], "--image 'none.png': cannot read none.png: No such file or directory"),
        (["--image", "@~/none.png"], "none.png: No such file or directory"),
        (["--image", "."], "--image '.': cannot read .: Is a directory"),
        (["--image", ""], "--image '': must be an image as URL or data URI"),
        (["--image", "AAAA" * 9999], f"cannot read {'AAAA' * 15}…: File name too long"),
        (["--image", "fox.mp4"], "--image 'fox.mp4': must be an image as URL or data URI, not video/mp4"),
        (["--image", "-"], "--image '-': must be an image as URL or data URI, not video/mp4"),
        (
            ["--image", "file:///tmp/fox.png"],
            "--image 'file:///tmp/fox.png': is the address of a file: to send the file, pass its path to --image",
        ),
        (
            ["--image", ADDRESS, "--images", "fox.png", "--images", "@fox.mp4"],
            "--images[1] '@fox.mp4': must be an image as URL or data URI, not video/mp4",
        ),
        (["--image", "large.png"], "must have at most 1 kB"),
        (["--image", ADDRESS, "--images", "fox.png", "--images", "no"], "--images[1] 'no': cannot read no"),
        (["--image", ADDRESS, "--film", ADDRESS], "must be a video as base64, not an address"),
    ],
)
def test_content_that_cannot_be_sent_is_an_error_of_usage(
    cli: Cli, server: Server, arguments: list[str], line: str
) -> None:
    (cli.folder / "large.png").write_bytes(PNG + bytes(1000))
    done = cli("blend", *arguments, stdin=(cli.folder / "fox.mp4").read_bytes())
    assert done.returncode == 2
    assert line in done.stderr
    assert not server.received


def test_a_dry_run_shows_files_by_name_type_and_size(cli: Cli, server: Server) -> None:
    done = cli("blend", "--dry-run", "--json", "--image", "fox.png", "--images", ADDRESS)
    shown = f"<fox.png, image/jpeg, {len(JPEG)} bytes>"
    assert json.loads(done.stdout)["body"] == {"image": shown, "images": [ADDRESS]}
    assert not server.received


def test_files_of_parameters_contain_texts(cli: Cli, server: Server) -> None:
    (cli.folder / "params.json").write_text(json.dumps({"image": ADDRESS, "images": [PNG_URI]}))
    assert cli("blend", "--params-file", "params.json").returncode == 0
    assert list_sent(server) == {"image": ADDRESS, "images": [PNG_URI]}
    (cli.folder / "params.json").write_text(json.dumps({"image": "fox.png"}))
    done = cli("blend", "--params-file", "params.json")
    assert done.returncode == 2
    assert "--image 'fox.png': is a path: to send the file, pass its path to --image\n" in done.stderr


def test_a_path_inside_json_is_answered_by_the_forms_that_its_member_takes(cli: Cli, server: Server) -> None:
    cast = json.dumps(dict.fromkeys(("link", "inline", "text"), "fox.png"))
    done = cli("blend", "--image", "fox.png", "--cast", cast)
    assert done.returncode == 2
    assert [line for line in done.stderr.splitlines() if "--cast" in line] == [
        f"  --cast[0].{name} 'fox.png': is a path: to send the file, pass {way}"
        for name, way in (("link", "its address"), ("inline", "a data URI"), ("text", "base64 or a data URI"))
    ]
    assert not server.received


def test_without_checks_files_are_sent_and_other_texts_are_names_of_files(cli: Cli, server: Server) -> None:
    assert cli("blend", "--no-validate", "--image", "fox.mp4", "--title", "fox.png").returncode == 0
    film = base64.b64encode(FILM).decode()
    assert list_sent(server) == {"image": f"data:video/mp4;base64,{film}", "title": [JPEG_URI]}


def test_help_says_what_content_must_be(cli: Cli) -> None:
    text = " ".join(cli("blend", "--help").stdout.split())
    assert "--image PATH|URL [required; an image as URL or data URI, at most 1 kB]" in text
    assert "--film PATH [a video as base64; default: '']" in text
    assert "--images PATH|URL [at most 3 items; may be repeated; or a JSON array; each an image" in text
    assert "A PATH is a file, - is standard input" in text
    assert "A PATH is" not in cli("paint-1.0", "--help").stdout


def test_names_of_files_are_completed(cli: Cli) -> None:
    for flag in ("--image", "--images", "--either", "--title"):
        assert list_offered(cli, "blend", flag, "fox.p") == ["fox.png"]
        assert list_offered(cli, "blend", flag, "@fox.p") == ["@fox.png"]


@pytest.mark.skipif(
    sys.platform != "linux", reason="only Linux tells the peak of memory since a program started"
)
def test_a_large_film_is_not_read_into_memory(cli: Cli, server: Server) -> None:
    """The peak of a process that sends a film of a pipe and of a file stays near that of one that sends nothing."""
    large = cli.folder / "large.mp4"
    with large.open("wb") as file:
        file.write(FILM)
        file.truncate(SIZE)
    script = (
        "import re, sys; from acme_client.cli import main\n"
        "code = main()\n"
        "print(re.search('VmHWM: *(.*) kB', open('/proc/self/status').read())[1], file=sys.stderr)\n"
        "sys.exit(code)"
    )
    peaks = []
    for film in (["--film", "fox.mp4"], ["--film", "large.mp4"], ["--film", "-"]):
        words = [sys.executable, "-c", script, "blend", "--image", ADDRESS, *film, "-o", "out.png"]
        with large.open("rb") as content:
            pipe = subprocess.Popen(["cat"], stdin=content, stdout=subprocess.PIPE)
            done = subprocess.run(
                words, stdin=pipe.stdout, cwd=cli.folder, env=cli.environment, capture_output=True, check=True
            )
            pipe.kill()
            pipe.communicate()
        peaks.append(int(done.stderr.split()[-1]) * 1024)
    assert [len(request.json["film"]) for request in server.received] == [96, SIZE // 3 * 4, SIZE // 3 * 4]
    assert max(peaks) - peaks[0] < LIMIT
