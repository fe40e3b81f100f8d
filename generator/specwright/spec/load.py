"""Finds the specs of a project, reads them all and checks them against the format.

A folder with an `api.yaml` is an API, every other YAML file in it a model. All problems of all files are reported at
once; a file with an error is left out of the result, the others are not held up by it. What needs more than one file to
see is reported here too.
"""

from __future__ import annotations

import stat
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from specwright.errors import SpecwrightError
from specwright.findings import Finding, Severity
from specwright.spec.check import check
from specwright.spec.codes import Code
from specwright.spec.document import MAX_BYTES, Document, DocumentError, read_document

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from specwright.spec.violations import Kind

ENDINGS: Final = (".yaml", ".yml")
API: Final = "api"
"""Name of an API's own file, without its ending."""


@dataclass(frozen=True, slots=True)
class LoadedApi:
    """An API whose own file has passed the check, and those of its models that have. `id` is the folder's name."""

    id: str
    directory: Path
    api: Document
    models: tuple[Document, ...]


@dataclass(frozen=True, slots=True)
class Loaded:
    """All APIs in the order of their names, and what was found in all files, in the order of the files."""

    apis: tuple[LoadedApi, ...]
    findings: tuple[Finding, ...]


def load(
    specs: Path, *, shown_from: Path | None = None, unsaved: Mapping[Path, bytes] = MappingProxyType({})
) -> Loaded:
    """Loads the API that the folder is, or else every API right below it. Hidden files and folders do not count.

    Findings name files as seen from `shown_from`, the project's root. `unsaved` has the content of files, by resolved
    path, that differ from those on the disk or are not there yet, as an editor has them. In which order things are read and reported
    depends on their names alone, not on the file system or the locale.

    Raises:
        SpecwrightError: there is no such folder or no API in it, or a file cannot be read.
    """
    reader = _Reader(shown_from, unsaved)
    apis = [api for folder, files in reader.folders(specs) if (api := reader.read(folder, files))]
    return Loaded(tuple(apis), tuple(sorted(reader.findings)))


class _Reader:
    """Goes through folders and files, and collects what it finds in them."""

    def __init__(self, shown_from: Path | None, unsaved: Mapping[Path, bytes]) -> None:
        self.findings: list[Finding] = []
        self._shown_from = shown_from
        self._unsaved = unsaved

    def folders(self, specs: Path) -> list[tuple[Path, list[Path]]]:
        """The folders that hold specs, each with its files."""
        own = self._spec_files(specs)
        if _own_file(own):
            return [(specs, own)]
        below = [(folder, self._spec_files(folder)) for folder in self._entries(specs) if folder.is_dir()]
        folders = [(folder, files) for folder, files in [(specs, own), *below] if files]
        if not any(_own_file(files) for _, files in folders):
            raise SpecwrightError(
                f"{self._shown(specs)}: no API found: neither the folder nor one in it has an {API}.yaml",
                hint="`specwright init` makes an API to start from",
            )
        return folders

    def read(self, folder: Path, files: list[Path]) -> LoadedApi | None:
        """The API of a folder, unless its own file is missing or has errors."""
        self._report_two_endings(files)
        own = _own_file(files)
        if own is None:
            message = f"the folder has no {API}.yaml, so its specs belong to no API"
            self._report(files[0], Code.NO_API, message, f"add an {API}.yaml, or move the specs beside one")
            return None
        model_files = [path for path in files if path.stem != API]
        if not model_files:
            message, hint = (
                "the API has no models",
                "`specwright init --model SLUG` makes a spec to start from",
            )
            self._report(own, Code.NO_MODELS, message, hint, Severity.WARNING)
        api = self._document(own)
        is_sound = api is not None and self._is_sound(api, "api")
        documents = [document for path in model_files if (document := self._document(path))]
        self._report_same_slugs(documents)
        models = tuple(document for document in documents if self._is_sound(document, "model"))
        if api is None or not is_sound:
            return None
        return LoadedApi(folder.absolute().name, folder, api, models)

    def _document(self, path: Path) -> Document | None:
        try:
            return read_document(self._bytes(path), self._shown(path))
        except DocumentError as error:
            self.findings.extend(error.findings)
            return None

    def _is_sound(self, document: Document, kind: Kind) -> bool:
        findings = check(document, kind)
        self.findings.extend(findings)
        return not findings

    def _report_two_endings(self, files: list[Path]) -> None:
        for path in files:
            twin = path.with_suffix(ENDINGS[0])
            if path.suffix != ENDINGS[0] and twin in files:
                message = f"{twin.name} and {path.name} stand side by side"
                self._report(path, Code.TWO_ENDINGS, message, "keep one of the two")

    def _report_same_slugs(self, documents: list[Document]) -> None:
        first: dict[str, Document] = {}
        for document in documents:
            slug = document.value.get("slug") if isinstance(document.value, dict) else None
            if not isinstance(slug, str):
                continue
            if (other := first.setdefault(slug, document)) is document:
                continue
            line = other.position(("slug",)).line
            finding = document.finding(
                Code.DUPLICATE_SLUG,
                ("slug",),
                f"the slug `{slug}` is already that of {other.path}, line {line}",
                "a slug names one model of an API: correct it, or remove one of the two files",
                related=(other.related(("slug",), "the first one is here"),),
            )
            self.findings.append(finding)

    def _report(
        self, path: Path, code: Code, message: str, hint: str, severity: Severity = Severity.ERROR
    ) -> None:
        self.findings.append(Finding(self._shown(path), 1, 1, code, severity, message, hint))

    def _spec_files(self, folder: Path) -> list[Path]:
        files = [path for path in self._entries(folder) if path.suffix in ENDINGS and not path.is_dir()]
        if not self._unsaved:
            return files
        known = {path.resolve() for path in files}
        new = [path for path in self._unsaved if path.parent == folder.resolve() and path not in known]
        return sorted([*files, *(folder / path.name for path in new)], key=lambda path: path.name)

    def _entries(self, folder: Path) -> list[Path]:
        """What a folder holds, sorted by name (code points)."""
        try:
            entries = [entry for entry in folder.iterdir() if not entry.name.startswith(".")]
        except FileNotFoundError:
            hint = "`specwright init` makes an API to start from"
            raise SpecwrightError(f"{self._shown(folder)}: there is no such folder", hint=hint) from None
        except NotADirectoryError:
            hint = "name the folder that holds the specs"
            raise SpecwrightError(f"{self._shown(folder)}: is a file, not a folder", hint=hint) from None
        except OSError as error:
            raise self._failed(folder, error) from None
        return sorted(entries, key=lambda entry: entry.name)

    def _bytes(self, path: Path) -> bytes:
        """A file's content, up to one byte more than a spec may have."""
        if self._unsaved and (content := self._unsaved.get(path.resolve())) is not None:
            return content
        try:
            path.name.encode()
            # Anything but a plain file, such as a pipe, could keep the reader waiting for ever.
            if not stat.S_ISREG(path.stat().st_mode):
                raise SpecwrightError(
                    f"{self._shown(path)}: is no plain file", hint="move it out of the specs"
                )
            with path.open("rb") as file:
                return file.read(MAX_BYTES + 1)
        except UnicodeEncodeError:
            message = f"{self._shown(path)}: the file's name is not UTF-8"
            raise SpecwrightError(message, hint="rename the file") from None
        except OSError as error:
            raise self._failed(path, error) from None

    def _failed(self, path: Path, error: OSError) -> SpecwrightError:
        return SpecwrightError(f"{self._shown(path)}: cannot be read: {error.strerror}")

    def _shown(self, path: Path) -> str:
        if self._shown_from and path.absolute().is_relative_to(self._shown_from.absolute()):
            path = path.absolute().relative_to(self._shown_from.absolute())
        return path.as_posix()


def _own_file(files: list[Path]) -> Path | None:
    return next((path for path in files if path.stem == API), None)
