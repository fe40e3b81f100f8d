"""Comments that silence rules, `# speccast: ignore[CODE, …] reason`, and what can be wrong with them.

After a value, on its line, such a comment is about that value; on a line of its own it is about the key or item below it
and all that this holds, above the first key of a file about the whole file. What generation could not cope with, such as
unreadable YAML or two models with one name, cannot be silenced.

X101 suppression-unused

    What the comment silences is not there, or no longer. A comment that stays behind would one day hide something new.
    Not reported of rules that did not run.

    Bad::

        parameters:
          steps: { type: integer, maximum: 10 } # speccast: ignore[P203] the page says so

    Good::

        parameters:
          width: { type: integer, maximum: 10, multipleOf: 8 } # speccast: ignore[P203] the page says so

X102 suppression-without-reason

    Whoever reads the spec next must learn why it may stay as it is. The reason goes behind the bracket.

    Bad::

        parameters:
          width: { type: integer, maximum: 10, multipleOf: 8 } # speccast: ignore[P203]

    Good::

        parameters:
          width: { type: integer, maximum: 10, multipleOf: 8 } # speccast: ignore[P203] the page says so

X103 suppression-unknown

    The comment names a rule that there is not, or one that cannot be silenced.

    Bad::

        parameters:
          steps: { type: integer } # speccast: ignore[P999] the page says so

    Good::

        parameters:
          width: { type: integer, maximum: 10, multipleOf: 8 } # speccast: ignore[bound-off-step] the page says so

X104 suppression-malformed

    The comment looks like one that silences rules, but does not say which, or is misspelt, and so silences nothing.

    Bad::

        parameters:
          steps: { type: integer } # speccast: ignore the page says so

    Good::

        parameters:
          width: { type: integer, maximum: 10, multipleOf: 8 } # speccast: ignore[P203] the page says so
"""

from __future__ import annotations

from typing import Final

from speccast.findings import Severity
from speccast.lint.rule import ForeignRule

UNUSED: Final = ForeignRule(
    code="X101",
    name="suppression-unused",
    severity=Severity.WARNING,
    summary="a comment that silences a rule which finds nothing there",
    fixable="safe",
    module=__name__,
)
WITHOUT_REASON: Final = ForeignRule(
    code="X102",
    name="suppression-without-reason",
    severity=Severity.WARNING,
    summary="a comment that silences a rule and does not say why",
    module=__name__,
)
UNKNOWN: Final = ForeignRule(
    code="X103",
    name="suppression-unknown",
    severity=Severity.WARNING,
    summary="a comment that names no rule which could be silenced",
    module=__name__,
)
MALFORMED: Final = ForeignRule(
    code="X104",
    name="suppression-malformed",
    severity=Severity.WARNING,
    summary="a comment that was meant to silence rules and does not",
    module=__name__,
)
RULES: Final = (UNUSED, WITHOUT_REASON, UNKNOWN, MALFORMED)
