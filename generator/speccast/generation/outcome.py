"""What a whole run came to, kept so that a run in which nothing is new need not do more than look at the disk."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from speccast.cache import key_of
from speccast.findings import as_json, from_json

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from speccast.cache import Entries
    from speccast.findings import Finding
    from speccast.generation.inputs import Inputs
    from speccast.publish import Target

_KIND = "outcome"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the linter said, without fixes, and the digest of every file by the folder of its target and its path."""

    findings: tuple[Finding, ...]
    files: Mapping[Path, Mapping[str, str]]


def recall(entries: Entries, root: Path, inputs: Inputs) -> Outcome | None:
    """What a run with the same inputs came to."""

    def read(content: Any) -> Outcome:
        files = {root / folder: dict(files) for folder, files in content["files"].items()}
        return Outcome(tuple(map(from_json, content["findings"])), files)

    return entries.get_json(key_of(_KIND, inputs.all), read)


def remember(
    entries: Entries, root: Path, inputs: Inputs, findings: Sequence[Finding], targets: Sequence[Target]
) -> None:
    """Keep what a run came to in which the specs had no errors."""
    content = {
        "findings": [as_json(finding) for finding in findings],
        "files": {
            target.root.relative_to(root).as_posix()
            if target.root.is_relative_to(root)
            else str(target.root): dict(target.digests or {})
            for target in targets
            if target.wanted
        },
    }
    entries.put_json(key_of(_KIND, inputs.all), content)
