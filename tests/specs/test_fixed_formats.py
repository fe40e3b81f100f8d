"""Fields with a fixed format: a text that steers a terminal, hides letters or changes an address is an error."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from speccast.specs.load import load

if TYPE_CHECKING:
    from pathlib import Path

API = """\
speccast: 1
title: Acme
documentation: "https://docs.acme.example/a?b=c#d"
base_url: "https://api.acme.example:8443"
auth: { in: header, name: x-api-key }
package: acme_client
distribution: acme-client
command: acme-client
client: Acme
version: 1.2.0
sync:
  path: "/v1/{slug}"
drop_in: { replaces: "acme>=1.1" }
"""
MODEL = """\
speccast: 1
slug: fox
title: Fox
surfaces: [sync]
returns: [image/png]
source: { url: "https://acme.example/fox" }
deprecated: { since: 2026-01-01, replaced_by: "owl" }
parameters: {}
"""


def errors(folder: Path, api: str, model: str) -> list[str]:
    (folder / "acme").mkdir(exist_ok=True)
    (folder / "acme" / "api.yaml").write_text(api, encoding="utf-8")
    (folder / "acme" / "fox.yaml").write_text(model, encoding="utf-8")
    return [
        f"{finding.path}:{finding.line} {finding.pointer}"
        for finding in load(folder, shown_from=folder).findings
    ]


def test_the_specs_of_the_other_tests_are_valid(tmp_path: Path) -> None:
    assert errors(tmp_path, API, MODEL) == []


@pytest.mark.parametrize(
    "hostile", [r"\e[31m", r"\u202e", r"\x9b2J", r"\u200b", r"\u0430", r"\ufeff", r"\n", "`"]
)
@pytest.mark.parametrize(
    ("before", "place"),
    [
        ("acme.example:8443", "acme/api.yaml:4 /base_url"),
        ("docs.acme", "acme/api.yaml:3 /documentation"),
        ("v1", "acme/api.yaml:12 /sync/path"),
        ("acme>=", "acme/api.yaml:13 /drop_in/replaces"),
        ("acme.example/fox", "acme/fox.yaml:6 /source/url"),
        ("owl", "acme/fox.yaml:7 /deprecated/replaced_by"),
    ],
)
def test_a_fixed_field_with_another_character_is_an_error(
    tmp_path: Path, before: str, place: str, hostile: str
) -> None:
    changed = [text.replace(before, f"{hostile}{before}") for text in (API, MODEL)]
    assert changed != [API, MODEL]
    assert errors(tmp_path, *changed) == [place]


@pytest.mark.parametrize(
    "origin",
    [
        "https://a..b/x",
        "https://user@host",
        "https://[::1]:80x",
        "https://host:",
        "https://h\\u00f6st",
        "ftp://host",
    ],
)
def test_a_base_url_is_an_origin(tmp_path: Path, origin: str) -> None:
    assert errors(tmp_path, API.replace("https://api.acme.example:8443", origin), MODEL) == [
        "acme/api.yaml:4 /base_url"
    ]


@pytest.mark.parametrize(
    "origin",
    ["http://127.0.0.1:8000", "https://[::1]:8443", "https://my_host", "https://xn--hst-sna.example"],
)
def test_origins_of_all_kinds_are_valid(tmp_path: Path, origin: str) -> None:
    assert errors(tmp_path, API.replace("https://api.acme.example:8443", origin), MODEL) == []
