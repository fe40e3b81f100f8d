"""Text of a spec remains text in the document, with all its characters visible."""

from __future__ import annotations

import copy
import json
from typing import TYPE_CHECKING, Any

import pytest
from markdown_it import MarkdownIt

from speccast.specs.build import build_bundle
from speccast.specs.bundle import Bundle
from speccast.targets.filters import json_document
from speccast.targets.openapi import openapi_document
from speccast.targets.openapi.text import inert_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .documented import Documented

HOSTILE = 'a"}, "paths": {"b\\": 1 \n\r\t</script>{{ api }}{% x %} \x7f\xa0\u200b\u202e\u2028\ufeff\U000e0041 größe 🦊'


def with_text(api: Documented, text: str) -> Any:
    """Return the document of an API whose model has a text wherever it takes one."""
    bundle = Bundle(api.bundle.api, copy.deepcopy(dict(api.bundle.models)))
    spec: Any = bundle.models["sd2.1-txt2img"]
    spec |= {"title": text, "description": text, "category": text, "note": text}
    spec["parameters"]["prompt"] |= {"description": text, "default": text, "note": text, "examples": [text]}
    spec["parameters"]["scheduler"]["enum"].append(text)
    spec["example"]["prompt"] = text
    return openapi_document(build_bundle(bundle))


def test_text_is_unchanged(segmind: Documented) -> None:
    document = with_text(segmind, HOSTILE)
    text = str(json_document(document))
    assert json.loads(text) == document
    prompt = document["components"]["schemas"]["Sd21Txt2imgParams"]["properties"]["prompt"]
    assert prompt["default"] == HOSTILE
    assert prompt["examples"] == [HOSTILE]
    assert document["paths"].keys() == segmind.document["paths"].keys()


def test_only_invisible_characters_are_escaped(segmind: Documented) -> None:
    text = str(json_document(with_text(segmind, HOSTILE)))
    assert "größe 🦊" in text
    assert "\\u007f\\u00a0\\u200b\\u202e\\u2028\\ufeff\\udb40\\udc41" in text
    assert not set(text) & set("\x7f\xa0\u200b\u202e\u2028\ufeff\U000e0041\r\t")


def test_half_a_surrogate_pair_is_escaped(segmind: Documented) -> None:
    text = str(json_document(with_text(segmind, "a\ud83eb")))
    assert "a\\ud83eb" in text
    text.encode("utf-8")


MARKUP = (
    "<script>alert(1)</script>",
    "<b>",
    "</b>",
    "<!-- -->",
    "<?php ?>",
    "<https://a.example>",
    "[a](https://a.example)",
    "![a](https://a.example/a.png)",
    "[a]\n\n[a]: https://a.example",
    "[a][b]\n\n[b]: https://a.example",
    "\\<b>",
    "\\\\<b>",
    "[a\\](https://a.example)",
    "[a\\\\](https://a.example)",
)


@pytest.mark.parametrize("text", MARKUP)
def test_a_viewer_that_takes_descriptions_for_markdown_shows_text(segmind: Documented, text: str) -> None:
    bundle = Bundle(dict(segmind.bundle.api), copy.deepcopy(dict(segmind.bundle.models)))
    api: Any = bundle.api
    api["description"] = text
    spec: Any = bundle.models["sd2.1-txt2img"]
    spec |= {"description": text}
    for name in ("description", "default", "examples"):
        spec["parameters"][name] = {"type": "string", "description": text, "default": text}
    document = openapi_document(build_bundle(bundle))
    found = list(descriptions(document))
    assert len([description for description in found if "a" in description or "b" in description]) > 5
    assert not [description for description in found if active(description)]
    properties = document["components"]["schemas"]["Sd21Txt2imgParams"]["properties"]
    # What a value is, is data.
    assert {properties[name]["default"] for name in ("description", "default", "examples")} == {text}


def test_text_without_markup_is_unchanged() -> None:
    for text in ("a < b, 1 <2 and [0, 1] of [x] at img_width*2", "`code` _x_ **y** & more"):
        assert inert_text(text) == text


def descriptions(value: Any) -> Iterator[str]:
    """Yield every text under the key `description`, also in data."""
    if isinstance(value, dict):
        for key, item in value.items():
            if key == "description" and isinstance(item, str):
                yield item
            yield from descriptions(item)
    elif isinstance(value, list):
        for item in value:
            yield from descriptions(item)


def active(text: str) -> bool:
    """Return whether CommonMark makes more than text of a text: HTML, a link or a picture."""
    tokens = MarkdownIt("commonmark").parse(text)
    inner = [child for token in tokens for child in token.children or ()]
    return any(
        token.type in ("html_block", "html_inline", "link_open", "image") for token in (*tokens, *inner)
    )


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_values_that_json_lacks_are_refused(value: float) -> None:
    with pytest.raises(ValueError, match="JSON"):
        json_document({"a": value})


def test_the_order_of_models_is_the_same_however_they_come(segmind: Documented) -> None:
    models = dict(reversed(list(segmind.bundle.models.items())))
    assert str(json_document(openapi_document(build_bundle(Bundle(segmind.bundle.api, models))))) == str(
        json_document(openapi_document(build_bundle(segmind.bundle)))
    )
