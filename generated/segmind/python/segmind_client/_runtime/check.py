"""Parameters before anything is sent: from Python values to the JSON of a request, or one error with all that is wrong.

Values are checked by the parameters' data, which says exactly what numbers may be, and then by the generated class,
which has the last word.
"""

from __future__ import annotations

import math
import os
import sys
import warnings
from collections.abc import Iterator, Mapping, Sequence
from enum import Enum
from numbers import Integral
from typing import TYPE_CHECKING, cast

from pydantic import BaseModel, ValidationError

from .._core.omit import OMIT, Omit
from .errors import ParameterError, ParameterWarning, Violation
from .limits import allowed, plainly_right, same, shown, suggestion, violations
from .log import PACKAGE

if TYPE_CHECKING:
    from collections.abc import Container

    from .._core.parameter import Json, Parameter
    from .params import Params

__all__ = ["Checker"]

_BINARY = (bytes, bytearray, memoryview)
_NO_LISTS = (str, *_BINARY)
_DEEPEST = 64


class Checker:
    """The check of one model's parameters. What is the same for every call is found out once."""

    def __init__(self, model: str, params: type[Params], parameters: tuple[Parameter, ...]) -> None:
        """`model` is the name that errors tell, `params` the generated class, `parameters` its data."""
        self._model = model
        self._params = params
        self._parameters = parameters
        self._tests = [(parameter, plainly_right(parameter)) for parameter in parameters]
        self._wires = {parameter.wire: parameter.wire for parameter in parameters}
        self._wires |= {parameter.name: parameter.wire for parameter in parameters}
        self._conditional = [parameter for parameter in parameters if parameter.applies_when]

    def body(self, values: Mapping[str, object], *, unchecked: Container[str] = ()) -> dict[str, Json]:
        """The body of a request, by the names of the API and in the order of the parameters; `values` is left as it is.

        `values` has the names in Python (or, where there is no such name, those of the API), without what was omitted.
        Required parameters that are missing get their default. `unchecked` names parameters of the API that come from
        elsewhere: they may be missing, and what is passed for them is dropped.

        Warns with ParameterWarning of values that have no effect. Raises ParameterError with everything that is wrong.
        """
        reader = _Reader()
        given = self._by_wire_name(values, reader)
        body: dict[str, Json] = {}
        for parameter, is_plainly_right in self._tests:
            wire = parameter.wire
            if wire in unchecked:
                continue
            if wire not in given:
                if parameter.required:
                    reader.fill(parameter, parameter.name, body)
            elif is_plainly_right(value := given[wire]):
                body[wire] = cast("Json", value)
            else:
                body[wire] = reader.read(parameter, value, parameter.name)
        if not reader.found:
            reader.found += _refused(self._params, self._parameters, body, unchecked)
        if reader.found:
            raise ParameterError(self._model, reader.found)
        if self._conditional:
            for message in _without_effect(self._parameters, given, body):
                warnings.warn(f"{self._model}: {message}", ParameterWarning, stacklevel=_callers_level())
        return body

    def _by_wire_name(self, values: Mapping[str, object], reader: _Reader) -> dict[str, object]:
        """The values by the names of the API."""
        given: dict[str, object] = {}
        for name, value in values.items():
            wire = self._wires.get(name)
            if wire is None:
                names = [parameter.name for parameter in self._parameters]
                message = f"is no parameter of this model{suggestion(name, names)}"
                reader.found.append(Violation(name, shown(value), message, ", ".join(names)))
            elif wire in given:
                reader.found.append(Violation(name, shown(value), "is given twice, under both of its names"))
            else:
                given[wire] = value
        return given


class _Reader:
    """Reads values as JSON, and collects what is wrong with them."""

    def __init__(self) -> None:
        self.found: list[Violation] = []

    def read(self, parameter: Parameter | None, value: object, path: str, depth: int = 0) -> Json:
        """The value in JSON. Where it has none, that is noted and the answer is of no use."""
        if value is OMIT:
            return self._note(path, value, "cannot be left out here")
        if isinstance(value, Enum):
            value = value.value
        if isinstance(value, BaseModel):
            value = value.model_dump(by_alias=True)
        result: Json
        place = len(self.found)  # what is wrong with a list or dict itself comes before what is wrong in it
        if depth > _DEEPEST:
            return self._note(path, value, f"is nested more than {_DEEPEST} deep")
        if isinstance(value, Mapping):
            result = self._members(parameter, cast("Mapping[object, object]", value), path, depth)
        elif isinstance(value, Sequence) and not isinstance(value, _NO_LISTS):
            item = parameter.items if parameter is not None else None
            elements = cast("Sequence[object]", value)
            result = [
                self.read(item, each, f"{path}[{number}]", depth + 1) for number, each in enumerate(elements)
            ]
        else:
            if reason := _why_no_json(value):
                return self._note(path, value, reason)
            result = _scalar(parameter, value)
        if parameter is not None:
            self.found[place:place] = violations(parameter, result, path)
        return result

    def fill(self, parameter: Parameter, path: str, body: dict[str, Json]) -> None:
        """Put in the default of a required parameter that is missing, or note that it is."""
        if not parameter.required:
            return
        if isinstance(parameter.default, Omit):
            self.found.append(Violation(path, "", "is required", allowed(parameter)))
        else:
            body[parameter.wire] = self.read(None, parameter.default, path)

    def _members(
        self, parameter: Parameter | None, value: Mapping[object, object], path: str, depth: int
    ) -> dict[str, Json]:
        properties = parameter.properties if parameter is not None else ()
        known = {member.wire: member for member in properties}
        members: dict[str, Json] = {}
        for name, member in value.items():
            if not isinstance(name, str) or not _is_unicode(name):
                self._note(f"{path}[{shown(name)}]", member, "has a name that is no text")
            elif properties and name not in known:
                self._note(
                    f"{path}.{name}", member, f"is not known{suggestion(name, known)}", ", ".join(known)
                )
            elif member is not OMIT:
                members[name] = self.read(known.get(name), member, f"{path}.{name}", depth + 1)
        for name, member in known.items():
            if name not in members:
                self.fill(member, f"{path}.{name}", members)
        return members

    def _note(self, path: str, value: object, message: str, limit: str = "") -> Json:
        self.found.append(Violation(path, shown(value), message, limit))
        return None


def _refused(
    params: type[Params],
    parameters: tuple[Parameter, ...],
    body: Mapping[str, Json],
    unchecked: Container[str],
) -> Iterator[Violation]:
    """What the generated class finds wrong; not with numbers, on which it computes in floats."""
    try:
        params.model_validate(body, by_alias=True, by_name=False)
    except ValidationError as error:
        for problem in error.errors(include_url=False, include_context=False):
            path, parameter = _place(problem["loc"], parameters)
            is_number = parameter is not None and parameter.type == "number"
            if not is_number and not any(str(part) in unchecked for part in problem["loc"][:1]):
                limit = allowed(parameter) if parameter is not None else ""
                value = "" if problem["type"] == "missing" else shown(problem["input"])
                yield Violation(path, value, problem["msg"], limit)


def _place(
    location: tuple[int | str, ...], parameters: tuple[Parameter, ...]
) -> tuple[str, Parameter | None]:
    """The path to where pydantic found something, and the parameter there. Names of types in between are passed over."""
    path, parameter, members = "", None, parameters
    for part in location:
        if isinstance(part, int):
            path += f"[{part}]"
            parameter = parameter.items if parameter is not None else None
        elif (member := next((each for each in members if each.wire == part), None)) is not None:
            path += f".{part}" if path else member.name
            parameter = member
        else:
            continue
        members = parameter.properties if parameter is not None else ()
    return path or ".".join(map(str, location)), parameter


def _without_effect(
    parameters: tuple[Parameter, ...], given: Mapping[str, object], body: Mapping[str, Json]
) -> Iterator[str]:
    """Sentences about parameters that were passed although another one's value takes their effect away."""
    known = {parameter.wire: parameter for parameter in parameters}
    for parameter in parameters:
        for wire, wanted in parameter.applies_when if parameter.wire in given else ():
            other = known.get(wire)
            value = body.get(wire, other.default if other is not None else OMIT)
            if value is not OMIT and not any(same(value, each) for each in wanted):
                name = other.name if other is not None else wire
                values = " or ".join(shown(each) for each in wanted)
                yield f"{parameter.name} has no effect unless {name} is {values}; it is {shown(value)}"


def _callers_level() -> int:
    """How many frames up the code is that called into this package."""
    level, frame = 1, sys._getframe(1)
    while frame.f_back is not None and f"{frame.f_globals.get('__name__')}.".startswith(f"{PACKAGE}."):
        level, frame = level + 1, frame.f_back
    return level


def _scalar(parameter: Parameter | None, value: object) -> str | int | float | bool | None:
    """A value that JSON has, as one of Python's own types; an integral float is an integer where one is wanted."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return str.__str__(value)
    if isinstance(value, float):
        is_integer = parameter is not None and parameter.type == "integer" and value.is_integer()
        return int(value) if is_integer else float(value)
    return int(cast("int", value))


def _why_no_json(value: object) -> str:
    """Why a value that holds no others cannot be sent, and what to pass instead; empty if it can."""
    if isinstance(value, str):
        return "" if _is_unicode(value) else "holds half of a surrogate pair, which is no character"
    if isinstance(value, float):
        return "" if math.isfinite(value) else "must be a finite number"
    if value is None or isinstance(value, Integral):
        return ""
    if isinstance(value, _BINARY):
        return "is bytes: pass base64 text or an address, whichever the API takes"
    if isinstance(value, os.PathLike):
        return "is a path: pass the file's content as base64 text, or an address, whichever the API takes"
    return f"is of the type {type(value).__name__}, which JSON has nothing for"


def _is_unicode(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
