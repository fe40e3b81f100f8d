"""The error that ends a command with exit code 2.

Errors in a spec are findings (`speccast.findings`) with exit code 1. This error is for other failures, such as a missing
folder, an invalid configuration or a full disk.
"""

from __future__ import annotations


class SpeccastError(Exception):
    """A command failed. `hint` says how to fix it, often with a command to run."""

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        if hint:
            # A traceback shows it below the message.
            self.add_note(f"hint: {hint}")
