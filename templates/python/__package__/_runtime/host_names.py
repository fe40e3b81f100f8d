"""Which texts are names of hosts, decided without the HTTP library."""

from __future__ import annotations

import re

__all__ = ["has_valid_labels"]

# Compiled when it is first used: the import of a client is short.
_LABEL = r"(?ai)[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?"


def has_valid_labels(host: str) -> bool:
    """Return whether a name in ASCII can be looked up: labels of at most 63 characters each."""
    labels = host.removesuffix(".").split(".")
    return len(host) <= 253 and all(re.fullmatch(_LABEL, label) for label in labels)
