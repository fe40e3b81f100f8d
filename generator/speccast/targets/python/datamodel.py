"""Calls datamodel-code-generator.

A call is slow, its import takes a third of a second, and each object and field adds to it. Most fields of most models differ
only in their names, limits and enum values, and the code of a field does not depend on the others. So each *shape* of a field, in
which placeholders stand for these, is generated once and cached over runs. Objects whose fields need no class are assembled from
these. The code of common shapes is in `shapes.json`, as tools/scripts/shapes.py generates it, so small projects need no call.
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias, cast

from speccast.cache import NO_ENTRIES, Entries, key_of

if TYPE_CHECKING:
    from collections.abc import Iterable

Definitions: TypeAlias = "Mapping[str, Mapping[str, Any]]"
"""Schemas of objects by `<module>.<class>`, in which they refer to each other by `#/$defs/<module>.<class>`."""
LimitValues: TypeAlias = "dict[int, int | float | tuple[str, ...]]"

_LOWER = frozenset({"minimum", "exclusiveMinimum", "minLength", "minItems"})
_UPPER = frozenset({"maximum", "exclusiveMaximum", "maxLength", "maxItems"})
_LIMITS = _LOWER | _UPPER | {"multipleOf"}
_FIRST_PLACEHOLDER = 9_007_199_000
_PLACEHOLDER = re.compile(r"(')?\b9007199(\d{3})(\.[05])?\b(?(1)')")
"""A limit, or in quotes the values of an enum."""
_UPPER_PLACEHOLDERS = 500
"""Added to the placeholder of the greater limit, so that the limits of a shape do not contradict each other."""
_LARGEST = 2**53
_TYPES = frozenset({"Annotated", "Any", "Field", "Literal", "MISSING"}) | {
    *("bool", "bytes", "dict", "float", "int", "list", "str")
}
"""The names in the code of a field that needs no class."""

_MOST_SHAPES = 20_000
_shapes: dict[str, str] = {}
"""The code of a field after its name, by its shape; empty if the field needs a class."""


@cache
def generator_version() -> str:
    from importlib.metadata import version

    return version("datamodel-code-generator")


class Shape(NamedTuple):
    """A field with placeholders in place of its limits and enum values.

    `limits` are the absolute limits, and the texts of an enum, by the number of their placeholder.
    """

    key: str
    schema: Mapping[str, Any]
    is_required: bool
    limits: LimitValues


def shape_of(schema: Mapping[str, Any], *, is_required: bool) -> Shape:
    """Return the shape of a field.

    Limits that the generator may treat in a special way are part of the shape: 0, 1, equal ones, large ones, and those that
    it rounds. The placeholder of another limit has the same sign and type, and the same order.
    """
    limits: LimitValues = {}
    found = schema
    if not _PLACEHOLDER.search(json.dumps(schema)):
        found = _with_placeholders(schema, limits)
    return Shape(f"{is_required} {json.dumps(found)}", found, is_required, limits)


def _with_placeholders(schema: Mapping[str, Any], limits: LimitValues) -> Mapping[str, Any]:
    kinds = schema.get("type", ())
    is_number = "number" in ((kinds,) if isinstance(kinds, str) else kinds)
    found = dict(schema)
    own: LimitValues = {}
    for keyword in [each for each in schema if each in _LIMITS]:
        value = schema[keyword]
        if _is_usual(value) and (is_number or float(value).is_integer()):
            is_greater = (keyword in _UPPER) is (value > 0)
            number = len(limits) + len(own) + (_UPPER_PLACEHOLDERS if is_greater else 0)
            placeholder = _placeholder(number, value)
            found[keyword] = -placeholder if value < 0 else placeholder
            own[number] = abs(value)
    if _is_ordered(schema) and _is_ordered(found):
        limits |= own
    else:
        found = dict(schema)
    known = schema.get("enum", ())
    texts = tuple(value for value in known if isinstance(value, str))
    if texts and len(texts) + (None in known) == len(known):
        found["enum"] = [str(_FIRST_PLACEHOLDER + len(limits)), *([None] if None in known else [])]
        limits[len(limits)] = texts
    if "anyOf" in schema:
        found["anyOf"] = [_with_placeholders(each, limits) for each in schema["anyOf"]]
    if "items" in schema:
        found["items"] = _with_placeholders(schema["items"], limits)
    return found


def _is_usual(limit: float) -> bool:
    return abs(limit) not in (0, 1) and abs(limit) < _LARGEST


def _placeholder(number: int, limit: float) -> int | float:
    """Return the placeholder with a number, of the same type and with decimals if the limit has some."""
    placeholder = _FIRST_PLACEHOLDER + number
    if isinstance(limit, int):
        return placeholder
    return placeholder + (0.0 if limit.is_integer() else 0.5)


def _is_ordered(schema: Mapping[str, Any]) -> bool:
    """Return whether each lower limit is less than each upper limit."""
    lower = [value for keyword, value in schema.items() if keyword in _LOWER]
    upper = [value for keyword, value in schema.items() if keyword in _UPPER]
    return not lower or not upper or max(lower) < min(upper)


def field_code(shape: Shape) -> str | None:
    """Return the code of a field after its name, such as `int`, if its shape is cached and needs no class."""
    code = _shapes.get(shape.key)
    if not code or not shape.limits:
        return code or None
    return _PLACEHOLDER.sub(lambda found: _limit(shape.limits[int(found[2])], found[3]), code)


def _limit(value: float | tuple[str, ...], decimals: str | None) -> str:
    if isinstance(value, tuple):
        return ", ".join(map(repr, value))
    return repr(float(value)) if decimals else repr(int(value))


def cache_shapes(shapes: Iterable[Shape], entries: Entries = NO_ENTRIES) -> None:
    """Generate the shapes that are neither common nor cached yet, in one class. `entries` caches them over runs."""
    missing = {shape.key: shape for shape in shapes if shape.key not in _shapes}
    if not missing:
        return
    if len(_shapes) > _MOST_SHAPES:
        _shapes.clear()
    common = _common_shapes()
    _shapes.update((key, common[key]) for key in missing if key in common)
    missing = {key: shape for key, shape in missing.items() if key not in _shapes}
    if not missing:
        return
    key = key_of("shapes of fields", generator_version())
    _shapes.update(entries.get_json(key, _read_shapes) or {})
    missing = {key: shape for key, shape in missing.items() if key not in _shapes}
    if missing:
        _shapes.update(generated_shapes(missing))
        entries.share_json(key, _shapes)


def _common_shapes() -> Mapping[str, str]:
    return _read_shapes(json.loads(Path(__file__).with_name("shapes.json").read_bytes()))


def _read_shapes(content: Any) -> dict[str, str]:
    return {str(shape): str(code) for shape, code in content.items()}


def generated_shapes(shapes: Mapping[str, Shape]) -> dict[str, str]:
    """Return the code of each shape, by its key."""
    fields = {f"f{number}": shape for number, shape in enumerate(shapes.values())}
    schema = {
        "type": "object",
        "properties": {name: shape.schema for name, shape in fields.items()},
        "required": [name for name, shape in fields.items() if shape.is_required],
    }
    found = dict.fromkeys(shapes, "")
    for statement in ast.walk(ast.parse(generate_modules({"m.O": schema}).get("m", ""))):
        match statement:
            case ast.AnnAssign(target=ast.Name(id=name), annotation=annotation, value=value) if (
                name in fields
            ):
                default = "" if value is None else f" = {ast.unparse(value)}"
                code = ast.unparse(annotation) + default
                if _names(annotation) <= _TYPES and _has_all_limits(code, fields[name]):
                    found[fields[name].key] = code
    return found


def _names(annotation: ast.expr) -> set[str]:
    return {node.id for node in ast.walk(annotation) if isinstance(node, ast.Name)}


def _has_all_limits(code: str, shape: Shape) -> bool:
    """Return whether the code has each placeholder once, with its sign, and no integer for a limit with decimals."""
    if not shape.limits:
        return True
    found = [(int(match[2]), match[1], match[3]) for match in _PLACEHOLDER.finditer(code)]
    has_signs = json.dumps(shape.schema).count("-9007199") == code.count("-9007199")
    return (
        has_signs
        and sorted(number for number, _, _ in found) == sorted(shape.limits)
        and all(_is_written(shape.limits[number], quote, decimals) for number, quote, decimals in found)
    )


def _is_written(limit: float | tuple[str, ...], quote: str | None, decimals: str | None) -> bool:
    """Return whether the generator wrote a placeholder with the quotes or decimals that a limit has."""
    if isinstance(limit, tuple) or quote:
        return isinstance(limit, tuple) and bool(quote)
    return decimals == ".5" if not float(limit).is_integer() else decimals in (None, ".0")


def needs_no_object(schema: Mapping[str, Any]) -> bool:
    """Return whether the schema is of a scalar, or of an array of scalars."""
    if "anyOf" in schema:
        return all(map(needs_no_object, schema["anyOf"]))
    kinds = schema.get("type", "string")
    kinds = {kinds} if isinstance(kinds, str) else kinds
    if {"$ref", "oneOf"} & schema.keys() or "object" in kinds:
        return False
    return "array" not in kinds or needs_no_object(
        cast("Mapping[str, Any]", schema.get("items", {"$ref": ""}))
    )


def generate_modules(definitions: Definitions) -> dict[str, str]:
    """Return the source of each module."""
    from datamodel_code_generator import generate  # the import alone takes a quarter of a second
    from datamodel_code_generator.enums import DataModelType, InputFileType
    from datamodel_code_generator.format import PythonVersion
    from datamodel_code_generator.parser import LiteralType

    made = generate(
        {"$defs": definitions},
        input_file_type=InputFileType.JsonSchema,
        output_model_type=DataModelType.PydanticV2BaseModel,
        target_python_version=PythonVersion.PY_311,
        schema_version="2020-12",
        base_class="speccast_base.params.Params",
        formatters=[],
        disable_timestamp=True,
        skip_root_model=True,
        enum_field_as_literal=LiteralType.All,
        use_annotated=True,
        field_constraints=True,
        use_standard_collections=True,
        use_union_operator=True,
        strict_nullable=True,
        use_missing_sentinel=True,
    )
    assert isinstance(made, Mapping)
    return {path[0].removesuffix(".py"): str(text) for path, text in made.items() if path != ("__init__.py",)}
