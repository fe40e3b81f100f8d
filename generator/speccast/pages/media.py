"""What a page says of content that a text contains: its kind, the forms in which the API takes it, and limits.

    `image_url`, uri                          an image as URL
    "Input image, URL or base64"              an image as URL or base64
    "A `.wav` or `.mp3` longer than 15 s"     audio/wav or audio/mpeg, at least 15 seconds

A fact is certain only if type and words leave no other reading; advice ("ideally under 10 MB") and words about output
("format of the generated image") state nothing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from speccast.pages.facts import ABSENT, Fact
from speccast.pages.media_limits import TYPES, limits
from speccast.specs.problems import Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from speccast.core.check import Pointer
    from speccast.pages.facts import Facts

_WORDS: Final = {
    "image": r"images?|pictures?|photos?|photographs?|pics?|img|selfies?|portraits?|masks?|faces?|sketch(?:es)?|frames?|screenshots?",
    "video": r"videos?|films?|movies?|clips?|footage",
    "audio": r"audios?|sounds?|recordings?|voices?|songs?|music|speech|vocals?",
    "document": r"documents?|pdfs?",
}
_STRONG: Final = {
    "image": r"images?|pictures?|photos?|photographs?|selfies?",
    "video": r"videos?|films?|movies?|footage",
    "audio": r"audios?|recordings?|songs?",
    "document": r"documents?|pdfs?",
}
"""Words that alone name a kind of content in a description; others do so in names only."""
_NAME: Final = re.compile(
    rf"(?:.*?[_\W])??(?:{'|'.join(f'(?P<{kind}>{words})' for kind, words in _WORDS.items())})"
    r"(?:[_\W]?(?:urls?|uris?|files?|paths?|links?|input|base64|b64|data|\d+|\[\]))*",
    re.IGNORECASE,
)
"""Names of content, such as `image`, `first_frame_url` and `mask-2`, but not `image_size`."""
_PLURALS: Final = re.compile(r"(?<=[a-z])(?=[A-Z])")
_OF_OUTPUT: Final = re.compile(
    r"\b(?:output|outputs|generated?|resulting|results?|returned?|returns|response|save|format of|number of|size of|aspect|"
    r"resolution of|prompt|describ\w*|style|quality)\b",
    re.IGNORECASE,
)
_OTHER_ADDRESS: Final = re.compile(
    r"(?:web[_ ]?hooks?|callbacks?|notif\w*|loras?|weights?|checkpoints?|models?|web[_ ]?sites?|web[_ ]?pages?|redirect\w*|repo\w*|proxy|endpoint|base_?url|fonts?|archives?|zips?|datasets?)",
    re.IGNORECASE,
)
_NO_CONTENT: Final = re.compile(
    r"(?:.*?[_\W])?(?:ids?|identity|(?:file)?name|prompt|text|content|concept|format|type)", re.IGNORECASE
)
"""Names of texts that are about content, such as `image_id` and `video_prompt`."""
_INPUT: Final = re.compile(
    r"\b(?:input|source|reference|init|initial|starting|first|last|path to|upload\w*)\b", re.IGNORECASE
)
_REFERENCES: Final = re.compile(r"(?:\A|(?<=[.;] ))(?:See|Refer to)\b[^.]*(?:\.|\Z)")
"""Sentences that refer to other pages."""
_FORMS: Final = {
    "data_uri": r"\bdata[ -]?(?:ur[il]s?|:)",
    "base64": r"\bbase[ -]?64\b",
    "url": r"\bur[il]s?\b|\blinks?\b|\bhttps?\b|\bweb address(?:es)?\b",
}
_BASE64: Final = ("base64", "byte")
"""Values of `format` of a text that is base64."""


def add_media(facts: Facts) -> None:
    """Add what the texts of a page say of their content, at every depth."""
    for pointer, fact in list(facts.values.items()):
        if pointer[0] == "parameters" and pointer[-1] == "anyOf" and isinstance(fact.value, list):
            text = _text_at(facts, pointer[:-1], fact)
            branches = [_with_media(branch, text.name, text.description) for branch in fact.value]
            facts.values[pointer] = replace(fact, value=branches)
        if pointer[0] != "parameters" or pointer[-1] != "type" or (*pointer[:-1], "enum") in facts.values:
            continue
        if fact.value not in ("string", ["string", "null"], "file"):
            continue
        place = pointer[:-1]
        for key, found in media_facts(_text_at(facts, place, fact)):
            facts.values.setdefault((*place, key), found)


def _with_media(spec: dict[str, Any], name: str, description: str) -> dict[str, Any]:
    """Return a branch of a union, or a part of one, with what is certain of its content."""
    description = str(spec.get("description", description))
    changed = dict(spec)
    if isinstance(spec.get("items"), dict):
        changed["items"] = _with_media(spec["items"], name, description)
    if isinstance(spec.get("properties"), dict):
        members = spec["properties"].items()
        changed["properties"] = {member: _with_media(inner, member, "") for member, inner in members}
    if isinstance(spec.get("anyOf"), list):
        changed["anyOf"] = [_with_media(branch, name, description) for branch in spec["anyOf"]]
    if spec.get("type") in ("string", ["string", "null"]) and "enum" not in spec:
        values = tuple(_texts_in([spec.get("default"), spec.get("examples")]))
        found = media_facts(MediaText(name, description, str(spec.get("format", "")), values))
        changed |= {key: fact.value for key, fact in found if fact.is_certain and key not in spec}
    return changed


def _text_at(facts: Facts, place: Pointer, fact: Fact) -> MediaText:
    owner = place
    while owner[-1] == "items":  # items have the name and the description of their array
        owner = owner[:-1]
    described = facts.values.get((*place, "description")) or facts.values.get((*owner, "description"))
    values: list[Any] = []
    for pointer in ((*owner, "default"), (*owner, "examples"), ("example", *owner[1:])):
        known = facts.values.get(pointer)
        values += _texts_in(known.value) if known is not None else []
    is_text = described is not None and isinstance(described.value, str)
    return MediaText(
        name=str(owner[-1]),
        description=str(described.value) if described is not None and is_text else "",
        format=str(found.value) if (found := facts.values.get((*place, "format"))) is not None else "",
        values=tuple(values),
        start=described.spans[0].start if described is not None and described.spans else 0,
        span=fact.spans[0] if fact.spans else None,
        is_file=fact.value == "file",
    )


def _texts_in(value: Any) -> list[str]:
    if isinstance(value, list):
        return [text for item in value for text in _texts_in(item)]
    return [value] if isinstance(value, str) else []


@dataclass(frozen=True, slots=True)
class MediaText:
    """What is known of a text before its kind is: its name, and what the page says of it."""

    name: str
    description: str = ""
    format: str = ""
    values: tuple[str, ...] = ()
    """Default and examples."""
    start: int = 0
    """Position of the description on the page."""
    span: Span | None = None
    """Where the parameter is, for facts that are not in the description."""
    is_file: bool = False
    """Whether it is not a text, but a part of a form."""


def kinds_of(text: MediaText) -> Fact | None:
    """Return the kinds of content of a text, as a certain fact or a doubt; None if it is not content."""
    name = _PLURALS.sub("_", text.name)
    found = _NAME.fullmatch(name)
    named = [kind for kind in _WORDS if found is not None and found[kind]]
    shown = {kind for value in text.values if (kind := _kind_of_address(value))}
    said = _kinds_in(text.description)
    is_address = text.format in ("uri", "url") or any(
        re.match(r"(?i)https?://|data:", value) for value in text.values
    )
    is_sent = (
        (text.is_file and bool(said))
        or is_address
        or text.format in _BASE64
        or bool(_forms_in(text.description))
    )
    if text.format == "binary" or _NO_CONTENT.fullmatch(name):
        return None
    is_input = _INPUT.search(text.description) is not None
    if not is_sent and (_OF_OUTPUT.search(text.description) or not (said and is_input)):
        is_plain = re.fullmatch(
            rf"(?i)(?:.*[_\W])?(?:{'|'.join(_STRONG.values())}|masks?)(?:[_\W]?\d+)?", name
        )
        if _OF_OUTPUT.search(text.description) or not named or not is_plain:
            return None
    if not (named or shown or is_address) and re.search(
        r"(?i)\b(?:generated|returned|resulting|output)\b", text.description
    ):
        return None
    if _OTHER_ADDRESS.search(name) or (not named and not shown and _OTHER_ADDRESS.search(text.description)):
        return None
    spans = (text.span,) if text.span is not None else ()
    kinds = _alternatives(text.description) or (named or sorted(shown) or said)[:1]
    if not kinds:
        return None
    fact = Fact(kinds[0] if len(kinds) == 1 else kinds, spans)
    others = [kind for kind in (*sorted(shown), *(() if named or shown else said)) if kind not in kinds]
    if others:
        return fact.with_doubt("the page also speaks of another kind of content", [*others, ABSENT])
    if is_sent and (named or shown or not _OF_OUTPUT.search(text.description)):
        return fact
    if named and not text.description:
        return fact.with_doubt("only the name says so", [ABSENT])
    return fact.with_doubt("the page does not say that this is content, not words about it", [ABSENT])


def media_facts(text: MediaText) -> Iterator[tuple[str, Fact]]:
    """Yield the keys of a text that contains media, with `media` first."""
    media = kinds_of(text)
    if text.is_file and (media is None or not media.is_certain):
        yield from limits(text.description, (), text.start)
        return
    if media is None:
        return
    if not media.is_certain:
        yield "media", media.elsewhere(media.reason)
        return
    yield "media", media
    forms = _forms_in(text.description) or (["base64"] if text.format in _BASE64 else [])
    if forms and not text.is_file and (forms != ["url"] or text.format not in ("uri", "url")):
        yield "forms", Fact(forms, (Span(text.start, text.start + len(text.description)),))
    kinds = media.value if isinstance(media.value, list) else [media.value]
    yield from limits(text.description, kinds, text.start)


def _kinds_in(description: str) -> list[str]:
    """Return the kinds that a description names, in its order."""
    places = {
        kind: match.start()
        for kind, words in _STRONG.items()
        if (match := re.search(rf"(?i)\b(?:{words})\b", description))
    }
    return sorted(places, key=lambda kind: places[kind])


def _alternatives(description: str) -> list[str]:
    """Return the kinds of `image or video`."""
    every = "|".join(_STRONG.values())
    match = re.search(rf"(?i)\b({every})\s*(?:/|or|,)\s*({every})\b", description)
    if match is None:
        return []
    kinds = list(dict.fromkeys(kind for word in match.groups() for kind in _kinds_in(word)))
    return kinds if len(kinds) > 1 else []


def _kind_of_address(value: str) -> str:
    if match := re.match(r"(?i)data:(image|video|audio)/|data:application/(pdf)", value):
        return match[1].lower() if match[1] else "document"
    if not re.match(r"(?i)https?://", value):
        return ""
    try:
        path = urlsplit(value).path
    except ValueError:
        return ""
    return TYPES.get(path.rpartition(".")[2].lower(), ("",))[0]


def _forms_in(description: str) -> list[str]:
    """Return the forms that a description names, in its order. A base64 data URI is one form."""
    places: dict[str, int] = {}
    rest = _REFERENCES.sub("", description)
    for form, words in _FORMS.items():
        match = re.search(
            f"(?i)(?:base[ -]?64[ -](?:encoded )?)?(?:{words})" if form == "data_uri" else f"(?i){words}",
            rest,
        )
        if match is not None:
            places[form] = match.start()
            rest = rest[: match.start()] + " " * len(match[0]) + rest[match.end() :]
    return sorted(places, key=lambda form: places[form])
