"""Progress on standard error while the user waits.

A terminal shows a spinner with the state and the elapsed time or, if it cannot be animated, a line for each new state of
a job. Nothing is shown elsewhere.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Self

from .terminal import is_animated, is_terminal, one_line, print_message, unguard

if TYPE_CHECKING:
    from types import TracebackType

    from rich.progress import Progress as Spinner
    from rich.progress import TaskID


class Progress:
    """A context manager that shows progress; `state` updates it."""

    def __init__(self, subject: str, *, quiet: bool) -> None:
        """`subject` is what the user waits for, such as `job 4f1c`."""
        self._subject = one_line(subject)
        self._quiet = quiet
        self._last = ""
        self._spinner: Spinner | None = None
        self._task: TaskID | None = None

    def __enter__(self) -> Self:
        if not self._quiet and is_animated(sys.stderr):
            from rich.console import Console
            from rich.progress import Progress as Spinner
            from rich.progress import SpinnerColumn, TextColumn, TimeElapsedColumn

            self._spinner = Spinner(
                SpinnerColumn(),
                TextColumn("{task.description}", markup=False),
                TimeElapsedColumn(),
                console=Console(file=unguard(sys.stderr)),
                transient=True,
                # Standard output is for paths and JSON only; messages on standard error appear above the spinner.
                redirect_stdout=False,
            )
            self._task = self._spinner.add_task(self._subject, total=None)
            self._spinner.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._spinner is not None:
            self._spinner.stop()

    def state(self, name: str) -> None:
        """Show the state, unless it is shown already."""
        name = one_line(name)
        if name == self._last:
            return
        self._last = name
        text = f"{self._subject}: {name}"
        if self._spinner is not None and self._task is not None:
            self._spinner.update(self._task, description=text)
        elif not self._quiet and is_terminal(sys.stderr):
            print_message(text)
