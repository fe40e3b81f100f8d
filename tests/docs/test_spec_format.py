"""docs/spec-format.md matches the schemas, and its examples are valid specs."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

import pytest

from .documents import ROOT, blocks, read

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

REFERENCE = "docs/spec-format.md"
SCHEMAS = ROOT / "generator" / "speccast" / "specs" / "schema"


def test_reference_is_up_to_date(tmp_path: Path, run: Callable[..., Any]) -> None:
    made = tmp_path / "spec-format.md"
    run([sys.executable, ROOT / "tools" / "scripts" / "spec_format.py", made], cwd=tmp_path, code=0)
    assert made.read_text(encoding="utf-8") == read(REFERENCE), "run tools/scripts/spec_format.py"


@pytest.mark.parametrize("name", ["api", "model"])
def test_reference_has_every_description(name: str) -> None:
    schema = json.loads((SCHEMAS / f"{name}.schema.json").read_text(encoding="utf-8"))
    text = read(REFERENCE).replace("\\|", "|")
    # The description of a type that several keys share is replaced by those of the keys.
    descriptions = _descriptions({**schema, "$defs": schema["$defs"].get("parameter", {})})
    assert [words for words in descriptions if words not in text] == []
    assert "|  |" not in text, "a key without a description"


def test_examples_are_valid_specs(tmp_path: Path, speccast: Callable[..., Any]) -> None:
    api, model, *_ = (block.text for block in blocks(REFERENCE) if block.language == "yaml")
    folder = tmp_path / "specs" / "acme"
    folder.mkdir(parents=True)
    (folder / "api.yaml").write_text(api, encoding="utf-8")
    (folder / "fox-1.yaml").write_text(model, encoding="utf-8")
    speccast("lint", cwd=tmp_path, code=0)
    speccast("generate", cwd=tmp_path, code=0)
    assert (tmp_path / "generated" / "acme" / "python" / "acme_client" / "models" / "fox_1.py").is_file()


def _descriptions(schema: Mapping[str, Any]) -> Iterator[str]:
    for key, value in schema.items():
        if key == "description" and isinstance(value, str):
            yield value
        elif isinstance(value, dict):
            yield from _descriptions(value)
