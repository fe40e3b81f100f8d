"""Two versions of a small API, made from fragments of specs."""

from __future__ import annotations

import shutil
from contextlib import nullcontext
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from speccast.diff.compare import compare
from speccast.diff.versions import ApiVersion, Version
from speccast.specs.build import build_api, model_of
from speccast.specs.files import SpecFile, SpecFolder
from speccast.specs.load import load_folder

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from speccast.diff.change import PlacedChange

    Compare = Callable[[Mapping[str, str]], tuple[PlacedChange, ...]]

API: dict[str, Any] = {
    "speccast": 1,
    "title": "Foxes",
    "base_url": "https://api.example",
    "auth": {"in": "header", "name": "x-api-key"},
    "environment": {"api_key": "FOX_API_KEY"},
    "package": "fox_client",
    "distribution": "fox-client",
    "command": "fox",
    "client": "Fox",
    "version": "1.2.3",
    "sync": {"path": "/v1/{slug}"},
    "async": {
        "submit": "/v2/{slug}",
        "status": "/v2/requests/{id}/status",
        "result": "/v2/requests/{id}",
        "states": [
            {"name": "QUEUED", "phase": "waiting"},
            {"name": "COMPLETED", "phase": "succeeded"},
            {"name": "FAILED", "phase": "failed"},
        ],
    },
    "errors": [{"status": 401, "title": "Unauthorized", "exception": "AuthenticationError"}],
    "headers": [],
}
MODEL: dict[str, Any] = {
    "speccast": 1,
    "title": "Fox",
    "surfaces": ["sync"],
    "returns": ["image/png"],
    "parameters": {"prompt": {"type": "string", "required": True}},
}


BEFORE = "parameters: {size: {type: integer, maximum: 100}}"
AFTER = "parameters: {size: {type: integer, maximum: 50}}"


def merge(whole: dict[str, Any], part: dict[str, Any]) -> dict[str, Any]:
    """Return a spec with a fragment in it. Objects are merged, everything else is replaced."""
    result = dict(whole)
    for key, value in part.items():
        both = isinstance(value, dict) and isinstance(result.get(key), dict)
        result[key] = merge(result[key], value) if both else value
    return result


def version(label: str, fragments: Mapping[str, str], folder: Path) -> Version:
    """Return the API of the fragments below `label/`; what they leave out is that of a plain API with the model fox."""
    texts: dict[str, dict[str, str]] = {"foxes": {"api.yaml": "", "fox.yaml": ""}}
    for name, text in fragments.items():
        side, _, path = name.partition("/")
        if side == label:
            api, _, file = path.rpartition("/")
            texts.setdefault(api or "foxes", {"api.yaml": "", "fox.yaml": ""})[file] = text
    apis = {}
    for api, files in texts.items():
        specs = [
            SpecFile(folder / api / name, f"{label}/{api}/{name}", complete(name, text))
            for name, text in sorted(files.items())
        ]
        loaded = load_folder(SpecFolder(folder / api, tuple(specs)))
        assert not [each.render() for each in loaded.findings]
        [found] = loaded.apis
        documents = {model_of(document).slug: document for document in found.models}
        apis[api] = ApiVersion(build_api(found), {"": found.api, **documents})
    return Version(label, apis)


def complete(name: str, text: str) -> bytes:
    """Return a spec that consists of a fragment and, for the rest, of a plain one."""
    whole = API if name == "api.yaml" else {**MODEL, "slug": name.removesuffix(".yaml")}
    part = yaml.load(text, yaml.CSafeLoader) or {}
    return yaml.dump(merge(whole, part), Dumper=yaml.CSafeDumper, sort_keys=False).encode()


def compare_versions(
    fragments: Mapping[str, str], folder: Path
) -> tuple[Version, Version, tuple[PlacedChange, ...]]:
    """Return two versions that are given as fragments, and the changes between them."""
    before, after = version("before", fragments, folder), version("after", fragments, folder)
    return before, after, compare(before, after)


@pytest.fixture
def changes(tmp_path: Path) -> Compare:
    """Compare two versions that are given as fragments, such as `{"after/fox.yaml": "title: Red fox"}`."""
    return lambda fragments: compare_versions(fragments, tmp_path)[2]


class Repository:
    """A repository with a project."""

    def __init__(self, folder: Path, run: Callable[..., Any], speccast: Callable[..., Any]) -> None:
        self.folder = folder
        self._run, self._speccast = run, speccast

    def git(self, *words: str) -> None:
        self._run(["git", *words], cwd=self.folder, code=0)

    def write(self, name: str, text: str) -> None:
        place = self.folder / "specs/foxes" / f"{name}.yaml"
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(complete(place.name, text))

    def commit(self) -> None:
        self.git("add", ".")
        self.git("commit", "--quiet", "--allow-empty", "--message", "Change the specs")

    def diff(self, *words: str, code: int = 0, cwd: Path | None = None) -> Any:
        return self._speccast("diff", *words, cwd=cwd or self.folder, code=code)


@pytest.fixture(scope="session", autouse=True)
def _one_cache_of_mypy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Let all proofs share what mypy keeps of the client's modules, most of which are the same in all clients."""
    folder = tmp_path_factory.mktemp("mypy")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("speccast.diff.proof.TemporaryDirectory", lambda **_: nullcontext(folder))
        yield


@pytest.fixture(scope="module")
def template(
    tmp_path_factory: pytest.TempPathFactory, run: Callable[..., Any], speccast: Callable[..., Any]
) -> Path:
    """A repository whose first version has the tag v1.2.3."""
    folder = tmp_path_factory.mktemp("template")
    repository = Repository(folder, run, speccast)
    repository.git("init", "--quiet", "--initial-branch=main")
    repository.write("api", "")
    repository.write("fox", BEFORE)
    repository.commit()
    repository.git("tag", "v1.2.3")
    return folder


@pytest.fixture
def repository(
    template: Path, tmp_path: Path, run: Callable[..., Any], speccast: Callable[..., Any]
) -> Repository:
    shutil.copytree(template, tmp_path / "foxes")
    return Repository(tmp_path / "foxes", run, speccast)
