"""`speccast lint` for a user: its output, its exit code, and the files that a PATH selects."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Lint = Callable[..., subprocess.CompletedProcess[str]]

MODEL = "speccast: 1\nslug: {slug}\ntitle: A Model\nsurfaces: [sync]\nreturns: [image/png]\nparameters:\n  a: {a}\n"


@pytest.fixture
def write(project: Path) -> Callable[..., Path]:
    def write(slug: str, a: str = "{ type: string }", api: str = "acme") -> Path:
        path = project / "specs" / api / f"{slug}.yaml"
        path.parent.mkdir(exist_ok=True)
        path.write_text(MODEL.format(slug=slug, a=a), encoding="utf-8")
        return path

    return write


WRONG = "{ type: string, default: 5 }"
ODD = "{ type: integer, minimum: 2, default: 1 }"


def test_clean_specs_are_reported_as_fine(lint: Lint, write: Callable[..., Path]) -> None:
    write("flux")
    write("sana")

    done = lint()

    assert (done.returncode, done.stdout, done.stderr) == (0, "All 2 specs are fine.\n", "")


def test_errors_are_printed_with_place_and_help_and_fail(lint: Lint, write: Callable[..., Path]) -> None:
    write("flux", WRONG)
    write("sana", ODD)

    done = lint()

    assert done.returncode == 1
    assert done.stderr == ""
    assert done.stdout.splitlines() == [
        "specs/acme/flux.yaml:7:31: error[P301] the default of `a` is not valid: 5 is an integer, but must be a string",
        " 7 |   a: { type: string, default: 5 }",
        "   |                               ^",
        '    help: if it is meant as text, quote it: "5"',
        "specs/acme/sana.yaml:7:44: warning[P303] the default of `a` is not valid: 1 is below the minimum 2",
        " 7 |   a: { type: integer, minimum: 2, default: 1 }",
        "   |                                            ^",
        "    note: specs/acme/sana.yaml:7:32: minimum is here",
        "    help: correct the default or the limit",
        "2 models, 1 error, 1 warning, 1 fixable with --fix",
    ]


def test_warnings_alone_do_not_fail(lint: Lint, write: Callable[..., Path]) -> None:
    write("flux", ODD)

    done = lint()

    assert (done.returncode, done.stdout.splitlines()[-1]) == (0, "1 model, 0 errors, 1 warning")


def test_infos_are_shown_only_on_request(lint: Lint, write: Callable[..., Path]) -> None:
    write("flux")

    done = lint("--info")

    assert done.returncode == 0
    assert "specs/acme/api.yaml:2:1: info[A111] no error has the status" in done.stdout
    assert done.stdout.splitlines()[-1] == "1 model, 0 errors, 0 warnings, 1 info"


def test_yaml_that_cannot_be_read_is_a_finding(lint: Lint, write: Callable[..., Path]) -> None:
    write("flux", "{ type: string")
    write("sana", WRONG)

    done = lint()

    assert done.returncode == 1
    assert "specs/acme/flux.yaml:7:6: error[S101]" in done.stdout
    assert "specs/acme/sana.yaml:7:31: error[P301]" in done.stdout


def test_a_path_selects_the_reported_findings(lint: Lint, write: Callable[..., Path]) -> None:
    write("flux", WRONG)
    write("sana", WRONG)
    write("wan")

    one = lint("specs/acme/sana.yaml")
    clean = lint("specs/acme/wan.yaml")
    folder = lint("specs/acme")

    assert next(line for line in one.stdout.splitlines() if "error[" in line).startswith(
        "specs/acme/sana.yaml:"
    )
    assert one.stdout.splitlines()[-1] == "1 model, 1 error, 0 warnings, 1 fixable with --fix"
    assert (clean.returncode, clean.stdout) == (0, "The spec is fine.\n")
    assert folder.stdout.splitlines()[-1] == "3 models, 2 errors, 0 warnings, 2 fixable with --fix"


def test_a_path_may_be_given_from_anywhere_in_the_project(
    lint: Lint, write: Callable[..., Path], project: Path
) -> None:
    path = write("flux", WRONG)

    from_below = lint("flux.yaml", cwd=project / "specs" / "acme")
    absolute = lint(str(path), cwd=project)

    assert absolute.stdout.startswith("specs/acme/flux.yaml:7:31: error[P301]")
    assert from_below.stdout == absolute.stdout.removeprefix("specs/acme/")


def test_a_finding_about_a_selected_file_is_reported_even_if_it_is_in_another(
    lint: Lint, write: Callable[..., Path]
) -> None:
    write("video-loop")
    write("video.loop")
    write("wan", WRONG)

    done = lint("specs/acme/video-loop.yaml")

    assert done.returncode == 1
    assert "specs/acme/video.loop.yaml:2:7: error[M202]" in done.stdout
    assert "wan" not in done.stdout


def test_a_model_is_not_called_fine_when_its_api_cannot_be_read(
    lint: Lint, write: Callable[..., Path], project: Path
) -> None:
    write("flux")
    (project / "specs" / "acme" / "api.yaml").write_text("title: [\n")
    write("sana", api="orphans")

    broken = lint("specs/acme/flux.yaml")
    missing = lint("specs/orphans/sana.yaml")

    assert (broken.returncode, missing.returncode) == (1, 1)
    assert "specs/acme/api.yaml:1:8: error[S101]" in broken.stdout
    assert "specs/orphans/sana.yaml:1:1: error[M103]" in missing.stdout


def test_specs_outside_the_project_are_found_too(
    lint: Lint, write: Callable[..., Path], project: Path
) -> None:
    write("flux")
    elsewhere = project / "more" / "deep" / "acme"
    elsewhere.parent.mkdir(parents=True)
    (project / "specs" / "acme").rename(elsewhere)
    write("flux", WRONG, api="other")
    (project / "specs" / "other" / "api.yaml").write_text((elsewhere / "api.yaml").read_text())
    (elsewhere / "flux.yaml").write_text(MODEL.format(slug="flux", a=ODD))

    folder = lint("more")
    everything = lint(".")

    assert folder.stdout.splitlines()[-1] == "1 model, 0 errors, 1 warning"
    assert everything.stdout.splitlines()[-1] == "2 models, 1 error, 1 warning, 1 fixable with --fix"


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("specs/nope.yaml", "specs/nope.yaml: no such file or folder"),
        (
            "-",
            "-: no such file or folder\nhint: to lint standard input, use --stdin-filename",
        ),
        ("notes.md", "notes.md: is not a spec"),
        ("empty", "empty: no specs here"),
        ("specs/acme/drafts", "specs/acme/drafts: no specs here"),
    ],
)
def test_no_matching_spec_is_an_error(
    lint: Lint, write: Callable[..., Path], project: Path, path: str, expected: str
) -> None:
    write("flux")
    (project / "notes.md").write_text("")
    (project / "empty").mkdir()
    (project / "specs" / "acme" / "drafts").mkdir()

    done = lint("specs/acme/flux.yaml", path)

    assert (done.returncode, done.stdout) == (2, "")
    assert f"error: {expected}" in done.stderr


def test_a_project_without_specs_is_an_error(lint: Lint, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()

    done = lint(cwd=tmp_path.parent)

    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("error: ")


def test_text_of_a_spec_cannot_speak_to_the_terminal(lint: Lint, write: Callable[..., Path]) -> None:
    write("flux", '{ type: string, enum: ["\\e[2Ja\\u202e"], default: "\\e[31m" }')

    done = lint()

    assert "warning[P304]" in done.stdout
    assert "\x1b" not in done.stdout
    assert "\u202e" not in done.stdout


def test_colour_is_for_terminals_that_want_it(project: Path, write: Callable[..., Path]) -> None:
    write("flux", WRONG)

    assert b"\x1b[31m\x1b[1merror[P301]\x1b[0m" in on_terminal(project)
    assert b"\x1b[" not in on_terminal(project, NO_COLOR="1")


def on_terminal(cwd: Path, **environment: str) -> bytes:
    """Return what the command prints when its output is a terminal."""
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "speccast", "lint"]
    variables = {key: value for key, value in os.environ.items() if key != "NO_COLOR"} | environment
    with subprocess.Popen(command, cwd=cwd, stdout=theirs, env=variables) as process:
        os.close(theirs)
        printed = b""
        try:
            while part := os.read(ours, 65536):
                printed += part
        except OSError:
            pass  # Linux tells so that the other end was closed.
    os.close(ours)
    assert process.returncode == 1
    return printed


def test_folders_are_searched_to_any_depth(lint: Lint, write: Callable[..., Path], project: Path) -> None:
    write("flux")
    deep = project / "specs" / "vendors" / "images" / "other"
    deep.mkdir(parents=True)
    (deep / "api.yaml").write_text((project / "specs" / "acme" / "api.yaml").read_text())
    (deep / "sana.yaml").write_text(MODEL.format(slug="sana", a=WRONG))

    for path in ("specs", ".", "specs/vendors", "specs/vendors/images/other/sana.yaml"):
        done = lint(path)
        assert done.returncode == 1, path
        assert "specs/vendors/images/other/sana.yaml:7:31: error[P301]" in done.stdout
    assert lint("specs").stdout.splitlines()[-1].startswith("2 models")
    assert lint("specs/vendors").stdout.splitlines()[-1].startswith("1 model")
