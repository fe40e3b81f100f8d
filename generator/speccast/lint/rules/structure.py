"""Specs that do not conform to the JSON Schemas of the format. They are reported before any rule runs.

S201 unknown-key

    A key that the format does not have here: usually a spelling mistake, a word of another format, or a wrong
    indentation. Unknown keys are never ignored, since a limit that the author intended would be missing.

    Bad::

        parameters:
          prompt: { type: string, requird: true }

    Good::

        parameters:
          prompt: { type: string, required: true }

S202 missing-key

    A required key is missing. Reported at the first key of the mapping.

    Bad::

        parameters:
          prompt: { description: What to paint. }

    Good::

        parameters:
          prompt: { type: string, description: What to paint. }

S203 wrong-type

    A value of the wrong type. Usually quotes are missing or superfluous, or a word such as `yes` is meant as in
    YAML 1.1.

    Bad::

        parameters:
          prompt: { type: string, required: yes }

    Good::

        parameters:
          prompt: { type: string, required: true }

S204 not-a-choice

    A value that is not one of the allowed ones, such as a type that has another name in JSON.

    Bad::

        parameters:
          steps: { type: int }

    Good::

        parameters:
          steps: { type: integer }

S205 format-version

    A spec for a version of the format that this program does not read. Nothing else is checked, since it may be
    valid in that version.

    Bad::

        speccast: 2

    Good::

        speccast: 1

S206 wrong-form

    A text that does not match the pattern of its key, such as a slug, a path or a date.

    Bad::

        source: { date: "Nov 20, 2026" }

    Good::

        source: { date: "2026-11-20" }

S207 out-of-bounds

    A number, text or list that is smaller or larger than its key allows.

    Bad::

        title: ""

    Good::

        title: Flux

S208 repeated-item

    A list that must have distinct items contains an item twice.

    Bad::

        surfaces: [sync, sync]

    Good::

        surfaces: [sync]
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from speccast.lint.rule import ForeignRule, Severity
from speccast.specs.codes import FindingCode

if TYPE_CHECKING:
    from speccast.lint.rule import Fixable

_SUMMARIES: Final[dict[FindingCode, tuple[str, Fixable]]] = {
    FindingCode.UNKNOWN_KEY: ("a key that the format does not have here", "safe"),
    FindingCode.MISSING_KEY: ("a required key that is missing", "no"),
    FindingCode.WRONG_TYPE: ("a value of the wrong type", "safe"),
    FindingCode.NOT_A_CHOICE: ("a value that is not one of the allowed ones", "safe"),
    FindingCode.FORMAT_VERSION: ("a spec for another version of the format", "no"),
    FindingCode.WRONG_FORM: ("a text that does not match the pattern of its key", "no"),
    FindingCode.OUT_OF_BOUNDS: ("a value that is smaller or larger than its key allows", "no"),
    FindingCode.REPEATED_ITEM: ("a list that contains an item twice", "safe"),
}

RULES: Final = tuple(
    ForeignRule(code.value, code.slug, Severity.ERROR, summary, needed=True, fixable=fixable, module=__name__)
    for code, (summary, fixable) in _SUMMARIES.items()
)
