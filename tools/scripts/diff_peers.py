"""Prints what `speccast diff` and griffe find in the same changes, beside the categories of oasdiff: the table in docs/releasing.md.

.venv/bin/python tools/scripts/diff_peers.py PYTHON

PYTHON is that of an environment with griffe (`pip install griffe`), which compares the generated clients. oasdiff is not run: neither
PyPI nor npm nor Debian has it. Its column is the category that its list of messages has for the change, or none.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import yaml

from speccast.diff.change import Side
from speccast.diff.compare import compare
from speccast.diff.versions import ApiVersion, Version
from speccast.generation.rendering import RenderJob, perform
from speccast.specs.build import build_bundle
from speccast.specs.bundle import Bundle
from speccast.targets.registry import built_in_templates

if TYPE_CHECKING:
    from collections.abc import Mapping

    from speccast.core.api import Api
    from speccast.diff.change import PlacedChange

NOTHING = "none"
GRIFFE = """
import griffe, sys
old, new = (griffe.load("fox_client", search_paths=[path], resolve_aliases=False) for path in sys.argv[1:3])
print(*sorted({each.kind.name for each in griffe.find_breaking_changes(old, new)}), sep="\\n")
"""
API = """
{id: foxes, speccast: 1, title: Foxes, base_url: "https://api.example", package: fox_client, distribution: fox-client,
 command: fox, client: Foxes, version: 1.0.0, auth: {in: header, name: x-api-key}, sync: {path: "/v1/{slug}"},
 async: {submit: "/v2/{slug}", status: "/v2/jobs/{id}/status", result: "/v2/jobs/{id}", states: [
  {name: QUEUED, phase: waiting}, {name: DONE, phase: succeeded}, {name: FAILED, phase: failed}]}}
"""
MODEL = "{speccast: 1, slug: fox, title: Fox, surfaces: [sync, async], returns: [image/png], parameters: {prompt: {type: string, required: true}}}"
CHANGES = (
    ("a parameter is removed", "request-property-removed", "x: {type: integer}", ""),
    ("a required parameter is added", "new-required-request-property", "", "x: {type: integer, required: true}"),
    ("… with a default, which the client sends", "new-required-request-property-with-default", "", "x: {type: integer, required: true, default: 1}"),
    ("an optional parameter is added", "new-optional-request-property", "", "x: {type: integer}"),
    ("renamed, with `renamed_from`", "request-property-removed", "x: {type: integer}", "y: {type: integer, renamed_from: {name: x, version: 1.1.0}}"),
    ("a lower maximum", "request-property-max-decreased", "x: {type: integer, maximum: 9}", "x: {type: integer, maximum: 5}"),
    ("`exclusiveMinimum: 0` becomes `minimum: 1`", "request-property-min-set", "x: {type: integer, exclusiveMinimum: 0}", "x: {type: integer, minimum: 1}"),
    ("a coarser step", "", "x: {type: integer, multipleOf: 8}", "x: {type: integer, multipleOf: 16}"),
    ("another pattern", "request-property-pattern-added", "x: {type: string}", 'x: {type: string, pattern: "^a"}'),
    ("an enum value is removed", "request-property-enum-value-removed", "x: {type: string, enum: [a, b]}", "x: {type: string, enum: [a]}"),
    ("string becomes integer", "request-property-type-changed", "x: {type: string}", "x: {type: integer}"),
    ("integer becomes number", "request-property-type-generalized", "x: {type: integer}", "x: {type: number}"),
    ("null is not allowed anymore", "request-property-became-not-nullable", 'x: {type: [integer, "null"]}', "x: {type: integer}"),
    ("another default", "request-property-default-value-changed", "x: {type: integer, default: 1}", "x: {type: integer, default: 2}"),
    ("a member of an object is removed", "request-property-removed", "x: {type: object, properties: {a: {type: string}, b: {type: string}}}", "x: {type: object, properties: {a: {type: string}}}"),
    ("another name in Python only", "", "x: {type: integer}", "x: {type: integer, name: y}"),
)  # fmt: skip
API_CHANGES: tuple[tuple[str, str, dict[str, object] | None], ...] = (
    ("a model is removed", "api-path-removed-without-deprecation", None),
    ("a model has no jobs anymore", "api-path-removed-without-deprecation", {"surfaces": ["sync"]}),
    ("another path", "api-path-removed-without-deprecation", {"paths": {"sync": "/v3/fox"}}),
    ("another media type of the output", "response-media-type-removed", {"returns": ["image/jpeg"]}),
)


def main() -> None:
    python = sys.argv[1]
    print("| change | wire | Python | oasdiff has a category | griffe |\n|---|---|---|---|---|")
    for about, category, before, after in CHANGES:
        print(_row(about, category, _api(_parameters(before)), _api(_parameters(after)), python))
    for about, category, changes in API_CHANGES:
        print(_row(about, category, _api({}), _api(changes), python))


def _parameters(text: str) -> dict[str, object]:
    return {"parameters": {"prompt": {"type": "string", "required": True}, **(yaml.safe_load(text or "{}"))}}


def _api(changes: Mapping[str, object] | None) -> Api:
    """Return an API with an unchanged model, and another one with some changes unless they are None."""
    owl = {**yaml.safe_load(MODEL), "slug": "owl", "title": "Owl"}
    models = {"owl": owl} | ({} if changes is None else {"fox": {**yaml.safe_load(MODEL), **changes}})
    return build_bundle(Bundle(yaml.safe_load(API), models))


def _row(about: str, category: str, old: Api, new: Api, python: str) -> str:
    found = compare(*(Version("", {api.id: ApiVersion(api)}) for api in (old, new)))
    with TemporaryDirectory(prefix="speccast-peers-") as folder:
        places = [_find_generated(api, Path(folder) / name) for name, api in (("old", old), ("new", new))]
        of_griffe = _griffe(python, *places)
    oasdiff = f"`{category}`" if category else NOTHING
    return (
        f"| {about} | {_level(found, Side.WIRE)} | {_level(found, Side.PYTHON)} | {oasdiff} | {of_griffe} |"
    )


def _level(found: tuple[PlacedChange, ...], side: Side) -> str:
    effects = [each.change.effects[side] for each in found if side in each.change.effects]
    return str(max(effects, key=lambda effect: effect.level)) if effects else NOTHING


def _find_generated(api: Api, folder: Path) -> Path:
    rendered = folder / "rendered"
    rendered.mkdir(parents=True)
    job = RenderJob(api, api.models, ("python",), built_in_templates(), rendered, shared=True)
    for file in perform(job):
        place = folder / "python" / file.record.path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(Path(file.place).read_bytes())
    return folder / "python"


def _griffe(python: str, old: Path, new: Path) -> str:
    words = [python, "-c", GRIFFE, str(old), str(new)]
    done = subprocess.run(words, capture_output=True, text=True, check=True)
    return ", ".join(f"`{line}`" for line in done.stdout.split()) or NOTHING


if __name__ == "__main__":
    main()
