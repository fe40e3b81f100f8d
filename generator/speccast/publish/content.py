"""Compare and digest file contents. Line endings are ignored.

All digests in manifests, plans and journals come from here, so a checkout with CRLF line endings has the same digests.
Content with a NUL byte is binary, as in git, and is compared byte for byte.
"""

from __future__ import annotations

import hashlib


def digest(content: bytes) -> str:
    """Return the SHA-256 of a file's content, with LF line endings if it is text, as 64 hexadecimal digits."""
    return hashlib.sha256(_with_lf(content)).hexdigest()


def is_equal_content(one: bytes, other: bytes) -> bool:
    """Return whether two contents are equal except for line endings."""
    return one == other or _with_lf(one) == _with_lf(other)


def has_conflict_markers(content: bytes) -> bool:
    """Return whether the content has the three marker lines of a merge conflict, in their order."""
    expected = [b"<<<<<<<", b"=======", b">>>>>>>"]
    for line in content.splitlines():
        if line[:7] == expected[0] and line[7:8] in (b"", b" "):
            expected.pop(0)
            if not expected:
                return True
    return False


def _with_lf(content: bytes) -> bytes:
    return content if b"\0" in content else content.replace(b"\r\n", b"\n")
