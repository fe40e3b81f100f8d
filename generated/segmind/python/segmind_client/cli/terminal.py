"""Output to the terminal: text without control characters, and color only if enabled.

Texts from a server, a spec or a file may contain escape sequences that move the cursor, rename the window or reverse the
text. Everything printed for people goes through `clean`; JSON goes through `json_text`, which keeps the value and escapes
the characters. `guard` cleans what others print, such as libraries and tracebacks.
"""

from __future__ import annotations

import os
import re
import sys
from typing import TYPE_CHECKING, Any, cast

import click

from .._runtime.plain_text import UNSAFE, clean

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import IO, TextIO

_OWN_COLORS = re.compile(r"(\x1b\[(?:0|1|2|31|33|36)m)")
"""The escape sequences that this package prints itself; see `style`."""
_WHOLE = (" ", "{", "}", "[", "]")
"""How lines begin that are not wrapped: commands and JSON."""
_WIDEST = 100
"""Columns of the longest line of a message."""


def one_line(text: str) -> str:
    """Return the cleaned text on one line, with single spaces."""
    return " ".join(clean(text).split())


def json_text(value: object, *, indent: int | None = 2) -> str:
    """Return the value as JSON; control characters are escaped."""
    import json

    encoding = (getattr(sys.stdout, "encoding", None) or "utf-8").lower().replace("-", "")
    text = json.dumps(value, ensure_ascii=encoding != "utf8", indent=indent, default=str)
    return re.sub(UNSAFE, lambda found: json.dumps(found[0])[1:-1], text)


def print_result(text: str) -> None:
    """Print a line of the result to standard output. Pipes and files get it unchanged."""
    click.echo(clean(text) if is_terminal(sys.stdout) else text)


def print_message(text: str) -> None:
    """Print a message for the user to standard error."""
    _echo(_wrap(clean(text)))


def print_error(message: str) -> None:
    """Print an error to standard error; red on a terminal."""
    text = _wrap(f"Error: {clean(message)}", is_prose=True)
    _echo(style("Error:", fg="red", bold=True) + text.removeprefix("Error:"), color=color())


def _echo(text: str, *, color: bool | None = None) -> None:
    """Print to standard error as it is now: click would print past a bar that takes its place."""
    click.echo(text, file=sys.stderr, err=True, color=color)


def style(text: str, *, fg: str | None = None, bold: bool | None = None) -> str:
    """Return cleaned text with a color: red, yellow or cyan."""
    return click.style(clean(text), fg=fg, bold=bold)


def _wrap(text: str, *, is_prose: bool = False) -> str:
    """Return the text, wrapped at words on a terminal.

    Indented lines are commands, which are copied as a whole, unless all is prose.
    """
    if not is_terminal(sys.stderr):
        return text
    import shutil

    width = min(shutil.get_terminal_size().columns, _WIDEST)
    return "\n".join(
        line if len(line) <= width or (line[:1] in _WHOLE and not is_prose) else _fill(line, width)
        for line in text.split("\n")
    )


def _fill(line: str, width: int) -> str:
    import textwrap

    indent = line[: len(line) - len(line.lstrip())]
    more = f"{indent}  " if indent else ""
    return textwrap.fill(line, width, subsequent_indent=more, break_long_words=False, break_on_hyphens=False)


class CleanHelpFormatter(click.HelpFormatter):
    """Writes help: headings and options in color, and no control characters in texts of any origin."""

    def write_usage(self, prog: str, args: str = "", prefix: str | None = None) -> None:
        """Write the usage line."""
        super().write_usage(clean(prog), clean(args), prefix)

    def write_heading(self, heading: str) -> None:
        """Write the heading of a section."""
        super().write_heading(style(heading, fg="yellow", bold=True))

    def write_text(self, text: str) -> None:
        """Write a paragraph."""
        super().write_text(clean(text))

    def write_dl(self, rows: Iterable[tuple[str, str]], col_max: int = 30, col_spacing: int = 2) -> None:
        """Write a list of options or commands."""
        super().write_dl(
            [(style(first, fg="cyan"), clean(second)) for first, second in rows], col_max, col_spacing
        )


class CleanContext(click.Context):
    """A context whose help is cleaned and colored."""

    formatter_class: type[click.HelpFormatter] = CleanHelpFormatter

    def __init__(self, *positional: Any, **named: Any) -> None:
        super().__init__(*positional, **named)
        self.color: bool | None = color()


class Command(click.Command):
    """A command whose help is cleaned and colored."""

    context_class: type[click.Context] = CleanContext


def guard() -> None:
    """Security: clean everything that is printed to a terminal from now on, except for colors of our own."""
    if sys.stdout is not None and is_terminal(sys.stdout):
        sys.stdout = cast("TextIO", _GuardedStream(sys.stdout))
    if sys.stderr is not None and is_terminal(sys.stderr):
        sys.stderr = cast("TextIO", _GuardedStream(sys.stderr))


def unguard(stream: TextIO) -> TextIO:
    """Return the stream itself, for text that was cleaned and is then animated."""
    found: object = stream
    return found.unguarded if isinstance(found, _GuardedStream) else stream


class _GuardedStream:
    def __init__(self, stream: TextIO) -> None:
        self.unguarded = stream

    def write(self, text: str) -> int:
        self.unguarded.write(
            "".join(part if _OWN_COLORS.fullmatch(part) else clean(part) for part in _OWN_COLORS.split(text))
        )
        return len(text)

    def writelines(self, lines: Iterable[str]) -> None:
        for line in lines:
            self.write(line)

    def __getattr__(self, name: str) -> object:
        return getattr(self.unguarded, name)


def is_terminal(stream: IO[str] | None) -> bool:
    """Return whether the stream is a terminal; a stream that was closed before the start is None."""
    try:
        return stream is not None and stream.isatty()
    except ValueError:
        return False


def is_animated(stream: IO[str] | None) -> bool:
    """Return whether a line on the stream can be redrawn in place."""
    return is_terminal(stream) and not _is_dumb()


def _is_dumb() -> bool:
    return os.environ.get("TERM", "").lower() in {"dumb", "unknown"}


def color() -> bool | None:
    """Return whether to print color: always, never, or on terminals only (None).

    See https://no-color.org and https://force-color.org.
    """
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR"):
        return True
    return False if _is_dumb() else None


def flush() -> None:
    """Flush standard output. Raises OSError once if it is full or closed; later flushes do nothing."""
    if sys.stdout is None:
        return
    try:
        sys.stdout.flush()
    except OSError:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        raise


def tolerate_any_text() -> None:
    """Print characters that the encoding of standard output does not have as escapes instead of failing."""
    reconfigure = getattr(sys.stdout, "reconfigure", None)
    if reconfigure is not None:
        reconfigure(errors="backslashreplace")
