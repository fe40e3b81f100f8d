"""Files that are no readable YAML 1.2. The reader of specs finds these, before any rule runs.

S101 syntax

    The text is no YAML: an open quote or bracket, a tab, a wrong indentation. Reported at the construct that was left
    open or that broke off, which is often above the place where a parser gives up.

    Bad::

        parameters: { prompt: { type: string }

    Good::

        parameters: { prompt: { type: string } }

S102 duplicate-key

    A mapping has a key twice, and YAML libraries silently keep one of the two. Reported at the later one.

    Bad::

        title: Flux
        title: Flux Pro

    Good::

        title: Flux Pro

S103 key-not-text

    Keys are texts. One that YAML reads as a number, a boolean, null or a collection is quoted to mean text.

    Bad::

        parameters:
          1024: { type: string }

    Good::

        parameters:
          "1024": { type: string }

S104 tag

    A tag outside the core schema of YAML 1.2, or one that does not fit its value. Specs need none.

    Bad::

        title: !brand Flux

    Good::

        title: Flux

S105 alias

    An alias needs an anchor before it, cannot stand within what it stands for, and there are only so many of them.

    Bad::

        title: *flux

    Good::

        title: "*flux"

S106 number

    A number that JSON cannot hold: infinite, not a number, or beyond what a double can say.

    Bad::

        parameters:
          steps: { type: number, maximum: .inf }

    Good::

        parameters:
          steps: { type: number }

S107 too-large

    The file is larger, deeper nested or longer than any spec of a model, or has more problems than anyone would read.

S108 encoding

    The file is not UTF-8. A byte order mark is fine at its start.

S109 character

    A character that cannot stand in YAML, such as NUL, or an invisible one in the middle of the text.

S110 several-documents

    A file holds one spec, so a second YAML document in it would be lost.

    Bad::

        title: Flux
        ---
        title: Flux Pro

    Good::

        title: Flux

S111 empty-file

    There is nothing in the file but blanks and comments.

S112 yaml-version

    Specs are YAML 1.2, in which `no` and `16:9` are texts. A directive that asks for another version would be ignored.

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

from speccast.findings import Severity
from speccast.lint.rule import ForeignRule
from speccast.specs.codes import Code

_SUMMARIES: Final = {
    Code.SYNTAX: "text that is no YAML",
    Code.DUPLICATE_KEY: "a key that a mapping has twice",
    Code.KEY_NOT_TEXT: "a key that YAML does not read as text",
    Code.TAG: "a tag that is none of YAML's own, or does not fit its value",
    Code.ALIAS: "an alias without an anchor, within its own anchor, or one too many",
    Code.NUMBER: "a number that JSON cannot hold",
    Code.TOO_LARGE: "a file larger, deeper or longer than any spec",
    Code.ENCODING: "a file that is not UTF-8",
    Code.CHARACTER: "a character that YAML does not allow",
    Code.SEVERAL_DOCUMENTS: "more than one YAML document in a file",
    Code.EMPTY_FILE: "a file with nothing in it",
    Code.YAML_VERSION: "a directive that asks for another version of YAML",
}

RULES: Final = tuple(
    ForeignRule(
        code=code.value,
        name=code.slug,
        severity=Severity.ERROR,
        summary=summary,
        needed=True,
        module=__name__,
    )
    for code, summary in _SUMMARIES.items()
)
