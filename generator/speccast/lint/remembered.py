"""Judging one folder of specs, or remembering what came of it when nothing of it has changed since.

What is remembered hangs on everything that could make a difference: every byte of the folder's specs and how findings name
them, the rules that run, the day, this program's own code, Python and the libraries that read. So a cache changes how long
a run takes and nothing else.
"""

from __future__ import annotations

import hashlib
import json
import sys
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from speccast import __version__
from speccast.cache import NOTHING, Entries, key_of
from speccast.lint import Silenced
from speccast.lint.records import finding_of, record

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from speccast.findings import Finding
    from speccast.lint.selection import Selection
    from speccast.specs.files import SpecFile, SpecFolder

_PACKAGE: Final = Path(__file__).resolve().parents[1]
_CODE: Final = ("findings.py", "lint/*.py", "lint/rules/*.py", "specs/*.py", "specs/schema/*.json")
"""What of the program has a say in findings."""
_LIBRARIES: Final = ("pyyaml-", "jsonschema-", "jsonschema_rs-")


@dataclass(frozen=True, slots=True)
class Judged:
    """What was found in a folder, what comments in it silence, and whether it is an API that could be read."""

    findings: tuple[Finding, ...]
    silenced: tuple[Silenced, ...]
    is_api: bool


def judged(
    folder: SpecFolder, selection: Selection, today: date | None = None, entries: Entries | None = None
) -> Judged:
    """Judges a folder, unless `entries` have what came of the same folder before."""
    if entries is None:
        return _judged(folder, selection, today)
    settings = _settings(folder, selection, today)
    key = _key("all", settings, folder.files)
    known = entries.get_json(key, _read)
    if known is None:
        known = _judged(folder, selection, today, entries, settings)
        entries.put_json(key, _written(known))
    return known


def _judged(
    folder: SpecFolder,
    selection: Selection,
    today: date | None,
    entries: Entries = NOTHING,
    settings: str = "",
) -> Judged:
    # What reads YAML takes longer to import than a run that remembers everything takes as a whole.
    from speccast.lint import judge
    from speccast.lint.settled import Settled
    from speccast.specs.load import load_folder

    own = [file for file in folder.files if file.is_api]
    settled = Settled(folder, entries, _key("models", settings, own)) if settings else None
    loaded = load_folder(folder, settled)
    judgement = judge(loaded, selection, today=today, note=settled.note if settled else None)
    if settled is not None:
        settled.save()
    return Judged(judgement.findings, judgement.silenced, bool(loaded.apis))


def _settings(folder: SpecFolder, selection: Selection, today: date | None) -> str:
    """All that counts besides what the specs hold."""
    severities = sorted(f"{code}={level}" for code, level in selection.severities.items())
    day = None if today is None else today.isoformat()
    return json.dumps([_program(), sorted(selection.codes), severities, day, folder.path.absolute().name])


def _key(what: str, settings: str, files: Iterable[SpecFile]) -> str:
    return key_of(what, settings, *(part for file in files for part in (file.shown, file.content)))


@cache
def _program() -> str:
    """What stands for the code that judges: its own text, since who works on a rule does not raise the version each time."""
    digest = hashlib.sha256()
    for pattern in _CODE:
        for file in sorted(_PACKAGE.glob(pattern)):
            digest.update(file.read_bytes())
    return "\n".join([__version__, sys.version, digest.hexdigest(), *_libraries()])


def _libraries() -> Iterable[str]:
    """The libraries that read, with their versions, by the names that installing gives to their folders."""
    found = find_spec("yaml")
    if found is None or found.origin is None:
        return []
    names = (path.name for path in Path(found.origin).parents[1].iterdir())
    return sorted(name for name in names if name.lower().startswith(_LIBRARIES))


def _written(judged: Judged) -> dict[str, Any]:
    return {
        "findings": [record(finding) for finding in judged.findings],
        "silenced": [{"finding": record(each.finding), "reason": each.reason} for each in judged.silenced],
        "is_api": judged.is_api,
    }


def _read(stored: dict[str, Any]) -> Judged:
    return Judged(
        tuple(map(finding_of, stored["findings"])),
        tuple(Silenced(finding_of(each["finding"]), each["reason"]) for each in stored["silenced"]),
        stored["is_api"],
    )
