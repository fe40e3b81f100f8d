"""Comments that suppress findings, `# speccast: ignore[CODE, …] reason`.

At the end of a line, the comment covers that line. On its own line it covers the key or item below it with everything in
it, or the whole file if it is above the first key. Rules that protect generation, such as those about invalid YAML or two
models with the same name, cannot be suppressed.

X101 suppression-unused

    The comment suppresses nothing, and might hide a new finding later. Not reported for rules that did not run.

    Bad::

        parameters:
          steps: { type: integer, maximum: 10 } # speccast: ignore[P203] the page says so

    Good::

        parameters:
          width: { type: integer, maximum: 10, multipleOf: 8 } # speccast: ignore[P203] the page says so

X102 suppression-without-reason

    The comment must say why the finding is acceptable. Write the reason after the bracket.

    Bad::

        parameters:
          width: { type: integer, maximum: 10, multipleOf: 8 } # speccast: ignore[P203]

    Good::

        parameters:
          width: { type: integer, maximum: 10, multipleOf: 8 } # speccast: ignore[P203] the page says so

X103 suppression-unknown

    The comment names an unknown rule, or one that cannot be suppressed.

    Bad::

        parameters:
          steps: { type: integer } # speccast: ignore[P999] the page says so

    Good::

        parameters:
          width: { type: integer, maximum: 10, multipleOf: 8 } # speccast: ignore[bound-off-step] the page says so

X104 suppression-malformed

    The comment looks like a suppression, but is misspelled or does not name a rule, so it has no effect.

    Bad::

        parameters:
          steps: { type: integer } # speccast: ignore the page says so

    Good::

        parameters:
          width: { type: integer, maximum: 10, multipleOf: 8 } # speccast: ignore[P203] the page says so
"""

from __future__ import annotations

from typing import Final

from speccast.lint.rule import ForeignRule, Severity

UNUSED: Final = ForeignRule(
    "X101",
    "suppression-unused",
    Severity.WARNING,
    "a suppression of a rule that reports nothing there",
    fixable="safe",
    module=__name__,
)
WITHOUT_REASON: Final = ForeignRule(
    "X102", "suppression-without-reason", Severity.WARNING, "a suppression without a reason", module=__name__
)
UNKNOWN: Final = ForeignRule(
    "X103",
    "suppression-unknown",
    Severity.WARNING,
    "a suppression of an unknown rule, or one that cannot be suppressed",
    module=__name__,
)
MALFORMED: Final = ForeignRule(
    "X104", "suppression-malformed", Severity.WARNING, "a malformed suppression", module=__name__
)
