"""Transactions: one run at a time writes all of its output or none of it.

    with lock(cache) as held:                       # waits for other runs and finishes an interrupted one
        plans = [make_plan(target) for target in targets]
        apply(plans, held)

A run that is killed leaves staging folders and a journal. `lock` and `recover` finish the swap if the journal is complete;
otherwise the output is unchanged, and they delete the staged files.
"""

from __future__ import annotations

from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from speccast.config import format_path
from speccast.errors import SpeccastError
from speccast.portable_names import GIT_NAMES, fold_path
from speccast.publish.journal import (
    STAGING,
    SwapJournal,
    delete_journal,
    find_interrupted,
    read_journal,
    write_journal,
)
from speccast.publish.locking import hold_lock
from speccast.publish.paths import is_searched
from speccast.publish.stage import Staging, discard
from speccast.publish.swap import SwapRun

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from speccast.publish.plan import Plan

TIMEOUT_S = 120.0


@dataclass(frozen=True, slots=True)
class OutputLock:
    """The right to change the output. `recovered` says in words which interrupted run was finished or undone first."""

    cache: Path
    outputs: tuple[Path, ...] = ()
    recovered: str | None = None


@contextmanager
def lock(cache: Path, *, outputs: Iterable[Path] = (), timeout: float = TIMEOUT_S) -> Iterator[OutputLock]:
    """Wait for the project's lock, finish or undo an interrupted run, and hold the lock.

    `cache` is the project's `.speccast_cache/`, created if needed. `outputs` are folders outside of the project that may
    be written to. Raises `SpeccastError` after `timeout` seconds of waiting, or if an interrupted run cannot be finished.
    """
    with hold_lock(cache, timeout):
        held = OutputLock(cache, tuple(outputs))
        yield OutputLock(cache, held.outputs, _recover(held))


def recover(cache: Path, *, outputs: Iterable[Path] = (), timeout: float = TIMEOUT_S) -> str | None:
    """Finish or undo an interrupted run and return a message about it; None if there was none.

    Writes nothing, not even the lock, if no run was interrupted. Waits for a run that is still active.
    """
    if not find_interrupted(cache):
        return None
    with lock(cache, outputs=outputs, timeout=timeout) as held:
        return held.recovered


def has_unfinished_swap(cache: Path) -> bool:
    """Return whether an interrupted run left the output partly written, so that the next command that writes will finish it."""
    journals = (read_journal(cache, token) for token in find_interrupted(cache))
    return any(journal is not None and journal.swaps is not None for journal in journals)


def apply(plans: Sequence[Plan], held: OutputLock) -> None:
    """Carry out plans made under the same lock, in one swap. Writes nothing if nothing changes.

    Raises `SpeccastError`, with the output untouched, if a file cannot be staged. If a step of the swap fails after others
    were done, the journal remains, and the next command finishes the swap.
    """
    plans = [plan for plan in plans if plan.changed]
    if not plans:
        return
    staging = Staging(held.cache)
    journal = staging.journal(plans)
    _check_roots(journal, held)
    try:
        staging.begin()
        write_journal(held.cache, SwapJournal(journal.token, journal.folders), durable=False)
        staging.write()
        write_journal(held.cache, journal, durable=True)
    except BaseException:
        _undo(held, journal)
        raise
    swap_run = SwapRun(journal)
    try:
        swap_run.run()
    except SpeccastError as error:
        if not swap_run.done:
            _undo(held, journal)
            raise
        raise SpeccastError(
            f"{error.message} ({len(swap_run.done)} files had been written or removed)",
            hint="no file is incomplete; once the cause is fixed, the next speccast command finishes the rest",
        ) from error
    _clear(held, journal)
    if swap_run.skipped:
        raise SpeccastError(
            f"{_join(swap_run.skipped)} changed while the output was being written, and was left unchanged",
            hint="run the command again",
        )


def _recover(held: OutputLock) -> str | None:
    messages = [_recover_run(held, token) for token in find_interrupted(held.cache)]
    return "; ".join(filter(None, messages)) or None


def _recover_run(held: OutputLock, token: str) -> str | None:
    journal = read_journal(held.cache, token)
    if journal is None:
        folder = held.cache / f"{STAGING}{token}"
        if not discard(folder, token):
            return f"could not delete {format_path(folder)}, which no run needs; delete it"
        return "deleted staged files that no interrupted run of this user needs"
    if journal.swaps is None:
        return _clear(held, journal) or "undid an interrupted run; it had not changed any file"
    _check_roots(journal, held)
    swap_run = SwapRun(journal)
    try:
        swap_run.run()
    except SpeccastError as error:
        raise SpeccastError(
            f"could not finish an interrupted run: {error.message}",
            hint=error.hint
            or "no file is incomplete; once the cause is fixed, the next speccast command finishes it",
        ) from error
    left = _clear(held, journal)
    message = f"finished an interrupted run ({len(swap_run.done)} files written or removed)"
    if swap_run.skipped:
        message += f"; {_join(swap_run.skipped)} changed since and was left unchanged"
    return f"{message}; {left}" if left else message


def _check_roots(journal: SwapJournal, held: OutputLock) -> None:
    """Security boundary: refuse to write anywhere but to the given outputs and where the project can have copies."""
    project, outputs = held.cache.parent.resolve(), [folder.resolve() for folder in held.outputs]
    for swap in journal.swaps or ():
        root = swap.root.resolve()
        inside = [root.relative_to(output) for output in outputs if root.is_relative_to(output)]
        is_output = any(GIT_NAMES.isdisjoint(map(fold_path, path.parts)) for path in inside)
        if not is_output and not (root.is_relative_to(project) and is_searched(root, project)):
            raise SpeccastError(
                f"{swap.root} is neither in the output nor in a folder for vendored copies",
                hint=f"to discard the interrupted run that would change it, delete {journal.folders[0]}",
            )


def _undo(held: OutputLock, journal: SwapJournal) -> None:
    """Roll back before the swap. The journal is replaced by an incomplete one first, so recovery changes nothing.

    If even that cannot be written, a journal without staged files remains, which is harmless.
    """
    with suppress(SpeccastError):
        write_journal(held.cache, SwapJournal(journal.token, journal.folders), durable=False)
    _clear(held, journal)


def _clear(held: OutputLock, journal: SwapJournal) -> str | None:
    """Delete the staging folders and the journal. The first folder goes last: it is how the journal is found.

    Returns a message if a folder remains. Then an incomplete journal remains as well, so the next command tries again.
    """
    first, *others = journal.folders
    left = [folder for folder in others if not discard(folder, journal.token)]
    if not left:
        delete_journal(journal.token)
        left = [] if discard(first, journal.token) else [first]
    elif journal.swaps is not None:
        write_journal(held.cache, SwapJournal(journal.token, journal.folders), durable=False)
    return f"could not delete {_join(left)}, which an interrupted run left; delete it" if left else None


def _join(places: Sequence[Path]) -> str:
    more = f" and {len(places) - 1} more" if len(places) > 1 else ""
    return f"{places[0]}{more}"
