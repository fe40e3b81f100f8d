"""Text without control characters: the one function for what a terminal may show of a spec, a server or a file."""

from __future__ import annotations

import re

__all__ = ["UNSAFE", "clean"]

# CSI sequences, OSC and other strings up to their terminator, and the two-character escapes.
_ESCAPES = (
    r"(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]"
    r"|(?:\x1b[\]PX^_]|[\x90\x98\x9d-\x9f])[^\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c)?"
    r"|\x1b[ -/]*[0-~]"
)

# Control characters but tab and newline, marks that change the direction of text, other invisible characters, and lone
# surrogates.
UNSAFE = (
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b\u200e\u200f"
    "\u2028-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff9-\ufffb\ud800-\udfff\U000e0000-\U000e0fff]"
)


def clean(text: str) -> str:
    """Security: the text without escape sequences and characters that a terminal would act on."""
    return re.sub(UNSAFE, "", re.sub(_ESCAPES, "", text))
