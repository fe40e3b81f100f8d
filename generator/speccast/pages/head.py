"""Reads what a page says beside its parameters: title, description, addresses, responses, price and latency."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Final

from speccast.pages.answers import agree, with_placeholders
from speccast.pages.facts import Fact, Facts
from speccast.specs.problems import Span

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from speccast.pages.apis import ApiPaths

ENDPOINT: Final = re.compile(
    r"API Endpoint\s*(?:POST|GET|PUT)?\s*(?P<url>https?://\S+?)(?=\s*Parameters[ \t]*\n|\s)"
)
_RETURNS: Final = re.compile(
    r"(?:Returns: |(?m:^(?:Response|Output)(?: [Tt]ype)?: )(?=(?:image|video|audio|application)/))(?P<kind>[^\n]+)"
)
_MEDIA: Final = re.compile(r"(?m)^RESPONSE[ \t]*\n(?P<kind>[\w.+-]+/[\w.+*-]+)[ \t]*$")
_MEDIA_TYPE: Final = re.compile(r"(?:image|video|audio|text|application)/[a-z0-9.+-]+")
_FORMAT: Final = re.compile(r"Response Format[ \t]*\n\s*(?=[{\[])")
_STATES: Final = re.compile(r"Status states[ \t]*\n\s*(?P<states>(?:[A-Z][A-Z_]+[^\n]*(?:\n|\Z))+)")
_STATE: Final = re.compile(r"(?m)^(?P<name>[A-Z][A-Z_]*[A-Z])(?=[A-Z][a-z]|[^A-Z_a-z]|$)")
_CALL: Final = re.compile(r"\b(?:POST)\s*(?P<path>/[\w./-]+)")
_URL: Final = re.compile(r"\burl\s*=\s*[\"'](?P<url>https?://[^\"'\s]+)[\"']")
_WAIT: Final = re.compile(r"\bwait\(timeout=(?P<deadline>[\d.]+), interval=(?P<interval>[\d.]+)\)")
_TIME: Final = r"\d+(?:\.\d+)?[ \t]?(?:ms|s|secs?|seconds?|m|mins?|minutes?|h|hours?)\b"
_CODE_IN_LINE: Final = r"(?<=[^\n])[ \t]1(?:import|from|const|#|curl|var|let|//)[^\w]"
"""Code that begins on the line of the text before it: `~$0.03 1import requests`."""
_STOPS: Final = rf"(?=[ \t]*$|{_CODE_IN_LINE})"
_LATENCY_LINE: Final = (
    rf"(?:~[ \t]?{_TIME}(?:[ \t]?{_TIME})?(?:[ \t]?[-\u2013][ \t]?~?{_TIME})?|\d+(?:\.\d+)?[ \t]?m?s){_STOPS}"
)
_PRICE_LABEL: Final = r"(?i:pric(?:e|ing)|costs?)[ \t]?:[ \t]?"
_AMOUNT: Final = r"\$[ \t]?\d[\d.,]*"
_PRICE_LINE: Final = (
    rf"(?:{_PRICE_LABEL})?(?:~?[ \t]?{_AMOUNT}[^\n]*?|(?i:from|starting (?:at|from)|up to|about)[ \t]~?{_AMOUNT}"
    rf"(?:[ \t]?(?:-|\u2013|to)[ \t]?{_AMOUNT})?(?:[ \t]?(?:/|per\b)[^\n.]{{1,40}}?)?){_STOPS}"
)
_LATENCY: Final = re.compile(rf"(?m)^{_LATENCY_LINE}")
_PRICE: Final = re.compile(rf"(?m)^{_PRICE_LINE}")
_CODE_LINE: Final = (
    r"[ \t]*1[ \t]?(?:import|from|const|#|curl|var|let|//)|1 2 3 |curl |import [\w{*]|from \S+ import |const \w+ ="
    r"|(?:url|api_key|headers|data|payload) ?= ?[\"'{]|API Endpoint|Parameters[ \t]*$|RESPONSE$|Attributes$"
)
_CODE: Final = re.compile(rf"(?m)^(?:{_CODE_LINE})|{_CODE_IN_LINE}")
_HEADING: Final = r"(?i:(?:(?:example|sample|api|http|code)[ \t])?(?:requests?|examples?|samples?|usage|endpoint|authentication)|quick[ -]?start)[ \t]*:?[ \t]*$"
"""Headings of what stands behind a description."""
_HEAD_ENDS: Final = re.compile(
    rf"(?m)^(?:{_LATENCY_LINE}|{_PRICE_LINE}|{_CODE_LINE}|{_HEADING}|API Format:|(?:POST|GET)(?:[ \t]*$| ?/)|#|[^\n]*[|\u2502])|{_CODE_IN_LINE}"
)

_ADDRESS_LINE: Final = re.compile(r"(?:POST|GET|PUT)[ \t]*https?://\S+")

KINDS: Final[Mapping[str, tuple[str, ...]]] = {
    "image": ("image/jpeg", "image/png", "image/webp"),
    "video": ("video/mp4",),
    "audio": ("audio/mpeg", "audio/wav"),
    "text/json": ("application/json", "image/jpeg", "image/png", "video/mp4", "audio/mpeg", "audio/wav"),
    "json": ("application/json",),
    "text": ("text/plain",),
}
"""What a page says that a model returns, and the media types that it can mean."""


def read_head(facts: Facts, text: str, start: int, end: int) -> None:
    """Read title, description, latency and price, which precede the sample."""
    stop = _HEAD_ENDS.search(text, start, end)
    head = text[start : stop.start() if stop else end]
    lines = [
        (match.start() + start, line)
        for match in re.finditer(r"[^\n]+", head)
        if (line := match[0].strip())
        and not _ADDRESS_LINE.fullmatch(line)
        and (line[0], line[-1]) != ("(", ")")
    ]
    if lines and lines[0][1] != "API Endpoint":
        at, title = lines[0]
        facts.add(("title",), Fact(title, (_span(text, at, title),)))
        if len(lines) > 1:
            first, last = lines[1][0], lines[-1]
            span = Span(_span(text, first, lines[1][1]).start, _span(text, *last).end)
            described = "\n".join(line for _, line in lines[1:])
            fact = Fact(described, (span,))
            if len(lines) > 2:
                fact = fact.with_doubt("the description has several lines", [lines[1][1]])
            facts.add(("description",), fact if stop else fact.with_doubt("the page breaks off here"))
    if ("title",) not in facts.values and ("slug",) in facts.values:
        slug = facts.values["slug",]
        facts.add(("title",), slug.with_doubt("the page has no title; this is the slug"))
    code = _CODE.search(text, start, end)
    for key, pattern in (("latency", _LATENCY), ("price", _PRICE)):
        if (match := pattern.search(text, start, code.start() if code else end)) is not None:
            printed = re.sub(rf"^{_PRICE_LABEL}", "", match[0].strip())
            facts.add((key,), Fact(printed, (_span(text, match.start(), printed),)))


def _span(text: str, at: int, line: str) -> Span:
    begin = text.index(line, at)
    return Span(begin, begin + len(line))


def read_endpoint(facts: Facts, text: str, start: int, end: int, paths: ApiPaths) -> None:
    """Read slug and surfaces from the addresses of a page."""
    addresses = _addresses(text, start, end, paths)
    # A path with more parts than the template is a slug with slashes, unless another path fits the template.
    found = _on_surfaces(addresses, paths) or _on_surfaces(addresses, paths, has_parts=True)
    slugs: dict[str, list[Span]] = {}
    surfaces: dict[str, list[Span]] = {}
    for slug, surface, span in found:
        slugs.setdefault(slug, []).append(span)
        surfaces.setdefault(surface, []).append(span)
    if not slugs:
        for path, span, is_address in addresses:
            segment = path.rstrip("/").rsplit("/", 1)[-1]
            if not is_address or not re.fullmatch(r"[\w.-]+", segment):
                continue
            slugs.setdefault(segment, []).append(span)
            if paths.sync or paths.submit:
                facts.remarks.append((f"the path {path} is not one of the API's paths", span))
    if not slugs:
        return
    slug, spans = next(iter(slugs.items()))
    fact = Fact(slug, tuple(spans))
    if len(slugs) > 1:
        fact = fact.with_doubt("the page has addresses of several models", list(slugs))
    if "/" in slug:
        reason = "the address has several parts that can name the model"
        fact = fact.with_doubt(reason, [slug.rsplit("/", 1)[-1]])
    facts.add(("slug",), fact)
    has_endpoint = ENDPOINT.search(text, start, end) is not None
    facts.add(("surfaces",), _surfaces(surfaces, tuple(spans[:1]), has_endpoint=has_endpoint))


def _on_surfaces(
    addresses: Sequence[tuple[str, Span, bool]], paths: ApiPaths, *, has_parts: bool = False
) -> list[tuple[str, str, Span]]:
    """Return slug and surface of the addresses that are paths of the API."""
    found = []
    for path, span, _ in addresses:
        for surface, template in (("sync", paths.sync), ("async", paths.submit)):
            slug = slug_in(path, template, has_parts=has_parts)
            if slug is not None:
                found.append((slug, surface, span))
                break
    return found


def _addresses(text: str, start: int, end: int, paths: ApiPaths) -> list[tuple[str, Span, bool]]:
    """Return the paths of a page, and whether each is part of an address."""
    found: list[tuple[str, Span, bool]] = []
    endpoint = ENDPOINT.search(text, start, end)
    for match in [*([endpoint] if endpoint else []), *_URL.finditer(text, start, end)]:
        url = match["url"].removesuffix("Parameters")
        span = Span(match.start("url"), match.start("url") + len(url))
        found.append((re.sub(r"^https?://[^/]+", "", url), span, True))
    found += [(match["path"], Span(*match.span("path")), False) for match in _CALL.finditer(text, start, end)]
    if paths.base_url and not any(_slug_of(path, paths) for path, _, _ in found):
        own = re.compile(re.escape(paths.base_url.rstrip("/")) + r"(/[\w./-]*\w)")
        found += [(match[1], Span(*match.span()), False) for match in own.finditer(text, start, end)]
    return found


def _surfaces(found: Mapping[str, list[Span]], spans: tuple[Span, ...], *, has_endpoint: bool) -> Fact:
    names = [name for name in ("sync", "async") if name in found]
    if not names:
        reason = "the paths of the API are not known, or none of them is on the page"
        return Fact(["sync"], spans, (["async"], ["sync", "async"]), reason)
    fact = Fact(names, tuple(span for name in names for span in found[name][:1]))
    if names == ["async"] and not has_endpoint:
        return fact.with_doubt("the page breaks off before the address of its endpoint", [["sync", "async"]])
    return fact


def _slug_of(path: str, paths: ApiPaths) -> str | None:
    return slug_in(path, paths.sync) or slug_in(path, paths.submit)


def slug_in(path: str, template: str, *, has_parts: bool = False) -> str | None:
    """Return the slug in a path, or None if it is another path. A slug of several parts contains slashes."""
    if "{slug}" not in template:
        return None
    before, after = template.split("{slug}", 1)
    part = r"[A-Za-z0-9][\w.-]*"
    slug = rf"{part}(?:/{part})*" if has_parts else part
    match = re.fullmatch(rf"{re.escape(before)}({slug}){re.escape(after)}", path)
    return match[1] if match else None


def read_response(facts: Facts, text: str, start: int, end: int, paths: ApiPaths) -> None:
    found = _MEDIA.search(text, start, end) or _RETURNS.search(text, start, end)
    if found is not None:
        facts.add(("returns",), _returns(found, end))
    if (shown := _FORMAT.search(text, start, end)) is not None:
        try:
            body, stop = json.JSONDecoder().raw_decode(text, shown.end())
            answer = with_placeholders(Fact(body, (Span(shown.end(), stop),)))
            if not any(agree(body, known) for known in paths.answers):
                facts.add(("answers", "sync", "body"), answer)
        except (ValueError, RecursionError):
            facts.remarks.append(("the sample response cannot be read", Span(shown.start(), shown.end())))
    listed = _STATES.search(text, start, end)
    if listed is not None and (states := _states(listed, paths)) is not None:
        facts.add(("states",), states)
    if (wait := _WAIT.search(text, start, end)) is not None:
        span = (Span(*wait.span()),)
        for key, usual in (("deadline", paths.deadline), ("interval", paths.interval)):
            if (seconds := float(wait[key])) != usual:
                facts.add(("wait", key), Fact(seconds, span))


def _returns(found: re.Match[str], end: int) -> Fact:
    """Return what a model returns, from a media type or from words such as `image`."""
    kind = found["kind"].strip()
    types = re.split(r"\s*(?:,|\bor\b|\band\b)\s*", kind)
    where = (Span(*found.span("kind")),)
    if found.re is _MEDIA or all(each != "text/json" and _MEDIA_TYPE.fullmatch(each) for each in types):
        fact = Fact(types, where)
        return fact.with_doubt("the page breaks off here") if found.end() == end else fact
    first, *others = KINDS.get(kind.lower(), ("application/json", "image/jpeg"))
    reason = f'the page says "{found[0].strip()}", which is not a media type'
    return Fact([first], where).with_doubt(reason, [[each] for each in others])


def _states(listed: re.Match[str], paths: ApiPaths) -> Fact | None:
    """Return the states of jobs that a page lists. They are doubtful where `api.yaml` has others."""
    names = {
        match["name"]: Span(*match.span()) for match in _STATE.finditer(listed.string, *listed.span("states"))
    }
    if not names:
        return None
    fact = Fact(list(names), tuple(names.values()))
    reasons = [
        f"the page lists the state {name}, which api.yaml does not have"
        for name in names
        if name not in paths.states
    ]
    reasons += [
        f"api.yaml has the state {name}, which the page does not list"
        for name in paths.states
        if name not in names
    ]
    return fact.with_doubt("; ".join(reasons)) if reasons and paths.states else fact
