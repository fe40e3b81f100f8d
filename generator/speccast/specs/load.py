"""Reads all specs of a project and checks them against the format.

All problems of all files are reported at once. A file with an error is left out of the result. Problems that involve
several files are reported here as well.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, TypeAlias

from speccast.findings import Finding, Severity
from speccast.portable_names import fold_path, name_problem
from speccast.specs.check import check
from speccast.specs.codes import FindingCode
from speccast.specs.document import Document, DocumentError, known_document, read_document
from speccast.specs.files import API, ENDINGS, spec_folders

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from speccast.specs.files import SpecFile, SpecFolder
    from speccast.specs.schema_errors import SchemaName


@dataclass(frozen=True, slots=True)
class LoadedApi:
    """An API whose `api.yaml` is valid, with its valid models. `id` is the name of the folder."""

    id: str
    directory: Path
    api: Document
    models: tuple[Document, ...]


@dataclass(frozen=True, slots=True)
class Loaded:
    """All APIs sorted by name, and the findings of all files sorted by file.

    `alone` are valid models of an API whose `api.yaml` is not valid.
    """

    apis: tuple[LoadedApi, ...]
    findings: tuple[Finding, ...]
    alone: tuple[Document, ...] = ()


_MANY: Final = 1000
"""Above this number of models, positions are composed again when they are needed, which halves the memory of a cold run."""

KnownModels: TypeAlias = "Callable[[SpecFolder], Mapping[str, str]]"
"""Returns the values of those models of a folder, by path, whose files were valid in an earlier run (`bundle_piece`)."""


def load(
    specs: Path,
    *,
    shown_from: Path | None = None,
    unsaved: Mapping[Path, bytes] = MappingProxyType({}),
    known: KnownModels = lambda _: {},
) -> Loaded:
    """Load the folder if it is an API, else every API directly below it; see `speccast.specs.files`.

    Files in `known` are not parsed.

    Raises:
        SpeccastError: the folder does not exist or contains no API, or a file cannot be read.
    """
    folders = spec_folders(specs, shown_from=shown_from, unsaved=unsaved)
    loaded = [load_folder(folder, known(folder)) for folder in folders]
    apis = tuple(api for each in loaded for api in each.apis)
    findings = tuple(sorted(finding for each in loaded for finding in each.findings))
    return Loaded(apis, findings, tuple(document for each in loaded for document in each.alone))


def load_folder(folder: SpecFolder, known: Mapping[str, str] = MappingProxyType({})) -> Loaded:
    """Load one folder. The result has no API if the `api.yaml` is missing or not valid."""
    reader = _FolderReader(known)
    api = reader.read(folder)
    return Loaded(() if api is None else (api,), tuple(sorted(reader.findings)), tuple(reader.alone))


class _FolderReader:
    """Reads the files of a folder and collects the findings."""

    def __init__(self, known: Mapping[str, str]) -> None:
        self._known = known
        self.findings: list[Finding] = []
        self.alone: list[Document] = []

    def read(self, folder: SpecFolder) -> LoadedApi | None:
        files = folder.files
        self._report_two_endings(files)
        own = next((file for file in files if file.is_api), None)
        if own is None:
            message = f"the folder has no {API}.yaml, so its specs do not belong to an API"
            hint = f"add an {API}.yaml, or move the specs to a folder that has one"
            self._report(files[0], FindingCode.NO_API, message, hint)
            return None
        model_files = [file for file in files if not file.is_api]
        if not model_files:
            message, hint = (
                "the API has no models",
                "to create a spec, run: speccast init --model SLUG",
            )
            self._report(own, FindingCode.NO_MODELS, message, hint, Severity.WARNING)
        self._report_folder_name(own, folder)
        api = self._document(own, "api")
        is_sound = api is not None and self._is_sound(api, "api")
        loaded = LoadedApi(folder.path.absolute().name, folder.path, api, ()) if api and is_sound else None
        documents = []
        for file in model_files:
            documents.append(self._model(file))
            if len(model_files) > _MANY and (document := documents[-1][0]) is not None:
                document.forget_positions()
        self._report_same_slugs([document for document, _ in documents if document is not None])
        models = [document for document, is_sound in documents if document and is_sound]
        if loaded is None:
            self.alone = models
            return None
        return replace(loaded, models=tuple(models))

    def _report_folder_name(self, own: SpecFile, folder: SpecFolder) -> None:
        name = folder.path.absolute().name
        same = [other for other in folder.apis if other < name and fold_path(other) == fold_path(name)]
        if problem := name_problem(name):
            message = f"the folder's name {name!a} {problem}"
        elif same:
            message = f"the folder {name!a} is the same as {same[0]!a} on systems that ignore case or normalize Unicode"
        else:
            return
        self._report(own, FindingCode.FOLDER_NAME, message, "rename the folder")

    def _model(self, file: SpecFile) -> tuple[Document | None, bool]:
        """Return the document of a model, and whether it is valid."""
        if (bundled := self._known.get(file.shown)) is not None:
            return known_document(file.content, file.shown, bundled), True
        document = self._document(file, "model")
        return document, document is not None and self._is_sound(document, "model")

    def _document(self, file: SpecFile, kind: SchemaName) -> Document | None:
        try:
            return read_document(file.content, file.shown)
        except DocumentError as error:
            self.findings.extend(error.findings)
            if error.document is not None:
                reported = {(finding.line, finding.column) for finding in error.findings}
                others = check(error.document, kind)
                self.findings.extend(each for each in others if (each.line, each.column) not in reported)
            return None

    def _is_sound(self, document: Document, kind: SchemaName) -> bool:
        findings = check(document, kind)
        self.findings.extend(findings)
        return not findings

    def _report_two_endings(self, files: tuple[SpecFile, ...]) -> None:
        paths = {file.path for file in files}
        for file in files:
            other = file.path.with_suffix(ENDINGS[0])
            if file.path.suffix != ENDINGS[0] and other in paths:
                message = f"the folder has both {other.name} and {file.path.name}"
                self._report(file, FindingCode.TWO_ENDINGS, message, "keep one of the two")

    def _report_same_slugs(self, documents: list[Document]) -> None:
        first: dict[str, tuple[Document, str]] = {}
        for document in documents:
            slug = document.value.get("slug") if isinstance(document.value, dict) else None
            if not isinstance(slug, str):
                continue
            other, known = first.setdefault(slug.casefold(), (document, slug))
            if other is document:
                continue
            line = other.position(("slug",)).line
            same = "is already used" if known == slug else "differs only in case from the one"
            finding = document.finding(
                FindingCode.DUPLICATE_SLUG,
                ("slug",),
                f"the slug `{slug}` {same} in {other.path}, line {line}",
                "correct the slug, or remove one of the two files",
                related=(other.relate(("slug",), "the first one is here"),),
            )
            self.findings.append(finding)

    def _report(
        self, file: SpecFile, code: FindingCode, message: str, hint: str, severity: Severity = Severity.ERROR
    ) -> None:
        self.findings.append(Finding(file.shown, 1, 1, code, severity, message, hint))
