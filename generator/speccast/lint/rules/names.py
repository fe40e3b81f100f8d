"""Names that mislead those who read them.

N107 name-invisible

    A name with a character that is not shown, such as a variation selector or a soft hyphen, looks like another name.
    It cannot be typed, and pages contain it only by mistake.

    Bad::

        parameters:
          "prompt\\u034f": { type: string }

    Good::

        parameters:
          prompt: { type: string }

N108 name-looks-alike

    Two names of which one has letters of another alphabet look the same, such as `prompt` with a Cyrillic letter. So does a
    name with Latin letters and letters of another alphabet that look like Latin ones. Usually the text was copied from
    a page that tries to be found by search engines, or from a chat.

    Bad::

        parameters:
          prompt: { type: string }
          "\\u0440rompt": { type: string }

    Good::

        parameters:
          prompt: { type: string }
          prompt_2: { type: string }
"""

from __future__ import annotations

import re
from typing import Final

from speccast.lint.rule import (
    ModelContext,
    ParameterContext,
    RuleViolation,
    Severity,
    Violations,
    model_rule,
    parameter_rule,
)
from speccast.specs.identifiers import INVISIBLE, normalize
from speccast.specs.problems import shorten_value

_LOOK_ALIKES: Final = str.maketrans(
    dict(
        zip(
            # Cyrillic, then Greek, then Armenian and rare Latin letters
            "\u0430\u0432\u0435\u0433\u04bb\u0456\u0458\u043a\u04cf\u043c\u043e\u0440\u051b\u0441\u0442\u0443\u051d\u0445\u0455\u0501"
            "\u0410\u0412\u0421\u0415\u041d\u0406\u0408\u041a\u041c\u041e\u0420\u0405\u0422\u0425\u04ae\u0417"
            "\u03b1\u03b3\u03b9\u03ba\u03bd\u03bf\u03c1\u03c5\u03c7"
            "\u0391\u0392\u0395\u0396\u0397\u0399\u039a\u039c\u039d\u039f\u03a1\u03a4\u03a5\u03a7"
            "\u0570\u0578\u057d\u0585\u0581\u0131\u0251\u0261\u01c0",
            "aberhijklmopqctywxsd" + "ABCEHIJKMOPSTXY3" + "ayiknopux" + "ABEZHIKMNOPTYX" + "hnuogiagl",
            strict=True,
        )
    )
)
_LATIN: Final = re.compile("[A-Za-z]")


@parameter_rule("N107", Severity.ERROR, "a name with an invisible character", needed=True)
def name_invisible(context: ParameterContext) -> Violations:
    match = INVISIBLE.search(context.parameter.wire)
    if match:
        yield RuleViolation(
            context.key(),
            f"the name contains the invisible character U+{ord(match[0]):04X}",
            f"remove it: `{shorten_value(INVISIBLE.sub('', context.parameter.wire))}`",
        )


@model_rule("N108", Severity.WARNING, "a name that looks like another one")
def name_looks_alike(context: ModelContext) -> Violations:
    for scope in context.scopes:
        plain = {_look(wire): parameter for wire, parameter in scope.items() if _look(wire) == wire}
        first: dict[str, ParameterContext] = {}
        for wire, parameter in scope.items():
            look = _look(wire)
            other = plain.get(look) or first.setdefault(look, parameter)
            if look == wire or look == normalize(wire):
                continue
            if other is not parameter:
                yield RuleViolation(
                    parameter.key(),
                    f"`{shorten_value(wire)}` looks like `{shorten_value(other.parameter.wire)}`, but {_difference(wire)}",
                    "correct the name, or rename one of them if the API really has both",
                    related=((other.key(), f"`{shorten_value(other.parameter.wire)}` is here"),),
                )
            elif _LATIN.search(wire):
                yield RuleViolation(
                    parameter.key(),
                    f"`{shorten_value(wire)}` looks like `{shorten_value(look)}`, but {_difference(wire)}",
                    f"write `{shorten_value(look)}`",
                )


def _look(wire: str) -> str:
    return wire if wire.isascii() else normalize(wire).translate(_LOOK_ALIKES)


def _difference(wire: str) -> str:
    """Return which letter of a name is not the Latin letter that it looks like."""
    sign = next(sign for sign in normalize(wire) if sign.translate(_LOOK_ALIKES) != sign)
    return f"U+{ord(sign):04X} in it is not the letter {sign.translate(_LOOK_ALIKES)}"
