"""The pytest plugin, loaded through its entry point by a pytest process."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests.pytest_command import PYTEST

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
    """A folder for a test suite, beside an installed distribution with the entry points of pyproject.toml."""
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
    """Run pytest in the folder with one file of tests, and return the exit code and the report."""
    (suite / "pytest.ini").write_text(f"[pytest]\n{ini}", encoding="utf-8")
    (suite / "test_it.py").write_text(tests, encoding="utf-8")
    path = os.pathsep.join(map(str, (ROOT / "generator", CLIENT, suite.parent / "installed")))
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST", "SEGMIND"))}
    command = [sys.executable, *PYTEST, *options]
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
def test_the_emulator_is_reset_for_each_test(suite: Path, ini: str) -> None:
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


def test_the_specs_of_the_project_are_served_by_default(suite: Path) -> None:
    (suite / "specs").symlink_to(ROOT / "specs")
    code, report = run(suite, POST + "def test_one(speccast_emulator): assert post(speccast_emulator) == 200")
    assert code == 0, report


def test_a_marker_overrides_the_configuration(suite: Path) -> None:
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


def test_fixtures_of_modules_and_sessions_can_use_the_emulator(suite: Path) -> None:
    code, report = run(
        suite,
        POST
        + """
import pytest

@pytest.fixture(scope="session")
def url(speccast_emulator):
    return speccast_emulator.url

@pytest.fixture(scope="module")
def client(url, speccast_emulator):
    speccast_emulator.fault("status=500")
    assert post(speccast_emulator) == 500
    return speccast_emulator

def test_one(client):
    assert client.clear_faults() is None

def test_two(client):
    assert client.journal() == []
    assert post(client) == 200

class TestMore:
    @pytest.fixture(scope="class")
    def inner(self, client):
        return client

    def test_three(self, inner, url):
        assert inner.journal() == []
        assert inner.url == url

    @pytest.mark.speccast(faults=["status=503"])
    def test_four(self, inner, url):
        assert post(inner) == 503
        assert inner.url != url

def test_five(request):
    assert request.getfixturevalue("client").journal() == []
    assert post(request.getfixturevalue("client")) == 200
""",
        ini="speccast_package = segmind_client",
    )
    assert (code, "5 passed" in report) == (0, True), report


def test_a_test_without_the_emulator_needs_no_specs(suite: Path) -> None:
    code, report = run(
        suite,
        POST
        + """
import pytest

@pytest.mark.speccast("segmind_client")
def test_one(speccast_emulator):
    assert post(speccast_emulator) == 200

def test_two():
    pass

@pytest.mark.speccast("segmind_client", faults=["status=503"])
def test_three(request):
    assert post(request.getfixturevalue("speccast_emulator")) == 503
""",
    )
    assert (code, "3 passed" in report) == (0, True), report


def test_a_failing_test_shows_what_the_emulator_answered(suite: Path) -> None:
    code, report = run(
        suite,
        POST
        + """
import pytest

def test_call(speccast_emulator):
    assert post(speccast_emulator, "/v1/sd2.1-txt2img") == 200
    speccast_emulator.fault("status=503;times=1")
    assert post(speccast_emulator) == 200

@pytest.fixture
def called(speccast_emulator):
    assert post(speccast_emulator, "/v1/nothing") == 200

def test_setup(called):
    pass

def test_nothing(speccast_emulator):
    assert False

def test_passes(speccast_emulator):
    assert post(speccast_emulator) == 200

def test_other():
    assert False
""",
        ini="speccast_package = segmind_client",
    )
    assert code == 1, report
    sections = re.split(r"^_+ (?:ERROR at setup of )?(test_\w+) _+$", report, flags=re.MULTILINE)
    shown = dict(zip(sections[1::2], sections[2::2], strict=True))
    assert "- Requests to the emulator -" in shown["test_call"]
    assert re.search(r"^POST /v1/sd2\.1-txt2img 200 image/jpeg, \d+ bytes$", shown["test_call"], re.MULTILINE)
    assert re.search(r"^POST /v2/\S+ 503 \[status=503;times=1\] \{", shown["test_call"], re.MULTILINE)
    assert re.search(r"^POST /v1/nothing 404 \{", shown["test_setup"], re.MULTILINE)
    assert shown["test_nothing"].count("POST") == 0
    assert "emulator -" not in shown["test_other"].partition("short test summary")[0]


@pytest.mark.parametrize(
    ("ini", "message"),
    [
        ("speccast_package = a\nspeccast_specs = b", "remove one of them"),
        ("speccast_package = no_such_package", "unknown package 'no_such_package'"),
        ("speccast_specs = nowhere", "nowhere"),
    ],
)
def test_missing_specs_are_reported(suite: Path, ini: str, message: str) -> None:
    code, report = run(suite, "def test_one(speccast_emulator): pass", ini=ini)
    assert code == 1
    assert message in report


INVALID_MARKERS = {
    'progess="polls:2"': "the marker speccast got an unexpected keyword argument 'progess'\nhint: it takes source, api, key, progress",
    'progress="poll:2"': "invalid progress 'poll:2'\nhint: write immediate, polls:N",
    'faults=["stauts=503"]': "unknown fault 'stauts'; did you mean status?",
    'faults="latency=0\\nstauts=503"': "unknown fault 'stauts'; did you mean status?",
    "max_jobs=0": "invalid max_jobs: 0\nhint: it must be an integer, at least 1",
    'journal="all"': "invalid journal: 'all'\nhint: it must be an integer, at least 0",
    '"no_such_package"': "unknown package 'no_such_package'\nhint: install it in this environment",
}


def test_an_invalid_marker_is_reported_without_a_traceback(suite: Path) -> None:
    tests = ["import pytest"] + [
        f"@pytest.mark.speccast({marker})\ndef test_{number}(speccast_emulator): pass"
        for number, marker in enumerate(INVALID_MARKERS)
    ]
    code, report = run(suite, "\n\n".join(tests), ini="speccast_package = segmind_client")
    assert code == 1
    assert f"{len(INVALID_MARKERS)} errors in" in report
    sections = re.split(r"^_+ ERROR at setup of test_\d _+$", report, flags=re.MULTILINE)[1:]
    for section, message in zip(sections, INVALID_MARKERS.values(), strict=True):
        assert message in section
        assert "Traceback" not in section
        assert "During handling" not in section


def test_the_emulator_is_imported_only_if_a_test_uses_it(suite: Path) -> None:
    tests = 'import sys\n\ndef test_one():\n    assert not {"speccast.emulator", "starlette"} & set(sys.modules)\n'
    code, report = run(suite, tests)
    assert code == 0, report


def test_the_example_suites_of_the_documentation_pass(suite: Path) -> None:
    text = (ROOT / "docs" / "testing.md").read_text(encoding="utf-8")
    [ini] = re.findall(r'```toml\n\[tool\.pytest\.ini_options\]\nspeccast_package = "(\w+)"\n```', text)
    suites = [block for block in re.findall(r"```python\n(.*?)```", text, re.DOTALL) if "def test_" in block]
    first, second = (run(suite, tests, ini=f"speccast_package = {ini}") for tests in suites)
    assert (first[0], f"{suites[0].count('def test_')} passed" in first[1]) == (0, True), first[1]
    assert second[0] == 0, second[1]
    assert int(re.findall(r"^(\d+) passed in", second[1], re.MULTILINE)[0]) > 70, second[1]


def test_specs_that_cannot_be_read_are_reported_when_they_are_collected(suite: Path) -> None:
    package = suite / "broken_client"
    package.mkdir()
    (package / "__init__.py").touch()
    (package / "_specs.json").write_text("{", encoding="utf-8")
    code, report = run(suite, "", options=("broken_client",))
    assert code == 2
    assert "_specs.json: is not JSON" in report
    assert "Traceback" not in report
