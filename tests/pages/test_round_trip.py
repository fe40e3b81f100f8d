"""Every spec that is printed as a page is read back, in every layout."""

from __future__ import annotations

from pathlib import PurePath
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis import strategies as st

from speccast.pages.apis import ApiPaths
from speccast.pages.documents import read_document_text
from speccast.pages.facts import ABSENT
from speccast.pages.keys import MEDIA_KEYS
from speccast.pages.reader import Page, read_page
from speccast.pages.text import PageText
from tests.pages.document_printers import DOCUMENTS
from tests.pages.printers import PRINTERS, in_order, page
from tests.pages.specs import specs
from tests.thorough import cases

if TYPE_CHECKING:
    from collections.abc import Collection

    from speccast.core.check import Pointer

PATHS = ApiPaths("https://api.acme.example", "/v1/{slug}", "/v2/{slug}")
RUNS = cases(12, 10_000)
"""Number of random specs for each layout."""
PHASES = (Phase.generate,)
"""Shrinking a spec with lists of ten values takes minutes, and the page of a failure is readable as it is."""


def read(text: str) -> Page:
    return read_page(PageText("page.txt", text), PATHS)


def flat(spec: dict[str, Any]) -> dict[Pointer, Any]:
    """Return what a page says of a spec, by pointer."""
    facts: dict[Pointer, Any] = {
        (key,): spec[key] for key in ("slug", "title", "description", "surfaces") if key in spec
    }

    def add(pointer: Pointer, parameter: dict[str, Any]) -> None:
        for key, value in parameter.items():
            if key == "items":
                add((*pointer, "items"), value)
            elif key == "properties":
                for name, inner in value.items():
                    add((*pointer, "properties", name), inner)
            else:
                facts[*pointer, key] = value

    for name, parameter in spec["parameters"].items():
        add(("parameters", name), parameter)
    return facts | {("example", name): value for name, value in spec["example"].items()}


def differences(spec: dict[str, Any], found: Page) -> list[tuple[object, ...]]:
    """Return the facts that are certain and wrong, or doubtful without the right reading."""
    expected = flat(spec)
    wrong: list[tuple[object, ...]] = []
    for pointer in [*expected, *found.facts.values]:
        if pointer == ("returns",) or pointer[-1] in MEDIA_KEYS:  # random names and words mean nothing
            continue
        fact = found.facts.values.get(pointer)
        value = expected.get(pointer, ABSENT)
        if fact is None:
            wrong.append((pointer, "not read", value))
        elif not any(
            each == value and isinstance(each, bool) == isinstance(value, bool)
            for each in (fact.value, *fact.readings)
        ):
            wrong.append((pointer, fact, value))
        elif fact.is_certain and not fact.spans:
            wrong.append((pointer, "without characters", value))
    return wrong


@pytest.mark.parametrize("layout", PRINTERS)
@settings(
    max_examples=RUNS,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    derandomize=RUNS < 1000,
    phases=PHASES,
)
@given(spec=specs())
def test_printed_spec_is_read_back(layout: str, spec: dict[str, Any]) -> None:
    text = page(spec, layout)
    found = read(text)
    assert differences(spec, found) == [], text
    if all("items" not in each or "properties" not in each["items"] for each in spec["parameters"].values()):
        assert list(found.facts.tree()["parameters"]) == [name for name, _ in in_order(spec["parameters"])]
    assert not found.is_cut


PRINTED = {
    "attributes": ("type", "required", "default", "minimum", "maximum", "description"),
    "table": ("type", "required", "default", "description", "format", "items"),
}
"""The keys of a parameter that layouts with a place for a few of them print."""


def as_printed(spec: dict[str, Any], keys: Collection[str]) -> dict[str, Any]:
    """Return what a layout that prints some keys of parameters shows of a spec."""
    parameters = {
        name: {
            key: value
            for key, value in parameter.items()
            # What stands after a required parameter is its example, which another test reads.
            if key in keys and not (key == "default" and parameter.get("required"))
        }
        for name, parameter in spec["parameters"].items()
        if "properties" not in parameter.get("items", {})
    }
    assume(parameters)
    example = {name: value for name, value in spec["example"].items() if name in parameters}
    return {**spec, "parameters": parameters, "example": example}


@pytest.mark.parametrize("layout", PRINTED)
@settings(
    max_examples=RUNS,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    derandomize=RUNS < 1000,
    phases=PHASES,
)
@given(spec=specs())
def test_spec_is_read_back_from_a_layout_with_fewer_keys(layout: str, spec: dict[str, Any]) -> None:
    printed = as_printed(spec, PRINTED[layout])
    text = page(printed, layout)
    found = read(text)
    wrong = [
        each
        for each in differences(printed, found)
        if layout == "table" or each[0] not in (("title",), ("description",))
    ]
    assert wrong == [], text
    assert list(found.facts.tree()["parameters"]) == list(printed["parameters"])


@pytest.mark.parametrize("name", DOCUMENTS)
@settings(
    max_examples=RUNS,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    derandomize=RUNS < 1000,
    phases=PHASES,
)
@given(spec=specs())
def test_spec_is_read_back_from_a_document(name: str, spec: dict[str, Any]) -> None:
    printed = as_printed(spec, PRINTED["table"]) if name.startswith("table") else spec
    text = DOCUMENTS[name](printed)
    assume(
        " │ " not in text
    )  # The reader writes this between cells. A cell that has it is divided, and not read.
    source = read_document_text(text.encode(), PurePath(name))
    assert differences(printed, read_page(source, PATHS)) == [], source.text


@pytest.mark.parametrize("layout", PRINTERS)
@settings(
    max_examples=RUNS,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    derandomize=RUNS < 1000,
    phases=PHASES,
)
@given(spec=specs(), share=st.floats(0, 1))
def test_page_that_breaks_off_has_no_wrong_facts(layout: str, spec: dict[str, Any], share: float) -> None:
    whole = page(spec, layout)
    text = whole[: int(len(whole) * share)]
    found = read(text)
    expected = flat(spec)
    if not found.is_page or text.rstrip() == whole.rstrip():
        return
    assert found.is_cut
    for pointer, fact in found.facts.values.items():
        if pointer[0] != "parameters" or pointer[-1] in MEDIA_KEYS:
            continue
        if fact.is_certain and str(pointer[1]) in found.documented:
            assert pointer in expected, (pointer, fact, text)
            assert fact.value == expected[pointer], (pointer, fact, text)
