"""The Segmind specs equal a second, independent transcription of the documentation pages.

The tables here were typed from the pages, not from the YAML, so that a slip would have to be made twice. PyYAML reads the
specs, not Speccast's own reader: these files mean the same to any reader of YAML.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from speccast.specs.jsonschema import parameters_schema

ROOT = Path(__file__).parents[2]
SPECS = ROOT / "specs" / "segmind"

# wire name, type, r(equired) or o(ptional), default, minimum, maximum, multiple, known values, hidden values.
# A dash is what the page does not give, and an underscore may stand for a space of the page. What it prints after a
# required prompt or image is an example, hence no default.
TABLE = """
stable-diffusion-3-medium-txt2img
  prompt                              string   r  -                      -    -                -  -   -
  base64                              boolean  o  false                  -    -                -  -   -
  conditioningsettimesteprange_start  number   o  0.1                    0.1  1                -  -   -
  conditioningsettimesteprange_stop   number   o  1                      0.1  1                -  -   -
  denoise                             number   o  1                      0.1  1                -  -   -
  guidance_scale                      number   o  5                      1    25               -  -   -
  img_height                          integer  o  1024                   512  2048             8  -   -
  img_width                           integer  o  1024                   512  2048             8  -   -
  modelsamplingsd3_shift              integer  o  3                      1    10               -  -   -
  negative_prompt                     string   o  -                      -    -                -  -   -
  num_inference_steps                 integer  o  25                     10   100              -  -   -
  samples                             integer  o  1                      1    4                -  -   -
  scheduler                           string   o  "DPM++_2M"             -    -                -  10  19
  seed                                integer  o  -1                     -1   999999999999999  -  -   -
sd3-med-img2img
  image                               string   r  -                      -    -                -  -   -
  prompt                              string   r  -                      -    -                -  -   -
  base64                              boolean  o  false                  -    -                -  -   -
  guidance_scale                      number   o  5                      1    20               -  -   -
  negative_prompt                     string   o  "low_quality,less_details"  -  -             -  -   -
  num_inference_steps                 integer  o  20                     1    100              -  -   -
  sampler                             string   o  "dpmpp_2m"             -    -                -  10  17
  samples                             integer  o  1                      -    -                -  -   -
  scheduler                           string   o  "sgm_uniform"          -    -                -  6   -
  seed                                integer  o  698845                 -    -                -  -   -
  strength                            number   o  0.7                    0    1                -  -   -
stable-diffusion-3.5-large-txt2img
  prompt                              string   r  -                      -    -                -  -   -
  sampler                             string   r  "euler"                -    -                -  10  16
  scheduler                           string   r  "sgm_uniform"          -    -                -  7   -
  aspect_ratio                        string   o  "custom"               -    -                -  10  -
  base64                              boolean  o  false                  -    -                -  -   -
  batch_size                          integer  o  1                      1    10               -  -   -
  guidance_scale                      number   o  5.5                    1    15               -  -   -
  height                              integer  o  1024                   64   2048             -  -   -
  image_format                        string   o  "jpeg"                 -    -                -  3   -
  image_quality                       integer  o  95                     10   100              -  -   -
  negative_prompt                     string   o  "low_quality,_blurry"  -    -                -  -   -
  seed                                integer  o  98552302               -    -                -  -   -
  steps                               integer  o  30                     10   70               -  -   -
  width                               integer  o  1024                   64   2048             -  -   -
sd2.1-txt2img
  base64                              boolean  o  false                  -    -                -  -   -
  guidance_scale                      number   o  -                      -    -                -  -   -
  img_height                          integer  o  -                      -    -                -  -   -
  img_width                           integer  o  -                      -    -                -  -   -
  negative_prompt                     string   o  -                      -    -                -  -   -
  num_inference_steps                 integer  o  -                      -    -                -  -   -
  prompt                              string   o  -                      -    -                -  -   -
  samples                             integer  o  1                      1    10               -  -   -
  scheduler                           string   o  -                      -    -                -  10  2
  seed                                integer  o  -                      -    -                -  -   -
  strength                            number   o  -                      -    -                -  -   -
stable-diffusion-3-large-txt2img
  aspect_ratio                        string   o  "1:1"                  -    -                -  9   -
  base64                              boolean  o  false                  -    -                -  -   -
  mode                                string   o  "text-to-image"        -    -                -  2   -
  negative_prompt                     string   o  ""                     -    -                -  -   -
  output_format                       string   o  "jpeg"                 -    -                -  2   -
  prompt                              string   o  -                      -    -                -  -   -
"""

ENUMS = {
    "stable-diffusion-3-medium-txt2img scheduler": "DPM++ SDE Karras, DPM++ 2M Karras, DPM++ 2M SDE Karras, "
    "DPM++ 2M SDE Heun Karras, DPM++ 3M SDE Karras, LMS Karras, DPM2 Karras, DPM2 a Karras, DPM++ 2S a Karras, "
    "DPM++ 2M SDE Exponential",
    "sd3-med-img2img sampler": "euler, euler_pp, euler_ancestral, euler_ancestral_pp, heun, heunpp2, dpm_2, "
    "dpm_2_ancestral, lms, dpm_fast",
    "sd3-med-img2img scheduler": "normal, karras, exponential, sgm_uniform, simple, ddim_uniform",
    "stable-diffusion-3.5-large-txt2img sampler": "euler, euler_cfg_pp, euler_ancestral, euler_ancestral_cfg_pp, heun, "
    "heunpp2, dpm_2, dpm_2_ancestral, lms, dpm_fast",
    "stable-diffusion-3.5-large-txt2img scheduler": "normal, karras, exponential, sgm_uniform, simple, ddim_uniform, beta",
    "stable-diffusion-3.5-large-txt2img aspect_ratio": "custom, 1:1 square 1024x1024, 3:4 portrait 896x1152, "
    "5:8 portrait 832x1216, 9:16 portrait 768x1344, 9:21 portrait 640x1536, 4:3 landscape 1152x896, "
    "3:2 landscape 1216x832, 16:9 landscape 1344x768, 21:9 landscape 1536x640",
    "stable-diffusion-3.5-large-txt2img image_format": "jpeg, png, webp",
    "sd2.1-txt2img scheduler": "DDIM, DPM Multi, DPM Single, Euler a, Euler, Heun, DPM2 a Karras, DPM2 Karras, LMS, PNDM",
    "stable-diffusion-3-large-txt2img aspect_ratio": "16:9, 1:1, 21:9, 2:3, 3:2, 4:5, 5:4, 9:16, 9:21",
    "stable-diffusion-3-large-txt2img mode": "text-to-image, image-to-image",
    "stable-diffusion-3-large-txt2img output_format": "jpeg, png",
}


def read(path: Path) -> Any:
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def read_rows_of_table() -> list[tuple[str, str, list[str]]]:
    """Return the table as (slug, wire name, the other columns). In a quoted text an underscore may stand for a space."""
    rows = []
    slug = ""
    for line in TABLE.strip().splitlines():
        if line.startswith(" "):
            wire, *columns = line.split()
            rows.append((slug, wire, columns))
        else:
            slug = line
    return rows


ROWS = read_rows_of_table()
API = read(SPECS / "api.yaml")
# Models that are added later have no table; what is said here of all models is said of these five.
MODELS: dict[str, Any] = {
    slug: read(SPECS / f"{slug}.yaml") for slug in dict.fromkeys(row[0] for row in ROWS)
}


def cell(value: object) -> str:
    return "-" if value is None else json.dumps(value).replace(" ", "_")


@pytest.mark.parametrize(("slug", "wire", "columns"), ROWS, ids=[f"{slug}-{wire}" for slug, wire, _ in ROWS])
def test_parameter_is_the_one_typed_from_the_page(slug: str, wire: str, columns: list[str]) -> None:
    parameter = MODELS[slug]["parameters"][wire]
    assert [
        parameter["type"],
        "r" if parameter.get("required") else "o",
        cell(parameter.get("default")),
        cell(parameter.get("minimum")),
        cell(parameter.get("maximum")),
        cell(parameter.get("multipleOf")),
        cell(len(parameter["enum"]) if "enum" in parameter else None),
        cell(parameter.get("hidden_values")),
    ] == columns


def test_known_values_are_those_typed_from_the_page() -> None:
    written = {
        f"{slug} {wire}": ", ".join(parameter["enum"])
        for slug, model in MODELS.items()
        for wire, parameter in model["parameters"].items()
        if "enum" in parameter
    }
    assert written == ENUMS


def test_there_are_56_parameters_in_the_order_of_the_pages() -> None:
    written = [(slug, wire) for slug, model in MODELS.items() for wire in model["parameters"]]
    assert len(written) == len(ROWS) == 56
    for slug, model in MODELS.items():
        assert model["slug"] == slug
        assert list(model["parameters"]) == [wire for owner, wire, _ in ROWS if owner == slug]


def test_every_key_of_a_parameter_is_checked_or_an_exception_that_is_listed_here() -> None:
    in_the_table = {
        "type",
        "required",
        "default",
        "minimum",
        "maximum",
        "multipleOf",
        "enum",
        "hidden_values",
    }
    beyond = {
        (slug, wire, key)
        for slug, model in MODELS.items()
        for wire, parameter in model["parameters"].items()
        for key in parameter.keys() - in_the_table - {"description", "note"}
    }
    assert beyond == {
        ("sd3-med-img2img", "image", "format"),
        ("sd3-med-img2img", "image", "media"),
        ("sd3-med-img2img", "image", "forms"),
        ("sd3-med-img2img", "image", "examples"),
        ("sd3-med-img2img", "prompt", "examples"),
        ("stable-diffusion-3.5-large-txt2img", "prompt", "examples"),
        ("stable-diffusion-3.5-large-txt2img", "sampler", "documented_as"),
        ("stable-diffusion-3.5-large-txt2img", "height", "applies_when"),
        ("stable-diffusion-3.5-large-txt2img", "width", "applies_when"),
    }


def test_width_and_height_need_the_custom_aspect_ratio() -> None:
    parameters = MODELS["stable-diffusion-3.5-large-txt2img"]["parameters"]
    assert (
        parameters["width"]["applies_when"]
        == parameters["height"]["applies_when"]
        == {"aspect_ratio": "custom"}
    )


def test_misprinted_samplers_are_corrected_and_still_accepted() -> None:
    model = MODELS["stable-diffusion-3.5-large-txt2img"]
    slips = {"euler_ancestral": "euler_ancestra", "euler_ancestral_cfg_pp": "leuler_ancestral_cfg_pp"}
    assert model["parameters"]["sampler"]["documented_as"] == slips
    assert set(slips) < set(model["parameters"]["sampler"]["enum"])
    validator = Draft202012Validator(parameters_schema(model))
    for printed in slips.values():
        assert validator.is_valid({**model["example"], "sampler": printed})


@pytest.mark.parametrize("slug", MODELS)
def test_example_of_the_page_fits_the_parameters(slug: str) -> None:
    Draft202012Validator(parameters_schema(MODELS[slug])).validate(MODELS[slug]["example"])


def test_defaults_fit_their_own_parameter() -> None:
    for model in MODELS.values():
        schemas = parameters_schema(model)["properties"]
        for wire, parameter in model["parameters"].items():
            values = [
                *parameter.get("examples", []),
                *([parameter["default"]] if "default" in parameter else []),
            ]
            for value in values:
                Draft202012Validator(schemas[wire]).validate(value)


def test_what_the_documented_surfaces_are() -> None:
    assert {slug for slug, model in MODELS.items() if "async" in model["surfaces"]} == {
        "stable-diffusion-3-large-txt2img"
    }
    assert all("sync" in model["surfaces"] for model in MODELS.values())


def test_nine_errors_are_documented_and_the_others_are_marked_as_observed() -> None:
    documented = [error["status"] for error in API["errors"] if not error.get("observed")]
    assert documented == [400, 401, 403, 404, 406, 429, 500, 502, 504]
    assert {error["status"] for error in API["errors"] if error.get("rejected_unprocessed")} == {429}
