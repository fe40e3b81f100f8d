"""Parameters are checked before anything is sent: all violations are reported."""

from __future__ import annotations

import json
import warnings
from collections import UserDict, UserList
from decimal import Decimal
from enum import Enum
from typing import Any

import pytest
from acme_client._core.check import mismatches
from acme_client._core.parameter import Parameter
from acme_client._runtime.check import Prepared, check_body
from acme_client._runtime.errors import ParameterError, ParameterWarning
from acme_client._runtime.resources import SyncModel, by_python_name
from acme_client.models.fox_1_5 import PARAMETERS
from acme_support.checks import fox, wrong
from acme_support.server import Reply


def _block(tag: str, *members: Parameter) -> Parameter:
    kind = Parameter(name="type", wire="type", type="string", choices=(tag,), required=True)
    return Parameter(name="", wire="", type="object", properties=(kind, *members))


SECONDS = Parameter(name="seconds", wire="seconds", type="integer", required=True, default=5, maximum=9)


LOUD = Parameter(name="loud", wire="loud", type="boolean", applies_when=(("seconds", (9,)),))


CONTENT = Parameter(
    name="content",
    wire="content",
    type="union",
    branches=(
        Parameter(name="", wire="", type="integer", minimum=1),
        Parameter(
            name="",
            wire="",
            type="array",
            items=Parameter(
                name="",
                wire="",
                type="union",
                branches=(_block("text"), _block("audio", SECONDS, LOUD)),
                tag="type",
            ),
        ),
    ),
)


class Tag(Enum):
    AUDIO = "audio"


@pytest.mark.parametrize(
    ("value", "sent"),
    [
        (2.0, 2),
        (Decimal(3), 3),
        ((), []),
        (({"type": "text"},), [{"type": "text"}]),
        (UserList([UserDict(type=Tag.AUDIO)]), [{"type": "audio", "seconds": 5}]),
        ([{"type": "audio", "seconds": 2.0}], [{"type": "audio", "seconds": 2}]),
    ],
)
def test_values_are_converted_as_the_branch_of_a_union_that_they_are_meant_for(value: Any, sent: Any) -> None:
    assert json.dumps(check_body("m", Prepared((CONTENT,)), {"content": value})) == json.dumps(
        {"content": sent}
    )


@pytest.mark.parametrize(
    ("value", "place", "message"),
    [
        (0, "content", "must be at least 1"),
        ("x", "content", "must be an integer or a list, not text"),
        (["x"], "content[0]", "must be a dict, not text"),
        ([{"type": "audio", "seconds": 10}], "content[0].seconds", "must be at most 9"),
        ([{"type": "text", "seconds": 1}], "content[0].seconds", "is not known"),
        ([{"type": "video"}], "content[0].type", "must be one of 'text', 'audio'"),
        ([{"seconds": 1}], "content[0].type", "is required"),
        (
            [{"type": b"text"}],
            "content[0].type",
            "is bytes: pass base64 text or a URL, whichever the API accepts",
        ),
    ],
)
def test_a_violation_of_a_union_is_that_of_the_branch_that_was_meant(
    value: Any, place: str, message: str
) -> None:
    with pytest.raises(ParameterError) as caught:
        check_body("m", Prepared((CONTENT,)), {"content": value})
    assert (caught.value.violations[0].parameter, caught.value.violations[0].message) == (place, message)


def test_members_without_effect_are_found_in_branches() -> None:
    with pytest.warns(
        ParameterWarning, match=r"content\[0\].loud has no effect unless seconds is 9; it is 5"
    ):
        check_body("m", Prepared((CONTENT,)), {"content": [{"type": "audio", "loud": True}]})


def test_the_body_has_the_apis_names_in_the_order_of_the_parameters() -> None:
    body = check_body(
        "fox-1.5", Prepared(PARAMETERS), {"class_": "c", "width": 64, "prompt": "a", "timeout_": 3}
    )
    assert list(body.items()) == [
        ("prompt", "a"),
        ("sampler", "euler"),
        ("width", 64),
        ("class", "c"),
        ("timeout", 3),
    ]


def test_only_required_parameters_get_their_default() -> None:
    assert check_body("fox-1.5", Prepared(PARAMETERS), {"prompt": "a"}) == {
        "prompt": "a",
        "sampler": "euler",
    }


def test_all_violations_are_reported_together() -> None:
    with pytest.raises(ParameterError) as caught:
        check_body(
            "fox-1.5",
            Prepared(PARAMETERS),
            {
                "sampler": 3,
                "format": "gif",
                "width": 63,
                "seed": -2,
                "strength": 0.7,
                "base64": 1,
                "urls": ["x", "long enough", 5, "y"],
                "loras": [{"path": "p", "weight": 2.05}, {"weight": "1", "wieght": 1}, "lora"],
                "widht": 7,
            },
        )
    assert str(caught.value) == (
        "fox-1.5: 17 invalid parameters; nothing was sent\n"
        "  widht=7: is not a parameter of this model; did you mean 'width'?\n"
        "  prompt: is required\n"
        "  sampler=3: must be text, not an integer\n"
        "  format='gif': must be one of 'jpeg', 'png'\n"
        "  width=63: must be 64 to 2048, in steps of 8\n"
        "  seed=-2: must be at least -1\n"
        "  strength=0.7: must be one of 0.5, 1\n"
        "  base64=1: must be True or False, not an integer\n"
        "  urls=['x', 'long enough', 5, 'y']: must have 1 to 3 items, not 4\n"
        "  urls[0]='x': must have at least 2 characters, not 1\n"
        "  urls[2]=5: must be text, not an integer\n"
        "  urls[3]='y': must have at least 2 characters, not 1\n"
        "  loras[0].weight=2.05: must be 0 to 2, in steps of 0.1\n"
        "  loras[1].weight='1': must be a number, not text\n"
        "  loras[1].wieght=1: is not known; did you mean 'weight'?\n"
        "  loras[1].path: is required\n"
        "  loras[2]='lora': must be a dict, not text"
    )
    assert caught.value.violations[4].limit == "an integer, 64 to 2048, in steps of 8"
    assert caught.value.violations[3].limit == "one of 'jpeg', 'png'"


@pytest.mark.parametrize("value", [64.0, 64, True])
def test_integral_floats_are_integers_and_booleans_are_not(value: Any) -> None:
    if value is True:
        assert wrong(width=value) == {"width": "must be an integer, not a boolean"}
    else:
        assert json.dumps(fox(width=value)) == '{"width": 64}'
    assert wrong(width=64.5) == {"width": "must be an integer, not a number"}
    assert wrong(loras=[{"path": "p", "weight": True}]) == {
        "loras[0].weight": "must be a number, not a boolean"
    }


@pytest.mark.parametrize("weight", [0.1, 0.3, 0.7, 1.1, 1.9, 2, 1, 1.0, 0])
def test_multiples_are_those_of_the_decimal_text(weight: float) -> None:
    assert fox(loras=[{"path": "p", "weight": weight}])["loras"] == [{"path": "p", "weight": weight}]


@pytest.mark.parametrize("weight", [0.15, 0.30000000000000004, 1e-9, 1.0000000001])
def test_a_near_multiple_is_refused(weight: float) -> None:
    assert "loras[0].weight" in wrong(loras=[{"path": "p", "weight": weight}])


@pytest.mark.parametrize("strength", [0.5, 1, 1.0])
def test_number_enums_are_exact(strength: float) -> None:
    assert fox(strength=strength) == {"strength": strength}
    assert wrong(strength=strength + 0.25) == {"strength": "must be one of 0.5, 1"}
    assert wrong(strength=True) == {"strength": "must be a number, not a boolean"}


def test_integers_of_any_size() -> None:
    assert fox(seed=10**40) == {"seed": 10**40}
    assert fox(seed=1e20) == {"seed": 10**20}
    assert wrong(width=10**5000) == {"width": "must be 64 to 2048, in steps of 8"}
    assert wrong(seed=-(10**40)) == {"seed": "must be at least -1"}


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
def test_numbers_that_json_lacks_are_refused(value: float) -> None:
    assert wrong(seed=value) == {"seed": "must be a finite number"}
    assert wrong(loras=[{"path": "p", "weight": value}]) == {"loras[0].weight": "must be a finite number"}


def test_null_is_refused_unless_it_is_allowed() -> None:
    assert fox(seed=None) == {"seed": None}
    assert wrong(width=None, format=None, prompt=None) == {
        "prompt": "must be text, not None",
        "format": "must be text, not None",
        "width": "must be an integer, not None",
    }


@pytest.mark.parametrize(
    ("pattern", "right", "wrong"),
    [("^[a-z]$", "a", "a\n"), (r"^[$]\$$", "$$", "$$\n"), ("a$|^[^$]", "ba", "$")],
)
def test_a_pattern_ends_where_the_text_does(pattern: str, right: str, wrong: str) -> None:
    parameter = Parameter(name="code", wire="code", flag="--code", type="string", pattern=pattern)
    assert not list(mismatches(parameter, right))
    assert list(mismatches(parameter, wrong))


def test_closed_and_open_choices() -> None:
    assert fox(sampler="unheard of") == {"sampler": "unheard of"}
    assert fox(format="png") == {"format": "png"}
    assert fox(format="jpg") == {"format": "jpg"}
    assert wrong(format="jpge") == {"format": "must be one of 'jpeg', 'png'; did you mean 'jpeg'?"}


def test_names_of_the_api_are_taken_where_they_are_not_names_in_python() -> None:
    assert fox(**{"class": "c"}) == {"class": "c"}
    assert wrong(**{"class": "c", "class_": "d"}) == {"class_": "is passed twice, under both of its names"}


def test_an_unknown_name_is_refused_with_the_one_that_was_meant() -> None:
    assert wrong(promt="a") == {"promt": "is not a parameter of this model; did you mean 'prompt'?"}
    assert wrong(zzz=1) == {"zzz": "is not a parameter of this model"}


def test_external_values_are_not_checked() -> None:
    body = check_body("fox-1.5", Prepared(PARAMETERS), {"width": 1}, unchecked={"prompt", "width"})
    assert body == {"sampler": "euler"}


def test_values_are_shown_short() -> None:
    with pytest.raises(ParameterError) as caught:
        check_body(
            "fox-1.5",
            Prepared(PARAMETERS),
            {"prompt": "a", "format": "x" * 10_000, "urls": ["y" * 9999] * 99},
        )
    assert len(str(caught.value)) < 700


def test_a_parameter_without_effect_is_a_warning_at_the_callers_line() -> None:
    with pytest.warns(
        ParameterWarning, match="width has no effect unless ratio is 'custom'; it is '1:1'"
    ) as caught:
        check_body("fox-1.5", Prepared(PARAMETERS), {"prompt": "a", "width": 64, "ratio": "1:1"})
    assert caught[0].filename == __file__
    with pytest.warns(ParameterWarning):
        assert fox(width=64, ratio="1:1") == {"width": 64, "ratio": "1:1"}
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        fox(width=64, ratio="custom")
        fox(width=64)
        fox(ratio="1:1")


def test_a_default_of_the_server_counts_for_what_applies() -> None:
    parameters = (
        Parameter(name="mode", wire="mode", flag="--mode", type="string", default="auto"),
        Parameter(
            name="size", wire="size", flag="--size", type="integer", applies_when=(("mode", ("custom",)),)
        ),
        Parameter(name="more", wire="more", flag="--more", type="integer", applies_when=(("else", ("x",)),)),
    )

    with pytest.warns(ParameterWarning, match="size has no effect unless mode is 'custom'; it is 'auto'"):
        check_body("m", Prepared(parameters), {"size": 1, "more": 1})


@pytest.mark.parametrize(
    ("limit", "right", "wrong"),
    [
        ({"minimum": 1}, 1, 1 - 1e-15),
        ({"maximum": 1}, 1.0, 1 + 1e-15),
        ({"exclusive_minimum": 1}, 1 + 1e-15, 1),
        ({"exclusive_maximum": 1}, 1 - 1e-15, 1.0),
        ({"maximum": 2**53}, 2**53, 2**53 + 1),
        ({"maximum": float(2**53)}, 2**53, 2**53 + 1),
        ({"multiple_of": 1e-9}, 1.000000001, 1.0000000001),
        ({"multiple_of": 3}, 3 * 10**30, 3 * 10**30 + 1),
    ],
)
def test_limits_are_exact(limit: Any, right: float, wrong: float) -> None:
    parameters = (Parameter(name="a", wire="a", flag="--a", type="number", **limit),)
    assert check_body("m", Prepared(parameters), {"a": right}) == {"a": right}
    with pytest.raises(ParameterError):
        check_body("m", Prepared(parameters), {"a": wrong})


def test_a_member_without_effect_is_reported_with_its_path() -> None:
    source = (
        Parameter(name="kind", wire="kind", flag="", type="string", required=True, default="url"),
        Parameter(name="data", wire="data", flag="", type="string", applies_when=(("kind", ("base64",)),)),
        Parameter(name="mode", wire="mode", flag="", type="string", required=True, default="a", applies_when=(("kind", ("x",)),)),
    )  # fmt: skip
    content = Parameter(name="source", wire="source", flag="", type="object", properties=source)
    item = Parameter(name="", wire="", flag="", type="object", properties=(content,))
    parameters = (
        Parameter(name="messages_", wire="messages", flag="--messages", type="array", items=item),
        Parameter(name="extra", wire="extra", flag="--extra", type="object", properties=source),
    )
    given = {"messages_": [{"source": {"kind": "base64", "data": "x"}}, {"source": {"data": "x"}}]}
    with pytest.warns(ParameterWarning) as caught:
        check_body("m", Prepared(parameters), given)
    assert [str(each.message) for each in caught] == [
        "m: messages_[1].source.data has no effect unless kind is 'base64'; it is 'url'"
    ]
    with pytest.warns(
        ParameterWarning, match="extra.data has no effect unless kind is 'base64'; it is 'url'"
    ):
        check_body("m", Prepared(parameters), {"extra": {"kind": "url", "data": "x"}})


def test_conflicting_names_are_distinguished() -> None:
    parameters = (
        Parameter(name="a_b", wire="a-b", flag="--a-b", type="integer"),
        Parameter(name="a_b_plain", wire="a_b", flag="--a-b-plain", type="string"),
    )

    class Model(SyncModel):
        slug = "m"

    Model.parameters = parameters
    given_by_wire_name = by_python_name(Model, {"a-b": 1, "a_b": "text"})
    assert given_by_wire_name == {"a_b": 1, "a_b_plain": "text"}
    assert check_body("m", Prepared(parameters), given_by_wire_name) == {"a-b": 1, "a_b": "text"}
    assert check_body("m", Prepared(parameters), {"a_b_plain": "text"}) == {"a_b": "text"}


def test_nothing_is_sent_when_something_is_wrong(acme: Any, server: Any) -> None:
    with pytest.raises(ParameterError) as caught:
        acme.run(acme.client().fox_1_5.generate(prompt="", width=7))
    assert caught.value.model == "fox-1.5"
    assert [violation.parameter for violation in caught.value.violations] == ["prompt", "width"]
    assert server.requests == []


def test_unchecked_parameters_are_sent_as_they_are(acme: Any, server: Any) -> None:
    server.on("/v1/fox-1.5", Reply(body=b"x"))
    acme.run(acme.client().fox_1_5.generate(prompt="", width=7.5, class_="c", validate=False))
    assert server.requests[0].json == {"prompt": "", "width": 7.5, "class": "c"}
    acme.run(acme.client(validate=False).fox_1_5.generate(prompt="", urls=("a",)))
    assert server.requests[1].json == {"prompt": "", "urls": ["a"]}
    with pytest.raises(ParameterError):
        acme.run(acme.client(validate=False).fox_1_5.generate(prompt="", validate=True))


@pytest.mark.parametrize(
    "value", [b"x", float("nan"), "\ud800", {1}, 10**5000], ids=["bytes", "nan", "surrogate", "set", "huge"]
)
def test_values_that_are_not_json_are_parameter_errors_even_unchecked(
    acme: Any, server: Any, value: Any
) -> None:
    for options in ({"validate": False, "class_": value}, {"extra_body": {"class": value}}):
        with pytest.raises(ParameterError, match="class"):
            acme.run(acme.client().fox_1_5.generate(prompt="a", **options))
    assert server.requests == []


def test_the_extra_body_is_merged_last_and_unchecked(acme: Any, server: Any) -> None:
    server.on("/v1/fox-1.5", Reply(body=b"x"))
    acme.run(acme.client().fox_1_5.generate(prompt="a", width=7, extra_body={"width": "wide", "beta": True}))
    assert server.requests[0].json == {"prompt": "a", "sampler": "euler", "width": "wide", "beta": True}
