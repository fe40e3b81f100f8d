"""The command line of the client: one command a model, built from the models' own data.

    __init__    the entry point: says what to install where click or rich is missing
    app         the top-level command, which finds the models in the index without loading them
    model       the command of one model, built from its `parameters`
    options     parameter -> flag and help text
    values      words of the command line -> JSON values
    run         what a model's command does: check, send, wait, save
    job         the `job` command, and waiting for a job
    show        the `show` command: which request made a file
    again       the `again` command, which repeats that request
    batch       the `batch` commands, which make many rows (batching: what they do)
    output      saves outputs
    progress    what is shown meanwhile
    errors      exception -> what to tell the user, and the exit code
    terminal    printing without control characters
    completion  scripts that complete words in a shell

Exit codes: 0 done, 1 API or job error, 2 usage, 130 interrupted. Saved paths and JSON go to standard output,
everything else to standard error.
"""

from __future__ import annotations

import sys
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["main"]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command with the given arguments, or with those of the process, and return its exit code."""
    # Imports are here, because an interrupt may arrive while they run.
    try:
        missing = [name for name in ("click", "rich") if not _is_installed(name)]
        if missing:
            return _say_missing(missing)
        from .app import start

        return start(arguments)
    except KeyboardInterrupt:
        # Nothing is running that could be resumed.
        return 130
    except RuntimeError as error:
        # Before Python 3.12, an interrupt that arrives while an import creates a class is the cause of this error.
        if not isinstance(error.__cause__, KeyboardInterrupt):
            raise
        return 130


def _say_missing(missing: list[str]) -> int:
    from .._api import API

    # A vendored copy has another name, and no extra.
    is_copy = __package__ != f"{API.package}.cli"
    requirement = " ".join(missing) if is_copy else f'"{API.distribution}[cli]"'
    extra = "" if is_copy else " (the extra `cli`)"
    print(
        f"{API.command} requires {' and '.join(missing)}{extra}. To install:\n    pip install {requirement}",
        file=sys.stderr,
    )
    return 2


def _is_installed(module: str) -> bool:
    try:
        import_module(module)
    except ImportError:
        return False
    return True
