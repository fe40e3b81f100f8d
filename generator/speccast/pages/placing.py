"""Turns the parameters that were found on a page into facts of a spec, each at its place."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from speccast.core.values import is_kind
from speccast.pages.facts import ABSENT, Fact, Facts
from speccast.pages.literals import other_values
from speccast.pages.nesting import Nesting, in_order, is_container, names_within, nest
from speccast.pages.parameters import parameter_facts, sample_facts
from speccast.pages.values import LABELS
from speccast.specs.problems import Span

if TYPE_CHECKING:
    from collections.abc import Container, Mapping, Sequence

    from speccast.core.check import Pointer
    from speccast.pages.entries import Entry
    from speccast.pages.facts import Capture
    from speccast.pages.literals import SampleValue
    from speccast.pages.samples import Sample

_BREAKS_OFF: Final = "the page breaks off here"
_DEEPER: Final = "it can be a member of the object, or of the member before it"


def add_parameters(
    capture: Capture,
    text: str,
    entries: Sequence[Entry],
    sample: Sample | None,
    section: Span,
    *,
    is_ordered: bool,
) -> None:
    """Add the parameters of a list. `is_ordered` is whether pages sort such a list."""
    members: Mapping[str, SampleValue] = sample.members if sample else {}
    breaks_off = bool(entries) and entries[-1].is_cut
    nesting = nest(entries, members, is_ordered=is_ordered)
    top = [entry for index, entry in enumerate(entries) if index not in nesting.owners]
    misplaced = _find_misplaced(top, members) if is_ordered else frozenset()
    counts: Counter[str] = Counter()
    for index, entry in enumerate(entries):
        if index in nesting.owners:
            continue
        counts[entry.name] += 1
        if counts[entry.name] > 1:
            if counts[entry.name] == 2:
                _doubt_repeated(capture.facts, entry)
            continue
        pointer: Pointer = ("parameters", entry.name)
        facts = _entry_facts(text, entry, members.get(entry.name), section)
        _add_format(facts, members.get(entry.name))
        if (doubt := _doubt_of_name(entry, misplaced)) is not None:
            facts["type",] = facts["type",].with_doubt(doubt)
        capture.documented.add(entry.name)
        if not entry.is_cut:
            capture.complete.add(entry.name)
        _add_all(capture.facts, pointer, facts)
        if nesting.members(index):
            sent = members[entry.name].value if entry.name in members else None
            _Members(capture.facts, text, entries, nesting, section).add(index, _base(entry), sent)
    _add_alternatives(capture.facts, entries, nesting)
    if breaks_off:
        where = entries[-1].unread or Span(section.end - 1, section.end)
        capture.facts.remarks.append((f"the page breaks off in or after `{entries[-1].name}`", where))
    elif not entries and text[section.start : section.end].strip():
        capture.facts.remarks.append(("no parameter can be read", section))


def _find_misplaced(top: Sequence[Entry], sent: Container[str]) -> frozenset[Span]:
    """Return the names that break the order of the list, so that they may be wrong, except those that the sample sends."""
    keys = [(entry.requirement, entry.name) for entry in top]
    if in_order(keys):
        return frozenset()
    return frozenset(
        entry.name_span
        for index, entry in enumerate(top)
        if entry.name not in sent and in_order([*keys[:index], *keys[index + 1 :]])
    )


def _doubt_of_name(entry: Entry, misplaced: Container[Span]) -> str | None:
    """Return why the name of a parameter may be wrong; None if it is certain."""
    if entry.other_names:
        return f"the name is not certain; it can also be {' or '.join(entry.other_names)}"
    return "the name breaks the order of the page" if entry.name_span in misplaced else None


def _doubt_repeated(facts: Facts, entry: Entry) -> None:
    pointer: Pointer = ("parameters", entry.name, "type")
    facts.remarks.append((f"`{entry.name}` is documented twice", entry.name_span))
    if pointer in facts.values:
        facts.doubt(pointer, "the parameter is documented twice")


def _add_format(facts: dict[tuple[str, ...], Fact], sample: SampleValue | None) -> None:
    """Add the format of a list of texts if the sample sends addresses, which the page does not say."""
    is_texts = facts.get(("items", "type")) == Fact("string", facts["type",].spans)
    sent = sample.value if sample is not None and isinstance(sample.value, list) else []
    if is_texts and sent and all(isinstance(each, str) and re.match("https?://", each) for each in sent):
        assert sample is not None
        fact = Fact("uri", (sample.span,)).with_doubt("the sample sends addresses", [ABSENT])
        facts.setdefault(("items", "format"), fact)


def _entry_facts(
    text: str, entry: Entry, sample: SampleValue | None, section: Span
) -> dict[tuple[str, ...], Fact]:
    facts = parameter_facts(entry, sample)
    if entry.is_cut:
        _mark_cut(text, entry, facts, section)
    elif entry.unread is not None:
        for key in ("default", "enum", "minimum"):
            facts.setdefault((key,), Fact(ABSENT, (entry.unread,), reason="cannot be read"))
    return facts


def _mark_cut(text: str, entry: Entry, facts: dict[tuple[str, ...], Fact], section: Span) -> None:
    """Doubt what touches the end of a page that breaks off, and mark what can be missing."""
    end = section.start + len(text[section.start : section.end].rstrip())
    unread = entry.unread
    rest = text[unread.start : unread.end].strip() if unread else ""
    if _begins_name(rest):
        entry.is_cut = False  # the name of the next parameter begins, so this one is complete
        _doubt_glued_word(entry, facts)
        if entry.block.captions and ("enum",) in facts:
            facts["enum",] = facts["enum",].with_doubt(
                "the page breaks off here, perhaps before another value"
            )
        return
    touches = unread.start if unread and rest else end
    value_touches = section.start + len(text[section.start : touches].rstrip())
    for key, fact in list(facts.items()):
        limit = value_touches if key in (("examples",), ("enum",)) else touches
        if key != ("required",) and fact.spans and max(span.end for span in fact.spans) >= limit:
            text_ends = fact.spans[-1].end
            if key == ("type",) and entry.description:
                continue
            if key == ("default",) and text[text_ends - 1] in '"]}' and entry.block.is_labelled:
                continue
            # A list that may follow makes a default of what is printed after a required parameter.
            facts[key] = fact.with_doubt(_BREAKS_OFF, [ABSENT] if key == ("examples",) else [])
    _mark_cut_list(text, entry, facts, end)
    _mark_missing(entry, facts, end)


def _mark_missing(entry: Entry, facts: dict[tuple[str, ...], Fact], end: int) -> None:
    """Mark the keys that can follow behind the end of the page."""
    block = entry.block
    is_number = facts["type",].value in ("integer", "number")
    expected = ["default", "enum", *(["minimum", "maximum"] if is_number else [])]
    if block.default or block.low:
        expected.remove("default")
    if block.low and block.high:
        expected = []
    if not entry.description and not facts.get(("default",)):
        expected.insert(0, "description")
    for name in expected:
        facts.setdefault((name,), Fact(ABSENT, (Span(end - 1, end),), reason=_BREAKS_OFF))


def _begins_name(rest: str) -> bool:
    """Return whether a page breaks off in the name of the next parameter, not in a number or in a label."""
    if not re.match(r"[A-Za-z_$][\w.-]*(?:\s*(?:required|optional)?[\w \n()\[\]]*)?\Z", rest):
        return False
    # A word such as `or` shows that what precedes it is a description, as in `"a" or "b"`.
    return not re.fullmatch(r"e[+-]?|or?|and?|a", rest) and not any(
        label.startswith(rest) or rest.startswith(label) for label in LABELS
    )


def _doubt_glued_word(entry: Entry, facts: dict[tuple[str, ...], Fact]) -> None:
    """Doubt a last value such as `null` if it can be the beginning of the name behind it, which breaks off."""
    block = entry.block
    tokens = [*block.tokens, *block.values, *([block.default] if block.default else [])]
    last = max(tokens, key=lambda token: token.span, default=None)
    if entry.unread is None or last is None or last.text not in ("true", "false", "null"):
        return
    if last.span.end != entry.unread.start:
        return
    for key in ("default", "enum", "type"):
        if (key,) in facts:
            value = facts[key,].value
            readings: list[Any] = [ABSENT] if key == "default" else [value]
            if key == "type" and isinstance(value, list):
                readings = [value[0]]
            elif key == "enum" and isinstance(value, list):
                readings = [[each for each in value if each is not last.value]]
            facts[key,] = facts[key,].with_doubt("the value can be the beginning of the next name", readings)


def _mark_cut_list(text: str, entry: Entry, facts: dict[tuple[str, ...], Fact], end: int) -> None:
    """Doubt a type or a list of values that can go on behind the end of the page."""
    rest = text[entry.type_span.end : end]
    if re.fullmatch(r"\[?(?: ?\([a-z0-9_-]*)?", rest) and facts["type",].is_certain:
        facts["type",] = facts["type",].with_doubt(_BREAKS_OFF)
    if not entry.description and "\n" not in rest:  # it can be a description that begins like values
        for name in ("default", "examples", "enum", "minimum", "maximum"):
            if (name,) in facts:
                facts[name,] = facts[name,].with_doubt(_BREAKS_OFF, [ABSENT])
    block = entry.block
    if block.tokens and not (block.is_labelled or block.more or block.low):
        for name in ("default", "examples", "enum"):
            if (name,) in facts and facts[name,].is_certain:
                facts[name,] = facts[name,].with_doubt(_BREAKS_OFF, [ABSENT])


def _add_all(facts: Facts, pointer: Pointer, added: Mapping[tuple[str, ...], Fact]) -> None:
    for key, fact in added.items():
        facts.add((*pointer, *key), fact)


@dataclass(frozen=True)
class _Members:
    """Adds the members of parameters."""

    facts: Facts
    text: str
    entries: Sequence[Entry]
    nesting: Nesting
    section: Span

    def add(self, index: int, base: Pointer, sent: Any) -> None:
        """Add the members of an object. Those behind a member that can have members itself may belong to that one.

        Args:
            index: the parameter or member whose members are added.
            base: pointer of the object.
            sent: what the sample sends.
        """
        if base[-1] == "items" and (*base, "type") not in self.facts.values:
            self.facts.add((*base, "type"), Fact("object", (self.entries[index].type_span,)))
        names = names_within(sent)
        inner: Pointer = ()
        names_inside: set[str] = set()
        for each in self.nesting.members(index):
            member = self.entries[each]
            own = _entry_facts(self.text, member, None, self.section)
            place: Pointer = (*base, "properties", member.name)
            if inner and member.name not in names:
                other: Pointer = (*inner, "properties", member.name)
                if member.name in names_inside:
                    place, other = other, place
                own = {key: fact.with_doubt(_DEEPER, [ABSENT]) for key, fact in own.items()}
                _add_all(self.facts, other, {key: fact.elsewhere(_DEEPER) for key, fact in own.items()})
            _add_all(self.facts, place, own)
            if not is_container(member):
                continue
            inside = _member(sent, member.name)
            if self.nesting.members(each):
                self.add(each, (*place, *_base(member)[2:]), inside)
            elif not member.layout.is_flat:
                inner = (*base, "properties", member.name, *_base(member)[2:])
                names_inside = names_within(inside) - names


def _member(sent: Any, name: str) -> Any:
    for each in sent if isinstance(sent, list) else [sent]:
        if isinstance(each, dict) and name in each:
            return each[name]
    return None


def _base(owner: Entry) -> Pointer:
    """Return the pointer of the object whose members follow a parameter."""
    is_array = owner.type.endswith("[]") or owner.type in ("array", "list")
    return ("parameters", owner.name, "items") if is_array else ("parameters", owner.name)


def _add_alternatives(facts: Facts, entries: Sequence[Entry], nesting: Nesting) -> None:
    """Doubt every fact of a parameter that can also be a member of another one, and add it at its other places."""
    by_parameter: dict[Pointer, list[Pointer]] = {}
    for pointer in facts.values:
        by_parameter.setdefault(pointer[:2], []).append(pointer)
    for index, owners in nesting.alternatives.items():
        name = entries[index].name
        places: dict[int | None, Pointer] = {None: ("parameters", name)}
        for owner in {nesting.owners.get(index), *owners} - {None}:
            assert owner is not None
            places[owner] = (*_base(entries[owner]), "properties", name)
        here = places[nesting.owners.get(index)]
        for pointer in by_parameter.get(here[:2], ()):
            if pointer[: len(here)] != here:
                continue
            fact = facts.values[pointer]
            reason = "it can be a parameter, or a member of the one before it"
            facts.doubt(pointer, reason, [ABSENT])
            for owner in owners:
                elsewhere = (*places[owner], *pointer[len(here) :])
                facts.values.setdefault(elsewhere, fact.elsewhere(reason))


def add_example(capture: Capture, sample: Sample, *, breaks_off: bool) -> None:
    """Add the values that a sample sends, and the parameters that only the sample has."""
    facts = capture.facts
    for name, each in sample.members.items():
        pointer = ("parameters", name, "type")
        if each.is_file:
            _add_file(facts, name, each)
        else:
            facts.add(("example", name), _example(each))
        if pointer not in facts.values:
            added = sample_facts(each)
            if capture.has_parameters and not breaks_off:
                added["type",] = added["type",].with_doubt("only in the sample")
            _add_all(facts, ("parameters", name), added)
        elif capture.has_parameters and not each.is_file:
            known = facts.values[pointer]
            if known.is_certain and not _has_type(each.value, known.value) and each.is_exact:
                doubt = f"the sample sends a value that is not of the type {known.value}"
                facts.doubt(("example", name), doubt)
    if not sample.is_complete:
        facts.remarks.append(("the sample breaks off", sample.span))
        last = next(reversed(sample.members), None)
        if last is not None and ("example", last) in facts.values:
            facts.doubt(("example", last), "the sample breaks off")


def _example(value: SampleValue) -> Fact:
    fact = Fact(value.value, (value.span,))
    if value.is_text and (others := other_values(str(value.value))):
        fact = fact.with_doubt("a form sends texts: the page does not say the type", others)
    if not value.is_exact:
        fact = fact.with_doubt("the sample computes the value, or another sample sends another one")
    return fact


def _add_file(facts: Facts, name: str, value: SampleValue) -> None:
    """Make a parameter a file if the page calls it something else, with a doubt."""
    for pointer in (("parameters", name, "items", "type"), ("parameters", name, "type")):
        known = facts.values.get(pointer)
        if known is None or known.value == "array":
            continue
        if known.value != "file":
            file = Fact("file", (*known.spans, value.span), known.readings, known.reason)
            doubt = f"the page says {known.value}, and the sample sends a file"
            facts.add(pointer, file.with_doubt(doubt, [known.value]))
        return


def _has_type(value: Any, kinds: Any) -> bool:
    """Return whether a value has a type, or one of several."""
    listed = kinds if isinstance(kinds, list) else [kinds]
    return any(value is None if kind == "null" else is_kind(value, kind) for kind in listed)
