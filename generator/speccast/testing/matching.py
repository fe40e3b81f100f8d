"""Compares what an API answers with the sample of a spec: the same members, in the same order, with fitting values."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from speccast.core.answers import OUTPUTS, placeholders_in
from speccast.core.omit import OMIT
from speccast.core.places import METRICS
from speccast.core.values import is_equal

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

_FORMS: Mapping[str, Callable[[Any], bool]] = {
    "base64": lambda value: isinstance(value, str) and re.fullmatch(r"[A-Za-z0-9+/]+=*", value) is not None,
    "id": lambda value: isinstance(value, str | int) and value != "",
    "media_type": lambda value: isinstance(value, str) and "/" in value,
    "now": lambda value: isinstance(value, str) and re.match(r"\d{4}-\d\d-\d\dT\d\d:\d\d", value) is not None,
    "output": lambda value: value not in (None, "", []),
    **{name: lambda value: isinstance(value, int | float) for name in METRICS},
    **dict.fromkeys(("seed", "status", "unix"), lambda value: type(value) is int),
}
"""What the value of a placeholder looks like; that of any other is a text that is not empty."""


_WORDS = frozenset({"message", "text"})
"""Placeholders whose value is a sentence, and so not the slug."""


@dataclass(frozen=True)
class Ending:
    """An address, by its path; any path if it is empty."""

    path: str

    def is_end_of(self, value: Any) -> bool:
        return isinstance(value, str) and value.startswith(("http", "data:")) and value.endswith(self.path)


def mismatches(
    sample: Any, actual: Any, known: Mapping[str, Any], always: Collection[str], path: str
) -> Iterator[str]:
    """Yield how a value differs from a sample, by its path in JSON."""
    place = path.removeprefix(".") or "the body"
    if isinstance(sample, str):
        yield from _text_mismatches(sample, actual, known, place)
    elif isinstance(sample, dict):
        if not isinstance(actual, dict):
            yield f"{place} must be an object"
            return
        expected = [name for name in sample if name in actual or _must_be_there(sample[name], always)]
        if list(actual) != expected:
            yield f"{place} must have the members {', '.join(expected)} (got {', '.join(actual)})"
            return
        for name, value in actual.items():
            yield from mismatches(sample[name], value, known, always, f"{path}.{name}")
    elif isinstance(sample, list):
        if not isinstance(actual, list):
            yield f"{place} must be a list"
            return
        items = _repeat(sample, len(actual))
        if len(items) != len(actual) or (not len(items) and sample):
            yield f"{place} must have {len(sample)} items (got {len(actual)})"
            return
        for index, (item, value) in enumerate(zip(items, actual, strict=True)):
            yield from mismatches(item, value, known, always, f"{path}[{index}]")
    elif not is_equal(sample, actual):
        yield f"{place} must be {json.dumps(sample)} (got {json.dumps(actual)[:80]})"


def _repeat(sample: Sequence[Any], length: int) -> Sequence[Any]:
    """Return a list of samples, with the one that is repeated for each output as often as needed."""
    for index, item in enumerate(sample):
        if any(name in OUTPUTS for _, name, _ in placeholders_in(item)):
            return [*sample[:index], *[item] * (length - len(sample) + 1), *sample[index + 1 :]]
    return sample


def _must_be_there(sample: Any, always: Collection[str]) -> bool:
    """Return whether a member has a value: always, unless it is only a text with a placeholder without one."""
    return not isinstance(sample, str) or all(name in always for _, name, _ in placeholders_in(sample))


def _text_mismatches(sample: str, actual: Any, known: Mapping[str, Any], place: str) -> Iterator[str]:
    parts = list(placeholders_in(sample))
    if len(parts) == 1 and parts[0][2]:
        yield from _value_mismatches(parts[0][1], actual, known, place)
        return
    pattern = re.escape(sample.replace("{{", "{").replace("}}", "}"))
    for _, name, _ in parts:
        pattern = pattern.replace(re.escape(f"{{{name}}}"), ".+")
    if not isinstance(actual, str) or re.fullmatch(pattern, actual, re.DOTALL) is None:
        yield f"{place} must be {sample!r} (got {json.dumps(actual)[:80]})"


def _value_mismatches(name: str, actual: Any, known: Mapping[str, Any], place: str) -> Iterator[str]:
    shown = json.dumps(actual)[:80]
    expected = known.get(name, OMIT)
    if isinstance(expected, Ending):
        addresses = actual if isinstance(actual, list) and name in OUTPUTS else [actual]
        if not addresses or not all(map(expected.is_end_of, addresses)):
            yield f"{place} must be an address{f' with the path {expected.path}' if expected.path else ''} (got {shown})"
    elif isinstance(expected, list):
        if actual not in expected:
            yield f"{place} must be one of {', '.join(expected)} (got {shown})"
    elif expected is not OMIT:
        if str(actual) != str(expected):
            yield f"{place} must be {expected} (got {shown})"
    elif isinstance(actual, list) and name in OUTPUTS:
        if not actual or not all(map(_FORMS.get(name, _is_text), actual)) or known.get("slug") in actual:
            yield f"{place} must be a list of {{{name}}} (got {shown})"
    elif not _FORMS.get(name, _is_text)(actual) or (name in _WORDS and actual == known.get("slug")):
        yield f"{place} must be {{{name}}} (got {shown})"


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and value != ""
