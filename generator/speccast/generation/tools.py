"""Which tools make the output, and a digest of everything about them that could change it.

Asking `importlib.metadata` reads a package's description through a parser of e-mail, which takes longer than all else that
is done where nothing has changed; the name of the folder of metadata says the version, too.
"""

from __future__ import annotations

import os
import re
import sys
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from speccast import __version__
from speccast.cache import key_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from speccast.cache import FileDigests

_RECORDED = ("datamodel-code-generator", "ruff")
_OTHERS = ("jinja2", "jsonschema", "pydantic", "pyyaml")
"""What no manifest names, because it should make no difference; to find out whether it does, nothing is reused."""
_PACKAGE = Path(__file__).parent.parent
_OWN_SUFFIXES = (".py", ".json", ".yaml")


@cache
def recorded_versions() -> Mapping[str, str]:
    """Tool to version, as manifests record them."""
    return {"speccast": __version__, **{name: _version(name) for name in _RECORDED}}


def tools_key(digests: FileDigests) -> str:
    """A digest of the tools: their versions, and Speccast's own source, which is edited without a new version.

    Raises:
        OSError: the source cannot be read.
    """
    versions = [f"{name} {_version(name)}" for name in (*_RECORDED, *_OTHERS)]
    return key_of(__version__, sys.version, *versions, *_own_source(_PACKAGE, digests))


def _own_source(folder: Path, digests: FileDigests) -> list[str]:
    found = []
    with os.scandir(folder) as entries:
        for entry in sorted(entries, key=lambda entry: entry.name):
            if entry.is_dir():
                if entry.name not in (
                    "__pycache__",
                    "templates",
                    "emulator",
                ):  # templates count by themselves
                    found += _own_source(Path(entry.path), digests)
            elif entry.name.endswith(_OWN_SUFFIXES):
                found += [entry.name, digests.of(entry.path, entry.stat())]
    return found


@cache
def _version(name: str) -> str:
    folded = name.replace("-", "_")
    pattern = re.compile(rf"{folded}-([^-]+)\.dist-info", re.IGNORECASE)
    found = set()
    for folder in sys.path:
        try:
            names = os.listdir(folder or ".")  # noqa: PTH208 - makes no paths of what is only compared
        except OSError:
            continue
        found |= {match[1] for each in names if (match := pattern.fullmatch(each))}
    if len(found) == 1:
        return found.pop()
    from importlib.metadata import version  # it is called otherwise, or is there more than once

    return version(name)
