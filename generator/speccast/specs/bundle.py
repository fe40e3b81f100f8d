"""Loaded specs as one JSON file (`_specs.json`): the emulator and the tests read it where YAML files are missing.

The values are those of the YAML files, with no defaults filled in and in their order; models are sorted by slug. The
same specs give the same bytes.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from textwrap import shorten
from typing import TYPE_CHECKING, Any, NoReturn

from speccast.core.places import in_words
from speccast.errors import SpeccastError
from speccast.reading import read_regular_file
from speccast.specs.invisible_characters import json_visible
from speccast.specs.json_layout import json_lines
from speccast.specs.schema_errors import is_valid, schema_errors

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from speccast.core.api import Api
    from speccast.specs.schema_errors import SchemaName

SPECS = "_specs.json"
"""Name of the file, in the folder of every generated package."""

MAX_BYTES = 256 * 1024 * 1024
"""What such a file may have: as much as a folder of specs (`speccast.specs.files.MAX_TOTAL`)."""

MAX_DEPTH = 66
"""Levels of nesting: two more than a spec may have (`speccast.specs.compose.MAX_DEPTH`)."""

FORMAT = 1
"""Version of the spec format, and so of the file."""

_encode = json.JSONEncoder(ensure_ascii=False, allow_nan=False).encode
_END = "\n}"
_NO_MODELS = f"[]{_END}"


@dataclass(frozen=True, slots=True)
class Bundle:
    """An API's specs: the value of its `api.yaml` with its `id` (the folder's name), and its models' by slug."""

    api: Mapping[str, Any] = field(hash=False)
    models: Mapping[str, Mapping[str, Any]] = field(hash=False)


def bundle_text(api: Mapping[str, Any], models: Iterable[Mapping[str, Any]]) -> str:
    """Return the text of the file. `api` has the API's `id` beside the values of its `api.yaml`."""
    pieces = [bundle_piece(model) for model in sorted(models, key=lambda model: str(model["slug"]))]
    return join_bundle(bundle_head(api), pieces)


def bundle_head(api: Mapping[str, Any]) -> str:
    """Return the text of the file without any model."""
    return _dump({"speccast": FORMAT, "api": {"id": api["id"], **api}, "models": []})


def bundle_piece(model: Mapping[str, Any]) -> str:
    """Return the text that a model adds to the file: its value as JSON, indented."""
    return _dump(model).replace("\n", "\n  ")


def join_bundle(head: str, pieces: Sequence[str]) -> str:
    """Return the text of the file from the text without models and the pieces of the models, sorted by slug."""
    models = "[\n  " + ",\n  ".join(pieces) + "\n ]" if pieces else "[]"
    return f"{head.removesuffix(_NO_MODELS)}{models}{_END}\n"


def specs_json(api: Api) -> str:
    """Return the text of `_specs.json` for an API and its models."""
    return join_bundle(api.bundled, [model.bundled for model in api.models])


def _dump(value: object) -> str:
    return json_visible(json_lines(value, "\n", " ", _encode))


def read_bundle(path: Path) -> Bundle:
    """Read and check a bundle, which may come from another distribution.

    Raises:
        SpeccastError: the file cannot be read, is not JSON, or is not a bundle of specs.
    """
    try:
        raw = read_regular_file(path, MAX_BYTES + 1)
    except OSError as error:
        raise SpeccastError(f"{path}: cannot be read: {error.strerror or error}") from error
    if len(raw) > MAX_BYTES:
        raise SpeccastError(f"{path}: is larger than {MAX_BYTES} bytes, the maximum size of a bundle")
    try:
        content = json.loads(raw.decode("utf-8"), parse_constant=_refuse_constant)
    except RecursionError as error:
        raise SpeccastError(f"{path}: is nested too deeply to be a bundle of specs") from error
    except ValueError as error:  # not UTF-8, or not JSON
        raise SpeccastError(f"{path}: is not JSON: {error}") from error
    if _is_deeper(content, MAX_DEPTH):
        raise SpeccastError(f"{path}: is nested too deeply to be a bundle of specs")
    return _check_bundle(path, content)


def _is_deeper(content: object, most: int) -> bool:
    """Return whether a JSON value has more levels of nesting. The validation after this check is recursive."""
    level = [content]
    for _ in range(most):
        level = [inner for value in level for inner in _inside(value)]
    return any(isinstance(value, dict | list) for value in level)


def _inside(value: object) -> Iterable[object]:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()


def _check_bundle(path: Path, content: object) -> Bundle:
    if not isinstance(content, dict) or not {"speccast", "api", "models"} <= content.keys():
        raise SpeccastError(
            f"{path}: is not a bundle of specs, which has the members speccast, api and models, "
            "as in the _specs.json of a generated package"
        )
    if content["speccast"] != FORMAT or isinstance(content["speccast"], bool):
        raise SpeccastError(
            f"{path}: has version {content['speccast']!r} of the spec format, but this Speccast reads version {FORMAT}"
        )
    api, models = content["api"], content["models"]
    if not isinstance(api, dict) or not isinstance(api.get("id"), str):
        raise SpeccastError(f"{path}: api is not an object with an id")
    if not isinstance(models, list):
        raise SpeccastError(f"{path}: models is not a list")
    _check(path, "api", "api", {key: value for key, value in api.items() if key != "id"})
    by_slug: dict[str, Mapping[str, Any]] = {}
    for index, model in enumerate(models):
        _check(path, f"models[{index}]", "model", model)
        if model["slug"] in by_slug:
            raise SpeccastError(f"{path}: has two models with the slug {model['slug']}")
        by_slug[model["slug"]] = model
    return Bundle(api, by_slug)


def _check(path: Path, place: str, kind: SchemaName, value: Any) -> None:
    if is_valid(kind, value):
        return
    try:
        error = next(schema_errors(kind, value))
    except UnicodeEncodeError:
        raise SpeccastError(f"{path}: {place}: contains a character that UTF-8 cannot encode") from None
    message = f"violates `{error.keyword}`: {json.dumps(error.key or error.argument)} of the spec format"
    raise SpeccastError(shorten(f"{path}: {in_words((place, *error.pointer))}: {message}", 300))


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a number in JSON")
