"""Bodies: constants of a model, and parameters as members of one object, which code does not notice."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from acme_client._api import API
from acme_client._core.api import JobSurface, SyncSurface
from acme_client._runtime.errors import ParameterError
from acme_client.models.fox_1_5 import AsyncFox15, Fox15
from acme_support.server import Reply

assert isinstance(API.jobs, JobSurface)
WRAPPED = replace(API, sync=SyncSurface("/v1/{slug}", wrap="input"), jobs=replace(API.jobs, wrap="request"))
ACCEPTED = Reply(body={"request_id": "7", "status": "QUEUED"})


@pytest.fixture
def _constants(monkeypatch: pytest.MonkeyPatch) -> None:
    for model in (Fox15, AsyncFox15):
        monkeypatch.setattr(model, "sends", {"model": "fox", "n": 1})


@pytest.mark.usefixtures("_constants")
def test_constants_precede_the_parameters_and_extra_body_replaces_them(acme: Any, server: Any) -> None:
    server.on("/v1/fox-1.5", Reply(body=b"x"))
    client = acme.client()
    acme.run(client.fox_1_5.generate(prompt="a"))
    acme.run(client.fox_1_5.generate(prompt="a", validate=False, extra_body={"n": 2}))
    assert [request.json for request in server.requests] == [
        {"model": "fox", "n": 1, "prompt": "a", "sampler": "euler"},
        {"model": "fox", "n": 2, "prompt": "a"},
    ]


@pytest.mark.usefixtures("_constants")
def test_parameters_are_members_of_the_object_of_the_surface(acme: Any, server: Any) -> None:
    server.on("/v1/fox-1.5", Reply(body=b"x"))
    server.on("/v2/fox-1.5", ACCEPTED)
    client = acme.client(api=WRAPPED)
    acme.run(client.fox_1_5.generate(prompt="a", extra_body={"beta": True}))
    acme.run(client.fox_1_5.submit(prompt="a"))
    assert [request.json for request in server.requests] == [
        {"model": "fox", "n": 1, "input": {"prompt": "a", "sampler": "euler", "beta": True}},
        {"model": "fox", "n": 1, "request": {"prompt": "a", "sampler": "euler"}},
    ]


def test_a_model_without_a_spec_is_sent_in_the_object_too(acme: Any, server: Any) -> None:
    server.on("/v2/wolf", ACCEPTED)
    acme.run(acme.client(api=WRAPPED).submit_async("wolf", size=1))
    assert server.requests[0].json == {"request": {"size": 1}}


def test_errors_name_parameters_not_the_object(acme: Any) -> None:
    with pytest.raises(ParameterError) as caught:
        acme.run(acme.client(api=WRAPPED).fox_1_5.generate(prompt="a", validate=False, extra_body={"x": {1}}))
    assert [violation.parameter for violation in caught.value.violations] == ["x"]
