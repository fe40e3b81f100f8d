"""Spectral and Redocly, with the rules that they recommend, find nothing about the documents of any API."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

HERE = Path(__file__).resolve().parent


def spectral(judge: Any, document: Path) -> list[str]:
    """What Spectral finds, down to its hints."""
    ran = judge(
        *("@stoplight/spectral-cli", "dist/index.js", "lint", document, "--quiet", "--format", "json"),
        *("--ruleset", HERE / "spectral.yaml", "--fail-severity", "hint"),
    )
    findings = [f"{finding['code']}: {finding['message']}" for finding in json.loads(ran.stdout)]
    assert (ran.returncode == 0) == (findings == []), ran.stderr
    return findings


def redocly(judge: Any, document: Path) -> list[str]:
    """What Redocly finds."""
    ran = judge(
        *("@redocly/cli", "bin/cli.js", "lint", document, "--format", "json"),
        *("--config", HERE / "redocly.yaml"),
    )
    return [f"{problem['ruleId']}: {problem['message']}" for problem in json.loads(ran.stdout)["problems"]]


@pytest.mark.parametrize("name", ["segmind", "harmonia", "minimal"])
@pytest.mark.parametrize("finds", [spectral, redocly])
def test_nothing_is_found(
    judge: Any, documents: dict[str, Path], finds: Callable[..., list[str]], name: str
) -> None:
    found = finds(judge, documents[name])
    if (finds, name) == (redocly, "minimal"):
        # Its spec states no licence, and nobody else may state one for it.
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
def test_what_is_wrong_is_found(
    judge: Any, documents: dict[str, Path], tmp_path: Path, finds: Callable[..., list[str]], rule: str
) -> None:
    """The judges are awake: they find errors, and what are only warnings to them."""
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
