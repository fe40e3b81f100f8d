"""The error that ends a command with exit code 2: it could not do its work.

What is wrong *in* a spec is a finding (`speccast.findings`) and exit code 1; this is for everything around it, such
as a missing folder, a broken configuration or a full disk.
"""

from __future__ import annotations


class SpeccastError(Exception):
    """A command could not do its work. `hint` says what would help, often a command to type."""

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        if hint:
            # For those who call Speccast from Python: a traceback shows it below the message.
            self.add_note(f"hint: {hint}")
