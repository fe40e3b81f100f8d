"""`speccast generate --watch`: regenerate whenever a spec, a template or the configuration is saved."""

from __future__ import annotations

import re
import signal
import sys
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Event, Thread
from typing import TYPE_CHECKING

import click

from speccast.cli import print_error
from speccast.config import CONFIGURATIONS, find_project
from speccast.errors import SpeccastError
from speccast.findings import printable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import FrameType

    from speccast.config import Project

QUIET_MS = 20
"""Wait for this long without another save before generating, so that files saved together are handled together."""
LONGEST_MS = 200
"""Generate after this long even if saving goes on."""
_POLL_MS = 100
TERMINATED = 128 + signal.SIGTERM
_TEMPORARY = re.compile(r"\..*|.*~|4913|.*\.(?:sw[a-z]|tmp|pyc)")
"""Names of temporary files of editors and of Python."""


@dataclass(frozen=True, slots=True)
class Watched:
    """What is watched: everything in `trees`, and the entries of `folders` that are in `places`.

    Editors save by replacing a file, and git may replace whole folders, so folders and their parents are watched.
    """

    trees: frozenset[Path]
    folders: frozenset[Path]
    places: frozenset[Path]

    @classmethod
    def of(cls, start: Path) -> Watched:
        """Return what to watch for the project of a folder; only the configuration while that is invalid."""
        try:
            project = find_project(start)
        except SpeccastError:
            root = next((folder for folder in (start, *start.parents) if _has_configuration(folder)), start)
            return cls(frozenset(), frozenset([root]), frozenset(root / name for name in CONFIGURATIONS))
        trees = [project.specs, project.templates]
        places = {project.root / name for name in CONFIGURATIONS}
        folders = {project.root}
        for place in trees:
            above = [folder for folder in place.parents if folder.is_relative_to(project.root)] or [
                place.parent
            ]
            places.update([place, *above])
            folders.update(folder for folder in above if folder.is_dir())
        return cls(
            frozenset(place for place in trees if place.is_dir()), frozenset(folders), frozenset(places)
        )


def watch(start: Path, generate: Callable[[Project], object]) -> int:
    """Generate now and after every change until Ctrl-C or SIGTERM, and return the exit code.

    An error is printed and leaves the output unchanged; the next change tries again.
    """
    with _until_terminated() as stop:
        while not stop.is_set():
            watched = Watched.of(start)
            with _changes(watched) as changes:
                # From here on no save is missed.
                _attempt(start, generate)
                click.echo("watching specs, templates and configuration; press Ctrl-C to stop", err=True)
                while not stop.is_set():
                    if _has_changed(changes, start):
                        if Watched.of(start) != watched:
                            break
                        _attempt(start, generate)
    return TERMINATED


def _attempt(start: Path, generate: Callable[[Project], object]) -> None:
    try:
        generate(find_project(start))
    except SpeccastError as error:
        print_error(error)
    except OSError as error:
        print_error(SpeccastError(f"{error.filename or 'the output'}: {error.strerror or error}"))
    sys.stdout.flush()


def _has_changed(changes: SimpleQueue[str | Exception], start: Path) -> bool:
    changed: set[str] = set()
    try:
        while not changed or not changes.empty():
            change = changes.get(timeout=_POLL_MS / 1000)
            if isinstance(change, Exception):
                raise SpeccastError(f"cannot watch files: {change}") from change
            changed.add(change)
    except Empty:
        return False
    more = f" and {len(changed) - 1} more" if len(changed) > 1 else ""
    first = Path(min(changed))
    shown = first.relative_to(start) if first.is_relative_to(start) else first
    click.echo(printable(f"{shown}{more} changed"), err=True)
    return True


@contextmanager
def _changes(watched: Watched) -> Iterator[SimpleQueue[str | Exception]]:
    """Watch, and yield a queue of the paths that change, or of the exception that ended watching."""
    changes: SimpleQueue[str | Exception] = SimpleQueue()
    stop = Event()
    listeners = [
        _Listener(watched.trees, True, lambda path: not _TEMPORARY.fullmatch(path.name), changes, stop),
        _Listener(watched.folders, False, lambda path: path in watched.places, changes, stop),
    ]
    listeners = [listener for listener in listeners if listener.paths]
    for listener in listeners:
        listener.thread.start()
    try:
        for listener in listeners:
            listener.is_ready.wait()
        yield changes
    finally:
        stop.set()
        for listener in listeners:
            listener.thread.join()


class _Listener:
    """A thread that watches some folders, recursively or not."""

    def __init__(
        self,
        paths: frozenset[Path],
        recursive: bool,
        counts: Callable[[Path], bool],
        changes: SimpleQueue[str | Exception],
        stop: Event,
    ) -> None:
        self.paths = paths
        self.is_ready = Event()
        self.thread = Thread(target=self._run, daemon=True)
        self._recursive = recursive
        self._counts = counts
        self._changes = changes
        self._stop = stop

    def _run(self) -> None:
        from watchfiles import watch as listen  # imports asyncio, which nothing else here needs

        try:
            for found in listen(
                *self.paths,
                watch_filter=None,
                debounce=LONGEST_MS,
                step=QUIET_MS,
                stop_event=self._stop,
                rust_timeout=_POLL_MS,
                yield_on_timeout=True,
                raise_interrupt=False,
                recursive=self._recursive,
            ):
                self.is_ready.set()
                for _, path in found:
                    if self._counts(Path(path)):
                        self._changes.put(path)
        except Exception as error:  # such as too many folders for the system
            self._changes.put(error)
        finally:
            self.is_ready.set()


@contextmanager
def _until_terminated() -> Iterator[Event]:
    """Set an event on SIGTERM, so that a write in progress is finished."""
    stop = Event()

    def terminate(_: int, __: FrameType | None) -> None:
        stop.set()

    before = signal.signal(signal.SIGTERM, terminate)
    try:
        yield stop
    finally:
        signal.signal(signal.SIGTERM, before)


def _has_configuration(folder: Path) -> bool:
    return any((folder / name).is_file() for name in CONFIGURATIONS)
