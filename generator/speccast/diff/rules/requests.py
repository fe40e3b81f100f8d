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

from typing import TYPE_CHECKING, Final

from speccast.diff.change import Change, Level, Rule, Side, effects, on_the_wire

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from speccast.core.api import Api
    from speccast.core.auth import Auth
    from speccast.diff.change import Effects


def _rule(code: str, name: str, level: Level, summary: str) -> Rule:
    return Rule(code=code, name=name, level=level, summary=summary, module=__name__)


ADDRESS: Final = _rule("V403", "address-changed", Level.BREAKING, "another origin or path")
AUTH: Final = _rule("V404", "auth-changed", Level.BREAKING, "another way to send the key")
REQUEST_HEADER: Final = _rule(
    "V412", "request-header-changed", Level.BREAKING, "other headers of every request"
)
BODY: Final = _rule("V413", "body-changed", Level.BREAKING, "another encoding or form of requests")
UPLOAD: Final = _rule("V422", "upload-changed", Level.BREAKING, "another way to upload files")

RULES: Final = (ADDRESS, AUTH, REQUEST_HEADER, BODY, UPLOAD)


def changes(old: Api, new: Api) -> Iterator[Change]:
    """Yield the changes of what clients send, and of where they send it."""
    yield from _addresses(old, new)
    yield from _auth(old.auth, new.auth)
    yield from _upload(old, new)
    yield from _request_headers(old, new)


def _addresses(old: Api, new: Api) -> Iterator[Change]:
    if old.base_url != new.base_url:
        yield on_the_wire(ADDRESS, ("base_url",), f"the origin changes from {old.base_url} to {new.base_url}")
    for key, before, after in (("sync", old.sync, new.sync), ("async", old.jobs, new.jobs)):
        if (before is None) != (after is None):
            continue  # each model has a change of its own
        one, other = getattr(before, "wrap", None), getattr(after, "wrap", None)
        if one != other:
            places = [f"in {wrap}" if wrap else "at the top of the body" for wrap in (other, one)]
            message = f"the parameters are {places[0]}, before {places[1]}"
            yield on_the_wire(BODY, (key, "wrap"), message)
        one, other = getattr(before, "base_url", None), getattr(after, "base_url", None)
        if one != other:
            message = f"the origin of {key} changes from {one or old.base_url} to {other or new.base_url}"
            yield on_the_wire(ADDRESS, (key, "base_url"), message)
        for name in ("path", "submit", "status", "result"):
            one, other = getattr(before, name, None), getattr(after, name, None)
            if one != other:
                yield on_the_wire(ADDRESS, (key, name), f"the path of {name} changes from {one} to {other}")
        if before is not None and after is not None and before.body != after.body:
            yield on_the_wire(BODY, (key, "body"), f"the body changes from {before.body} to {after.body}")


def _request_headers(old: Api, new: Api) -> Iterator[Change]:
    before, after = (
        {name.lower(): value for name, value in api.request_headers.items()} for api in (old, new)
    )
    for name in sorted(before.keys() | after.keys()):
        if name not in after:
            message = f"the header {name} is not demanded anymore"
            yield Change(
                rule=REQUEST_HEADER,
                pointer=("request_headers",),
                message=message,
                effects=effects(Level.BEHAVIOR),
            )
        elif before.get(name) != after[name]:
            word = f"must be {after[name]}" if name in before else "is demanded"
            yield on_the_wire(REQUEST_HEADER, ("request_headers",), f"the header {name} {word}")


def _auth(old: Auth | None, new: Auth | None) -> Iterator[Change]:
    """Yield what becomes of the key. Clients use the first way to send it, and other programs any."""
    if old == new:
        return
    if old is None:
        yield on_the_wire(AUTH, ("auth",), "a key must be sent")
        return
    if new is None:
        yield _about_auth("no key is needed anymore", effects(Level.BEHAVIOR))
        return
    place = new.place_of(old)
    if place is None:
        yield on_the_wire(AUTH, ("auth",), "the key is sent in another way")
        return
    if place:
        yield _about_auth("clients send the key in another way", effects(Level.BEHAVIOR))
    gone = [each for each in old.alternatives if new.place_of(each) is None]
    if gone:
        message = f"the key is not accepted in {_listed(gone)} anymore"
        yield _about_auth(message, effects(Level.BREAKING, Side.WIRE))
    added = [each for each in (new, *new.alternatives) if old.place_of(each) is None]
    if added:
        yield _about_auth(f"the key is also accepted in {_listed(added)}", effects(Level.ADDITION))
    if not (place or gone or added):
        yield _about_auth("another description of the key", effects(Level.TEXT, Side.PYTHON))


def _about_auth(message: str, meaning: Effects) -> Change:
    return Change(rule=AUTH, pointer=("auth",), message=message, effects=meaning)


def _listed(places: Iterable[Auth]) -> str:
    return ", ".join(f"the {each.location} {each.name}" for each in places)


def _upload(old: Api, new: Api) -> Iterator[Change]:
    before, after = old.upload, new.upload
    if before is None or after is None:
        if before is not after:
            if after is None:
                message = "files are not uploaded anymore: large ones, and those for parameters that take addresses only"
                found = effects(Level.BREAKING, Side.PYTHON, Side.COMMAND_LINE)
            else:
                message, found = "files can be uploaded", effects(Level.ADDITION)
            yield Change(rule=UPLOAD, pointer=("upload",), message=message, effects=found)
        return
    one, other = (f"{upload.base_url or ''}{upload.path}" for upload in (before, after))
    if one != other:
        yield on_the_wire(UPLOAD, ("upload", "url"), f"files are uploaded to {other}, before to {one}")
    if (before.encoding, before.body) != (after.encoding, after.body):
        yield on_the_wire(UPLOAD, ("upload", "body"), "the body of uploads is another one")
    if before.places != after.places:
        message = "addresses of uploaded files are at another place of the answer"
        yield on_the_wire(UPLOAD, ("upload", "answer"), message)
    for key, unit in (("above", "bytes"), ("retention", "s")):
        was, now = getattr(before, key), getattr(after, key)
        if was != now:
            yield Change(
                rule=UPLOAD,
                pointer=("upload", key),
                message=f"{key} of uploads changes from {was} to {now} {unit}",
                effects=effects(Level.BEHAVIOR),
            )
