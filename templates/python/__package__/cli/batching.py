"""What the `batch` commands do: run the rows and show their progress."""

from __future__ import annotations

import os
import shlex
import signal
import sys
import threading
from contextlib import contextmanager
from dataclasses import asdict
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import click

from .._api import API
from .connection import connect
from .errors import FAILED, INTERRUPTED
from .terminal import (
    flush,
    is_animated,
    is_terminal,
    json_text,
    one_line,
    print_message,
    print_result,
    unguard,
)

if TYPE_CHECKING:
    from collections.abc import Generator
    from types import TracebackType

    from rich.progress import Progress as Bar
    from rich.progress import TaskID

    from .._runtime.batching import Batch, BatchProgress, RowResult, Rows
    from .settings import CommandSettings

_OF_RUN = ("concurrency", "seconds", "finished")
"""Members of the progress that the journal does not have."""
_MOST_SHOWN = 20
"""Failed rows that are shown; all of them are in results.jsonl."""


def defaults_from(assignments: tuple[str, ...]) -> dict[str, Any]:
    """Return the values of `--set`, which the parameters of each row's model type. Raises click.UsageError."""
    cell = import_module("..batch._cells", __package__).Cell  # a vendored copy may lack the package
    values: dict[str, Any] = {}
    for assignment in assignments:
        name, equals, text = assignment.partition("=")
        if not equals or not name:
            raise click.UsageError(f"--set {assignment}: must be NAME=VALUE.")
        values[name] = cell(text)
    return values


def make(rows: Rows, folder: str, options: dict[str, Any], settings: CommandSettings) -> int:
    """Run the rows, and return the exit code. Raises click.UsageError for invalid rows, and the client's errors."""
    errors = import_module("..batch.errors", __package__)
    with connect(settings) as client, _end_on_signals():
        if options.get("retry") == "unknown":
            _warn_of_costs(folder)
        batch = client.batch(rows, out=folder, **options)
        try:
            with _View(batch, settings) as view:
                for result in batch:
                    view.show(result)
        except KeyboardInterrupt:
            return _finish(batch, folder)
        except errors.RowsError as error:
            raise click.UsageError(str(error), click.get_current_context()) from None
        finally:
            batch.close()
    return _summarize(batch.progress, folder, settings)


def show_estimate(rows: Rows, folder: str, options: dict[str, Any], settings: CommandSettings) -> int:
    """Check the rows, and print what making them would do. Raises as `make`."""
    errors = import_module("..batch.errors", __package__)
    with connect(settings, needs_key=False) as client:
        try:
            estimate = _batch().estimate(client, rows, out=folder, **options)
        except errors.RowsError as error:
            raise click.UsageError(str(error), click.get_current_context()) from None
    if settings.as_json:
        print_result(json_text(asdict(estimate)))
        return 0
    known = "an unknown cost" if estimate.cost is None else f"a cost of about {estimate.cost:.10g}"
    print_result(f"{_count(estimate.rows, 'row')}: {_count(estimate.calls, 'request')} with {known}")
    for model, cost in sorted(estimate.cost_per_call.items()):
        each = "unknown" if cost is None else f"about {cost:.10g}"
        print_result(f"  {one_line(model)}: {each} for each request")
    for name, number in (
        ("duplicates of other rows", estimate.duplicates),
        ("jobs of earlier runs to fetch", estimate.jobs),
        ("violations in rows that are skipped", estimate.invalid),
    ):
        if number:
            print_result(f"  {number} {name}")
    if estimate.spent is not None:
        print_result(f"  spent so far: {estimate.spent:.10g}")
    return 0


def show_status(folder: str, *, as_json: bool) -> int:
    """Print the progress of a batch, and why rows have no output."""
    status = _batch().status(folder)
    if as_json:
        holder = {} if status.holder is None else {"made_by": status.holder}
        numbers = {
            name: value for name, value in _known_numbers(status.progress).items() if name not in _OF_RUN
        }
        print_result(json_text({**numbers, "reasons": status.reasons, **holder}))
        return 0
    print_result(_describe(status.progress))
    for state, reasons in status.reasons.items():
        for reason, number in sorted(reasons.items(), key=lambda item: (-item[1], item[0])):
            print_result(f"  {state} {one_line(reason)}: {number}")
    if status.holder is not None:
        print_result(f"made now by {one_line(status.holder)}")
    return 0


def check_folder(folder: str) -> None:
    """Raise an error if a folder is not that of a batch."""
    _batch().status(folder)


def cancel(folder: str, settings: CommandSettings) -> int:
    """Stop a batch, forget its planned rows, and cancel its jobs if the API can."""
    if API.jobs is not None and API.jobs.cancel is not None:
        with connect(settings) as client:
            canceled = _batch().cancel(folder, client)
    else:
        canceled = _batch().cancel(folder)
    if settings.as_json:
        print_result(json_text(canceled._asdict()))
        return 0
    print_result(f"{_count(canceled.rows, 'row')} will not be made, {_count(canceled.jobs, 'job')} canceled")
    if canceled.accepted:
        print_message(
            f"{_count(canceled.accepted, 'job')} not canceled. To fetch the outputs:\n  {API.command} batch retry"
            f" {shlex.quote(folder)}"
        )
    return 0


def _batch() -> Any:
    """Import the package of batches. A vendored copy may lack it."""
    return import_module("..batch", __package__)


def _warn_of_costs(folder: str) -> None:
    """Say how many rows may be paid twice, and ask on a terminal. Raises click.Abort."""
    if not (Path(folder) / "journal.sqlite").is_file():
        return
    unknown = _batch().status(folder).progress.unknown
    if not unknown:
        return
    print_message(f"{_count(unknown, 'unknown row')} may have been billed, and may be paid for twice.")
    if sys.stdin.isatty() and is_animated(sys.stderr):
        click.confirm("Make them again?", abort=True, err=True)


@contextmanager
def _end_on_signals() -> Generator[None]:
    """Raise KeyboardInterrupt also when the system or the terminal ends the process: requests in flight are paid for."""
    names = ("SIGTERM", "SIGHUP", "SIGBREAK")
    is_main = threading.current_thread() is threading.main_thread()  # other threads cannot handle signals
    numbers = [number for name in names if is_main and (number := getattr(signal, name, None)) is not None]
    # One that is ignored stays so, as `nohup` asks for.
    before = {
        number: signal.signal(number, signal.default_int_handler)
        for number in numbers
        if signal.getsignal(number) == signal.SIG_DFL
    }
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _finish(batch: Batch, folder: str) -> int:
    """Wait for the requests in flight after Ctrl-C, until Ctrl-C is pressed again."""
    progress = batch.progress
    if progress.sent:
        print_message(
            f"\nInterrupted. Waiting for {_count(progress.sent, 'request')} in flight, which may be billed. Ctrl-C ends at once and"
            " leaves them unknown."
        )
    try:
        batch.stop()
        for _ in batch:
            pass
    except KeyboardInterrupt:
        flush()
        # Everything is in the journal already; the batch's thread would wait for the requests.
        os._exit(INTERRUPTED)
    print_message(f"\nStopped. To go on, run the same command again.\n{_describe(batch.progress)}")
    raise click.exceptions.Exit(INTERRUPTED)


def _summarize(progress: BatchProgress, folder: str, settings: CommandSettings) -> int:
    if not settings.as_json:
        print_result(str(Path(folder) / "results.jsonl"))
    if not settings.quiet:
        print_message(_describe(progress))
    if progress.planned or progress.accepted:
        print_message("Another process has stopped the batch.")
    invalid = Path(folder) / "invalid.jsonl"
    if invalid.exists():
        print_message(f"Invalid rows were skipped: {invalid}")
    if progress.failed:
        print_message(f"To run the failed rows again:\n  {API.command} batch retry {shlex.quote(folder)}")
    if progress.unknown:
        print_message(
            "The unknown rows may have been billed. To make them again, and pay for up to"
            f" {_count(progress.unknown, 'row')} twice:\n  {API.command} batch retry {shlex.quote(folder)} --unknown"
        )
    is_made = progress.done + progress.duplicates == progress.rows
    return 0 if is_made else FAILED


def _describe(progress: BatchProgress) -> str:
    """Return a line such as `1000 rows: 990 done, 5 failed, 5 unknown; spent 9.9`."""
    counts = [
        f"{number} {name}"
        for name in ("done", "failed", "unknown", "accepted", "sent", "planned", "duplicates")
        if (number := getattr(progress, name))
    ]
    spent = "" if progress.spent is None else f"; spent {progress.spent:.10g}"
    rows = _count(progress.rows, "row")
    return f"{rows}: {', '.join(counts)}{spent}" if counts else rows


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _known_numbers(progress: BatchProgress) -> dict[str, Any]:
    return {name: value for name, value in asdict(progress).items() if value is not None}


class _View:
    """Shows a batch: a bar on a terminal, elsewhere a line a minute, and the failed rows; with --json a line for each row.

    Lines of JSON on the terminal would be mixed with the bar.
    """

    def __init__(self, batch: Batch, settings: CommandSettings) -> None:
        self._batch, self._settings = batch, settings
        self._shown = 0
        self._is_over = threading.Event()
        self._ticker = threading.Thread(target=self._tick, name="progress", daemon=True)
        self._bar: Bar | None = None
        self._task: TaskID | None = None

    def __enter__(self) -> Self:
        if self._settings.quiet:
            return self
        if is_animated(sys.stderr) and not (self._settings.as_json and is_terminal(sys.stdout)):
            from rich.console import Console
            from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

            self._bar = Progress(
                BarColumn(bar_width=24),
                TextColumn("{task.description}", markup=False),
                TimeElapsedColumn(),
                console=Console(file=unguard(sys.stderr)),
                transient=True,
                redirect_stdout=False,
            )
            self._task = self._bar.add_task("checking the rows", total=None)
            self._bar.start()
        self._ticker.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._is_over.set()
        if self._ticker.is_alive():
            self._ticker.join()
        if self._bar is not None:
            self._bar.stop()

    def show(self, result: RowResult) -> None:
        """Show the result of a row."""
        if self._settings.as_json:
            print_result(json_text(_as_json(result), indent=None))
        elif result.state != "done" and not self._settings.quiet:
            self._shown += 1
            if self._shown <= _MOST_SHOWN:
                print_message(f"{one_line(result.key)}: {result.state}: {one_line(result.error or '')}")
            elif self._shown == _MOST_SHOWN + 1:
                print_message("More rows without an output are in results.jsonl.")

    def _tick(self) -> None:
        while not self._is_over.wait(0.25 if self._bar is not None else 60.0):
            progress = self._batch.progress
            if self._bar is None:
                print_message(_line(progress))
            elif self._task is not None and progress.rows:
                ended = progress.done + progress.failed + progress.unknown + progress.duplicates
                self._bar.update(
                    self._task, description=_line(progress), completed=ended, total=progress.rows
                )


def _line(progress: BatchProgress) -> str:
    """Return a line such as `990 of 1000 done, 5 failed, 5 unknown, 8 at once, 3.1/s, spent 9.9, 12 s left`."""
    if not progress.rows:
        return "checking the rows"
    parts = [f"{progress.done} of {progress.rows - progress.duplicates} done"]
    parts += [f"{n} {name}" for name in ("failed", "unknown") if (n := getattr(progress, name))]
    parts.append(f"{progress.concurrency} at once")
    if progress.finished and progress.seconds:
        speed = progress.finished / progress.seconds
        left = (progress.planned + progress.sent + progress.accepted) / speed
        parts += [f"{speed:.3g}/s", f"{_duration(left)} left"]
    if progress.spent is not None:
        parts.append(f"spent {progress.spent:.10g}")
    if progress.paused_until is not None:
        parts.append("paused by the API")
    return ", ".join(parts)


def _duration(seconds: float) -> str:
    if seconds < 100:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 100 else f"{minutes // 60} h {minutes % 60} min"


def _as_json(result: RowResult) -> dict[str, Any]:
    members = {name: value for name, value in asdict(result).items() if value is not None}
    return {**members, "paths": [str(path) for path in result.paths]}
