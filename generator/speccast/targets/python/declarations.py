"""A model in Python: classes, methods, types of arguments, and docstrings.

Returns plain text, which `speccast.targets.python.filters` makes safe.
"""

from __future__ import annotations

from dataclasses import MISSING, Field, dataclass, fields, is_dataclass
from typing import TYPE_CHECKING, Literal

from speccast.specs.identifiers import is_certain, normalize
from speccast.targets.python.names import member_class_name
from speccast.targets.wording import deprecation, describe

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from _typeshed import DataclassInstance

    from speccast.core.model import Model
    from speccast.core.parameter import Json, Parameter
    from speccast.targets.python.names import PythonModel

_SCALARS = {"string": "str", "integer": "int", "number": "float", "boolean": "bool"}


def annotation(parameter: Parameter, owner: str, literal: Callable[[object], str]) -> str:
    """The type of a value: `Literal['a', 'b'] | str` for an open enum, `Sequence[str]`, `Mapping[str, Any]`, `… | None`."""
    kinds = [_type(parameter, owner, literal)]
    if parameter.takes_text:
        kinds.append("str")
    if parameter.nullable:
        kinds.append("None")
    return " | ".join(kinds)


@dataclass(frozen=True, slots=True)
class Method:
    """A method of a model's class, with the words that differ between the synchronous and the asynchronous form."""

    name: Literal["generate", "submit"]
    definition: str
    awaited: str
    result: str


@dataclass(frozen=True, slots=True)
class ModelClass:
    """The synchronous or the asynchronous class of a model."""

    name: str
    base: str
    methods: tuple[Method, ...]


def model_classes(model: PythonModel) -> tuple[ModelClass, ModelClass]:
    """The synchronous and the asynchronous class of a model, with a method for each of its surfaces."""

    def methods(definition: str, awaited: str, job: str) -> tuple[Method, ...]:
        generate = (Method("generate", definition, awaited, "Result"),) if model.is_sync else ()
        return (*generate, Method("submit", definition, awaited, job)) if model.is_async else generate

    return (
        ModelClass(model.class_name, "SyncModel", methods("def", "", "Job")),
        ModelClass(model.async_class_name, "AsyncModel", methods("async def", "await", "AsyncJob")),
    )


def constructor(value: DataclassInstance, literal: Callable[[object], str]) -> str:
    """The expression that constructs an object of the core, with the published fields that differ from their defaults."""
    arguments = [
        f"{field.name}={_data(current, literal)}"
        for field in fields(value)
        if not field.metadata.get("is_generator_only")
        and not _is_default(field, current := getattr(value, field.name))
    ]
    return f"{type(value).__name__}({', '.join(arguments)})"


def class_imports(value: object, package: str) -> str:
    """The statements that import the classes in the expression of `constructor`, sorted by module."""
    by_module: dict[str, list[str]] = {}
    for kind in sorted(_classes(value), key=lambda kind: kind.__name__):
        by_module.setdefault(kind.__module__.rpartition(".")[2], []).append(kind.__name__)
    return "\n".join(
        f"from {package}.{module} import {', '.join(found)}" for module, found in sorted(by_module.items())
    )


def _classes(value: object) -> set[type]:
    if isinstance(value, tuple):
        return {kind for item in value for kind in _classes(item)}
    if not is_dataclass(value):
        return set()
    published = [
        getattr(value, field.name)
        for field in fields(value)
        if not field.metadata.get("is_generator_only") and not _is_default(field, getattr(value, field.name))
    ]
    return {type(value), *_classes(tuple(published))}


def _data(value: object, literal: Callable[[object], str]) -> str:
    if isinstance(value, tuple):
        return "(" + "".join(f"{_data(item, literal)}, " for item in value) + ")"
    if is_dataclass(value) and not isinstance(value, type):
        return constructor(value, literal)
    return literal(value)


def _is_default(field: Field[object], value: object) -> bool:
    default = field.default if field.default_factory is MISSING else field.default_factory()
    return value == default and type(value) is type(default)


def member_classes(model: PythonModel) -> tuple[tuple[str, tuple[Parameter, ...]], ...]:
    """The nested objects of a model as (class name, members); a class precedes those that refer to it."""
    return tuple(_member_classes(model.class_name, model.parameters))


def member_class(owner: str, parameter: Parameter) -> str:
    """The class name of an object nested in `owner`."""
    return member_class_name(owner, parameter.wire)


def model_documentation(model: Model) -> str:
    """The docstring of a model: title, description, notes, deprecation and source."""
    parts = [model.title.strip().rstrip(".") + "."]
    if model.description:
        parts.append(model.description)
    if model.note:
        parts.append(f"Note: {model.note}")
    if model.deprecated:
        parts.append(deprecation(model))
    parts.append(f"Slug: {model.slug}. Returns: {', '.join(model.returns)}.")
    if model.source and (model.source.url or model.source.document):
        read = f", read on {model.source.date}" if model.source.date else ""
        parts.append(f"Source: {model.source.url or model.source.document}{read}.")
    return "\n\n".join(parts)


def method_documentation(model: Model, method: str) -> str:
    """The docstring of a method: what it does, and each parameter with its range, default and meaning."""
    title = model.title.strip().rstrip(".")
    summary = {
        "generate": f"Call {title} and wait for the result.",
        "submit": f"Submit a job to {title} and return at once.",
    }[method]
    lines = [summary, ""]
    if model.parameters:
        lines += [
            "Args:",
            *(f"    {parameter.name}: {describe(parameter)}" for parameter in model.parameters),
        ]
        lines += [
            "    timeout: seconds for each read and write. total_timeout: seconds for the whole call.",
            "    max_retries, validate, extra_headers, extra_body: other options of this call.",
            "",
        ]
    lines += [
        "Returns:",
        "    The result: content, images, metadata, save()."
        if method == "generate"
        else "    The job: wait(), status(), result().",
        "",
        "Raises:",
        "    ParameterError: a parameter is invalid; lists all violations.",
        "    APIStatusError: the API responded with an error; `errors` has a class per status.",
        "    APIConnectionError: the API could not be reached, or did not respond in time.",
    ]
    return "\n".join(lines)


def _type(parameter: Parameter, owner: str, literal: Callable[[object], str]) -> str:
    choices = [value for value in (*parameter.choices, *_documented_choices(parameter)) if value is not None]
    scalar = _SCALARS.get(parameter.type)
    if scalar is not None:
        if not choices or parameter.type == "number":
            return scalar
        literals = f"Literal[{', '.join(literal(value) for value in choices)}]"
        return f"{literals} | {scalar}" if parameter.open else literals
    if parameter.type == "array":
        item = (
            annotation(parameter.items, member_class(owner, parameter), literal) if parameter.items else "Any"
        )
        return f"Sequence[{item}]"
    return member_class(owner, parameter) if _has_class(parameter) else "Mapping[str, Any]"


def _has_class(parameter: Parameter) -> bool:
    """Whether an object gets a class.

    A member prevents it that Python would normalize to another name, or that is an identifier in some versions of Python only:
    ruff turns a `TypedDict` into a class if it takes all names for identifiers.
    """
    wires = [member.wire for member in parameter.properties]
    return bool(wires) and all(normalize(wire) == wire and is_certain(wire) for wire in wires)


def _documented_choices(parameter: Parameter) -> tuple[Json, ...]:
    """Values that the page prints instead of corrected ones. The type of an open enum allows them anyway."""
    return () if parameter.open else parameter.also_accepted


def _member_classes(
    owner: str, members: tuple[Parameter, ...]
) -> Iterator[tuple[str, tuple[Parameter, ...]]]:
    for member in members:
        name = member_class(owner, member)
        if member.items is not None:
            yield from _member_classes(name, (member.items,))
        if member.properties:
            yield from _member_classes(name, member.properties)
            if _has_class(member):
                yield name, member.properties
