"""The mutants of a model: its spec with one limit of one parameter loosened or tightened."""

from __future__ import annotations

import copy
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

Spec: TypeAlias = dict[str, Any]
Place: TypeAlias = tuple[str, ...]

BOUNDS = {"minimum": -1, "exclusiveMinimum": -1, "maximum": 1, "exclusiveMaximum": 1}
DURATIONS = {"min_duration": -1, "max_duration": 1}
"""Bounds, and the direction that loosens them."""

COUNTS = {"minLength": -1, "maxLength": 1, "minItems": -1, "maxItems": 1}
CONTENT = {
    "max_size": 1,
    "min_width": -1,
    "max_width": 1,
    "min_height": -1,
    "max_height": 1,
    "max_pixels": 1,
}
KINDS = ("image", "video", "audio", "document")
FORMS = ("url", "base64", "data_uri")
TURNED = {"minimum": "exclusiveMinimum", "maximum": "exclusiveMaximum"}
ITEM = "[]"
BRANCH = "|"
"""The beginning of the step into a branch of a union, which is followed by its index."""
NEVER = r"(?!)"
"""A pattern that matches no text."""


@dataclass(frozen=True)
class Mutant:
    """One change of one spec. `parameter` is the top-level parameter that it affects."""

    slug: str
    parameter: str
    change: str
    model: Mapping[str, Any]

    @property
    def name(self) -> str:
        return f"{self.slug}: {self.change}"


def mutants_of(model: Mapping[str, Any]) -> Iterator[Mutant]:
    """Yield every mutant of a model, in the order of its parameters."""
    for wire in model["parameters"]:
        for place in _places(model["parameters"][wire], (wire,)):
            path, spec = ".".join(place), _at(model, place)
            for change, changed in _changes(spec, is_named=not place[-1].startswith((ITEM, BRANCH))):
                if _changes_nothing(model, place, change) or _is_unseen(model, place, change):
                    continue
                mutated = copy.deepcopy(dict(model))
                _replace(mutated, place, changed)
                yield Mutant(model["slug"], wire, f"{path} {change}", mutated)


def _is_unseen(model: Mapping[str, Any], place: Place, change: str) -> bool:
    """Return whether a form cannot show a change: it has neither null nor empty lists. Objects in it are sent as JSON."""
    if model.get("body", "json") == "json" or any(step != ITEM for step in place[1:]):
        return False
    is_about_empty = change == "minItems removed" or change.endswith("loosened to 0")
    return change == "may be null" or (is_about_empty and "minItems" in change)


def _changes_nothing(model: Mapping[str, Any], place: Place, change: str) -> bool:
    """Return whether a change allows null in one of several branches that do, or is about a tag, which is always required."""
    holder, _ = _holder(model, place)
    if isinstance(holder, list):
        return change == "may be null" and any("null" in branch.get("type", ()) for branch in holder)
    is_tag = place[-2:-1] and place[-2].startswith(BRANCH) and len(_at(model, place).get("enum", ())) == 1
    return bool(is_tag) and change in ("must be given", "may be left out")


def _places(spec: Mapping[str, Any], place: Place) -> Iterator[Place]:
    """Yield the places of the parameter, its branches, its items and its members."""
    yield place
    for index, branch in enumerate(spec.get("anyOf", ())):
        yield from _places(branch, (*place, f"{BRANCH}{index}"))
    if "items" in spec:
        yield from _places(spec["items"], (*place, ITEM))
    for name, member in spec.get("properties", {}).items():
        yield from _places(member, (*place, name))


def _holder(model: Mapping[str, Any], place: Place) -> tuple[Any, str | int]:
    """Return the mapping or list that contains the spec at a place, and its key or index there."""
    holder: Any = model["parameters"]
    key: str | int = place[0]
    for step in place[1:]:
        spec = holder[key]
        if step == ITEM:
            holder, key = spec, "items"
        elif step.startswith(BRANCH):
            holder, key = spec["anyOf"], int(step.removeprefix(BRANCH))
        else:
            holder, key = spec["properties"], step
    return holder, key


def _at(model: Mapping[str, Any], place: Place) -> Spec:
    holder, key = _holder(model, place)
    spec: Spec = holder[key]
    return spec


def _replace(model: Spec, place: Place, changed: Spec | None) -> None:
    holder, key = _holder(model, place)
    if changed is None:
        del holder[key]
    else:
        holder[key] = changed


def _changes(spec: Spec, *, is_named: bool) -> Iterator[tuple[str, Spec | None]]:
    """Yield the changes of one spec, each as a description and the changed spec; None removes it."""
    yield "is gone", None
    if is_named:
        if spec.get("required"):
            yield "may be left out", _without(spec, "required")
        else:
            yield "must be given", {**spec, "required": True}
    yield from _types(spec)
    yield from _choices(spec)
    yield from _numbers(spec)
    yield from _counts(spec, COUNTS)
    yield from _forms(spec)
    if _is_content_sent(spec):
        yield from _counts(spec, CONTENT)
        yield from _bounds(spec, DURATIONS)
        yield from _media(spec)
        yield from _media_types(spec)
    if "pattern" in spec:
        yield "pattern removed", _without(spec, "pattern")
        yield "pattern that matches nothing", {**spec, "pattern": NEVER}
    if "properties" in spec:
        yield "is open to any member", _without(spec, "properties")


def _types(spec: Spec) -> Iterator[tuple[str, Spec]]:
    if "anyOf" in spec:
        return  # its branches have types
    written = spec["type"]
    kinds = [written] if isinstance(written, str) else list(written)
    if "null" in kinds:
        [kind] = (kind for kind in kinds if kind != "null")
        choices = (
            {"enum": [choice for choice in spec["enum"] if choice is not None]} if "enum" in spec else {}
        )
        yield "may not be null", {**spec, **choices, "type": kind}
    else:
        yield "may be null", {**spec, "type": [*kinds, "null"]}
    for kind, other in (("integer", "number"), ("number", "integer")):
        # A multiple of a whole number is an integer even if the type is number.
        is_whole = kind == "integer" and spec.get("multipleOf", 0.5) % 1 == 0
        if kind in kinds and "enum" not in spec and not is_whole:
            yield f"{other} for {kind}", {**spec, "type": [other if each == kind else each for each in kinds]}


def _choices(spec: Spec) -> Iterator[tuple[str, Spec]]:
    if "enum" not in spec:
        return
    choices = spec["enum"]
    is_open = spec.get("open", False) or "hidden_values" in spec
    if is_open:
        yield "enum closed", _without(spec, "open", "hidden_values")
        return
    yield "enum opened", {**spec, "open": True}
    for choice in choices:
        others = [other for other in choices if other is not choice]
        if choice is None or not others:
            continue
        yield f"enum without {choice!r}", {**spec, "enum": others}
    printed = spec.get("documented_as")
    if not isinstance(printed, dict):
        return
    for choice in printed:
        rest = {other: text for other, text in printed.items() if other != choice}
        yield f"{printed[choice]!r} is not accepted as {choice!r}", {**spec, "documented_as": rest}


def _numbers(spec: Spec) -> Iterator[tuple[str, Spec]]:
    yield from _bounds(spec, BOUNDS)
    for over, to in ((exclusive, inclusive) for inclusive, exclusive in TURNED.items()):
        if over in spec:
            yield f"{over} turned into {to}", {**_without(spec, over), to: spec[over]}
    if "multipleOf" in spec:
        step = Decimal(repr(spec["multipleOf"]))
        half = step // 2 if "integer" in spec["type"] else step / 2
        yield "multipleOf removed", _without(spec, "multipleOf")
        yield "multipleOf halved", {**spec, "multipleOf": _plain(half)}
        yield "multipleOf doubled", {**spec, "multipleOf": _plain(step * 2)}


def _bounds(spec: Spec, words: Mapping[str, int]) -> Iterator[tuple[str, Spec]]:
    for word, looser in words.items():
        if word not in spec:
            continue
        step = _step(spec, spec[word])
        for sign, change in ((looser, "loosened"), (-looser, "tightened")):
            moved = _plain(Decimal(repr(spec[word])) + sign * step)
            yield f"{word} {spec[word]} {change} to {moved}", {**spec, word: moved}
        yield f"{word} removed", _without(spec, word)
        if word in TURNED:
            yield f"{word} turned into {TURNED[word]}", {**_without(spec, word), TURNED[word]: spec[word]}


def _step(spec: Spec, bound: float) -> Decimal:
    """Return how far a bound is moved: the parameter's step, or one unit in the last place of the bound."""
    if "multipleOf" in spec:
        return Decimal(repr(spec["multipleOf"]))
    exponent = Decimal(repr(bound)).normalize().as_tuple().exponent
    return Decimal(1).scaleb(min(int(exponent), 0))


def _plain(number: Decimal) -> int | float:
    return int(number) if number == number.to_integral_value() else float(number)


def _counts(spec: Spec, words: Mapping[str, int]) -> Iterator[tuple[str, Spec]]:
    for word, looser in words.items():
        if word not in spec:
            continue
        for sign, change in ((looser, "loosened"), (-looser, "tightened")):
            moved = spec[word] + sign
            if moved >= 0:
                yield f"{word} {spec[word]} {change} to {moved}", {**spec, word: moved}
        if spec[word] > 0 or looser > 0:
            yield f"{word} removed", _without(spec, word)


def _is_content_sent(spec: Spec) -> bool:
    """Return whether requests have the content of files, not only addresses."""
    return "media" not in spec or spec["type"] == "file" or _forms_of(spec) != ["url"]


def _forms_of(spec: Spec) -> list[str]:
    forms: list[str] = spec.get("forms", ["url"] if spec.get("format") == "uri" else list(FORMS))
    return forms


def _forms(spec: Spec) -> Iterator[tuple[str, Spec]]:
    """Yield a text of fewer, more or any forms."""
    if "media" not in spec or spec["type"] == "file":
        return
    yield "media removed", _without(spec, "media", "forms")
    forms = _forms_of(spec)
    for form in FORMS:
        others = [other for other in forms if other != form]
        if form not in forms:
            yield f"forms with {form}", {**spec, "forms": [*forms, form]}
        elif others:
            yield f"forms without {form}", {**spec, "forms": others}


def _media(spec: Spec) -> Iterator[tuple[str, Spec]]:
    """Yield content of fewer or more kinds."""
    if "media" not in spec:
        return
    kinds = [spec["media"]] if isinstance(spec["media"], str) else spec["media"]
    for kind in KINDS:
        main = "application" if kind == "document" else kind
        if not any(each.startswith(f"{main}/") for each in spec.get("media_types", [f"{main}/"])):
            continue  # the media types leave out the kind
        others = [other for other in kinds if other != kind]
        if kind not in kinds:
            yield f"media with {kind}", {**spec, "media": [*kinds, kind]}
        elif others:
            yield f"media without {kind}", {**spec, "media": others}


def _media_types(spec: Spec) -> Iterator[tuple[str, Spec]]:
    if "media_types" not in spec:
        return
    yield "media_types removed", _without(spec, "media_types")
    for kind in spec["media_types"] if len(spec["media_types"]) > 1 else ():
        yield (
            f"media_types without {kind}",
            {**spec, "media_types": [each for each in spec["media_types"] if each != kind]},
        )


def _without(spec: Spec, *words: str) -> Spec:
    return {word: value for word, value in spec.items() if word not in words}
