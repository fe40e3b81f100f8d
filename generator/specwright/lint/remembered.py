"""Judging one folder of specs, or remembering what came of it when nothing of it has changed since.

What is remembered hangs on everything that could make a difference: every byte of the folder's specs and how findings name
them, the rules that run, the day, this program's own code, Python and the libraries that read. So a cache changes how long
a run takes and nothing else.
"""

from __future__ import annotations

import hashlib
import json
import sys
from dataclasses import asdict, dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from specwright import __version__
from specwright.cache import Entries, key_of
from specwright.findings import Edit, Finding, Fix, Related, Severity
from specwright.lint import Silenced

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from specwright.lint.selection import Selection
    from specwright.spec.files import SpecFolder

_PACKAGE: Final = Path(__file__).resolve().parents[1]
_CODE: Final = ("findings.py", "lint/*.py", "lint/rules/*.py", "spec/*.py", "spec/schema/*.json")
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
    key = _key(folder, selection, today)
    stored = entries.get(key)
    if stored is not None:
        return _read(stored)
    fresh = _judged(folder, selection, today)
    entries.put(key, _written(fresh))
    return fresh


def _judged(folder: SpecFolder, selection: Selection, today: date | None) -> Judged:
    # What reads YAML takes longer to import than a run that remembers everything takes as a whole.
    from specwright.lint import judge
    from specwright.spec.load import load_folder

    loaded = load_folder(folder)
    judgement = judge(loaded, selection, today=today)
    return Judged(judgement.findings, judgement.silenced, bool(loaded.apis))


def _key(folder: SpecFolder, selection: Selection, today: date | None) -> str:
    severities = sorted(f"{code}={level}" for code, level in selection.severities.items())
    settings = [sorted(selection.codes), severities, None if today is None else today.isoformat()]
    specs = (part for file in folder.files for part in (file.shown, file.content))
    return key_of(_program(), json.dumps(settings), folder.path.absolute().name, *specs)


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


def _written(judged: Judged) -> bytes:
    return json.dumps(asdict(judged), separators=(",", ":")).encode()


def _read(stored: bytes) -> Judged:
    value = json.loads(stored)
    return Judged(
        tuple(_finding(each) for each in value["findings"]),
        tuple(Silenced(_finding(each["finding"]), each["reason"]) for each in value["silenced"]),
        value["is_api"],
    )


def _finding(value: dict[str, Any]) -> Finding:
    fix = value["fix"]
    return Finding(
        **value
        | {
            "severity": Severity(value["severity"]),
            "related": tuple(Related(**each) for each in value["related"]),
            "fix": fix
            and Fix(fix["message"], tuple(Edit(**each) for each in fix["edits"]), is_safe=fix["is_safe"]),
        }
    )
