"""The key in a wrapper that does not print it, and a redactor for texts in which a server repeats it.

Security boundary: only `http` and the redactor reveal a `Secret`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, NoReturn, cast

__all__ = ["REDACTED", "Redactor", "Secret"]

REDACTED = "***"
_SHORTEST = 4
"""Shorter texts also occur inside other words, which must not be redacted."""

_DEEPEST = 100


class Secret:
    """A value that cannot be printed or pickled."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """Return the value itself, for use in a request."""
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
    """Replaces secrets in what a server sends before it reaches an error or a log."""

    __slots__ = ("_secrets",)

    def __init__(self, secrets: list[str]) -> None:
        longest_first = sorted({each for each in secrets if len(each) >= _SHORTEST}, key=len, reverse=True)
        patterns = ["".join(map(_escapes, secret)) for secret in longest_first]
        self._secrets = re.compile("|".join(patterns)) if patterns else None

    def text(self, text: str) -> str:
        """Return the text without secrets, including secrets with escaped characters."""
        return self._secrets.sub(REDACTED, text) if self._secrets is not None else text

    def json(self, value: Any, depth: int = 0) -> Any:
        """Return JSON without secrets in its texts and names, and without what is nested too deeply to be read."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, list | dict) and depth == _DEEPEST:
            return REDACTED
        if isinstance(value, list):
            return [self.json(each, depth + 1) for each in cast("Iterable[Any]", value)]
        if isinstance(value, dict):
            members = cast("dict[str, Any]", value)
            return {self.text(name): self.json(each, depth + 1) for name, each in members.items()}
        return value

    def __repr__(self) -> str:
        return "Redactor()"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a redactor contains the key, and cannot be pickled or copied")


def _escapes(character: str) -> str:
    """Return a pattern for a character as it is in text, JSON, URLs and HTML."""
    code = ord(character)
    forms = [
        re.escape(character),
        rf"\\+{re.escape(character)}",
        rf"\\+[uU]0*(?i:{code:04x})",
        rf"\\+x(?i:{code:02x})",
        rf"%(?:25)*(?i:{code:02x})",
        rf"&\#0*{code};",
        rf"&\#[xX]0*(?i:{code:x});",
    ]
    return f"(?:{'|'.join(forms)})"
