"""Has datamodel-code-generator make the parameter models, many models a call.

Security boundary: what comes back is source text that spec text went into, so it is parsed and every node compared with
the few forms that parameter models consist of; anything else is refused before it can be written.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Mapping, Sequence
from importlib.metadata import version
from typing import TYPE_CHECKING

from specwright.errors import SpecwrightError

if TYPE_CHECKING:
    from specwright.spec.model import Json, Model

CHUNK = 50
"""Models a call: half the cost of one a call, and a third of the memory of one call for all."""

_BASE = "specwright_base.params.Params"
"""Where the base class seems to live; the import is then written relative to the package."""

_EXPERIMENTAL_MISSING = "from pydantic.experimental.missing_sentinel import MISSING"
"""pydantic 2.14 warns of this import and 2.12 has no other in `pydantic`; the core has the same object in both."""

_IMPORTS = {
    "__future__": {"annotations"},
    "typing": {"Annotated", "Any", "Literal"},
    "pydantic": {"Field", "RootModel"},
    "pydantic_core": {"MISSING"},
    "_runtime.params": {"Params"},
}
_TYPES = frozenset(
    {"str", "int", "float", "bool", "list", "dict", "Annotated", "Any", "Literal", "Field", "MISSING"}
)
_FIELD_KEYWORDS = frozenset({
    "alias", "ge", "gt", "le", "lt", "multiple_of", "min_length", "max_length", "pattern",
})  # fmt: skip


class CheckedSource(str):
    """Source of one module of parameter models, known to consist of nothing else."""

    __slots__ = ()


def generator_version() -> str:
    return version("datamodel-code-generator")


def params_sources(models: Sequence[Model]) -> dict[str, CheckedSource]:
    """The source of each model's parameter models, by module name, unformatted.

    Raises:
        SpecwrightError: datamodel-code-generator gave something that parameter models do not consist of.
    """
    sources: dict[str, CheckedSource] = {}
    for start in range(0, len(models), CHUNK):
        made = _generate(models[start : start + CHUNK])
        sources |= {module: _checked(module, text) for module, text in made.items()}
    missing = [model.module for model in models if model.module not in sources]
    if missing:
        raise SpecwrightError(f"datamodel-code-generator made nothing for {', '.join(missing)}")
    return sources


def _generate(models: Iterable[Model]) -> Mapping[str, str]:
    from datamodel_code_generator import generate
    from datamodel_code_generator.enums import DataModelType, InputFileType
    from datamodel_code_generator.format import PythonVersion
    from datamodel_code_generator.parser import LiteralType

    definitions = {
        f"{model.module}.{model.params_class_name}": _without_closing(dict(model.schema)) for model in models
    }
    made = generate(
        {"$defs": definitions},
        input_file_type=InputFileType.JsonSchema,
        output_model_type=DataModelType.PydanticV2BaseModel,
        target_python_version=PythonVersion.PY_311,
        schema_version="2020-12",
        base_class=_BASE,
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


def _without_closing(schema: Json, *, names: bool = False) -> Json:
    """A schema that leaves refusing unknown names to the base class; `names` marks a map of names to schemas."""
    if isinstance(schema, list):
        return [_without_closing(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    return {
        key: value
        if key in ("enum", "const")
        else _without_closing(value, names=key == "properties" and not names)
        for key, value in schema.items()
        if names or key != "additionalProperties" or value is not False
    }


def _checked(module: str, text: str) -> CheckedSource:
    """Security boundary: the source, once every node of it is of a form that parameter models consist of."""
    package, _, name = _BASE.rpartition(".")
    body = text.partition("from __future__ import annotations")[2]
    body = body.replace(f"from {package} import {name}", f"from ..._runtime.params import {name}")
    body = body.replace(_EXPERIMENTAL_MISSING, "from pydantic_core import MISSING")
    tree = ast.parse(body)
    classes: set[str] = {statement.name for statement in tree.body if isinstance(statement, ast.ClassDef)}
    for statement in tree.body:
        allowed = (
            _is_import(statement)
            if isinstance(statement, ast.ImportFrom)
            else isinstance(statement, ast.ClassDef) and _is_model(statement, classes)
        )
        if not allowed:
            raise SpecwrightError(
                f"parameters of {module}: datamodel-code-generator gave something unexpected:\n{ast.unparse(statement)}",
                hint="a name, pattern or enum value in the spec may be at fault; please report it",
            )
    return CheckedSource(re.sub(r"\n{3,}", "\n\n\n", body.strip()) + "\n")


def _is_import(statement: ast.ImportFrom) -> bool:
    known = _IMPORTS.get(statement.module or "", set())
    return all(alias.name in known and alias.asname is None for alias in statement.names)


def _is_model(statement: ast.ClassDef, classes: set[str]) -> bool:
    if statement.decorator_list or statement.keywords or len(statement.bases) != 1:
        return False
    base = statement.bases[0]
    is_root = (
        isinstance(base, ast.Subscript) and isinstance(base.value, ast.Name) and base.value.id == "RootModel"
    )
    is_params = isinstance(base, ast.Name) and base.id == "Params"
    if not (is_params or (is_root and isinstance(base, ast.Subscript) and _is_type(base.slice, classes))):
        return False
    return all(_is_field(member, classes) for member in statement.body)


def _is_field(member: ast.stmt, classes: set[str]) -> bool:
    if isinstance(member, ast.Pass):
        return True
    return (
        isinstance(member, ast.AnnAssign)
        and isinstance(member.target, ast.Name)
        and not member.target.id.startswith("__")
        and _is_type(member.annotation, classes)
        and (member.value is None or (isinstance(member.value, ast.Name) and member.value.id == "MISSING"))
    )


def _is_type(node: ast.expr, classes: set[str]) -> bool:
    match node:
        case ast.Name(id=name):
            return name in _TYPES or name in classes
        case ast.Constant(value=value):
            return value is None
        case ast.BinOp(left=left, op=ast.BitOr(), right=right):
            return _is_type(left, classes) and _is_type(right, classes)
        case ast.Subscript(value=ast.Name(id="Literal"), slice=slice_):
            values = slice_.elts if isinstance(slice_, ast.Tuple) else [slice_]
            return all(_is_constant(value) for value in values)
        case ast.Subscript(value=ast.Name(id="list" | "dict" | "Annotated"), slice=slice_):
            parts = slice_.elts if isinstance(slice_, ast.Tuple) else [slice_]
            return all(_is_type(part, classes) for part in parts)
        case ast.Call(func=ast.Name(id="Field"), args=[], keywords=keywords):
            return all(keyword.arg in _FIELD_KEYWORDS and _is_constant(keyword.value) for keyword in keywords)
    return False


def _is_constant(node: ast.expr) -> bool:
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        node = node.operand
    return isinstance(node, ast.Constant)
