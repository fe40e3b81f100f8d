"""Surfaces: how a model can be called, and whether `api.yaml` describes it.

M204 surface-undefined

    Models with the surface `async` use the section `async` of `api.yaml`, and those with `sync` the section `sync`.
    The section must exist.

    Bad::

        # api.yaml
        sync: { path: "/v1/{slug}" }
        # flux.yaml
        slug: flux
        surfaces: [sync, async]

    Good::

        # api.yaml
        sync: { path: "/v1/{slug}" }
        # flux.yaml
        slug: flux
        surfaces: [sync]

M205 path-without-surface

    A path for a surface that the model does not have is unused.

    Bad::

        # flux.yaml
        slug: flux
        surfaces: [sync]
        paths: { submit: /v2/flux }

    Good::

        # flux.yaml
        slug: flux
        surfaces: [sync]
        paths: { sync: /v1/draw }

M231 wait-without-jobs

    `wait` is about jobs, so it is unused by a model without the surface `async`.

    Bad::

        # flux.yaml
        slug: flux
        surfaces: [sync]
        wait: { deadline: 900 }

    Good::

        # flux.yaml
        slug: flux
        surfaces: [sync]
        latency: ~9 s

M232 auth-unknown

    `auth` of a model names one of the places where the API accepts the key: its own `auth` or one of its alternatives.

    Bad::

        # api.yaml
        auth: { in: header, name: x-api-key }
        # flux.yaml
        slug: flux
        auth: { in: header, name: Authorization, scheme: Bearer }

    Good::

        # api.yaml
        auth:
          in: header
          name: x-api-key
          alternatives: [{ in: header, name: Authorization, scheme: Bearer }]
        # flux.yaml
        slug: flux
        auth: { in: header, name: Authorization, scheme: Bearer }
"""

from __future__ import annotations

from typing import Final

from speccast.core.auth import build_auth
from speccast.lint.rule import ModelContext, RuleViolation, Severity, Violations, model_rule

_SURFACES: Final = {
    "sync": "sync",
    "submit": "async",
    "status": "async",
    "result": "async",
    "cancel": "async",
}


@model_rule("M204", Severity.ERROR, "a surface that the API does not describe", needed=True)
def surface_undefined(context: ModelContext) -> Violations:
    for index, surface in enumerate(context.spec["surfaces"]):
        if surface not in context.api.spec:
            yield RuleViolation(
                context.value("surfaces", index),
                f"the API has no section `{surface}`",
                f"remove the surface, or describe it under `{surface}` in api.yaml",
            )


@model_rule("M205", Severity.WARNING, "a path for a surface that the model does not have")
def path_without_surface(context: ModelContext) -> Violations:
    for key in context.spec.get("paths", {}):
        surface = _SURFACES[key]
        if surface not in context.spec["surfaces"]:
            yield RuleViolation(
                context.key("paths", key),
                f"`{context.model.slug}` has a path for {key}, but not the surface {surface}",
                f"remove the path, or add {surface} to `surfaces`",
                related=((context.value("surfaces"), "the surfaces are here"),),
            )


@model_rule("M231", Severity.WARNING, "times of jobs on a model without jobs")
def wait_without_jobs(context: ModelContext) -> Violations:
    if "wait" in context.spec and "async" not in context.spec["surfaces"]:
        yield RuleViolation(
            context.key("wait"),
            f"`{context.model.slug}` has `wait`, but no jobs",
            "remove it, or add async to `surfaces`",
            related=((context.value("surfaces"), "the surfaces are here"),),
        )


@model_rule("M232", Severity.ERROR, "a place for the key that the API does not have", needed=True)
def auth_unknown(context: ModelContext) -> Violations:
    own = context.model.auth
    if own is None:
        return
    api = context.api.spec.get("auth")
    if api is None:
        yield RuleViolation(
            context.key("auth"),
            "the API has no `auth`",
            "remove it, or describe the key under `auth` in api.yaml",
        )
    elif build_auth(api).place_of(own) is None:
        yield RuleViolation(
            context.value("auth"),
            "the API does not accept its key there",
            "write `auth` of api.yaml or one of its `alternatives`, or add it to them",
            related=((context.api.value("auth"), "the places that the API accepts are here"),),
        )
