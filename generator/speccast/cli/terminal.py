"""Everything that the tool prints to a terminal passes here."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, TextIO, cast

from speccast.findings import printable

if TYPE_CHECKING:
    from collections.abc import Iterable

_KEPT = re.compile(r"(\n|\x1b\[[0-9;]*m)")
"""Line ends and the colors of reports."""


def guarded(stream: TextIO) -> TextIO:
    """Security boundary: return a stream that writes only printable text, line ends and colors, if this one is a terminal.

    Commands escape text of specs and files themselves, also for pipes. This covers what they do not write, such as
    tracebacks and messages of libraries.
    """
    # It is None if it was closed before the start.
    return cast("TextIO", _GuardedStream(stream)) if stream is not None and stream.isatty() else stream


class _GuardedStream:
    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        self._stream.write(
            "".join(part if _KEPT.fullmatch(part) else printable(part) for part in _KEPT.split(text))
        )
        return len(text)

    def writelines(self, lines: Iterable[str]) -> None:
        for line in lines:
            self.write(line)

    def __getattr__(self, name: str) -> object:
        return getattr(self._stream, name)
