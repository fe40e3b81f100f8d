"""The generated test cases: every limit at its edge and beyond it, each judged as plain JSON Schema judges it."""

from __future__ import annotations

import json
import re
from fractions import Fraction
from typing import TYPE_CHECKING, Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from speccast.core.omit import OMIT
from speccast.specs.build import build_model, build_parameter
from speccast.specs.jsonschema import parameters_schema
from speccast.testing.cases import Cases, sample_request
from speccast.testing.cases import test_cases as cases_of
from speccast.testing.probes import UNKNOWN_NAME
from speccast.testing.samples import sample
from tests.targets.support import EVERYTHING, ROOT, api_of, loaded

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from speccast.core.model import Model
    from speccast.core.parameter import Parameter
    from speccast.specs.format import ModelSpec, ParameterSpec

FOLDERS = [ROOT / "specs" / "segmind", *sorted((ROOT / "tests" / "apis").iterdir()), EVERYTHING]


def all_models() -> Iterator[Any]:
    for folder in FOLDERS:
        specs = {cast("Any", document.value)["slug"]: document.value for document in loaded(folder).models}
        for model in api_of(folder).models:
            yield pytest.param(model, specs[model.slug], id=f"{folder.name}-{model.slug}")


MODELS = list(all_models())


def exactly(value: Any) -> Any:
    """A value in whose numbers `multipleOf` is computed as JSON means it, on the decimal text."""
    if isinstance(value, float):
        number = Fraction(repr(value))
        return number.numerator if number.denominator == 1 else number
    if isinstance(value, dict):
        return {key: exactly(inner) for key, inner in value.items()}
    return [exactly(item) for item in value] if isinstance(value, list) else value


def validator(spec: Any) -> Draft202012Validator:
    return Draft202012Validator(exactly(parameters_schema(spec)))


def cases(model: Model) -> Cases:
    made = cases_of(model)
    assert made is not None, f"{model.slug} has no test cases"
    return made


def model_of(parameters: dict[str, Any], **more: Any) -> tuple[Model, Any]:
    spec = {
        "speccast": 1,
        "slug": "m",
        "title": "M",
        "surfaces": ["sync"],
        "returns": ["image/png"],
        "parameters": parameters,
        **more,
    }
    return build_model(cast("ModelSpec", spec), "m.yaml"), spec


@pytest.mark.parametrize(("model", "spec"), MODELS)
def test_what_is_to_be_accepted_is_valid_and_the_rest_is_not(model: Model, spec: Any) -> None:
    schema = validator(spec)
    for case in cases(model).accepted:
        assert schema.is_valid(exactly(case.arguments)), case
        assert case.parameter == ""
    for case in (*cases(model).refused, *cases(model).completed):
        assert not schema.is_valid(exactly(case.arguments)), case
        assert case.parameter


@pytest.mark.parametrize(("model", "spec"), MODELS)
def test_a_refused_case_breaks_one_limit_of_the_parameter_that_it_names(model: Model, spec: Any) -> None:
    by_name = {parameter.name: parameter.wire for parameter in model.parameters}
    for case in cases(model).refused:
        name = case.parameter.partition(".")[0].partition("[")[0]
        for error in validator(spec).iter_errors(exactly(case.arguments)):
            if error.path:
                assert error.path[0] == by_name[name], case
            else:
                assert repr(by_name.get(name, UNKNOWN_NAME)) in error.message, case


@pytest.mark.parametrize(("model", "spec"), MODELS)
def test_each_case_is_there_once_and_has_an_id_of_its_own(model: Model, spec: Any) -> None:
    made = cases(model)
    ids = [case.id for case in (*made.accepted, *made.refused)]
    assert len(ids) == len(set(ids))
    for some in (made.accepted, made.refused):
        assert len({repr(case.arguments) for case in some}) == len(some)
    assert not {repr(case.arguments) for case in made.accepted} & {
        repr(case.arguments) for case in made.refused
    }
    assert made.accepted[0].id == "minimal"
    assert made.refused[-1].id == "unknown-name"


@pytest.mark.parametrize(("model", "spec"), MODELS)
def test_several_breaks_all_that_it_names_at_once(model: Model, spec: Any) -> None:
    made = cases(model)
    errors = list(validator(spec).iter_errors(exactly(made.several)))
    places = {str(error.path[0]) if error.path else "" for error in errors}
    top = {name.partition(".")[0].partition("[")[0] for name in made.several_parameters}
    by_name = {parameter.name: parameter.wire for parameter in model.parameters}
    assert {by_name.get(name, "") for name in top} <= places
    assert len(top) == len(model.parameters) + 1


@pytest.mark.parametrize(("model", "spec"), MODELS)
def test_each_parameter_that_must_be_given_is_missing_once(model: Model, spec: Any) -> None:
    missing = {case.parameter for case in cases(model).refused if case.id == f"{case.parameter}-missing"}
    assert missing == {parameter.name for parameter in model.parameters if parameter.must_be_given}


@pytest.mark.parametrize(("model", "spec"), MODELS)
def test_what_a_client_completes_is_missing_once(model: Model, spec: Any) -> None:
    missing = {case.parameter for case in cases(model).completed if case.id == f"{case.parameter}-missing"}
    wanted = {each.name for each in model.parameters if each.required and not each.must_be_given}
    assert missing == wanted


def test_a_member_that_a_client_completes_is_missing_once() -> None:
    member = {"type": "string", "required": True, "default": "host"}
    items = {"type": "object", "properties": {"speaker": member}}
    model, _ = model_of({"segments": {"type": "array", "minItems": 1, "items": items}})
    [case] = cases(model).completed
    assert (case.id, case.parameter) == ("segments-item-speaker-missing", "segments[0].speaker")
    assert case.arguments == {"segments": [{}]}


@pytest.mark.parametrize(
    ("spec", "taken"),
    [
        ({"type": "integer", "minimum": 10, "maximum": 100}, False),
        ({"type": "integer", "minimum": -(2**53) - 1, "maximum": 2**53 + 1}, False),
        ({"type": "number", "minimum": 1, "maximum": 2}, True),
        ({"type": "number", "exclusiveMinimum": 0, "maximum": 1}, True),
        ({"type": "number"}, True),
        ({"type": ["number", "null"], "multipleOf": 0.25}, True),
    ],
)
def test_a_fraction_within_the_bounds_is_tried(spec: Any, taken: bool) -> None:
    """Or a number that has become an integer, or the other way round, would not be noticed."""
    model, _ = model_of({"x": spec})
    tried = [case.arguments.get("x") for case in (cases(model).accepted if taken else cases(model).refused)]
    as_numbers = validator({"parameters": {"x": {**spec, "type": "number"}}})
    fractions = [value for value in tried if isinstance(value, float) and value % 1]
    assert any(as_numbers.is_valid({"x": exactly(value)}) for value in fractions)


def test_whole_steps_are_missed_by_integers() -> None:
    model, _ = model_of({"x": {"type": "integer", "multipleOf": 15, "exclusiveMinimum": -180}})
    [case] = (case for case in cases(model).refused if case.id == "x-off-step")
    assert isinstance(case.arguments["x"], int)
    assert case.arguments["x"] % 15


@pytest.mark.parametrize(
    ("spec", "lengths"),
    [
        ({"pattern": r"^[A-Z]{2}-\d+$", "maxLength": 8, "examples": ["AB-12"]}, (8, 9)),
        ({"pattern": "^v[0-9]*$", "minLength": 3, "examples": ["v1234"]}, (3, 2)),
    ],
)
def test_lengths_are_tried_with_texts_that_have_the_pattern(spec: Any, lengths: tuple[int, int]) -> None:
    model, _ = model_of({"x": {"type": "string", **spec}})
    at = "max" if "maxLength" in spec else "min"
    beyond = "above" if at == "max" else "below"
    found = {
        case.id: case.arguments["x"]
        for case in (*cases(model).accepted, *cases(model).refused)
        if "x" in case.arguments
    }
    texts = (found[f"x-at-{at}-length"], found[f"x-{beyond}-{at}-length"])
    assert tuple(len(cast("str", text)) for text in texts) == lengths
    assert all(re.search(spec["pattern"], cast("str", text)) for text in texts)


def values(model: Model, wire: str) -> tuple[list[Any], list[Any]]:
    """The values that the cases pass for a parameter: those to be accepted, and those to be refused."""
    made = cases(model)
    taken = [case.arguments[wire] for case in made.accepted if wire in case.arguments]
    (name,) = (parameter.name for parameter in model.parameters if parameter.wire == wire)
    refused = [
        case.arguments[wire]
        for case in made.refused
        if wire in case.arguments and case.parameter.startswith(name)
    ]
    return taken, refused


@pytest.mark.parametrize(("model", "spec"), MODELS)
def test_every_bound_of_a_number_is_tried_at_its_edge_and_one_step_beyond(model: Model, spec: Any) -> None:
    for parameter in model.parameters:
        if parameter.type not in ("integer", "number"):
            continue
        taken, refused = (
            [
                exactly(value)
                for value in some
                if isinstance(value, int | float) and not isinstance(value, bool)
            ]
            for some in values(model, parameter.wire)
        )
        step = parameter.multiple_of or (1 if parameter.type == "integer" else 0.1)
        for bound, sign in ((parameter.minimum, -1), (parameter.maximum, 1)):
            if bound is not None:
                assert exactly(bound) in taken, parameter.wire
                assert any(0 < (value - exactly(bound)) * sign <= exactly(step) for value in refused), (
                    parameter.wire
                )
        for bound, sign in ((parameter.exclusive_minimum, 1), (parameter.exclusive_maximum, -1)):
            if bound is not None:
                assert exactly(bound) in refused, parameter.wire
                assert any(0 < (value - exactly(bound)) * sign <= exactly(step) for value in taken), (
                    parameter.wire
                )
        if parameter.multiple_of is not None:
            assert any(value % exactly(parameter.multiple_of) for value in refused), parameter.wire


@pytest.mark.parametrize(("model", "spec"), MODELS)
def test_every_length_of_texts_and_arrays_is_tried_at_its_edge_and_one_beyond(
    model: Model, spec: Any
) -> None:
    for parameter in model.parameters:
        kind = {"string": str, "array": list}.get(parameter.type)
        if kind is None or parameter.choices or parameter.pattern:
            continue
        taken, refused = (
            {len(value) for value in some if isinstance(value, kind)}
            for some in values(model, parameter.wire)
        )
        least = parameter.min_length if kind is str else parameter.min_items
        most = parameter.max_length if kind is str else parameter.max_items
        if least is not None:
            assert least in taken
            assert least == 0 or least - 1 in refused
        if most is not None:
            assert most in taken
            assert most + 1 in refused


@pytest.mark.parametrize(("model", "spec"), MODELS)
def test_every_choice_is_tried_and_one_that_is_unknown(model: Model, spec: Any) -> None:
    for parameter in model.parameters:
        if not parameter.choices:
            continue
        taken, refused = values(model, parameter.wire)
        for choice in (*parameter.choices, *parameter.also_accepted):
            assert any(value == choice and type(value) is type(choice) for value in taken), parameter.wire
        known = (*parameter.choices, *parameter.also_accepted)
        of_type = tuple({type(value) for value in known if value is not None})
        unknown = [value for value in (taken if parameter.open else refused) if isinstance(value, of_type)]
        assert any(value not in known for value in unknown), parameter.wire


@pytest.mark.parametrize(("model", "spec"), MODELS)
def test_null_and_other_types_are_tried(model: Model, spec: Any) -> None:
    for parameter in model.parameters:
        taken, refused = values(model, parameter.wire)
        assert None in (taken if parameter.nullable else refused), parameter.wire
        assert any(value is not None and not _is(value, parameter.type) for value in refused), parameter.wire


def _is(value: Any, kind: str) -> bool:
    types: dict[str, Any] = {
        "string": str,
        "integer": int,
        "number": (int, float),
        "boolean": bool,
        "array": list,
        "object": dict,
    }
    return isinstance(value, types[kind]) and (kind == "boolean" or not isinstance(value, bool))


@pytest.mark.parametrize(("model", "spec"), MODELS)
def test_sample_request_is_valid_and_the_page_s_own_where_it_has_one(model: Model, spec: Any) -> None:
    api = next(
        api for api in map(api_of, FOLDERS) if model.spec.startswith(f"{api.spec.removesuffix('api.yaml')}")
    )
    request = sample_request(api, model)
    assert request is not None
    assert validator(spec).is_valid(exactly({**_defaults(model), **request.arguments}))
    assert request.is_example == ("example" in spec)
    if request.is_example:
        assert request.arguments == spec["example"]
    assert len(request.keywords) == len(request.flags) == len(request.arguments)
    assert set(request.keywords) <= {parameter.name for parameter in model.parameters}


def _defaults(model: Model) -> dict[str, Any]:
    return {
        parameter.wire: parameter.default for parameter in model.parameters if parameter.is_sent_by_default
    }


def test_requests_on_the_command_line_say_the_same() -> None:
    model, _ = model_of(
        {
            "prompt": {"type": "string", "required": True},
            "tile": {"type": "boolean"},
            "no_tile": {"type": "string"},
            "base64": {"type": "boolean"},
            "json": {"type": "boolean"},
            "validate": {"type": "boolean"},
            "steps": {"type": "integer"},
            "tags": {"type": "array", "items": {"type": "string"}},
            "seed": {"type": ["integer", "null"]},
            "class": {"type": "object", "properties": {"a": {"type": "string"}}},
        },
        example={
            "prompt": "-a b\n'c'", "tile": False, "base64": True, "json": False, "validate": False, "steps": 5, "tags": ["x", "y z"],
            "seed": None, "class": {"a": "\u00e4"},
        },
    )  # fmt: skip
    request = sample_request(api_of(FOLDERS[0]), model)
    assert request is not None
    assert request.flags == (
        "--prompt=-a b\n'c'",
        "--param-no-tile",
        "--base64",
        "--no-param-json",
        "--no-param-validate",
        "--steps=5",
        '--tags=["x", "y z"]',
        "--seed=null",
        '--class={"a": "\\u00e4"}',
    )
    assert request.keywords["class_"] == {"a": "\u00e4"}
    assert request.stdin == ""


def test_what_no_argument_can_say_is_kept_from_the_command_line() -> None:
    untypable = {"dash": "-", "nul": "a\0b", "word": "null", "off": None, "picture": "QUJD" * 50_000}
    model, _ = model_of(
        {
            "dash": {"type": "string"},
            "nul": {"type": "string"},
            "word": {"type": ["string", "null"]},
            "off": {"type": ["boolean", "null"]},
            "picture": {"type": "string"},
            "plain": {"type": "string"},
        },
        example={**untypable, "plain": "null"},
    )
    request = sample_request(api_of(FOLDERS[0]), model)
    assert request is not None
    assert request.flags == ("--params-file=-",) * len(untypable) + ("--plain=null",)
    assert json.loads(request.stdin) == untypable


def test_an_example_that_does_not_fit_is_not_sent() -> None:
    parameters = {"x": {"type": "integer", "required": True, "minimum": 3}}
    model, _ = model_of(parameters, example={"x": 1})
    request = sample_request(api_of(FOLDERS[0]), model)
    assert request is not None
    assert (request.is_example, request.arguments) == (False, {"x": 3})


def test_without_a_value_that_fits_nothing_is_made_up() -> None:
    model, _ = model_of({"x": {"type": "string", "required": True, "pattern": "^(?!)$"}})
    assert cases_of(model) is None
    assert sample_request(api_of(FOLDERS[0]), model) is None


def test_what_an_example_shows_at_any_depth_is_of_use() -> None:
    code = {"type": "string", "required": True, "pattern": "^[a-z]{2}-[0-9]+$"}
    parameters = {
        "voice": {
            "type": "object",
            "required": True,
            "properties": {"id": code, "n": {"type": "integer", "maximum": 3}},
        },
        "codes": {"type": "array", "required": True, "minItems": 2, "items": code},
    }
    model, spec = model_of(parameters, example={"voice": {"id": "en-7"}, "codes": ["de-1", "de-2"]})
    made = cases(model)
    assert made.accepted[0].arguments == {"voice": {"id": "en-7"}, "codes": ["de-1", "de-2"]}
    assert {case.parameter for case in made.refused} >= {"voice.id", "voice.n", "codes[0]", "codes"}
    assert all(validator(spec).is_valid(case.arguments) for case in made.accepted)


def test_base64_is_asked_for_where_the_model_gives_images_and_has_the_parameter() -> None:
    api = api_of(FOLDERS[0])
    parameters = {"base64": {"type": "boolean"}}
    for returns, parameter, name in (
        (["image/png"], parameters, "base64"),
        (["audio/wav"], parameters, None),
        (["image/png"], {}, None),
    ):
        model, _ = model_of(parameter, returns=returns)
        request = sample_request(api, model)
        assert request is not None
        assert request.base64_name == name


@pytest.mark.parametrize(
    ("spec", "value"),
    [
        ({"type": "string"}, "x" * 8),
        ({"type": "string", "default": "d"}, "d"),
        ({"type": "string", "examples": ["e"], "enum": ["c", "e"]}, "e"),
        ({"type": "string", "enum": ["c"], "default": "other"}, "c"),
        ({"type": "string", "minLength": 3, "maxLength": 3}, "xxx"),
        ({"type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"}, "2024-01-01"),
        ({"type": "integer", "minimum": 3}, 3),
        ({"type": "integer", "minimum": 3, "multipleOf": 8}, 8),
        ({"type": "integer", "maximum": -3, "multipleOf": 8}, -8),
        ({"type": "number", "exclusiveMinimum": 0}, 0.1),
        ({"type": "number", "exclusiveMinimum": 0.25, "exclusiveMaximum": 0.26}, 0.251),
        ({"type": "number", "multipleOf": 0.05, "minimum": 0.31}, 0.35),
        ({"type": "boolean"}, False),
        ({"type": "array"}, []),
        ({"type": "array", "minItems": 2, "items": {"type": "boolean"}}, [False, False]),
        ({"type": "object"}, {}),
        (
            {"type": "object", "properties": {"a": {"type": "integer", "required": True, "minimum": 1}}},
            {"a": 1},
        ),
        ({"type": ["string", "null"], "pattern": "^(?!)$"}, None),
        ({"type": "string", "pattern": "^(?!)$"}, OMIT),
    ],
)
def test_sample_of_a_parameter(spec: Any, value: Any) -> None:
    assert sample(build_parameter("x", cast("ParameterSpec", spec))) == value


LIMITS = st.integers(-50, 50) | st.sampled_from(
    [0.1, 0.5, -0.25, 1e-7, 2.5, 1e15, 10**20, -(2**63), 1e300, 5e-324, 10**400, -(10**400)]
)


@settings(max_examples=400, derandomize=True, deadline=None, database=None)
@given(
    kind=st.sampled_from(["integer", "number"]),
    nullable=st.booleans(),
    limits=st.dictionaries(
        st.sampled_from(["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"]), LIMITS, max_size=3
    ),
    step=st.none() | st.sampled_from([1, 8, 0.05, 0.1, 3, 1e-7, 64, 1e300, 10**20]),
    choices=st.none() | st.lists(LIMITS, min_size=1, max_size=3),
    required=st.booleans(),
)
def test_cases_of_any_number_are_judged_as_json_schema_judges_them(
    *,
    kind: str,
    nullable: bool,
    limits: dict[str, Any],
    step: Any,
    choices: Any,
    required: bool,
) -> None:
    """Whatever limits are put together, sense or not."""
    parameter: dict[str, Any] = {"type": [kind, "null"] if nullable else kind, "required": required, **limits}
    if step is not None:
        parameter["multipleOf"] = step
    if choices is not None:
        parameter["enum"] = choices
    model, spec = model_of({"x": parameter})
    made = cases_of(model)
    if made is None:
        return
    schema = validator(spec)
    assert all(schema.is_valid(exactly(case.arguments)) for case in made.accepted)
    assert not any(schema.is_valid(exactly(case.arguments)) for case in (*made.refused, *made.completed))
    ids = [case.id for case in (*made.accepted, *made.refused)]
    assert len(ids) == len(set(ids))


def test_parameters_of_these_tests_cover_all_types() -> None:
    found: set[str] = set()

    def walk(parameter: Parameter) -> None:
        found.add(parameter.type)
        for inner in (*parameter.properties, *([parameter.items] if parameter.items else [])):
            walk(inner)

    folders: list[Path] = FOLDERS
    for folder in folders:
        for model in api_of(folder).models:
            for parameter in model.parameters:
                walk(parameter)
    assert found == {"string", "integer", "number", "boolean", "array", "object"}
