"""The test cases of a model: requests at every limit and one step beyond it, each with what must become of it.

Pure functions of the model. Whether a case is to be accepted is decided by what it was made for (`at minimum`, `below
minimum`); the cases that another limit of the same parameter turns around are dropped.
"""

from __future__ import annotations

import json
import math
import re
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import TYPE_CHECKING

from specwright.spec.fit import member_misfits, misfits
from specwright.spec.model import UNSET, Api, Json, Model, Parameter, Unset

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

UNKNOWN_NAME = "no_such_parameter"
UNKNOWN_TEXT = "no-such-value"
LONGEST_WORD = 100_000
"""Bytes; Linux takes no argument of more than 128 KiB, and a picture in base64 easily is."""


@dataclass(frozen=True, slots=True)
class Case:
    """One request. `arguments` are by wire name; `parameter` is the path that an error names, empty where none is due."""

    id: str
    arguments: dict[str, Json] = field(hash=False)
    parameter: str = ""


@dataclass(frozen=True, slots=True)
class Cases:
    """The requests of a model. `several` breaks a limit of every parameter at once, of which an error names all."""

    accepted: tuple[Case, ...]
    refused: tuple[Case, ...]
    several: dict[str, Json] = field(hash=False)
    several_parameters: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SampleRequest:
    """A request that must work: the page's example where it is valid, else what must be given.

    `arguments` are by wire name, `keywords` the same by Python name. On the command line `flags` say the same, together
    with `untypable`, which are those by wire name that no argument can say.
    """

    arguments: dict[str, Json] = field(hash=False)
    keywords: dict[str, Json] = field(hash=False)
    flags: tuple[str, ...]
    untypable: dict[str, Json] = field(hash=False)
    is_example: bool
    gives_images: bool
    base64_name: str | None


@dataclass(frozen=True, slots=True)
class _Probe:
    """A value of one parameter; `inside` is the path below the parameter that an error names."""

    label: str
    value: Json
    passes: bool
    inside: str = ""


def sample_request(api: Api, model: Model) -> SampleRequest | None:
    """A request for the tests of one model, or nothing where none can be made up."""
    is_example = model.example is not None and not any(member_misfits(model.example, model.parameters))
    arguments = dict(model.example) if model.example is not None and is_example else _minimal(model)
    if arguments is None:
        return None
    by_wire = {parameter.wire: parameter for parameter in model.parameters}
    base64 = by_wire.get(api.sync.base64_parameter or "") if api.sync else None
    gives_images = model.returns[0].startswith("image/")
    return SampleRequest(
        arguments=arguments,
        keywords={by_wire[wire].name: value for wire, value in arguments.items()},
        flags=tuple(
            _option(model, by_wire[wire], value)
            for wire, value in arguments.items()
            if _can_be_typed(by_wire[wire], value)
        ),
        untypable={
            wire: value for wire, value in arguments.items() if not _can_be_typed(by_wire[wire], value)
        },
        is_example=is_example,
        gives_images=gives_images,
        base64_name=base64.name if base64 is not None and gives_images else None,
    )


def _can_be_typed(parameter: Parameter, value: Json) -> bool:
    """Whether an argument can say it: some characters end one, and some words mean something else."""
    if parameter.type == "boolean":
        return value is not None
    if not isinstance(value, str):
        return len(json.dumps(value)) <= LONGEST_WORD
    means_another = value == "-" or (parameter.nullable and value == "null")
    return not means_another and "\0" not in value and len(value.encode()) <= LONGEST_WORD


def _option(model: Model, parameter: Parameter, value: Json) -> str:
    """A parameter and its value as the command line takes them."""
    if parameter.type == "boolean" and isinstance(value, bool):
        off = f"--no-{parameter.flag.removeprefix('--')}"
        if any(off == other.flag for other in model.parameters):
            off = f"--param-no-{parameter.flag.removeprefix('--')}"
        return parameter.flag if value else off
    return f"{parameter.flag}={value if isinstance(value, str) else json.dumps(value)}"


def _minimal(model: Model) -> dict[str, Json] | None:
    """What must be given; parameters with a default are given it, as an unchecked client adds none."""
    minimal: dict[str, Json] = {}
    for parameter in model.parameters:
        if parameter.required:
            value = sample(parameter)
            if isinstance(value, Unset):
                return None
            minimal[parameter.wire] = value
    return minimal


def test_cases(model: Model) -> Cases | None:
    """The cases of a model, or nothing where no request can be made up for want of a value for a required parameter."""
    model = _with_example(model)
    minimal = _minimal(model)
    if minimal is None:
        return None
    accepted, refused = [Case("minimal", minimal)], []
    for parameter in model.parameters:
        if parameter.must_be_given:
            left = {wire: value for wire, value in minimal.items() if wire != parameter.wire}
            refused.append(Case(f"{parameter.name}-missing", left, parameter.name))
        for probe in _probes(parameter):
            if _is_valid(parameter, probe.value) == probe.passes:
                arguments = {**minimal, parameter.wire: probe.value}
                name = f"{parameter.name}-{probe.label}"
                if probe.passes:
                    accepted.append(Case(name, arguments))
                else:
                    refused.append(Case(name, arguments, parameter.name + probe.inside))
    refused.append(Case("unknown-name", {**minimal, UNKNOWN_NAME: 1}, UNKNOWN_NAME))
    several: dict[str, Json] = dict(minimal)
    named: dict[str, str] = {}
    for case in refused:
        changed = [
            wire
            for wire, value in case.arguments.items()
            if wire not in minimal or minimal[wire] is not value
        ]
        if len(changed) == 1 and changed[0] not in named:
            several[changed[0]] = case.arguments[changed[0]]
            named[changed[0]] = case.parameter
    return Cases(_distinct(accepted), _distinct(refused), several, tuple(sorted(set(named.values()))))


def _with_example(model: Model) -> Model:
    """The model with what its example shows, wherever it shows it, among the examples of the parameters."""
    shown = model.example or {}
    return replace(
        model,
        parameters=tuple(
            _with_examples(parameter, [shown[parameter.wire]] if parameter.wire in shown else [])
            for parameter in model.parameters
        ),
    )


def _with_examples(parameter: Parameter, values: list[Json]) -> Parameter:
    objects = [value for value in values if isinstance(value, dict)]
    items = [item for value in values if isinstance(value, list) for item in value]
    return replace(
        parameter,
        examples=(*parameter.examples, *values),
        items=_with_examples(parameter.items, items) if parameter.items is not None else None,
        properties=tuple(
            _with_examples(member, [value[member.wire] for value in objects if member.wire in value])
            for member in parameter.properties
        ),
    )


def sample(parameter: Parameter) -> Json | Unset:
    """A value that the parameter takes: its default, an example, a choice, or one made up from its limits."""
    candidates = [parameter.default, *parameter.examples, *parameter.choices, *_made_up(parameter)]
    for value in candidates:
        if not isinstance(value, Unset) and value is not None and _is_valid(parameter, value):
            return value
    return None if parameter.nullable else UNSET


def _made_up(parameter: Parameter) -> Iterator[Json]:
    match parameter.type:
        case "string":
            length = max(parameter.min_length or 0, min(8, parameter.max_length or 8))
            yield from (
                "x" * length,
                "0" * length,
                "A" * length,
                "a-1",
                "2024-01-01",
                "https://example.com/a.png",
            )
        case "integer" | "number":
            at_bounds = (_number(value, parameter) for _, value, _ in _at_bounds(parameter))
            yield from (value for value in at_bounds if abs(value) < math.inf)
            yield from (1, 0, parameter.multiple_of or 0)
        case "boolean":
            yield False
        case "array":
            item = _sample_item(parameter)
            yield [] if isinstance(item, Unset) else [item] * (parameter.min_items or 0)
        case "object":
            made = _minimal_object(parameter)
            yield {} if made is None else made


def _minimal_object(parameter: Parameter) -> dict[str, Json] | None:
    made: dict[str, Json] = {}
    for member in parameter.properties:
        if member.required:
            value = sample(member)
            if isinstance(value, Unset):
                return None
            made[member.wire] = value
    return made


def _probes(parameter: Parameter) -> Iterator[_Probe]:
    yield _Probe("null", None, parameter.nullable)
    for label, value in _of_other_types(parameter):
        yield _Probe(label, value, False)
    for index, choice in enumerate(parameter.choices):
        yield _Probe(f"choice-{index}", choice, True)
    for index, printed in enumerate(parameter.also_accepted):
        yield _Probe(f"as-printed-{index}", printed, True)
    if parameter.choices:
        yield from _beyond_choices(parameter)
    match parameter.type:
        case "string":
            yield from _of_text(parameter)
        case "integer" | "number":
            yield from _of_number(parameter)
        case "boolean":
            yield from (_Probe("true", True, True), _Probe("false", False, True))
        case "array":
            yield from _of_array(parameter)
        case "object":
            yield from _of_object(parameter)


def _of_other_types(parameter: Parameter) -> Iterator[tuple[str, Json]]:
    others: Mapping[str, Mapping[str, Json]] = {
        "string": {"integer": 1, "boolean": True, "array": ["x"]},
        "integer": {"string": "1", "boolean": True, "fraction": 0.5},
        "number": {"string": "1", "boolean": True},
        "boolean": {"string": "true", "one": 1, "zero": 0},
        "array": {"string": "x", "object": {}},
        "object": {"string": "x", "array": []},
    }
    for kind, value in others[parameter.type].items():
        yield f"is-{kind}", value


def _beyond_choices(parameter: Parameter) -> Iterator[_Probe]:
    numbers = [
        value for value in parameter.choices if isinstance(value, int | float) and not isinstance(value, bool)
    ]
    beyond: Json = max(numbers) + 1 if numbers else UNKNOWN_TEXT
    if parameter.type != "boolean":
        yield _Probe("unknown-choice", beyond, parameter.open)


def _of_text(parameter: Parameter) -> Iterator[_Probe]:
    least, most = parameter.min_length, parameter.max_length
    if least is not None:
        yield _Probe("at-min-length", "x" * least, True)
        if least > 0:
            yield _Probe("below-min-length", "x" * (least - 1), False)
    if most is not None:
        yield _Probe("at-max-length", "x" * most, True)
        yield _Probe("above-max-length", "x" * (most + 1), False)
    if parameter.pattern is not None:
        for text in ("", "!", "\n", "0", "zZ"):
            if not re.search(parameter.pattern, text):
                yield _Probe("off-pattern", text, False)
                break
    if not parameter.choices:
        yield _Probe("empty", "", True)
        yield _Probe("odd-text", "\"'\\ {{ }} \u00e4\U0001f98a\u202e\n", True)


def _of_number(parameter: Parameter) -> Iterator[_Probe]:
    inside = sample(parameter)
    values = [*_at_bounds(parameter), *_beyond_bounds(parameter)]
    if isinstance(inside, int | float) and parameter.multiple_of is not None:
        middle, step = _exact(inside), _exact(parameter.multiple_of)
        values += [
            ("off-step", middle + step / 2, False),
            ("next-step", middle + step, True),
            ("last-step", middle - step, True),
        ]
    for label, value, passes in values:
        number = _number(value, parameter)
        # A number that no float is would be sent as its neighbour.
        if _exact(number) == value:
            yield _Probe(label, number, passes)
    if isinstance(inside, int) and not isinstance(inside, bool) and _exact(float(_exact(inside))) == inside:
        yield _Probe("integral-float", float(inside), True)
    if parameter.type == "integer" and parameter.maximum is None and parameter.exclusive_maximum is None:
        yield _Probe("beyond-32-bits", 2**40, True)


def _at_bounds(parameter: Parameter) -> Iterator[tuple[str, Decimal, bool]]:
    """The outermost values that the bounds and the step let through."""
    step = _step(parameter)
    if parameter.minimum is not None:
        yield "at-minimum", _first(parameter, parameter.minimum), True
    if parameter.exclusive_minimum is not None:
        yield "at-exclusive-minimum", _exact(parameter.exclusive_minimum) + step, True
    if parameter.maximum is not None:
        yield "at-maximum", _last(parameter, parameter.maximum), True
    if parameter.exclusive_maximum is not None:
        yield "at-exclusive-maximum", _exact(parameter.exclusive_maximum) - step, True


def _beyond_bounds(parameter: Parameter) -> Iterator[tuple[str, Decimal, bool]]:
    """The first values that the bounds do not let through."""
    step = _step(parameter)
    if parameter.minimum is not None:
        yield "beyond-minimum", _first(parameter, parameter.minimum) - step, False
    if parameter.exclusive_minimum is not None:
        yield "beyond-exclusive-minimum", _exact(parameter.exclusive_minimum), False
    if parameter.maximum is not None:
        yield "beyond-maximum", _last(parameter, parameter.maximum) + step, False
    if parameter.exclusive_maximum is not None:
        yield "beyond-exclusive-maximum", _exact(parameter.exclusive_maximum), False


def _step(parameter: Parameter) -> Decimal:
    """The least that a value can go beyond a bound: the step, one, or a unit of one more decimal place than any limit has."""
    if parameter.multiple_of is not None:
        return _exact(parameter.multiple_of)
    if parameter.type == "integer":
        return Decimal(1)
    bounds = (parameter.minimum, parameter.maximum, parameter.exclusive_minimum, parameter.exclusive_maximum)
    places = max(
        (-int(_exact(bound).normalize().as_tuple().exponent) for bound in bounds if bound is not None),
        default=0,
    )
    return Decimal(1).scaleb(-max(places, 0) - 1)


def _first(parameter: Parameter, minimum: int | float) -> Decimal:
    """The smallest value on a step that is not below the minimum."""
    step = _exact(parameter.multiple_of) if parameter.multiple_of is not None else None
    return _exact(minimum) if step is None else math.ceil(_exact(minimum) / step) * step


def _last(parameter: Parameter, maximum: int | float) -> Decimal:
    """The largest value on a step that is not above the maximum."""
    step = _exact(parameter.multiple_of) if parameter.multiple_of is not None else None
    return _exact(maximum) if step is None else math.floor(_exact(maximum) / step) * step


def _exact(value: int | float) -> Decimal:
    return Decimal(repr(value))


def _number(value: Decimal, parameter: Parameter) -> int | float:
    return int(value) if value == value.to_integral_value() and parameter.type == "integer" else float(value)


def _of_array(parameter: Parameter) -> Iterator[_Probe]:
    item = _sample_item(parameter)
    if isinstance(item, Unset):
        return
    least, most = parameter.min_items or 0, parameter.max_items
    yield _Probe("at-min-items", [item] * least, True)
    if least > 0:
        yield _Probe("below-min-items", [item] * (least - 1), False)
    if most is not None:
        yield _Probe("at-max-items", [item] * most, True)
        yield _Probe("above-max-items", [item] * (most + 1), False)
    if parameter.items is not None:
        rest: list[Json] = [item] * (max(least, 1) - 1)
        for probe in _probes(parameter.items):
            yield _Probe(f"item-{probe.label}", [probe.value, *rest], probe.passes, f"[0]{probe.inside}")


def _of_object(parameter: Parameter) -> Iterator[_Probe]:
    minimal = _minimal_object(parameter)
    if minimal is None:
        return
    yield _Probe("minimal", minimal, True)
    if not parameter.properties:
        return
    yield _Probe("unknown-member", {**minimal, UNKNOWN_NAME: 1}, False, f".{UNKNOWN_NAME}")
    for member in parameter.properties:
        if member.must_be_given:
            left = {wire: value for wire, value in minimal.items() if wire != member.wire}
            yield _Probe(f"{member.name}-missing", left, False, f".{member.wire}")
        for probe in _probes(member):
            value = {**minimal, member.wire: probe.value}
            yield _Probe(f"{member.name}-{probe.label}", value, probe.passes, f".{member.wire}{probe.inside}")


def _sample_item(parameter: Parameter) -> Json | Unset:
    return "x" if parameter.items is None else sample(parameter.items)


def _is_valid(parameter: Parameter, value: Json) -> bool:
    return not any(misfits(value, parameter))


def _distinct(cases: list[Case]) -> tuple[Case, ...]:
    """The cases without those that send the same as an earlier one."""
    seen: dict[str, Case] = {}
    for case in cases:
        seen.setdefault(repr(case.arguments), case)
    return tuple(seen.values())
