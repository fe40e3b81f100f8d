"""Text of a spec stays text in the document, and every character of it can be seen."""

from __future__ import annotations

import copy
import json
from typing import TYPE_CHECKING, Any

import pytest

from specwright.openapi import openapi_document
from specwright.render.filters import json_document
from specwright.spec.build import build_bundle
from specwright.spec.bundle import Bundle

if TYPE_CHECKING:
    from .documented import Documented

HOSTILE = 'a"}, "paths": {"b\\": 1 \n\r\t</script>{{ api }}{% x %} \x7f\xa0\u200b\u202e\u2028\ufeff\U000e0041 größe 🦊'


def with_text(api: Documented, text: str) -> Any:
    """The document of an API whose model has a text wherever it takes one."""
    bundle = Bundle(api.bundle.api, copy.deepcopy(dict(api.bundle.models)))
    spec: Any = bundle.models["sd2.1-txt2img"]
    spec |= {"title": text, "description": text, "category": text, "note": text}
    spec["parameters"]["prompt"] |= {"description": text, "default": text, "note": text, "examples": [text]}
    spec["parameters"]["scheduler"]["enum"].append(text)
    spec["example"]["prompt"] = text
    return openapi_document(build_bundle(bundle))


def test_a_text_stays_what_it_is(segmind: Documented) -> None:
    document = with_text(segmind, HOSTILE)
    text = str(json_document(document))
    assert json.loads(text) == document
    prompt = document["components"]["schemas"]["Sd21Txt2imgParams"]["properties"]["prompt"]
    assert prompt["default"] == HOSTILE
    assert prompt["examples"] == [HOSTILE]
    assert document["paths"].keys() == segmind.document["paths"].keys()


def test_what_cannot_be_seen_is_escaped_and_what_can_is_not(segmind: Documented) -> None:
    text = str(json_document(with_text(segmind, HOSTILE)))
    assert "größe 🦊" in text
    assert "\\u007f\\u00a0\\u200b\\u202e\\u2028\\ufeff\\udb40\\udc41" in text
    assert not set(text) & set("\x7f\xa0\u200b\u202e\u2028\ufeff\U000e0041\r\t")


def test_half_a_surrogate_pair_is_escaped(segmind: Documented) -> None:
    text = str(json_document(with_text(segmind, "a\ud83eb")))
    assert "a\\ud83eb" in text
    text.encode("utf-8")


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_what_is_no_json_is_refused(value: float) -> None:
    with pytest.raises(ValueError, match="JSON"):
        json_document({"a": value})


def test_the_order_of_models_is_the_same_however_they_come(segmind: Documented) -> None:
    models = dict(reversed(segmind.bundle.models.items()))
    assert str(json_document(openapi_document(build_bundle(Bundle(segmind.bundle.api, models))))) == str(
        json_document(openapi_document(build_bundle(segmind.bundle)))
    )
