"""The versions that are compared: specs of a git revision or a folder, a bundle, or the bundle of a client."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from pathlib import Path
from shutil import which
from typing import TYPE_CHECKING

from speccast.diff.change import Place
from speccast.diff.revisions import find_revision, last_tag, spec_folders_of
from speccast.errors import SpeccastError
from speccast.findings import Severity
from speccast.packages import find_package
from speccast.reading import read_regular_file
from speccast.specs.build import build_api, build_bundle, model_of
from speccast.specs.bundle import MAX_BYTES, SPECS, read_bundle
from speccast.specs.files import spec_folders
from speccast.specs.load import load_folder
from speccast.targets.python.names import python_model
from speccast.vendoring.record import RECORD, read_record

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from speccast.config import Project
    from speccast.core.api import Api
    from speccast.core.check import Pointer
    from speccast.specs.bundle import Bundle
    from speccast.specs.document import Document
    from speccast.specs.files import SpecFolder


@dataclass(frozen=True, slots=True)
class ApiVersion:
    """An API, and its documents by slug, `api.yaml` under "". A bundle has no documents."""

    api: Api
    documents: Mapping[str, Document] = field(default_factory=dict, repr=False)

    def place(self, slug: str, pointer: Pointer) -> Place | None:
        """Return the position of a value, or of the nearest value above it; None if the model is missing."""
        if not self.documents:
            specs = {"": self.api.spec, **{model.slug: model.spec for model in self.api.models}}
            return Place(specs[slug]) if slug in specs else None
        document = self.documents.get(slug)
        if document is None:
            return None
        value = document.value
        steps: list[str | int] = []
        for step in pointer:
            if not (isinstance(value, dict) and step in value):
                break
            value = value[step]
            steps.append(step)
        position = document.key_position(tuple(steps)) if steps else document.position()
        return Place(document.path, position.line, position.column)


@dataclass(frozen=True, slots=True)
class Version:
    """The APIs of one version by name. `label` names the version in reports."""

    label: str
    apis: Mapping[str, ApiVersion]
    is_document: bool = False
    """Whether the APIs are read from OpenAPI documents, which say less than specs."""
    models: frozenset[str] | None = None
    """The slugs of the models in a vendored copy; None if it has all of them."""


def read_versions(project: Project, old: str | None, new: str | None) -> tuple[Version, Version]:
    """Return the versions to compare: by default the last tag and the specs of the project.

    Raises:
        SpeccastError: a version does not exist, or its specs have errors.
    """
    if old is None:
        old = last_tag(project.root)
        if old is None:
            raise SpeccastError(
                "there is no tag to compare with in the history",
                hint="name a version, such as a commit or a fetched tag: speccast diff v1.2.0",
            )
        before = _revision(project, old)
        assert before is not None
    else:
        before = read_version(project, old)
    after = _working_tree(project) if new is None else read_version(project, new)
    for models in (before.models, after.models):
        before, after = _only(before, models), _only(after, models)
    before = _under_new_names(before, after)
    if before.is_document or after.is_document:
        return read_from_documents(before), read_from_documents(after)
    return before, after


def _under_new_names(before: Version, after: Version) -> Version:
    """Return the old version with the new name of each renamed API, which is found by its package."""
    packages = {each.api.package: name for name, each in after.apis.items() if name not in before.apis}
    apis = {}
    for name, each in before.apis.items():
        current = name if name in after.apis else packages.get(each.api.package, name)
        apis[current] = each if current == name else replace(each, api=replace(each.api, id=current))
    return replace(before, apis=apis)


def read_version(project: Project, name: str) -> Version:
    """Return a version by name: a path if there is one, else a revision, else an installed package."""
    path = Path(name)
    if name and path.is_dir() and (path / SPECS).is_file():
        version = bundle_version(name, read_bundle(path / SPECS))
        return replace(version, models=_copy(path)) if (path / RECORD).is_file() else version
    if path.is_file():
        return _file(name, path)
    if name and path.is_dir():
        client = _client_in(path)
        return (
            bundle_version(name, read_bundle(client))
            if client is not None
            else _load(name, spec_folders(path))
        )
    found = _revision(project, name)
    if found is not None:
        return found
    package = find_package(name) if all(part.isidentifier() for part in name.split(".")) else None
    if package is not None and (package / SPECS).is_file():
        return bundle_version(name, read_bundle(package / SPECS))
    if which("git") is None:
        hint = "git is not installed, so revisions cannot be read"
    else:
        hint = "in a shallow clone, fetch the tag first: git fetch --depth=1 origin tag NAME"
    raise SpeccastError(f"{name!r} is not a folder, a git revision or an installed client", hint=hint)


def _file(label: str, path: Path) -> Version:
    """Return the version of a file: an OpenAPI document, or a bundle."""
    from speccast.diff.openapi import api_of_document, is_document

    try:
        value = json.loads(read_regular_file(path, MAX_BYTES + 1))
    except (OSError, ValueError, RecursionError):
        value = None  # reading the bundle reports it
    if not is_document(value):
        return bundle_version(label, read_bundle(path))
    api = api_of_document(label, value)
    models = tuple(replace(model, spec=label) for model in api.models)
    return Version(label, {api.id: ApiVersion(replace(api, spec=label, models=models))}, is_document=True)


def read_from_documents(version: Version) -> Version:
    """Return a version as its OpenAPI documents describe it."""
    from speccast.diff.openapi import as_described

    if version.is_document:
        return version
    described = {}
    for each in version.apis.values():
        api = as_described(each.api)
        names = {"": "", **{model.slug: python_model(model).module for model in each.api.models}}
        documents = {names[slug]: document for slug, document in each.documents.items()}
        described[api.id] = ApiVersion(api, documents)
    return Version(version.label, described, is_document=True)


def _copy(copy: Path) -> frozenset[str] | None:
    """Return the slugs of the models in a copy; None for the whole client."""
    models = read_record(copy).models
    return None if models is None else frozenset(models)


def _only(version: Version, models: frozenset[str] | None) -> Version:
    """Return a version without the models that a copy does not have."""
    if models is None:
        return version
    apis = {
        name: replace(
            each,
            api=replace(each.api, models=tuple(model for model in each.api.models if model.slug in models)),
        )
        for name, each in version.apis.items()
    }
    return replace(version, apis=apis)


def _working_tree(project: Project) -> Version:
    shown = project.format_path(project.specs)
    return _load(shown, spec_folders(project.specs, shown_from=project.root))


def _revision(project: Project, name: str) -> Version | None:
    revision = find_revision(project.root, name)
    return None if revision is None else _load(name, spec_folders_of(revision, project.specs))


def _client_in(folder: Path) -> Path | None:
    """Return the bundle of the only client in a folder, such as a generated project."""
    found = sorted(place for depth in ("*", "*/*") for place in folder.glob(f"{depth}/{SPECS}"))
    return found[0] if len(found) == 1 else None


def bundle_version(label: str, bundle: Bundle) -> Version:
    """Return the API of a bundle as a version."""
    api = build_bundle(bundle)
    return Version(label, {api.id: ApiVersion(api)})


def _load(label: str, folders: Iterable[SpecFolder]) -> Version:
    apis = {}
    for folder in folders:
        loaded = load_folder(folder)
        errors = [each for each in loaded.findings if each.severity is Severity.ERROR]
        if errors:
            report = "\n".join(each.render() for each in errors[:5])
            raise SpeccastError(f"the specs of {label} have errors:\n{report}", hint="run speccast lint")
        for each in loaded.apis:
            documents = {model_of(document).slug: document for document in each.models}
            apis[each.id] = ApiVersion(build_api(each), {"": each.api, **documents})
    return Version(label, apis)
