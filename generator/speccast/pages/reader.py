"""Reads the text of a page: every fact of a model spec with the characters it came from.

A page can hold several captures of the same text. Each is read by itself, then they are merged: captures that agree confirm
each other, and captures that disagree make a fact ambiguous.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from speccast.pages import entries as modern
from speccast.pages.facts import ABSENT, Absent, Fact, Facts, Pointer, Span
from speccast.pages.layouts import LAYOUTS, attributes
from speccast.pages.nesting import Nesting, in_order, nest
from speccast.pages.parameters import ORDER, parameter_facts, sample_facts
from speccast.pages.samples import Sample, SampleValue, samples
from speccast.pages.text import PageText, captures

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from speccast.pages.entries import Entry

_ENDPOINT: Final = re.compile(
    r"API Endpoint\s*(?:POST|GET|PUT)?\s*(?P<url>https?://\S+?)(?=\s*Parameters[ \t]*\n|\s|\Z)"
)
_PARAMETERS: Final = re.compile(
    r"Parameters[ \t]*\n(?=\s*(?:[\w.\-$]+\s*(?:required|optional)|\Z))|(?m:^Parameters[ \t]*\n)"
)
_END: Final = re.compile(
    r"Response (?:Type\s*\n\s*Returns|Format[ \t]*\n)|Asynchronous requests \(|Common Error Codes[ \t]*\n"
)
_FINISHED: Final = re.compile(r"Request timed out\s*\Z|any disruptions in your API usage\.\s*\Z")
_RETURNS: Final = re.compile(r"Returns: (?P<kind>[^\n]+)")
_MEDIA: Final = re.compile(r"(?m)^RESPONSE[ \t]*\n(?P<media>[\w.+-]+/[\w.+*-]+)[ \t]*$")
_FORMAT: Final = re.compile(r"Response Format[ \t]*\n\s*(?=[{\[])")
_CALL: Final = re.compile(r"\b(?:POST)\s*(?P<path>/[\w./-]+)")
_URL: Final = re.compile(r"\burl\s*=\s*[\"'](?P<url>https?://[^\"'\s]+)[\"']")
_WAIT: Final = re.compile(r"\bwait\(timeout=(?P<deadline>[\d.]+), interval=(?P<interval>[\d.]+)\)")
_LATENCY: Final = re.compile(r"(?m)^~\d+(?:\.\d+)?s$")
_PRICE: Final = re.compile(r"(?m)^~?\$\d[^\n]*$")
_HEAD_ENDS: Final = re.compile(
    r"(?m)^(?:~\d[\d.]*s|~?\$\d|API Format:|API Endpoint|(?:POST|GET)(?: /|[ \t]*$)|RESPONSE$|Attributes$"
    r"|[ \t]*1[ \t]?(?:import|from|const|#|curl|var|let|//)|1 2 3 )"
)

KINDS: Final[Mapping[str, tuple[str, ...]]] = {
    "image": ("image/jpeg", "image/png", "image/webp"),
    "video": ("video/mp4",),
    "audio": ("audio/mpeg", "audio/wav"),
    "text/json": ("application/json", "image/jpeg", "image/png", "video/mp4", "audio/mpeg", "audio/wav"),
    "json": ("application/json",),
    "text": ("text/plain",),
}
"""What a page says that a model returns, and the media types that it can mean."""


@dataclass(frozen=True, slots=True)
class ApiPaths:
    """What is known of an API when its pages are read: the address and the paths of its surfaces."""

    base_url: str = ""
    sync: str = ""
    submit: str = ""


@dataclass
class Capture:
    """One capture: its facts, the parameters that it has completely, and whether it breaks off."""

    facts: Facts
    complete: set[str] = field(default_factory=set)
    documented: set[str] = field(default_factory=set)
    is_cut: bool = False
    has_parameters: bool = False
    layouts: set[str] = field(default_factory=set)


@dataclass(frozen=True)
class Page:
    """A page that was read."""

    source: PageText
    facts: Facts
    layouts: frozenset[str]
    is_cut: bool
    documented: frozenset[str] = frozenset()

    @property
    def is_page(self) -> bool:
        """Whether the text documents a model: it has an address, and parameters or a sample."""
        values = self.facts.values
        return ("slug",) in values and any(pointer[0] in ("parameters", "example") for pointer in values)


def read_page(source: PageText, paths: ApiPaths | None = None) -> Page:
    """Read a page. Text that is not a page has no facts; nothing in a text raises an exception."""
    read = [
        _read_capture(source.text, start, end, paths or ApiPaths()) for start, end in captures(source.text)
    ]
    read = [capture for capture in read if capture.facts.values]
    merged = _merge(read)
    if ("slug",) in merged.values and ("returns",) not in merged.values:
        readings = [[media] for media in KINDS["text/json"][1:]]
        unknown = Fact(["application/json"]).doubted("the page does not say what it returns", readings)
        merged.add(("returns",), unknown)
    for remark in source.remarks:
        merged.remarks.insert(0, (remark, None))
    layouts = frozenset(name for capture in read for name in capture.layouts)
    documented = frozenset(name for capture in read for name in capture.documented)
    return Page(source, merged, layouts, any(capture.is_cut for capture in read), documented)


def _read_capture(text: str, start: int, end: int, paths: ApiPaths) -> Capture:
    capture = Capture(Facts())
    part = text[start:end]
    found = list(samples(text, start, end))
    sample = _agreed(found, capture.facts)
    section, capture.is_cut, is_older = _section(text, start, end)
    capture.is_cut = capture.is_cut or not _FINISHED.search(part)
    _read_endpoint(capture.facts, text, start, end, paths)
    _read_head(capture.facts, text, start, end)
    _read_response(capture.facts, text, start, end)
    if section is not None:
        capture.has_parameters = True
        breaks = section.end == end and not _FINISHED.search(part)
        if is_older:
            entries = attributes.find_entries(text, section, _names(found), is_cut=breaks)
        else:
            headers = [header for layout in LAYOUTS for header in layout.headers(text, section)]
            entries = modern.find_entries(text, section, headers, _names(found), is_cut=breaks)
        capture.layouts = {entry.layout.name for entry in entries}
        _add_parameters(capture, text, entries, sample, section, is_ordered=not is_older)
    if sample is not None:
        _add_example(capture, sample, breaks_off=section is None or section.end == end)
    return capture


def _section(text: str, start: int, end: int) -> tuple[Span | None, bool, bool]:
    """Return the part with the parameters, whether it breaks off, and whether it is of the older kind."""
    if (older := attributes.SECTION.search(text, start, end)) is not None:
        stop = attributes.END.search(text, older.end(), end)
        return Span(older.end(), stop.start() if stop else end), stop is None, True
    endpoint = _ENDPOINT.search(text, start, end)
    first = _PARAMETERS.search(text, endpoint.end() if endpoint else start, end)
    if first is None:
        return None, True, False
    stop = _END.search(text, first.end(), end)
    return Span(first.end(), stop.start() if stop else end), stop is None, False


def _names(found: Iterable[Sample]) -> set[str]:
    names: set[str] = set()

    def collect(value: Any) -> None:
        if isinstance(value, dict):
            for name, inner in value.items():
                names.add(str(name))
                collect(inner)
        elif isinstance(value, list):
            for inner in value:
                collect(inner)

    for sample in found:
        collect({name: each.value for name, each in sample.members.items()})
    return names


def _agreed(found: list[Sample], facts: Facts) -> Sample | None:
    """Return the sample of a capture. Of several, the first complete one counts; others must send the same."""
    if not found:
        return None
    chosen = next((sample for sample in found if sample.is_complete), found[0])
    sent = {name: each.value for name, each in chosen.members.items()}
    for other in found:
        sends = {name: each.value for name, each in other.members.items()}
        if other.is_complete and chosen.is_complete and sends != sent:
            facts.remarks.append(("two samples of the page send different requests", other.span))
            for name in chosen.members:
                if other.members.get(name) is None or other.members[name].value != chosen.members[name].value:
                    value = chosen.members[name]
                    chosen.members[name] = SampleValue(value.value, value.span, is_exact=False)
            break
    return chosen


def _read_head(facts: Facts, text: str, start: int, end: int) -> None:
    """Read title, description, latency and price, which stand before the sample."""
    stop = _HEAD_ENDS.search(text, start, end)
    head = text[start : stop.start() if stop else end]
    lines = [
        (match.start() + start, match[0].strip())
        for match in re.finditer(r"[^\n]+", head)
        if match[0].strip()
    ]
    lines = [(at, line) for at, line in lines if not line.startswith("(") or not line.endswith(")")]
    if lines and lines[0][1] != "API Endpoint":
        at, title = lines[0]
        facts.add(("title",), Fact(title, (_span(text, at, title),)))
        if len(lines) > 1:
            first, last = lines[1][0], lines[-1]
            span = Span(_span(text, first, lines[1][1]).start, _span(text, *last).end)
            described = "\n".join(line for _, line in lines[1:])
            fact = Fact(described, (span,))
            facts.add(("description",), fact if stop else fact.doubted("the page breaks off here"))
    if ("title",) not in facts.values and ("slug",) in facts.values:
        slug = facts.values["slug",]
        facts.add(("title",), slug.doubted("the page has no title; this is the slug"))
    for key, pattern in (("latency", _LATENCY), ("price", _PRICE)):
        if (match := pattern.search(text, start, end)) is not None:
            facts.add((key,), Fact(match[0], (Span(*match.span()),)))


def _span(text: str, at: int, line: str) -> Span:
    begin = text.index(line, at)
    return Span(begin, begin + len(line))


def _read_endpoint(facts: Facts, text: str, start: int, end: int, paths: ApiPaths) -> None:
    """Read slug and surfaces from the addresses of a page."""
    slugs: dict[str, list[Span]] = {}
    surfaces: dict[str, list[Span]] = {}
    is_known = bool(paths.sync or paths.submit)
    places: list[tuple[str, Span, bool]] = []
    endpoint = _ENDPOINT.search(text, start, end)
    for match in [*([endpoint] if endpoint else []), *_URL.finditer(text, start, end)]:
        url = match["url"].removesuffix("Parameters")
        places.append(
            (
                re.sub(r"^https?://[^/]+", "", url),
                Span(match.start("url"), match.start("url") + len(url)),
                True,
            )
        )
    places += [
        (match["path"], Span(*match.span("path")), False) for match in _CALL.finditer(text, start, end)
    ]
    for path, span, is_address in places:
        for surface, template in (("sync", paths.sync), ("async", paths.submit)):
            slug = _slug_in(path, template)
            if slug is not None:
                slugs.setdefault(slug, []).append(span)
                surfaces.setdefault(surface, []).append(span)
                break
        else:
            segment = path.rstrip("/").rsplit("/", 1)[-1]
            if is_address and (not is_known or not slugs) and re.fullmatch(r"[\w.-]+", segment):
                slugs.setdefault(segment, []).append(span)
                if is_known:
                    facts.remarks.append((f"the path {path} is none of the API's paths", span))
    if not slugs:
        return
    slug, spans = next(iter(slugs.items()))
    fact = Fact(slug, tuple(spans))
    if len(slugs) > 1:
        fact = fact.doubted("the page has addresses of several models", list(slugs))
    facts.add(("slug",), fact)
    names = [name for name in ("sync", "async") if name in surfaces]
    found = tuple(span for name in names for span in surfaces[name][:1])
    if not names:
        facts.add(
            ("surfaces",),
            Fact(
                ["sync"],
                tuple(spans[:1]),
                (["async"], ["sync", "async"]),
                "the paths of the API are not known",
            ),
        )
    elif names == ["async"] and endpoint is None:
        facts.add(
            ("surfaces",),
            Fact(["async"], found).doubted(
                "the page breaks off before the address of its endpoint", [["sync", "async"]]
            ),
        )
    else:
        facts.add(("surfaces",), Fact(list(names), found))


def _slug_in(path: str, template: str) -> str | None:
    if "{slug}" not in template:
        return None
    before, after = template.split("{slug}", 1)
    match = re.fullmatch(re.escape(before) + r"([A-Za-z0-9][\w.-]*)" + re.escape(after), path)
    return match[1] if match else None


def _read_response(facts: Facts, text: str, start: int, end: int) -> None:
    if (media := _MEDIA.search(text, start, end)) is not None:
        facts.add(("returns",), Fact([media["media"]], (Span(*media.span("media")),)))
    elif (said := _RETURNS.search(text, start, end)) is not None:
        kind = said["kind"].strip()
        possible = KINDS.get(kind.lower(), ("application/json", "image/jpeg"))
        readings = [[each] for each in possible[1:]]
        reason = f'the page says "Returns: {kind}", which is not a media type'
        facts.add(("returns",), Fact([possible[0]], (Span(*said.span("kind")),)).doubted(reason, readings))
    if (shown := _FORMAT.search(text, start, end)) is not None:
        try:
            body, stop = json.JSONDecoder().raw_decode(text, shown.end())
            facts.add(("answers", "sync", "body"), Fact(body, (Span(shown.end(), stop),)))
        except (ValueError, RecursionError):
            facts.remarks.append(("the sample response cannot be read", Span(shown.start(), shown.end())))
    if (wait := _WAIT.search(text, start, end)) is not None:
        span = (Span(*wait.span()),)
        facts.add(("wait", "deadline"), Fact(float(wait["deadline"]), span))
        facts.add(("wait", "interval"), Fact(float(wait["interval"]), span))


def _add_parameters(
    capture: Capture,
    text: str,
    entries: Sequence[Entry],
    sample: Sample | None,
    section: Span,
    *,
    is_ordered: bool,
) -> None:
    members: Mapping[str, SampleValue] = sample.members if sample else {}
    breaks_off = bool(entries) and entries[-1].is_cut
    nesting = nest(entries, members, is_ordered=is_ordered)
    inside = {member for group in nesting.members for member in group}
    top = [entry for index, entry in enumerate(entries) if index not in inside]
    holds = not is_ordered or in_order([(entry.requirement, entry.name) for entry in top])
    seen: set[str] = set()
    for index, entry in enumerate(entries):
        if index in inside:
            continue
        pointer: Pointer = ("parameters", entry.name)
        if entry.name in seen:
            capture.facts.remarks.append((f"`{entry.name}` is documented twice", entry.name_span))
            if (*pointer, "type") in capture.facts.values:
                capture.facts.doubt((*pointer, "type"), "the parameter is documented twice")
            continue
        seen.add(entry.name)
        facts = _entry_facts(text, entry, members.get(entry.name), section)
        _add_format(facts, members.get(entry.name))
        if entry.other_names or (
            not holds and _breaks_order(top, entry) and not _is_confirmed(entry, members)
        ):
            others = [f"it can also be {' or '.join(entry.other_names)}"] if entry.other_names else []
            reason = (
                "; ".join(["the name is not certain", *others])
                if others
                else "the name breaks the order of the page"
            )
            facts["type",] = facts["type",].doubted(reason)
        capture.documented.add(entry.name)
        if not entry.is_cut:
            capture.complete.add(entry.name)
        _add_all(capture.facts, pointer, facts)
        if nesting.members[index]:
            _add_members(
                capture.facts, text, entry, [entries[each] for each in nesting.members[index]], section
            )
    _add_alternatives(capture.facts, entries, nesting)
    last = entries[-1] if entries else None
    if last is not None and breaks_off:
        where = last.unread or Span(section.end - 1, section.end)
        capture.facts.remarks.append((f"the page breaks off in or after `{last.name}`", where))
    elif not entries and text[section.start : section.end].strip():
        capture.facts.remarks.append(("no parameter can be read", section))


def _add_format(facts: dict[tuple[str, ...], Fact], sample: SampleValue | None) -> None:
    """Add the format of a list of texts if the sample sends addresses, which the page does not say."""
    is_texts = facts.get(("items", "type")) == Fact("string", facts["type",].spans)
    sent = sample.value if sample is not None and isinstance(sample.value, list) else []
    if is_texts and sent and all(isinstance(each, str) and re.match("https?://", each) for each in sent):
        assert sample is not None
        fact = Fact("uri", (sample.span,)).doubted("the sample sends addresses", [ABSENT])
        facts.setdefault(("items", "format"), fact)


def _is_confirmed(entry: Entry, members: Mapping[str, SampleValue]) -> bool:
    return entry.name in members


def _breaks_order(top: Sequence[Entry], entry: Entry) -> bool:
    """Return whether the list is in order without one parameter, which must then be wrong."""
    rest = [(other.requirement, other.name) for other in top if other is not entry]
    return in_order(rest)


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
    rest = text[entry.unread.start : entry.unread.end].strip() if entry.unread else ""
    if (
        rest
        and re.match(r"[\w.-]+(?:\s*(?:required|optional)?[\w \n()\[\]]*)?\Z", rest)
        and not rest[0].isdigit()
    ):
        entry.is_cut = False  # the name of the next parameter begins, so this one is complete
        return
    reason = "the page breaks off here"
    touches = end if not rest else entry.unread.start if entry.unread else end
    for key, fact in list(facts.items()):
        if key != ("required",) and fact.spans and max(span.end for span in fact.spans) >= touches:
            text_ends = fact.spans[-1].end
            if key == ("type",) and entry.description:
                continue
            if (
                key in (("default",), ("examples",))
                and text[text_ends - 1] in '"]}'
                and entry.block.is_labelled
            ):
                continue
            facts[key] = fact.doubted(reason)
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
        facts.setdefault((name,), Fact(ABSENT, (Span(end - 1, end),), reason=reason))


def _add_all(facts: Facts, pointer: Pointer, added: Mapping[tuple[str, ...], Fact]) -> None:
    for key, fact in added.items():
        facts.add((*pointer, *key), fact)


def _add_members(facts: Facts, text: str, owner: Entry, members: Sequence[Entry], section: Span) -> None:
    base = _base(owner)
    if len(base) > 2 and (*base, "type") not in facts.values:
        facts.add((*base, "type"), Fact("object", (owner.type_span,)))
    for member in members:
        _add_all(facts, (*base, "properties", member.name), _entry_facts(text, member, None, section))


def _base(owner: Entry) -> Pointer:
    """Return the pointer of the object whose members follow a parameter."""
    is_array = owner.type.endswith("[]") or owner.type in ("array", "list")
    return ("parameters", owner.name, "items") if is_array else ("parameters", owner.name)


def _add_alternatives(facts: Facts, entries: Sequence[Entry], nesting: Nesting) -> None:
    """Doubt every fact of a parameter that can also be a member of another one, and add it at its other places."""
    for index, owners in nesting.alternatives.items():
        name = entries[index].name
        places: dict[int | None, Pointer] = {None: ("parameters", name)}
        for owner in {nesting.owner(index), *owners} - {None}:
            assert owner is not None
            places[owner] = (*_base(entries[owner]), "properties", name)
        here = places[nesting.owner(index)]
        for pointer, fact in list(facts.values.items()):
            if pointer[: len(here)] != here:
                continue
            reason = "it can be a parameter, or a member of the one before it"
            facts.doubt(pointer, reason, [ABSENT])
            for owner in owners:
                elsewhere = (*places[owner], *pointer[len(here) :])
                facts.values.setdefault(elsewhere, Fact(ABSENT, fact.spans, (fact.value,), reason))


def _add_example(capture: Capture, sample: Sample, *, breaks_off: bool) -> None:
    facts = capture.facts
    for name, each in sample.members.items():
        fact = Fact(each.value, (each.span,))
        if not each.is_exact:
            fact = fact.doubted("the sample computes the value, or another sample sends another one")
        facts.add(("example", name), fact)
        pointer = ("parameters", name, "type")
        if pointer not in facts.values:
            added = sample_facts(each)
            if capture.has_parameters and not breaks_off:
                added["type",] = added["type",].doubted("only in the sample")
            _add_all(facts, ("parameters", name), added)
        elif capture.has_parameters:
            known = facts.values[pointer]
            if known.is_certain and not _is_valid(each.value, known.value) and each.is_exact:
                facts.doubt(
                    ("example", name), f"the sample sends a value that is not of the type {known.value}"
                )
    if not sample.is_complete:
        facts.remarks.append(("the sample breaks off", sample.span))
        for name in list(sample.members)[-1:]:
            facts.doubt(("example", name), "the sample breaks off")


def _is_valid(value: Any, kind: Any) -> bool:
    kinds = kind if isinstance(kind, list) else [kind]
    if value is None:
        return "null" in kinds
    if isinstance(value, bool):
        return "boolean" in kinds
    if isinstance(value, int):
        return "integer" in kinds or "number" in kinds
    if isinstance(value, float):
        return "number" in kinds or ("integer" in kinds and value.is_integer())
    if isinstance(value, list):
        return "array" in kinds
    return ("object" if isinstance(value, dict) else "string") in kinds


TOP: Final = (
    "slug",
    "title",
    "description",
    "surfaces",
    "returns",
    "price",
    "latency",
    "wait",
    "answers",
    "parameters",
    "example",
)


def _merge(read: Sequence[Capture]) -> Facts:
    """Merge the captures of a page into one."""
    merged = Facts()
    for capture in read:
        merged.remarks += [remark for remark in capture.facts.remarks if remark not in merged.remarks]
    documented = {name for capture in read for name in capture.documented}
    pointers: dict[Pointer, None] = {}
    for capture in sorted(read, key=lambda each: -len(each.documented)):
        for pointer in capture.facts.values:
            pointers.setdefault(pointer)
    for pointer in sorted(pointers, key=lambda each: TOP.index(str(each[0]))):
        is_parameter = pointer[0] == "parameters"
        name = str(pointer[1]) if is_parameter else ""
        sides: list[Fact | None] = []
        for capture in read:
            if is_parameter and name in documented and name not in capture.documented:
                continue  # a sample says less than the documentation
            fact = capture.facts.values.get(pointer)
            if fact is not None:
                sides.append(fact)
            elif is_parameter and name in capture.complete:
                sides.append(None)
        fact = _merged(sides)
        if fact is not None:
            merged.add(pointer, fact)
    return merged


def _merged(sides: Sequence[Fact | None]) -> Fact | None:
    facts = [fact for fact in sides if fact is not None]
    if len(sides) < 2 or not facts:
        return facts[0] if facts else None
    certain = [fact for fact in facts if fact.is_certain]
    if len(facts) < len(sides):  # a complete capture does not have it
        if not certain:
            return None
        return certain[0].doubted("another capture of the page does not have it", [ABSENT])
    if not certain:
        best = next((fact for fact in facts if fact.value is not ABSENT), facts[0])
        return best.doubted("", [fact.value for fact in facts])
    first = certain[0]
    spans = tuple(dict.fromkeys(span for fact in certain if fact.value == first.value for span in fact.spans))
    others = [fact.value for fact in certain if not _equal(fact.value, first.value)]
    merged = Fact(first.value, spans)
    return merged.doubted("captures of the page disagree", others) if others else merged


def _equal(one: Any, other: Any) -> bool:
    return bool(one == other) and type(one) is type(other)


__all__ = ["KINDS", "ORDER", "Absent", "ApiPaths", "Page", "read_page"]
