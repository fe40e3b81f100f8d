"""The errors that an API sends on each occasion, from its spec or by default."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, cast

import pytest

from speccast.core.occasions import OCCASIONS, ErrorResponse, Occasion
from speccast.specs.build import build_bundle
from speccast.specs.bundle import Bundle

SCHEMA = Path(__file__).parents[2] / "generator" / "speccast" / "specs" / "schema" / "api.schema.json"


def error(occasion: Occasion, *errors: dict[str, Any], failed: int | None = None) -> ErrorResponse:
    """Return the error of an API with these errors, and jobs whose failed state has an HTTP status."""
    api: dict[str, Any] = {
        "id": "acme",
        "speccast": 1,
        "title": "Acme",
        "base_url": "https://api.acme.example",
        "package": "acme",
        "distribution": "acme",
        "command": "acme",
        "client": "Acme",
        "version": "1.0.0",
        "errors": list(errors),
    }
    if failed is not None:
        states = [{"name": "X", "phase": "failed", "http_status": failed}]
        api["async"] = {"submit": "/{slug}", "status": "/jobs/{id}", "result": "/jobs/{id}", "states": states}
    return build_bundle(Bundle(api, {})).error_for(occasion)


def test_the_schema_lists_the_occasions() -> None:
    properties = json.loads(SCHEMA.read_text())["properties"]["errors"]["items"]["properties"]
    assert tuple(properties["occasions"]["items"]["enum"]) == OCCASIONS
    assert tuple(properties["messages"]["properties"]) == OCCASIONS


@pytest.mark.parametrize(
    ("occasion", "status"),
    [
        ("missing_key", 401),
        ("invalid_key", 401),
        ("unknown_model", 404),
        ("unknown_job", 404),
        ("wrong_method", 405),
        ("content_type", 415),
        ("too_large", 413),
        ("slow_body", 408),
        ("invalid_body", 400),
        ("invalid_parameters", 400),
        ("insufficient_credits", 402),
        ("rate_limit", 429),
        ("blocked_content", 400),
    ],
)
def test_an_occasion_that_the_spec_does_not_name_has_a_default(occasion: Occasion, status: int) -> None:
    assert error(occasion).status == status
    assert error(occasion).media_type == "application/json"


@pytest.mark.parametrize("occasion", OCCASIONS)
def test_the_spec_names_the_status_of_an_occasion(occasion: str) -> None:
    named = error(
        cast("Occasion", occasion),
        {"status": 400, "title": "Bad Request"},
        {"status": 418, "title": "Teapot", "media_type": "text/html", "occasions": [occasion]},
    )
    assert (named.status, named.media_type) == (418, "text/html")
    assert named.text == error(cast("Occasion", occasion)).text


def test_a_message_names_its_occasion_and_replaces_the_default_text() -> None:
    found = error(
        "unknown_job", {"status": 410, "title": "Gone", "messages": {"unknown_job": "{id} is gone"}}
    )
    assert found == ErrorResponse(410, "{id} is gone")


def test_the_default_status_has_the_media_type_of_its_entry() -> None:
    page = {"status": 405, "title": "Method Not Allowed", "media_type": "text/html"}
    assert error("wrong_method", page).media_type == "text/html"


def test_an_invalid_body_is_refused_like_invalid_parameters() -> None:
    entry = {"status": 422, "title": "Unprocessable", "occasions": ["invalid_parameters"]}
    assert error("invalid_body", entry).status == 422
    own = {"status": 400, "title": "Bad Request", "occasions": ["invalid_body"]}
    assert error("invalid_body", entry, own).status == 400


@pytest.mark.parametrize(("failed", "status"), [(200, 400), (422, 422)])
def test_blocked_content_has_the_status_of_a_failed_job_if_that_is_an_error(failed: int, status: int) -> None:
    assert error("blocked_content", failed=failed).status == status
