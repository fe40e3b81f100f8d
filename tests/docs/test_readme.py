"""Every output has the limits that README states for one parameter."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

from speccast.testing import cases

from .documents import ROOT, blocks, read

if TYPE_CHECKING:
    from collections.abc import Callable

SLUG = "stable-diffusion-3.5-large-txt2img"
CLIENT = ROOT / "generated" / "segmind" / "python"
REJECTED = """\
from segmind_client import ParameterError, Segmind
try:
    Segmind("key").stable_diffusion_3_5_large_txt2img.generate(prompt="a red fox", image_quality=101)
except ParameterError as error:
    print(*(f"{violation.parameter} {violation.message}" for violation in error.violations))
"""


def test_spec_contains_the_excerpt() -> None:
    [excerpt] = [block.text for block in blocks("README.md") if block.language == "yaml"]
    first, _, rest = excerpt.partition("\n")
    spec = ROOT / first.removeprefix("# ")
    assert spec.name == f"{SLUG}.yaml"
    assert f"\n{rest}" in spec.read_text(encoding="utf-8")


def test_client_rejects_the_value_in_the_table(run: Callable[..., Any]) -> None:
    ran = run([sys.executable, "-c", REJECTED], cwd=CLIENT, code=0)
    assert ran.lines == ["image_quality must be 10 to 100"]
    assert f'"{ran.lines[0]}"' in read("README.md")


def test_help_shows_the_range_in_the_table(run: Callable[..., Any]) -> None:
    helped = run([sys.executable, "-m", "segmind_client", SLUG, "--help"], cwd=CLIENT, code=0)
    words = " ".join(helped.out.split())
    for shown in ("--image-quality INTEGER", "10 to 100; default: 95"):
        assert shown in words
        assert shown in read("README.md")


def test_generated_tests_send_the_values_in_the_table() -> None:
    table = cases(CLIENT / "segmind_client" / "_specs.json", SLUG)
    sent = {
        case.arguments["image_quality"]: case.expected for case in table if "image_quality" in case.arguments
    }
    assert {value: sent[value] for value in (9, 10, 100, 101, "1", None)} == {
        9: "refused",
        10: "accepted",
        100: "accepted",
        101: "refused",
        "1": "refused",
        None: "refused",
    }


def test_openapi_has_the_limits_in_the_table() -> None:
    document = json.loads((ROOT / "generated/segmind/openapi/openapi.json").read_text(encoding="utf-8"))
    text = json.dumps(document)
    begin = text.index('"image_quality": {')
    assert '"minimum": 10, "maximum": 100' in text[begin : text.index("}", begin)]
