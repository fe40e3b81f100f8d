"""Which parts of the runtime a client has: those for the features of its API."""

from __future__ import annotations

import importlib
import sys
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from speccast.core.answers import Answer, Operation
from speccast.core.api import HeaderMeaning
from speccast.core.parameter import Parameter
from speccast.targets.python.target import TARGET
from speccast.targets.rendering import draft, render
from tests.targets.support import NO_OVERLAY, ROOT, api_of

if TYPE_CHECKING:
    from pathlib import Path

    from speccast.core.api import Api

MINIMAL = api_of(ROOT / "tests" / "apis" / "minimal")
HARMONIA = api_of(ROOT / "tests" / "apis" / "harmonia")
TEXT = Parameter(wire="text", name="text", type="string")
FILE = Parameter(wire="file", name="file", type="file")
MEDIA = Parameter(wire="media", name="media", type="string", media=("image",), forms=("url",))
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
        (MEDIA, {"files"}),
        (array(an_object(array(MEDIA))), {"files"}),
        (array(an_object(replace(MEDIA, max_duration=9.5))), {"durations", "files"}),
        (replace(MEDIA, min_duration=1.0), {"durations", "files"}),
        (UNION, {"unions"}),
        (array(UNION), {"unions"}),
        (an_object(TEXT, UNION), {"unions"}),
        (array(an_object(TEXT, array(UNION))), {"unions"}),
        (replace(UNION, branches=(TEXT, array(FILE))), {"files", "unions"}),
    ],
)
def test_features_of_nested_parameters_are_found(parameter: Parameter, expected: set[str]) -> None:
    assert features(with_parameter(parameter)) == expected


def test_a_file_needs_an_upload_where_the_api_takes_addresses_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    models = tuple(model for model in HARMONIA.models if model.slug == "builtin-names")
    api = replace(HARMONIA, upload=None, package="without_uploads", models=models)
    for path, content in render(api, "python", NO_OVERLAY).items():
        if path.startswith(f"{api.package}/"):
            (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / path).write_bytes(content)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    package = importlib.import_module(api.package)
    assert "MediaInput" in package.__all__
    client = getattr(package, api.client)("key", base_url="http://127.0.0.1:9")
    refused = pytest.raises(package.ParameterError, match="the API takes an address only: pass the URL")
    with client, refused:
        client.run_sync("builtin-names", input=b"%PDF-1.7")


@pytest.mark.parametrize(
    ("body", "expected"), [("json", set[str]()), ("form", {"files"}), ("multipart", {"files"})]
)
def test_forms_may_be_those_of_a_surface_or_a_model(body: str, expected: set[str]) -> None:
    (model,) = MINIMAL.models
    assert MINIMAL.sync is not None
    assert features(replace(MINIMAL, sync=replace(MINIMAL.sync, body=body))) == expected
    assert features(replace(MINIMAL, models=(replace(model, body=body),))) == expected


@pytest.mark.parametrize("origin", [None, "https://queue.example"])
def test_a_surface_with_another_host_is_a_feature(origin: str | None) -> None:
    assert HARMONIA.jobs is not None
    api = replace(HARMONIA, jobs=replace(HARMONIA.jobs, base_url=origin))
    assert ("surface_hosts" in features(api)) == (origin is not None)
    assert "surface_hosts" not in features(MINIMAL)


def test_cost_may_be_in_a_header_or_in_an_answer_of_a_model() -> None:
    told = {"cost", "remaining_credits"}
    assert features(HARMONIA) & told == {"cost"}
    headers = tuple(HeaderMeaning(name, name) for name in sorted(told))
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
def test_only_a_client_with_limits_of_seconds_can_measure_them(api: Api, expected: bool) -> None:
    made = draft(api, "python", NO_OVERLAY, only=lambda each: each.path.startswith("__package__/_"))
    texts = {path.partition("/")[2]: text for path, text in made.selected.items()}
    measuring = {f"_core/{name}.py" for name in ("avi", "durations", "matroska", "mp4", "ogg", "sounds")}
    assert measuring & texts.keys() == (measuring if expected else set())
    assert ("def duration" in texts["_core/inputs.py"]) == expected
    assert ("_core.inputs import duration" in texts["_runtime/wording.py"]) == expected


@pytest.mark.parametrize(("api", "expected"), [(MINIMAL, False), (HARMONIA, True)])
def test_a_client_has_the_module_of_uploads_if_it_sends_files(api: Api, expected: bool) -> None:
    made = draft(
        api, "python", NO_OVERLAY, only=lambda template: template.path.startswith("__package__/_runtime/")
    )
    texts = {path.rpartition("/")[2]: text for path, text in made.selected.items()}
    assert ("uploads.py" in texts) == expected
