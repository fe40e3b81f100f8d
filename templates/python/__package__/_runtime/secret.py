"""The key in a wrapper that does not print it, and a redactor for texts in which a server repeats it.

Security boundary: only `http` and the redactor reveal a `Secret`.
"""

from __future__ import annotations

import json
from typing import NoReturn
from urllib.parse import quote

__all__ = ["REDACTED", "Redactor", "Secret"]

REDACTED = "***"
_SHORTEST = 4
"""Shorter texts also occur inside other words, which must not be redacted."""


class Secret:
    """A value that cannot be printed or pickled."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """The value itself, for use in a request."""
        return self._value

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other._value == self._value

    def __hash__(self) -> int:
        return hash(self._value)

    def __repr__(self) -> str:
        return f"Secret('{REDACTED}')"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a key cannot be pickled or copied")


class Redactor:
    """Replaces secrets in texts from a server before they reach an error or a log."""

    __slots__ = ("_forms",)

    def __init__(self, secrets: list[str]) -> None:
        forms = {form for text in secrets for form in _forms(text)}
        self._forms = sorted((form for form in forms if len(form) >= _SHORTEST), key=len, reverse=True)

    def text(self, text: str) -> str:
        """The text without secrets."""
        for form in self._forms:
            text = text.replace(form, REDACTED)
        return text

    def __repr__(self) -> str:
        return "Redactor()"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a redactor contains the key, and cannot be pickled or copied")


def _forms(text: str) -> tuple[str, ...]:
    """The text in plain text, in a URL and in JSON."""
    escaped = json.dumps(text)[1:-1]
    return text, quote(text, safe=""), escaped, escaped.replace("/", r"\/")
