"""openapi-python-client generates a client from the document, and that client works against the emulator."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from speccast.emulator.server import start_emulator
from speccast.emulator.settings import EmulatorSettings

from .documented import load_documented

if TYPE_CHECKING:
    from collections.abc import Callable

BIN = Path(sys.executable).parent

# The generator supports JSON, text and octet streams; operations that return bytes must be configured.
SEGMIND = {"content_type_overrides": {"image/jpeg": "application/octet-stream"}}

# Values such as no, No and NO would be one name in an Enum.
HARMONIA = {"literal_enums": True}

CALLS = """
import sys
from client import AuthenticatedClient
from client.api.jobs import job_result, job_status
from client.api.text_to_image import generate_sd2_1_txt2img, submit_stable_diffusion_3_large_txt2img
from client.models import Error, JobResult, JobStatus
from client.models import Sd21Txt2ImgParams, StableDiffusion3LargeTxt2ImgParams

url = sys.argv[1]
with AuthenticatedClient(url, "a-key", auth_header_name="x-api-key", prefix="") as client:
    image = generate_sd2_1_txt2img.sync_detailed(client=client, body=Sd21Txt2ImgParams(prompt="a red fox"))
    assert image.status_code == 200 and image.content.startswith(b"\\xff\\xd8"), image
    refused = generate_sd2_1_txt2img.sync(client=client, body=Sd21Txt2ImgParams(samples=11))
    assert isinstance(refused, Error) and "samples must be at most 10" in refused.error, refused
    body = StableDiffusion3LargeTxt2ImgParams(prompt="a red fox")
    job = submit_stable_diffusion_3_large_txt2img.sync(client=client, body=body)
    status = job_status.sync(client=client, id=job.request_id)
    assert isinstance(status, JobStatus) and status.status == "COMPLETED", status
    result = job_result.sync(client=client, id=job.request_id)
    assert isinstance(result, JobResult) and result.output.startswith(url), result
"""


@pytest.fixture
def generate(run: Callable[..., Any], tmp_path: Path) -> Callable[..., Any]:
    """Generates the package `client` from an API's document, and answers how that ended."""

    def generated(name: str, config: dict[str, Any], *options: str) -> Any:
        (tmp_path / "openapi.json").write_text(load_documented(name).text, encoding="utf-8")
        (tmp_path / "config.json").write_text(json.dumps(config), encoding="utf-8")
        program = BIN / "openapi-python-client"
        return run(
            [
                *(program, "generate", "--path", "openapi.json", "--config", "config.json"),
                *("--meta", "none", "--output-path", "client", *options),
            ],
            cwd=tmp_path,
            env={"PATH": os.pathsep.join([str(BIN), os.environ["PATH"]])},
        )

    return generated


@pytest.mark.parametrize(
    ("name", "config"), [("segmind", {}), ("segmind", SEGMIND), ("minimal", {}), ("everything", {})]
)
def test_nothing_is_left_out(generate: Callable[..., Any], name: str, config: dict[str, Any]) -> None:
    ran = generate(name, config, "--fail-on-warning")
    assert ran.code == 0, ran.out + ran.err


def test_only_unsupported_keywords_are_omitted(generate: Callable[..., Any]) -> None:
    """It has no enums of numbers that are not integers, and no parameter called `=`."""
    ran = generate("harmonia", HARMONIA)
    assert ran.code == 0, ran.out + ran.err
    left_out = [line for line in ran.err.splitlines() if line.startswith("/components/")]
    assert left_out == ["/components/schemas/M3dSceneParams", "/components/schemas/YamlValuesParams"]


def test_the_client_works(generate: Callable[..., Any], run: Callable[..., Any], tmp_path: Path) -> None:
    generate("segmind", SEGMIND)
    (tmp_path / "calls.py").write_text(CALLS, encoding="utf-8")
    with start_emulator(load_documented("segmind").bundle, EmulatorSettings(key="a-key")) as served:
        url = served.url
        ran = run([sys.executable, "calls.py", url], cwd=tmp_path)
    assert ran.code == 0, ran.err
