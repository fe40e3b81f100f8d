"""Two vendored models in another package: imported and called, copied from a project and from a wheel."""

from __future__ import annotations

import json
import subprocess
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

MODELS = "sd2.1-txt2img,stable-diffusion-3-large-txt2img"
COPY = "src/studio/_vendor/segmind"
"""`studio` is a package; `_vendor` is a namespace package, without `__init__.py`."""

USE = """\
from __future__ import annotations

import asyncio
from typing import assert_type

from studio._vendor.segmind import AsyncSegmind, Job, ParameterError, Result, Segmind


def main() -> None:
    with Segmind() as client:
        result = client.sd2_1_txt2img.generate(prompt="a red fox", img_width=64, img_height=64)
        assert_type(result, Result)
        print(result.content_type, *(path.name for path in result.save("fox.jpg")))
        job = client.stable_diffusion_3_large_txt2img.submit(prompt="a red fox")
        assert_type(job, Job)
        print(job.wait(timeout=30, interval=0.01)["status"])
        try:
            client.sd2_1_txt2img.generate(prompt="a red fox", samples=1000)
        except ParameterError as error:
            print(*(violation.parameter for violation in error.violations))
        print(*(name for name in dir(client) if "txt2img" in name or "img2img" in name))
    asyncio.run(again())


async def again() -> None:
    async with AsyncSegmind() as client:
        result = await client.sd2_1_txt2img.generate(prompt="a red fox", img_width=64, img_height=64)
        print(result.content_type)


if __name__ == "__main__":
    main()
"""


@pytest.fixture(scope="module")
def hosts(
    segmind: Path,
    client_environment: Any,
    speccast: Callable[..., Any],
    tmp_path_factory: pytest.TempPathFactory,
) -> dict[str, Path]:
    """Packages with a vendored copy of two models, and code that uses it. The copies come from different sources."""
    [packages] = client_environment.folder.glob("lib/python*/site-packages")
    sources = {"project": (str(segmind), {}), "installed": ("segmind_client", {"PYTHONPATH": str(packages)})}
    hosts = {}
    for name, (source, path) in sources.items():
        host = hosts[name] = tmp_path_factory.mktemp(name)
        package = host / "src" / "studio"
        package.mkdir(parents=True)
        (host / "pyproject.toml").touch()
        (package / "__init__.py").write_text("", encoding="utf-8")
        (package / "use.py").write_text(USE, encoding="utf-8")
        words = ["vendor", "--into", COPY, "--models", MODELS, "--from", source]
        assert speccast(*words, cwd=host, env=path, code=0).out.endswith("    httpx2>=2.0\n")
    return hosts


@pytest.fixture(params=["project", "installed"])
def host(request: pytest.FixtureRequest, hosts: dict[str, Path]) -> Path:
    return hosts[request.param]


def test_both_sources_give_the_same_copy(hosts: dict[str, Path]) -> None:
    """Except for the record of the source, and its digest in the manifest."""
    first, second = (
        {
            path.relative_to(host).as_posix(): path.read_bytes()
            for path in (host / COPY).rglob("*")
            if path.is_file()
            and path.name not in ("_vendored.json", ".speccast-manifest")
            and "__pycache__" not in path.parts
        }
        for host in hosts.values()
    )
    assert first == second


def test_it_works_with_the_recorded_requirements_only(
    host: Path,
    make_environment: Callable[..., Any],
    environment: Mapping[str, str],
    run: Callable[..., Any],
    speccast: Callable[..., Any],
) -> None:
    python = make_environment(
        *json.loads((host / COPY / "_vendored.json").read_bytes())["requirements"]
    ).python
    with emulate(host / COPY, environment) as url:
        variables = {"PYTHONPATH": str(host / "src"), "SEGMIND_API_KEY": "any", "SEGMIND_BASE_URL": url}
        ran = run([python, "-m", "studio.use"], cwd=host, env=variables, code=0)
    assert ran.lines == [
        "image/jpeg fox.jpg",
        "COMPLETED",
        "samples",
        "sd2_1_txt2img stable_diffusion_3_large_txt2img",
        "image/jpeg",
    ]
    assert speccast("vendor", "--check", cwd=host, code=0).out.startswith(f"{COPY}: all ")


@contextmanager
def emulate(source: Path, environment: Mapping[str, str]) -> Iterator[str]:
    """Run an emulator of a vendored copy, and return its URL."""
    command = [sys.executable, "-m", "speccast", "serve", "--port", "0", "--progress", "polls:1", str(source)]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            line = process.stdout.readline()
            assert "(2 models)" in line, line
            yield "http://" + line.partition("http://")[2].strip()
        finally:
            process.terminate()
