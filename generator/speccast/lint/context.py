"""What rules check: an API, its models and their parameters.

`spec` is the value of the YAML file, which conforms to the format. `model` and `parameter` are the objects built from it.
Locations are given by path: `parameter.value("default")`, `model.key("slug")`.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, cast

from speccast.core.check import mismatches
from speccast.core.omit import OMIT
from speccast.lint.location import Location
from speccast.specs.build import model_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import date

    from speccast.core.check import Mismatch, Pointer
    from speccast.core.model import Model
    from speccast.core.parameter import Parameter
    from speccast.specs.document import Document
    from speccast.specs.format import ApiSpec, ModelSpec, ParameterSpec
    from speccast.specs.load import LoadedApi

Role: TypeAlias = Literal["parameter", "member", "item", "branch"]


class _Part:
    """A part of a document, in which a path leads to a location."""

    document: Document
    pointer: Pointer

    def value(self, *path: str | int) -> Location:
        return Location(self.document, (*self.pointer, *path))

    def key(self, *path: str | int) -> Location:
        return Location(self.document, (*self.pointer, *path), on_key=True)


@dataclass(frozen=True)
class ParameterContext(_Part):
    """A parameter of a model, a member of an object, the items of an array, or a branch of a union.

    `label` is its name in messages, such as `voice.settings.pauses[].after`.
    """

    document: Document
    pointer: Pointer
    spec: ParameterSpec
    parameter: Parameter
    role: Role
    label: str
    siblings: Mapping[str, ParameterContext] = field(repr=False, hash=False, compare=False)

    @property
    def keywords(self) -> Mapping[str, Any]:
        """The spec, for access by a variable keyword."""
        return cast("Mapping[str, Any]", self.spec)

    @property
    def is_nested(self) -> bool:
        """Whether the parameter has branches, members or items."""
        return bool(self.parameter.branches or self.parameter.properties or self.parameter.items)

    @cached_property
    def default_mismatches(self) -> tuple[Mismatch, ...]:
        """The mismatches of the default, if there is one."""
        default = self.parameter.default
        return (
            ()
            if default is OMIT or self.parameter.type == "file"
            else tuple(mismatches(self.parameter, default))
        )

    @cached_property
    def choice_mismatches(self) -> tuple[tuple[int, Mismatch], ...]:
        """The mismatches of the values of the enum, with their index."""
        if self.parameter.type == "file":
            return ()  # no value of a spec is a file, which another rule says
        # Each value is in the enum, so that is not checked: it would take quadratic time.
        measured = replace(self.parameter, choices=(), also_accepted=())
        values = enumerate(self.spec.get("enum", ()))
        return tuple((index, mismatch) for index, value in values for mismatch in mismatches(measured, value))

    @cached_property
    def members(self) -> Mapping[str, ParameterContext]:
        """The members of an object, by wire name."""
        place = Location(self.document, (*self.pointer, "properties"))
        specs = self.spec.get("properties", {})
        return _scope(place, specs, self.parameter.properties, label=f"{self.label}.")

    @cached_property
    def item(self) -> ParameterContext | None:
        """The items of an array, as one parameter without a name."""
        spec, parameter = self.spec.get("items"), self.parameter.items
        if spec is None or parameter is None:
            return None
        pointer = (*self.pointer, "items")
        return ParameterContext(self.document, pointer, spec, parameter, "item", f"{self.label}[]", {})

    @cached_property
    def branches(self) -> tuple[ParameterContext, ...]:
        """The branches of a union. They have the label of the union."""
        return tuple(
            ParameterContext(
                self.document, (*self.pointer, "anyOf", index), spec, parameter, "branch", self.label, {}
            )
            for index, (spec, parameter) in enumerate(
                zip(self.spec.get("anyOf", ()), self.parameter.branches, strict=True)
            )
        )

    def walk(self) -> Iterator[ParameterContext]:
        """Yield this parameter and all nested ones, in the order of the file."""
        yield self
        for keyword in self.spec:
            if keyword == "anyOf":
                for branch in self.branches:
                    yield from branch.walk()
            elif keyword == "items" and self.item is not None:
                yield from self.item.walk()
            elif keyword == "properties":
                for member in self.members.values():
                    yield from member.walk()


@dataclass(frozen=True)
class ModelContext(_Part):
    """A model and its API."""

    api: ApiContext = field(repr=False)
    document: Document
    spec: ModelSpec
    model: Model
    pointer = ()

    @property
    def name_place(self) -> Location:
        """The location of the name of the model: its `name`, else its slug."""
        return self.value("name" if "name" in self.spec else "slug")

    @cached_property
    def parameters(self) -> Mapping[str, ParameterContext]:
        """The parameters of the model, by wire name."""
        return _parameters(self.document, self.spec, self.model)

    @cached_property
    def all_parameters(self) -> tuple[ParameterContext, ...]:
        """The parameters and all nested ones, in the order of the file."""
        return _walk(self.parameters)

    def forget_parameters(self) -> None:
        """Free the memory of the parameters, of which an API can have 100,000."""
        vars(self).pop("parameters", None)
        vars(self).pop("all_parameters", None)

    @property
    def scopes(self) -> Iterator[Mapping[str, ParameterContext]]:
        """The parameters of the model and the members of each object. Names must be unique in each of them."""
        yield self.parameters
        for parameter in self.all_parameters:
            if parameter.is_nested and parameter.members:
                yield parameter.members


@dataclass(frozen=True)
class ApiContext(_Part):
    """An API with its models. `today` is the current date, if it is given."""

    document: Document
    spec: ApiSpec
    documents: tuple[Document, ...] = field(repr=False)
    today: date | None = None
    pointer = ()

    @cached_property
    def models(self) -> tuple[ModelContext, ...]:
        """The valid models, in the order of the files."""
        models = []
        for document in self.documents:
            spec = cast("ModelSpec", document.value)
            models.append(ModelContext(self, document, spec, model_of(document)))
        return tuple(models)


def api_context(loaded: LoadedApi, today: date | None = None) -> ApiContext:
    """Return the context of a loaded API."""
    return ApiContext(loaded.api, cast("ApiSpec", loaded.api.value), loaded.models, today)


def parameters_alone(document: Document) -> tuple[ParameterContext, ...]:
    """Return the parameters, and all nested ones, of a model whose API is not valid."""
    spec = cast("ModelSpec", document.value)
    return _walk(_parameters(document, spec, model_of(document)))


def _parameters(document: Document, spec: ModelSpec, model: Model) -> Mapping[str, ParameterContext]:
    place = Location(document, ("parameters",))
    return _scope(place, spec["parameters"], model.parameters, label="")


def _walk(parameters: Mapping[str, ParameterContext]) -> tuple[ParameterContext, ...]:
    return tuple(inner for parameter in parameters.values() for inner in parameter.walk())


def _scope(
    place: Location,
    specs: Mapping[str, ParameterSpec],
    parameters: tuple[Parameter, ...],
    *,
    label: str,
) -> Mapping[str, ParameterContext]:
    """Return the contexts of the parameters of a model (without `label`) or of the members of an object."""
    role: Role = "member" if label else "parameter"
    scope: dict[str, ParameterContext] = {}
    for (wire, spec), parameter in zip(specs.items(), parameters, strict=True):
        scope[wire] = ParameterContext(
            document=place.document,
            pointer=(*place.pointer, wire),
            spec=spec,
            parameter=parameter,
            role=role,
            label=f"{label}{wire}",
            siblings=scope,
        )
    return scope
