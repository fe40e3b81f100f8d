"""`speccast generate --watch`: generates whenever a spec, a template or the configuration is saved, in one warm process."""

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

from speccast.cli import tell_error
from speccast.config import CONFIGURATIONS, find_project
from speccast.errors import SpeccastError
from speccast.findings import printable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import FrameType

    from speccast.config import Project

QUIET_MS = 20
"""How long nothing more must be saved before something is done, so that what is saved at once is done at once."""
LONGEST_MS = 200
"""After which something is done even so."""
_LOOK_MS = 100
TERMINATED = 128 + signal.SIGTERM
_PASSING = re.compile(r"\..*|.*~|4913|.*\.(?:sw[a-z]|tmp|pyc)")
"""Names of files that editors and Python make beside those that are meant."""


@dataclass(frozen=True, slots=True)
class Watched:
    """What is watched: everything in `trees`, and what is right in `folders` if it is one of `places`.

    An editor saves by putting another file in a file's place, and git may do that with whole folders; so it is folders that
    are watched, and those that the watched ones lie in.
    """

    trees: frozenset[Path]
    folders: frozenset[Path]
    places: frozenset[Path]

    @classmethod
    def of(cls, start: Path) -> Watched:
        """For the project that a folder belongs to, or, while its configuration is wrong, for that alone."""
        try:
            project = find_project(start)
        except SpeccastError:
            root = next((folder for folder in (start, *start.parents) if _has_configuration(folder)), start)
            return cls(frozenset(), frozenset([root]), frozenset(root / name for name in CONFIGURATIONS))
        wanted = [project.specs, project.templates]
        places = {project.root / name for name in CONFIGURATIONS}
        folders = {project.root}
        for place in wanted:
            above = [folder for folder in place.parents if folder.is_relative_to(project.root)] or [
                place.parent
            ]
            places.update([place, *above])
            folders.update(folder for folder in above if folder.is_dir())
        return cls(
            frozenset(place for place in wanted if place.is_dir()), frozenset(folders), frozenset(places)
        )


def watch(start: Path, generate: Callable[[Project], object]) -> int:
    """Generates at once and after every change, until Ctrl-C or SIGTERM; answers the exit code.

    What cannot be done is told, and tried again after the next change. The output then stays as it was.
    """
    with _until_terminated() as stop:
        while not stop.is_set():
            watched = Watched.of(start)
            with _changes(watched) as changes:
                # Only now is it sure that nothing saved from here on is missed.
                _attempt(start, generate)
                click.echo("watching specs, templates and configuration; Ctrl-C ends", err=True)
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
        tell_error(error)
    except OSError as error:
        tell_error(SpeccastError(f"{error.filename or 'the output'}: {error.strerror or error}"))
    sys.stdout.flush()


def _has_changed(changes: SimpleQueue[str | Exception], start: Path) -> bool:
    changed: set[str] = set()
    try:
        while not changed or not changes.empty():
            said = changes.get(timeout=_LOOK_MS / 1000)
            if isinstance(said, Exception):
                raise SpeccastError(f"files cannot be watched: {said}") from said
            changed.add(said)
    except Empty:
        return False
    more = f" and {len(changed) - 1} more" if len(changed) > 1 else ""
    first = Path(min(changed))
    shown = first.relative_to(start) if first.is_relative_to(start) else first
    click.echo(printable(f"{shown}{more} changed"), err=True)
    return True


@contextmanager
def _changes(watched: Watched) -> Iterator[SimpleQueue[str | Exception]]:
    """The paths that change, for as long as it lasts; or what keeps them from being watched."""
    changes: SimpleQueue[str | Exception] = SimpleQueue()
    stop = Event()
    listeners = [
        _Listener(watched.trees, True, lambda path: not _PASSING.fullmatch(path.name), changes, stop),
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
    """A thread that listens to changes of some folders, with what is below them or without."""

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
        from watchfiles import watch as listen  # with asyncio, which nothing else here needs

        try:
            for found in listen(
                *self.paths,
                watch_filter=None,
                debounce=LONGEST_MS,
                step=QUIET_MS,
                stop_event=self._stop,
                rust_timeout=_LOOK_MS,
                yield_on_timeout=True,
                raise_interrupt=False,
                recursive=self._recursive,
            ):
                self.is_ready.set()
                for _, path in found:
                    if self._counts(Path(path)):
                        self._changes.put(path)
        except Exception as error:  # such as too many folders for the system to watch
            self._changes.put(error)
        finally:
            self.is_ready.set()


@contextmanager
def _until_terminated() -> Iterator[Event]:
    """Sets an event at SIGTERM: what is being written then is still finished."""
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
