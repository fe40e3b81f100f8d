"""The APIs of this repository, each as specs, as a core model and as the OpenAPI document."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from speccast.specs.build import build_api
from speccast.specs.bundle import Bundle
from speccast.specs.load import load
from speccast.targets.rendering import render

if TYPE_CHECKING:
    from speccast.core.api import Api

ROOT = Path(__file__).resolve().parents[3]
NO_OVERLAY = Path(__file__).parent / "no-such-folder"
FOLDERS = {
    "segmind": ROOT / "specs" / "segmind",
    "harmonia": ROOT / "tests" / "apis" / "harmonia",
    "minimal": ROOT / "tests" / "apis" / "minimal",
    "twins": ROOT / "tests" / "apis" / "twins",
    "everything": ROOT / "tests" / "targets" / "everything",
}


@dataclass(frozen=True)
class Documented:
    """One API. `text` is the file as the target `openapi` writes it, `document` what it says."""

    api: Api
    bundle: Bundle
    text: str

    @property
    def document(self) -> Any:
        return json.loads(self.text)


@cache
def load_documented(name: str) -> Documented:
    (loaded,) = load(FOLDERS[name], shown_from=ROOT).apis
    api = build_api(loaded)
    bundle = Bundle(
        {"id": loaded.id, **cast("dict[str, Any]", loaded.api.value)},
        {model["slug"]: model for model in (cast("dict[str, Any]", one.value) for one in loaded.models)},
    )
    files = render(api, "openapi", NO_OVERLAY)
    assert list(files) == ["openapi.json"]
    return Documented(api, bundle, files["openapi.json"].decode())
