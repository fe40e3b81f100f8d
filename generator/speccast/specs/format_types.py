"""Makes the Python types of the spec format from its JSON Schemas, which are the format's only definition.

The result is `speccast.specs.format`, written by `speccast generate` in Speccast's own repository and held there by
`speccast generate --check`, like every other generated file.
"""

from __future__ import annotations

import json
from importlib.resources import files
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from speccast.core.parameter import Json

SCHEMAS = ("api", "model")
HEADER = '''"""Python types of the spec format. Generated from specs/schema/*.schema.json by `make generate`; do not edit."""

'''


def schema_text(name: str) -> str:
    """Return the text of `api.schema.json` or `model.schema.json`."""
    return files("speccast.specs").joinpath("schema", f"{name}.schema.json").read_text(encoding="utf-8")


def format_types() -> str:
    """Return the source of typed dictionaries, one for each object of the format, unformatted."""
    from datamodel_code_generator import generate
    from datamodel_code_generator.enums import DataModelType, InputFileType
    from datamodel_code_generator.format import PythonVersion
    from datamodel_code_generator.parser import LiteralType

    definitions: dict[str, Json] = {}
    for name in SCHEMAS:
        schema = _without_closing(json.loads(schema_text(name)))
        assert isinstance(schema, dict)
        shared = schema.pop("$defs")
        assert isinstance(shared, dict)
        definitions |= shared
        definitions[str(schema["title"])] = schema
    source = generate(
        {"$defs": definitions},
        input_file_type=InputFileType.JsonSchema,
        output_model_type=DataModelType.TypingTypedDict,
        target_python_version=PythonVersion.PY_311,
        schema_version="2020-12",
        formatters=[],
        disable_timestamp=True,
        skip_root_model=True,
        enum_field_as_literal=LiteralType.All,
        use_title_as_name=True,
        use_standard_collections=True,
        use_union_operator=True,
        use_schema_description=True,
        collapse_root_models=True,
    )
    assert isinstance(source, str)
    body = source.partition("from __future__")
    return HEADER + body[1] + body[2]


def _without_closing(schema: Json) -> Json:
    """Return a schema without what would need Python 3.15's closed dictionaries, and without alternatives of required keys."""
    if isinstance(schema, list):
        return [_without_closing(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    kept = {key: _without_closing(value) for key, value in schema.items() if key not in ("$schema", "$id")}
    if kept.get("additionalProperties") is False:
        del kept["additionalProperties"]
    if kept.get("type") == "object":
        kept.pop("anyOf", None)
    return kept
