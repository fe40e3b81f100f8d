"""Makes an answer of a spec from the sample response of a page: the output becomes a placeholder.

A text is certain to be the output if it is a file by its own characters (an address with the extension of a picture, a data URI),
or the text of a model where chat APIs have it. Everything else stays as the page prints it.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from speccast.core.answers import is_placeholder

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from speccast.core.check import Pointer
    from speccast.pages.facts import Fact

_FILE: Final = re.compile(
    r"https?://\S+\.(?:png|jpe?g|webp|gif|avif|mp4|webm|mov|mp3|wav|flac|ogg|glb|svg|pdf|zip)(?:[?#]\S*)?",
    re.IGNORECASE,
)
_DATA_URI: Final = re.compile(r"data:[\w.+-]+/[\w.+-]+;base64,\S*", re.IGNORECASE)
_ADDRESS: Final = re.compile(r"https?://\S+")
_TEXTS: Final = (("choices", 0, "message", "content"), ("content", 0, "text"))
"""Where chat APIs have the text of a model."""
_NAMED: Final = re.compile(r"(?:image|video|audio|output|result|url|b64_json|base64|text)s?(?:_url)?")
"""Names of members that often hold the output."""


def with_placeholders(fact: Fact) -> Fact:
    """Return the body of a sample response with its output replaced by a placeholder.

    It is doubtful if no text or several texts can be the output.
    """
    found = list(_outputs(fact.value))
    if len({name for _, name in found}) == 1 and (len(found) == 1 or _are_items(found)):
        body = fact.value
        for pointer, name in found:
            body = replace_text(body, pointer, f"{{{name}}}")
        return replace(fact, value=_once(body))
    possible = [
        replace_text(fact.value, pointer, f"{{{name}}}") for pointer, name in found or _list_named(fact.value)
    ]
    reason = "which member of the sample response is the output is not certain: write a placeholder there"
    return replace(fact, value=possible[0] if possible else fact.value).with_doubt(reason, possible[1:])


def agree(sample: Any, other: Any) -> bool:
    """Return whether two sample answers have the same members. A placeholder is the same as any value."""
    if any(isinstance(each, str) and is_placeholder(each) for each in (sample, other)):
        return True
    if isinstance(sample, dict) and isinstance(other, dict):
        return sample.keys() == other.keys() and all(agree(sample[name], other[name]) for name in sample)
    if isinstance(sample, list) and isinstance(other, list):
        return bool(sample) == bool(other) and all(agree(each, other[0]) for each in sample)
    return type(sample) is type(other)


def _outputs(value: Any) -> Iterator[tuple[Pointer, str]]:
    for pointer, text in _texts(value, ()):
        if pointer in _TEXTS:
            yield pointer, "text"
        elif _FILE.fullmatch(text):
            yield pointer, "output"
        elif _DATA_URI.fullmatch(text):
            yield pointer, "base64"


def _list_named(value: Any) -> Iterator[tuple[Pointer, str]]:
    """Yield the texts that can be the output by the names of their members."""
    for pointer, text in _texts(value, ()):
        names = [str(step).lower() for step in pointer if isinstance(step, str)]
        if names and _NAMED.fullmatch(names[-1]):
            form = "text" if names[-1].startswith("text") else "base64"
            yield pointer, "output" if _ADDRESS.fullmatch(text) else form


def _texts(value: Any, pointer: Pointer) -> Iterator[tuple[Pointer, str]]:
    if isinstance(value, str):
        yield pointer, value
    elif isinstance(value, dict):
        for name, inner in value.items():
            yield from _texts(inner, (*pointer, name))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _texts(inner, (*pointer, index))


def _are_items(found: Sequence[tuple[Pointer, str]]) -> bool:
    """Return whether outputs are at the same place of the items of one list."""
    places = {tuple(step for step in pointer if not isinstance(step, int)) for pointer, _ in found}
    return len(places) == 1 and all(any(isinstance(step, int) for step in pointer) for pointer, _ in found)


def replace_text(value: Any, pointer: Pointer, text: str) -> Any:
    """Return a copy of a value with a text at a pointer."""
    if not pointer:
        return text
    step, *rest = pointer
    if isinstance(value, dict):
        return {
            name: replace_text(each, tuple(rest), text) if name == step else each
            for name, each in value.items()
        }
    return [
        replace_text(each, tuple(rest), text) if index == step else each for index, each in enumerate(value)
    ]


def _once(value: Any) -> Any:
    """Return a sample in which an item with an output occurs once: the format repeats it for each output."""
    if isinstance(value, dict):
        return {name: _once(inner) for name, inner in value.items()}
    if isinstance(value, list):
        repeated = [each for each in value if _has_placeholder(each)]
        return [_once(repeated[0])] if repeated else [_once(each) for each in value]
    return value


def _has_placeholder(value: Any) -> bool:
    return any(is_placeholder(text) for _, text in _texts(value, ()))
