"""Four implementations that check a request, and values to check.

They are a generated client's check, its pydantic model of the parameters, the emulator's response, and plain JSON
Schema. They are independent: `_core/check.py`, pydantic with what datamodel-code-generator makes of the schema,
`emulator/validation.py`, and `jsonschema` with nothing added but what the spec format says of numbers.
"""

from __future__ import annotations

import json
import math
import re
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from importlib import import_module
from typing import TYPE_CHECKING, Any, TypeAlias

import httpx2
from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError
from jsonschema.validators import extend
from pydantic import BaseModel
from pydantic import ValidationError as PydanticValidationError

from speccast.emulator.bodies import decode_form
from speccast.specs.jsonschema import parameters_schema
from tests.media import media_values, wrong_media

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from types import ModuleType

    from speccast.emulator.server import RunningEmulator
    from speccast.specs.bundle import Bundle

Json: TypeAlias = Any
Arguments: TypeAlias = dict[str, Json]


@dataclass(frozen=True)
class Verdict:
    """The invalid parameters of a body; none if it is valid."""

    wrong: frozenset[str]

    @property
    def is_valid(self) -> bool:
        return not self.wrong


def parse_exactly(text: bytes | str) -> Json:
    """Parse JSON with exact numbers. Raises ValueError for NaN and infinities."""
    return json.loads(text, parse_float=Decimal, parse_constant=_refuse_constant)


def _refuse_constant(name: str) -> Json:
    raise ValueError(name)


class JsonSchema:
    """Plain JSON Schema, independent of Speccast. It says nothing about media, which `media` judges."""

    def __init__(self, model: Mapping[str, Any]) -> None:
        self._parameters = model["parameters"]
        self._validator = _Exact(parse_exactly(json.dumps(parameters_schema(model))))

    def check(self, body: bytes) -> Verdict:
        try:
            value = parse_exactly(body)
        except ValueError:
            return Verdict(frozenset({"body"}))
        places = frozenset(_places(self._validator.iter_errors(value)))
        return Verdict(places | wrong_media(self._parameters, value))


def _places(errors: Iterable[ValidationError]) -> Iterator[str]:
    for error in errors:
        if error.absolute_path:
            yield str(error.absolute_path[0])
            continue
        instance: Json = error.instance
        names: Json = error.validator_value
        if error.validator == "required":
            yield from (name for name in names if name not in instance)
        else:
            assert error.validator == "additionalProperties"
            assert isinstance(error.schema, dict)
            yield from (name for name in instance if name not in error.schema["properties"])


def _is_integer(_: Any, value: object) -> bool:
    if isinstance(value, bool):
        return False
    return isinstance(value, int) or (isinstance(value, Decimal) and value == value.to_integral_value())


def _is_multiple(_: Any, step: Any, value: Any, __: Any) -> Iterator[ValidationError]:
    is_number = isinstance(value, int | Decimal) and not isinstance(value, bool)
    if is_number and (Fraction(value) / Fraction(step)).denominator != 1:
        yield ValidationError(f"{value} is not a multiple of {step}")


def _matches(_: Any, pattern: str, value: Any, __: Any) -> Iterator[ValidationError]:
    """In JSON Schema `$` is the end of the text; in Python it also matches before a final line break."""
    if isinstance(value, str) and not re.search(pattern, re.sub("\n\\Z", "\v", value)):
        yield ValidationError(f"{value!r} does not match {pattern}")


_Exact: Any = extend(  # type: ignore[no-untyped-call] # unlike the rest of jsonschema
    Draft202012Validator,
    {"multipleOf": _is_multiple, "pattern": _matches},
    type_checker=Draft202012Validator.TYPE_CHECKER.redefine("integer", _is_integer),
)


class ParamsModel:
    """The pydantic model of a model's parameters."""

    def __init__(self, package: ModuleType, slug: str, model: Mapping[str, Any]) -> None:
        self._parameters = model["parameters"]
        index = import_module(f"{package.__name__}._index")
        models = import_module(f"{package.__name__}.models")
        (entry,) = (entry for entry in index.MODELS.values() if entry.slug == slug)
        self._params: type[BaseModel] = getattr(models, f"{entry.class_name}Params")

    def check(self, body: bytes) -> Verdict:
        """Return the parameters of a body that pydantic or `media` refuses."""
        return self.check_arguments(json.loads(body))

    def check_arguments(self, arguments: Arguments) -> Verdict:
        """Return the arguments that pydantic or `media` refuses."""
        media = wrong_media(self._parameters, arguments)
        try:
            self._params.model_validate(arguments, by_alias=True, by_name=False)
        except PydanticValidationError as error:
            media |= {str(problem["loc"][0]) for problem in error.errors()}
        return Verdict(frozenset(media))


class Client:
    """A generated client, and the bodies that it sends to the emulator."""

    def __init__(self, package: ModuleType, bundle: Bundle, emulator: RunningEmulator) -> None:
        self._package = package
        self._emulator = emulator
        self._bundle = bundle
        class_name = bundle.api["client"]
        self._bodies: list[bytes] = []
        self._content_type = ""
        hooks: dict[str, list[Any]] = {
            "request": [self._record],
        }
        http = httpx2.Client(event_hooks=hooks)
        url = emulator.url
        self._checked = getattr(package, class_name)("any", base_url=url, http_client=http, max_retries=0)
        self._unchecked = self._checked.with_options(validate=False)
        index = import_module(f"{package.__name__}._index")
        self._resources = {
            resource.slug: resource for resource in (getattr(self._checked, name) for name in index.MODELS)
        }

    def _record(self, request: httpx2.Request) -> None:
        self._bodies.append(request.read())
        self._content_type = request.headers["content-type"]

    def check_form(self, slug: str, arguments: Arguments) -> tuple[Verdict, Json, Verdict] | None:
        """Return the client's verdict, what the form that it sends without a check says, and the emulator's verdict.

        None if no form can say the arguments: null has no text, and a file that is missing has no content.
        """
        own = self._own_verdict(slug, arguments)
        try:
            answered = self._answer(self._unchecked, slug, arguments, as_job=False)
        except self._package.ParameterError:
            assert not own.is_valid
            return None
        parameters = self._resources[slug].parameters
        return own, decode_form(self._bodies.pop(), self._content_type, parameters), answered

    def _own_verdict(self, slug: str, arguments: Arguments) -> Verdict:
        try:
            self._answer(self._checked, slug, arguments, as_job=False)
        except self._package.ParameterError as error:
            names = {parameter.name: parameter.wire for parameter in self._resources[slug].parameters}
            names |= {name: name for name in arguments if name not in names}
            return Verdict(frozenset(names[_top(each.parameter, names)] for each in error.violations))
        self._bodies.pop()
        return Verdict(frozenset())

    def check(self, slug: str, arguments: Arguments, *, as_job: bool) -> tuple[Verdict, bytes, Verdict]:
        """Return the client's verdict on arguments, the body that it sends without a check, and the emulator's verdict."""
        own = Verdict(frozenset())
        try:
            answered = self._answer(self._checked, slug, arguments, as_job=as_job)
        except self._package.ParameterError as error:
            names = {parameter.name: parameter.wire for parameter in self._resources[slug].parameters}
            names |= {name: name for name in arguments if name not in names}
            own = Verdict(frozenset(names[_top(each.parameter, names)] for each in error.violations))
            answered = self._answer(self._unchecked, slug, arguments, as_job=as_job)
        return own, self._parameters(slug, as_job=as_job), answered

    def check_unchecked(
        self, slug: str, arguments: Arguments, extra: Arguments, *, as_job: bool
    ) -> tuple[bytes, Verdict]:
        """Return the body of valid arguments merged with an `extra_body`, and the emulator's verdict."""
        resource = self._resources[slug]
        names = {parameter.wire: parameter.name for parameter in resource.parameters}
        call = resource.submit if as_job else resource.generate
        keywords = {names[wire]: value for wire, value in arguments.items()}
        answered = self._asked(lambda: call(**keywords, extra_body=extra), slug, extra)
        return self._parameters(slug, as_job=as_job), answered

    def _parameters(self, slug: str, *, as_job: bool) -> bytes:
        """Return the parameters in the last body, without the constants and the object around them."""
        body = self._bodies.pop()
        sends = self._bundle.models[slug].get("sends", {})
        surface = self._bundle.api["async" if as_job else "sync"]
        is_json = self._bundle.models[slug].get("body", surface.get("body", "json")) == "json"
        wrap = surface.get("wrap") if is_json else None
        if wrap is None and not sends:
            return body
        start = json.dumps({**sends, **({wrap: 0} if wrap else {})}, separators=(",", ":"))
        start = start.removesuffix("0}" if wrap else "}")
        assert body.startswith(start.encode()), body
        rest = body[len(start) :]
        return rest.removesuffix(b"}") if wrap else b"{" + rest.removeprefix(b",")

    def _answer(self, client: Any, slug: str, arguments: Arguments, *, as_job: bool) -> Verdict:
        send = client.submit_async if as_job else client.run_sync
        return self._asked(lambda: send(slug, **arguments), slug, arguments)

    def _asked(self, send: Callable[[], object], slug: str, arguments: Arguments) -> Verdict:
        try:
            send()
        except self._package.InvalidResponseError:
            pass  # a success: the emulator sends JSON instead of a picture
        except self._package.APIStatusError as error:
            assert error.status in (400, 422), error  # by what the API's spec says
            latest = self._emulator.run(lambda: self._emulator.state.journal.entries()[-1])
            found = latest.violations or ({"parameter": "body"},)
            names = [*arguments, *(parameter.wire for parameter in self._resources[slug].parameters)]
            return Verdict(frozenset(_top(each["parameter"], names) for each in found))
        return Verdict(frozenset())


def _top(path: str, names: Iterable[str]) -> str:
    """Return the parameter of a path such as `loras[0].weight`. A name can contain dots and brackets."""
    return max(
        (name for name in names if path == name or path.startswith((f"{name}.", f"{name}["))),
        key=len,
        default=path,
    )


def interesting(spec: Mapping[str, Any]) -> list[Json]:
    """Return values at and near every limit of a parameter, and values of every other type."""
    found: list[Json] = [None, True, False, 0, 1, -1, 0.0, -0.0, 1.0, 0.5, 10**20, 2.0**60, 1e300, 5e-324]
    found += ["", "x", "1", "null", "\U0001f98a", [], {}, [None], {"x": 1}]
    found += [value for word in ("default", "examples") for value in _list_values(spec.get(word, []))]
    found += list(_choices(spec))
    found += list(_numbers(spec))
    found += list(_texts(spec))
    found += list(media_values(spec))
    found += list(_arrays(spec))
    found += list(_objects(spec))
    found += [value for branch in _branches(spec) for value in interesting(branch)]
    return list({repr(value): value for value in found}.values())


def _list_values(value: Json) -> list[Json]:
    return value if isinstance(value, list) else [value]


def _choices(spec: Mapping[str, Any]) -> Iterator[Json]:
    printed = spec.get("documented_as", {})
    for choice in (*spec.get("enum", ()), *(printed.values() if isinstance(printed, dict) else [printed])):
        yield choice
        yield str(choice)
        if isinstance(choice, str):
            yield from (choice.upper(), choice + " ", choice[:-1], choice + "\n")
        elif isinstance(choice, int | float) and not isinstance(choice, bool):
            yield from (float(choice), choice + 1, choice - 0.5, math.nextafter(choice, math.inf))


def _numbers(spec: Mapping[str, Any]) -> Iterator[Json]:
    step = spec.get("multipleOf")
    for word in ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"):
        if word in spec:
            bound = spec[word]
            yield from (bound, bound - 1, bound + 1, float(bound), str(bound))
            yield from (math.nextafter(bound, -math.inf), math.nextafter(bound, math.inf))
            if step is not None:
                yield from _around(bound, step)
    if step is not None:
        yield from _around(0, step)
        yield from (
            step,
            float(step),
            step * 3,
            step * 1000,
            step / 2,
            step * 1.0000001,
            step * 7 / 7,
            0.1 + 0.2,
        )


def _around(bound: float, step: float) -> Iterator[Json]:
    """Yield the steps next to a bound, computed as decimals, and values between them."""
    exact = Decimal(repr(step))
    nearest = int(Decimal(repr(bound)) / exact)
    for number in range(nearest - 2, nearest + 3):
        on = number * exact
        yield int(on) if on == on.to_integral_value() else float(on)
        yield float(on + exact / 2)
        yield number * step  # rounding may have moved it off the step


def _texts(spec: Mapping[str, Any]) -> Iterator[Json]:
    for word in ("minLength", "maxLength"):
        for length in range(max(spec.get(word, 0) - 1, 0), spec.get(word, -2) + 2):
            yield from ("x" * length, "\U0001f98a" * length, "e\u0301" * (length // 2) + "x" * (length % 2))
    if "pattern" in spec:
        known = ("en-7", "AB-12", "AB-1\n", "ab-1", "AB-", "xAB-1", "AB-\u0661", "EN-7", "en-7\n", "\nen-7")
        yield from known


def _arrays(spec: Mapping[str, Any]) -> Iterator[Json]:
    if "items" not in spec:
        return
    schema = {"parameters": {"item": {**spec["items"], "required": True}}}
    items = interesting(spec["items"])
    good = _first_valid(schema, "item", items)
    counts = {spec.get("minItems", 0), spec.get("maxItems", 2), 1}
    for count in sorted({max(count + more, 0) for count in counts for more in (-1, 0, 1)}):
        yield [good] * count
    rest = [good] * (max(spec.get("minItems", 1), 1) - 1)
    for item in items:
        yield [*rest, item]


def _objects(spec: Mapping[str, Any]) -> Iterator[Json]:
    members = spec.get("properties")
    if members is None:
        return
    least = minimal(members)
    yield least
    yield {**least, "no such member": 1}
    for name, member in members.items():
        yield {other: value for other, value in least.items() if other != name}
        for value in interesting(member):
            yield {**least, name: value}


def _branches(spec: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Yield the branches of a union. Each member with a single text tells objects apart, so it is required."""
    for branch in spec.get("anyOf", ()):
        members = branch.get("properties", {})
        tags = {
            name: {**each, "required": True}
            for name, each in members.items()
            if len(each.get("enum", ())) == 1
        }
        yield {**branch, "properties": {**members, **tags}} if members else branch


def minimal(parameters: Mapping[str, Mapping[str, Any]]) -> Arguments:
    """Return the required parameters with valid values."""
    return {
        name: _first_valid({"parameters": {name: spec}}, name, interesting(spec))
        for name, spec in parameters.items()
        if spec.get("required")
    }


def _first_valid(model: Mapping[str, Any], name: str, values: Iterable[Json]) -> Json:
    schema = JsonSchema(model)
    return next(value for value in values if schema.check(json.dumps({name: value}).encode()).is_valid)
