"""Calls datamodel-code-generator.

A call is slow, and each object and field adds to it. Most fields of most models differ only in their names, and the code of
a field does not depend on the others. So each kind of field is generated once per process, and objects without nested
objects are assembled from these.
"""

from __future__ import annotations

import ast
import json
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, TypeAlias

Definitions: TypeAlias = "Mapping[str, Mapping[str, Any]]"
"""Schemas of objects by `<module>.<class>`, in which they refer to each other by `#/$defs/<module>.<class>`."""

_MOST_FIELDS = 20_000
_cached_fields: dict[str, str] = {}
"""The code of a field after its name, by its schema."""


@cache
def generator_version() -> str:
    from importlib.metadata import version

    return version("datamodel-code-generator")


def plain_class(name: str, schema: Mapping[str, Any]) -> str | None:
    """Return the source of the class of an object if all its fields are cached by `cache_fields`."""
    lines = []
    for field, value in schema["properties"].items():
        written = _cached_fields.get(_key(value, field in schema["required"]))
        if written is None:
            return None
        lines.append(f"    {field}: {written}\n")
    return f"class {name}(Params):\n{''.join(lines) or '    pass'}"


def cache_fields(schemas: Sequence[Mapping[str, Any]]) -> None:
    """Generate the scalar fields of some objects that are not cached yet, in one class."""
    missing = {
        _key(value, field in schema["required"]): (value, field in schema["required"])
        for schema in schemas
        for field, value in schema["properties"].items()
        if is_scalar(value)
    }
    missing = {key: field for key, field in missing.items() if key not in _cached_fields}
    if not missing:
        return
    fields = {f"f{number}": field for number, field in enumerate(missing.values())}
    schema = {
        "type": "object",
        "properties": {name: value for name, (value, _) in fields.items()},
        "required": [name for name, (_, required) in fields.items() if required],
    }
    made = generate_modules({"m.O": schema}).get("m", "")
    classes = [statement for statement in ast.parse(made).body if isinstance(statement, ast.ClassDef)]
    if len(classes) != 1:
        return  # a field needs a class of its own, so all are generated with their objects
    if len(_cached_fields) > _MOST_FIELDS:
        _cached_fields.clear()
    keys = dict(zip(fields, missing, strict=True))
    for statement in classes[0].body:
        if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
            value = "" if statement.value is None else f" = {ast.unparse(statement.value)}"
            _cached_fields[keys[statement.target.id]] = ast.unparse(statement.annotation) + value


def is_scalar(schema: Mapping[str, Any]) -> bool:
    """Whether the schema is neither of an object or array nor a reference to one."""
    if "anyOf" in schema:
        return all(is_scalar(each) for each in schema["anyOf"])
    kinds = schema.get("type", "string")
    kinds = [kinds] if isinstance(kinds, str) else kinds
    return not {"$ref", "oneOf"} & schema.keys() and not {"array", "object"}.intersection(kinds)


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


def _key(schema: Mapping[str, Any], required: bool) -> str:
    return f"{required} {json.dumps(schema)}"
