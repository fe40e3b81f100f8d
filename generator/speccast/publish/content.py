"""Contents compared the way the project means them: line endings never count.

Every digest in a manifest, a plan or a journal is taken here, so a checkout with CRLF line ends is the same text
everywhere. Content with a NUL byte is binary, as git has it, and compared byte for byte.
"""

from __future__ import annotations

import hashlib

_OBJECT_FORMATS = ("sha1", "sha256")


def digest(content: bytes) -> str:
    """The SHA-256 of a file's content, with LF line ends where it is text, as 64 hexadecimal digits."""
    return hashlib.sha256(_with_lf(content)).hexdigest()


def same(one: bytes, other: bytes) -> bool:
    """Whether two contents differ in nothing but line ends."""
    return one == other or _with_lf(one) == _with_lf(other)


def blob_ids(content: bytes) -> frozenset[str]:
    """The names that git may have for this content, with either line end and in either of its object formats.

    Comparing names spares reading the blobs, of which a merge can have thousands.
    """
    forms = {content, _with_lf(content), _with_lf(content).replace(b"\n", b"\r\n")}
    return frozenset(
        hashlib.new(name, b"blob %d\0" % len(form) + form, usedforsecurity=False).hexdigest()
        for name in _OBJECT_FORMATS
        for form in forms
    )


def has_conflict_markers(content: bytes) -> bool:
    """Whether a merge left its three marker lines in the content, in their order."""
    expected = [b"<<<<<<<", b"=======", b">>>>>>>"]
    for line in content.splitlines():
        if line[:7] == expected[0] and line[7:8] in (b"", b" "):
            expected.pop(0)
            if not expected:
                return True
    return False


def _with_lf(content: bytes) -> bytes:
    return content if b"\0" in content else content.replace(b"\r\n", b"\n")
