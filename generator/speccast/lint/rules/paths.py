"""Paths: the paths of requests.

A107 path-variable-unknown

    `{slug}` is replaced by the model's slug, and in the path of a status, a result or a cancel `{id}` by the job's id.
    Other names in braces are not replaced.

    Bad::

        # api.yaml
        sync: { path: "/v1/{model}/{slug}" }

    Good::

        # api.yaml
        sync: { path: "/v1/{slug}" }

A108 path-without-slug

    A path of the API without `{slug}` is the same for all models. A model that really uses such a path must have
    its own `paths`, or constants in its body that distinguish it (`sends`).

    Bad::

        # api.yaml
        sync: { path: /v1/generate }

    Good::

        # api.yaml
        sync: { path: "/v1/{slug}" }

M206 paths-meet

    The server distinguishes models, and calls from submits, by their paths, so each path must be unique, unless the
    constants of the models (`sends`) differ: both have the same one, with different values. Calls and submits can have
    the same path on different hosts (`base_url` of a surface).

    Bad::

        # flux.yaml
        slug: flux
        paths: { sync: /v1/draw }
        # sana.yaml
        slug: sana
        paths: { sync: /v1/draw }

    Good::

        # flux.yaml
        slug: flux
        paths: { sync: /v1/draw }
        # sana.yaml
        slug: sana
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from speccast.core.values import is_equal
from speccast.lint.rule import (
    ApiContext,
    Location,
    ModelContext,
    RuleViolation,
    Severity,
    Violations,
    api_rule,
)
from speccast.specs.problems import shorten_value

if TYPE_CHECKING:
    from collections.abc import Iterator

    from speccast.specs.format import CancelSpec

    _Posted: TypeAlias = tuple[ModelContext, Location, str, str]
    """A model, the position of its path, and what the path is: in words, and as a key of `paths`."""

_VARIABLE: Final = re.compile(r"\{([^{}]*)\}")
_POSTED: Final = (("sync", "sync", "path"), ("async", "submit", "submit"))
"""Surface, key in the `paths` of a model, and key in the surface of `api.yaml`, of the paths for POST requests."""


@api_rule("A107", Severity.ERROR, "an unknown placeholder in a path", needed=True)
def path_variable_unknown(context: ApiContext) -> Violations:
    if "sync" in context.spec:
        yield from _unknown(context.value("sync", "path"), context.spec["sync"]["path"], "slug")
    if "async" in context.spec:
        jobs = context.spec["async"]
        yield from _unknown(context.value("async", "submit"), jobs["submit"], "slug")
        yield from _unknown(context.value("async", "status"), jobs["status"], "id", "slug")
        if "result" in jobs:
            yield from _unknown(context.value("async", "result"), jobs["result"], "id", "slug")
        if "cancel" in jobs:
            yield from _unknown(*cancel_path(context, jobs["cancel"]), "id", "slug")
    for model in context.models:
        paths = model.spec.get("paths", {})
        for _, key, _ in _POSTED:
            own = paths.get(key)
            if isinstance(own, str):
                yield from _unknown(model.value("paths", key), own, "slug")
        for key in ("status", "result", "cancel"):
            if isinstance(own := paths.get(key), str):
                yield from _unknown(model.value("paths", key), own, "id", "slug")


def cancel_path(context: ApiContext, cancel: str | CancelSpec) -> tuple[Location, str]:
    """Return the location and the text of the path that cancels a job."""
    if isinstance(cancel, str):
        return context.value("async", "cancel"), cancel
    return context.value("async", "cancel", "path"), cancel["path"]


@api_rule("A108", Severity.ERROR, "a path of the API that is the same for every model", needed=True)
def path_without_slug(context: ApiContext) -> Violations:
    for surface, key, api_key in _POSTED:
        path = _api_path(context, surface)
        if path is None or "{slug}" in path:
            continue
        users = [
            model
            for model in context.models
            if surface in model.spec["surfaces"] and not _own(model, key) and not model.spec.get("sends")
        ]
        if users:
            others = "" if len(users) == 1 else f" and {len(users) - 1} more"
            yield RuleViolation(
                context.value(surface, api_key),
                f"the path has no {{slug}}, so it is not specific to {users[0].model.slug}{others}",
                f"add {{slug}} for the model's slug, or give the model `paths: {{ {key}: … }}`, or constants of its"
                " body: `sends: { model: … }`",
                related=((users[0].value("slug"), f"{users[0].model.slug} does not have its own path"),),
            )


@api_rule("M206", Severity.ERROR, "two requests that go to the same path", needed=True)
def paths_meet(context: ApiContext) -> Violations:
    call, submit = _api_path(context, "sync"), _api_path(context, "async")
    is_one_host = _host(context, "sync") == _host(context, "async")
    if call is not None and call == submit and is_one_host:
        yield RuleViolation(
            context.value("async", "submit"),
            f"{shorten_value(call)} is also the path of a call, so the server cannot distinguish a submit",
            "correct one of the two",
            related=((context.value("sync", "path"), "the path of a call is here"),),
        )
    first: dict[tuple[str, str], list[_Posted]] = {}
    for model in context.models:
        for path, place, what, kind in _list_posted(model):
            host = "" if is_one_host else kind
            before = first.setdefault((host, path), [])
            before.append((model, place, what, kind))
            other, other_place, other_what, other_kind = next(
                (each for each in before if not _is_distinct(each, before[-1])), before[-1]
            )
            if other is not model and other.model.slug == model.model.slug:
                continue  # two models with the same slug are reported as M101
            if other_what != what:
                by_constants = ", or give both a constant in `sends`" if other_kind == kind else ""
                yield RuleViolation(
                    place,
                    f"{what} is {shorten_value(path)}, which is also {other_what}",
                    f"correct `paths` of one of the two, or the paths in api.yaml{by_constants}",
                    related=((other_place, f"{other_what} is here"),),
                )


def _is_distinct(one: _Posted, other: _Posted) -> bool:
    """Return whether the server can tell two requests to one path apart: by a constant of both models."""
    before, after = (each[0].spec.get("sends", {}) for each in (one, other))
    return one[3] == other[3] and any(
        not is_equal(before[name], after[name]) for name in before.keys() & after.keys()
    )


def _list_posted(context: ModelContext) -> Iterator[tuple[str, Location, str, str]]:
    """Yield the paths for POST requests of a model, with position, meaning and key of each."""
    general = {key: _api_path(context.api, surface) for surface, key, _ in _POSTED}
    is_one_host = _host(context.api, "sync") == _host(context.api, "async")
    for surface, key, _ in _POSTED:
        own, path = _own(context, key), general[key]
        if surface not in context.spec["surfaces"] or (
            key == "submit" and own is None and path == general["sync"] and is_one_host
        ):
            continue
        what = f"the {key} path of {context.model.slug}"
        if own is not None:
            yield own.replace("{slug}", context.model.slug), context.value("paths", key), what, key
        elif path is not None and ("{slug}" in path or context.spec.get("sends")):
            yield path.replace("{slug}", context.model.slug), context.value("slug"), what, key


def _unknown(place: Location, path: str, *known: str) -> Violations:
    for name in _VARIABLE.findall(path):
        if name not in known:
            yield RuleViolation(
                place,
                f"unknown placeholder {{{shorten_value(name)}}} in the path",
                f"the only placeholder is {{{known[0]}}}"
                if len(known) == 1
                else f"the placeholders are {' and '.join(f'{{{each}}}' for each in known)}",
            )
    if re.search(r"[{}]", _VARIABLE.sub("", path)):
        yield RuleViolation(
            place, "the path has an unbalanced brace", f"write the placeholder as {{{known[0]}}}"
        )


def _api_path(context: ApiContext, surface: str) -> str | None:
    if surface == "sync":
        return context.spec["sync"]["path"] if "sync" in context.spec else None
    return context.spec["async"]["submit"] if "async" in context.spec else None


def _host(context: ApiContext, surface: Literal["sync", "async"]) -> str:
    """Return host and port of a surface. The scheme is not in requests, so it distinguishes nothing."""
    described = context.spec.get(surface)
    own = described.get("base_url") if described is not None else None
    return (own or context.spec["base_url"]).partition("://")[2].lower()


def _own(model: ModelContext, key: str) -> str | None:
    path = model.spec.get("paths", {}).get(key)
    return path if isinstance(path, str) else None
