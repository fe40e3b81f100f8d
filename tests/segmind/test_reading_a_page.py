"""The snippets of docs/reading-a-page.md are valid keys of a model, parameters or errors of the spec format."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

ROOT = Path(__file__).parents[2]
GUIDE = ROOT / "docs" / "reading-a-page.md"
SCHEMAS = ROOT / "generator" / "speccast" / "specs" / "schema"
SAMPLES = re.findall(r"^```json\n(.*?)^```", GUIDE.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)
SNIPPETS = re.findall(r"^```yaml\n(.*?)^```", GUIDE.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)


def schema(name: str) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((SCHEMAS / f"{name}.schema.json").read_text(encoding="utf-8"))
    return loaded


def test_guide_has_snippets() -> None:
    assert SNIPPETS


@pytest.mark.parametrize("snippet", SNIPPETS, ids=lambda snippet: snippet.partition(":")[0])
def test_snippet_is_valid(snippet: str) -> None:
    content = yaml.safe_load(snippet)
    api, model = schema("api"), schema("model")
    if content.keys() == {"errors"}:
        Draft202012Validator({**api["properties"]["errors"], "$defs": api["$defs"]}).validate(
            content["errors"]
        )
    elif content.keys() <= {"body", "parameters", "answers"}:
        keys = {name: model["properties"][name] for name in content}
        Draft202012Validator(
            {"properties": keys, "additionalProperties": False, "$defs": model["$defs"]}
        ).validate(content)
    else:
        Draft202012Validator({**model["properties"]["parameters"], "$defs": model["$defs"]}).validate(content)


def test_answer_in_the_spec_is_the_sample_of_the_page() -> None:
    [sample] = map(json.loads, SAMPLES)
    [spec] = [yaml.safe_load(snippet)["answers"] for snippet in SNIPPETS if snippet.startswith("answers:")]
    written = spec["sync"][-1]["body"]
    [image], [documented] = written["images"], sample["images"]
    assert list(written) == list(sample)
    assert list(image) == list(documented)
    assert (written["object"], image["width"]) == (sample["object"], documented["width"])


def test_guide_explains_every_key_of_a_parameter() -> None:
    keys = schema("model")["$defs"]["parameter"]["properties"].keys() - {"description"}
    table = GUIDE.read_text(encoding="utf-8").partition("## Which key when")[2].partition("## Check")[0]
    explained = set(re.findall(r"`(\w+)(?:: \w+)?`", table))
    assert keys <= explained
