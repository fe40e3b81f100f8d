"""OpenAPI documents of ours as versions: they say of the wire what specs say."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from speccast.diff.change import Effect, Level, Side
from speccast.diff.compare import compare
from speccast.diff.openapi import api_of_document, as_described
from speccast.diff.versions import read_from_documents
from speccast.specs.build import build_api
from speccast.specs.load import load
from speccast.targets.openapi.document import openapi_document
from speccast.targets.openapi.operations import served_models
from tests.diff.conftest import AFTER, BEFORE, compare_versions
from tests.diff.test_corpus import PARAMETERS, parameters

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from speccast.diff.change import PlacedChange
    from tests.diff.conftest import Repository

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = [ROOT / "specs", *sorted((ROOT / "examples").glob("*/")), *sorted((ROOT / "tests/apis").glob("*/"))]


def of_wire(found: Iterable[PlacedChange]) -> Level:
    effects = [each.change.effects.get(Side.WIRE, Effect(Level.TEXT)).level for each in found]
    return max(effects, default=Level.TEXT)


@pytest.mark.parametrize(
    ("before", "after"), [row[:2] for row in PARAMETERS], ids=[f"{a} -> {b}" for a, b, *_ in PARAMETERS]
)
def test_documents_break_on_the_wire_where_specs_do(before: str, after: str, tmp_path: Path) -> None:
    files = {"before/fox.yaml": parameters(before), "after/fox.yaml": parameters(after)}
    old, new, found = compare_versions(files, tmp_path)

    others = compare(read_from_documents(old), read_from_documents(new))

    assert (of_wire(others) is Level.BREAKING) is (of_wire(found) is Level.BREAKING)


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_a_document_equals_its_specs(folder: Path) -> None:
    for loaded in load(folder, shown_from=ROOT).apis:
        api = build_api(loaded)
        if api.sync is None and api.jobs is None:
            continue
        described = api_of_document("openapi.json", json.loads(json.dumps(openapi_document(api))))

        assert len(described.models) == len(served_models(api))
        assert described == as_described(api)


def test_the_command_compares_a_document_with_specs(
    repository: Repository, speccast: Callable[..., Any], tmp_path: Path
) -> None:
    repository.write("api", "client: Zoo")
    repository.write("fox", BEFORE)
    speccast("generate", "--quiet", cwd=repository.folder, code=0)
    document = tmp_path / "openapi.json"
    document.write_bytes((repository.folder / "generated/foxes/openapi/openapi.json").read_bytes())
    repository.write("fox", AFTER)

    result = repository.diff(str(document))

    assert result.lines[0] == (
        "specs/foxes/fox.yaml:13:5: breaking[V303] fox: `size`: maximum 100 → 50; 100 is refused now"
    )
    assert "1 breaking" in result.out
    [change] = json.loads(repository.diff(str(document), "--format", "json").out)["changes"]
    assert change["before"]["path"] == str(document)
    assert "no changes" in repository.diff(str(document), str(document)).out


@pytest.mark.parametrize("option", ["--prove", "--changelog"])
def test_what_needs_more_than_a_document_is_refused(option: str, repository: Repository) -> None:
    document = ROOT / "generated/segmind/openapi/openapi.json"

    assert f"says too little for {option}" in repository.diff(option, "--", str(document), code=2).err


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"x-generated-by": "me"}, "is an OpenAPI document that speccast did not generate"),
        ({"paths": 3}, "was changed by hand"),
        ({"info": {}}, "was changed by hand"),
    ],
)
def test_other_documents_are_an_error(
    changes: dict[str, Any], message: str, repository: Repository, tmp_path: Path
) -> None:
    document = json.loads((ROOT / "generated/segmind/openapi/openapi.json").read_text(encoding="utf-8"))
    (tmp_path / "openapi.json").write_text(json.dumps({**document, **changes}), encoding="utf-8")

    assert message in repository.diff(str(tmp_path / "openapi.json"), code=2).err
