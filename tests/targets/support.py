"""Helpers of the rendering tests: specs with one changed text, and the structure of the output.

Nothing is mocked: a changed spec goes through the format's own check and the linter, and what they let through is rendered
by the built-in templates.
"""

from __future__ import annotations

import ast
import copy
import json
import re
import unicodedata
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any, Literal

from speccast.core.answers import placeholders_in
from speccast.findings import Severity
from speccast.lint.linter import lint
from speccast.specs.build import build_api
from speccast.specs.check import check
from speccast.specs.format_types import schema_text
from speccast.specs.identifiers import INVISIBLE
from speccast.specs.load import Loaded, LoadedApi, load
from speccast.targets.rendering import draft, render

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from speccast.core.api import Api

ROOT = Path(__file__).parents[2]
EVERYTHING = Path(__file__).parent / "everything"
NO_OVERLAY = Path(__file__).parent / "no-such-folder"

Kind = Literal["api", "model"]
KINDS: tuple[Kind, ...] = ("api", "model")
Pointer = tuple[str | int, ...]


def loaded(folder: Path) -> LoadedApi:
    """Return the one API of a folder of specs that have no problems, with paths as they are from the repository's root."""
    found = load(folder, shown_from=ROOT)
    errors = [finding.render() for finding in found.findings if finding.severity is Severity.ERROR]
    assert not errors, "\n".join(errors)
    (api,) = found.apis
    return api


def api_of(folder: Path) -> Api:
    return build_api(loaded(folder))


def render_files(folder: Path, overlay: Path = NO_OVERLAY) -> dict[str, bytes]:
    return render(api_of(folder), "python", overlay)


@dataclass(frozen=True)
class Place:
    """A text in the specs of `everything/`: a value or, with `is_key`, a key.

    `node` is its place in the schema; `is_free` says that neither the schema nor the linter sets a form for it, and that
    it is not a placeholder of an answer or an upload, which decides what a client reads or sends. `max_length` is the limit of
    the schema.
    """

    kind: Kind
    pointer: Pointer
    is_key: bool
    node: str
    is_free: bool
    is_placeholder: bool
    max_length: int | None

    @property
    def label(self) -> str:
        return f"{self.kind}:{'.'.join(map(str, self.pointer))}{' (key)' if self.is_key else ''}"

    @property
    def is_pattern(self) -> bool:
        return self.pointer[-1] == "pattern"


@cache
def benign() -> LoadedApi:
    return loaded(EVERYTHING)


def _value(api: LoadedApi, kind: Kind) -> Any:
    return api.api.value if kind == "api" else api.models[0].value


@cache
def places() -> tuple[Place, ...]:
    """Return every text in the specs of `everything/`, including keys that the author of a spec chooses."""
    found: list[Place] = []
    for kind in KINDS:
        schema = json.loads(schema_text(kind))
        for pointer, is_key, node, text, keywords in _texts(schema, schema, "#", _value(benign(), kind), ()):
            is_placeholder = pointer[0] in ("answers", "upload") and not is_key and any(placeholders_in(text))
            is_free = not ({"enum", "pattern"} & keywords.keys() or is_placeholder or node in _LINTED)
            limit = keywords.get("maxLength")
            found.append(Place(kind, pointer, is_key, f"{kind}{node}", is_free, is_placeholder, limit))
    return tuple(found)


_LINTED = ("#/properties/request_headers/additionalProperties",)
"""Texts whose form is checked by the linter instead of the schema."""


def text_nodes(kind: Kind) -> set[str]:
    """Return every node of a schema that allows a text or a key of the author's choice, as `Place.node` names it."""
    root = json.loads(schema_text(kind))
    found: set[str] = set()

    def walk(schema: Mapping[str, Any], node: str) -> None:
        if "$ref" in schema:
            return  # the definition is visited separately
        types = schema.get(
            "type", ["string", "object"] if not {"anyOf", "const", "enum"} & schema.keys() else []
        )
        types = [types] if isinstance(types, str) else types
        if "string" in types or any(isinstance(choice, str) for choice in schema.get("enum", ())):
            found.add(f"{kind}{node}")
        if "object" in types and schema.get("additionalProperties") is not False:
            found.add(f"{kind}{node}/additionalProperties")
        for key, inner in schema.get("properties", {}).items():
            walk(inner, f"{node}/properties/{key}")
        for key in ("items", "additionalProperties"):
            if isinstance(schema.get(key), dict):
                walk(schema[key], f"{node}/{key}")
        for index, inner in enumerate(schema.get("anyOf", ())):
            if "required" not in inner:
                walk(inner, f"{node}/anyOf/{index}")

    walk(root, "#")
    for name, definition in root["$defs"].items():
        walk(definition, f"#/$defs/{name}")
    return found


def _texts(
    root: Mapping[str, Any], schema: Mapping[str, Any], node: str, value: Any, pointer: Pointer
) -> Iterator[tuple[Pointer, bool, str, str, Mapping[str, Any]]]:
    """Yield the texts of a value, each with its node of the schema, and the keywords of the schema for values."""
    if "$ref" in schema:
        target = str(schema["$ref"])
        yield from _texts(root, root["$defs"][target.removeprefix("#/$defs/")], target, value, pointer)
    elif any("required" not in inner for inner in schema.get("anyOf", ())):
        for index, inner in enumerate(schema["anyOf"]):
            name = inner.get("$ref", "").removeprefix("#/$defs/")
            resolved = root["$defs"][name] if name else inner
            if isinstance(value, list) == (resolved.get("type") == "array"):
                yield from _texts(root, inner, f"{node}/anyOf/{index}", value, pointer)
    elif isinstance(value, str):
        yield pointer, False, node, value, schema
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _texts(root, schema.get("items", {}), f"{node}/items", item, (*pointer, index))
    elif isinstance(value, dict):
        known = schema.get("properties", {})
        others = schema.get("additionalProperties", {})
        for key, item in value.items():
            if key in known:
                yield from _texts(root, known[key], f"{node}/properties/{key}", item, (*pointer, key))
            else:
                yield (*pointer, key), True, f"{node}/additionalProperties", key, {}
                yield from _texts(root, others, f"{node}/additionalProperties", item, (*pointer, key))


def change_text(place: Place, text: str) -> LoadedApi:
    """Return the specs of `everything/` with one text replaced, without the YAML reader, which refuses some texts."""
    return _change({place: text})


def change_everywhere(text: str, *, but: Pointer = ()) -> LoadedApi:
    """Return the same with a text before and after every text of which the schema sets no form, names of parameters included.

    What was equal stays equal, so that defaults are still among their choices; a pattern matches what has the text in it.
    The place `but` is not changed. A name gets the text without invisible characters, which names cannot have.
    """
    free = [place for place in places() if place.is_free and place.pointer != but]
    in_names = INVISIBLE.sub("", text)

    def written(place: Place) -> str:
        if place.is_pattern:
            return re.escape(text)
        is_name = place.is_key and "documented_as" not in place.pointer
        around = in_names if is_name else text
        return _surround(place, around)

    return _change(
        {
            place: written(place)
            # A key is renamed after what it leads to.
            for place in sorted(free, key=lambda place: (-len(place.pointer), place.is_key))
        }
    )


def change_each(texts: Iterator[str]) -> LoadedApi:
    """Return the same with another text for every value, and one for all names of parameters, whose forms decide about code.

    What was equal stays equal here, too.
    """
    free = [place for place in places() if place.is_free]
    names = {_read(place) for place in free if place.is_key}
    chosen = dict.fromkeys(
        names, INVISIBLE.sub("", next(texts)) or "x"
    )  # names cannot have invisible characters
    changes: dict[Place, str] = {}
    for place in sorted(free, key=lambda place: (-len(place.pointer), place.is_key)):
        was = _read(place)
        text = chosen.get(was) or chosen.setdefault(was, next(texts))
        # A pattern that is found in every text leaves those of the others free.
        changes[place] = f"(?:{re.escape(text)})?" if place.is_pattern else _surround(place, text)
    return _change(changes)


def _surround(place: Place, text: str) -> str:
    """Return the text of a place with another one before and after it, which is cut where the schema limits the length."""
    was = _read(place)
    around = text if place.max_length is None else text[: (place.max_length - len(was)) // 2]
    return f"{around}{was}{around}"


def _read(place: Place) -> str:
    if place.is_key:
        return str(place.pointer[-1])
    at = _value(benign(), place.kind)
    for step in place.pointer:
        at = at[step]
    return str(at)


def _change(texts: Mapping[Place, str]) -> LoadedApi:
    values = {kind: copy.deepcopy(_value(benign(), kind)) for kind in KINDS}
    for place, text in texts.items():
        at = values[place.kind]
        for step in place.pointer[:-1]:
            at = at[step]
        last = place.pointer[-1]
        if place.is_key:
            items = [(text if key == last else key, item) for key, item in at.items()]
            at.clear()
            at.update(items)
        else:
            at[last] = text
    api = benign()
    (model,) = api.models
    kinds = {place.kind for place in texts}
    return replace(
        api,
        api=replace(api.api, value=values["api"]) if "api" in kinds else api.api,
        models=(replace(model, value=values["model"]) if "model" in kinds else model,),
    )


def as_yaml(value: Any) -> str:
    """JSON that is YAML, too: what YAML does not print, or takes for the end of a line, is escaped."""
    text = json.dumps(value, ensure_ascii=False)
    return re.sub("[\x7f-\x9f\u2028\u2029\ufeff]", lambda found: f"\\u{ord(found[0]):04x}", text)


def objections(api: LoadedApi) -> list[str]:
    """What the format's check says against a spec or, where it has nothing to say, the linter; nothing if it may pass."""
    (model,) = api.models
    found = [*(check(api.api, "api") if api.api is not benign().api else ())]
    found += check(model, "model") if model is not benign().models[0] else ()
    found = found or [*lint(Loaded((api,), ()))]
    return [finding.render() for finding in found if finding.severity is Severity.ERROR]


def objections_of_files(folder: Path) -> list[str]:
    """Everything above the level of advice that is to be said against the specs of a folder."""
    found = lint(load(folder, shown_from=ROOT))
    return [finding.render() for finding in found if finding.severity is not Severity.INFO]


def drafted(api: Api) -> dict[str, str]:
    """Return the rendered files before ruff formats them, in the order of the templates."""
    return draft(api, "python", NO_OVERLAY).texts


def python_shape(source: str) -> int:
    """Return the hash of the syntax tree with its constants and identifiers blanked.

    Items of a collection are compared as a set of shapes, since how many values a spec lists is data, not code.
    """
    return _shape(ast.parse(source))


def _shape(node: object) -> int:
    kind = type(node)
    if isinstance(node, ast.Constant):
        return hash(type(node.value).__name__)
    if isinstance(node, ast.List | ast.Tuple | ast.Set):
        return hash((kind, frozenset(map(_shape, node.elts))))
    if isinstance(node, ast.Dict):
        pairs = zip(node.keys, node.values, strict=True)
        return hash((kind, frozenset((_shape(key), _shape(value)) for key, value in pairs)))
    if isinstance(node, ast.AST):
        fields = [(name, value) for name, value in ast.iter_fields(node) if not isinstance(value, str)]
        return hash((kind, *((name, _shape(value)) for name, value in fields)))
    if isinstance(node, list):
        return hash(tuple(map(_shape, node)))
    return hash(repr(node) if node is None or isinstance(node, int) else kind)


def constants(source: str) -> set[object]:
    """Return the constants of a module, docstrings among them."""
    return {node.value for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Constant)}


def markdown_shape(text: str) -> object:
    """Return the elements of a Markdown page as GitHub reads it, without their text."""
    from markdown_it import MarkdownIt

    # Rich, with which the generated command line draws its tables, brings markdown-it along.
    page = MarkdownIt("commonmark").enable(["table", "strikethrough"])

    def shapes(tokens: Any) -> list[object]:
        return [
            (token.type, token.tag, tuple(sorted(token.attrs)), shapes(token.children or ()))
            for token in tokens
            if token.type not in ("text", "text_special", "softbreak")
        ]

    return shapes(page.parse(text))


def unseen(text: str) -> list[str]:
    """Characters that a reader of the file would not see, or that would reorder what they see."""
    categories = ("Cc", "Cf", "Cs", "Co", "Zl", "Zp", "Zs")
    return sorted(
        {
            f"U+{ord(character):04X}"
            for character in set(text)
            if character not in " \n" and unicodedata.category(character) in categories
        }
    )


def is_inside(path: str) -> bool:
    """Return whether a relative POSIX path stays in its folder, in words that every file system takes."""
    pure = PurePosixPath(path)
    plain = all(part.replace("_", "").replace("-", "").replace(".", "").isalnum() for part in pure.parts)
    return plain and not pure.is_absolute() and ".." not in pure.parts and path.isascii()
