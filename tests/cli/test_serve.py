"""`speccast serve`: the emulator as a process, ended by a signal."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

READY = re.compile(r"Serving Acme \(1 models?\) at (http://127\.0\.0\.1:([0-9]+))\n")

WITHOUT = """\
import sys

class Missing:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {names!r}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)

sys.meta_path.insert(0, Missing())
from speccast.cli import run
sys.exit(run({words!r}))
"""
"""A process in which some packages are not installed."""


@contextmanager
def _serve(
    project: Any, environment: Mapping[str, str], *words: str
) -> Iterator[tuple[subprocess.Popen[str], str]]:
    with subprocess.Popen(
        [sys.executable, "-m", "speccast", "serve", "--port", "0", *words],
        cwd=project.folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            assert process.stdout is not None
            assert process.stderr is not None
            line = process.stdout.readline()
            found = READY.fullmatch(line)
            assert found, line + process.stderr.read()
            yield process, found[1]
        finally:
            process.kill()


def _answer(url: str, key: str = "any", body: Mapping[str, object] | None = None) -> tuple[int, bytes]:
    request = urllib.request.Request(
        url,
        data=json.dumps(body or {}).encode(),
        headers={"Content-Type": "application/json", "Authorization": f"Bearer {key}"},
    )
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()


def test_the_address_is_printed_and_the_specs_are_served(
    project: Any, environment: Mapping[str, str]
) -> None:
    project.change(
        project.fox, "minimum: 1\n", "minimum: 1\n    default: 0\n"
    )  # a warning, which only lint prints
    with _serve(project, environment) as (_, url):
        status, content = _answer(f"{url}/v1/fox", body={"steps": 2})
        assert (status, content[:4]) == (200, b"\x89PNG")
        assert _answer(f"{url}/v1/fox", body={"steps": 99})[0] == 400


@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it_without_an_error(
    project: Any, environment: Mapping[str, str], sign: signal.Signals
) -> None:
    with _serve(project, environment) as (process, url):
        process.send_signal(sign)
        out, err = process.communicate(timeout=20)
        assert (process.returncode, out, err) == (0, "", "")
        port = int(url.rpartition(":")[2])
        with socket.socket() as probe:
            assert probe.connect_ex(("127.0.0.1", port)) != 0


def test_only_the_given_key_is_accepted(project: Any, environment: Mapping[str, str]) -> None:
    project.change(
        project.folder / "specs/acme/api.yaml",
        "sync:",
        "auth: { in: header, name: Authorization, scheme: Bearer }\nsync:",
    )
    with _serve(project, environment, "--key", "right") as (_, url):
        assert _answer(f"{url}/v1/fox", key="right")[0] == 200
        status, body = _answer(f"{url}/v1/fox", key="wrong")
        assert status == 401
        assert b"wrong" not in body


def test_a_bundle_is_served_without_specs(generated: Any, environment: Mapping[str, str]) -> None:
    bundle = generated.output / "acme_client" / "_specs.json"
    generated.fox.unlink()
    with _serve(generated, environment, str(bundle)) as (_, url):
        assert _answer(f"{url}/v1/fox")[0] == 200


def test_a_folder_of_specs_is_served(project: Any, environment: Mapping[str, str]) -> None:
    elsewhere = project.folder.parent / "elsewhere"
    project.folder.joinpath("specs").rename(elsewhere)
    with _serve(project, environment, str(elsewhere)) as (_, url):
        assert _answer(f"{url}/v1/fox")[0] == 200


def test_the_specs_of_an_installed_client_are_served(generated: Any, environment: Mapping[str, str]) -> None:
    variables = {**environment, "PYTHONPATH": str(generated.output)}
    with _serve(generated, variables, "--package", "acme_client") as (_, url):
        assert _answer(f"{url}/v1/fox")[0] == 200


@pytest.mark.parametrize("place", ["acme_client", "fox/acme_client", "fox/_vendor/acme_client"])
def test_a_vendored_client_is_served_without_being_imported(
    generated: Any, environment: Mapping[str, str], tmp_path: Path, place: str
) -> None:
    package = tmp_path / "installed" / place
    shutil.copytree(generated.output / "acme_client", package)
    for folder in (package, *package.parents[: place.count("/")]):
        (folder / "__init__.py").write_text("raise SystemExit('this was imported')\n", encoding="utf-8")
    variables = {**environment, "PYTHONPATH": str(tmp_path / "installed")}
    generated.fox.unlink()
    with _serve(generated, variables, "--package", place.replace("/", ".")) as (_, url):
        assert _answer(f"{url}/v1/fox")[0] == 200


def test_one_of_several_apis_is_chosen_by_name(project: Any, environment: Mapping[str, str]) -> None:
    project.write(
        "specs/other/api.yaml",
        project.folder.joinpath("specs/acme/api.yaml")
        .read_text()
        .replace("Acme", "Other")
        .replace("acme", "other"),
    )
    project.write("specs/other/owl.yaml", project.fox.read_text().replace("fox", "owl"))
    ran = project.run("serve", code=2)
    assert "several APIs: acme, other" in ran.err
    assert "known: acme, other" in project.run("serve", "--api", "third", code=2).err
    with _serve(project, environment, "--api", "acme") as (_, url):
        assert _answer(f"{url}/v1/owl")[0] == 404


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--progress", "soon"], "polls:N"),
        (["--port", "65536"], "0<=x<=65535"),
        (["--port", "http"], "not a valid integer"),
        (["nowhere.json"], "nowhere.json: cannot be read"),
        (["--package", "no_such_package"], "unknown package 'no_such_package'"),
        (["--package", "json"], "_specs.json"),
        (["--package", "json.no.such"], "unknown package 'json.no.such'"),
        (["--package", "json.decoder.x"], "unknown package 'json.decoder.x'"),
        (["--package", ".."], "unknown package '..'"),
        (["--package", ""], "unknown package ''"),
        (["--package", "acme", "specs"], "--package cannot be combined with SOURCE"),
        (["--host", "no.such.host.invalid"], "cannot listen on no.such.host.invalid"),
    ],
    ids=" ".join,
)
def test_an_invalid_source_is_an_error_of_serve(project: Any, words: list[str], message: str) -> None:
    ran = project.run("serve", *words, code=2)
    assert message in ran.err
    assert "internal error" not in ran.err
    assert ran.out == ""


def test_a_port_in_use_is_an_error_with_a_hint(project: Any) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        ran = project.run("serve", "--port", str(port), code=2)
    assert f"port {port} is in use" in ran.err
    assert "--port 0" in ran.err


def test_specs_with_errors_are_not_served(project: Any) -> None:
    project.change(project.fox, "type: integer", "type: intger")
    ran = project.run("serve", code=1)
    assert ran.out.startswith("specs/acme/fox.yaml:")


@pytest.mark.parametrize("missing", ["starlette", "uvicorn", "PIL", "jsonschema"])
def test_a_missing_extra_is_an_error_with_the_command_to_run(
    project: Any, run: Callable[..., Any], missing: str
) -> None:
    script = WITHOUT.format(names=(missing,), words=["serve", "--port", "0"])
    ran = run([sys.executable, "-c", script], cwd=project.folder, code=2, timeout=30)
    assert f"the emulator needs {missing}, which is not installed" in ran.err
    assert 'pip install "speccast[serve]"' in ran.err
    assert ran.out == ""


def test_other_commands_do_not_need_the_extra(project: Any, run: Callable[..., Any]) -> None:
    for words in (["lint"], ["generate"]):
        script = WITHOUT.format(
            names=("starlette", "uvicorn", "PIL", "jsonschema", "httpx2", "rich"), words=words
        )
        run([sys.executable, "-c", script], cwd=project.folder, code=0)


@pytest.mark.skipif(os.name == "nt", reason="there is no /proc to look at")
def test_the_key_is_never_printed(project: Any, environment: Mapping[str, str]) -> None:
    with _serve(project, environment, "--key", "s3cret") as (process, url):
        _answer(f"{url}/v1/fox", key="other")
        process.send_signal(signal.SIGTERM)
        out, err = process.communicate(timeout=20)
        assert "s3cret" not in out + err
