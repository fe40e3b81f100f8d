"""Transactions: one run at a time, all of its output or none of it, and nothing left half done.

    with lock(cache) as held:                       # waits its turn, finishes what was interrupted
        plans = [make_plan(target) for target in targets]
        apply(plans, held)

A run that is killed leaves a journal; `lock` and `recover` finish the swap if the journal is complete, and otherwise
discard what was staged, the output being untouched.
"""

from __future__ import annotations

from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from speccast.errors import SpeccastError
from speccast.publish.disk import explained
from speccast.publish.journal import JOURNAL, Journal, read_journal, write_journal
from speccast.publish.locking import exclusive
from speccast.publish.paths import folded
from speccast.publish.stage import Staging, discard
from speccast.publish.swap import Swapping

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from speccast.publish.plan import Plan

TIMEOUT_S = 120.0


@dataclass(frozen=True, slots=True)
class Lock:
    """The right to change the output, as long as `lock` holds. `recovered` tells what was finished or undone first."""

    cache: Path
    outputs: tuple[Path, ...] = ()
    recovered: str | None = None


@contextmanager
def lock(cache: Path, *, outputs: Iterable[Path] = (), timeout: float = TIMEOUT_S) -> Iterator[Lock]:
    """Wait for the project's lock, finish or undo an interrupted run, and hold the lock.

    `cache` is the project's cache folder, made if need be. `outputs` are folders outside of the project that may be
    written to. Raises `SpeccastError` after `timeout` seconds of waiting, or if an interrupted run cannot be finished.
    """
    with exclusive(cache, timeout):
        held = Lock(cache, tuple(outputs))
        yield Lock(cache, held.outputs, _recover(held))


def recover(cache: Path, *, outputs: Iterable[Path] = (), timeout: float = TIMEOUT_S) -> str | None:
    """Finish or undo an interrupted run, and tell what was done; None if there was none.

    Touches nothing, not even the lock, where no run was interrupted; waits where one is still going on.
    """
    if not (cache / JOURNAL).exists():
        return None
    with lock(cache, outputs=outputs, timeout=timeout) as held:
        return held.recovered


def apply(plans: Sequence[Plan], held: Lock) -> None:
    """Carry out plans made under the same lock, all in one swap. Writes nothing at all where nothing changes.

    Raises `SpeccastError`, with the output untouched, if not everything can be staged. If a step of the swap fails
    after others were done, the journal stays, and the next command finishes the swap.
    """
    plans = [plan for plan in plans if plan.changed]
    if not plans:
        return
    staging = Staging(held.cache)
    journal = staging.journal(plans)
    _check_outputs(journal, held)
    try:
        write_journal(held.cache, Journal(journal.folders), durable=False)
        staging.write()
        write_journal(held.cache, journal, durable=True)
    except BaseException:
        _undo(held.cache, journal)
        raise
    swapping = Swapping(journal)
    try:
        swapping.run()
    except SpeccastError as error:
        if not swapping.done:
            _undo(held.cache, journal)
            raise
        raise SpeccastError(
            f"{error.message} ({len(swapping.done)} files had been written or removed)",
            hint="every file is whole; once the cause is gone, the next speccast command finishes the rest",
        ) from error
    _clear(held.cache, journal)
    if swapping.left:
        raise SpeccastError(
            f"{_listed(swapping.left)} changed while the output was being written, and was left as it is",
            hint="run the command again",
        )


def _recover(held: Lock) -> str | None:
    if not (held.cache / JOURNAL).exists():
        _clear(held.cache, Journal(()))
        return None
    journal = read_journal(held.cache)
    if journal is None or journal.swaps is None:
        _clear(held.cache, journal or Journal(tuple(held.cache.glob("staging-*"))))
        return "undid an interrupted run; it had not changed any file"
    _check_outputs(journal, held)
    swapping = Swapping(journal)
    try:
        swapping.run()
    except SpeccastError as error:
        raise SpeccastError(
            f"could not finish an interrupted run: {error.message}",
            hint=error.hint
            or "every file is whole; once the cause is gone, the next speccast command finishes it",
        ) from error
    _clear(held.cache, journal)
    told = f"finished an interrupted run ({len(swapping.done)} files written or removed)"
    if swapping.left:
        told += f"; {_listed(swapping.left)} had been changed since and was left as it is"
    return told


def _check_outputs(journal: Journal, held: Lock) -> None:
    """Security boundary: refuse to write outside of the project, except where the caller said so, and into `.git`.

    A journal may have come with a checkout; it must not make the next command write to somebody's home folder, or
    plant a hook that git would run.
    """
    allowed = [folder.resolve() for folder in (held.cache.parent, *held.outputs)]
    for swap in journal.swaps or ():
        root = swap.root.resolve()
        inside = [root.relative_to(folder) for folder in allowed if root.is_relative_to(folder)]
        if not inside or any(folded(part) == ".git" for path in inside for part in path.parts):
            raise SpeccastError(
                f"{swap.root} is outside of the project or in its .git folder",
                hint=f"{held.cache / JOURNAL} would change it: delete that file if it is not yours",
            )


def _undo(cache: Path, journal: Journal) -> None:
    """Give up before anything was swapped. From the first moment on, the journal says that nothing is to be finished.

    Where even that cannot be written, a journal without staged files remains, which does no harm.
    """
    with suppress(SpeccastError):
        write_journal(cache, Journal(journal.folders), durable=False)
    _clear(cache, journal)


def _clear(cache: Path, journal: Journal) -> None:
    """Remove the staging folders, then the journal, which is what names them, and the draft of one."""
    with explained("remove", cache / JOURNAL):
        discard(journal.folders)
        (cache / f"{JOURNAL}.new").unlink(missing_ok=True)
        (cache / JOURNAL).unlink(missing_ok=True)


def _listed(places: Sequence[Path]) -> str:
    more = f" and {len(places) - 1} more" if len(places) > 1 else ""
    return f"{places[0]}{more}"
