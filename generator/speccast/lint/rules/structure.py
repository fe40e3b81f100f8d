"""Specs that are YAML, but not what the format's JSON Schemas ask for. The check finds these, before any rule runs.

S201 unknown-key

    A key that the format does not have in this place: mostly a slip of the pen, a word from another format, or a wrong
    indentation. Nothing unknown is passed over, or a limit that somebody meant would silently not be there.

    Bad::

        parameters:
          prompt: { type: string, requird: true }

    Good::

        parameters:
          prompt: { type: string, required: true }

S202 missing-key

    A key that must be there is not. Reported at the first key of the mapping that lacks it.

    Bad::

        parameters:
          prompt: { description: What to paint. }

    Good::

        parameters:
          prompt: { type: string, description: What to paint. }

S203 wrong-type

    A value of another type than its key takes. Mostly quotes are missing or one too many, or a word such as `yes` is
    meant as YAML 1.1 read it.

    Bad::

        parameters:
          prompt: { type: string, required: yes }

    Good::

        parameters:
          prompt: { type: string, required: true }

S204 not-a-choice

    A value outside the list of those that its key takes, such as a type that JSON calls by another name.

    Bad::

        parameters:
          steps: { type: int }

    Good::

        parameters:
          steps: { type: integer }

S205 format-version

    A spec for another version of the format than this program reads. Nothing else of it is judged, since what looks
    wrong here may be right there.

    Bad::

        speccast: 2

    Good::

        speccast: 1

S206 wrong-form

    A text that has not the form that its key asks for, such as a slug, a path or a day.

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

    A list whose items must differ has one of them twice.

    Bad::

        surfaces: [sync, sync]

    Good::

        surfaces: [sync]
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from speccast.findings import Severity
from speccast.lint.rule import ForeignRule
from speccast.specs.codes import Code

if TYPE_CHECKING:
    from speccast.lint.rule import Fixable

_SUMMARIES: Final[dict[Code, tuple[str, Fixable]]] = {
    Code.UNKNOWN_KEY: ("a key that the format does not have in this place", "safe"),
    Code.MISSING_KEY: ("a key that must be there and is not", "no"),
    Code.WRONG_TYPE: ("a value of another type than its key takes", "safe"),
    Code.NOT_A_CHOICE: ("a value outside the list of possible ones", "safe"),
    Code.FORMAT_VERSION: ("a spec for another version of the format", "no"),
    Code.WRONG_FORM: ("a text that has not the form its key asks for", "no"),
    Code.OUT_OF_BOUNDS: ("a value smaller or larger than its key allows", "no"),
    Code.REPEATED_ITEM: ("a list with the same item twice", "safe"),
}

RULES: Final = tuple(
    ForeignRule(
        code=code.value,
        name=code.slug,
        severity=Severity.ERROR,
        summary=summary,
        needed=True,
        fixable=fixable,
        module=__name__,
    )
    for code, (summary, fixable) in _SUMMARIES.items()
)
