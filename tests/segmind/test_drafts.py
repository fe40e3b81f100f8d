"""The Segmind specs are drafts of their pages, and the decisions of a person that are listed here.

Each spec is printed as a page, since the vendor's pages are not part of this repository; where they lie beside it
(`../shared/docs`), they are drafted as well.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from speccast.pages.apis import api_paths
from speccast.pages.reader import Page, read_page
from speccast.pages.text import PageText, decode
from speccast.pages.writing import spec_tree
from tests.pages.printers import page

ROOT = Path(__file__).parents[2]
SPECS = ROOT / "specs" / "segmind"
DOCS = ROOT.parent / "shared" / "docs"

ALWAYS = {
    "category": "the vendor's category is not on the page",
    "source/url": "the address of the page is not on the page",
    "source/date": "the day on which the page was read",
    "returns": "the page says Text/JSON or Image; the note says what was observed",
}
DECISIONS = {
    "sd3-med-img2img": {
        "parameters/image/forms": "that data URIs are taken was observed",
    },
    "stable-diffusion-3.5-large-txt2img": {
        "parameters/sampler/enum": "an l has moved from the end of one value to the start of the next",
        "parameters/sampler/documented_as": "what the page prints instead",
        "parameters/width/applies_when": "the description of aspect_ratio says so",
        "parameters/height/applies_when": "the description of aspect_ratio says so",
    },
}
"""What a person decided, by model and place. Every other value of the specs is in the draft."""


def read(path: Path) -> Any:
    return yaml.safe_load(path.read_text(encoding="utf-8"))


API = read(SPECS / "api.yaml")
PATHS = api_paths(API)
MODELS = {model["slug"]: model for model in map(read, sorted(SPECS.glob("[!a]*.yaml")))}


def leaves(value: Any, place: str = "") -> dict[str, Any]:
    """Return the values by their place, without notes and without what a draft has no place for."""
    if (
        isinstance(value, dict)
        and not place.endswith(("documented_as", "applies_when"))
        and place != "example"
    ):
        found: dict[str, Any] = {}
        for key, inner in value.items():
            if key != "note":
                found |= leaves(inner, f"{place}/{key}".lstrip("/"))
        return found
    return {place: " ".join(value.split()) if isinstance(value, str) else value}


def drafted(found: Page, document: str) -> dict[str, Any]:
    return leaves(spec_tree(found, document=document, date="2026-01-31"))


def list_decided(slug: str, draft: dict[str, Any]) -> set[str]:
    spec = leaves(MODELS[slug])
    return {
        place
        for place in spec | draft
        if place not in spec or place not in draft or spec[place] != draft[place]
    }


def list_expected(slug: str) -> set[str]:
    return {*ALWAYS, *DECISIONS.get(slug, {})}


def as_printed(model: dict[str, Any]) -> dict[str, Any]:
    """Return a model as its page prints it: without corrections, and without limits that stand in a description."""
    parameters = {}
    for name, parameter in model["parameters"].items():
        printed = dict(parameter)
        if isinstance(slips := printed.pop("documented_as", None), dict):
            printed["enum"] = [slips.get(value, value) for value in printed["enum"]]
        if "between 512 and 2048" in printed["description"]:
            del printed["minimum"], printed["maximum"]
        parameters[name] = printed
    return {**model, "parameters": parameters}


@pytest.mark.parametrize("layout", ["squashed", "labelled", "itemized"])
@pytest.mark.parametrize("slug", MODELS)
def test_spec_is_the_draft_of_its_printed_page_and_the_decisions(slug: str, layout: str) -> None:
    model = MODELS[slug]
    text = page(as_printed(model), layout).replace("https://api.acme.example", API["base_url"])
    if "async" in model["surfaces"]:
        text = text.replace("API Endpoint", f"POST /v2/{slug} \N{MIDDLE DOT} submit + poll\nAPI Endpoint")
    found = read_page(PageText("page.txt", text), PATHS)
    assert list_decided(slug, drafted(found, model["source"]["document"])) == list_expected(slug)


@pytest.mark.parametrize("path", sorted(DOCS.glob("*.txt")), ids=lambda path: path.name)
def test_spec_is_the_draft_of_the_vendors_page_and_the_decisions(path: Path) -> None:
    found = read_page(decode(path.read_bytes(), path.name), PATHS)
    slug = str(found.facts.values["slug",].value)
    assert list_decided(slug, drafted(found, path.name)) == list_expected(slug)


@pytest.mark.parametrize("slug", MODELS)
def test_every_decision_has_its_note(slug: str) -> None:
    model = MODELS[slug]
    assert model["note"]
    for place in DECISIONS.get(slug, {}):
        assert model["parameters"][place.split("/")[1]]["note"]
