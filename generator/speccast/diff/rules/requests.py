"""Requests to an API: where they go, the key, headers, bodies and uploads.

V403 address-changed

    The origin or a path of the API. Clients that exist already call the old one.

    Bad::

        # after/api.yaml
        base_url: https://other.example

    Good::

        # after/api.yaml
        documentation: https://other.example

V404 auth-changed

    Another way to send the key.

    Bad::

        # after/api.yaml
        auth: { in: header, name: x-other-key }

    Good::

        # after/api.yaml
        description: The key is the same.

V412 request-header-changed

    Headers that every request must have. Clients that exist already do not send a header that is new.

    Bad::

        # after/api.yaml
        request_headers: { x-fox-version: "2026-01-01" }

    Good::

        # before/api.yaml
        request_headers: { x-fox-version: "2026-01-01" }
        # after/api.yaml
        request_headers: { X-Fox-Version: "2026-01-01" }

V413 body-changed

    Another encoding of the body of requests, or another object that holds the parameters. Clients that exist already
    send the old one.

    Bad::

        # after/api.yaml
        sync: { body: form }

    Good::

        # before/api.yaml
        sync: { body: form }
        # after/api.yaml
        sync: { body: form }
        title: Another title

V422 upload-changed

    How files are uploaded before a request: origin, path, body, or the place of the address in the answer. Clients that
    exist already upload as before. Another limit of inline files or another retention only changes when they upload.

    Bad::

        # before/fox.yaml
        parameters: { image: { type: string, media: image } }
        # after/fox.yaml
        parameters: { image: { type: string, media: image } }
        # before/api.yaml
        upload: { url: /files, body: { data: "{base64}" }, answer: { body: { url: "{url}" } } }
        # after/api.yaml
        upload: { url: /assets, body: { data: "{base64}" }, answer: { body: { url: "{url}" } } }

    Good::

        # before/api.yaml
        upload: { url: /files, body: { data: "{base64}" }, answer: { body: { url: "{url}" } } }
        # after/api.yaml
        upload: { url: /files, body: { data: "{base64}" }, answer: { body: { url: "{url}", size: 1 } }, above: 1000 }
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Final

from speccast.diff.change import BEHIND, REFUSED, Change, ChangeRule, Level, Side, effects
from speccast.diff.witnesses import api_witness, file_witness

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from speccast.core.api import Api, JobSurface, SyncSurface
    from speccast.core.auth import Auth
    from speccast.diff.change import PlaybackAction, Witness


ADDRESS: Final = ChangeRule("V403", "address-changed", Level.BREAKING, "another origin or path")
AUTH: Final = ChangeRule("V404", "auth-changed", Level.BREAKING, "another way to send the key")
REQUEST_HEADER: Final = ChangeRule(
    "V412", "request-header-changed", Level.BREAKING, "other headers of every request"
)
BODY: Final = ChangeRule("V413", "body-changed", Level.BREAKING, "another encoding or form of requests")
UPLOAD: Final = ChangeRule("V422", "upload-changed", Level.BREAKING, "another way to upload files")


_PATHS: Final[Mapping[str, PlaybackAction]] = {
    "path": "generate",
    "submit": "submit",
    "status": "status",
    "result": "wait",
}


def changes(old: Api, new: Api) -> Iterator[Change]:
    """Yield the changes of what clients send, and of where they send it."""
    yield from _addresses(old, new)
    yield from _auth(old, new)
    yield from _upload(old, new)
    yield from _request_headers(old, new)


def _addresses(old: Api, new: Api) -> Iterator[Change]:
    if old.base_url != new.base_url:
        message = f"the origin changes from {old.base_url} to {new.base_url}"
        yield Change(ADDRESS, ("base_url",), message, BEHIND, _to_origin(old, new))
    surfaces: tuple[
        tuple[str, PlaybackAction, SyncSurface | JobSurface | None, SyncSurface | JobSurface | None], ...
    ] = (
        ("sync", "generate", old.sync, new.sync),
        ("async", "submit", old.jobs, new.jobs),
    )
    for key, action, before, after in surfaces:
        if before is None or after is None:
            continue  # each model has its own change
        witness = api_witness(old, new, action)
        if before.wrap != after.wrap:
            places = [
                f"in {wrap}" if wrap else "at the top of the body" for wrap in (after.wrap, before.wrap)
            ]
            yield Change(
                BODY, (key, "wrap"), f"the parameters are {places[0]}, before {places[1]}", BEHIND, witness
            )
        if before.base_url != after.base_url:
            origins = before.base_url or old.base_url, after.base_url or new.base_url
            message = f"the origin of {key} changes from {origins[0]} to {origins[1]}"
            yield Change(ADDRESS, (key, "base_url"), message, BEHIND, witness)
        for name, sent in _PATHS.items():
            one, other = getattr(before, name, None), getattr(after, name, None)
            if one != other:
                message = f"the path of {name} changes from {one} to {other}"
                yield Change(ADDRESS, (key, name), message, BEHIND, api_witness(old, new, sent))
        if before.body != after.body:
            message = f"the body changes from {before.body} to {after.body}"
            yield Change(BODY, (key, "body"), message, BEHIND, witness)


def _to_origin(old: Api, new: Api) -> Witness | None:
    """Return a request that goes to the origin of the API."""
    for action, surface in (("generate", old.sync), ("submit", old.jobs)):
        if surface is not None and surface.base_url is None:
            witness = api_witness(old, new, "generate" if action == "generate" else "submit")
            if witness is not None:
                return witness
    return None


def _request_headers(old: Api, new: Api) -> Iterator[Change]:
    before, after = (
        {name.lower(): value for name, value in api.request_headers.items()} for api in (old, new)
    )
    for name in sorted(before.keys() | after.keys()):
        if name not in after:
            message = f"the header {name} is not demanded anymore"
            yield Change(REQUEST_HEADER, ("request_headers",), message, effects(Level.BEHAVIOR))
        elif before.get(name) != after[name]:
            word = f"must be {after[name]}" if name in before else "is demanded"
            message = f"the header {name} {word}"
            yield Change(REQUEST_HEADER, ("request_headers",), message, BEHIND, api_witness(old, new))


def _auth(old_api: Api, new_api: Api) -> Iterator[Change]:
    """Yield what becomes of the key. Clients use the first way to send it, and other programs any."""
    change = partial(Change, AUTH, ("auth",))
    old, new = old_api.auth, new_api.auth
    if old == new:
        return
    if old is None:
        yield change("a key must be sent", BEHIND, api_witness(old_api, new_api))
        return
    if new is None:
        yield change("no key is needed anymore", effects(Level.BEHAVIOR))
        return
    place = new.place_of(old)
    if place is None:
        witness = api_witness(old_api, new_api, concerns=lambda model: model.auth is None)
        yield change("the key is sent in another way", BEHIND, witness)
        return
    if place:
        yield change("clients send the key in another way", effects(Level.BEHAVIOR))
    gone = [number for number, each in enumerate(old.alternatives, 1) if new.place_of(each) is None]
    if gone:
        message = (
            f"the key is not accepted in {_join(old.alternatives[number - 1] for number in gone)} anymore"
        )
        witness = api_witness(
            old_api,
            new_api,
            concerns=lambda model: model.auth is None,
            sender=lambda api: replace(api, auth=old.preferring(gone[0])),
        )
        yield change(message, BEHIND, witness)
    added = [each for each in (new, *new.alternatives) if old.place_of(each) is None]
    if added:
        yield change(f"the key is also accepted in {_join(added)}", effects(Level.ADDITION))
    if not (place or gone or added):
        yield change("another description of the key", effects(Level.TEXT, Side.PYTHON))


def _join(places: Iterable[Auth]) -> str:
    return ", ".join(f"the {each.location} {each.name}" for each in places)


def _upload(old: Api, new: Api) -> Iterator[Change]:
    before, after = old.upload, new.upload
    if before is None and after is None:
        return
    if before is None:
        message = "files can be uploaded"
        yield Change(UPLOAD, ("upload",), message, effects(Level.ADDITION))
        return
    witness = file_witness(old, new)
    if after is None:
        # The new client sends a file within the request, if the parameter takes more than addresses.
        only = file_witness(old, new, only_addresses=True)
        words = "that parameters take as addresses only" if only else "that are large"
        yield Change(
            UPLOAD,
            ("upload",),
            f"files {words} are not uploaded anymore",
            REFUSED if only else BEHIND,
            only or witness,
        )
        return
    one, other = (f"{upload.base_url or ''}{upload.path}" for upload in (before, after))
    if one != other:
        message = f"files are uploaded to {other}, before to {one}"
        yield Change(UPLOAD, ("upload", "url"), message, BEHIND, witness)
    if (before.encoding, before.body) != (after.encoding, after.body):
        yield Change(UPLOAD, ("upload", "body"), "the body of uploads is another one", BEHIND, witness)
    if before.places != after.places:
        message = "addresses of uploaded files are at another place of the answer"
        yield Change(UPLOAD, ("upload", "answer"), message, BEHIND, witness)
    for key, unit in (("above", "bytes"), ("retention", "s")):
        was, now = getattr(before, key), getattr(after, key)
        if was != now:
            yield Change(
                UPLOAD,
                ("upload", key),
                f"{key} of uploads changes from {was} to {now} {unit}",
                effects(Level.BEHAVIOR),
            )
