"""The models of one API of which all that is to be said by themselves is known, from this run or the last one.

Where one spec of many has changed, only that one is read and judged; the others are looked at together with it, which needs
their values and no more. A model whose comments speak to the linter is never settled: what they silence, and whether they
are needed, may hang on others.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, TypeAlias

from speccast.cache import key_of
from speccast.lint.comments import suppressions
from speccast.lint.records import finding_of, record
from speccast.specs.document import SettledDocument
from speccast.specs.load import Memory

if TYPE_CHECKING:
    from speccast.cache import Entries
    from speccast.findings import Finding
    from speccast.specs.document import Document
    from speccast.specs.files import SpecFile, SpecFolder
    from speccast.specs.load import LoadedApi

    Known: TypeAlias = "dict[str, tuple[str, str, tuple[Finding, ...]]]"


class Settled(Memory):
    """What is known of models by path: the key of the content, the value as JSON, and the findings.

    `key` stands for all that counts besides a model's own content, the `api.yaml` among it.
    """

    def __init__(self, folder: SpecFolder, entries: Entries, key: str) -> None:
        self._contents = {file.shown: key_of(file.content) for file in folder.files}
        self._entries = entries
        self._key = key
        self._before: Known = entries.get_json(key, _known) or {}
        self._now: Known = {}

    def recall(self, api: LoadedApi, file: SpecFile) -> Document | None:
        known = self._before.get(file.shown)
        if known is None or known[0] != self._contents[file.shown]:
            return None
        self._now[file.shown] = known
        _, piece, findings = known
        return SettledDocument(file.shown, piece, findings, file.content)

    def note(self, document: Document, findings: tuple[Finding, ...]) -> None:
        """Takes what was found in one model by itself."""
        if any(finding.path != document.path for finding in findings) or any(suppressions(document)):
            return
        piece = json.dumps(document.value, separators=(",", ":"))
        self._now[document.path] = (self._contents[document.path], piece, findings)

    def save(self) -> None:
        """Keeps what is known for the next run."""
        self._entries.put_json(
            self._key,
            {
                path: (content, piece, [record(finding) for finding in findings])
                for path, (content, piece, findings) in self._now.items()
            },
        )


def _known(stored: dict[str, Any]) -> Known:
    return {
        path: (content, piece, tuple(map(finding_of, findings)))
        for path, (content, piece, findings) in stored.items()
    }
