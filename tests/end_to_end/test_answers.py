"""What the emulator answers is what the OpenAPI document says: statuses, media types and schemas of every operation."""

from __future__ import annotations

import importlib
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import httpx2
import pytest
from jsonschema import Draft202012Validator

from speccast.testing import check_answers, emulator, samples
from speccast.testing.table import bundle_of

if TYPE_CHECKING:
    from pathlib import Path

APIS = ["segmind", "harmonia", "minimal"]


def operation_of(document: dict[str, Any], response: httpx2.Response) -> dict[str, Any]:
    """Return the operation of the document that a response answers."""
    path = urlsplit(str(response.request.url)).path
    method = response.request.method.lower()
    for template, operations in document["paths"].items():
        pattern = re.sub(r"\\{\w+\\}", "[^/]+", re.escape(template))
        if method in operations and re.fullmatch(pattern, path):
            found: dict[str, Any] = operations[method]
            return found
    raise AssertionError(f"{method} {path} is not in the document")


def problem_of(document: dict[str, Any], response: httpx2.Response) -> str | None:
    """Return how a response differs from the document, or None."""
    described = operation_of(document, response)["responses"].get(str(response.status_code))
    if described is None:
        return f"the status {response.status_code} is not documented"
    if "$ref" in described:
        described = document["components"]["responses"][described["$ref"].rpartition("/")[2]]
    content = described.get("content", {})
    media_type = response.headers.get("content-type", "").partition(";")[0]
    if not response.content:
        return None if not content else "the body is empty"
    if media_type not in content:
        families = {kind.partition("/")[0] for kind in content if kind.endswith("/*")}
        return None if media_type.partition("/")[0] in families else f"{media_type} is not documented"
    schema = {**content[media_type].get("schema", {}), "components": document["components"]}
    if media_type != "application/json":
        return None
    errors = [error.message for error in Draft202012Validator(schema).iter_errors(response.json())]
    return errors[0] if errors else None


@pytest.mark.parametrize("name", APIS)
def test_every_answer_satisfies_the_document(
    generated: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    project = generated / "generated" / name / "python"
    [specs] = project.glob("*/_specs.json")
    monkeypatch.syspath_prepend(project)
    with emulator(specs, progress="polls:2") as api:
        document = httpx2.get(f"{api.url}/_emulator/openapi.json").json()
        problems: list[str] = []
        checked: list[str] = []
        compare = samples._Check._compare

        def validate(self: Any, operation: Any, *args: Any, **options: Any) -> None:
            compare(self, operation, *args, **options)
            response = self._received[-1]
            problem = problem_of(document, response)
            checked.append(operation)
            if problem is not None:
                problems.append(f"{self._model.slug}, {operation}: {problem}: {response.text[:300]}")

        monkeypatch.setattr(samples._Check, "_compare", validate)
        package = importlib.import_module(specs.parent.name)
        for model in bundle_of(specs).models:
            client = getattr(package, bundle_of(specs).api["client"])
            check_answers(client, api, specs, model)
    assert not problems
    assert {"sync", "error"} <= {*checked}
