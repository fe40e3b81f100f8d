"""Each documentation page, printed from its spec, equals the page character by character, except for white space.

The pages are the vendor's text and not part of this repository. Where they lie beside it (`../shared/docs`) they are
compared; without them, these tests have no pages to compare and run for none.
"""

from __future__ import annotations

import ast
import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]
SPECS = ROOT / "specs" / "segmind"
DOCS = ROOT.parent / "shared" / "docs"

RANGE_IN_PROSE = {
    ("stable-diffusion-3-medium-txt2img", "img_height"),
    ("stable-diffusion-3-medium-txt2img", "img_width"),
}
"""Parameters whose range only the description states, so the page has no "Range:" for them."""


def read(path: Path) -> Any:
    return yaml.safe_load(path.read_text(encoding="utf-8"))


API = read(SPECS / "api.yaml")
BY_DOCUMENT: dict[str, Any] = {
    model.get("source", {}).get("document", ""): model for model in map(read, SPECS.glob("*.yaml"))
}
PAGES = sorted(path for path in DOCS.glob("*.txt") if path.name in BY_DOCUMENT)


def squash(text: str) -> str:
    """Without white space, which the pages lost or gained when they were stored."""
    return "".join(text.split())


def as_printed(slug: str, wire: str, parameter: dict[str, Any], *, labelled: bool) -> str:
    """Return a parameter as a page prints it. Only the newest layout labels defaults and values."""
    shown = [parameter["default"]] if "default" in parameter else parameter.get("examples", [])
    slips = parameter.get("documented_as", {})
    return "".join([
        wire,
        "required" if parameter.get("required") else "optional",
        parameter["type"],
        f"({parameter['format']})" if "format" in parameter else "",
        parameter["description"],
        "".join(("Default: " if labelled else "") + json.dumps(value) for value in shown),
        "Allowed values :" if labelled and "enum" in parameter else "",
        "".join(json.dumps(slips.get(value, value)) for value in parameter.get("enum", [])),
        f"+{parameter['hidden_values']} more" if "hidden_values" in parameter else "",
        f"Range: {parameter['minimum']} - {parameter['maximum']}"
        if "minimum" in parameter and (slug, wire) not in RANGE_IN_PROSE
        else "",
    ])  # fmt: skip


@pytest.fixture(params=PAGES, ids=lambda path: path.name)
def page(request: pytest.FixtureRequest) -> Path:
    path: Path = request.param
    return path


def test_page_begins_with_title_and_description(page: Path) -> None:
    model = BY_DOCUMENT[page.name]
    lines = [line for line in page.read_text(encoding="utf-8").splitlines() if line]
    assert lines[:2] == [model["title"], model["description"]]


def test_parameters_printed_again_are_the_page(page: Path) -> None:
    model = BY_DOCUMENT[page.name]
    text = squash(page.read_text(encoding="utf-8"))
    url = re.escape(f"{API['base_url']}{API['sync']['path'].format(slug=model['slug'])}")
    section = re.search(f"APIEndpoint(?:POST)?{url}Parameters(.*?)ResponseType", text)
    assert section is not None
    printed = [
        as_printed(model["slug"], wire, parameter, labelled="Default:" in section[1])
        for wire, parameter in model["parameters"].items()
    ]
    assert section[1] == squash("".join(printed))


def test_example_is_the_request_of_the_page(page: Path) -> None:
    text = re.sub(r"(?m)^ ?\d{1,2}(?=\D)", "", page.read_text(encoding="utf-8"))
    shown = re.search(r"(?m)^(?:data|payload) = (\{\n.*?^\})", text, re.DOTALL)
    assert shown is not None
    example = BY_DOCUMENT[page.name]["example"]
    requested = ast.literal_eval(re.sub(r"\bfalse\b", "False", shown[1]))
    assert list(requested.items()) == list(example.items())


def test_errors_are_those_of_the_page(page: Path) -> None:
    text = squash(page.read_text(encoding="utf-8")).split("providedintheresponsebody.")[-1]
    numbered = text[:1].isdigit()
    documented = [error for error in API["errors"] if not error.get("observed")]
    assert text == squash(
        "".join(
            f"{error['status'] if numbered else ''}{error['title']}{error['description']}"
            for error in documented
        )
    )


def test_job_states_and_paths_are_those_of_the_page(page: Path) -> None:
    model = BY_DOCUMENT[page.name]
    text = squash(page.read_text(encoding="utf-8"))
    jobs = API["async"]
    states = squash(
        "Status states" + "".join(state["name"] + state["description"] for state in jobs["states"])
    )
    paths = [
        f"POST{jobs['submit'].format(slug=model['slug'])}Submit",
        f"GET{jobs['status']}Poll",
        f"GET{jobs['result']}Result",
    ]
    assert [part in text for part in [states, *paths]] == ["async" in model["surfaces"]] * 4


def test_figures_of_jobs_are_those_of_the_page(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    jobs = API["async"]
    failed = next(state for state in jobs["states"] if state["phase"] == "failed")
    facts = [
        f"({jobs['deadline']}s deadline, {jobs['interval']}s poll by default)",
        f"Results are retained for {jobs['retention'] // 3600} hour,",
        f"A {failed['name']} request is served as HTTP {failed['http_status']} ",
        f'pip install "{API["drop_in"]["replaces"]}"',
        f"from segmind import {API['drop_in']['client']}, {API['drop_in']['failed']}, {API['drop_in']['timeout']}",
        f'export {API["environment"]["api_key"]}="',
    ]
    assert [fact in text for fact in facts] == ["async" in BY_DOCUMENT[page.name]["surfaces"]] * len(facts)


def test_key_goes_where_the_page_sends_it(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert f'"{API["auth"]["name"]}": "YOUR_API_KEY"' in text or "segmind.run(" in text
