"""The calls of datamodel-code-generator: what it is told, and what it answers, module by module.

A call takes long to begin with, and then by the object and by the field. Most fields of most models are alike but for their
names, and a field is written in one way whatever stands around it; so each kind is asked for once in a process, and
objects that have no others within them are put together from what was answered.
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
_known: dict[str, str] = {}
"""What was answered for a field: what stands behind its name."""


@cache
def generator_version() -> str:
    from importlib.metadata import version

    return version("datamodel-code-generator")


def plain_class(name: str, schema: Mapping[str, Any]) -> str | None:
    """The source of an object's class, if it consists of fields that were `learn`ed."""
    lines = []
    for field, value in schema["properties"].items():
        written = _known.get(_key(value, field in schema["required"]))
        if written is None:
            return None
        lines.append(f"    {field}: {written}\n")
    return f"class {name}(Params):\n{''.join(lines) or '    pass'}"


def learn(schemas: Sequence[Mapping[str, Any]]) -> None:
    """Asks how the fields of some objects are written that are scalars and not known yet, all in one class."""
    unknown = {
        _key(value, field in schema["required"]): (value, field in schema["required"])
        for schema in schemas
        for field, value in schema["properties"].items()
        if is_scalar(value)
    }
    unknown = {key: field for key, field in unknown.items() if key not in _known}
    if not unknown:
        return
    fields = {f"f{number}": field for number, field in enumerate(unknown.values())}
    schema = {
        "type": "object",
        "properties": {name: value for name, (value, _) in fields.items()},
        "required": [name for name, (_, required) in fields.items() if required],
    }
    made = ask({"m.O": schema}).get("m", "")
    classes = [statement for statement in ast.parse(made).body if isinstance(statement, ast.ClassDef)]
    if len(classes) != 1:
        return  # a field that needs a class of its own: then all are asked for together with their objects
    if len(_known) > _MOST_FIELDS:
        _known.clear()
    keys = dict(zip(fields, unknown, strict=True))
    for statement in classes[0].body:
        if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
            value = "" if statement.value is None else f" = {ast.unparse(statement.value)}"
            _known[keys[statement.target.id]] = ast.unparse(statement.annotation) + value


def is_scalar(schema: Mapping[str, Any]) -> bool:
    """Whether a value is neither an object nor an array, nor a reference to one."""
    if "anyOf" in schema:
        return all(is_scalar(each) for each in schema["anyOf"])
    kinds = schema.get("type", "string")
    kinds = [kinds] if isinstance(kinds, str) else kinds
    return "$ref" not in schema and not {"array", "object"}.intersection(kinds)


def ask(definitions: Definitions) -> dict[str, str]:
    """The source of each module."""
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
