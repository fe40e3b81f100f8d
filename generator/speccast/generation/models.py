"""The models of one API on their way from files to files: which are known, which are to be judged, which to be rendered."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, cast

from speccast.cache import key_of
from speccast.findings import Severity
from speccast.generation.known import File, Known
from speccast.lint.linter import lint_model
from speccast.specs.build import build_shared
from speccast.specs.bundle import bundle_piece
from speccast.specs.document import CachedDocument

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from speccast.core.api import Api
    from speccast.findings import Finding
    from speccast.generation.inputs import Inputs
    from speccast.generation.rendering import RenderedFile
    from speccast.lint.selection import Selection
    from speccast.specs.document import Document
    from speccast.specs.files import SpecFile
    from speccast.specs.load import LoadedApi

SHARED = ""
"""Stands for the API as a whole where the path of a spec stands otherwise."""


@dataclass(slots=True)
class Models:
    """What is known of the models of one API, before and in this run. `api` has no models."""

    api: Api
    base: str | None
    templates: str
    before: Mapping[str, Known]
    known: dict[str, Known] = field(default_factory=dict)
    places: dict[tuple[str, str], str] = field(default_factory=dict)
    """Where the files are that were rendered in this run, by target and path."""

    @classmethod
    def of(cls, api: LoadedApi, inputs: Inputs | None, before: Mapping[str, Known]) -> Models:
        """`inputs` are None where nothing may be reused."""
        shared = build_shared(api.id, api.api)
        base = key_of(inputs.tools, inputs.lint, shared.id, shared.spec, shared.bundled) if inputs else None
        return cls(shared, base, inputs.templates if inputs else "", before if inputs else {})

    def recall(self, file: SpecFile) -> Document | None:
        """The document of a model of which is known all that is to be said of it."""
        known = self.before.get(file.shown)
        if known is None or not known.settled or known.settled != self._settled_key(file):
            return None
        self._note(file.shown, known.piece, known.settled, known.findings)
        return CachedDocument(file.shown, known.piece, known.findings, file.content)

    def settle(self, api: LoadedApi, file: SpecFile, document: Document, selection: Selection) -> Document:
        """Judges a document by itself, and answers a settled one if nothing else can be said of it."""
        piece = vars(document)["piece"] = bundle_piece(cast("dict[str, Any]", document.value))
        findings = lint_model(api, document, selection)
        if findings is None or any(finding.severity is Severity.ERROR for finding in findings):
            self._note(file.shown, piece)
            return document
        self._note(file.shown, piece, self._settled_key(file), findings)
        return document.cached(piece, findings, file.content)

    def unmade(self, paths: Iterable[str]) -> list[str]:
        """Those of some specs, or of the API as a whole, whose files have to be rendered."""
        return [path for path in paths if not self.known[path].made]

    def note_shared(self) -> None:
        """Once all models are known: is it known, too, what they share?"""
        key = key_of(*(f"{path} {each.piece}" for path, each in sorted(self.known.items()) if path))
        self._note(SHARED, key)

    def note_rendered(self, paths: Iterable[str], files: Iterable[RenderedFile]) -> list[str]:
        """Takes what was rendered, for some specs or for the API as a whole.

        Answers the specs whose files differ from what is known of them, which cannot be unless what is known is wrong.
        """
        found: dict[str, list[File]] = {path: [] for path in paths}
        for each in files:
            found[each.spec].append(File(each.target, each.path, each.template, each.digest))
            self.places[each.target, each.path] = each.place
        wrong = []
        for path, made in found.items():
            known = self.known[path]
            if known.files and sorted(known.files) != sorted(made):
                wrong.append(path)
            self.known[path] = replace(known, made=self._made_key(path, known.piece), files=tuple(made))
        return wrong

    def _note(self, path: str, piece: str, settled: str = "", findings: tuple[Finding, ...] = ()) -> None:
        known = Known(settled, piece, findings)
        before = self.before.get(path)
        if before is not None and before.made and before.made == self._made_key(path, piece):
            known = replace(known, made=before.made, files=before.files)
        self.known[path] = known

    def _made_key(self, path: str, piece: str) -> str:
        return key_of(self.base, self.templates, path, piece) if self.base else "unknown"

    def _settled_key(self, file: SpecFile) -> str:
        return key_of(self.base, file.shown, file.content) if self.base else ""
