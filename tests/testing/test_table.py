"""Case tables: every limit is tried at its edge and one step beyond, and plain JSON Schema agrees with each outcome."""

from __future__ import annotations

import re
import tracemalloc
from fractions import Fraction
from typing import TYPE_CHECKING, Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from speccast.core.model import Model
from speccast.core.omit import OMIT
from speccast.core.parameter import Parameter
from speccast.errors import SpeccastError
from speccast.samples.probes import UNKNOWN_NAME
from speccast.samples.size import MAX_SIZE, describe_media, expand, size
from speccast.samples.values import sample
from speccast.specs.build import build_model, build_parameter
from speccast.specs.jsonschema import parameters_schema
from speccast.targets.python.names import python_model
from speccast.testing.table import Case, case_table, cases
from tests.media import content_of, wrong_media
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
            yield pytest.param(python_model(model), specs[model.slug], id=f"{folder.name}-{model.slug}")


MODELS = list(all_models())


def exactly(value: Any) -> Any:
    """Return the value with exact numbers, so that the validator computes `multipleOf` on the decimal text."""
    if isinstance(value, float):
        number = Fraction(repr(value))
        return number.numerator if number.denominator == 1 else number
    if isinstance(value, dict):
        return {key: exactly(inner) for key, inner in value.items()}
    return [exactly(item) for item in value] if isinstance(value, list) else value


def validator(spec: Any) -> Draft202012Validator:
    return Draft202012Validator(exactly(parameters_schema(spec)))


def list_accepted(model: Model) -> list[Case]:
    return [case for case in case_table(model) if case.expected == "accepted"]


def list_refused(model: Model) -> list[Case]:
    return [case for case in case_table(model) if case.expected == "refused"]


def list_completed(model: Model) -> list[Case]:
    return [case for case in case_table(model) if case.expected == "completed"]


def violating_one(model: Model) -> list[Case]:
    """Return the refused cases, without the one that violates a limit of every parameter."""
    return [case for case in list_refused(model) if case.id != "all-invalid"]


def describe(case: Case) -> dict[str, Any]:
    """Return the arguments as the schema describes them: files by name, type and size."""
    arguments: dict[str, Any] = expand(dict(case.request), describe_media)
    return arguments


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
def test_json_schema_agrees_with_every_case(model: Model, spec: Any) -> None:
    schema = validator(spec)
    table = case_table(model)
    assert table
    for case in table:
        is_accepted = case.expected == "accepted"
        # The page's example may lack what the client adds.
        sent = {**_defaults(model), **describe(case)} if case.id == "example" else describe(case)
        contents = {**sent, **expand(dict(case.request), content_of)}
        is_valid = schema.is_valid(exactly(sent)) and not wrong_media(spec["parameters"], contents)
        assert is_valid == is_accepted or case.expected == "refused-by-client", case
        assert bool(case.parameters) != is_accepted, case


@pytest.mark.parametrize(("model", "spec"), MODELS)
def test_a_refused_case_violates_only_the_parameter_that_it_names(model: Model, spec: Any) -> None:
    by_name = {parameter.name: parameter.wire for parameter in model.parameters}
    for case in violating_one(model):
        (path,) = case.parameters
        name = top_level(path)
        for error in validator(spec).iter_errors(exactly(describe(case))):
            if error.path:
                assert error.path[0] == by_name[name], case
            else:
                assert repr(by_name.get(name, UNKNOWN_NAME)) in error.message, case


def _defaults(model: Model) -> dict[str, Any]:
    return {
        parameter.wire: parameter.default for parameter in model.parameters if parameter.is_sent_by_default
    }


def top_level(path: str) -> str:
    return path.partition(".")[0].partition("[")[0]


@pytest.mark.parametrize(("model", "spec"), MODELS)
def test_ids_and_requests_are_unique(model: Model, spec: Any) -> None:
    table = case_table(model)
    assert len({case.id for case in table}) == len(table)
    assert len({(case.surface, repr(case.arguments)) for case in table}) == len(table)
    assert table[0].id == "minimal"
    assert table[-1].id == ("all-invalid" if model.parameters else "unknown-name")


@pytest.mark.parametrize(("model", "spec"), MODELS)
def test_every_surface_has_a_case(model: Model, spec: Any) -> None:
    assert {case.surface for case in case_table(model)} == set(model.surfaces)


@pytest.mark.parametrize(("model", "spec"), MODELS)
def test_all_invalid_violates_every_parameter_at_once(model: Model, spec: Any) -> None:
    case = case_table(model)[-1]
    errors = list(validator(spec).iter_errors(exactly(describe(case))))
    places = {str(error.path[0]) if error.path else "" for error in errors}
    names = {top_level(path) for path in case.parameters}
    by_name = {parameter.name: parameter.wire for parameter in model.parameters}
    assert {by_name.get(name, "") for name in names} <= places
    assert len(names) == len(model.parameters) + 1


@pytest.mark.parametrize(("model", "spec"), MODELS)
def test_each_required_parameter_is_missing_once(model: Model, spec: Any) -> None:
    missing = {
        case.parameters[0]: case.expected
        for case in case_table(model)
        if case.parameters and case.id == f"{case.parameters[0]}-missing"
    }
    assert missing == {
        parameter.name: "refused" if parameter.must_be_given else "completed"
        for parameter in model.parameters
        if parameter.required
    }


def test_a_member_with_a_default_is_missing_once() -> None:
    member = {"type": "string", "required": True, "default": "host"}
    items = {"type": "object", "properties": {"speaker": member}}
    model, _ = model_of({"segments": {"type": "array", "minItems": 1, "items": items}})
    [case] = list_completed(model)
    assert (case.id, case.parameters) == ("segments-item-speaker-missing", ("segments[0].speaker",))
    assert case.arguments == {"segments": [{}]}


@pytest.mark.parametrize(
    ("spec", "is_accepted"),
    [
        ({"type": "integer", "minimum": 10, "maximum": 100}, False),
        ({"type": "integer", "minimum": -(2**53) - 1, "maximum": 2**53 + 1}, False),
        ({"type": "number", "minimum": 1, "maximum": 2}, True),
        ({"type": "number", "exclusiveMinimum": 0, "maximum": 1}, True),
        ({"type": "number"}, True),
        ({"type": ["number", "null"], "multipleOf": 0.25}, True),
    ],
)
def test_a_fraction_within_the_bounds_is_tried(spec: Any, is_accepted: bool) -> None:
    """Without it, a change from number to integer or back would not be noticed."""
    model, _ = model_of({"x": spec})
    tried = [
        case.arguments.get("x") for case in (list_accepted(model) if is_accepted else violating_one(model))
    ]
    as_numbers = validator({"parameters": {"x": {**spec, "type": "number"}}})
    fractions = [value for value in tried if isinstance(value, float) and value % 1]
    assert any(as_numbers.is_valid({"x": exactly(value)}) for value in fractions)


def test_an_integer_between_two_steps_is_tried() -> None:
    model, _ = model_of({"x": {"type": "integer", "multipleOf": 15, "exclusiveMinimum": -180}})
    [case] = (case for case in list_refused(model) if case.id == "x-off-step")
    assert isinstance(case.arguments["x"], int)
    assert case.arguments["x"] % 15


@pytest.mark.parametrize(
    ("spec", "lengths"),
    [
        ({"pattern": r"^[A-Z]{2}-\d+$", "maxLength": 8, "examples": ["AB-12"]}, (8, 9)),
        ({"pattern": "^v[0-9]*$", "minLength": 3, "examples": ["v1234"]}, (3, 2)),
    ],
)
def test_lengths_are_tried_with_texts_that_match_the_pattern(spec: Any, lengths: tuple[int, int]) -> None:
    model, _ = model_of({"x": {"type": "string", **spec}})
    at = "max" if "maxLength" in spec else "min"
    beyond = "above" if at == "max" else "below"
    tried = {case.id: case.arguments.get("x") for case in case_table(model)}
    texts = (tried[f"x-at-{at}-length"], tried[f"x-{beyond}-{at}-length"])
    assert tuple(len(cast("str", text)) for text in texts) == lengths
    assert all(re.search(spec["pattern"], cast("str", text)) for text in texts)


def values(model: Model, parameter: Parameter) -> tuple[list[Any], list[Any]]:
    """Return the values that the cases pass for a parameter: the accepted ones and the refused ones."""
    wire = parameter.wire
    return (
        [case.arguments[wire] for case in list_accepted(model) if wire in case.arguments],
        [
            case.arguments[wire]
            for case in violating_one(model)
            if wire in case.arguments and top_level(case.parameters[0]) == parameter.name
        ],
    )


@pytest.mark.parametrize(("model", "spec"), MODELS)
def test_every_bound_is_tried_at_its_edge_and_one_step_beyond(model: Model, spec: Any) -> None:
    for parameter in model.parameters:
        if parameter.type not in ("integer", "number"):
            continue
        valid, invalid = (
            [
                exactly(value)
                for value in some
                if isinstance(value, int | float) and not isinstance(value, bool)
            ]
            for some in values(model, parameter)
        )
        step = parameter.multiple_of or (1 if parameter.type == "integer" else 0.1)
        for bound, sign in ((parameter.minimum, -1), (parameter.maximum, 1)):
            if bound is not None:
                assert exactly(bound) in valid, parameter.wire
                assert any(0 < (value - exactly(bound)) * sign <= exactly(step) for value in invalid), (
                    parameter.wire
                )
        for bound, sign in ((parameter.exclusive_minimum, 1), (parameter.exclusive_maximum, -1)):
            if bound is not None:
                assert exactly(bound) in invalid, parameter.wire
                assert any(0 < (value - exactly(bound)) * sign <= exactly(step) for value in valid), (
                    parameter.wire
                )
        if parameter.multiple_of is not None:
            assert any(value % exactly(parameter.multiple_of) for value in invalid), parameter.wire


@pytest.mark.parametrize(("model", "spec"), MODELS)
def test_every_length_is_tried_at_its_edge_and_one_beyond(model: Model, spec: Any) -> None:
    for parameter in model.parameters:
        kind = {"string": str, "array": list}.get(parameter.type)
        if kind is None or parameter.choices or parameter.pattern:
            continue
        valid, invalid = (
            {len(value) for value in some if isinstance(value, kind)} for some in values(model, parameter)
        )
        least = parameter.min_length if kind is str else parameter.min_items
        most = parameter.max_length if kind is str else parameter.max_items
        if least is not None:
            assert least in valid
            assert least == 0 or least - 1 in invalid
        if most is not None:
            assert most in valid
            assert most + 1 in invalid


@pytest.mark.parametrize(("model", "spec"), MODELS)
def test_every_enum_value_is_tried_and_an_unknown_one(model: Model, spec: Any) -> None:
    for parameter in model.parameters:
        if not parameter.choices:
            continue
        valid, invalid = values(model, parameter)
        for choice in (*parameter.choices, *parameter.also_accepted):
            assert any(value == choice and type(value) is type(choice) for value in valid), parameter.wire
        known = (*parameter.choices, *parameter.also_accepted)
        of_type = tuple({type(value) for value in known if value is not None})
        unknown = [value for value in (valid if parameter.open else invalid) if isinstance(value, of_type)]
        assert any(value not in known for value in unknown), parameter.wire


@pytest.mark.parametrize(("model", "spec"), MODELS)
def test_null_and_other_types_are_tried(model: Model, spec: Any) -> None:
    for parameter in model.parameters:
        valid, invalid = values(model, parameter)
        assert None in (valid if parameter.nullable else invalid), parameter.wire
        kinds = [form.type for form in parameter.branches or (parameter,)]
        others = (value for value in invalid if value is not None)
        assert any(not any(_is(value, kind) for kind in kinds) for value in others), parameter.wire


def _is(value: Any, kind: str) -> bool:
    types: dict[str, Any] = {
        "string": str,
        "integer": int,
        "number": (int, float),
        "boolean": bool,
        "array": list,
        "object": dict,
        "file": tuple,
    }
    return isinstance(value, types[kind]) and (kind == "boolean" or not isinstance(value, bool))


@pytest.mark.parametrize(("model", "spec"), MODELS)
def test_a_valid_example_of_the_page_is_a_case(model: Model, spec: Any) -> None:
    example = spec.get("example")
    # A case has the required files as well, which the example cannot contain.
    sent = [
        {wire: value for wire, value in case.arguments.items() if wire in (example or {})}
        for case in list_accepted(model)
    ]
    assert (example is not None) == (example in sent)


def test_an_example_that_is_refused_is_a_skipped_case_with_the_reason() -> None:
    parameters = {"x": {"type": "integer", "required": True, "minimum": 3}}
    model, _ = model_of(parameters, example={"x": 1})
    minimal, example = case_table(model)[:2]
    assert minimal.arguments == {"x": 3}
    assert (example.id, example.expected) == ("example", "skipped")
    assert example.reason == "the parameters refuse the page's example: x violates `minimum`"


def test_keywords_have_the_names_of_python() -> None:
    model, _ = model_of({"class": {"type": "string", "required": True}})
    minimal, *_, unknown, _ = case_table(model)
    assert minimal.keywords == {"class_": minimal.arguments["class"]}
    assert set(unknown.keywords) == {"class_", UNKNOWN_NAME}


def test_without_a_valid_request_there_is_one_skipped_case() -> None:
    model, _ = model_of({"x": {"type": "string", "required": True, "pattern": "^(?!)$"}})
    (case,) = case_table(model)
    assert (case.id, case.expected) == ("minimal", "skipped")
    assert case.reason.startswith("no valid request is known")


LARGE: dict[str, Any] = {
    "most characters": {"type": "string", "maxLength": 10**9},
    "fewest characters": {"type": "string", "minLength": 10**9, "required": True},
    "most items": {"type": "array", "maxItems": 10**9, "items": {"type": "string"}},
    "fewest items": {"type": "array", "minItems": 10**9, "items": {"type": "integer"}, "required": True},
    "a product": {
        "type": "array",
        "minItems": 50_000,
        "items": {"type": "array", "minItems": 50_000, "items": {"type": "string", "minLength": 50_000}},
    },
    "a sum": {
        "type": "object",
        "properties": {
            f"m{index}": {"type": "string", "minLength": 100_000, "required": True} for index in range(50)
        },
    },
    "a slow pattern": {"type": "string", "maxLength": 900_000, "pattern": "(a?){1000}b"},
}


@pytest.mark.parametrize("parameter", LARGE.values(), ids=LARGE)
def test_no_case_is_as_large_as_a_number_in_the_spec(parameter: Any) -> None:
    model, _ = model_of({"x": parameter, **{f"t{index}": {"type": "string"} for index in range(5)}})
    table = case_table(model)
    assert len(repr(table)) < 20_000
    assert all(size(case.request) <= MAX_SIZE for case in table)


def test_no_file_is_encoded_to_find_out_that_it_is_too_large() -> None:
    model, _ = model_of({"x": {"type": "file", "max_size": 10**9, "required": True}})
    tracemalloc.start()
    table = {case.id: case.expected for case in case_table(model, body="multipart")}
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert table["x-file-above-max-size"] == "refused-by-client"
    assert peak < 100_000_000


def test_a_long_value_is_an_expression_until_it_is_sent() -> None:
    model, _ = model_of({"x": {"type": "string", "maxLength": MAX_SIZE}})
    table = {case.id: case for case in case_table(model)}
    assert len(repr(tuple(table.values()))) < 20_000
    assert len(str(table["x-at-max-length"].arguments["x"])) == MAX_SIZE
    assert len(str(table["x-above-max-length"].keywords["x"])) == MAX_SIZE + 1


UNDECIDED = "^data:image/.*|^https://.*"


def test_a_case_that_a_pattern_does_not_decide_is_left_out() -> None:
    limits = {"type": "string", "pattern": UNDECIDED, "maxLength": 500_000}
    assert "x-at-max-length" not in map(str, case_table(model_of({"x": limits})[0]))
    assert "x-at-max-length" not in map(
        str, case_table(model_of({"x": {**limits, "default": "https://a"}})[0])
    )
    shorter = {**limits, "maxLength": 500, "default": "https://a"}
    assert "x-at-max-length" in map(str, case_table(model_of({"x": shorter})[0]))


def test_cases_are_read_from_a_package_or_specs() -> None:
    package = ROOT / "generated" / "segmind" / "python" / "segmind_client"
    table = cases(package, "sd2.1-txt2img")
    assert table == cases(ROOT / "specs" / "segmind", "sd2.1-txt2img")
    assert {"minimal", "prompt-null", "samples-at-maximum", "samples-beyond-maximum"} <= set(map(str, table))
    with pytest.raises(SpeccastError, match=r"unknown model 'sd2'"):
        cases(package, "sd2")


def test_nested_values_of_an_example_are_used() -> None:
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
    assert case_table(model)[0].arguments == {"voice": {"id": "en-7"}, "codes": ["de-1", "de-2"]}
    assert {case.parameters[0] for case in list_refused(model)} >= {
        "voice.id",
        "voice.n",
        "codes[0]",
        "codes",
    }
    assert all(validator(spec).is_valid(case.arguments) for case in list_accepted(model))


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
def test_json_schema_agrees_with_the_cases_of_any_number(
    *,
    kind: str,
    nullable: bool,
    limits: dict[str, Any],
    step: Any,
    choices: Any,
    required: bool,
) -> None:
    """The limits may contradict each other."""
    parameter: dict[str, Any] = {"type": [kind, "null"] if nullable else kind, "required": required, **limits}
    if step is not None:
        parameter["multipleOf"] = step
    if choices is not None:
        parameter["enum"] = choices
    model, spec = model_of({"x": parameter})
    schema = validator(spec)
    table = case_table(model)
    for case in table:
        assert schema.is_valid(exactly(case.arguments)) == (case.expected == "accepted"), case
    assert len({case.id for case in table}) == len(table)


def test_parameters_of_these_tests_cover_all_types() -> None:
    found: set[str] = set()

    def walk(parameter: Parameter) -> None:
        found.add(parameter.type)
        items = [parameter.items] if parameter.items else []
        for inner in (*parameter.properties, *parameter.branches, *items):
            walk(inner)

    folders: list[Path] = FOLDERS
    for folder in folders:
        for model in api_of(folder).models:
            for parameter in model.parameters:
                walk(parameter)
    assert found == {"string", "integer", "number", "boolean", "array", "object", "file", "union"}
