"""How a model reads in Python: types of arguments, and the words of docstrings.

Answers plain text and leaves it to `speccast.targets.python.filters` to make that safe.
"""

from __future__ import annotations

import json
import unicodedata
from dataclasses import MISSING, Field, dataclass, fields, is_dataclass
from typing import TYPE_CHECKING, Literal

from speccast.core.omit import OMIT
from speccast.specs import names
from speccast.specs.alike import once_per_parameter

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from _typeshed import DataclassInstance

    from speccast.core.model import Model
    from speccast.core.parameter import Json, Parameter

_words = json.JSONEncoder(ensure_ascii=False).encode  # `json.dumps` would make an encoder each time

_SCALARS = {"string": "str", "integer": "int", "number": "float", "boolean": "bool"}


def annotation(parameter: Parameter, owner: str, literal: Callable[[object], str]) -> str:
    """The type of a value: `Literal['a', 'b'] | str` for an open enum, `Sequence[str]`, `Mapping[str, Any]`, `… | None`."""
    kinds = [_type(parameter, owner, literal)]
    if parameter.nullable:
        kinds.append("None")
    return " | ".join(kinds)


@dataclass(frozen=True, slots=True)
class Method:
    """A method of a model's class: its name, and the words that differ between its synchronous and asynchronous form."""

    name: Literal["generate", "submit"]
    definition: str
    awaited: str
    answer: str


@dataclass(frozen=True, slots=True)
class Twin:
    """The synchronous or the asynchronous class of a model."""

    class_name: str
    base: str
    methods: tuple[Method, ...]


def twins(model: Model) -> tuple[Twin, Twin]:
    """The two classes of a model, with a method for each surface that the page documents."""

    def methods(definition: str, awaited: str, job: str) -> tuple[Method, ...]:
        generate = (Method("generate", definition, awaited, "Result"),) if model.is_sync else ()
        return (*generate, Method("submit", definition, awaited, job)) if model.is_async else generate

    return (
        Twin(model.class_name, "SyncModel", methods("def", "", "Job")),
        Twin(model.async_class_name, "AsyncModel", methods("async def", "await", "AsyncJob")),
    )


def constructor(value: DataclassInstance, literal: Callable[[object], str]) -> str:
    """The call that makes an object of the core: with its published fields that differ from their defaults."""
    arguments = [
        f"{field.name}={_data(current, literal)}"
        for field in fields(value)
        if not field.metadata.get("is_generator_only")
        and not _is_default(field, current := getattr(value, field.name))
    ]
    return f"{type(value).__name__}({', '.join(arguments)})"


def class_imports(value: object, package: str) -> str:
    """The statements that import the classes that `constructor` writes for an object, sorted by module."""
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


def member_classes(model: Model) -> tuple[tuple[str, tuple[Parameter, ...]], ...]:
    """The nested objects of a model as (class name, members), those that others refer to first."""
    return tuple(_member_classes(model.class_name, model.parameters))


def member_class(owner: str, parameter: Parameter) -> str:
    """The class of a nested object that belongs to `owner`."""
    return names.member_class_name(owner, parameter.wire)


def model_documentation(model: Model) -> str:
    """Title, description, and what a reader should know before using the model."""
    parts = [model.title.strip().rstrip(".") + "."]
    if model.description:
        parts.append(model.description)
    if model.note:
        parts.append(f"Note: {model.note}")
    if model.deprecated:
        parts.append(deprecation(model))
    parts.append(f"Slug: {model.slug}. Answers: {', '.join(model.returns)}.")
    if model.source and (model.source.url or model.source.document):
        read = f", read on {model.source.date}" if model.source.date else ""
        parts.append(f"Source: {model.source.url or model.source.document}{read}.")
    return "\n\n".join(parts)


def deprecation(model: Model) -> str:
    """The sentence that tells of a model's end, or nothing."""
    if model.deprecated is None:
        return ""
    instead = f"; use {model.deprecated.replaced_by}" if model.deprecated.replaced_by else ""
    return f"{model.slug} is deprecated since {model.deprecated.since}{instead}."


def method_documentation(model: Model, method: str) -> str:
    """What a method does, and each parameter with its range, default and meaning."""
    title = model.title.strip().rstrip(".")
    does = {
        "generate": f"Call {title} and wait for the answer.",
        "submit": f"Submit a job to {title} and return at once.",
    }[method]
    lines = [does, ""]
    if model.parameters:
        lines += [
            "Args:",
            *(f"    {parameter.name}: {describe(parameter)}" for parameter in model.parameters),
        ]
        lines += ["    timeout, max_retries, validate, extra_headers, extra_body: options of this call.", ""]
    lines += [
        "Returns:",
        "    The answer: content, images, metadata, save()."
        if method == "generate"
        else "    The job: wait(), status(), result().",
        "",
        "Raises:",
        "    ParameterError: a parameter is not what the model takes; names all that are not.",
        "    APIStatusError: the API answered with an error; see `errors` for a class per status.",
        "    APIConnectionError: no answer came.",
    ]
    return "\n".join(lines)


def type_text(parameter: Parameter) -> str:
    """The JSON type in words: `integer`, `array of objects`, `string or null`."""
    if parameter.items is None:
        return f"{parameter.type} or null" if parameter.nullable else parameter.type
    text = f"array of {_types_text(parameter.items)}"
    return f"{text}, or null" if parameter.nullable else text


def _types_text(items: Parameter) -> str:
    of = f" of {_types_text(items.items)}" if items.items is not None else ""
    return f"{items.type}s{of}" + (" or nulls" if items.nullable else "")


@once_per_parameter
def limits(parameter: Parameter) -> str:
    """Range and choices in words, as a cell of a table."""
    parts = [range_text(parameter)] if range_text(parameter) else []
    return "; ".join([*parts, *([_choices(parameter)] if parameter.choices else [])])


@once_per_parameter
def meaning(parameter: Parameter) -> str:
    """Description, conditions and notes in words, as a cell of a table."""
    parts = [parameter.description, *_conditions(parameter), parameter.note]
    return " ".join(part.strip().rstrip(".") + "." for part in parts if part.strip())


def json_words(value: Json) -> str:
    """A value as JSON that people read."""
    return _words(value)


@once_per_parameter
def describe(parameter: Parameter) -> str:
    """One line on a parameter: meaning, limits, default, conditions and notes."""
    parts = []
    if parameter.description:
        parts.append(parameter.description.strip().rstrip(".") + ".")
    if parameter.must_be_given:
        parts.append("Required.")
    if limits := range_text(parameter):
        parts.append(limits[0].upper() + limits[1:] + ".")
    if parameter.choices:
        parts.append(_choices(parameter))
    if parameter.default is not OMIT:
        sent = " (sent when left out)" if parameter.is_sent_by_default else ""
        parts.append(f"Default: {json_words(parameter.default)}{sent}.")
    parts += [f"{condition}." for condition in _conditions(parameter)]
    if parameter.note:
        parts.append(f"Note: {parameter.note.strip().rstrip('.')}.")
    return " ".join(" ".join(parts).split()) or "No description."


def range_text(parameter: Parameter) -> str:
    """The limits in words: `10 to 100`, `at least 0`, `512 to 2048, in steps of 8`, `at most 3 items`."""
    parts = [*_bounds(parameter)]
    if parameter.multiple_of is not None:
        parts.append(f"in steps of {json_words(parameter.multiple_of)}")
    parts += _counted(parameter.min_length, parameter.max_length, "character")
    parts += _counted(parameter.min_items, parameter.max_items, "item")
    if parameter.pattern is not None:
        parts.append(f"matching {parameter.pattern}")
    return ", ".join(parts)


def _bounds(parameter: Parameter) -> Iterator[str]:
    low, high = parameter.minimum, parameter.maximum
    over, under = parameter.exclusive_minimum, parameter.exclusive_maximum
    if low is not None and high is not None and over is None and under is None:
        yield f"{json_words(low)} to {json_words(high)}"
        return
    words = [("at least", low), ("over", over), ("at most", high), ("under", under)]
    said = [f"{word} {json_words(bound)}" for word, bound in words if bound is not None]
    if said:
        yield " and ".join(said)


def _counted(least: int | None, most: int | None, unit: str) -> list[str]:
    def plural(count: int) -> str:
        return f"{count} {unit}" + ("" if count == 1 else "s")

    if least is not None and most is not None:
        return [plural(least) if least == most else f"{least} to {plural(most)}"]
    if least is not None:
        return [f"at least {plural(least)}"]
    return [f"at most {plural(most)}"] if most is not None else []


def _choices(parameter: Parameter) -> str:
    known = ", ".join(json_words(choice) for choice in parameter.choices)
    if not parameter.open:
        return f"One of {known}."
    more = f" and {parameter.hidden_values} more" if parameter.hidden_values else ", among others"
    return f"Known values: {known}{more}."


def _conditions(parameter: Parameter) -> list[str]:
    conditions = " and ".join(
        f"{other} is {' or '.join(json_words(value) for value in values)}"
        for other, values in parameter.applies_when
    )
    return [f"Applies when {conditions}"] if conditions else []


def _type(parameter: Parameter, owner: str, literal: Callable[[object], str]) -> str:
    choices = [value for value in (*parameter.choices, *_printed(parameter)) if value is not None]
    scalar = _SCALARS.get(parameter.type)
    if scalar is not None:
        if not choices or parameter.type == "number":
            return scalar
        known = f"Literal[{', '.join(literal(value) for value in choices)}]"
        return f"{known} | {scalar}" if parameter.open else known
    if parameter.type == "array":
        item = (
            annotation(parameter.items, member_class(owner, parameter), literal) if parameter.items else "Any"
        )
        return f"Sequence[{item}]"
    return member_class(owner, parameter) if _has_class(parameter) else "Mapping[str, Any]"


def _has_class(parameter: Parameter) -> bool:
    """Whether an object gets a class: not with a member that Python would read under another name."""
    wires = [member.wire for member in parameter.properties]
    return bool(wires) and all(unicodedata.normalize("NFKC", wire) == wire for wire in wires)


def _printed(parameter: Parameter) -> tuple[Json, ...]:
    """What the page prints instead of a corrected value: offered only where the type would refuse it otherwise."""
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
