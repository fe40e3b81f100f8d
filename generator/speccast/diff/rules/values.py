"""Values: which ones a parameter accepts.

The values at every limit of both versions are checked by both versions, so that no rule has to know which way a limit is
narrower. A value that only the old version accepts is the witness of a break. A change that affects no value is one of text.

V301 type-changed

    Another type, or null is not allowed anymore. An integer that becomes a number accepts more.

    Bad::

        # before/fox.yaml
        parameters:
          size: { type: number }
        # after/fox.yaml
        parameters:
          size: { type: integer }

    Good::

        # before/fox.yaml
        parameters:
          size: { type: integer }
        # after/fox.yaml
        parameters:
          size: { type: number }

V302 choices-changed

    The values of an enum. Removing one breaks callers; adding one does not. In an open enum, neither does.

    Bad::

        # before/fox.yaml
        parameters:
          mode: { type: string, enum: [a, b] }
        # after/fox.yaml
        parameters:
          mode: { type: string, enum: [a] }

    Good::

        # before/fox.yaml
        parameters:
          mode: { type: string, enum: [a, b], open: true }
        # after/fox.yaml
        parameters:
          mode: { type: string, enum: [a, c], open: true }

V303 range-changed

    The smallest or largest number. Python code notices a narrower one only when it runs.

    Bad::

        # before/fox.yaml
        parameters:
          size: { type: integer, maximum: 100 }
        # after/fox.yaml
        parameters:
          size: { type: integer, maximum: 50 }

    Good::

        # before/fox.yaml
        parameters:
          size: { type: integer, maximum: 100 }
        # after/fox.yaml
        parameters:
          size: { type: integer, maximum: 200 }

V304 step-changed

    The step between numbers (`multipleOf`).

    Bad::

        # before/fox.yaml
        parameters:
          size: { type: integer, multipleOf: 8 }
        # after/fox.yaml
        parameters:
          size: { type: integer, multipleOf: 16 }

    Good::

        # before/fox.yaml
        parameters:
          size: { type: integer, multipleOf: 16 }
        # after/fox.yaml
        parameters:
          size: { type: integer, multipleOf: 8 }

V305 length-changed

    The smallest or largest length of a text.

    Bad::

        # before/fox.yaml
        parameters:
          text: { type: string }
        # after/fox.yaml
        parameters:
          text: { type: string, maxLength: 100 }

    Good::

        # before/fox.yaml
        parameters:
          text: { type: string, maxLength: 100 }
        # after/fox.yaml
        parameters:
          text: { type: string }

V306 pattern-changed

    The pattern of a text. If no text is found that only one of the two patterns matches, the effect of the change is
    unknown, and it counts as a change of behavior.

    Bad::

        # before/fox.yaml
        parameters:
          text: { type: string, examples: [abc], pattern: "^[a-z]+$" }
        # after/fox.yaml
        parameters:
          text: { type: string, examples: ["1"], pattern: "^[0-9]+$" }

    Good::

        # before/fox.yaml
        parameters:
          text: { type: string, pattern: "^x+$" }
        # after/fox.yaml
        parameters:
          text: { type: string }

V307 count-changed

    The smallest or largest number of items of an array.

    Bad::

        # before/fox.yaml
        parameters:
          tags: { type: array, items: { type: string }, maxItems: 4 }
        # after/fox.yaml
        parameters:
          tags: { type: array, items: { type: string }, maxItems: 2 }

    Good::

        # before/fox.yaml
        parameters:
          tags: { type: array, items: { type: string }, maxItems: 2 }
        # after/fox.yaml
        parameters:
          tags: { type: array, items: { type: string }, maxItems: 4 }

V308 members-changed

    An object with any members now has a list of them, or the other way round; likewise an array and its items.

    Bad::

        # before/fox.yaml
        parameters:
          box: { type: object }
        # after/fox.yaml
        parameters:
          box: { type: object, properties: { a: { type: string } } }

    Good::

        # before/fox.yaml
        parameters:
          box: { type: object, properties: { a: { type: string } } }
        # after/fox.yaml
        parameters:
          box: { type: object }

V309 file-changed

    The media types or the largest size of a file.

    Bad::

        # before/fox.yaml
        body: multipart
        parameters:
          image: { type: file, media_types: [image/png, image/webp] }
        # after/fox.yaml
        body: multipart
        parameters:
          image: { type: file, media_types: [image/png] }

    Good::

        # before/fox.yaml
        body: multipart
        parameters:
          image: { type: file, max_size: 1000 }
        # after/fox.yaml
        body: multipart
        parameters:
          image: { type: file, max_size: 2000 }

V310 media-changed

    What a text with a picture, a sound, a film or a document can be: its kinds (`media`), its forms, and the limits of pixels and
    seconds. Python code notices a narrower one only when it runs.

    Bad::

        # before/fox.yaml
        parameters:
          image: { type: string, media: image }
        # after/fox.yaml
        parameters:
          image: { type: string, media: image, forms: [url] }

    Good::

        # before/fox.yaml
        parameters:
          image: { type: string, media: image, forms: [url] }
        # after/fox.yaml
        parameters:
          image: { type: string, media: image }
"""

from __future__ import annotations

import contextlib
import json
from dataclasses import replace
from itertools import product
from typing import TYPE_CHECKING, Any, Final

from speccast.core.check import mismatches
from speccast.core.omit import OMIT, Omit
from speccast.diff.change import REFUSED, RENAMED, UNTYPED, Change, ChangeRule, Effect, Level, Side, effects
from speccast.diff.witnesses import as_file
from speccast.samples.content import content, file_of
from speccast.samples.media import MediaSample
from speccast.samples.probes import UNKNOWN_NAME, probes
from speccast.samples.size import MAX_SIZE, Repeated, describe_media, expand, repeat, size
from speccast.samples.values import is_valid, sample
from speccast.specs.jsonschema import FIELDS, PIXEL_LIMITS
from speccast.specs.wording import format_value

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from speccast.core.check import Pointer
    from speccast.core.parameter import Json, Parameter
    from speccast.core.uploads import Upload
    from speccast.diff.change import Effects, Witness


TYPE: Final = ChangeRule("V301", "type-changed", Level.BREAKING, "another type, or another use of null")
CHOICES: Final = ChangeRule("V302", "choices-changed", Level.BREAKING, "other values of an enum")
RANGE: Final = ChangeRule("V303", "range-changed", Level.BREAKING, "another smallest or largest number")
STEP: Final = ChangeRule("V304", "step-changed", Level.BREAKING, "another step between numbers")
LENGTH: Final = ChangeRule("V305", "length-changed", Level.BREAKING, "another smallest or largest length")
PATTERN: Final = ChangeRule("V306", "pattern-changed", Level.BREAKING, "another pattern")
COUNT: Final = ChangeRule(
    "V307", "count-changed", Level.BREAKING, "another smallest or largest number of items"
)
MEMBERS: Final = ChangeRule(
    "V308", "members-changed", Level.BREAKING, "an object or array with other contents"
)
FILE: Final = ChangeRule(
    "V309", "file-changed", Level.BREAKING, "other media types or another size of a file"
)
MEDIA: Final = ChangeRule(
    "V310", "media-changed", Level.BREAKING, "other kinds, forms or limits of pictures, sound and films"
)

_FIELDS: Final[Mapping[ChangeRule, tuple[str, ...]]] = {
    TYPE: ("type", "nullable", "takes_text"),
    CHOICES: ("choices", "also_accepted", "open"),
    RANGE: ("minimum", "exclusive_minimum", "maximum", "exclusive_maximum"),
    STEP: ("multiple_of",),
    LENGTH: ("min_length", "max_length"),
    PATTERN: ("pattern",),
    COUNT: ("min_items", "max_items"),
    FILE: ("media_types", "max_size"),
    MEDIA: ("forms", "media", *PIXEL_LIMITS, "min_duration", "max_duration"),
}
"""The fields of a parameter that each rule compares."""

_KEYS: Final = {
    "choices": "enum",
    "also_accepted": "documented_as",
    "nullable": "type",
    "takes_text": "also_accepts",
    **{field: keyword for keyword, field in FIELDS.items()},
}
"""The key of the spec for each field with another name."""

_RULE_OF: Final[Mapping[str, ChangeRule]] = {
    **{_KEYS.get(field, field): rule for rule, fields in _FIELDS.items() for field in fields},
    "additionalProperties": MEMBERS,
    "required": MEMBERS,
}
"""The rule about each keyword of a mismatch."""

_WITHOUT_FILES: Final = {**RENAMED, Side.COMMAND_LINE: Effect(Level.BEHAVIOR)}
"""Calls cannot pass files anymore, and commands send the path of one as a text."""
_MOST: Final = 8 * 1024 * 1024
"""Size of the largest value of a witness: larger requests are refused anyway."""
_LONGEST: Final = 60
"""Characters of a value in a message."""
_TYPED: Final = frozenset({TYPE, CHOICES, MEMBERS})
"""Rules whose narrower values a type checker notices."""


def changes(
    old: Parameter,
    new: Parameter,
    label: str,
    pointer: Pointer,
    witness: Callable[[Json], Witness | None],
) -> Iterator[Change]:
    """Yield a change for each rule that finds other limits.

    `witness` makes a request from a value of the parameter.
    """
    refused, accepted = _compare_values(old, new)
    for rule, fields in _FIELDS.items():
        changed = [name for name in fields if getattr(old, name) != getattr(new, name)]
        if not changed:
            continue
        words = "; ".join(_words(name, getattr(old, name), getattr(new, name)) for name in changed)
        place = (*pointer, _KEYS.get(changed[0], changed[0]))
        change = Change(rule, place, f"`{label}`: {words}", REFUSED)
        if rule in refused:
            yield _refusal(change, old, new, refused[rule], witness)
        elif rule not in accepted and not isinstance(longer := _beyond_samples(rule, old, new), Omit):
            yield replace(change, witness=witness(longer))
        elif rule is MEDIA and old.is_media and not new.is_media and {*old.forms} > {"url"}:
            yield replace(
                change,
                message=f"{change.message}; files are not taken anymore",
                effects=_WITHOUT_FILES,
                witness=witness(_file(old)),
            )
        else:
            yield replace(change, effects=effects(_wider(rule, is_known=rule in accepted)))
    for part, before, after in (
        ("properties", bool(old.properties), bool(new.properties)),
        ("items", old.items is not None, new.items is not None),
    ):
        if before != after:
            yield Change(
                MEMBERS,
                (*pointer, part),
                f"`{label}`: its {part} are {'described now' if after else 'not described anymore'}",
                UNTYPED if MEMBERS in refused else effects(Level.ADDITION),
                witness(refused[MEMBERS]) if MEMBERS in refused else None,
            )


def _refusal(
    change: Change, old: Parameter, new: Parameter, value: Json, witness: Callable[[Json], Witness | None]
) -> Change:
    """Return the change of a limit that refuses a value which was accepted before."""
    is_word = not {"items", "properties"} & {*change.pointer[2:-1]}
    return replace(
        change,
        message=f"{change.message}; {_example(value)} is refused now",
        effects=_narrower(change.rule, old, new, value, is_word=is_word),
        witness=witness(value),
    )


def _beyond_samples(rule: ChangeRule, old: Parameter, new: Parameter) -> Json | Omit:
    """Return a text or an array that is too long now, where probes do not have values of that size; OMIT if it is not."""
    if rule is LENGTH and new.max_length is not None:
        part: Any = "x"
        most = new.max_length
    elif rule is COUNT and new.max_items is not None:
        item = "x" if old.items is None else sample(old.items)
        part, most = [] if isinstance(item, Omit) else [item], new.max_items
    else:
        return OMIT
    value: Any = repeat(part, most + 1, part[:0], part[:0])
    if not part or size(value) > _MOST:
        return OMIT
    return value if is_valid(old, value) and is_valid(new, value) is False else OMIT


def _file(parameter: Parameter) -> Any:
    """Return content as a caller passes it to a parameter with `media`."""
    kind = parameter.media[0]
    return replace(file_of(parameter, kind, content(kind)), given="bytes")


def _compare_values(old: Parameter, new: Parameter) -> tuple[dict[ChangeRule, Json], dict[ChangeRule, Json]]:
    """Return by rule the first value that only the old version accepts, and the first that only the new one accepts."""
    refused: dict[ChangeRule, Json] = {}
    accepted: dict[ChangeRule, Json] = {}
    # What the API gets comes first: a client can know more of a file than its content shows.
    for make, value in product((_as_sent, MediaSample.upload), _candidates(old, new)):
        if size(value) > MAX_SIZE:
            continue
        made = expand(value, make)
        before, after = list(mismatches(old, made)), list(mismatches(new, made))
        for one, other, found in ((before, after, refused), (after, before, accepted)):
            if not one:
                for mismatch in other:
                    # What is wrong deeper inside is a change of the member or item there.
                    is_here = not mismatch.pointer or mismatch.keyword == "additionalProperties"
                    found.setdefault(_RULE_OF[mismatch.keyword] if is_here else MEMBERS, value)
    return refused, accepted


def _candidates(old: Parameter, new: Parameter) -> Iterator[Json]:
    for parameter in (old, new):
        yield from (*parameter.choices, *parameter.also_accepted, *parameter.examples)
        yield from (probe.value for probe in probes(parameter) if not _is_whole(probe.value))
    for parameter in (old, new):
        yield from (probe.value for probe in probes(parameter) if _is_whole(probe.value))
    if old.type == "object":
        yield {}
        yield {UNKNOWN_NAME: 1}
    if old.type == "array":
        yield []
        yield [1, "x", None]  # no items can be valid


def _is_whole(value: Json) -> bool:
    """Return whether a value is an integer to JSON and not to Python, so that it shows a break only if nothing else does."""
    return isinstance(value, float) and value.is_integer()


def _narrower(rule: ChangeRule, old: Parameter, new: Parameter, value: Json, *, is_word: bool) -> Effects:
    """Return the effects of refusing a value. `is_word` says whether a command has it as a word, and not in JSON."""
    is_untyped = rule in _TYPED and not (rule is CHOICES and old.type == "number")  # no Literal has fractions
    meaning = UNTYPED if is_untyped and not _passes_type_check(value, new) else REFUSED
    return on_command_line(meaning, old, new, value) if is_word else meaning


def _passes_type_check(value: Json, new: Parameter) -> bool:
    """Return whether Python's types allow a value that is invalid: a text is also a sequence of texts, and True a number."""
    for branch in new.branches or (new,):
        is_sequence = branch.items is not None and branch.items.type == "string"
        is_number = branch.type in ("integer", "number") and not branch.choices
        if (isinstance(value, str) and is_sequence) or (isinstance(value, bool) and is_number):
            return True
    return False


def on_command_line(meaning: Effects, old: Parameter, new: Parameter, value: Json) -> Effects:
    """Return effects without a break of commands, if the word for a value is that of a valid one: `--x 1` is also a text, and
    a file is sent in another form."""
    readings: list[Any] = []
    if old.media and new.media and isinstance(value, str | Repeated):
        readings = [as_file(expand(value))] if {*new.forms} - {"url"} else []
    elif not isinstance(value, bool):
        word = value if isinstance(value, str) else json.dumps(expand(value, describe_media))
        readings = [word]
        with contextlib.suppress(ValueError):
            readings.append(json.loads(word))
        if not isinstance(value, list):
            readings += [[each] for each in readings]  # an option with items takes one of them
    if not any(is_valid(new, each) for each in readings):
        return meaning
    return {**meaning, Side.COMMAND_LINE: Effect(Level.BEHAVIOR)}


def _wider(rule: ChangeRule, *, is_known: bool) -> Level:
    if is_known:
        return Level.ADDITION
    return Level.BEHAVIOR if rule is PATTERN else Level.TEXT


def _as_sent(media: MediaSample) -> Upload | str:
    """Return content as the API gets it: a file, or a text."""
    return media.upload() if media.sent == "file" else media.text()


def _example(value: Json) -> str:
    text = format_value(expand(value, describe_media))
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


def _words(name: str, old: object, new: object) -> str:
    """Return the change of one limit in words."""
    key = _KEYS.get(name, name)
    if name in ("choices", "also_accepted"):
        assert isinstance(old, tuple)
        assert isinstance(new, tuple)
        parts = [f"+{format_value(value)}" for value in new if value not in old]
        parts += [f"-{format_value(value)}" for value in old if value not in new]
        return f"{key} {' '.join(parts) or 'in another order'}"
    if name == "nullable":
        return "null is allowed" if new else "null is not allowed anymore"
    if name == "open":
        return "other values are allowed" if new else "other values are not allowed anymore"
    return f"{key} {_format(old)} → {_format(new)}"


def _format(value: object) -> str:
    if isinstance(value, tuple):
        return ", ".join(map(str, value)) or "any"
    return "none" if value is None else format_value(value)  # type: ignore[arg-type] # limits are JSON
