"""Models that an earlier run read and checked, so that a run after one change reads and checks one spec.

An entry has the value of a spec and the findings of the rules about it. It is only used for the same bytes of the file and of
`api.yaml`, at the same paths, with the same tools and configuration. Rules about several models run every time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from speccast.cache import key_of
from speccast.findings import Finding, as_json, from_json

if TYPE_CHECKING:
    from collections.abc import Mapping

    from speccast.cache import Entries
    from speccast.config import Project
    from speccast.specs.files import SpecFolder
    from speccast.specs.load import Loaded

_KIND = "checked models"


class _CheckedModel(NamedTuple):
    """The value of a spec as `bundle_piece` writes it, and the findings of the rules about the model."""

    bundled: str
    findings: tuple[Finding, ...]


class CheckedModels:
    """The checked models of a project. `fingerprint` is of tools and rules; without it, nothing is known."""

    def __init__(self, project: Project, fingerprint: str | None, entries: Entries) -> None:
        self._key = key_of(_KIND, str(project.root))
        self._common = key_of(fingerprint or "", repr((project.targets, sorted(project.lint.items()))))
        self._entries = entries if fingerprint else None
        stored = None if self._entries is None else self._entries.get_json(self._key, _read)
        self._stored: Mapping[str, _CheckedModel] = stored or {}
        self._keys: dict[str, str] = {}
        self.findings: dict[str, tuple[Finding, ...]] = {}
        """The findings of known models, by path."""

    def values(self, folder: SpecFolder) -> dict[str, str]:
        """Return the values of the known models of a folder, by path (`speccast.specs.load.KnownModels`)."""
        own = [key_of(file.shown, file.content) for file in folder.files if file.is_api]
        api = key_of(self._common, str(folder.path.absolute()), *own)
        found = {}
        for file in folder.files:
            key = self._keys[file.shown] = key_of(api, file.shown, file.content)
            model = self._stored.get(key)
            if model is not None:
                found[file.shown] = model.bundled
                self.findings[file.shown] = model.findings
        return found

    def store(self, loaded: Loaded, by_model: Mapping[str, tuple[Finding, ...]]) -> None:
        """Store all models of a run without errors, after their APIs were built."""
        if self._entries is None or len(self.findings) == len(by_model) == len(self._stored):
            return
        from speccast.specs.build import model_of

        models = {document.path: model_of(document) for api in loaded.apis for document in api.models}
        content = {
            self._keys[path]: (models[path].bundled, [*map(as_json, findings)])
            for path, findings in by_model.items()
        }
        self._entries.put_json(self._key, content)


def _read(content: Any) -> dict[str, _CheckedModel]:
    return {
        key: _CheckedModel(bundled, tuple(map(from_json, findings)))
        for key, (bundled, findings) in content.items()
    }
