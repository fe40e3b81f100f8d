"""Which parts of the runtime a client has: those for the features of its API."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from speccast.core.answers import Answer, Operation
from speccast.core.api import Header
from speccast.core.parameter import Parameter
from speccast.targets.python.target import TARGET
from speccast.targets.rendering import draft
from tests.targets.support import NO_OVERLAY, ROOT, api_of

if TYPE_CHECKING:
    from speccast.core.api import Api

MINIMAL = api_of(ROOT / "tests" / "apis" / "minimal")
HARMONIA = api_of(ROOT / "tests" / "apis" / "harmonia")
TEXT = Parameter(wire="text", name="text", type="string")
FILE = Parameter(wire="file", name="file", type="file")
UNION = Parameter(wire="union", name="union", type="union", branches=(TEXT,))


def with_parameter(parameter: Parameter) -> Api:
    (model,) = MINIMAL.models
    return replace(MINIMAL, models=(replace(model, parameters=(TEXT, parameter)),))


def array(items: Parameter) -> Parameter:
    return Parameter(wire="array", name="array", type="array", items=items)


def an_object(*members: Parameter) -> Parameter:
    return Parameter(wire="object", name="object", type="object", properties=members)


def features(api: Api) -> set[str]:
    return {name for name, has in TARGET.features.items() if has(api)}


@pytest.mark.parametrize(
    ("parameter", "expected"),
    [
        (array(TEXT), set[str]()),
        (FILE, {"files"}),
        (array(FILE), {"files"}),
        (UNION, {"unions"}),
        (array(UNION), {"unions"}),
        (an_object(TEXT, UNION), {"unions"}),
        (array(an_object(TEXT, array(UNION))), {"unions"}),
        (replace(UNION, branches=(TEXT, array(FILE))), {"files", "unions"}),
    ],
)
def test_a_parameter_may_be_anywhere(parameter: Parameter, expected: set[str]) -> None:
    assert features(with_parameter(parameter)) == expected


@pytest.mark.parametrize(
    ("body", "expected"), [("json", set[str]()), ("form", {"files"}), ("multipart", {"files"})]
)
def test_forms_may_be_those_of_a_surface_or_a_model(body: str, expected: set[str]) -> None:
    (model,) = MINIMAL.models
    assert MINIMAL.sync is not None
    assert features(replace(MINIMAL, sync=replace(MINIMAL.sync, body=body))) == expected
    assert features(replace(MINIMAL, models=(replace(model, body=body),))) == expected


@pytest.mark.parametrize("origin", [None, "https://queue.example"])
def test_a_surface_may_have_a_host_of_its_own(origin: str | None) -> None:
    assert HARMONIA.jobs is not None
    api = replace(HARMONIA, jobs=replace(HARMONIA.jobs, base_url=origin))
    assert ("surface_hosts" in features(api)) == (origin is not None)
    assert "surface_hosts" not in features(MINIMAL)


def test_cost_may_be_in_a_header_or_in_an_answer_of_a_model() -> None:
    told = {"cost", "remaining_credits"}
    assert features(HARMONIA) & told == {"cost"}
    headers = tuple(Header(name, name) for name in sorted(told))
    assert features(replace(MINIMAL, headers=headers)) == told
    assert features(replace(MINIMAL, headers=headers[1:])) == set()
    (model,) = MINIMAL.models
    answers: dict[Operation, tuple[Answer, ...]] = {"sync": (Answer({"usage": ["{cost}"]}),)}
    assert features(replace(MINIMAL, models=(replace(model, answers=answers),))) == {"cost"}


@pytest.mark.parametrize(("api", "expected"), [(MINIMAL, False), (HARMONIA, True)])
def test_only_a_client_that_uploads_files_has_the_module_about_that(api: Api, expected: bool) -> None:
    made = draft(
        api, "python", NO_OVERLAY, only=lambda template: template.path.startswith("__package__/_core/")
    )
    texts = {path.rpartition("/")[2]: text for path, text in made.selected.items()}
    assert ("upload_surface.py" in texts) == expected
    assert ("upload: " in texts["api.py"]) == expected


@pytest.mark.parametrize(("api", "expected"), [(MINIMAL, False), (HARMONIA, True)])
def test_a_client_has_the_module_of_uploads_if_it_sends_files(api: Api, expected: bool) -> None:
    made = draft(
        api, "python", NO_OVERLAY, only=lambda template: template.path.startswith("__package__/_runtime/")
    )
    texts = {path.rpartition("/")[2]: text for path, text in made.selected.items()}
    assert ("uploads.py" in texts) == expected
