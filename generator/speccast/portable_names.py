"""Security boundary: file names that are safe and different on every file system."""

from __future__ import annotations

import re
import unicodedata

GIT_NAMES = frozenset({".git", "git~1"})
"""Folded names of git's folder. Windows gives it the second one as well."""

_LONGEST_NAME = 255  # bytes, on every common file system
_DEVICE = re.compile(r"(?:con|prn|aux|nul|conin\$|conout\$|(?:com|lpt)[0-9¹²³])(?:\.|$)", re.IGNORECASE)


def fold_path(path: str) -> str:
    """Return a form of a path that is equal for paths that differ only in case or Unicode normal form."""
    if path.isascii():
        return path.lower()
    return unicodedata.normalize("NFC", unicodedata.normalize("NFD", path).casefold())


def name_problem(name: str) -> str:
    """Return why a file or folder cannot have a name on every system, or ""."""
    if name in ("", ".", ".."):
        return "leaves its folder or has an empty part"
    if name.endswith((" ", ".")):
        return "has a part that ends in a space or a dot"
    if len(name.encode(errors="surrogatepass")) > _LONGEST_NAME:
        return f"has a part of more than {_LONGEST_NAME} bytes"
    if _DEVICE.match(name):
        return "has a part that names a device on Windows"
    if fold_path(name) in GIT_NAMES:
        return "has a part that is reserved"
    return ""
