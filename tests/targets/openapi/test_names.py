"""Names of models in an OpenAPI document."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from speccast.specs.build import build_model
from speccast.targets.openapi.names import names_of_models, schema_name

if TYPE_CHECKING:
    from speccast.core.model import Model


def model(slug: str, name: str | None = None) -> Model:
    spec: Any = {"speccast": 1, "slug": slug, "title": "M", "surfaces": ["sync"], "returns": ["image/png"]}
    return build_model(spec | {"parameters": {}} | ({"name": name} if name else {}), "m.yaml")


def test_name_of_a_model_is_that_of_its_spec_or_its_slug_in_snake_case() -> None:
    names = names_of_models([model("sd2.1-txt2img"), model("a", "other_name"), model("3d-scene")])
    assert names == {"sd2.1-txt2img": "sd2_1_txt2img", "a": "other_name", "3d-scene": "3d_scene"}
    assert [*map(schema_name, names.values())] == ["Sd21Txt2imgParams", "OtherNameParams", "M3dSceneParams"]


def test_models_whose_slugs_differ_in_punctuation_have_different_names() -> None:
    names = names_of_models([model("a-1"), model("a.1"), model("a1"), model("result")])
    assert names == {"a-1": "a_1", "a.1": "a_1_2", "a1": "a1_3", "result": "result"}
    assert len({*map(schema_name, names.values())}) == len(names)
