"""The sample code of page 004 runs against an emulator with only the import changed."""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

CALLS = """\
import segmind

result = segmind.run(
    "stable-diffusion-3-large-txt2img",
    prompt="a panda in a cosmonaut suit",
    mode="text-to-image",
    aspect_ratio="1:1",
    output_format="jpeg",
    base64=False,
    negative_prompt="blurry",
)
print(result["status"])
print(result.get("output"))
print(result["metrics"]["inference_time"])

from segmind import SegmindClient, InferenceFailed, InferenceTimeout

client = SegmindClient()
payload = {
    "prompt": "a panda in a cosmonaut suit",
    "mode": "text-to-image",
    "aspect_ratio": "1:1",
    "output_format": "jpeg",
    "base64": False,
    "negative_prompt": "blurry",
}
job = client.submit_async("stable-diffusion-3-large-txt2img", **payload)
print(job.request_id)
try:
    result = job.wait(timeout=600, interval=1.0)
except InferenceTimeout as e:
    print("still running:", e.request_id)
except InferenceFailed as e:
    print("failed:", e.detail)
"""
"""The calls of the page, for machines without the page."""


@pytest.fixture(params=["page", "transcribed"])
def sample(request: pytest.FixtureRequest, repository: Path) -> str:
    if request.param == "transcribed":
        return CALLS
    pages = sorted((repository.parent / "shared" / "docs").glob("004*"))
    if not pages:
        pytest.skip("the page is not next to the repository")
    # The page numbers the lines of its sample, in two columns.
    lines = re.findall(r"^[ \d]\d(?!\n)(.*)$", pages[0].read_text(encoding="utf-8"), re.MULTILINE)
    code = "\n".join(lines)
    assert "import segmind" in code
    return code


def test_the_sample_runs_with_its_import_changed(
    sample: str, segmind: Path, emulator: Mapping[str, str], run: Callable[..., Any]
) -> None:
    changed = sample.replace("import segmind\n", "import segmind_client as segmind\n")
    changed = changed.replace("from segmind import", "from segmind_client import")
    assert changed.count("segmind_client") == 2
    ran = run([sys.executable, "-c", changed], cwd=segmind, env=emulator, code=0)
    status, output, seconds, request_id = ran.lines
    assert status == "COMPLETED"
    assert output.startswith(emulator["SEGMIND_BASE_URL"])
    assert float(seconds) >= 0
    assert request_id
    assert ran.err == ""


FAILS = """\
from segmind_client import InferenceFailed, InferenceTimeout, SegmindClient, SegmindError

client = SegmindClient()
slug = "stable-diffusion-3-large-txt2img"
job = client.submit_async(slug, prompt="a fox")
try:
    job.wait(timeout=0)
except InferenceTimeout as e:
    print("still running:", e.request_id == job.request_id)
failing = client.with_options(extra_headers={"X-Speccast-Fault": "job-failed=blocked"})
try:
    failing.submit_async(slug, prompt="a fox").wait(timeout=30, interval=0.01)
except InferenceFailed as e:
    print("failed:", e.detail)
try:
    SegmindClient(base_url=BASE_URL + "/v1").run_sync("no-such-model", prompt="a fox")
except SegmindError as e:
    print("refused:", e.status)
"""


def test_its_exception_handlers_work(
    segmind: Path, emulator: Mapping[str, str], run: Callable[..., Any]
) -> None:
    script = f"BASE_URL = {emulator['SEGMIND_BASE_URL']!r}\n{FAILS}"
    ran = run([sys.executable, "-c", script], cwd=segmind, env=emulator, code=0)
    assert ran.lines == ["still running: True", "failed: blocked", "refused: 404"]
