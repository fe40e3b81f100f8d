"""Checks a document against the format's JSON Schema, and explains each error in plain words.

The schemas in `schema/` are the only definition of the format, including examples and hints (`hints`). Each error of the
validator becomes one finding at the most exact position: an unknown key at the key, a value at the value, a missing key at
the first key of the mapping that lacks it.
"""

from __future__ import annotations

import json
from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING, Final

from speccast.core.suggestions import closest
from speccast.specs import edits, hints, page_words
from speccast.specs.codes import FindingCode
from speccast.specs.document import json_pointer, limit_findings
from speccast.specs.problems import shorten_value
from speccast.specs.schema_errors import is_valid, resolve_reference, schema, schema_errors
from speccast.specs.type_hints import WORDS, kind_of, suggest_type, suggest_value

if TYPE_CHECKING:
    from collections.abc import Iterator

    from speccast.core.check import Pointer
    from speccast.findings import Finding
    from speccast.specs.document import Document, Value
    from speccast.specs.schema_errors import Schema, SchemaError, SchemaName

FORMAT: Final = 1
"""The version of the spec format that this program reads."""


def check(document: Document, kind: SchemaName) -> tuple[Finding, ...]:
    """Return everything in a document that the format does not allow, in the order of the text."""
    value = document.value
    if isinstance(value, dict):
        version = value.get("speccast", FORMAT)
        if version != FORMAT or isinstance(version, bool):
            return (_of_version(document, version),)  # what else looks wrong may be right in that version
    if is_valid(kind, value):
        return ()
    findings = (each for error in schema_errors(kind, value) for each in _findings(document, error))
    return limit_findings(_without_repetition(findings))


def _without_repetition(findings: Iterator[Finding]) -> Iterator[Finding]:
    """Drop repeated findings: a value behind an anchor is checked for each alias, but written in one place only."""
    seen: set[tuple[int, int, str, str]] = set()
    for finding in findings:
        place = (finding.line, finding.column, finding.rule, finding.help)
        if place not in seen:
            seen.add(place)
            yield finding


def _findings(document: Document, error: SchemaError) -> Iterator[Finding]:
    """Yield the findings of an error: one, except for several unknown keys in a mapping."""
    match error.keyword:
        case "additionalProperties":
            yield from _of_unknown_keys(document, error)
        case "required":
            yield from _of_missing_key(document, error)
        case "type":
            yield _of_type(document, error)
        case "enum":
            yield _of_choice(document, error, error.schema)
        case "anyOf" if all("required" in each for each in error.argument):
            yield _of_missing_alternatives(document, error)
        case "anyOf":
            yield _of_alternatives(document, error)
        case "pattern":
            yield _of_pattern(document, error)
        case "uniqueItems":
            yield _of_repeated_item(document, error)
        case _:
            yield _of_bound(document, error)


def _of_version(document: Document, version: Value) -> Finding:
    written = shorten_value(document.source(("speccast",)))
    message = f"the spec is for format version `{written}`, but this Speccast reads version {FORMAT}"
    newer = isinstance(version, int | float) and version > FORMAT
    hint = "install a newer Speccast" if newer else f"write `speccast: {FORMAT}`"
    return document.finding(FindingCode.FORMAT_VERSION, ("speccast",), message, hint)


def _of_unknown_keys(document: Document, error: SchemaError) -> Iterator[Finding]:
    pointer, keys = error.pointer, error.schema["properties"]
    meant = _meant_keys(error)
    for key, value in error.value.items():
        if key in keys:
            continue
        hint = hints.suggest_key(key, error.schema)
        if not hint and error.schema.get("title") == "ParameterSpec":
            hint = page_words.limits_advice(key, value, error.value)
        fix = None
        if not hint and key in meant:
            hint = f"did you mean `{meant[key]}`?"
            by_spelling = closest(key, [meant[key]], 0.7) != ""
            fix = edits.rename_key(document, (*pointer, key), meant[key], is_safe=by_spelling)
        hint = hint or _elsewhere(key, error.schema, value) or f"remove it; the keys are {', '.join(keys)}"
        message = f"{_subject(pointer)} has no key `{shorten_value(key)}`"
        yield document.finding(FindingCode.UNKNOWN_KEY, (*pointer, key), message, hint, at_key=True, fix=fix)


def _meant_keys(error: SchemaError) -> dict[str, str]:
    """Return the keys that were probably meant by the first unknown keys of a mapping. Comparing words is slow."""
    keys = error.schema["properties"]
    free = [key for key in keys if key not in error.value]
    unknown = islice((key for key in error.value if key not in keys), 50)
    return {key: meant for key in unknown if (meant := hints.meant_key(key, error.schema, free))}


def _elsewhere(key: str, section: Schema, value: Value) -> str:
    """Return advice on a key in the wrong place, which is mostly due to its indentation."""
    title = section.get("title")
    if title == "ModelSpec" and isinstance(value, dict) and "type" in value:
        return "if it is a parameter, indent it under `parameters:`"
    for shape, place in (
        (schema("model"), "the spec of a model"),
        (schema("model")["$defs"]["parameter"], "a parameter"),
        (schema("api"), "api.yaml"),
    ):
        if shape["title"] != title and key in shape["properties"]:
            return f"it is a key of {place}; move it there, or correct its indentation"
    return ""


def _of_missing_key(document: Document, error: SchemaError) -> Iterator[Finding]:
    missing, value = error.key, error.value
    if "<<" in value or missing in _meant_keys(error).values():
        return  # it is misspelled or merged in, and reported as that
    message = f"{_subject(error.pointer)} lacks the key `{missing}`"
    hint = f"add a line such as `{hints.example_line(missing, error.schema, error.kind)}`"
    finding = document.finding(
        FindingCode.MISSING_KEY, _first_key(error.pointer, value), message, hint, at_key=bool(value)
    )
    yield replace(finding, pointer=json_pointer((*error.pointer, missing)))


def _of_missing_alternatives(document: Document, error: SchemaError) -> Finding:
    keys = [key for each in error.argument for key in each["required"]]
    message = f"{_subject(error.pointer)} lacks one of the keys {' and '.join(f'`{key}`' for key in keys)}"
    meanings = (f"`{key}:` ({_description(error.schema, key)})" for key in keys)
    hint = f"add at least one of them: {', '.join(meanings)}"
    return document.finding(
        FindingCode.MISSING_KEY,
        _first_key(error.pointer, error.value),
        message,
        hint,
        at_key=bool(error.value),
    )


def _description(section: Schema, key: str) -> str:
    description = section["properties"].get(key, {}).get("description", key)
    return str(description).split(": ")[0].rstrip(".")


def _of_type(document: Document, error: SchemaError) -> Finding:
    pointer, value, expected = error.pointer, error.value, error.argument
    if isinstance(expected, list):
        words = " or ".join(WORDS[each] for each in expected)
        message = f"{_subject(pointer)} must be {words}, not {kind_of(value)}"
        return document.finding(FindingCode.WRONG_TYPE, pointer, message, "write one plain value")
    found = f"{value}" if expected == "integer" and isinstance(value, float) else kind_of(value)
    message = f"{_subject(pointer)} must be {WORDS[expected]}, not {found}"
    text = suggest_value(document.source(pointer), value, expected)
    fix = None if text is None else edits.replace_value(document, pointer, text)
    hint = suggest_type(document, pointer, value, expected)
    return document.finding(FindingCode.WRONG_TYPE, pointer, message, hint, fix=fix)


def _of_choice(document: Document, error: SchemaError, choices: Schema) -> Finding:
    value, pointer = error.value, error.pointer
    found = (
        kind_of(value) if isinstance(value, dict | list) else f"`{shorten_value(document.source(pointer))}`"
    )
    message = f"{_subject(pointer)} must be one of {', '.join(choices['enum'])}, not {found}"
    meant = hints.meant_value(value, choices) if isinstance(value, str) else ""
    hint = f"did you mean `{meant}`?" if meant else "write one of these"
    is_safe = not choices.get("x-other-values-are-guesses", False)
    fix = edits.replace_value(document, pointer, meant, is_safe=is_safe) if meant else None
    if (
        pointer[-1:] == ("type",)
        and isinstance(value, str)
        and (advice := page_words.type_advice(value, choices))
    ):
        hint, fix = advice, None
    return document.finding(FindingCode.NOT_A_CHOICE, pointer, message, hint, fix=fix)


def _of_alternatives(document: Document, error: SchemaError) -> Finding:
    """Return the finding of a value that matches none of several schemas, such as a name or a list of names."""
    pointer, value = error.pointer, error.value
    alternatives = [resolve_reference(each, error.kind) for each in error.argument]
    named = next((each for each in alternatives if "enum" in each), None)
    if named is not None and not isinstance(value, list | dict):
        return _of_choice(document, error, named)
    if isinstance(value, list) and None in value:
        message = "YAML reads an unquoted null as no value, but here it is the name of a type"
        null = (*pointer, value.index(None))
        fix = edits.replace_value(document, null, '"null"') if document.source(null) else None
        return document.finding(FindingCode.WRONG_TYPE, null, message, 'quote it: "null"', fix=fix)
    words = [
        ", ".join(each["enum"]) if "enum" in each else WORDS.get(each.get("type", ""))
        for each in alternatives
    ]
    message = f"{_subject(pointer)} must be {' or '.join(filter(None, words))}, not {kind_of(value)}"
    meanings = [each["description"] for each in alternatives if "description" in each]
    if isinstance(value, list) and meanings:
        message = f"{_subject(pointer)} is not a valid list"
    hint = f"a list must be: {meanings[0]}" if meanings else "write one of these"
    if any(each.get("type") == "object" for each in alternatives) and "examples" in error.schema:
        hint = f"such as {json.dumps(error.schema['examples'][0])}"
    return document.finding(FindingCode.NOT_A_CHOICE, pointer, message, hint)


def _of_pattern(document: Document, error: SchemaError) -> Finding:
    meant = hints.in_form(error.value, error.schema)
    form = error.schema.get("patternErrorMessage", f"must match the pattern {error.argument}")
    examples = error.schema.get("examples")
    hint = f"such as {examples[0]}" if examples else "correct the text"
    hint = f"write {shorten_value(meant)}" if meant else hint
    message = f"{_subject(error.pointer)} is `{shorten_value(error.value)}`, but {form}"
    return document.finding(FindingCode.WRONG_FORM, error.pointer, message, hint)


def _of_repeated_item(document: Document, error: SchemaError) -> Finding:
    *above, index = error.pointer
    first = error.value.index(error.value[index])
    return document.finding(
        FindingCode.REPEATED_ITEM,
        error.pointer,
        f"`{shorten_value(document.source(error.pointer))}` is in {_subject(tuple(above))} twice",
        "remove one of the two",
        related=(document.relate((*above, first), "the first one is here"),),
        fix=edits.remove_item(document, error.pointer),
    )


def _of_bound(document: Document, error: SchemaError) -> Finding:
    limit, hint = _BOUNDS.get(error.keyword, (f"satisfy `{error.keyword}`: {{}}", "correct the value"))
    if error.keyword.startswith("min") and error.argument == 1 and error.keyword != "minimum":
        limit, hint = "not be empty", "add something, or remove the key"
    message = f"{_subject(error.pointer)} must {limit.format(error.argument)}"
    return document.finding(FindingCode.OUT_OF_BOUNDS, error.pointer, message, hint)


_RANGE: Final = "write a number within the range"
_BOUNDS: Final = {
    "minimum": ("be at least {}", _RANGE),
    "maximum": ("be at most {}", _RANGE),
    "exclusiveMinimum": ("be greater than {}", _RANGE),
    "exclusiveMaximum": ("be less than {}", _RANGE),
    "multipleOf": ("be a multiple of {}", "write a multiple"),
    "minLength": ("have at least {} characters", "write a longer text"),
    "maxLength": ("have at most {} characters", "shorten it"),
    "minItems": ("have at least {} items", "add the missing ones"),
    "maxItems": ("have at most {} items", "keep the first ones; an enum can have `open: true`"),
    "minProperties": ("have at least {} members", "add the missing ones"),
    "maxProperties": ("have at most {} members", "no page has that many; look for repetitions"),
}
"""What a value must do to be within a bound, and what to do about one that is not."""


def _subject(pointer: Pointer) -> str:
    """Return what a value is called in messages: the spec, a parameter, or a key."""
    if not pointer:
        return "the spec"
    if pointer[0] != "parameters" or len(pointer) == 1:
        return f"`{_format_name(pointer)}`"
    name, rest = shorten_value(str(pointer[1])), pointer[2:]
    while rest and (rest[0] == "items" or (rest[0] in ("properties", "anyOf") and len(rest) > 1)):
        if rest[0] == "items":
            name, rest = f"{name}[]", rest[1:]
        elif rest[0] == "anyOf":
            rest = rest[2:]
        else:
            name, rest = f"{name}.{shorten_value(str(rest[1]))}", rest[2:]
    return f"`{_format_name(rest)}` of parameter `{name}`" if rest else f"parameter `{name}`"


def _format_name(pointer: Pointer) -> str:
    steps = (f"[{step}]" if isinstance(step, int) else f".{shorten_value(step)}" for step in pointer)
    return "".join(steps).removeprefix(".")


def _first_key(pointer: Pointer, value: dict[str, Value]) -> Pointer:
    """Return where a missing key is reported: at the first one that is there, else at the empty mapping."""
    return (*pointer, next(iter(value))) if value else pointer
