"""The test cases of a model: requests at every limit and one step beyond it, each with what must become of it.

Pure functions of the model. Whether a case is to be accepted is decided by what it was made for (`at-minimum`,
`beyond-minimum`); the cases that another limit of the same parameter turns around are dropped.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from speccast.specs.alike import once_per_parameter
from speccast.specs.fit import member_misfits
from speccast.testing.probes import UNKNOWN_NAME, Probe, probes
from speccast.testing.samples import is_valid, minimal_object

if TYPE_CHECKING:
    from speccast.core.api import Api
    from speccast.core.model import Model
    from speccast.core.parameter import Json, Parameter

FROM_STDIN = "--params-file=-"
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
    """The requests of a model. `several` breaks a limit of every parameter at once, of which an error names all.

    `completed` are those that lack what a client adds by itself, so that they are refused only where nobody checks them.
    """

    accepted: tuple[Case, ...]
    refused: tuple[Case, ...]
    completed: tuple[Case, ...]
    several: dict[str, Json] = field(hash=False)
    several_parameters: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SampleRequest:
    """A request that must work: the page's example where it is valid, else what must be given.

    `arguments` are by wire name, `keywords` the same by Python name and `flags` the same on the command line. What no
    argument can say is read from `stdin`, which is empty if there is no such thing.
    """

    arguments: dict[str, Json] = field(hash=False)
    keywords: dict[str, Json] = field(hash=False)
    flags: tuple[str, ...]
    stdin: str
    is_example: bool
    gives_images: bool
    base64_name: str | None


def sample_request(api: Api, model: Model) -> SampleRequest | None:
    """A request for the tests of one model, or nothing where none can be made up."""
    is_example = model.example is not None and not any(member_misfits(model.example, model.parameters))
    arguments = (
        dict(model.example) if model.example is not None and is_example else minimal_object(model.parameters)
    )
    if arguments is None:
        return None
    by_wire = {parameter.wire: parameter for parameter in model.parameters}
    base64 = by_wire.get(api.sync.base64_parameter or "") if api.sync else None
    gives_images = model.returns[0].startswith("image/")
    untypable = {wire: value for wire, value in arguments.items() if not _can_be_typed(by_wire[wire], value)}
    return SampleRequest(
        arguments=arguments,
        keywords={by_wire[wire].name: value for wire, value in arguments.items()},
        # As many as there are arguments, so that no value has a say in what the code looks like.
        flags=tuple(
            FROM_STDIN if wire in untypable else _option(model, by_wire[wire], value)
            for wire, value in arguments.items()
        ),
        stdin=json.dumps(untypable) if untypable else "",
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
    try:
        length = len(value.encode())
    except UnicodeEncodeError:
        return False
    means_another = value == "-" or (parameter.nullable and value == "null")
    return not means_another and "\0" not in value and length <= LONGEST_WORD


def _option(model: Model, parameter: Parameter, value: Json) -> str:
    """A parameter and its value as the command line takes them."""
    if parameter.type == "boolean" and isinstance(value, bool):
        off = f"--no-{parameter.flag.removeprefix('--')}"
        if any(off == other.flag for other in model.parameters):
            off = f"--param-no-{parameter.flag.removeprefix('--')}"
        return parameter.flag if value else off
    return f"{parameter.flag}={value if isinstance(value, str) else json.dumps(value)}"


def test_cases(model: Model) -> Cases | None:
    """The cases of a model, or nothing where no request can be made up for want of a value for a required parameter."""
    model = _with_example(model)
    minimal = minimal_object(model.parameters)
    if minimal is None:
        return None
    accepted, refused, completed = [Case("minimal", minimal)], list[Case](), list[Case]()
    for parameter in model.parameters:
        if parameter.required:
            left = {wire: value for wire, value in minimal.items() if wire != parameter.wire}
            lacking = Case(f"{parameter.name}-missing", left, parameter.name)
            (refused if parameter.must_be_given else completed).append(lacking)
        for probe in _right_probes(parameter):
            arguments = {**minimal, parameter.wire: probe.value}
            name = f"{parameter.name}-{probe.label}"
            if probe.is_completed:
                completed.append(Case(name, arguments, parameter.name + probe.inside))
            elif probe.passes:
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
    return Cases(
        accepted=_distinct(accepted),
        refused=_distinct(refused),
        completed=_distinct(completed),
        several=several,
        several_parameters=tuple(sorted(set(named.values()))),
    )


@once_per_parameter
def _right_probes(parameter: Parameter) -> tuple[Probe, ...]:
    """The probes of a parameter without those that another of its limits turns around."""
    return tuple(
        probe
        for probe in probes(parameter)
        if probe.is_completed or is_valid(parameter, probe.value) == probe.passes
    )


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
    if not values:
        return parameter
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


def _distinct(cases: list[Case]) -> tuple[Case, ...]:
    """The cases without those that send the same as an earlier one."""
    seen: dict[str, Case] = {}
    for case in cases:
        seen.setdefault(repr(case.arguments), case)
    return tuple(seen.values())
