"""A model in Python: classes, methods, and types of arguments.

Returns plain text, which `speccast.targets.python.filters` makes safe.
"""

from __future__ import annotations

import keyword
import re
from dataclasses import MISSING, Field, dataclass, fields, is_dataclass
from typing import TYPE_CHECKING, Literal

from speccast.targets.python.names import forms, member_class_name, nested_objects

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from _typeshed import DataclassInstance

    from speccast.core.api import Api
    from speccast.core.model import Model
    from speccast.core.parameter import Json, Parameter
    from speccast.core.places import EventPlaces
    from speccast.targets.python.names import PythonModel

_SIMPLE_NAME = re.compile(r"[a-z][a-z0-9_]*", re.ASCII)
_CONTENT = "types.MediaInput"
_SCALARS = {
    "string": "str",
    "integer": "int",
    "number": "float",
    "boolean": "bool",
    "file": _CONTENT,
}


def annotation(parameter: Parameter, owner: str, literal: Callable[[object], str]) -> str:
    """Return the type of a value:

    `Literal['a', 'b'] | str` for an open enum, `Sequence[str]`, `Mapping[str, Any]`, `… | None`.
    """
    kinds = [
        _type(form, name, literal)
        for name, form in forms(member_class_name(owner, parameter.wire), parameter)
    ]
    if parameter.takes_text:
        kinds.append("str")
    if parameter.nullable:
        kinds.append("None")
    return " | ".join(kinds)


@dataclass(frozen=True, slots=True)
class Method:
    """A method of a model's class, with the words that differ between the synchronous and the asynchronous form."""

    name: Literal["generate", "stream", "submit"]
    definition: str
    awaited: str
    result: str
    implementation: str = ""
    """Name of the method of the base class without its underscore, if it is another one."""
    sets: frozenset[str] = frozenset()
    """Wire names of parameters that the method sets itself."""
    is_async: bool = False


@dataclass(frozen=True, slots=True)
class ModelClass:
    """The synchronous or the asynchronous class of a model."""

    name: str
    base: str
    methods: tuple[Method, ...]


def model_classes(model: PythonModel, events: EventPlaces | None) -> tuple[ModelClass, ModelClass]:
    """Return the synchronous and the asynchronous class of a model, with a method for each of its surfaces.

    `events` are those of its streamed responses, if it can be streamed.
    """

    def methods(*, is_async: bool) -> Iterator[Method]:
        definition, awaited, prefix = ("async def", "await", "Async") if is_async else ("def", "", "")
        if model.is_sync:
            yield Method("generate", definition, awaited, f"{prefix}Result", is_async=is_async)
        if events is not None:
            yield Method(
                "stream",
                "def",
                "",
                f"{prefix}TextStream",
                "stream_text",
                frozenset(events.asks),
                is_async=is_async,
            )
        elif any(_is_media(kind) for kind in model.returns):
            yield Method("stream", "def", "", f"{prefix}ByteStream", is_async=is_async)
        if model.is_async:
            yield Method("submit", definition, awaited, f"{prefix}Job", is_async=is_async)

    return (
        ModelClass(model.class_name, "SyncModel", tuple(methods(is_async=False))),
        ModelClass(model.async_class_name, "AsyncModel", tuple(methods(is_async=True))),
    )


def has_byte_stream(api: Api, model: Model) -> bool:
    """Return whether a model with a blocking call passes its output on in pieces."""
    is_text = api.event_places(model) is not None
    return model.is_sync and not is_text and any(_is_media(kind) for kind in model.returns)


def _is_media(kind: str) -> bool:
    """Return whether outputs of a media type are neither text nor JSON."""
    return not kind.startswith("text/") and kind != "application/json"


def constructor(value: DataclassInstance, literal: Callable[[object], str]) -> str:
    """Return the expression that constructs an object of the core, with the published fields that differ from their defaults."""
    arguments = [
        f"{field.name}={_data(current, literal)}"
        for field in fields(value)
        if not field.metadata.get("is_generator_only")
        and not _is_default(field, current := getattr(value, field.name))
    ]
    return f"{type(value).__name__}({', '.join(arguments)})"


def class_imports(value: object, package: str) -> str:
    """Return the statements that import the classes in the expression of `constructor`, sorted by module."""
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
    return _compact(value, literal)


def _compact(value: object, literal: Callable[[object], str]) -> str:
    """Return a literal without the comma that makes the formatter write one line per item."""
    if isinstance(value, tuple):
        items = [_compact(item, literal) for item in value]
        return f"({items[0]},)" if len(items) == 1 else f"({', '.join(items)})"
    if isinstance(value, dict):
        return (
            "{" + ", ".join(f"{literal(key)}: {_compact(item, literal)}" for key, item in value.items()) + "}"
        )
    return literal(value)


def _is_default(field: Field[object], value: object) -> bool:
    default = field.default if field.default_factory is MISSING else field.default_factory()
    return value == default and type(value) is type(default)


@dataclass(frozen=True, slots=True)
class MemberClass:
    """The `TypedDict` of a nested object. Only if `is_class` its members can be written as those of a class."""

    name: str
    description: str
    members: tuple[Parameter, ...]
    is_class: bool


def member_classes(model: PythonModel) -> tuple[MemberClass, ...]:
    """Return the nested objects of a model; a class precedes those that refer to it."""
    return tuple(
        MemberClass(name, parameter.description, parameter.properties, _fits_class(parameter))
        for name, parameter in nested_objects(model.class_name, model.parameters)
    )


def _type(parameter: Parameter, name: str, literal: Callable[[object], str]) -> str:
    choices = [value for value in (*parameter.choices, *_documented_choices(parameter)) if value is not None]
    scalar = _CONTENT if parameter.media else _SCALARS.get(parameter.type)
    if scalar is not None:
        if not choices or parameter.type == "number":
            return scalar
        literals = f"Literal[{', '.join(literal(value) for value in choices)}]"
        return f"{literals} | {scalar}" if parameter.open else literals
    if parameter.type == "array":
        item = annotation(parameter.items, name, literal) if parameter.items else "Any"
        return f"Sequence[{item}]"
    return name if parameter.properties else "Mapping[str, Any]"


def _fits_class(parameter: Parameter) -> bool:
    """Return whether the members of an object can be attributes of a class, in whose annotations their names hide others."""
    return all(
        _SIMPLE_NAME.fullmatch(member.wire)
        and not keyword.iskeyword(member.wire)
        and member.wire not in ("types", *_SCALARS.values())
        for member in parameter.properties
    )


def _documented_choices(parameter: Parameter) -> tuple[Json, ...]:
    """Return the values that the page prints instead of corrected ones. The type of an open enum allows them anyway."""
    return () if parameter.open else parameter.also_accepted
