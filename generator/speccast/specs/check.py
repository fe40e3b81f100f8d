"""Checks a document against the format's JSON Schema, and says in plain words what is wrong and what would be right.

The schemas in `schema/` are the only definition of the format; nothing is checked here that does not stand there. Each
error of the validator becomes one finding, at the most exact place: an unknown key at the key, a value at the value, a
missing key at the first key of the mapping that lacks it.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

from speccast.specs import advice, edits
from speccast.specs.codes import Code
from speccast.specs.document import capped, json_pointer
from speccast.specs.problems import clipped
from speccast.specs.violations import schema, violations
from speccast.specs.wrong_type import WORDS, corrected, instead, kind_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from speccast.findings import Finding
    from speccast.specs.document import Document, Pointer, Value
    from speccast.specs.violations import Kind, Violation

FORMAT: Final = 1
"""The version of the spec format that this program reads."""


def check(document: Document, kind: Kind) -> tuple[Finding, ...]:
    """Everything in a document that the format does not allow, in the order of the text."""
    value = document.value
    if isinstance(value, dict):
        version = value.get("speccast", FORMAT)
        if version != FORMAT or isinstance(version, bool):
            return (_of_version(document, version),)  # what else looks wrong may be right in that version
    findings = (each for violation in violations(kind, value) for each in _findings(document, violation))
    return capped(_without_repetition(findings))


def _without_repetition(findings: Iterator[Finding]) -> Iterator[Finding]:
    """What an alias stands for is checked wherever it stands, but it is written, and wrong, in one place only."""
    seen: set[tuple[int, int, str, str]] = set()
    for finding in findings:
        place = (finding.line, finding.column, finding.rule, finding.help)
        if place not in seen:
            seen.add(place)
            yield finding


def _findings(document: Document, violation: Violation) -> Iterator[Finding]:
    """The findings of one violation: one, except that several unknown keys of a mapping are one violation."""
    pointer = violation.pointer
    match violation.keyword:
        case "additionalProperties":
            yield from _of_unknown_keys(document, pointer, violation)
        case "required":
            yield from _of_missing_key(document, pointer, violation)
        case "type":
            yield _of_type(document, pointer, violation)
        case "enum":
            yield _of_choice(document, pointer, violation.value, violation.argument)
        case "anyOf" if violation.schema.get("title") == "ApiSpec":
            message = "the API has neither the surface `sync` nor the surface `async`"
            yield document.finding(
                Code.MISSING_KEY, _first_key(pointer, violation.value), message, _SURFACES, at_key=True
            )
        case "anyOf":
            yield _of_parameter_type(document, pointer, violation.value)
        case "pattern":
            form, example = advice.FORMS[violation.argument]
            message = f"{_subject(pointer)} is `{clipped(violation.value)}`, but must be {form}"
            meant = advice.in_form(violation.value, violation.argument)
            hint = f"write {clipped(meant)}" if meant else f"such as {example}"
            yield document.finding(Code.WRONG_FORM, pointer, message, hint)
        case "uniqueItems":
            yield _of_repeated_item(document, pointer, violation)
        case _:
            yield _of_bound(document, pointer, violation)


_SURFACES: Final = "describe at least one of them: `sync:` for a blocking call, `async:` for jobs"


def _of_version(document: Document, version: Value) -> Finding:
    written = clipped(document.source(("speccast",)))
    message = f"the spec is for format version `{written}`, but this Speccast reads version {FORMAT}"
    newer = isinstance(version, int | float) and version > FORMAT
    hint = "install a newer Speccast" if newer else f"write `speccast: {FORMAT}`"
    return document.finding(Code.FORMAT_VERSION, ("speccast",), message, hint)


def _of_unknown_keys(document: Document, pointer: Pointer, violation: Violation) -> Iterator[Finding]:
    known = violation.schema["properties"]
    section = _section(pointer, violation.schema)
    meant = _meant_keys(violation)
    for key, value in violation.value.items():
        if key in known:
            continue
        hint = advice.instead_of_key(key, section, known)
        if not hint and key in meant:
            hint = f"did you mean `{meant[key]}`?"
        hint = hint or _elsewhere(key, section, value) or f"remove it; the keys are {', '.join(known)}"
        message = f"{_subject(pointer)} has no key `{clipped(key)}`"
        fix = None
        if hint.startswith("did you mean"):
            by_spelling = advice.closest(key, [meant[key]]) != ""
            fix = edits.renamed(document, (*pointer, key), meant[key], is_safe=by_spelling)
        yield document.finding(Code.UNKNOWN_KEY, (*pointer, key), message, hint, at_key=True, fix=fix)


def _meant_keys(violation: Violation) -> dict[str, str]:
    """The unknown keys of a mapping that probably mean another one, and which.

    Only the first ones are looked at, for comparing words is slow: who has more of them is better helped by the list of
    the keys.
    """
    known = violation.schema["properties"]
    section = _section(violation.pointer, violation.schema)
    free = [key for key in known if key not in violation.value]
    unknown = islice((key for key in violation.value if key not in known), 50)
    return {key: meant for key in unknown if (meant := advice.meant_key(key, section, free))}


def _elsewhere(key: str, section: str, value: Value) -> str:
    """Advice on a key that stands in the wrong place, mostly because of its indentation."""
    if section == "ModelSpec" and isinstance(value, dict) and "type" in value:
        return "if it is a parameter, indent it under `parameters:`"
    for shape, place in (
        (schema("model"), "the spec of a model"),
        (schema("model")["$defs"]["parameter"], "a parameter"),
        (schema("api"), "api.yaml"),
    ):
        if shape["title"] != section and key in shape["properties"]:
            return f"it is a key of {place}; move it there, or correct its indentation"
    return ""


def _of_missing_key(document: Document, pointer: Pointer, violation: Violation) -> Iterator[Finding]:
    missing, value = violation.key, violation.value
    if "<<" in value or missing in _meant_keys(violation).values():
        return  # it is there, only misspelt or merged in, and reported as that
    message = f"{_subject(pointer)} lacks the key `{missing}`"
    hint = f"add a line such as `{advice.EXAMPLES[_section(pointer, violation.schema), missing]}`"
    finding = document.finding(
        Code.MISSING_KEY, _first_key(pointer, value), message, hint, at_key=bool(value)
    )
    yield replace(finding, pointer=json_pointer((*pointer, missing)))


def _of_type(document: Document, pointer: Pointer, violation: Violation) -> Finding:
    wanted = violation.argument
    if isinstance(wanted, list):
        message = (
            f"{_subject(pointer)} must be text, a number, true, false or null, not {kind_of(violation.value)}"
        )
        return document.finding(Code.WRONG_TYPE, pointer, message, "write one plain value")
    found = kind_of(violation.value)
    if wanted == "integer" and isinstance(violation.value, float):
        found = f"{violation.value}"
    message = f"{_subject(pointer)} must be {WORDS[wanted]}, not {found}"
    text = corrected(document.source(pointer), violation.value, wanted)
    fix = None if text is None else edits.replaced(document, pointer, text)
    hint = instead(document, pointer, violation.value, wanted)
    return document.finding(Code.WRONG_TYPE, pointer, message, hint, fix=fix)


def _of_choice(document: Document, pointer: Pointer, value: Value, choices: list[str]) -> Finding:
    shown = kind_of(value) if isinstance(value, dict | list) else f"`{clipped(document.source(pointer))}`"
    message = f"{_subject(pointer)} must be one of {', '.join(choices)}, not {shown}"
    meant = ""
    if isinstance(value, str):
        others = (advice.TYPES.get(value.lower()), advice.PHASES.get(value.lower()))
        meant = next((other for other in others if other in choices), "") or advice.closest(value, choices)
    hint = f"did you mean `{meant}`?" if meant else "write one of these"
    # What a vendor's word for a state stands for is for the page to say.
    fix = edits.replaced(document, pointer, meant, is_safe=pointer[-1:] != ("phase",)) if meant else None
    return document.finding(Code.NOT_A_CHOICE, pointer, message, hint, fix=fix)


def _of_parameter_type(document: Document, pointer: Pointer, value: Value) -> Finding:
    if not isinstance(value, list):
        return _of_choice(
            document, pointer, value, ["string", "integer", "number", "boolean", "array", "object"]
        )
    if None in value:
        message = "YAML reads an unquoted null as no value, but here it is the name of a type"
        null = (*pointer, value.index(None))
        fix = edits.replaced(document, null, '"null"') if document.source(null) else None
        return document.finding(Code.WRONG_TYPE, null, message, 'quote it: "null"', fix=fix)
    message = f'{_subject(pointer)} is a list, which must be one type and "null"'
    return document.finding(
        Code.NOT_A_CHOICE, pointer, message, 'write one type, or [string, "null"] where null is allowed'
    )


def _of_repeated_item(document: Document, pointer: Pointer, violation: Violation) -> Finding:
    first = violation.value.index(violation.value[pointer[-1]])
    return document.finding(
        Code.REPEATED_ITEM,
        pointer,
        f"`{clipped(document.source(pointer))}` stands in {_subject(pointer[:-1])} twice",
        "remove one of the two",
        related=(document.related((*pointer[:-1], first), "the first one is here"),),
        fix=edits.removed_item(document, pointer),
    )


def _of_bound(document: Document, pointer: Pointer, violation: Violation) -> Finding:
    limit, hint = _BOUNDS[violation.keyword]
    message = f"{_subject(pointer)} must {limit.format(violation.argument)}"
    return document.finding(Code.OUT_OF_BOUNDS, pointer, message, hint)


_BOUNDS: Final = {
    "minimum": ("be at least {}", "write a number within the range"),
    "maximum": ("be at most {}", "write a number within the range"),
    "exclusiveMinimum": ("be over {}", "write a number within the range"),
    "minLength": ("not be empty", "write a text, or remove the key"),
    "maxLength": ("have at most {} characters", "shorten it"),
    "minItems": ("not be empty", "write at least one item, or remove the key"),
    "maxItems": (
        "have at most {} items",
        "no page lists that many; list the first ones, with `open: true` in an enum",
    ),
    "maxProperties": ("have at most {} members", "no page has that many; look for what was repeated"),
    "minProperties": ("not be empty", "write at least one key below it, or remove it"),
}


def _subject(pointer: Pointer) -> str:
    """What a value is called in messages: the spec, a parameter, or a key."""
    if not pointer:
        return "the spec"
    if pointer[0] != "parameters" or len(pointer) == 1:
        return f"`{_dotted(pointer)}`"
    name, rest = clipped(str(pointer[1])), pointer[2:]
    while rest and (rest[0] == "items" or (rest[0] == "properties" and len(rest) > 1)):
        name, rest = (
            (f"{name}[]", rest[1:]) if rest[0] == "items" else (f"{name}.{clipped(str(rest[1]))}", rest[2:])
        )
    return f"`{_dotted(rest)}` of parameter `{name}`" if rest else f"parameter `{name}`"


def _dotted(pointer: Pointer) -> str:
    steps = (f"[{step}]" if isinstance(step, int) else f".{clipped(step)}" for step in pointer)
    return "".join(steps).removeprefix(".")


def _section(pointer: Pointer, schema: dict[str, Any]) -> str:
    """The title of a schema or, where it has none, the key that it belongs to."""
    return str(schema.get("title") or pointer[-1])


def _first_key(pointer: Pointer, value: dict[str, Value]) -> Pointer:
    """Where a missing key is reported: at the first one that is there, else at the empty mapping."""
    return (*pointer, next(iter(value))) if value else pointer
