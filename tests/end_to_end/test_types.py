"""What type checkers, ruff and jedi say about a generated client, a vendored copy of it, and code that uses both.

Checkers take seconds to start. Each checks all of it at once: the client of Segmind with its tests, that of an API that uses
every key of the format, one without models, a vendored copy of two models, and code with mistakes that a checker has to find.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jedi
import pytest

from speccast.targets.rendering import render
from tests.targets.support import EVERYTHING, NO_OVERLAY, api_of
from tests.thorough import cases

if TYPE_CHECKING:
    from collections.abc import Callable

TOOLS = Path(sys.prefix) / "bin"
SUPPRESSION = re.compile(r"#\s*(noqa|type:\s*ignore|pyright:|mypy:|ruff:)")
COPY = "studio/_vendor/segmind"
MODELS = "sd2.1-txt2img,stable-diffusion-3-large-txt2img"

CORRECT = """\
from io import BytesIO
from pathlib import Path
from typing import Literal, assert_type

import numpy
from PIL import Image
from benign_client import AsyncBenign, Benign, MediaInput, ServerEvent, TextStream
from benign_client.models import EverythingNamedParams
from benign_client.models.everything_named import EverythingNamedContentItemSaid, EverythingNamedContentItemSeen
from segmind_client import AsyncResult, AsyncSegmind, ByteStream, Job, ModelEntry, Output, Record, Result, Segmind
from segmind_client import BudgetError, RecordError, read_record
from segmind_client.models import Sd21Txt2img, Sd21Txt2imgParams

from studio._vendor import segmind

with Segmind() as client:
    assert_type(client, Segmind)
    assert_type(client.sd2_1_txt2img, Sd21Txt2img)
    assert_type(client.sd2_1_txt2img.generate(prompt="a red fox"), Result)
    assert_type(client.stable_diffusion_3_large_txt2img.submit(prompt="a red fox"), Job)
    assert_type(client.sd2_1_txt2img.generate(prompt="a red fox").outputs, list[Output])
    with client.sd2_1_txt2img.stream(prompt="a red fox") as stream:
        assert_type(stream, ByteStream)
        assert_type([piece for piece in stream], list[bytes])
    with client.sd2_1_txt2img.stream(prompt="a red fox") as stream:
        assert_type(stream.save("fox.png", embed=True), list[Path])
        assert_type((stream.cost, stream.remaining_credits, stream.size), tuple[float | None, float | None, int | None])
    for output in client.sd2_1_txt2img.generate(prompt="a red fox").outputs:
        with output.stream() as stream:
            assert_type(stream.save(embed=True), list[Path])
    assert_type(client.with_options(max_retries=0), Segmind)
    assert_type(client.models["sd2_1_txt2img"], ModelEntry)
    try:
        result = client.with_options(max_cost=0.5).sd2_1_txt2img.generate(prompt="a red fox")
        assert_type((result.cost, result.remaining_credits, client.spent), tuple[float | None, float | None, float])
        assert_type(read_record(result.save("fox.png", embed=True)[0]), Record)
        assert_type(read_record("fox.png").cost, float | None)
    except BudgetError as budget:
        assert_type((budget.spent, budget.max_cost), tuple[float, float])
    except RecordError:
        pass
assert_type(segmind.Segmind().sd2_1_txt2img.generate(), segmind.Result)
parameters = Sd21Txt2imgParams(samples=2)


async def main() -> None:
    async with AsyncSegmind() as client:
        result = await client.sd2_1_txt2img.generate(prompt="a red fox")
        assert_type(result, AsyncResult)
        assert_type(await result.outputs[0].read(), bytes)
        assert_type(await result.save(), list[Path])
        async with client.sd2_1_txt2img.stream(prompt="a red fox") as stream:
            assert_type([piece async for piece in stream], list[bytes])
        async with result.stream() as stream:
            assert_type(await stream.save("fox.png", embed=True), list[Path])
            assert_type(stream.cost, float | None)
    async with AsyncBenign("key").everything_named.stream(words="a") as text:
        assert_type([piece async for piece in text], list[str])
        assert_type([event async for event in text.events()], list[ServerEvent])
        assert_type((text.cost, text.remaining_credits), tuple[float | None, float | None])


voice = Benign("key").everything_named.generate(words="a", voice={"pitch": "deep", "steps": [{"at": 1.0}]})
assert_type((voice.cost, voice.remaining_credits), tuple[float | None, float | None])
Benign("key").everything_named.generate(words="a", content="a")
earlier = Segmind().sd2_1_txt2img.generate(prompt="a red fox")
with Path("fox.png").open("rb") as file:
    contents: list[MediaInput] = [
        *("https://example.com/fox.png", Path("fox.png"), b"", bytearray(), memoryview(b""), file, BytesIO()),
        *(("fox.png", b""), ("fox", file, "image/png"), earlier, earlier.outputs[0]),
        *(Image.new("RGB", (1, 1)), numpy.zeros((1, 1, 3), numpy.uint8)),
    ]
    for content in contents:
        Benign("key").everything_named.generate(words="a", picture=content, clip=content)
with Benign("key").everything_named.stream(words="a") as text:
    assert_type(text, TextStream)
    assert_type([piece for piece in text], list[str])
    assert_type([event.text for event in text.events()], list[str])
EverythingNamedParams(words="a", picture=Path("fox.png"))
Benign("key").everything_named.generate(words="a", content=[{"kind": "said", "said": "a"}, {"kind": "seen"}])


def words(block: EverythingNamedContentItemSaid | EverythingNamedContentItemSeen) -> str:
    if block["kind"] == "said":
        return block.get("said", "")
    assert_type(block["kind"], Literal["seen"])
    return block.get("place", "")
"""

MISTAKES = """\
import segmind_client
from benign_client import Benign
from segmind_client import Segmind
from segmind_client import Segmindd  # wrong
from segmind_client.models import NoSuch  # wrong
from segmind_client.models.sd2_1_txt2img import Sd21Txt2imgParameters  # wrong
from segmind_client.errors import RateLimitErrors  # wrong

from studio._vendor.segmind import RateLimit  # wrong
from studio._vendor.segmind.models import Sd3MedImg2img  # wrong

client = Segmind()
client.sd2_1_txt2img.generate(prompt="a red fox", samples=1)
client.removed_model.generate(prompt="a red fox")  # wrong
client.sd2_1_txt2img.submit(prompt="a red fox")  # wrong
client.sd2_1_txt2img.generate(promt="a red fox")  # wrong
client.sd2_1_txt2img.generate(samples="2")  # wrong
client.sd2_1_txt2img.generate("a red fox")  # wrong
client.with_options(max_cost="1")  # wrong
segmind_client.Segmindd()  # wrong
Benign("key").everything_named.generate(words="a", content=5)  # wrong
Benign("key").everything_named.generate(words="a", picture=5)  # wrong
Benign("key").everything_named.stream(words="a", size="streamed")  # wrong
Benign("key").everything_named.generate(words="a", picture=("fox.png", 5))  # wrong
Benign("key").everything_named.generate(words="a", clip=5)  # wrong
Benign("key").everything_named.generate(words="a", clip=["fox.mp4"])  # wrong
Benign("key").everything_named.generate(words="a", content=[{"kind": "said", "place": "a"}])  # wrong
"""

CHECKERS = {
    "mypy": ["--no-error-summary"],
    "pyright": [],
    "ty": ["check", "--python", sys.prefix, "--output-format", "concise"],
    "pyrefly": [
        *("check", "--python-interpreter-path", sys.executable),
        *("--min-severity", "error", "--output-format", "min-text"),
    ],
}


@pytest.fixture(scope="module")
def workspace(
    generated: Path, speccast: Callable[..., Any], tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """A project with all that is checked. mypy is configured by the generated pyproject.toml."""
    folder = tmp_path_factory.mktemp("types") / "workspace"
    shutil.copytree(generated / "generated/segmind/python", folder)
    api = api_of(EVERYTHING)
    for made in (api, replace(api, models=(), package="empty_client")):
        for path, content in render(made, "python", NO_OVERLAY).items():
            if path.startswith(f"{made.package}/"):
                (folder / path).parent.mkdir(parents=True, exist_ok=True)
                (folder / path).write_bytes(content)
    speccast("vendor", "--into", COPY, "--models", MODELS, "--from", "segmind_client", cwd=folder, code=0)
    (folder / "studio" / "__init__.py").touch()
    (folder / "correct.py").write_text(CORRECT, encoding="utf-8")
    (folder / "mistakes.py").write_text(MISTAKES, encoding="utf-8")
    settings = {"typeCheckingMode": "strict", "exclude": cases(list_copied(folder), [])}
    (folder / "pyrightconfig.json").write_text(json.dumps(settings), encoding="utf-8")
    (folder / "pyrefly.toml").write_text("", encoding="utf-8")
    return folder


def list_copied(folder: Path) -> list[str]:
    """Return the modules that are the same in the client of Segmind. pyright takes half a minute for all of them."""
    return [
        path.relative_to(folder).as_posix()
        for root in ("benign_client", "empty_client", COPY)
        for path in (folder / root).rglob("*.py*")
        for original in [folder / "segmind_client" / path.relative_to(folder / root)]
        if original.is_file() and original.read_bytes() == path.read_bytes()
    ]


@pytest.mark.parametrize("checker", CHECKERS)
def test_type_checkers_report_mistakes_and_nothing_else(
    checker: str, workspace: Path, run: Callable[..., Any]
) -> None:
    assert "strict = true" in (workspace / "pyproject.toml").read_text(encoding="utf-8")
    words = CHECKERS[checker]
    path = {
        "PATH": f"{TOOLS}{os.pathsep}{os.environ['PATH']}"
    }  # pyright takes packages from the first Python
    ran = run([TOOLS / checker, *words], cwd=workspace, env=path)
    reported = re.findall(r"([\w.-]+\.pyi?):(\d+)", ran.out)
    problems = {(file, int(line)) for file, line in reported}
    wrong = {
        ("mistakes.py", number)
        for number, line in enumerate(MISTAKES.splitlines(), 1)
        if line.endswith("# wrong")
    }
    assert problems == wrong, ran.out


def test_the_types_of_everything_public_are_known(workspace: Path, run: Callable[..., Any]) -> None:
    words = ["--verifytypes", "segmind_client", "--ignoreexternal"]
    env = {"PATH": f"{TOOLS}{os.pathsep}{os.environ['PATH']}", "PYTHONPATH": str(workspace)}
    ran = run([TOOLS / "pyright", *words], cwd=workspace.parent, env=env)
    assert "Type completeness score: 100%" in ran.out, ran.out


@pytest.mark.parametrize(
    ("code", "names"),
    [
        ("import segmind_client\nsegmind_client.Segmi", {"Segmind", "SegmindClient", "SegmindError"}),
        ("from segmind_client import Segmind\nSegmind().sd", {"sd2_1_txt2img", "sd3_med_img2img"}),
        ("from segmind_client import AsyncSegmind\nAsyncSegmind().sd2", {"sd2_1_txt2img"}),
        ("from segmind_client import Segmind\nwith Segmind() as client:\n    client.sd2_1_txt2img.gen", {"generate"}),
        ("from segmind_client import Segmind\nSegmind().sd2_1_txt2img.generate().sav", {"save"}),
        ("from segmind_client import Segmind\nSegmind().sd2_1_txt2img.generate(neg", {"negative_prompt="}),
        ("from segmind_client.models import Sd21Txt2imgPar", {"Sd21Txt2imgParams"}),
    ],
)  # fmt: skip
def test_editors_complete_without_a_type_checker(workspace: Path, code: str, names: set[str]) -> None:
    script = jedi.Script(code, path=workspace / "script.py", project=jedi.Project(workspace))
    assert names == {each.name for each in script.complete()}


@pytest.mark.parametrize("api", ["segmind", "harmonia", "twins"])
def test_ruff_reports_nothing_with_the_published_rules(
    api: str, generated: Path, run: Callable[..., Any]
) -> None:
    output = generated / "generated" / api / "python"
    ruff = [TOOLS / "ruff"]
    checked = run([*ruff, "check", "--no-cache", "--config", output / "pyproject.toml", "."], cwd=output)
    assert (checked.code, checked.out) == (0, "All checks passed!\n"), checked.out
    formatted = run(
        [*ruff, "format", "--no-cache", "--check", "--config", output / "pyproject.toml", "."], cwd=output
    )
    assert formatted.code == 0, formatted.out


@pytest.mark.parametrize("api", ["segmind", "harmonia", "twins"])
def test_nothing_is_suppressed(api: str, generated: Path) -> None:
    found = [
        f"{path.name}:{number}: {line.strip()}"
        for path in sorted((generated / "generated" / api / "python").rglob("*.py*"))
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if SUPPRESSION.search(line)
    ]
    assert found == []
