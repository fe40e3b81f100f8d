"""Where answers go: the place that -o names, a name of our own that overwrites nothing, or standard output."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Final

import click

from .._runtime.media import extension
from .progress import Progress
from .terminal import clean, is_terminal, json_text, put, say

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from .._runtime.results import JobResult, Result
    from .settings import Settings

STANDARD_OUTPUT: Final = "-"

_TEXT_SUFFIXES = frozenset({".csv", ".html", ".json", ".srt", ".svg", ".txt"})
_SAME_CONTENT = (
    {".jpg", ".jpeg"},
    {".tif", ".tiff"},
    {".mp4", ".m4v", ".m4a", ".mov"},
    {".webm", ".mkv"},
    {".ogg", ".opus"},
)


def check_place(output: str | None, *, as_json: bool, returns: Iterable[str] = ()) -> None:
    """Find out before anything is paid for whether an answer can be saved.

    `returns` are the media types that are expected. Raises click.UsageError.
    """
    if output == STANDARD_OUTPUT:
        if as_json:
            raise click.UsageError("--json and '-o -' both want standard output: choose one.")
        expected = next(iter(returns), "")
        if is_terminal(sys.stdout) and not (expected.startswith("text/") or expected == "application/json"):
            raise click.UsageError(
                "'-o -' would write bytes to the terminal: add '> FILE' or a pipe, or name a file."
            )
        return
    if output == "":
        raise click.UsageError("-o needs the name of a file or folder.")
    place = Path(output or ".")
    if place.exists() and not (place.is_file() or place.is_dir()):
        raise click.UsageError(f"cannot save to {place}: it is neither a file nor a folder.")
    folder = place if output is None or output.endswith(("/", os.sep)) or place.is_dir() else place.parent
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    if not folder.is_dir():
        raise click.UsageError(f"cannot save to {place}: {folder} is no folder.")
    if not os.access(folder, os.W_OK):
        raise click.UsageError(f"cannot save to {place}: no permission to write to {folder}.")


def deliver(
    result: Result | JobResult, settings: Settings, *, subject: str, stem: str, report: Mapping[str, Any]
) -> None:
    """Save what the model made and print the paths, or with --json the report with the paths in it.

    `subject` is what is shown while outputs are downloaded; `stem` begins a name that has to be made up. Raises
    OutputError, APIConnectionError and OSError.
    """
    # The result names files after the model; here the name also tells one call from another.
    result._name = stem
    if settings.output == STANDARD_OUTPUT:
        _write_to_standard_output(result)
        return
    with Progress(subject, quiet=settings.quiet):
        paths = result.save(settings.output)
    for path in paths:
        _note_another_format(path, settings.output)
    if settings.as_json:
        put(json_text({**report, "paths": [str(path) for path in paths]}))
    else:
        for path in paths:
            put(str(path))


def _write_to_standard_output(result: Result | JobResult) -> None:
    with TemporaryDirectory() as folder:
        paths = result.save(f"{folder}{os.sep}")
        is_text = all(path.suffix in _TEXT_SUFFIXES for path in paths)
        if len(paths) > 1 or (is_terminal(sys.stdout) and not is_text) or sys.stdout is None:
            # It is paid for: rather in files than nowhere.
            say("The answer is not for standard output, so it is saved:")
            for path in result.save():
                say(str(path))
            raise click.exceptions.Exit(1)
        content = paths[0].read_bytes()
    if is_terminal(sys.stdout):
        put(clean(content.decode(errors="replace")))
    else:
        sys.stdout.flush()
        sys.stdout.buffer.write(content)
        sys.stdout.buffer.flush()


def _note_another_format(path: Path, output: str | None) -> None:
    """Say so when a file that the user named holds another format than its name tells."""
    if output is None or not Path(output).suffix:
        return
    with path.open("rb") as file:
        found = extension("", file.read(64))
    suffix = path.suffix.lower()
    if found not in {suffix, ".bin", ".txt"} and not any({found, suffix} <= same for same in _SAME_CONTENT):
        say(f"Note: {path} holds what is usually named {found}.")
