"""The addresses of the files that a client has uploaded, so that each file is uploaded once."""

from __future__ import annotations

from typing import TypeAlias

__all__ = ["Addresses"]

_MOST = 1000
"""Addresses that are kept. The oldest ones are forgotten, and their files uploaded again."""

Key: TypeAlias = "tuple[object, ...]"


class _Reservation:
    """A file that is being uploaded."""


class Addresses:
    """Addresses by what identifies a file. Clients and threads may share it."""

    def __init__(self) -> None:
        self._known: dict[Key, str | _Reservation] = {}

    def reserve(self, key: Key) -> str | None:
        """Return the address of a file; empty while it is being uploaded elsewhere. None if the caller has to upload it.

        The caller then calls `keep`, or `release` if the upload fails.
        """
        mine = _Reservation()
        found = self._known.setdefault(key, mine)  # atomic
        return None if found is mine else found if isinstance(found, str) else ""

    def keep(self, key: Key, address: str) -> None:
        """Keep the address of a file."""
        self._known[key] = address
        for oldest in list(self._known)[:-_MOST]:
            self._known.pop(oldest, None)

    def release(self, key: Key) -> None:
        """Let others upload a file."""
        self._known.pop(key, None)
