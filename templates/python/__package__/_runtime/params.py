"""Base class of the generated pydantic models of parameters."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Any, ClassVar, cast

from pydantic import BaseModel, ConfigDict, ValidationError, model_validator
from pydantic_core import MISSING, InitErrorDetails, PydanticCustomError

from .._core.check import mismatches
from .conversion import to_json
from .wording import violation

if TYPE_CHECKING:
    from .._core.check import Pointer
    from .._core.parameter import Parameter
    from .errors import Violation

__all__ = ["Params"]


class Params(BaseModel):
    """The parameters of a model, or an object among them: strict types, no unknown names, no NaN or infinity.

    Fields can be set by their names in Python or by those of the API. The client's own check decides about values, so
    numbers are exact and mean what they mean in JSON, which pydantic alone does not guarantee.
    """

    model_config: ClassVar[ConfigDict] = ConfigDict(
        strict=True,
        extra="forbid",
        allow_inf_nan=False,
        validate_by_name=True,
        validate_by_alias=True,
        protected_namespaces=(),
        regex_engine="python-re",
    )

    @model_validator(mode="before")
    @classmethod
    def _check(cls, data: Any) -> Any:
        parameters = _parameters(cls)
        if not parameters or not isinstance(data, Mapping):
            return data
        by_name = {parameter.wire: parameter for parameter in parameters}
        by_name |= {parameter.name: parameter for parameter in parameters if parameter.name not in by_name}
        checked: dict[str, Any] = {}
        problems: list[InitErrorDetails] = []
        for name, value in cast("Mapping[str, Any]", data).items():
            parameter = by_name.get(name)
            if parameter is not None and value is not MISSING:
                checked[name] = _check_value(parameter, value, problems)
                continue
            checked[name] = value
            if parameter is None:
                problems.append(InitErrorDetails(type="extra_forbidden", loc=(name,), input=value))
        problems += [
            InitErrorDetails(type="missing", loc=(parameter.wire,), input=data)
            for parameter in parameters
            if parameter.must_be_given and not {parameter.wire, parameter.name} & checked.keys()
        ]
        if problems:
            raise ValidationError.from_exception_data(cls.__name__, problems)
        return checked


def _parameters(model: type[Params]) -> tuple[Parameter, ...]:
    """Return the parameters that a class represents: none for an object among parameters."""
    package, _, module = model.__module__.rpartition("._params.")
    if not package or not model.__name__.endswith("Params"):
        return ()
    resource = getattr(import_module(f"{package}.{module}"), model.__name__.removesuffix("Params"), None)
    return cast("tuple[Parameter, ...]", getattr(resource, "parameters", ()))


def _check_value(parameter: Parameter, value: object, problems: list[InitErrorDetails]) -> object:
    violations: list[Violation] = []
    converted = to_json(parameter, value, parameter.wire, violations)
    found: list[tuple[str, Pointer]] = [(each.message, ()) for each in violations]
    found += [
        (violation(each, parameter.wire, value).message, each.pointer)
        for each in mismatches(parameter, converted)
    ]
    for message, pointer in found:
        error = PydanticCustomError("invalid_parameter", "{problem}", {"problem": message})
        problems.append(InitErrorDetails(type=error, loc=(parameter.wire, *pointer), input=value))
    return value if (parameter.items or parameter).is_media else converted
