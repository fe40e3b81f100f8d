"""Names derived from a model's slug, or from its `name` if it has one.

A model becomes a module and an attribute of the client (`sd2.1-txt2img` gives `sd2_1_txt2img`), a synchronous, an
asynchronous and a parameter class (`Sd21Txt2img`, `AsyncSd21Txt2img`, `Sd21Txt2imgParams`), and a command.

M202 names-meet

    Slugs that differ only in punctuation give the same names. Set `name` in one of the models. Former names (`renamed_from`)
    are names as well.

    Bad::

        # video-loop.yaml
        slug: video-loop
        # video.loop.yaml
        slug: video.loop

    Good::

        # video-loop.yaml
        slug: video-loop
        # video.loop.yaml
        slug: video.loop
        name: video_loop_next

M203 name-reserved

    A name that is already used by the client, the generated modules, the command line or Python would be hidden.

    Bad::

        # run.yaml
        slug: run

    Good::

        # run.yaml
        slug: run
        name: run_model
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from speccast.lint.rule import (
    ApiContext,
    ModelContext,
    RuleViolation,
    Severity,
    Violations,
    api_rule,
    model_rule,
)
from speccast.targets.python.names import (
    BUILTINS,
    CLIENT_MEMBERS,
    RESERVED_CLASSES,
    RESERVED_COMMANDS,
    python_model,
)

if TYPE_CHECKING:
    from collections.abc import Iterator


ATTRIBUTE_CLASSES: Final = frozenset({"Attributes", "AsyncAttributes"})
"""Classes in a module that imports the classes of all models."""


@api_rule("M202", Severity.ERROR, "two models with the same module, class or command", needed=True)
def names_meet(context: ApiContext) -> Violations:
    first: dict[tuple[str, str], ModelContext] = {}
    for model in context.models:
        met: dict[str, list[str]] = {}
        others: dict[str, ModelContext] = {}
        for kind, name in _names(model):
            other = first.setdefault((kind, name), model)
            if other is not model and other.model.slug != model.model.slug:
                met.setdefault(other.document.path, []).append(f"the {kind} `{name}`")
                others[other.document.path] = other
        for path, what in met.items():
            other = others[path]
            yield RuleViolation(
                model.name_place,
                f"{model.model.slug} and {other.model.slug} both become {_join(what)}",
                f"give one of them another name, such as `name: {python_model(model.model).module}_2`",
                related=((other.name_place, f"{other.model.slug} is here"),),
            )


@model_rule(
    "M203",
    Severity.ERROR,
    "a model whose name is taken by the client, the command line or Python",
    needed=True,
)
def name_reserved(context: ModelContext) -> Violations:
    taken = [*_list_taken(context)]
    if taken:
        yield RuleViolation(
            context.name_place,
            f"{context.model.slug} cannot be {_join(taken)}",
            f"give it another name, such as `name: {python_model(context.model).module.rstrip('_')}_model`",
        )


def _names(context: ModelContext) -> Iterator[tuple[str, str]]:
    model = python_model(context.model)
    yield "module", model.module
    for name in (*model.exported, *model.object_classes):
        yield "class", name
    yield "command", model.command
    if model.former is not None:
        yield "module", model.former.module
        yield from (("class", name) for name in model.former.classes)
        yield from (("command", name) for name in model.former.commands)


def _list_taken(context: ModelContext) -> Iterator[str]:
    api, model = context.api.spec, python_model(context.model)
    drop_in = api.get("drop_in", {})
    methods = {drop_in.get(role) for role in ("run", "run_sync", "submit")}
    former = model.former
    for module in (model.module, *([former.module] if former else [])):
        if module in CLIENT_MEMBERS or module in methods:
            yield f"the attribute `{module}`, which every client has"
    for command in (model.command, *(former.commands if former else [])):
        if command in RESERVED_COMMANDS:
            yield f"the command `{command}`, which every command line has"
    for name in (*model.exported, *(former.classes if former else [])):
        if name in RESERVED_CLASSES or name in ATTRIBUTE_CLASSES:
            yield f"the class `{name}`, which the generated modules use"
        elif name in (api["client"], f"Async{api['client']}"):
            yield f"the class `{name}`, which is the API's client"
        elif name in BUILTINS:
            yield f"the class `{name}`, which is a builtin of Python"


def _join(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
