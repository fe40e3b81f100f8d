"""Pages of two layouts with given parameters and sample, and what they are read as."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from speccast.pages.apis import ApiPaths
from speccast.pages.reader import read_page
from speccast.pages.text import PageText

if TYPE_CHECKING:
    from speccast.pages.facts import Fact, Facts

PATHS = ApiPaths("https://api.acme.example", "/v1/{slug}", "/v2/{slug}")
SAMPLE = 'Fox\nDraws.\nurl = "https://api.acme.example/v1/fox"\ndata = {sample}\n'
HEADED = (
    SAMPLE
    + "API Endpoint\nhttps://api.acme.example/v1/fox{gap}Parameters\n{parameters}Response Type\nReturns: Image\nRequest timed out"
)
OLDER = (
    'POST\n1 2 3 url = "https://api.acme.example/v1/fox" data = {sample}\nRESPONSE\nimage/png\n\nAttributes\n\n\n{parameters}'
    "To keep track of your credit usage, to avoid any disruptions in your API usage."
)


def headed(parameters: str, sample: str = "{}", gap: str = "\n") -> Facts:
    text = HEADED.replace("{sample}", sample).replace("{parameters}", parameters).replace("{gap}", gap)
    return read_page(PageText("page.txt", text), PATHS).facts


def older(parameters: str, sample: str = "{}") -> Facts:
    text = OLDER.replace("{sample}", sample).replace("{parameters}", parameters)
    return read_page(PageText("page.txt", text), PATHS).facts


def fact(facts: Facts, *pointer: str) -> Fact:
    return facts.values[("parameters", *pointer)]


def certain(facts: Facts, *pointer: str) -> Any:
    found = fact(facts, *pointer)
    assert found.is_certain, found
    return found.value
