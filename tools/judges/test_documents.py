"""Spectral and Redocly, with their recommended rules, report nothing about the documents of any API."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

HERE = Path(__file__).resolve().parent


def spectral(judge: Any, document: Path) -> list[str]:
    """Return the findings of Spectral, hints included."""
    result = judge(
        *("@stoplight/spectral-cli", "dist/index.js", "lint", document, "--quiet", "--format", "json"),
        *("--ruleset", HERE / "spectral.yaml", "--fail-severity", "hint"),
    )
    findings = [f"{finding['code']}: {finding['message']}" for finding in json.loads(result.stdout)]
    assert (result.returncode == 0) == (findings == []), result.stderr
    return findings


def redocly(judge: Any, document: Path) -> list[str]:
    """Return the findings of Redocly."""
    result = judge(
        *("@redocly/cli", "bin/cli.js", "lint", document, "--format", "json"),
        *("--config", HERE / "redocly.yaml"),
    )
    return [f"{problem['ruleId']}: {problem['message']}" for problem in json.loads(result.stdout)["problems"]]


@pytest.mark.parametrize("name", ["segmind", "harmonia", "minimal"])
@pytest.mark.parametrize("finds", [spectral, redocly])
def test_documents_have_no_findings(
    judge: Any, documents: dict[str, Path], finds: Callable[..., list[str]], name: str
) -> None:
    found = finds(judge, documents[name])
    if (finds, name) == (redocly, "minimal"):
        # Its spec has no license, and the generator must not invent one.
        assert [finding.partition(":")[0] for finding in found] == ["info-license"]
    else:
        assert found == []


@pytest.mark.parametrize(
    ("finds", "rule"),
    [
        (spectral, "oas3-valid-media-example"),
        (spectral, "operation-description"),
        (redocly, "no-unresolved-refs"),
        (redocly, "info-license"),
    ],
)
def test_defects_are_found(
    judge: Any, documents: dict[str, Path], tmp_path: Path, finds: Callable[..., list[str]], rule: str
) -> None:
    """The judges work: they report errors and warnings in a broken document."""
    document = json.loads(documents["segmind"].read_text(encoding="utf-8"))
    call = document["paths"]["/v1/sd2.1-txt2img"]["post"]
    match rule:
        case "oas3-valid-media-example":
            call["requestBody"]["content"]["application/json"]["examples"]["page"]["value"]["samples"] = 11
        case "operation-description":
            del call["description"]
        case "no-unresolved-refs":
            del document["components"]["responses"]["Error429"]
        case "info-license":
            del document["info"]["license"]
    broken = tmp_path / "openapi.json"
    broken.write_text(json.dumps(document), encoding="utf-8")
    assert {finding.partition(":")[0] for finding in finds(judge, broken)} == {rule}
