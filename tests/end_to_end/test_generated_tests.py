"""The generated tests pass: those of the invented APIs, and the case tables of an installed or vendored package.

The tests of Segmind are committed, and run with the tests of this repository.
"""

from __future__ import annotations

import re
import shutil
import sys
from typing import TYPE_CHECKING, Any

import pytest

from tests.pytest_command import PYTEST
from tests.thorough import cases

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


WITH_LIMITS = ("chat_1", "m_3d_scene", "retouch", "voice_clone", "yaml_values")
"""Models of Harmonia that have all kinds of limits."""


@pytest.mark.parametrize("name", ["harmonia", "minimal", "twins"])
def test_tests_of_an_invented_api_pass(generated: Path, run: Callable[..., Any], name: str) -> None:
    words = " or ".join(["not test_limits", *WITH_LIMITS])
    selected = cases(["-k", words] if name == "harmonia" else [], [])
    ran = run([sys.executable, *PYTEST, *selected], cwd=generated / "generated" / name / "python")
    assert ran.code == 0, ran.out
    assert " passed" in ran.lines[-1]
    assert not {"skipped", "warning", "warnings"} & set(ran.lines[-1].split())


def test_tests_of_a_new_api_pass(
    tmp_path: Path, speccast: Callable[..., Any], run: Callable[..., Any]
) -> None:
    """The files that `init` writes, with jobs enabled, are complete enough to be tested."""
    speccast("init", "acme.ai", cwd=tmp_path, code=0)
    speccast("init", "--model", "3d-fox", cwd=tmp_path, code=0)
    specs = tmp_path / "specs" / "acme.ai"
    lines = (specs / "api.yaml").read_text(encoding="utf-8").splitlines()
    start = lines.index("# async:")
    end = lines.index("", start)
    lines[start:end] = [line.removeprefix("# ") for line in lines[start:end]]
    (specs / "api.yaml").write_text("\n".join(lines) + "\n", encoding="utf-8")
    model = specs / "3d-fox.yaml"
    text = model.read_text(encoding="utf-8")
    model.write_text(text.replace("surfaces: [sync]", "surfaces: [sync, async]"), encoding="utf-8")

    speccast("generate", cwd=tmp_path, code=0)
    folder = tmp_path / "generated" / "acme.ai" / "python"
    ran = run([sys.executable, *PYTEST], cwd=folder)
    assert ran.code == 0, ran.out
    assert "def test_job(" in (folder / "tests" / "test_m_3d_fox.py").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def testing_environment(make_environment: Callable[..., Any], segmind: Path) -> Any:
    """An environment with an installed client, and what its tests need."""
    environment = make_environment("httpx2", "pydantic", "hatchling", "pytest", "speccast[serve]")
    environment.install(segmind)
    return environment


def test_an_installed_package_is_tested(
    testing_environment: Any, run: Callable[..., Any], tmp_path: Path
) -> None:
    tests = [testing_environment.python, *PYTEST, "--pyargs", "segmind_client", "-vv", "-k", "sd2.1"]
    ran = run(tests, cwd=tmp_path, code=0)
    assert ran.out.count(" PASSED ") > 50
    assert "_specs.json::sd2.1-txt2img[samples-at-maximum] PASSED" in ran.out


def test_an_error_in_an_installed_package_is_found(
    testing_environment: Any, run: Callable[..., Any], tmp_path: Path
) -> None:
    """The client in the environment is tested, not another copy: here one whose check has another limit."""
    environment = testing_environment
    [module] = environment.folder.glob("lib/python*/site-packages/segmind_client/models/sd2_1_txt2img.py")
    text = module.read_text(encoding="utf-8")
    module.write_text(text.replace("maximum=10,", "maximum=9,"), encoding="utf-8")
    try:
        tests = [environment.python, *PYTEST, "--pyargs", "segmind_client", "-k", "samples"]
        ran = run(tests, cwd=tmp_path, code=1)
    finally:
        module.write_text(text, encoding="utf-8")
    assert "sd2.1-txt2img: samples-at-maximum must be accepted" in ran.out
    assert "1 failed" in ran.lines[-1]


def test_a_vendored_package_is_tested(
    segmind: Path, speccast: Callable[..., Any], run: Callable[..., Any], tmp_path: Path
) -> None:
    host = tmp_path / "src" / "studio"
    host.mkdir(parents=True)
    (host / "__init__.py").touch()
    copy = "src/studio/_vendor/segmind"
    speccast(
        "vendor", "--into", copy, "--models", "sd2.1-txt2img", "--from", str(segmind), cwd=tmp_path, code=0
    )
    path = {"PYTHONPATH": str(tmp_path / "src")}
    tests = [sys.executable, *PYTEST, "--pyargs", "studio._vendor.segmind"]
    assert count_passed(run(tests, cwd=tmp_path, env=path, code=0)) > 70

    # Only a package that is named: the host's own tests do not become those of the client.
    assert "no tests ran" in run([sys.executable, *PYTEST], cwd=tmp_path, env=path, code=5).out


def count_passed(ran: Any) -> int:
    found = re.fullmatch(r"(\d+) passed in .*", ran.lines[-1])
    assert found, ran.out
    return int(found[1])


def test_without_speccast_the_tests_say_what_to_install(
    segmind: Path, make_environment: Callable[..., Any], run: Callable[..., Any]
) -> None:
    environment = make_environment("httpx2", "pydantic", "pytest")
    ran = run([environment.python, *PYTEST], cwd=segmind, code=4)
    assert 'these tests need Speccast. To install it, run: pip install "speccast[serve]"' in ran.err


def test_without_the_extra_the_tests_say_what_to_install(
    segmind: Path, make_environment: Callable[..., Any], run: Callable[..., Any]
) -> None:
    environment = make_environment("httpx2", "pydantic", "pytest", "speccast")
    ran = run([environment.python, *PYTEST, "-x", "tests/test_sd2_1_txt2img.py"], cwd=segmind, code=1)
    assert 'pip install "speccast[serve]"' in ran.out


def test_a_changed_limit_changes_five_files(
    segmind: Path, tmp_path: Path, repository: Path, speccast: Callable[..., Any]
) -> None:
    """Besides the manifests, which record the digests of all files."""
    shutil.copytree(repository / "specs", tmp_path / "specs")
    shutil.copytree(segmind.parent, tmp_path / "generated" / "segmind")
    spec = tmp_path / "specs" / "segmind" / "sd2.1-txt2img.yaml"
    text = spec.read_text(encoding="utf-8")
    assert "maximum: 10\n" in text
    spec.write_text(text.replace("maximum: 10\n", "maximum: 9\n"), encoding="utf-8")
    ran = speccast("generate", cwd=tmp_path, code=0)
    assert sorted(ran.lines[:-1]) == [
        "wrote generated/segmind/openapi/openapi.json",
        "wrote generated/segmind/python/docs/sd2_1_txt2img.md",
        "wrote generated/segmind/python/segmind_client/_specs.json",
        "wrote generated/segmind/python/segmind_client/models/_params/sd2_1_txt2img.py",
        "wrote generated/segmind/python/segmind_client/models/sd2_1_txt2img.py",
    ]
