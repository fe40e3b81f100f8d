"""Compares a page with the spec that was written from it: what the page adds, lacks and states differently.

Only what is certain on the page counts; the layout does not. A spec may differ on purpose: where it says so, in
`documented_as` or by quoting the page in the nearest `note`, there is no difference.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from speccast.pages.answers import agree
from speccast.pages.facts import ABSENT, Status
from speccast.pages.keys import KEYS, MEDIA_KEYS, MODEL_KEYS
from speccast.pages.spec_facts import is_same, spec_facts
from speccast.specs.jsonschema import PIXEL_LIMITS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from speccast.core.check import Pointer
    from speccast.pages.facts import Fact
    from speccast.pages.reader import Page

ADDED: Final = "D108"
LACKS: Final = "D109"
DIFFERS: Final = "D110"

_WORDS: Final = {
    "minimum": ("minimum", "range", "limit"),
    "maximum": ("maximum", "range", "limit"),
    "multipleOf": ("multiple", "step"),
    "maxLength": ("length", "characters"),
    "enum": ("values", "enum"),
    "hidden_values": ("values",),
    "examples": ("example", "examples"),
    "format": ("format",),
    "media": ("contains", "content"),
    "forms": ("address", "base64", "data URI", "data URIs"),
    "max_size": ("size", "bytes"),
    **dict.fromkeys(PIXEL_LIMITS, ("pixels", "resolution")),
    **dict.fromkeys(("min_duration", "max_duration"), ("seconds", "duration")),
}
"""Words of a note that say that the page lacks a key, besides the key itself."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One difference. `page` is what the page states, `spec` what the spec has; both can be ABSENT.

    A difference that is not certain has a doubtful fact, none of whose readings is the value of the spec.
    """

    rule: str
    pointer: Pointer
    page: Any
    spec: Any
    fact: Fact | None = None
    text: str = ""
    """What to report instead of the values."""

    @property
    def is_certain(self) -> bool:
        return self.fact is None or self.fact.status is Status.CERTAIN

    @property
    def message(self) -> str:
        if self.text:
            return self.text
        name = "`" + ".".join(_format_steps(self.pointer)) + "`"
        if self.rule == ADDED:
            return f"the page documents {name}, which the spec does not have"
        if self.rule == LACKS:
            return f"the page does not document {name}"
        if self.page is ABSENT:
            return f"the page has no {name}; the spec has {_format(self.spec)}"
        if self.pointer[-1] == "enum" and isinstance(self.page, list) and isinstance(self.spec, list):
            return f"{_list_changes(self.page, self.spec)} as {name}{'' if self.is_certain else ' (or another reading of it)'}"
        has = "the spec has none" if self.spec is ABSENT else f"the spec has {_format(self.spec)}"
        doubt = "" if self.is_certain else " (or another reading of it)"
        return f"the page has {_format(self.page)}{doubt} as {name}; {has}"


def differences(page: Page, spec: dict[str, Any]) -> Iterator[Difference]:
    """Yield the differences between a page and its spec, in the order of the page, then of the spec."""
    other = _other_model(page.facts.values, spec)
    yield from [other] if other is not None else _differences(page, spec)


def _differences(page: Page, spec: dict[str, Any]) -> Iterator[Difference]:
    facts = page.facts.values
    have = dict(spec_facts(spec))
    added: set[str] = set()
    for pointer, fact in facts.items():
        if pointer[0] == "parameters" and str(pointer[1]) not in spec.get("parameters", {}):
            name = str(pointer[1])
            if name not in added and fact.is_certain and name in page.documented:
                added.add(name)
                yield Difference(ADDED, ("parameters", name), ABSENT, ABSENT, fact)
            continue
        if pointer == ("states",) and not fact.is_certain:
            yield Difference(DIFFERS, ("surfaces",), fact.value, ABSENT, fact, fact.reason)
        if not _is_compared(pointer, page, have) or pointer == ("returns",):
            continue
        expected = have.get(pointer, ABSENT)
        if not (_agrees(fact, expected, pointer, have) or _is_explained(spec, pointer, fact.value)):
            yield Difference(DIFFERS, pointer, fact.value, expected, fact)
    if page.is_cut or not page.documented:
        return
    printed = {pointer: fact.value for pointer, fact in facts.items()}
    lacking: set[Pointer] = set()
    for pointer, expected in have.items():
        if pointer in facts:
            continue
        if pointer[0] == "parameters" and not _is_documented(pointer, facts):
            owner = _owner(pointer, facts)
            if owner not in lacking and not _note(spec, owner):
                yield Difference(LACKS, owner, ABSENT, expected)
            lacking.add(owner)
            continue
        # A page that says nothing certain about content is not a reason to remove what a person wrote.
        is_stated = len(pointer) > 1 and pointer[-1] not in (*MEDIA_KEYS, "events")
        is_compared = is_stated and _is_compared(pointer, page, have)
        is_known = _is_at_other_place(pointer, expected, printed) or _is_explained(spec, pointer, ABSENT)
        if is_compared and not is_known:
            yield Difference(DIFFERS, pointer, ABSENT, expected)


def _other_model(facts: Mapping[Pointer, Fact], spec: dict[str, Any]) -> Difference | None:
    """Return the only difference of a page that documents another model. A person has to find the right page."""
    slug = facts.get(("slug",))
    expected = spec.get("slug", ABSENT)
    if slug is None or expected in (slug.value, *slug.readings) or _is_explained(spec, ("slug",), slug.value):
        return None
    text = f"the page documents the model {_format(slug.value)}, not {_format(expected)}"
    return Difference(DIFFERS, ("slug",), slug.value, expected, slug.with_doubt(text), text)


def _is_compared(pointer: Pointer, page: Page, have: Mapping[Pointer, Any]) -> bool:
    if pointer[-1] in MEDIA_KEYS and (*pointer[:-1], "media") not in have:
        return False  # a rule of the linter asks for `media`
    if pointer[0] == "parameters":
        return pointer[-1] in KEYS and str(pointer[1]) in page.documented
    return pointer[0] in ("example", "wait", "answers") or (pointer[0] in MODEL_KEYS and len(pointer) == 1)


def _agrees(fact: Fact, expected: Any, pointer: Pointer, have: dict[Pointer, Any]) -> bool:
    if any(is_same(each, expected) for each in (fact.value, *fact.readings)):
        return True
    if pointer[-1] == "forms" and expected is ABSENT:  # the default of an address, else any form
        return have.get((*pointer[:-1], "format")) != "uri"
    if pointer[-1] in ("media", "forms", "media_types"):  # their order says nothing
        return _as_set(fact.value) == _as_set(expected)
    if pointer[0] == "answers":  # without one in the spec, that of the API counts
        if pointer[-1] == "events" and expected is not ABSENT:
            return len(fact.value) == len(expected) and all(map(agree, fact.value, expected))
        return expected is ABSENT or agree(fact.value, expected)
    if _is_at_other_place(pointer, fact.value, have):
        return True
    if fact.status is Status.MISSING:
        return not fact.readings
    return fact.status is Status.AMBIGUOUS and not fact.readings


def _as_set(value: Any) -> set[Any]:
    return set(value) if isinstance(value, list) else {value}


def _is_at_other_place(pointer: Pointer, value: Any, values: Mapping[Pointer, Any]) -> bool:
    """Return whether a default is an example, or the reverse: what is printed after a required parameter can be either."""
    if pointer[-1] not in ("default", "examples"):
        return False
    other = values.get((*pointer[:-1], "examples" if pointer[-1] == "default" else "default"), ABSENT)
    return is_same(other, [value]) or is_same([other], value)


def _owner(pointer: Pointer, facts: dict[Pointer, Fact]) -> Pointer:
    """Return the pointer of the outermost parameter or member that a page does not document."""
    for length in range(2, len(pointer) + 1):
        part = pointer[:length]
        if part[-2] in ("parameters", "properties") and not any(each[:length] == part for each in facts):
            return part
    return pointer[:-1]


def _is_documented(pointer: Pointer, facts: dict[Pointer, Fact]) -> bool:
    owner = pointer[:-1]
    return any(each[: len(owner)] == owner for each in facts)


def _note(spec: dict[str, Any], pointer: Pointer) -> str:
    """Return the nearest note: that of the parameter or member, or of the model for its own keys."""
    node: Any = spec
    note = "" if pointer[0] == "parameters" else str(spec.get("note", ""))
    for step in pointer:
        node = node.get(step) if isinstance(node, dict) else None
        if isinstance(node, dict) and isinstance(node.get("note"), str) and "type" in node:
            note = node["note"]
    if pointer[0] == "example" and len(pointer) > 1:
        parameter = spec.get("parameters", {}).get(pointer[1], {})
        note = f"{note} {parameter.get('note', '')}"
    return note


def _is_explained(spec: dict[str, Any], pointer: Pointer, value: Any) -> bool:
    """Return whether a note says that the page states `value`, or that it lacks the key if the value is ABSENT."""
    note = _note(spec, pointer)
    if not note:
        return False
    if pointer[-1] == "required":
        words: tuple[str, ...] = ("required",) if value is True else ("optional",)
    elif value is ABSENT:
        words = _WORDS.get(str(pointer[-1]), (str(pointer[-1]),))
    else:
        values = value if isinstance(value, list) and value else [value]
        words = tuple(each if isinstance(each, str) else json.dumps(each) for each in values)
        return all(_mentions(note, word) for word in words)
    return any(_mentions(note.lower(), word) for word in words)


def _mentions(text: str, word: str) -> bool:
    return bool(word) and re.search(rf"(?<![\w.-]){re.escape(word)}(?![\w]|\.\d)", text) is not None


def _format(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 60 else text[:59] + "…"


def _list_changes(page: list[Any], spec: list[Any]) -> str:
    """Return which values a page has, and which of those of the spec it lacks."""
    more = [each for each in page if each not in spec]
    less = [each for each in spec if each not in page]
    if not more and not less:
        return "the page has another order of the values"
    parts = [f"has also {_format(more)}"] if more else []
    parts += [f"does not have {_format(less)}"] if less else []
    return f"the page {' and '.join(parts)}"


def _format_steps(pointer: Pointer) -> list[str]:
    return [str(step) for step in pointer if step not in ("parameters", "properties")]
