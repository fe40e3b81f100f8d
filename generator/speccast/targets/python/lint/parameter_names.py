"""Names of parameters in Python and on the command line.

Both are derived from the wire name, which never changes: `top k` is sent as is, and becomes `top_k` in Python and
`--top-k` on the command line. `name` sets another name.

N101 parameters-meet

    Two parameters with the same name in Python cannot both be passed.

    Bad::

        parameters:
          top-k: { type: integer }
          top_k: { type: integer }

    Good::

        parameters:
          top-k: { type: integer }
          top_k: { type: integer, name: top_k_plain }

N102 flags-meet

    Two parameters with different names in Python can have the same flag.

    Bad::

        parameters:
          seed: { type: integer }
          seed_: { type: integer }

    Good::

        parameters:
          seed: { type: integer }
          seed_: { type: integer, name: seed_plain }

N103 negative-flag-taken

    `--no-cache` sets a boolean `cache` to false. If another parameter has that flag, `cache` gets another one that
    users do not expect.

    Bad::

        parameters:
          cache: { type: boolean }
          no_cache: { type: string }

    Good::

        parameters:
          cache: { type: boolean }
          no_cache: { type: string, name: uncached }

N104 name-not-kept

    A `name` that is reserved by Python or the client is changed.

    Bad::

        parameters:
          "%": { type: integer, name: timeout }

    Good::

        parameters:
          "%": { type: integer, name: percent }

N105 parameter-renamed

    A parameter whose wire name is not valid in Python gets another name there. Set `name` if another one reads
    better.

    Bad::

        parameters:
          class: { type: string }

    Good::

        parameters:
          class: { type: string, name: category }

N106 classes-meet

    A nested object becomes a class that is named after the model and its path: `settings` within `voice` of
    `music-gen` becomes `MusicGenVoiceSettings`. The names must be unique.

    Bad::

        parameters:
          voice: { type: object, properties: { tone: { type: object, properties: { pitch: { type: number } } } } }
          voice_tone: { type: object, properties: { pitch: { type: number } } }

    Good::

        parameters:
          voice: { type: object, properties: { tone: { type: object, properties: { pitch: { type: number } } } } }
          tone: { type: object, properties: { pitch: { type: number } } }
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from speccast.lint.rule import (
    Location,
    ModelContext,
    ParameterContext,
    RuleViolation,
    Severity,
    Violations,
    model_rule,
    parameter_rule,
)
from speccast.specs.problems import shorten_value
from speccast.targets.python.names import (
    RESERVED_CLASSES,
    forms,
    member_class_name,
    python_model,
    python_parameter,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from speccast.core.parameter import Parameter


@model_rule("N101", Severity.ERROR, "two parameters with the same name in Python", needed=True)
def parameters_meet(context: ModelContext) -> Violations:
    for scope in context.scopes:
        first: dict[str, ParameterContext] = {}
        for parameter in scope.values():
            name = _named(parameter).name
            other = first.setdefault(name, parameter)
            if other is not parameter:
                yield _met(parameter, other, f"are both `{shorten_value(name)}` in Python")


@model_rule("N102", Severity.ERROR, "two parameters with the same flag", needed=True)
def flags_meet(context: ModelContext) -> Violations:
    first: dict[str, ParameterContext] = {}
    for parameter in context.parameters.values():
        flag = _named(parameter).flag
        other = first.setdefault(flag, parameter)
        if other is not parameter and _named(other).name != _named(parameter).name:
            yield _met(parameter, other, f"are both {shorten_value(flag)} on the command line")


@model_rule("N103", Severity.WARNING, "a parameter whose flag is the negative flag of a boolean")
def negative_flag_taken(context: ModelContext) -> Violations:
    by_flag = {_named(parameter).flag: parameter for parameter in context.parameters.values()}
    for parameter in context.parameters.values():
        negative = f"--no-{_named(parameter).flag.removeprefix('--')}"
        other = by_flag.get(negative)
        if parameter.parameter.type == "boolean" and other is not None:
            yield RuleViolation(
                _place(other),
                f"{shorten_value(negative)} is the flag of `{shorten_value(other.label)}`, so it cannot disable "
                f"`{shorten_value(parameter.label)}`",
                "give one of them another `name`",
                related=((_place(parameter), f"`{shorten_value(parameter.label)}` is here"),),
            )


@model_rule("N104", Severity.WARNING, "a name that is changed")
def name_not_kept(context: ModelContext) -> Violations:
    own, module = context.spec.get("name"), python_model(context.model).module
    if own is not None and own != module:
        yield _not_kept(context.value("name"), own, module)
    for parameter in context.all_parameters:
        name = parameter.spec.get("name")
        if name is not None and name != _named(parameter).name and parameter.role != "item":
            yield _not_kept(parameter.value("name"), name, _named(parameter).name)


@parameter_rule("N105", Severity.INFO, "a parameter that has another name in Python than on the wire")
def parameter_renamed(context: ParameterContext) -> Violations:
    name = _named(context).name
    if context.role == "parameter" and "name" not in context.spec and name != context.parameter.wire:
        yield RuleViolation(
            context.key(),
            f"`{shorten_value(context.label)}` is `{shorten_value(name)}` in Python",
            "to change it, set `name`; the wire name does not change",
        )


@model_rule("N106", Severity.ERROR, "two nested objects with the same class", needed=True)
def classes_meet(context: ModelContext) -> Violations:
    model = python_model(context.model)
    first: dict[str, ParameterContext] = {}
    for parameter, name in _classes(context.parameters, model.class_name):
        if not parameter.parameter.properties:
            continue
        place = parameter.key()
        hint = "give the model another `name`"
        other = first.setdefault(name, parameter)
        if name in model.exported or name in RESERVED_CLASSES:
            what = (
                f"the objects of `{shorten_value(parameter.label)}` become the class `{name}`, which is taken"
            )
            yield RuleViolation(place, what, hint)
        elif other.label != parameter.label:  # else they are objects of one union, which P402 reports
            yield RuleViolation(
                place,
                f"the objects of `{shorten_value(parameter.label)}` and `{shorten_value(other.label)}` both become the class `{name}`",
                hint,
                related=((other.key(), f"`{shorten_value(other.label)}` is here"),),
            )


def _classes(
    parameters: Mapping[str, ParameterContext], owner: str
) -> Iterator[tuple[ParameterContext, str]]:
    """Yield the nested parameters at any depth, each with the class of its objects."""
    for parameter in parameters.values():
        if not parameter.is_nested:
            continue
        names = forms(member_class_name(owner, parameter.parameter.wire), parameter.parameter)
        for (name, _), form in zip(names, parameter.branches or (parameter,), strict=True):
            yield form, name
            if form.item is not None:
                yield from _classes({"": form.item}, name)
            yield from _classes(form.members, name)


def _named(parameter: ParameterContext) -> Parameter:
    return python_parameter(parameter.parameter)


def _place(parameter: ParameterContext) -> Location:
    """Return the location of the name of a parameter."""
    return parameter.value("name") if "name" in parameter.spec else parameter.key()


def _met(parameter: ParameterContext, other: ParameterContext, how: str) -> RuleViolation:
    return RuleViolation(
        _place(parameter),
        f"`{shorten_value(other.label)}` and `{shorten_value(parameter.label)}` {how}",
        "give one of them another `name`; the wire name does not change",
        related=((_place(other), f"`{shorten_value(other.label)}` is here"),),
    )


def _not_kept(place: Location, written: str, kept: str) -> RuleViolation:
    return RuleViolation(
        place,
        f"`name: {shorten_value(written)}` becomes `{shorten_value(kept)}`, since the name is reserved or not a valid identifier",
        f"write `name: {shorten_value(kept)}`, or choose another",
    )
