"""The facts of a spec that a page can print, by pointer, as the page prints them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from speccast.pages.keys import KEYS, MODEL_KEYS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from speccast.core.check import Pointer


def spec_facts(spec: dict[str, Any]) -> Iterator[tuple[Pointer, Any]]:
    """Yield the facts of a spec. Where the spec corrects the page, the printed value counts (`documented_as`)."""
    for key in MODEL_KEYS:
        if key in spec:
            yield (key,), spec[key]
    for key, seconds in spec.get("wait", {}).items():
        yield ("wait", key), seconds
    yield from _answers(spec.get("answers", {}).get("sync"))
    for name, parameter in spec.get("parameters", {}).items():
        yield from _parameter(("parameters", name), parameter)
    for name, value in spec.get("example", {}).items():
        yield ("example", name), value


def _answers(answers: Any) -> Iterator[tuple[Pointer, Any]]:
    """Yield the body of a whole answer and the events of a streamed one."""
    if isinstance(answers, dict) and "body" in answers:
        yield ("answers", "sync", "body"), answers["body"]
    streamed = [each for each in answers if "events" in each] if isinstance(answers, list) else []
    if len(streamed) == 1:
        yield ("answers", "sync", "events"), streamed[0]["events"]
        whole = [each["body"] for each in answers if "body" in each and "when" not in each]
        yield from ((("answers", "sync", "body"), body) for body in whole[:1])


def _parameter(pointer: Pointer, parameter: dict[str, Any]) -> Iterator[tuple[Pointer, Any]]:
    printed = parameter.get("documented_as")
    for key in KEYS:
        if key not in parameter or (key == "required" and not parameter[key]):
            continue
        value = parameter[key]
        if key == "enum" and isinstance(printed, dict):
            value = [printed.get(str(each), each) for each in value]
        elif key == "default" and "documented_as" in parameter and not isinstance(printed, dict):
            value = printed
        yield (*pointer, key), value
    if "items" in parameter:
        yield from _parameter((*pointer, "items"), parameter["items"])
    for name, inner in parameter.get("properties", {}).items():
        yield from _parameter((*pointer, "properties", name), inner)


def is_same(one: Any, other: Any) -> bool:
    """Return whether two values are the same on a page: line breaks in texts and the order of members do not count."""
    if isinstance(one, str) and isinstance(other, str):
        return one.split() == other.split()
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(is_same, one, other))
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(is_same(one[key], other[key]) for key in one)
    return bool(one == other) and isinstance(one, bool) == isinstance(other, bool)
