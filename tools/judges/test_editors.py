"""The yaml-language-server completes, explains and checks specs in an editor by the schemas of the format.

The specs are those of this repository, whose first line names the local schema. Changes are made in the editor's
buffer only.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from .language_server import LanguageServer

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[2]
SPECS = ROOT / "specs" / "segmind"
SCHEMAS = ROOT / "generator" / "speccast" / "specs" / "schema"
MODEL = SPECS / "sd2.1-txt2img.yaml"
API = SPECS / "api.yaml"
SETTINGS = {
    "yaml": {
        "validate": True,
        "hover": True,
        "completion": True,
        "schemaStore": {"enable": False},
        "kubernetesCRDStore": {"enable": False},
    }
}


@pytest.fixture(scope="module")
def server(tool: Any) -> Iterator[LanguageServer]:
    command = [*tool("yaml-language-server", "bin/yaml-language-server"), "--stdio"]
    with LanguageServer(command, ROOT, SETTINGS) as running:
        yield running


class Buffer:
    """A spec in an editor. `text` has a ‸ at the cursor."""

    def __init__(self, server: LanguageServer, path: Path, text: str) -> None:
        before, _, after = text.partition("‸")
        self.cursor = (before.count("\n"), len(before) - before.rfind("\n") - 1)
        self.text = before + after
        self._server = server
        self._path = path

    def __enter__(self) -> Buffer:
        self.problems = self._server.open(self._path, self.text)
        return self

    def __exit__(self, *_: object) -> None:
        self._server.close(self._path)

    def completion(self) -> dict[str, Any]:
        return self._server.completion(self._path, self.cursor)

    def hover(self) -> str:
        return self._server.hover(self._path, self.cursor)


def edit(path: Path, old: str, new: str) -> str:
    """Return the text of a spec with one change, which contains the cursor."""
    text = path.read_text(encoding="utf-8")
    assert old in text
    return text.replace(old, new, 1)


def schema(kind: str) -> Any:
    return json.loads((SCHEMAS / f"{kind}.schema.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("path", sorted(SPECS.glob("*.yaml")), ids=lambda path: path.stem)
def test_valid_spec_has_no_problems(server: LanguageServer, path: Path) -> None:
    with Buffer(server, path, path.read_text(encoding="utf-8")) as buffer:
        assert buffer.problems == []


@pytest.mark.parametrize(
    ("path", "old", "new", "keys"),
    [
        (MODEL, "slug: sd2.1-txt2img\n", "slug: sd2.1-txt2img\n‸\n", {"deprecated", "paths", "name"}),
        (
            MODEL,
            "    minimum: 1\n",
            "    minimum: 1\n    ‸\n",
            {"exclusiveMinimum", "multipleOf", "applies_when", "hidden_values", "open", "documented_as"},
        ),
        (API, "title: Segmind\n", "title: Segmind\n‸\n", {"documentation", "request_headers"}),
        (API, "auth:\n", "auth:\n  ‸\n", {"scheme", "type"}),
    ],
    ids=["model", "parameter", "api", "auth"],
)
def test_keys_are_completed(server: LanguageServer, path: Path, old: str, new: str, keys: set[str]) -> None:
    with Buffer(server, path, edit(path, old, new)) as buffer:
        assert buffer.completion().keys() >= keys


@pytest.mark.parametrize(
    ("path", "old", "new", "choices"),
    [
        (MODEL, "surfaces: [sync]", "surfaces:\n  - ‸", {"sync", "async"}),
        (MODEL, "    type: boolean\n", "    type: ‸\n", {"string", "integer", "number", "boolean", "array"}),
        (API, "    phase: waiting", "    phase: ‸", {"waiting", "running", "succeeded", "failed"}),
        (API, "auth:\n  in: header", "auth:\n  in: ‸", {"header", "query"}),
    ],
    ids=["surfaces", "type", "phase", "auth"],
)
def test_choices_are_listed(
    server: LanguageServer, path: Path, old: str, new: str, choices: set[str]
) -> None:
    with Buffer(server, path, edit(path, old, new)) as buffer:
        assert buffer.completion().keys() >= choices


@pytest.mark.parametrize(
    ("path", "old", "described"),
    [
        (MODEL, "surfaces:", ("model", "properties", "surfaces")),
        (MODEL, "    hidden_values:", ("model", "$defs", "parameter", "properties", "hidden_values")),
        (API, "base_url:", ("api", "properties", "base_url")),
    ],
    ids=["surfaces", "hidden_values", "base_url"],
)
def test_key_is_explained_by_its_description_in_the_schema(
    server: LanguageServer, path: Path, old: str, described: tuple[str, ...]
) -> None:
    kind, *steps = described
    meaning = schema(kind)
    for step in steps:
        meaning = meaning[step]
    with Buffer(server, path, edit(path, old, f"{old[:-2]}‸{old[-2:]}")) as buffer:
        shown = buffer.hover().replace("\\", "").replace("&nbsp;", " ")
        assert " ".join(meaning["description"].split()) in " ".join(shown.split())


@pytest.mark.parametrize(
    ("path", "old", "new", "message"),
    [
        (MODEL, "surfaces: [sync]", "surfaces: [‸synk]", '"sync"'),
        (MODEL, "    minimum: 1\n", "    minimum: ‸one\n", "number"),
        (MODEL, "    minimum: 1\n", "    ‸minimun: 1\n", "minimun"),
        (MODEL, "slug: sd2.1-txt2img", "slug: ‸SD 2.1", "must contain only letters"),
        (API, "    phase: waiting", "    phase: ‸sleeping", '"waiting"'),
    ],
    ids=["choice", "type", "key", "pattern", "phase"],
)
def test_problems_are_reported_at_their_place(
    server: LanguageServer, path: Path, old: str, new: str, message: str
) -> None:
    with Buffer(server, path, edit(path, old, new)) as buffer:
        (problem,) = buffer.problems
        assert message in problem["message"]
        assert (problem["range"]["start"]["line"], problem["range"]["start"]["character"]) == buffer.cursor
