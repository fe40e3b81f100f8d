"""`results.jsonl`: the result of each row, written from the journal after each run."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

from ._database import RESULTS
from ._files import create_text

if TYPE_CHECKING:
    from ._journal import Journal

__all__ = ["update_results"]


def update_results(journal: Journal) -> None:
    """Write all rows in order, and replace the file atomically. Nothing is written if the file is complete and current."""
    path = journal.folder / RESULTS
    if path.is_file() and journal.has_exported(path.stat().st_size):
        return
    part = path.with_name(f".{path.name}.part")
    encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
    with create_text(part) as file:
        file.writelines(f"{encode(record)}\n" for record in journal.records())
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)
    journal.note_export(path.stat().st_size)
