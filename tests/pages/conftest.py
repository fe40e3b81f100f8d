"""A project with an API and pages that are made up."""

from __future__ import annotations

from copy import deepcopy
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
from click.testing import CliRunner

if TYPE_CHECKING:
    from pathlib import Path

API = """speccast: 1
title: Acme
base_url: https://api.acme.example
auth: { in: header, name: x-api-key }
environment: { api_key: ACME_API_KEY, base_url: ACME_BASE_URL }
package: acme_client
distribution: acme-client
command: acme-client
client: Acme
version: 0.1.0
license: MIT
sync: { path: "/v1/{slug}" }
async:
  submit: /v2/{slug}
  status: /v2/requests/{id}/status
  result: /v2/requests/{id}
  states:
    - { name: QUEUED, phase: waiting }
    - { name: DONE, phase: succeeded }
    - { name: FAILED, phase: failed }
"""
FOX: dict[str, Any] = {
    "slug": "fox-1",
    "title": "Fox 1",
    "description": "Draws foxes.",
    "surfaces": ["sync"],
    "returns": ["image/png"],
    "parameters": {
        "prompt": {"type": "string", "required": True, "description": "What to draw"},
        "seed": {"type": "integer", "default": -1, "minimum": -1, "maximum": 99, "description": "Seed"},
    },
    "example": {"prompt": "a red fox", "seed": 7},
}


class Ran(NamedTuple):
    """The exit code, the report and everything else of a command."""

    code: int
    out: str
    err: str


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "specs" / "acme"
    folder.mkdir(parents=True)
    (folder / "api.yaml").write_text(API, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def fox() -> dict[str, Any]:
    return deepcopy(FOX)


@pytest.fixture
def run() -> Any:
    """Run a command in this process, as `speccast` does."""

    def run(command: Any, *arguments: str) -> Ran:
        from speccast.cli import print_error
        from speccast.errors import SpeccastError

        code = 0

        def call() -> None:
            nonlocal code
            try:
                code = command.main(arguments, standalone_mode=False) or 0
            except SpeccastError as error:
                print_error(error)
                code = 2

        with CliRunner().isolation() as (out, err, _):
            call()
            return Ran(code, out.getvalue().decode(), err.getvalue().decode())

    return run
