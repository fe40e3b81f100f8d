"""`generate --watch` in a separate process, while files are saved."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tests.generation.conftest import Project

TIMEOUT_S = 60.0
"""Long enough for a busy machine. Tests continue as soon as the expected line is printed."""


@dataclass
class Watching:
    """The process, and the lines that it printed after the last line that was waited for."""

    process: subprocess.Popen[str]
    lines: list[str] = field(default_factory=list)
    has_lines: threading.Condition = field(default_factory=threading.Condition)

    def listen(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            with self.has_lines:
                self.lines.append(line.rstrip("\n"))
                self.has_lines.notify()

    def until(self, text: str) -> list[str]:
        """Wait for a line that contains the text, and return all lines up to it."""
        deadline = time.monotonic() + TIMEOUT_S
        with self.has_lines:
            while True:
                for number, line in enumerate(self.lines):
                    if text in line:
                        printed = self.lines[: number + 1]
                        del self.lines[: number + 1]
                        return printed
                assert self.has_lines.wait(deadline - time.monotonic()), f"no {text!r} in {self.lines}"


@pytest.fixture
def watching(project: Project, environment: Mapping[str, str]) -> Iterator[Watching]:
    process = subprocess.Popen(
        [sys.executable, "-m", "speccast", "generate", "--watch"],
        cwd=project.folder,
        env={**environment, "PYTHONUNBUFFERED": "1"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    watching = Watching(process)
    thread = threading.Thread(target=watching.listen, daemon=True)
    thread.start()
    watching.until("watching specs, templates and configuration")
    yield watching
    process.kill()
    process.wait()
    thread.join()


def fox(project: Project) -> str:
    return (project.folder / "generated/acme/small/fox.md").read_text()


def test_generates_at_start_and_when_a_spec_is_saved(project: Project, watching: Watching) -> None:
    assert fox(project).startswith("# The fox")
    file = project.folder / "specs/acme/fox.yaml"
    for title in ("A fox", "One fox"):
        file.write_text(file.read_text().replace(fox(project)[2:].partition(" of ")[0], title))
        assert "wrote generated/acme/small/fox.md" in watching.until("unchanged")
        assert fox(project).startswith(f"# {title}")


def test_notices_editors_that_replace_the_file(project: Project, watching: Watching) -> None:
    file = project.folder / "specs/acme/fox.yaml"
    for title in ("A fox", "One fox"):
        draft = file.with_name(".fox.yaml.swp")
        draft.write_text(file.read_text().replace(fox(project)[2:].partition(" of ")[0], title))
        draft.replace(file)
        watching.until("unchanged")
        assert fox(project).startswith(f"# {title}")


def test_reports_errors_and_generates_again_when_they_are_fixed(project: Project, watching: Watching) -> None:
    before = project.output()
    file = project.folder / "specs/acme/fox.yaml"
    good = file.read_text()
    file.write_text(good + "broken: [\n")
    printed = watching.until("nothing was written")
    assert any(line.startswith("specs/acme/fox.yaml:") and ": error[" in line for line in printed)
    assert project.output() == before
    file.write_text(good.replace("The fox", "A fox"))
    watching.until("unchanged")
    assert fox(project).startswith("# A fox")


def test_notices_added_and_deleted_models(project: Project, watching: Watching) -> None:
    yak = project.model("yak")
    assert "wrote generated/acme/small/yak.md" in watching.until("unchanged")
    yak.unlink()
    assert "removed generated/acme/small/yak.md" in watching.until("unchanged")


def test_notices_templates_and_the_configuration(project: Project, watching: Watching) -> None:
    project.write("templates/small/new/more.txt", "more\n")
    assert "wrote generated/acme/small/new/more.txt" in watching.until("unchanged")
    project.write("speccast.toml", 'targets = ["small", "openapi"]\n')
    assert "wrote generated/acme/openapi/openapi.json" in watching.until("unchanged")
    project.write("speccast.toml", "targets = 3\n")
    watching.until("targets must be a list")
    watching.until("watching")
    project.write("speccast.toml", 'targets = ["small"]\n')
    assert "removed generated/acme/openapi/openapi.json" in watching.until("unchanged")


def test_continues_after_the_folder_of_specs_was_missing(project: Project, watching: Watching) -> None:
    before = project.output()
    specs = project.folder / "specs"
    specs.rename(project.folder / "away")
    watching.until("the folder does not exist")
    watching.until("watching")
    assert project.output() == before
    (project.folder / "away").rename(specs)
    watching.until("unchanged")
    watching.until("watching")
    project.model("yak")
    assert "wrote generated/acme/small/yak.md" in watching.until("unchanged")


@pytest.mark.parametrize(("sent", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_ends_on_a_signal_without_a_traceback(
    project: Project, watching: Watching, sent: signal.Signals, code: int
) -> None:
    os.kill(watching.process.pid, sent)
    assert watching.process.wait(TIMEOUT_S) == code
    assert not [line for line in watching.lines if "Traceback" in line]
    assert project.run("generate", "--check").endswith("are up to date\n")


@pytest.mark.parametrize("other", ["--check", "--dry-run"])
def test_cannot_be_combined_with_options_that_do_not_write(project: Project, other: str) -> None:
    project.run("generate", "--watch", other, code=2)
