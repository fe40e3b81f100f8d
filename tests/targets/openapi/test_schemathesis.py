"""Schemathesis finds nothing: positive, negative and stateful requests made from the document, sent to the emulator.

Deterministic, so that it finds the same today and tomorrow. It is run as its users run it, from an empty folder.
"""

from __future__ import annotations

import json
import re
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from speccast.emulator.server import start_emulator
from speccast.emulator.settings import EmulatorSettings, JobProgress
from speccast.specs.bundle import Bundle
from tests.thorough import cases

from .documented import load_documented

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from .documented import Documented

KEY = "the-one-key-that-is-known"
EXAMPLES = cases(2, 20)
"""Requests of random content for each operation and chain of operations; the edges of each schema come on top."""

OPTIONS = (
    *("--generation-deterministic", "--max-examples", str(EXAMPLES)),
    *("--mode", "all", "--phases", "examples,coverage,fuzzing,stateful"),
    *("--workers", "1", "--continue-on-failure", "--no-color"),
)


STATEFUL = f"""\
[phases.stateful]
max-steps = 40
generation.max-examples = {cases(5, 20)}

[checks.use_after_free]
enabled = false
"""
"""Chains long enough to reach the jobs of an API with many models. A DELETE cancels a job, which can be read afterwards."""


OF_A_KIND = {
    "harmonia": (
        *("awkward-names", "builtin-names", "cover-art", "duet-chat", "empty-defaults", "film-score", "ping"),
        *("portrait", "/video-loop/", "loops", "voice-clone", "yaml-values"),
    ),
}
"""Models whose operations are like those of others: in encoding, jobs, streams, nesting and path."""


def with_usual_operations(name: str, api: Documented) -> Documented:
    """Return an API without the operations of models that are like others. In a thorough run, it has all of them."""
    document, left_out = api.document, cases(OF_A_KIND.get(name, ()), ())
    paths = {
        path: item for path, item in document["paths"].items() if not any(text in path for text in left_out)
    }
    return replace(api, text=json.dumps(document | {"paths": paths}))


def authorization(api: Documented) -> list[str]:
    auth = api.api.auth
    if auth is None:
        return []
    assert auth.location == "header"
    return ["--header", f"{auth.name}: {f'{auth.scheme} {KEY}' if auth.scheme else KEY}"]


def keys_in_queries(api: Documented) -> Iterator[str]:
    """Yield the settings that send the key in the query, where an operation takes it there."""
    for name, scheme in api.document.get("components", {}).get("securitySchemes", {}).items():
        if scheme.get("in") == "query":
            yield f'[auth.openapi.{name}]\napi_key = "{KEY}"\n'


def only_valid_forms(api: Documented) -> Iterator[str]:
    """Yield the settings by which forms get valid requests only: the text of a value of another type is often valid."""
    for path, item in api.document["paths"].items():
        content = item.get("post", {}).get("requestBody", {}).get("content", {})
        if content and "application/json" not in content:
            yield f'[[operations]]\ninclude-path = "{path}"\ngeneration.mode = "positive"\n'


def with_any_content(value: Any) -> Any:
    """Return a spec whose media are of any kind and size, because JSON Schema cannot describe content."""
    if isinstance(value, list):
        return [with_any_content(item) for item in value]
    if not isinstance(value, dict):
        return value
    made = {name: with_any_content(member) for name, member in value.items()}
    if "media" not in value or "type" not in value:
        return made
    limits = ("size", "width", "height", "pixels", "duration")
    content = {"media_types", *(f"{end}_{name}" for end in ("min", "max") for name in limits)}
    every = ["image", "video", "audio", "document"]
    return {**{name: member for name, member in made.items() if name not in content}, "media": every}


@pytest.mark.parametrize("name", ["harmonia", "minimal", *cases([], ["segmind", "twins"])])
def test_document_and_emulator_agree(name: str, run: Callable[..., Any], tmp_path: Path) -> None:
    api = with_usual_operations(name, load_documented(name))
    (tmp_path / "openapi.json").write_text(api.text, encoding="utf-8")
    settings = [STATEFUL, *keys_in_queries(api), *only_valid_forms(api)]
    (tmp_path / "schemathesis.toml").write_text("\n".join(settings), encoding="utf-8")
    program = Path(sys.executable).with_name("schemathesis")
    bundle = Bundle(api.bundle.api, with_any_content(api.bundle.models))
    with start_emulator(bundle, EmulatorSettings(progress=JobProgress(1), key=KEY)) as served:
        url = served.url
        ran = run([program, "run", "openapi.json", "--url", url, *OPTIONS, *authorization(api)], cwd=tmp_path)
    assert ran.code == 0, ran.out
    assert "No issues found" in ran.out
    assert "Warnings" not in ran.out
    operations = sum(len(item.keys() - {"servers"}) for item in api.document["paths"].values())
    assert re.search(rf"Selected: {operations}/{operations}\n\s*Tested: {operations}\n", ran.out), ran.out
    phases = ["Coverage", "Fuzzing"] if api.api.jobs is None else ["Coverage", "Fuzzing", "Stateful"]
    for phase in phases:
        assert f"✅ {phase}\n" in ran.out, ran.out
    if api.api.jobs is not None:
        covered = re.search(r"API Links:\s+(\d+) covered", ran.out)
        assert covered is not None
        assert int(covered[1]) >= 2
