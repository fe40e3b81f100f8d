"""Writes outputs to the path of -o, to a unique name, or to standard output."""

from __future__ import annotations

import os
import shutil
import sys
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Final, Protocol

import click

from .._runtime.errors import OutputError
from .._runtime.files import expand, suffix_of_name
from .._runtime.media import START, suffix_of
from .._runtime.plain_text import clean
from .._runtime.result_outputs import name_files
from .._runtime.stream import ByteStream

# speccast: if cost
from .budget import report_cost

# speccast: end
from .progress import Progress
from .terminal import is_terminal, json_text, print_message, print_result

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from .._runtime.job_results import JobResult
    from .._runtime.results import Result
    from .settings import CommandSettings

STANDARD_OUTPUT: Final = "-"

_TEXT_SUFFIXES = frozenset({".csv", ".html", ".json", ".srt", ".svg", ".txt"})
_SAME_CONTENT = (
    {".jpg", ".jpeg"},
    {".tif", ".tiff"},
    {".mp4", ".m4v", ".m4a", ".mov"},
    {".webm", ".mkv"},
    {".ogg", ".opus"},
)


class Paid(Protocol):
    """A result or a stream."""

    @property
    def cost(self) -> float | None: ...

    @property
    def remaining_credits(self) -> float | None: ...


def check_output(
    output: str | None, *, as_json: bool, embed: bool = False, returns: Iterable[str] = ()
) -> None:
    """Check whether the output can be saved, before anything is paid for.

    `returns` are the expected media types. Raises click.UsageError.
    """
    if output == STANDARD_OUTPUT:
        if as_json:
            raise click.UsageError("--json and '-o -' both write to standard output: use only one of them.")
        if embed:
            raise click.UsageError("--embed needs a file: use it without '-o -'.")
        expected = next(iter(returns), "")
        if is_terminal(sys.stdout) and not (expected.startswith("text/") or expected == "application/json"):
            raise click.UsageError(
                "'-o -' would write bytes to the terminal: redirect it with '> FILE' or a pipe, or pass a file name."
            )
        return
    if output == "":
        raise click.UsageError("-o requires the path of a file or folder.")
    place = expand(output or ".")
    if place.exists() and not (place.is_file() or place.is_dir()):
        raise click.UsageError(f"cannot save to {place}: it is neither a file nor a folder.")
    folder = place if output is None or output.endswith(("/", os.sep)) or place.is_dir() else place.parent
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    if not folder.is_dir():
        raise click.UsageError(f"cannot save to {place}: {folder} is not a folder.")
    if not os.access(folder, os.W_OK):
        raise click.UsageError(f"cannot save to {place}: no permission to write to {folder}.")


def deliver(
    result: Result | JobResult | ByteStream,
    settings: CommandSettings,
    *,
    subject: str,
    stem: str,
    report: Mapping[str, Any],
) -> None:
    """Save the output and print the paths or, with --json, the report and the paths.

    `subject` is shown while outputs are downloaded; `stem` is the beginning of generated names. Raises OutputError,
    APIConnectionError and OSError.
    """
    print_cost(result, settings)
    # By default files are named after the model; here the name also distinguishes calls.
    name_files(result, stem)
    if settings.output == STANDARD_OUTPUT:
        _write_to_standard_output(result)
    else:
        with Progress(subject, quiet=settings.quiet):
            paths = _save(result, settings.output, embed=settings.embed)
        _print_paths(paths, settings, report)
    check_cost(result, settings)


def print_cost(paid: Paid, settings: CommandSettings) -> None:
    """Print what a call cost, if `--cost` asks for it."""
    # speccast: if cost
    if settings.cost:
        is_known = paid.cost is not None
        print_message(f"Cost: {paid.cost:.10g}" if is_known else "The API did not report the cost.")
    # speccast: end
    # speccast: if remaining_credits
    if settings.cost and paid.remaining_credits is not None:
        print_message(f"Remaining credits: {paid.remaining_credits:.10g}")
    # speccast: end


def check_cost(paid: Paid, settings: CommandSettings) -> None:
    """Raise click.exceptions.Exit with code 1 if a call cost more than `--max-cost`."""
    # speccast: if cost
    report_cost(paid.cost, settings)
    # speccast: end


def _print_paths(paths: Sequence[Path], settings: CommandSettings, report: Mapping[str, Any]) -> None:
    for path in paths:
        _warn_about_extension(path, settings.output)
    if settings.as_json:
        print_result(json_text({**report, "paths": [str(path) for path in paths]}))
    else:
        for path in paths:
            print_result(str(path))


def _save(result: Result | JobResult | ByteStream, output: str | None, *, embed: bool) -> list[Path]:
    """Save the output. What cannot be a file of the user's name is paid for, and gets a generated name."""
    save = partial(result.save, embed=embed)
    try:
        return save(output)
    except OutputError as error:
        if not error.is_misnamed:
            raise
        paths = save(None if output is None else expand(output).parent)
        error.add_note("\n".join(["Saved instead:", *map(str, paths)]))
        raise


def _write_to_standard_output(result: Result | JobResult | ByteStream) -> None:
    outputs = 1 if isinstance(result, ByteStream) else len(result.outputs)
    with TemporaryDirectory() as folder:
        # A stream can be read once: what cannot be written to standard output is saved at once.
        is_possible = outputs < 2 and (
            not isinstance(result, ByteStream) or _is_printable(suffix_of(result.content_type))
        )
        paths = result.save(f"{folder}{os.sep}") if is_possible else []
        if len(paths) != 1 or not _is_printable(paths[0].suffix):
            # The output is paid for, so it must not be lost.
            print_message("The output cannot be written to standard output. Saved instead:")
            for path in result.save():
                print_message(str(path))
            raise click.exceptions.Exit(1)
        if is_terminal(sys.stdout):
            print_result(clean(paths[0].read_text(errors="replace")))
            return
        sys.stdout.flush()
        with paths[0].open("rb") as file:
            shutil.copyfileobj(file, sys.stdout.buffer)
        sys.stdout.buffer.flush()


def _is_printable(suffix: str) -> bool:
    """Return whether a file with this extension can be written to standard output: anything, but only text to a terminal."""
    return sys.stdout is not None and (not is_terminal(sys.stdout) or suffix in _TEXT_SUFFIXES)


def _warn_about_extension(path: Path, output: str | None) -> None:
    """Print a note if the content of a file does not match the extension that the user chose."""
    if output is None or not suffix_of_name(Path(output).name):
        return
    with path.open("rb") as file:
        found = suffix_of("", file.read(START))
    suffix = path.suffix.lower()
    if found not in {suffix, ".bin", ".txt"} and not any({found, suffix} <= same for same in _SAME_CONTENT):
        print_message(f"Note: the content of {path} usually has the extension {found}.")
