"""Bodies: whether the parameters of a model can be sent in the body that its surfaces have.

M213 file-without-multipart

    A file is sent in a body of the type multipart/form-data, since JSON and urlencoded forms have no place for it.
    Write `body: multipart`, in the model or at the surface in `api.yaml`. If the page asks for base64 text or a URL
    instead, the parameter is a string.

    Bad::

        # flux.yaml
        slug: flux
        parameters:
          image: { type: file }

    Good::

        # flux.yaml
        slug: flux
        body: multipart
        parameters:
          image: { type: file }

M214 file-nested

    A form has one level: a file is a parameter, or an item of a parameter that is a list. Members of objects and items of
    lists in lists are sent as JSON text. A file cannot be a branch of `anyOf` either: "a file or several" is a list of files,
    since a form has a list of one file and a file alone in the same way.

    Bad::

        body: multipart
        parameters:
          source: { type: object, properties: { image: { type: file } } }

    Good::

        body: multipart
        parameters:
          source_image: { type: file }

M215 null-in-form

    A form contains texts and files, so null cannot be sent: the client refuses it. Callers leave the parameter out instead.

    Bad::

        body: form
        parameters:
          seed: { type: [integer, "null"] }

    Good::

        body: form
        parameters:
          seed: { type: integer }

M216 object-in-form

    In a form, an object and a list in a list are sent as their JSON text. Check that the page asks for this; some APIs have
    parameters such as `area[x]` instead.

    Bad::

        body: form
        parameters:
          area: { type: object, properties: { x: { type: integer } } }

    Good::

        body: form
        parameters:
          "area[x]": { type: integer, name: area_x }
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from speccast.core.encoding import ENCODINGS
from speccast.lint.rule import (
    Location,
    ModelContext,
    ParameterContext,
    RuleViolation,
    Severity,
    Violations,
    model_rule,
)

if TYPE_CHECKING:
    from collections.abc import Iterator


@model_rule("M213", Severity.ERROR, "a file that the body of a surface cannot contain")
def file_without_multipart(context: ModelContext) -> Violations:
    other = [body for body in _bodies(context) if body != "multipart"]
    for parameter in context.all_parameters if other else ():
        if parameter.parameter.type == "file":
            yield RuleViolation(
                parameter.value("type"),
                f"the file `{parameter.label}` cannot be sent in a body of the type {ENCODINGS[other[0]].media_type}",
                "write `body: multipart` in the model, or correct `type`",
                related=_places(context, other[0]),
            )


@model_rule("M214", Severity.ERROR, "a file in an object or in a list of lists")
def file_nested(context: ModelContext) -> Violations:
    for parameter, depth in _walk_nested(context):
        if parameter.parameter.type == "file" and depth > 0:
            yield RuleViolation(
                parameter.value("type"),
                f"the file `{parameter.label}` is in an object or in a list of lists, which are sent as JSON text",
                "make it a parameter, or correct `type`",
            )
        for branch in parameter.branches:
            file = branch if branch.item is None else branch.item
            if file.parameter.type == "file":
                yield RuleViolation(
                    file.value("type"),
                    f"the file `{file.label}` is one of several types",
                    "write `type: array` with `items: { type: file }`, which allows one file as well",
                )


@model_rule("M215", Severity.WARNING, "a parameter of a form that can be null")
def null_in_form(context: ModelContext) -> Violations:
    form = _form(context)
    for parameter, depth in _walk_nested(context) if form else ():
        if parameter.parameter.nullable and depth == 0:
            kind = parameter.parameter.type
            yield RuleViolation(
                parameter.value("anyOf" if parameter.branches else "type"),
                f"`{parameter.label}` can be null, which cannot be sent in a body of the type {ENCODINGS[form].media_type}",
                "remove null from the branches" if parameter.branches else f"write `type: {kind}`",
            )


@model_rule("M216", Severity.INFO, "an object in a form, which is sent as JSON text")
def object_in_form(context: ModelContext) -> Violations:
    form = _form(context)
    for parameter, depth in _walk_nested(context) if form else ():
        kind = parameter.parameter.type
        if depth == 0 and (kind == "object" or (kind == "array" and parameter.role == "item")):
            what = "an object" if kind == "object" else "a list in a list"
            yield RuleViolation(
                parameter.value("type"),
                f"`{parameter.label}` is {what}, which is sent as JSON text in a body of the type {ENCODINGS[form].media_type}",
                "check that the page asks for this",
            )


def _bodies(context: ModelContext) -> dict[str, str]:
    """Return the encodings of the surfaces of a model, with the surface that has it first."""
    api = context.api.spec
    own = context.spec.get("body")
    surfaces = {"sync": api.get("sync", {}).get("body"), "async": api.get("async", {}).get("body")}
    found: dict[str, str] = {}
    for surface in context.spec["surfaces"]:
        if surface in api:
            found.setdefault(own or surfaces[surface] or "json", surface)
    return found


def _form(context: ModelContext) -> str:
    return next((body for body in _bodies(context) if ENCODINGS[body].is_form), "")


def _places(context: ModelContext, body: str) -> tuple[tuple[Location, str], ...]:
    """Return where the encoding is written, if it is."""
    if "body" in context.spec:
        return ((context.value("body"), "body is here"),)
    surface = _bodies(context)[body]
    is_written = "body" in (
        context.api.spec.get("sync", {}) if surface == "sync" else context.api.spec.get("async", {})
    )
    return ((context.api.value(surface, "body"), "body is here"),) if is_written else ()


def _walk_nested(context: ModelContext) -> Iterator[tuple[ParameterContext, int]]:
    """Yield all parameters with the number of objects, and of lists in lists, that they are in."""

    def walk(
        parameter: ParameterContext, depth: int, *, is_item: bool
    ) -> Iterator[tuple[ParameterContext, int]]:
        yield parameter, depth
        if not parameter.is_nested:
            return
        for branch in parameter.branches:
            yield from walk(branch, depth, is_item=is_item)
        for member in parameter.members.values():
            yield from walk(member, depth + 1, is_item=False)
        if parameter.item is not None:
            yield from walk(parameter.item, depth + is_item, is_item=True)

    for parameter in context.parameters.values():
        yield from walk(parameter, 0, is_item=False)
