"""Slugs with slashes and capital letters: their files lie in folders of the same names."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from speccast.specs.build import build_api
from speccast.specs.load import load

if TYPE_CHECKING:
    from pathlib import Path

API = """speccast: 1
title: Acme
base_url: https://api.acme.example
package: acme_client
distribution: acme-client
command: acme
client: Acme
version: 0.1.0
sync: { path: "/v1/{slug}" }
"""
MODEL = (
    "speccast: 1\nslug: {slug}\ntitle: A Model\nsurfaces: [sync]\nreturns: [image/png]\nparameters: {{}}\n"
)


@pytest.fixture
def acme(tmp_path: Path) -> Path:
    folder = tmp_path / "specs" / "acme"
    folder.mkdir(parents=True)
    (tmp_path / "speccast.toml").touch()
    (folder / "api.yaml").write_text(API)
    return folder


def write(acme: Path, file: str, slug: str) -> Path:
    path = acme / file
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(MODEL.format(slug=slug))
    return path


@pytest.fixture
def findings(acme: Path, speccast: Any) -> Any:
    """Return the findings of lint in some files or folders, by default in all."""

    def lint(*paths: Path) -> list[str]:
        ran = speccast("lint", "--format", "json", *map(str, paths), cwd=acme.parent.parent)
        found = json.loads(ran.out)["findings"]
        return [f"{each['path']}: {each['rule']} {each['message']}" for each in found]

    return lint


def test_files_are_found_at_any_depth(acme: Path, findings: Any) -> None:
    slugs = ["flux", "Black-Forest/Flux.1", "a/b/c", "owner/api"]
    for slug in slugs:
        write(acme, f"{slug}.yaml", slug)
    write(acme, ".drafts/x.yaml", "x")
    (loaded,) = load(acme.parent, shown_from=acme.parent.parent).apis
    assert [model.slug for model in build_api(loaded).models] == sorted(slugs)
    assert findings() == []


@pytest.mark.parametrize(
    ("file", "slug", "message"),
    [
        ("owner/flux.yaml", "flux", "the slug is flux, but the file is owner/flux.yaml"),
        ("flux.yaml", "owner/flux", "the slug is owner/flux, but the file is flux.yaml"),
        ("Owner/flux.yaml", "owner/flux", "the slug is owner/flux, but the file is Owner/flux.yaml"),
    ],
)
def test_folders_and_slug_must_agree(acme: Path, findings: Any, file: str, slug: str, message: str) -> None:
    path = write(acme, file, slug)
    expected = [f"specs/acme/{file}: M201 {message}"]
    assert findings() == findings(path) == findings(path.parent) == expected


def test_slugs_that_differ_only_in_case_are_the_same_file_on_some_systems(acme: Path, findings: Any) -> None:
    write(acme, "Owner/flux.yaml", "Owner/flux")
    write(acme, "other/flux.yaml", "owner/Flux")
    assert any(
        "M101 the slug `owner/Flux` differs only in case from the one in specs/acme/Owner/flux.yaml" in each
        for each in findings()
    )


@pytest.mark.parametrize("folder", ["aux", "Com1", "nul.x", "a."])
def test_folders_have_names_that_all_systems_allow(acme: Path, findings: Any, folder: str) -> None:
    write(acme, f"{folder}/flux.yaml", f"{folder}/flux")
    (found,) = findings()
    assert f"M211 the spec lies in a folder `{folder}`" in found


@pytest.mark.parametrize("slug", ["/flux", "flux/", "a//b", "../flux", "a/.b", "a b/c", "a/ü"])
def test_each_part_of_a_slug_is_checked(acme: Path, findings: Any, slug: str) -> None:
    write(acme, "flux.yaml", f"'{slug}'")
    (found,) = findings()
    assert "must contain only letters, digits" in found


def test_folders_are_not_searched_forever(acme: Path, speccast: Any) -> None:
    write(acme, f"{'a/' * 9}flux.yaml", "flux")
    result = speccast("lint", cwd=acme.parent.parent, code=2)
    assert "folders of specs are nested more than 8 deep" in result.err
