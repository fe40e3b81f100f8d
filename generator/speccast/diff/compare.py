"""Walks two versions of the APIs, calls the rules and finds the places of their changes."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from speccast.core.check import member_mismatches
from speccast.diff.change import Effect, Level, PlacedChange, Side, of_copy, without_break
from speccast.diff.rules import apis, models, parameters, responses
from speccast.samples.size import describe_media, expand

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from speccast.core.api import Api
    from speccast.core.model import Model
    from speccast.diff.change import Change
    from speccast.diff.versions import ApiVersion, Version


def compare(before: Version, after: Version) -> tuple[PlacedChange, ...]:
    """Return all changes: the most severe first, then by API, model and place."""
    found: list[PlacedChange] = []
    for api in sorted({*before.apis, *after.apis}):
        found += _api(api, before.apis.get(api), after.apis.get(api))
    return tuple(sorted(found, key=lambda each: (-each.change.level, each.api, each.model)))


def _api(name: str, before: ApiVersion | None, after: ApiVersion | None) -> Iterator[PlacedChange]:
    old = before.api if before is not None else None
    new = after.api if after is not None else None
    found: list[tuple[str, Change]] = []
    moved: dict[str, str] = {}
    if old is None or new is None:
        found += [("", change) for change in apis.presence(old, new)]
    else:
        found += [("", change) for change in apis.changes(old, new)]
        moved = models.find_renamed(*({model.slug: model for model in api.models} for api in (old, new)))
        found += _models(old, new)
        found += _answers(old, new)
    for slug, change in found:
        versions = ((before, slug), (after, moved.get(slug, slug)))
        places = [version.place(own, change.pointer) if version else None for version, own in versions]
        yield PlacedChange(name, slug, complete(change), *places)


def _models(old_api: Api, new_api: Api) -> Iterator[tuple[str, Change]]:
    old, new = ({model.slug: model for model in api.models} for api in (old_api, new_api))
    renamed = models.find_renamed(old, new)
    yield from models.find_removed({slug: old[slug] for slug in old.keys() - renamed.keys()}, new)
    yield from models.find_added(old, {slug: new[slug] for slug in new.keys() - {*renamed.values()}})
    for slug in sorted(renamed):
        yield slug, models.renaming(old[slug], new[renamed[slug]])
    for slug in sorted((old.keys() & new.keys()) | renamed.keys()):
        before, after = old[slug], new[renamed.get(slug, slug)]
        if before.bundled != after.bundled:
            after = models.align(before, after, old_api, new_api)
            yield from ((slug, change) for change in models.changes(before, after))
            shown = parameters.changes(before, after)
            yield from ((slug, _judge(change, before, after)) for change in shown)


def _answers(old: Api, new: Api) -> Iterator[tuple[str, Change]]:
    """Yield the changes of answers that models have instead of the API's, and of streamed responses."""
    after = {model.slug: model for model in new.models}
    for model in old.models:
        other = after.get(model.slug)
        if other is not None:
            for change in responses.model_answers(old, new, model, other):
                yield model.slug, change
            for change in models.events(model, other, old.event_places(model), new.event_places(other)):
                yield model.slug, change


def complete(change: Change) -> Change:
    """Return a change with its effect for vendored copies, and without breaks that nothing shows."""
    if change.level is Level.BREAKING and change.witness is None:
        change = without_break(change, "nothing was found that shows a break")
    meaning: dict[Side, Effect] = {**change.effects}
    meaning.pop(Side.COPY, None)
    copied = of_copy(meaning)
    return replace(change, effects=meaning if copied is None else {**meaning, Side.COPY: copied})


def _judge(change: Change, old: Model, new: Model) -> Change:
    """Return a change of parameters; one that no request shows does not break on the wire."""
    witness = change.witness
    if change.effects.get(Side.WIRE) != Effect(Level.BREAKING) or (
        witness is not None and _accepts(old, witness.value) and not _accepts(new, witness.value)
    ):
        return change
    return without_break(change, "no request was found that shows a break")


def _accepts(model: Model, body: Any) -> bool:
    """Return whether the API accepts a body: the plain JSON Schema decides, and of content in texts the check of the core."""
    import jsonschema_rs

    body = expand(body, describe_media)
    if not jsonschema_rs.Draft202012Validator(dict(model.schema)).is_valid(body):
        return False
    return not any(
        isinstance(mismatch.value, str) and mismatch.parameter is not None and mismatch.parameter.is_media
        for mismatch in member_mismatches(model.parameters, body)
    )


def select_changes(found: Iterable[PlacedChange], least: Level) -> tuple[PlacedChange, ...]:
    """Return the changes of at least a level."""
    return tuple(each for each in found if each.change.level >= least)
