"""Guards terminals from unprintable text, and colors the help."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Any, TextIO, cast

import click

from speccast.findings import printable

if TYPE_CHECKING:
    from collections.abc import Iterable

_KEPT = re.compile(r"(\n|\x1b\[[0-9;]*m)")
"""Line ends and the colors of reports."""


def guard(stream: TextIO) -> TextIO:
    """Security boundary: return a stream that writes only printable text, line ends and colors, if this one is a terminal.

    Commands escape text of specs and files themselves, also for pipes. This covers what they do not write, such as
    tracebacks and messages of libraries.
    """
    # It is None if it was closed before the start.
    return cast("TextIO", _PrintableStream(stream)) if stream is not None and stream.isatty() else stream


def color() -> bool | None:
    """Return whether to print color: always, never, or on terminals only (None).

    See https://no-color.org and https://force-color.org.
    """
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR"):
        return True
    if os.environ.get("TERM", "").lower() in {"dumb", "unknown"}:
        return False
    return None


class ColorHelpFormatter(click.HelpFormatter):
    """Writes help with colored headings and options. `click.echo` removes the color where there is none."""

    def write_heading(self, heading: str) -> None:
        """Write the heading of a section."""
        super().write_heading(click.style(heading, fg="yellow", bold=True))

    def write_dl(self, rows: Iterable[tuple[str, str]], col_max: int = 30, col_spacing: int = 2) -> None:
        """Write a list of options or commands."""
        super().write_dl(
            [(click.style(first, fg="cyan"), second) for first, second in rows], col_max, col_spacing
        )


class ColorContext(click.Context):
    """A context with colored help, in which `click.echo` follows `color`."""

    formatter_class = ColorHelpFormatter

    def __init__(self, *positional: Any, **named: Any) -> None:
        super().__init__(*positional, **named)
        self.color = color()


class _PrintableStream:
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
