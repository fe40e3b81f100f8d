"""`pip install generated/segmind/python` installs a client, and with the extra `cli` a command."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

USE = """\
import asyncio
from segmind_client import AsyncSegmind, Segmind

with Segmind() as client:
    result = client.sd2_1_txt2img.generate(prompt="a red fox", img_width=64, img_height=64)
    print(result.content_type, *(path.name for path in result.save("fox.jpg")))
    job = client.stable_diffusion_3_large_txt2img.submit(prompt="a red fox")
    print(job.wait(timeout=30, interval=0.01)["status"], client.job(job.request_id).status()["status"])

async def main():
    async with AsyncSegmind() as client:
        result = await client.sd2_1_txt2img.generate(prompt="a red fox", img_width=64, img_height=64)
        print(result.content_type)

asyncio.run(main())
"""


def test_the_package_alone_is_a_working_client(
    make_environment: Callable[..., Any],
    segmind: Path,
    emulator: Mapping[str, str],
    run: Callable[..., Any],
    tmp_path: Path,
) -> None:
    environment = make_environment("httpx2", "hatchling")
    environment.install(segmind)
    ran = run([environment.python, "-c", USE], cwd=tmp_path, env=emulator, code=0)
    assert ran.lines == ["image/jpeg fox.jpg", "COMPLETED COMPLETED", "image/jpeg"]
    assert (tmp_path / "fox.jpg").read_bytes().startswith(b"\xff\xd8")

    needing = (
        "try: from segmind_client.models import Sd21Txt2imgParams\nexcept ImportError as error: print(error)"
    )
    refused = run([environment.python, "-c", needing], cwd=tmp_path, code=0)
    assert 'pip install "segmind-client[pydantic]"' in refused.out

    for command in ([environment.bin / "segmind-client"], [environment.python, "-m", "segmind_client"]):
        refused = run([*command, "--help"], cwd=tmp_path, code=2)
        assert 'pip install "segmind-client[cli]"' in refused.err
        assert refused.out == ""


def test_the_extra_installs_the_command(
    client_environment: Any, emulator: Mapping[str, str], run: Callable[..., Any], tmp_path: Path
) -> None:
    command = client_environment.bin / "segmind-client"
    assert "sd2.1-txt2img" in run([command, "--help"], cwd=tmp_path, code=0).out
    words = [
        "sd2.1-txt2img",
        "--prompt",
        "a red fox",
        "--img-width",
        "64",
        "--img-height",
        "64",
        "-o",
        "fox.jpg",
    ]
    ran = run([command, *words], cwd=tmp_path, env=emulator, code=0)
    assert ran.lines == ["fox.jpg"]
    assert (tmp_path / "fox.jpg").read_bytes().startswith(b"\xff\xd8")


def test_the_installed_files_are_the_generated_ones(
    client_environment: Any, segmind: Path, run: Callable[..., Any], tmp_path: Path
) -> None:
    script = "import segmind_client; print(segmind_client.__path__[0], segmind_client.__version__)"
    place, version = run([client_environment.python, "-c", script], cwd=tmp_path, code=0).out.split()
    assert place.startswith(str(client_environment.folder))
    installed = {path.relative_to(place).as_posix() for path in _sources(place)}
    package = segmind / "segmind_client"
    assert installed == {path.relative_to(package).as_posix() for path in _sources(package)}
    shown = run(
        [sys.executable, "-m", "pip", "--python", client_environment.python, "show", "segmind-client"],
        cwd=tmp_path,
    )
    assert f"Version: {version}" in shown.lines


def _sources(folder: Path | str) -> list[Path]:
    from pathlib import Path

    return [path for path in Path(folder).rglob("*") if path.is_file() and "__pycache__" not in path.parts]
