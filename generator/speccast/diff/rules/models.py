"""Models: which exist, and how they are called.

V101 model-added

    A new model. Existing code is not affected.

    Bad::

        # after/wolf.yaml
        slug: wolf

    Good::

        # before/wolf.yaml
        slug: wolf
        # after/wolf.yaml
        slug: wolf
        description: A model.

V102 model-removed

    A model that was removed: its requests are answered with an error, and its class and command are gone. If a
    new model has the same parameters, the change says that it was perhaps renamed.

    Bad::

        # before/wolf.yaml
        slug: wolf

    Good::

        # before/wolf.yaml
        slug: wolf
        # after/wolf.yaml
        slug: wolf
        deprecated: { since: "2026-11-20" }

V103 model-deprecated

    A model is now marked as deprecated, or names another successor. It still works, with a warning.

    Bad::

        # after/fox.yaml
        deprecated: { since: "2026-11-20" }

    Good::

        # before/fox.yaml
        deprecated: { since: "2026-11-20" }

V104 surface-added

    A model can be called in another way: blocking, or as a job.

    Bad::

        # before/fox.yaml
        surfaces: [sync]
        # after/fox.yaml
        surfaces: [sync, async]

    Good::

        # after/fox.yaml
        description: Another text.

V105 surface-removed

    A model cannot be called in this way anymore, so the method `generate` or `submit` is gone.

    Bad::

        # before/fox.yaml
        surfaces: [sync, async]
        # after/fox.yaml
        surfaces: [sync]

    Good::

        # before/fox.yaml
        surfaces: [sync]
        # after/fox.yaml
        surfaces: [sync, async]

V106 returns-changed

    The media types of the outputs. A type that the old list does not cover breaks clients that compare the output with what
    the model returns. A type that is gone does not.

    Bad::

        # before/fox.yaml
        returns: [image/png]
        # after/fox.yaml
        returns: [image/png, application/json]

    Good::

        # before/fox.yaml
        returns: [image/*]
        # after/fox.yaml
        returns: [image/png]

V107 path-changed

    Requests of existing clients go to another path than the new one.

    Bad::

        # after/fox.yaml
        paths: { sync: /v9/fox }

    Good::

        # after/fox.yaml
        note: The path is the same.

V108 model-name-changed

    The name of a model in code, which gives its class, its module, its attribute and its command.

    Bad::

        # after/fox.yaml
        name: red_fox

    Good::

        # before/fox.yaml
        name: red_fox
        # after/fox.yaml
        name: red_fox
        title: Red fox

V109 model-body-changed

    Another encoding of the body of requests. Clients that exist already send the old one.

    Bad::

        # after/fox.yaml
        body: multipart

    Good::

        # before/fox.yaml
        body: multipart
        # after/fox.yaml
        body: multipart
        title: Red fox

V111 constants-changed

    Other constants of the request body. Requests of existing clients have the old ones.

    Bad::

        # before/fox.yaml
        sends: { model: fox-1 }
        # after/fox.yaml
        sends: { model: fox-2 }

    Good::

        # before/fox.yaml
        sends: { model: fox-1 }
        # after/fox.yaml
        sends: { model: fox-1 }
        note: The constants are the same.

V113 model-renamed

    A model with another slug or name, whose former names the new client still has (`renamed_from`). Another slug is another
    path, which breaks on the wire; code and commands work as before, with a DeprecationWarning.

    Bad::

        # before/wolf.yaml
        slug: wolf
        # after/red-wolf.yaml
        slug: red-wolf
        renamed_from: { name: wolf, version: 1.3.0 }

    Good::

        # before/wolf.yaml
        slug: wolf
        # after/wolf.yaml
        slug: wolf
        name: red_wolf
        renamed_from: { name: wolf, version: 1.3.0 }

V114 former-model-removed

    Former names of a model that the client no longer has. Their removal was announced, so a new minor version is enough.

    Bad::

        # before/fox.yaml
        renamed_from: { name: red-fox, version: 1.1.0 }
        # after/fox.yaml
        title: Fox

    Good::

        # before/fox.yaml
        renamed_from: { name: red-fox, version: 1.1.0 }
        # after/fox.yaml
        renamed_from: { name: red-fox, version: 1.2.0 }

V121 model-waiting-changed

    Deadline or interval of a model's jobs.

    Bad::

        # after/fox.yaml
        surfaces: [sync, async]
        wait: { deadline: 900 }

    Good::

        # after/fox.yaml
        latency: about 9 s

V122 price-changed

    What a request costs, as the page prints it.

    Bad::

        # before/fox.yaml
        price: "$0.03"
        # after/fox.yaml
        price: "$0.05"

    Good::

        # before/fox.yaml
        price: "$0.03"
        # after/fox.yaml
        price: "$0.03"
        latency: about 9 s

V123 model-auth-changed

    Another one of the API's places for the key of a model. Clients that exist already send it to the old one.

    Bad::

        # before/api.yaml
        auth: { in: header, name: x-api-key, alternatives: [{ in: query, name: key }] }
        # after/api.yaml
        auth: { in: header, name: x-api-key, alternatives: [{ in: query, name: key }] }
        # after/fox.yaml
        auth: { in: query, name: key }

    Good::

        # before/fox.yaml
        auth: { in: header, name: x-api-key }
        # after/fox.yaml
        auth: { in: header, name: X-API-Key }

V124 events-changed

    The server-sent events of a model: whether its responses can be streamed, which parameter asks for it, and where an event
    has its text. Without events, the method `stream` yields bytes instead of text.

    Bad::

        # before/fox.yaml
        answers:
          sync:
            - { when: { stream: true }, events: [{ data: { piece: "{text}" } }] }
            - { body: { said: "{text}" } }
        parameters: { stream: { type: boolean } }
        # after/fox.yaml
        answers: { sync: { body: { said: "{text}" } } }

    Good::

        # after/fox.yaml
        answers:
          sync:
            - { when: { stream: true }, events: [{ data: { piece: "{text}" } }] }
            - { media: "*/*" }
        parameters: { stream: { type: boolean } }

V190 model-text-changed

    Title, description, category, latency, source or notes: what people read.

    Bad::

        # after/fox.yaml
        description: Another text.

    Good::

        # after/fox.yaml
        surfaces: [sync]
"""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from speccast.core.places import in_words
from speccast.diff.change import (
    BEHIND,
    REFUSED,
    RENAMED,
    UNTYPED,
    Change,
    ChangeRule,
    Effect,
    Level,
    Side,
    Witness,
    effects,
)
from speccast.diff.witnesses import model_witness
from speccast.targets.python.names import python_model

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from speccast.core.api import Api
    from speccast.core.model import Model
    from speccast.core.places import EventPlaces
    from speccast.diff.change import PlaybackAction


ADDED: Final = ChangeRule("V101", "model-added", Level.ADDITION, "a model that is new")
REMOVED: Final = ChangeRule("V102", "model-removed", Level.BREAKING, "a model that is gone")
DEPRECATED: Final = ChangeRule("V103", "model-deprecated", Level.ADDITION, "a model that is now deprecated")
SURFACE_ADDED: Final = ChangeRule("V104", "surface-added", Level.ADDITION, "another way to call a model")
SURFACE_REMOVED: Final = ChangeRule(
    "V105", "surface-removed", Level.BREAKING, "a model that cannot be called in this way anymore"
)
RETURNS: Final = ChangeRule("V106", "returns-changed", Level.BREAKING, "other media types of the outputs")
PATH: Final = ChangeRule("V107", "path-changed", Level.BREAKING, "another path of a model")
NAME: Final = ChangeRule("V108", "model-name-changed", Level.BREAKING, "another name of a model in code")
BODY: Final = ChangeRule(
    "V109", "model-body-changed", Level.BREAKING, "another encoding of requests of a model"
)
CONSTANTS: Final = ChangeRule(
    "V111", "constants-changed", Level.BREAKING, "other constants of the request body"
)
RENAMED_MODEL: Final = ChangeRule(
    "V113",
    "model-renamed",
    Level.BREAKING,
    "another name of a model, with the former one still there in code",
)
FORMER: Final = ChangeRule(
    "V114", "former-model-removed", Level.BEHAVIOR, "former names of a model that are gone"
)
WAITING: Final = ChangeRule(
    "V121", "model-waiting-changed", Level.BEHAVIOR, "another deadline or interval of a model's jobs"
)
PRICE: Final = ChangeRule("V122", "price-changed", Level.BEHAVIOR, "another price of a model")
AUTH: Final = ChangeRule("V123", "model-auth-changed", Level.BREAKING, "another place for the key of a model")
EVENTS: Final = ChangeRule("V124", "events-changed", Level.BREAKING, "other server-sent events of a model")
TEXT: Final = ChangeRule("V190", "model-text-changed", Level.TEXT, "other texts about a model")


_METHODS: Final[Mapping[str, PlaybackAction]] = {"sync": "generate", "async": "submit"}
_PATHS: Final[Mapping[str, PlaybackAction]] = {
    "sync": "generate",
    "submit": "submit",
    "status": "status",
    "result": "wait",
    "cancel": "cancel",
}
_CODE_LIVES_ON: Final = {**effects(Level.ADDITION), Side.WIRE: Effect(Level.BREAKING)}
_ANOTHER_CALL: Final = {**UNTYPED, Side.COMMAND_LINE: Effect(Level.BEHAVIOR)}
"""The command of a model calls it in the way that is left. Only its option `--submit` can be gone."""
_TEXTS: Final = ("title", "description", "category", "latency", "source", "note", "example")


def find_renamed(old: Mapping[str, Model], new: Mapping[str, Model]) -> dict[str, str]:
    """Return the slug of each model that has another one now, as `renamed_from` says."""
    return {
        slug: model.slug
        for model in new.values()
        for slug in old.keys() - new.keys()
        if model.slug not in old and is_former(old[slug], model)
    }


def is_former(old: Model, new: Model) -> bool:
    """Return whether the new client has the names of the old version."""
    former = python_model(new).former
    return former is not None and former.module == python_model(old).module


def renaming(old: Model, new: Model) -> Change:
    """Return that a model has another name, and still the former one in code."""
    is_moved = old.slug != new.slug
    return Change(
        RENAMED_MODEL,
        ("renamed_from",),
        f"the model is renamed to {new.slug if is_moved else python_model(new).module};"
        f" the client still has the former name",
        _CODE_LIVES_ON if is_moved else effects(Level.ADDITION, *RENAMED),
        model_witness(old) if is_moved else None,
        advice=f"use {python_model(new).module}",
    )


def find_removed(old: Mapping[str, Model], new: Mapping[str, Model]) -> Iterator[tuple[str, Change]]:
    """Yield the models that are gone, by slug."""
    appeared = [new[slug] for slug in sorted(new.keys() - old.keys())]
    for slug in sorted(old.keys() - new.keys()):
        model = old[slug]
        successor = model.deprecated.replaced_by if model.deprecated else None
        similar = next((each.slug for each in appeared if _is_same(each, model)), None)
        advice = f"it is perhaps renamed to {similar}" if similar else ""
        advice = f"use {successor}" if successor else advice
        yield slug, Change(REMOVED, (), "the model is removed", UNTYPED, model_witness(model), advice)


def find_added(old: Mapping[str, Model], new: Mapping[str, Model]) -> Iterator[tuple[str, Change]]:
    """Yield the models that are new, by slug."""
    for slug in sorted(new.keys() - old.keys()):
        yield slug, Change(ADDED, (), "the model is new", effects(Level.ADDITION))


def align(old: Model, new: Model, before: Api, after: Api) -> Model:
    """Return the new model with the spelling of the old one where both mean the same: a path, a body, a time or a place for the
    key that one of them only takes from its API."""
    was, now = _in_effect(old, before), _in_effect(new, after)
    return replace(new, **{name: getattr(old, name) for name in was if was[name] == now[name]})


def _in_effect(model: Model, api: Api) -> dict[str, Any]:
    """Return what a model has itself or, if it is silent about it, from its API, by field."""
    sync, jobs = api.sync, api.jobs
    cancel = jobs.cancel if jobs else None
    paths = {
        "sync_path": model.sync_path or (sync and sync.path),
        "submit_path": model.submit_path or (jobs and jobs.submit),
        "status_path": model.status_path or (jobs and jobs.status),
        "result_path": model.result_path or (jobs and jobs.result),
        "cancel_path": model.cancel_path or (cancel and cancel.path),
    }
    bodies = [model.body or surface.body for surface in (sync, jobs) if surface]
    auth = model.auth or api.auth
    return {
        **{name: path and path.replace("{slug}", model.slug) for name, path in paths.items()},
        "body": bodies,
        "deadline": model.deadline or (jobs and jobs.deadline),
        "interval": model.interval or (jobs and jobs.interval),
        "auth": auth and (type(auth), auth.location, auth.name.lower(), auth.scheme),
    }


def changes(old: Model, new: Model) -> Iterator[Change]:
    """Yield the changes of a model, without its parameters."""
    if new.deprecated is not None and new.deprecated != old.deprecated:
        successor = new.deprecated.replaced_by
        yield Change(
            DEPRECATED,
            ("deprecated",),
            f"the model is deprecated since {new.deprecated.since}",
            effects(Level.ADDITION),
            advice=f"use {successor}" if successor else "",
        )
    for surface, name in _METHODS.items():
        if surface in new.surfaces and surface not in old.surfaces:
            message = f"the model has the surface {surface}: the method {name}"
            yield Change(SURFACE_ADDED, ("surfaces",), message, effects(Level.ADDITION))
        elif surface in old.surfaces and surface not in new.surfaces:
            yield Change(
                SURFACE_REMOVED,
                ("surfaces",),
                f"the model does not have the surface {surface} anymore: the method {name}",
                UNTYPED if name == "submit" and old.is_sync else _ANOTHER_CALL,
                model_witness(old, name),
            )
    if old.returns != new.returns:
        yield _returns(old, new)
    for key, action in _PATHS.items():
        before, after = getattr(old, f"{key}_path"), getattr(new, f"{key}_path")
        if before != after:
            message = f"the path of {key} changes from {before or 'that of the API'} to {after or 'that of the API'}"
            yield Change(PATH, ("paths", key), message, BEHIND, model_witness(old, action))
    if old.body != new.body:
        message = f"the body changes from {old.body or 'that of the API'} to {new.body or 'that of the API'}"
        yield Change(BODY, ("body",), message, BEHIND, model_witness(old))
    if old.sends != new.sends:
        yield Change(
            CONSTANTS, ("sends",), "the constants of the request body change", BEHIND, model_witness(old)
        )
    if old.slug == new.slug:
        yield from _names(old, new)
    yield from _facts_of_page(old, new)
    for key in _TEXTS:
        if getattr(old, key) != getattr(new, key):
            yield Change(TEXT, (key,), f"another {key}", effects(Level.TEXT, Side.PYTHON))


def _names(old: Model, new: Model) -> Iterator[Change]:
    """Yield the changes of names in code."""
    if old.renamed_from and python_model(new).former is None:
        yield Change(
            FORMER,
            ("renamed_from",),
            f"the client does not have the former name {old.renamed_from} anymore",
            effects(Level.BEHAVIOR, *RENAMED),
            advice=f"use {python_model(new).module}",
        )
    if old.name != new.name and is_former(old, new):
        yield renaming(old, new)
    elif old.name != new.name:
        yield Change(
            NAME,
            ("name",),
            f"the name in code changes from {python_model(old).module} to {python_model(new).module}",
            RENAMED,
            Witness("python", old.slug, f"client.{python_model(old).module}"),
        )


def _facts_of_page(old: Model, new: Model) -> Iterator[Change]:
    """Yield the changes of the times of jobs and of the price."""
    for key in ("deadline", "interval"):
        one, other = getattr(old, key), getattr(new, key)
        if one != other:
            words = ["that of the API" if value is None else f"{value:g} s" for value in (one, other)]
            yield Change(
                WAITING,
                ("wait", key),
                f"the {key} of jobs changes from {words[0]} to {words[1]}",
                effects(Level.BEHAVIOR),
            )
    if old.auth != new.auth and (old.auth is None or new.auth is None or old.auth.place_of(new.auth) is None):
        yield Change(
            AUTH, ("auth",), "the key of the model is sent in another place", BEHIND, model_witness(old)
        )
    if old.price != new.price:
        yield Change(
            PRICE,
            ("price",),
            f"the price changes from {old.price or 'an unknown one'} to {new.price or 'an unknown one'}",
            effects(Level.BEHAVIOR if old.price and new.price else Level.TEXT),
        )


def events(old: Model, new: Model, before: EventPlaces | None, after: EventPlaces | None) -> Iterator[Change]:
    """Yield the changes of a model's streamed responses. Their places depend on the answers of the API."""
    pointer = ("answers", "sync")
    if before is None and after is not None:
        message = "responses can be streamed as text: the method stream"
        yield Change(EVENTS, pointer, message, effects(Level.ADDITION))
    elif before is not None and after is None:
        yield Change(
            EVENTS,
            pointer,
            "responses cannot be streamed as text anymore: the method stream",
            UNTYPED,
            _stream(old, before),
        )
    elif before is not None and after is not None and before != after:
        changed = (
            ("what asks for events", _describe_asked(before), _describe_asked(after)),
            ("the event with {text}", before.event, after.event),
            ("the place of {text} in an event", in_words(before.text), in_words(after.text)),
            ("the last event", before.last_event, after.last_event),
            ("the data of the last event", before.last_data, after.last_data),
        )
        message = "; ".join(
            f"{what} changes from {was or 'none'} to {now or 'none'}"
            for what, was, now in changed
            if was != now
        )
        yield Change(EVENTS, pointer, message, BEHIND, _stream(old, before))


def _stream(model: Model, places: EventPlaces) -> Witness:
    """Return a request whose response is streamed."""
    plain = model_witness(model, "stream")
    asked = {name: values[0] for name, values in places.asks.items()}
    return replace(plain, value={**plain.value, **asked})


def _describe_asked(places: EventPlaces) -> str:
    return ", ".join(
        f"{name}={json.dumps(value)}" for name, values in places.asks.items() for value in values
    )


def _returns(old: Model, new: Model) -> Change:
    surprises = tuple(each for each in new.returns if not any(_covers(known, each) for known in old.returns))

    def answering(bundle: Any) -> None:
        for model in bundle["models"]:
            if model["slug"] == new.slug:
                model["returns"] = [*surprises]

    witness = model_witness(old, "generate" if old.is_sync else "wait")
    parts = [f"+{each}" for each in new.returns if each not in old.returns]
    parts += [f"-{each}" for each in old.returns if each not in new.returns]
    return Change(
        RETURNS,
        ("returns",),
        f"outputs: {' '.join(parts) or 'in another order'}",
        REFUSED if surprises else effects(Level.BEHAVIOR),
        replace(witness, answering=answering) if surprises else None,
    )


def _covers(known: str, media_type: str) -> bool:
    """Return whether a media type is one of those that a range such as `image/*` names."""
    kind, _, subtype = known.partition("/")
    return known == media_type or (subtype == "*" and media_type.partition("/")[0] == kind)


def _is_same(one: Model, other: Model) -> bool:
    """Return whether two models have the same parameters, surfaces and outputs; their texts may differ."""
    facts, others = (
        (
            model.surfaces,
            model.returns,
            [replace(each, description="", note="", examples=()) for each in model.parameters],
        )
        for model in (one, other)
    )
    return facts == others
