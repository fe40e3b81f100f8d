"""`results.jsonl`: what the journal knows of each row, written from it after each run, so that it is never torn."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .._runtime.batching import RowResult
    from ._journal import Journal

__all__ = ["RESULTS", "as_json", "update_results"]

RESULTS = "results.jsonl"


def update_results(journal: Journal) -> None:
    """Write all rows in their order, and replace the file at once. If nothing has changed since, it stays."""
    path = journal.folder / RESULTS
    if journal.is_exported and path.exists():
        return
    part = path.with_name(f".{path.name}.part")
    with part.open("w", encoding="utf-8", newline="\n") as file:
        for result in journal.results():
            file.write(json.dumps(as_json(result, journal.folder), ensure_ascii=False, separators=(",", ":")))
            file.write("\n")
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)
    journal.note_export()


def as_json(result: RowResult, folder: Path) -> dict[str, Any]:
    """A row as JSON, with the paths below a folder, and without what is not known."""
    values: dict[str, Any] = {
        "key": result.key,
        "state": result.state,
        "model": result.model,
        "line": result.line,
        "paths": [path.relative_to(folder).as_posix() for path in result.paths] or None,
        "seed": result.seed,
        "request_id": result.request_id,
        "cost": result.cost,
        "sends": result.sends,
        "sent_at": result.sent_at,
        "finished_at": result.finished_at,
        "reason": result.reason,
        "error": result.error,
        "same_as": result.same_as,
    }
    return {name: value for name, value in values.items() if value is not None}
