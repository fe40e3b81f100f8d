"""The pytest plugin as suites of others have it: through its entry point, in a process of its own."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CLIENT = ROOT / "generated" / "segmind" / "python"
POST = """
import urllib.error, urllib.request

def post(api, path="/v2/stable-diffusion-3-large-txt2img"):
    headers = {"x-api-key": api.key, "content-type": "application/json"}
    request = urllib.request.Request(api.url + path, b'{"prompt": "a fox"}', headers)
    try:
        with urllib.request.urlopen(request) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        return error.code
"""


@pytest.fixture
def suite(tmp_path: Path) -> Path:
    """A folder with what an installation would add: the entry points that pyproject.toml declares."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    points = "".join(f"{name} = {value}\n" for name, value in project["entry-points"]["pytest11"].items())
    installed = tmp_path / "installed" / "speccast_by_hand-0.dist-info"
    installed.mkdir(parents=True)
    (installed / "METADATA").write_text(
        "Metadata-Version: 2.1\nName: speccast-by-hand\nVersion: 0\n", "utf-8"
    )
    (installed / "entry_points.txt").write_text(f"[pytest11]\n{points}", "utf-8")
    (tmp_path / "suite").mkdir()
    return tmp_path / "suite"


def run(suite: Path, tests: str, *, ini: str = "", options: tuple[str, ...] = ()) -> tuple[int, str]:
    """Exit code and report of a run of pytest in a folder with one file of tests."""
    (suite / "pytest.ini").write_text(f"[pytest]\n{ini}", encoding="utf-8")
    (suite / "test_it.py").write_text(tests, encoding="utf-8")
    path = os.pathsep.join(map(str, (ROOT / "generator", CLIENT, suite.parent / "installed")))
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST", "SEGMIND"))}
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:cacheprovider",
        "-p",
        "no:schemathesis",
        *options,
    ]
    ended = subprocess.run(
        command,
        cwd=suite,
        env={**kept, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    return ended.returncode, ended.stdout + ended.stderr


@pytest.mark.parametrize("ini", ["speccast_package = segmind_client", "speccast_specs = own"])
def test_each_test_has_an_emulator_as_new_on_one_server(suite: Path, ini: str) -> None:
    (suite / "own").symlink_to(ROOT / "specs")
    code, report = run(
        suite,
        POST
        + """
urls = set()

def test_one(speccast_emulator):
    urls.add(speccast_emulator.url)
    speccast_emulator.fault("status=500")
    assert post(speccast_emulator) == 500

def test_two(speccast_emulator):
    urls.add(speccast_emulator.url)
    assert speccast_emulator.journal() == []
    assert post(speccast_emulator) == 200
    assert len(urls) == 1
""",
        ini=ini,
    )
    assert (code, "2 passed" in report) == (0, True), report


def test_the_specs_of_the_project_are_the_default(suite: Path) -> None:
    (suite / "specs").symlink_to(ROOT / "specs")
    code, report = run(suite, POST + "def test_one(speccast_emulator): assert post(speccast_emulator) == 200")
    assert code == 0, report


def test_a_marker_has_the_last_word(suite: Path) -> None:
    code, report = run(
        suite,
        POST
        + """
import pytest

urls = []

@pytest.mark.speccast("segmind_client", rate="1/60s")
class TestLimited:
    def test_one(self, speccast_emulator):
        urls.append(speccast_emulator.url)
        assert [post(speccast_emulator) for _ in range(2)] == [200, 429]

    def test_two(self, speccast_emulator):
        urls.append(speccast_emulator.url)
        assert post(speccast_emulator) == 200

@pytest.mark.speccast(faults=["status=500"])
def test_three(speccast_emulator):
    urls.append(speccast_emulator.url)
    assert post(speccast_emulator) == 500

def test_four(speccast_emulator):
    urls.append(speccast_emulator.url)
    assert post(speccast_emulator) == 200
    assert urls[0] == urls[1] and len(set(urls)) == 3
""",
        ini="speccast_package = segmind_client",
        options=("--strict-markers",),
    )
    assert (code, "4 passed" in report) == (0, True), report


@pytest.mark.parametrize(
    ("ini", "message"),
    [
        ("speccast_package = a\nspeccast_specs = b", "remove one of them"),
        ("speccast_package = no_such_package", "there is no package 'no_such_package'"),
        ("speccast_specs = nowhere", "nowhere"),
    ],
)
def test_what_cannot_be_served_is_told(suite: Path, ini: str, message: str) -> None:
    code, report = run(suite, "def test_one(speccast_emulator): pass", ini=ini)
    assert code == 1
    assert message in report


@pytest.mark.parametrize(
    ("marker", "message"),
    [
        (
            'progess="polls:2"',
            "the marker speccast got an unexpected keyword argument 'progess'\nhint: it takes source, api, key, progress",
        ),
        ('progress="poll:2"', "progress is 'poll:2'\nhint: write immediate, or polls:N"),
        ('faults=["stauts=503"]', "unknown fault 'stauts'; did you mean status?"),
        ('faults="latency=0\\nstauts=503"', "unknown fault 'stauts'; did you mean status?"),
        ("max_jobs=0", "max_jobs is 0\nhint: it is a whole number from 1"),
        ('journal="all"', "journal is 'all'\nhint: it is a whole number from 0"),
        ('"no_such_package"', "there is no package 'no_such_package'\nhint: install it in this environment"),
    ],
)
def test_a_marker_that_is_wrong_is_told_without_a_traceback(suite: Path, marker: str, message: str) -> None:
    tests = f"import pytest\n\n@pytest.mark.speccast({marker})\ndef test_one(speccast_emulator): pass"
    code, report = run(suite, tests, ini="speccast_package = segmind_client")
    assert code == 1
    assert message in report
    assert "Error" not in report
    assert "During handling" not in report


def test_tests_that_do_not_ask_for_it_do_not_pay_for_it(suite: Path) -> None:
    tests = 'import sys\n\ndef test_one():\n    assert not {"speccast.emulator", "starlette"} & set(sys.modules)\n'
    code, report = run(suite, tests)
    assert code == 0, report


def test_the_example_suite_of_the_documentation_passes(suite: Path) -> None:
    text = (ROOT / "docs" / "testing.md").read_text(encoding="utf-8")
    found = [block for block in re.findall(r"```python\n(.*?)```", text, re.DOTALL) if "def test_" in block]
    [ini] = re.findall(r'```toml\n\[tool\.pytest\.ini_options\]\nspeccast_package = "(\w+)"\n```', text)
    assert len(found) == 1
    code, report = run(suite, found[0], ini=f"speccast_package = {ini}")
    assert (code, f"{found[0].count('def test_')} passed" in report) == (0, True), report
