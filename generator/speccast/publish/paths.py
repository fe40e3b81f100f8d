"""Security boundary: which paths may be written, on any file system that the output may be checked out on.

Paths are relative and use forward slashes. They come from template trees, which take in names from specs, and from
manifests and journals, which anyone may have edited; all of them pass through here before a file is touched.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import TYPE_CHECKING

from speccast.errors import SpeccastError

if TYPE_CHECKING:
    from collections.abc import Iterable

RESERVED_PREFIX = ".speccast-"
"""Names that start so are Speccast's own: the manifest and, for a moment, staging folders."""

_LONGEST_NAME = 255  # bytes, on every common file system
_FORBIDDEN = re.compile(
    r'[\\:*?"<>|]'
)  # Windows; the backslash and the colon would also make it another path
_DEVICE = re.compile(r"(?:con|prn|aux|nul|conin\$|conout\$|(?:com|lpt)[0-9¹²³])(?:\.|$)", re.IGNORECASE)


def check_paths(paths: Iterable[str]) -> None:
    """Security boundary: refuse a set of output paths that is not safe and unambiguous everywhere.

    Raises `SpeccastError` for a path that `path_problem` objects to, for two paths (or folders of them) that are one
    on a file system that ignores case or normalises Unicode, and for a path that is a file and a folder at once.
    """
    spelled: dict[str, str] = {}
    files: set[str] = set()
    folders: set[str] = set()
    for path in sorted(paths):
        if problem := path_problem(path):
            raise SpeccastError(
                f"the output path {path!a} {problem}",
                hint="paths come from template file names and from names in specs; `name:` in a spec gives another",
            )
        above = folders_of(path)
        for part in (*above, path):
            other = spelled.setdefault(folded(part), part)
            if other != part:
                raise SpeccastError(
                    f"the output paths {other!a} and {part!a} are the same on file systems that ignore case"
                    " or normalise Unicode",
                    hint="give one of the two another name; in a spec with `name:`",
                )
        files.add(path)
        folders.update(above)
    if both := sorted(files & folders):
        raise SpeccastError(
            f"the output path {both[0]!a} is both a file and a folder",
            hint="rename one of the templates that it comes from",
        )


@lru_cache(maxsize=65_536)
def path_problem(path: str) -> str:
    """Security boundary: what is wrong with one relative output path, as the end of a sentence, or ""."""
    if not path:
        return "is empty"
    if not path.isprintable():
        return "has control or invisible characters"
    if path.startswith("/"):
        return "is absolute"
    if found := _FORBIDDEN.search(path):
        return f"has the character {found[0]}"
    return next(filter(None, map(_name_problem, path.split("/"))), "")


def folders_of(path: str) -> list[str]:
    """The folders on the way to a path, outermost first: `a`, `a/b` for `a/b/c.py`."""
    parts = path.split("/")
    return ["/".join(parts[:length]) for length in range(1, len(parts))]


def folded(path: str) -> str:
    """What is left of a path where neither case nor the Unicode normal form counts."""
    if path.isascii():
        return path.lower()
    return unicodedata.normalize("NFC", unicodedata.normalize("NFD", path).casefold())


def _name_problem(name: str) -> str:
    if name in ("", ".", ".."):
        return "leaves its folder or has an empty part"
    if name.endswith((" ", ".")):
        return "has a part that ends in a space or a dot"
    if len(name.encode()) > _LONGEST_NAME:
        return f"has a part of more than {_LONGEST_NAME} bytes"
    if _DEVICE.match(name):
        return "has a part that names a device on Windows"
    if folded(name) == ".git" or folded(name).startswith(RESERVED_PREFIX):
        return "has a part that is reserved"
    return ""
