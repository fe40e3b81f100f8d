"""A run that reuses results of earlier runs renders less, and its output is the same."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jinja2
import pytest

from speccast.cache import entries, key_of
from speccast.generation import records, renderer, rendering, workers
from speccast.lint.linter import _RuleRunner
from speccast.specs import load
from speccast.specs.document import Document, read_document
from speccast.targets.python import datamodel
from speccast.targets.rendering import _environment
from tests.thorough import cases

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tests.generation.conftest import Project

HEAVY = (
    "jinja2",
    "datamodel_code_generator",
    "jsonschema",
    "yaml",
    "importlib.metadata",
    "subprocess",
)


@pytest.fixture
def jobs(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """The specs of each job that was rendered, with "" for shared files."""
    monkeypatch.setenv("SPECCAST_WORKERS", "1")
    done: list[list[str]] = []
    perform = rendering.perform

    def recording(job: Any) -> Any:
        done.append([*(model.spec for model in job.models), *([""] if job.shared else [])])
        return perform(job)

    monkeypatch.setattr(renderer, "perform", recording)
    return done


class TestNothingChanged:
    def test_loads_no_module_that_reads_lints_or_renders(
        self, project: Project, environment: Mapping[str, str]
    ) -> None:
        project.write(
            "speccast.toml", 'targets = ["openapi"]\n'
        )  # a target of another distribution is imported
        project.run("generate")
        script = (
            "import sys; from speccast.cli import run; code = run(sys.argv[1:])\n"
            f"print([name for name in {HEAVY} if name in sys.modules], file=sys.stderr); sys.exit(code)"
        )
        for words in (["generate"], ["generate", "--check"]):
            ran = subprocess.run(
                [sys.executable, "-c", script, *words],
                cwd=project.folder,
                env=dict(environment),
                capture_output=True,
                text=True,
                check=True,
            )
            assert ran.stderr.splitlines()[-1] == "[]"

    def test_warnings_are_reported_again(self, project: Project) -> None:
        fox = project.folder / "specs/acme/fox.yaml"
        fox.write_text(fox.read_text().replace("minimum: 1,", "minimum: 1, default: 0,"))
        first, again = (
            [line for line in project.run("generate").splitlines() if "warning[" in line] for _ in range(2)
        )
        assert first == again != []

    def test_a_comment_changes_nothing(self, project: Project, jobs: list[list[str]]) -> None:
        project.run("generate")
        fox = project.folder / "specs/acme/fox.yaml"
        fox.write_text("# a comment\n" + fox.read_text())
        jobs.clear()
        assert "0 written" in project.run("generate")
        assert jobs == []

    def test_only_the_model_of_a_deleted_file_is_rendered(
        self, project: Project, jobs: list[list[str]]
    ) -> None:
        project.run("generate")
        before = project.output()
        (project.folder / "generated/acme/small/fox.md").unlink()
        jobs.clear()
        assert "wrote generated/acme/small/fox.md" in project.run("generate")
        assert jobs == [["specs/acme/fox.yaml"]]
        assert project.output() == before

    def test_a_diff_of_an_edited_file_is_shown(self, project: Project) -> None:
        project.run("generate")
        project.write("generated/acme/small/fox.md", "edited\n")
        assert "+# The fox of Acme, one of 1" in project.run("generate", "--check", "--diff", code=1)


class TestOneSpecChanged:
    def test_only_that_model_and_the_shared_files_are_rendered(
        self, project: Project, jobs: list[list[str]]
    ) -> None:
        project.run("generate")
        project.model("fox", most=60)
        jobs.clear()
        project.run("generate")
        assert jobs == [["specs/acme/fox.yaml", ""]]

    def test_only_that_spec_is_parsed_and_checked(
        self, project: Project, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        project.run("generate")
        project.model("fox", most=60)
        parsed: list[str] = []
        checked: list[str] = []

        def read(data: bytes, path: str) -> Document:
            parsed.append(path)
            return read_document(data, path)

        def check(self: _RuleRunner, document: Document, parameters: Any) -> Any:
            checked.append(document.path)
            return _check_parameters(self, document, parameters)

        _check_parameters = _RuleRunner._check_parameters
        monkeypatch.setattr(load, "read_document", read)
        monkeypatch.setattr(_RuleRunner, "_check_parameters", check)
        assert "fox.py" in project.run("generate")
        assert parsed == ["specs/acme/api.yaml", "specs/acme/fox.yaml"]
        assert checked == ["specs/acme/fox.yaml"]

    def test_no_template_is_compiled_again(self, project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
        project.run("generate")
        _environment.cache_clear()
        monkeypatch.setattr(jinja2.Environment, "compile", lambda *_: pytest.fail("it was compiled"))
        project.model("fox", most=60)
        assert "fox.py" in project.run("generate")

    def test_findings_and_suppressions_of_other_specs_are_the_same(self, project: Project) -> None:
        elk = project.folder / "specs/acme/elk.yaml"
        elk.write_text(
            elk.read_text()
            + "  odd: { type: string, enum: [A, a] } # speccast: ignore[E303] the page has both\n"
            + "  size: { type: integer, minimum: 5, default: 1 }\n"
            + "  last: { type: string } # speccast: ignore[E303] nothing to ignore\n"
        )
        project.run("generate")
        project.model("fox", most=60)
        again = project.run("generate")
        project.clear_cache()
        project.model("fox", most=70)
        assert _findings(project.run("generate")) == _findings(again) != []

    def test_another_configuration_of_the_linter_checks_all_specs(self, project: Project) -> None:
        elk = project.folder / "specs/acme/elk.yaml"
        elk.write_text(elk.read_text().replace("minimum: 1,", "minimum: 1, default: 0,"))
        (warning,) = _findings(project.run("generate"))
        code = warning.partition("warning[")[2].partition("]")[0]
        project.write("speccast.toml", f'targets = ["small"]\n[lint]\nignore = ["{code}"]\n')
        project.model("fox", most=60)
        assert _findings(project.run("generate")) == []

    @pytest.mark.parametrize("change", ["The fox", "steps:", "minimum: 1", "maximum: 50"])
    def test_other_texts_names_and_limits_do_not_run_datamodel_code_generator(
        self, project: Project, monkeypatch: pytest.MonkeyPatch, change: str
    ) -> None:
        monkeypatch.setenv("SPECCAST_WORKERS", "1")
        monkeypatch.setattr(datamodel, "_shapes", {})
        fox = project.model("fox", most=50)
        fox.write_text(fox.read_text().replace("minimum: 1", "minimum: 12"))
        project.run("generate")
        monkeypatch.setattr(datamodel, "_shapes", {})
        monkeypatch.setattr(datamodel, "generate_modules", lambda _: pytest.fail("it ran"))
        other = {
            "The fox": "A fox",
            "steps:": "renamed:",
            "minimum: 1": "minimum: 3",
            "maximum: 50": "maximum: 60",
        }
        fox.write_text(fox.read_text().replace(change, other[change]))
        assert "fox." in project.run("generate")

    def test_a_change_of_the_api_file_renders_everything(
        self, project: Project, jobs: list[list[str]]
    ) -> None:
        project.run("generate")
        project.write(
            "specs/acme/api.yaml",
            (project.folder / "specs/acme/api.yaml").read_text().replace("Acme\n", "Zenith\n"),
        )
        jobs.clear()
        project.run("generate")
        assert sorted(path for job in jobs for path in job) == [
            "",
            *(f"specs/acme/{slug}.yaml" for slug in ("elk", "fox", "owl")),
        ]

    def test_a_model_in_a_folder_below_that_of_its_api_is_rendered_again(
        self, project: Project, jobs: list[list[str]]
    ) -> None:
        project.model("pack/wolf")
        project.run("generate")
        project.model("pack/wolf", most=60)
        jobs.clear()
        assert "generated/acme/small/" in project.run("generate", "--check", code=1)
        project.run("generate")
        assert jobs[-1] == ["specs/acme/pack/wolf.yaml", ""]
        project.model("pack/grey/elk")
        assert "pack_grey_elk.md" in project.run("generate")
        # The names and contents of all files stay the same, in the same order.
        moved = project.folder / "specs/acme/pack/wolf.yaml"
        moved.rename(moved.parent / "grey/wolf.yaml")
        assert "specs/acme/pack/grey/wolf.yaml" in project.run("generate")

    def test_errors_are_reported_until_they_are_fixed(self, project: Project) -> None:
        project.run("generate")
        before = project.output()
        fox = project.model("fox", most=0)
        for _ in range(2):
            assert "specs/acme/fox.yaml" in project.run("generate", code=1)
            assert project.output() == before
        project.model("fox")
        assert "0 written" in project.run("generate")
        # Two specs that are valid alone, but not together.
        fox.write_text(fox.read_text().replace("slug: fox", "slug: owl"))
        assert "the slug `owl` is already used in specs/acme/fox.yaml, line 2" in project.run(
            "generate", code=1
        )


def _findings(printed: str) -> list[str]:
    return [line for line in printed.splitlines() if "warning[" in line]


EDITS: list[Callable[[Project, random.Random], object]] = [
    lambda project, rng: project.model(rng.choice(["elk", "fox", "owl", "pack/wolf"]), rng.randint(2, 99)),
    lambda project, rng: project.model(f"new-{rng.randint(0, 3)}", rng.randint(2, 99)),
    lambda project, rng: _one_of(project, rng, "specs/acme", "[!a]*.yaml").unlink(),
    lambda project, rng: _append(_one_of(project, rng, "specs/acme", "*.yaml"), "# a comment\n"),
    lambda project, rng: _append(_one_of(project, rng, "specs/acme", "[!a]*.yaml"), "broken: [\n"),
    lambda project, rng: _append(
        _one_of(project, rng, "specs/acme", "[!a]*.yaml"), f"description: Text {rng.random()}\n"
    ),
    lambda project, rng: _append(
        _one_of(project, rng, "specs/acme", "[!a]*.yaml"),
        "  odd: { type: string, enum: [A, a] } # speccast: ignore[all]\n",
    ),
    lambda project, rng: project.write(
        "specs/acme/api.yaml",
        (project.folder / "specs/acme/api.yaml").read_text().replace("Acme", rng.choice(["Acme", "Zenith"])),
    ),
    lambda project, rng: _append(_one_of(project, rng, "templates/small", "**/*.jinja"), ""),
    lambda project, rng: project.write(f"templates/small/more-{rng.randint(0, 2)}.txt", str(rng.random())),
    lambda project, rng: project.write(
        "templates/small/__model__/own.py.jinja", f"import os\nimport sys\nX = {rng.randint(0, 9)}, sys\n"
    ),
    lambda project, rng: _one_of(project, rng, "templates/small", "**/*.txt").unlink(),
    lambda project, rng: project.write(
        "speccast.toml", rng.choice(['targets = ["small"]\n', 'targets = ["small", "openapi"]\n'])
    ),
    lambda project, rng: _one_of(project, rng, "generated", "**/*.md").unlink(missing_ok=True),
    lambda project, rng: project.clear_cache(),
    lambda project, rng: rng.choice(project.entries).write_bytes(b"not an entry"),
    lambda project, rng: rng.choice(project.entries).unlink(),
]


@pytest.mark.parametrize("seed", range(cases(1, 3)))
def test_after_any_edits_the_output_is_the_same_as_without_a_cache(
    project: Project, tmp_path: Path, seed: int
) -> None:
    rng = random.Random(seed)
    project.run("generate")
    for step in range(cases(10, 14)):
        for _ in range(rng.randint(1, 2)):
            try:
                rng.choice(EDITS)(project, rng)
            except (IndexError, FileNotFoundError):  # there is no such file
                continue
        cold = replace(project, folder=tmp_path / f"cold-{step}")
        for path, text in project.sources().items():
            cold.write(path, text)
        before = project.output()
        expected = _outcome(cold)
        assert _outcome(project) == expected
        if expected[0] == 0:
            assert project.output() == cold.output()
            project.run("generate", "--check")
        else:
            assert project.output() == before


def _outcome(project: Project) -> tuple[int, list[str]]:
    """Return the exit code and the findings of a run."""
    try:
        lines = project.run("generate", "--force")
        code = 0
    except AssertionError as failed:
        lines, code = str(failed), 1
    return code, [line for line in lines.splitlines() if line.startswith("specs/") or "help:" in line]


def _one_of(project: Project, rng: random.Random, folder: str, pattern: str) -> Path:
    return rng.choice(sorted(path for path in (project.folder / folder).glob(pattern) if path.is_file()))


def _append(file: Path, text: str) -> None:
    if file.suffix == ".jinja":
        text = "\n" if file.name != "_specs.json.jinja" else ""
    file.write_text(file.read_text() + text)


class TestUntrustedCache:
    @pytest.mark.parametrize(
        "damage",
        [
            lambda file, other: file.write_bytes(b""),
            lambda file, other: file.write_bytes(file.read_bytes()[:-1]),
            lambda file, other: file.write_bytes(file.read_bytes()[:40]),
            lambda file, other: file.write_bytes(file.read_bytes() + b" "),
            lambda file, other: file.write_bytes(file.read_bytes().replace(b"fox", b"owl")),
            lambda file, other: file.write_bytes(other.read_bytes()),
            lambda file, other: (file.unlink(), file.mkdir()),
            lambda file, other: (file.unlink(), file.symlink_to("/dev/zero")),
        ],
        ids=[
            "empty",
            "truncated",
            "truncated in the header",
            "extended",
            "changed",
            "of another key",
            "folder",
            "link to a device",
        ],
    )
    def test_damaged_entries_are_ignored(
        self, project: Project, damage: Callable[[Path, Path], object]
    ) -> None:
        project.run("generate")
        before = project.output()
        files = project.entries
        for file, other in zip(files, [*files[1:], files[0]], strict=True):
            damage(file, other)
        project.run("generate", "--check")
        assert "0 written" in project.run("generate")
        project.model("fox", most=60)
        project.run("generate", "--check", code=1)
        project.run("generate")
        project.model("fox")
        project.run("generate")
        assert project.output() == before

    def test_entries_in_the_project_are_ignored(self, project: Project, home: Path) -> None:
        """Otherwise a checkout or a restored CI cache could replace generated code, and --check would pass."""
        project.run("generate")
        in_project = project.cache / "speccast" / "entries"
        shutil.copytree(home / "speccast", in_project.parent)
        shutil.copytree(in_project, project.cache / "generation")
        project.clear_cache()
        (project.folder / "generated/acme/small/fox.md").write_text("forged\n")
        project.run("generate", "--check", code=1)
        assert project.entries == []

    def test_without_a_cache_folder_the_output_is_the_same(
        self, project: Project, environment: Mapping[str, str]
    ) -> None:
        outputs = []
        for _ in range(2):
            ran = subprocess.run(
                [sys.executable, "-m", "speccast", "generate", "-q"],
                cwd=project.folder,
                env={**environment, "XDG_CACHE_HOME": "/dev/null", "TMPDIR": "/dev/null"},
                check=True,
                capture_output=True,
                text=True,
            )
            assert ran.stderr == ""
            outputs.append(project.output())
        assert outputs[0] == outputs[1] != {}
        assert {path.name for path in project.cache.iterdir()} == {".gitignore", "lock"}

    def test_a_record_that_differs_from_the_rendered_file_discards_all_records(
        self, project: Project, jobs: list[list[str]]
    ) -> None:
        """As if a fingerprint had missed something that the output depends on."""
        project.run("generate")
        before = project.output()
        key = key_of(str(project.folder), "acme")
        recorded = records.read_models(entries.Entries(), key)
        wrong = tuple(file._replace(digest="0" * 64) for file in recorded["specs/acme/fox.yaml"].files)
        recorded["specs/acme/fox.yaml"] = recorded["specs/acme/fox.yaml"]._replace(files=wrong)
        with entries.Entries() as cache:
            records.write_models(cache, key, recorded)
        jobs.clear()
        (project.folder / "generated/acme/small/fox.md").unlink()
        project.model("yak")
        project.run("generate")
        assert [sorted(job) for job in jobs] == [
            ["", "specs/acme/yak.yaml"],
            ["specs/acme/fox.yaml"],
            ["", *(f"specs/acme/{slug}.yaml" for slug in ("elk", "fox", "owl", "yak"))],
        ]
        (project.folder / "specs/acme/yak.yaml").unlink()
        project.run("generate")
        assert project.output() == before


class TestProcesses:
    @pytest.fixture(autouse=True)
    def _small_jobs(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(renderer, "CHUNK", 1)

    def test_the_output_does_not_depend_on_their_number(
        self, project: Project, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        for number in range(4):
            project.model(f"model-{number}", most=10 + number)
        outputs = []
        for count in ("1", "3"):
            monkeypatch.setenv("SPECCAST_WORKERS", count)
            project.clear_cache()
            shutil.rmtree(project.folder / "generated", ignore_errors=True)
            project.run("generate", "--quiet")
            outputs.append(project.output())
        assert outputs[0] == outputs[1]
        assert len(outputs[0]) == 7 * 3 + 3 + 1

    def test_an_error_of_a_template_is_reported_as_in_one_process(
        self, project: Project, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        project.write("templates/small/__model__.md.jinja", "{{ model.titel | markdown }}")
        errors = []
        for count in ("1", "3"):
            monkeypatch.setenv("SPECCAST_WORKERS", count)
            with pytest.raises(AssertionError) as failed:
                project.run("generate")
            errors.append(str(failed.value).splitlines()[0])
        assert "__model__.md.jinja:1" in errors[0]
        assert errors[0] == errors[1]

    def test_if_one_is_killed_the_run_fails_and_the_output_is_unchanged(
        self, project: Project, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("SPECCAST_WORKERS", "2")
        project.write("templates/small/__model__.md.jinja", "{{ 1 // 0 }}")
        monkeypatch.setattr(workers, "_initialize", _die)
        with pytest.raises(AssertionError, match="a rendering process ended unexpectedly"):
            project.run("generate")
        assert project.output() == {}

    def test_an_unexpected_exception_in_one_is_an_internal_error(
        self, project: Project, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("SPECCAST_WORKERS", "2")
        monkeypatch.setattr(rendering, "perform", _fail)
        with pytest.raises(AssertionError, match="internal error: LookupError: lost"):
            project.run("generate")

    @pytest.mark.parametrize("is_busy", [False, True])
    def test_closing_leaves_no_process_and_no_thread(self, is_busy: bool) -> None:
        """A thread of the pool that is left makes Python print "Bad file descriptor" when it exits."""
        threads = set(threading.enumerate())
        pool = workers.Workers(2)
        executor = pool._executor()
        pids = [executor.submit(os.getpid).result()]
        if is_busy:
            for _ in range(4):
                executor.submit(time.sleep, 60)
        pool.close()
        assert set(threading.enumerate()) == threads
        assert all(map(_is_gone, pids))

    def test_they_end_when_the_run_is_killed(self, tmp_path: Path, environment: Mapping[str, str]) -> None:
        script = tmp_path / "main.py"
        script.write_text(
            "import os, signal, time; from speccast.generation.workers import Workers\n"
            "if __name__ == '__main__':\n"
            "    workers = Workers(2)\n"
            "    print(workers._executor().submit(os.getpid).result(), flush=True)\n"
            "    workers.submit(None)\n"
            "    os.kill(os.getpid(), signal.SIGKILL)\n"
        )
        ran = subprocess.run(
            [sys.executable, script], env=dict(environment), capture_output=True, text=True, check=False
        )
        assert ran.returncode == -9
        assert _is_gone(int(ran.stdout))

    def test_ctrl_c_ends_all_without_a_traceback(
        self, project: Project, environment: Mapping[str, str]
    ) -> None:
        for number in range(200):
            project.model(f"model-{number}", most=10 + number)
        process = subprocess.Popen(
            [sys.executable, "-m", "speccast", "generate"],
            cwd=project.folder,
            env={**environment, "SPECCAST_WORKERS": "2"},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        while not (children := _children(process.pid)):
            time.sleep(0.01)
        time.sleep(0.3)
        os.killpg(process.pid, signal.SIGINT)
        out, err = process.communicate(timeout=60)
        assert (process.returncode, out, err) == (130, "", "interrupted\n")
        assert all(map(_is_gone, children))
        assert project.output() == {}

    @pytest.mark.parametrize("count", ["0", "-1", "many", "1000"])
    def test_an_invalid_number_is_an_error(
        self, project: Project, monkeypatch: pytest.MonkeyPatch, count: str
    ) -> None:
        monkeypatch.setenv("SPECCAST_WORKERS", count)
        with pytest.raises(AssertionError, match="SPECCAST_WORKERS must be a number from 1 to 64"):
            project.run("generate")


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _fail(_: object) -> None:
    raise LookupError("lost")


def _children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def _is_gone(pid: int) -> bool:
    for _ in range(600):
        try:
            os.kill(pid, 0)
            with open(f"/proc/{pid}/stat", encoding="ascii") as stat:  # noqa: PTH123 - not a file on a disk
                if stat.read().rpartition(")")[2].split()[0] == "Z":
                    return True
        except (ProcessLookupError, FileNotFoundError):
            return True
        time.sleep(0.05)
    return False
