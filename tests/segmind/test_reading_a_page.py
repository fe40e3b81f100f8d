"""The snippets of docs/reading-a-page.md are valid parameters of the spec format."""

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
SCHEMA = ROOT / "generator" / "speccast" / "specs" / "schema" / "model.schema.json"
SNIPPETS = re.findall(r"^```yaml\n(.*?)^```", GUIDE.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)


def schema() -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(SCHEMA.read_text(encoding="utf-8"))
    return loaded


def test_guide_has_snippets() -> None:
    assert SNIPPETS


@pytest.mark.parametrize("snippet", SNIPPETS, ids=lambda snippet: snippet.partition(":")[0])
def test_snippet_is_valid(snippet: str) -> None:
    parameters = {**schema()["properties"]["parameters"], "$defs": schema()["$defs"]}
    Draft202012Validator(parameters).validate(yaml.safe_load(snippet))


def test_guide_explains_every_key_of_a_parameter() -> None:
    keys = schema()["$defs"]["parameter"]["properties"].keys() - {"description"}
    table = GUIDE.read_text(encoding="utf-8").partition("## Which key when")[2].partition("## Check")[0]
    explained = set(re.findall(r"`(\w+)(?:: true)?`", table))
    assert keys <= explained
