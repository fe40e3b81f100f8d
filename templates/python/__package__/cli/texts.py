# speccast: if events
"""Prints or saves a streamed text while it is written."""

from __future__ import annotations

import sys
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import click

from .._runtime.errors import ApiError
from .._runtime.files import PartFile, find_destination
from .._runtime.plain_text import clean
from .._runtime.resources import build_stream
from .errors import INTERRUPTED
from .output import STANDARD_OUTPUT, check_cost, print_cost
from .progress import Progress
from .terminal import is_terminal, print_message, print_result

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from .._runtime.resources import SyncModel
    from .._runtime.text_stream import TextStream
    from .settings import CommandSettings

__all__ = ["build_stream", "is_streamed", "without_asking", "write_stream"]


def is_streamed(
    model: type[SyncModel], values: Mapping[str, object], settings: CommandSettings, *, job: bool
) -> bool:
    """Return whether to stream the response: if the model can, unless an argument or an option asks for something else.

    Raises click.UsageError for options that contradict each other.
    """
    asked = _find_asked(model)
    if not asked or not all(values.get(name, accepted[0]) in accepted for name, accepted in asked.items()):
        return False
    if settings.as_json and asked.keys() <= values.keys():
        flags = [each.flag for each in model.parameters if each.name in asked]
        raise click.UsageError(f"--json prints the whole response: remove {' and '.join(flags)}.")
    return not (job or settings.as_json or settings.embed)


def without_asking(model: type[SyncModel], values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the arguments without those that ask for events, which `stream()` sets itself."""
    asked = _find_asked(model)
    return {name: value for name, value in values.items() if name not in asked}


def write_stream(slug: str, send: Callable[[], TextStream], settings: CommandSettings) -> None:
    """Write the pieces as they arrive: to standard output, or to the file of -o, and print its path."""
    output = settings.output
    try:
        if output is None or output == STANDARD_OUTPUT:
            if sys.stdout is None:
                raise click.UsageError("standard output is closed: pass a file with -o.")
            stream = _print(slug, send, settings)
            print_cost(stream, settings)
        else:
            path, stream = _save(slug, send, settings, output)
            print_cost(stream, settings)
            print_result(str(path))
        check_cost(stream, settings)
    except KeyboardInterrupt as interruption:
        notes: list[str] = getattr(interruption, "__notes__", [])
        print_message("\n".join(["\nInterrupted. What the model still writes may be billed.", *notes]))
        raise click.exceptions.Exit(INTERRUPTED) from None


def _print(slug: str, send: Callable[[], TextStream], settings: CommandSettings) -> TextStream:
    is_shown = is_terminal(sys.stdout)
    has_open_line = False
    with ExitStack() as waiting:
        waiting.enter_context(Progress(slug, quiet=settings.quiet))
        try:
            with send() as stream:
                for piece in stream:
                    waiting.close()
                    _print_piece(piece)
                    has_open_line = True
        finally:
            if is_shown and has_open_line:
                print_result("")
    return stream


def _print_piece(piece: str) -> None:
    if is_terminal(sys.stdout):
        sys.stdout.write(clean(piece))
    else:
        sys.stdout.buffer.write(piece.encode(errors="replace"))
    sys.stdout.flush()


def _save(
    slug: str, send: Callable[[], TextStream], settings: CommandSettings, output: str
) -> tuple[Path, TextStream]:
    """Write a file while the text arrives. If the response ends early, the received part is kept, and the error names the file."""
    place = find_destination(output, name=slug.replace("/", "-"), overwrite=None)
    with PartFile(place, None) as part:
        try:
            with Progress(slug, quiet=settings.quiet), send() as stream:
                for piece in stream:
                    part.write(piece.encode(errors="replace"))
        except (ApiError, KeyboardInterrupt) as error:
            if part.size:
                path = part.commit(place.names(".txt", 0))
                error.add_note(f"Saved what had come:\n{path}")
            raise
        return part.commit(place.names(".txt", 0)), stream


def _find_asked(model: type[SyncModel]) -> dict[str, tuple[Any, ...]]:
    """Return the arguments that ask for events, by their names in Python, with the values that do."""
    if model.events is None:
        return {}
    asks = model.events.asks
    return {each.name: asks[each.wire] for each in model.parameters if each.wire in asks}


# speccast: end
