"""What README shows of one parameter is so on every side."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

from .documents import ROOT, blocks, read

if TYPE_CHECKING:
    from collections.abc import Callable

SLUG = "stable-diffusion-3.5-large-txt2img"
CLIENT = ROOT / "generated" / "segmind" / "python"
REFUSED = """\
from segmind_client import ParameterError, Segmind
try:
    Segmind("key").stable_diffusion_3_5_large_txt2img.generate(prompt="a red fox", image_quality=101)
except ParameterError as error:
    print(*(f"{violation.parameter} {violation.message}" for violation in error.violations))
"""


def test_the_excerpt_is_in_the_spec() -> None:
    [excerpt] = [block.text for block in blocks("README.md") if block.language == "yaml"]
    first, _, rest = excerpt.partition("\n")
    spec = ROOT / first.removeprefix("# ")
    assert spec.name == f"{SLUG}.yaml"
    assert f"\n{rest}" in spec.read_text(encoding="utf-8")


def test_the_client_refuses_what_the_table_says(run: Callable[..., Any]) -> None:
    ran = run([sys.executable, "-c", REFUSED], cwd=CLIENT, code=0)
    assert ran.lines == ["image_quality must be 10 to 100"]
    assert f'"{ran.lines[0]}"' in read("README.md")


def test_the_help_of_the_command_says_what_the_table_says(run: Callable[..., Any]) -> None:
    helped = run([sys.executable, "-m", "segmind_client", SLUG, "--help"], cwd=CLIENT, code=0)
    words = " ".join(helped.out.split())
    for shown in ("--image-quality INTEGER", "10 to 100; default: 95"):
        assert shown in words
        assert shown in read("README.md")


def test_the_tests_send_what_the_table_says() -> None:
    sent = (CLIENT / "tests" / "test_stable_diffusion_3_5_large_txt2img.py").read_text(encoding="utf-8")
    for value in ("9", "10", "100", "101", '"1"', "None"):
        assert f'"image_quality": {value},' in sent


def test_the_openapi_document_says_what_the_table_says() -> None:
    document = json.loads((ROOT / "generated/segmind/openapi/openapi.json").read_text(encoding="utf-8"))
    text = json.dumps(document)
    begin = text.index('"image_quality": {')
    assert '"minimum": 10, "maximum": 100' in text[begin : text.index("}", begin)]
