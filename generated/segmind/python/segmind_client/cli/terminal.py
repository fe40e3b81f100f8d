"""What reaches the terminal: text without control characters, and colour only where it is wanted.

Texts from a server or a spec may hold escape sequences that move the cursor, rename the window or turn letters around.
Whatever this command prints for people goes through `clean`; what it prints as JSON goes through `json_text`, which
keeps the value and escapes the characters.
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
    """The cleaned text with every run of white space as one blank."""
    return " ".join(clean(text).split())


def json_text(value: object) -> str:
    """The value as indented JSON; characters that a terminal would act on are escaped, none is lost."""
    encoding = (getattr(sys.stdout, "encoding", None) or "utf-8").lower().replace("-", "")
    text = json.dumps(value, ensure_ascii=encoding != "utf8", indent=2, default=str)
    return _UNSAFE.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def put(text: str) -> None:
    """One line of the command's result, on standard output."""
    click.echo(text)


def say(text: str) -> None:
    """One line for the person at the keyboard, on standard error."""
    click.echo(clean(text), err=True)


def fail(message: str) -> None:
    """An error, on standard error; red on a terminal."""
    label = click.style("Error:", fg="red", bold=True) if has_colour(sys.stderr) else "Error:"
    click.echo(f"{label} {clean(message)}", err=True)


def is_terminal(stream: IO[str] | None) -> bool:
    """Whether a person reads the stream; a stream that was closed before the start is None."""
    try:
        return stream is not None and stream.isatty()
    except ValueError:
        return False


def is_animated(stream: IO[str] | None) -> bool:
    """Whether a line on the stream can be redrawn in place."""
    return is_terminal(stream) and os.environ.get("TERM", "").lower() not in {"dumb", "unknown"}


def has_colour(stream: IO[str] | None) -> bool:
    """Whether the stream is to be coloured (https://no-color.org)."""
    return is_animated(stream) and not os.environ.get("NO_COLOR")


def flush() -> None:
    """Bring what was printed to where it goes. Raises OSError where that is full or gone, once: at exit it is let be."""
    if sys.stdout is None:
        return
    try:
        sys.stdout.flush()
    except OSError:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        raise


def tolerate_any_text() -> None:
    """Make a standard output of a narrow encoding print what it lacks as an escape instead of failing."""
    reconfigure = getattr(sys.stdout, "reconfigure", None)
    if reconfigure is not None:
        reconfigure(errors="backslashreplace")
