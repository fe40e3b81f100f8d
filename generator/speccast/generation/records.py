"""Records of earlier runs in the cache: digests of the files of a whole run, and of each model.

They hold no contents of files, except that findings quote specs.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from speccast.cache import key_of
from speccast.findings import Finding, as_json, from_json

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from speccast.cache import Entries
    from speccast.publish.plan import OutputFolder

_RUN = "run"
_API = "api"


class RunRecord(NamedTuple):
    """The findings of a run without errors, without fixes, and the digests of its files by folder and path."""

    findings: tuple[Finding, ...]
    files: Mapping[Path, Mapping[str, str]]


class FileRecord(NamedTuple):
    """A file below the folder of its target, its template, and the digest of its content."""

    target: str
    path: str
    template: str
    digest: str


class ModelRecord(NamedTuple):
    """The files of one model, or those that the models of an API share. `key` is of everything they depend on."""

    key: str
    files: tuple[FileRecord, ...]


def read_run(entries: Entries, fingerprint: str) -> RunRecord | None:
    """Return the record of a run with the same inputs."""

    def read(content: Any) -> RunRecord:
        files = {Path(folder): dict(files) for folder, files in content["files"].items()}
        return RunRecord(tuple(map(from_json, content["findings"])), files)

    return entries.get_json(key_of(_RUN, fingerprint), read)


def write_run(
    entries: Entries, fingerprint: str, findings: Sequence[Finding], targets: Sequence[OutputFolder]
) -> None:
    """Store the record of a run without errors."""
    content = {
        "findings": [*map(as_json, findings)],
        "files": {str(target.root): dict(target.digests or {}) for target in targets if target.files},
    }
    entries.put_json(key_of(_RUN, fingerprint), content)


def read_models(entries: Entries, api: str) -> dict[str, ModelRecord]:
    """Return the records of an API by the paths of specs, with "" for files that models share."""

    def read(content: Any) -> dict[str, ModelRecord]:
        return {
            path: ModelRecord(key, tuple(FileRecord(*file) for file in files))
            for path, (key, files) in content.items()
        }

    return entries.get_json(key_of(_API, api), read) or {}


def write_models(entries: Entries, api: str, records: Mapping[str, ModelRecord]) -> None:
    """Store the records of an API."""
    entries.put_json(key_of(_API, api), records)
