"""Files that are not valid YAML 1.2. The reader of specs reports them before any rule runs.

S101 syntax

    The text is not YAML: an unclosed quote or bracket, a tab, a wrong indentation. Reported at the construct that
    was left open, which is often above the position where a parser fails.

    Bad::

        parameters: { prompt: { type: string }

    Good::

        parameters: { prompt: { type: string } }

S102 duplicate-key

    A mapping has a key twice. YAML libraries silently use one of the two. Reported at the later one.

    Bad::

        title: Flux
        title: Flux Pro

    Good::

        title: Flux Pro

S103 key-not-text

    Keys must be text. Quote a key that YAML reads as a number, a boolean, null or a collection.

    Bad::

        parameters:
          1024: { type: string }

    Good::

        parameters:
          "1024": { type: string }

S104 tag

    A tag outside the core schema of YAML 1.2, or one that does not match its value. Specs need no tags.

    Bad::

        title: !brand Flux

    Good::

        title: Flux

S105 alias

    An alias must come after its anchor, cannot be within it, and their number is limited.

    Bad::

        title: *flux

    Good::

        title: "*flux"

S106 number

    A number that JSON cannot represent: infinite, not a number, or outside the range of a double.

    Bad::

        parameters:
          steps: { type: number, maximum: .inf }

    Good::

        parameters:
          steps: { type: number }

S107 too-large

    The file is too large, is nested too deeply, or has too many problems.

S108 encoding

    The file is not UTF-8. A byte order mark at its start is allowed.

S109 character

    A character that is not allowed in YAML, such as NUL, or an invisible one within the text.

S110 several-documents

    A file contains one spec. A second YAML document would be ignored.

    Bad::

        title: Flux
        ---
        title: Flux Pro

    Good::

        title: Flux

S111 empty-file

    The file contains only whitespace and comments, but no spec.

S112 yaml-version

    Specs are YAML 1.2, in which `no` and `16:9` are text. A directive for another version would be ignored.

    Bad::

        %YAML 1.1
        ---
        title: Flux

    Good::

        %YAML 1.2
        ---
        title: Flux
"""

from __future__ import annotations

from typing import Final

from speccast.lint.rule import ForeignRule, Severity
from speccast.specs.codes import FindingCode

_SUMMARIES: Final = {
    FindingCode.SYNTAX: "text that is not YAML",
    FindingCode.DUPLICATE_KEY: "a duplicate key in a mapping",
    FindingCode.KEY_NOT_TEXT: "a key that YAML does not read as text",
    FindingCode.TAG: "a tag outside the core schema, or one that does not match its value",
    FindingCode.ALIAS: "an alias without an anchor or within its own anchor, or too many aliases",
    FindingCode.NUMBER: "a number that JSON cannot represent",
    FindingCode.TOO_LARGE: "a file that is too large or nested too deeply",
    FindingCode.ENCODING: "a file that is not UTF-8",
    FindingCode.CHARACTER: "a character that YAML does not allow",
    FindingCode.SEVERAL_DOCUMENTS: "more than one YAML document in a file",
    FindingCode.EMPTY_FILE: "an empty file",
    FindingCode.YAML_VERSION: "a directive for another version of YAML",
}

RULES: Final = tuple(
    ForeignRule(code.value, code.slug, Severity.ERROR, summary, needed=True, module=__name__)
    for code, summary in _SUMMARIES.items()
)
