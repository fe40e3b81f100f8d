"""Output to the terminal: text without control characters, and color only if enabled.

Texts from a server or a spec may contain escape sequences that move the cursor, rename the window or reverse the text.
Everything printed for people goes through `clean`; JSON goes through `json_text`, which keeps the value and escapes the
characters.
"""

from __future__ import annotations

import json
import os
import re
import sys
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from typing import IO

# CSI sequences, OSC and other strings up to their terminator, and the two-character escapes.
_ESCAPES = re.compile(
    r"(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]"
    r"|(?:\x1b[\]PX^_]|[\x90\x98\x9d-\x9f])[^\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c)?"
    r"|\x1b[ -/]*[0-~]"
)

# Control characters but tab and newline, marks that change the direction of text, and lone surrogates.
_UNSAFE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff]"
)


def clean(text: str) -> str:
    """Security: the text without escape sequences and characters that a terminal would act on."""
    return _UNSAFE.sub("", _ESCAPES.sub("", text))


def one_line(text: str) -> str:
    """The cleaned text on one line, with single spaces."""
    return " ".join(clean(text).split())


def json_text(value: object) -> str:
    """The value as indented JSON; control characters are escaped."""
    encoding = (getattr(sys.stdout, "encoding", None) or "utf-8").lower().replace("-", "")
    text = json.dumps(value, ensure_ascii=encoding != "utf8", indent=2, default=str)
    return _UNSAFE.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def print_result(text: str) -> None:
    """Print a line of the result to standard output."""
    click.echo(text)


def print_message(text: str) -> None:
    """Print a message for the user to standard error."""
    click.echo(clean(text), err=True)


def print_error(message: str) -> None:
    """Print an error to standard error; red on a terminal."""
    label = click.style("Error:", fg="red", bold=True) if has_color(sys.stderr) else "Error:"
    click.echo(f"{label} {clean(message)}", err=True)


def is_terminal(stream: IO[str] | None) -> bool:
    """Whether the stream is a terminal; a stream that was closed before the start is None."""
    try:
        return stream is not None and stream.isatty()
    except ValueError:
        return False


def is_animated(stream: IO[str] | None) -> bool:
    """Whether a line on the stream can be redrawn in place."""
    return is_terminal(stream) and os.environ.get("TERM", "").lower() not in {"dumb", "unknown"}


def has_color(stream: IO[str] | None) -> bool:
    """Whether to use color on the stream (https://no-color.org)."""
    return is_animated(stream) and not os.environ.get("NO_COLOR")


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
