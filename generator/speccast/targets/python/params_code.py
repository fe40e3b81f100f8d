"""Security boundary: makes the source of a module from the output of datamodel-code-generator.

That output contains patterns and enum values of a spec. It is parsed, placeholder names are replaced by real ones, and
every node is checked against the few forms that parameter models need. The source is written from the checked tree.
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING

from speccast.errors import SpeccastError
from speccast.targets.python.filters import CheckedSource, literal

if TYPE_CHECKING:
    from collections.abc import Mapping

_IMPORTS = (
    (("typing", ("Annotated", "Any", "ClassVar", "Literal")),),
    (("pydantic", ("ConfigDict", "Field", "RootModel")), ("pydantic_core", ("MISSING",))),
    (("..._runtime.params", ("Params",)), ("..._runtime.types", ("MediaInput",))),
)
"""Allowed imports, sorted and grouped as ruff does. `MISSING` is pydantic's experimental one, of which
pydantic itself warns since 2.14; the core has the same object."""

NAMES = frozenset(name for group in _IMPORTS for _, names in group for name in names)
"""Names of the imports, which no class or field can have."""

_IMPORTED_FROM = frozenset(
    {"typing", "pydantic", "pydantic.experimental.missing_sentinel", "speccast_base.params"}
)
_CONFIG = """\
    model_config: ClassVar[ConfigDict] = ConfigDict(strict=True, allow_inf_nan=False, regex_engine="python-re")
"""
"""The configuration of the base class of objects, for classes of other values."""

_CONFIG_NAMES = frozenset({"ClassVar", "ConfigDict"})
_ALIAS_NAMES = frozenset({"Annotated", "Field"})

_TYPES = frozenset({"str", "int", "float", "bool", "list", "dict", "Any", "MISSING", "MediaInput"})
_LIMITS = frozenset(
    {"alias", "ge", "gt", "le", "lt", "multiple_of", "min_length", "max_length", "pattern", "discriminator"}
)
_PLACEHOLDER_FIELD = re.compile(r"F(\d+)")


@dataclass(frozen=True)
class PlaceholderNames:
    """Placeholder names of a model, mapped to the real ones.

    `classes` are those of objects; `fields` have the name in Python and on the wire; `values` have the class of a value
    that is not an object but needs a class, such as array items with a limit.
    """

    classes: dict[str, str] = field(default_factory=dict)
    fields: dict[str, tuple[str, str]] = field(default_factory=dict)
    values: dict[str, str] = field(default_factory=dict)


def check_source(module: str, text: str, names: PlaceholderNames) -> CheckedSource:
    """Security boundary: return the source if every node has a form that parameter models need.

    Raises:
        SpeccastError: a node has another form, or the text is not valid Python.
    """
    try:
        tree = ast.parse(text)
    except SyntaxError as error:
        raise _unexpected(module, str(error)) from None
    renamed = _Renamer(tree, names)
    body = [renamed.visit(statement) for statement in tree.body if not _is_import(statement)]
    classes = {statement.name for statement in body if isinstance(statement, ast.ClassDef)}
    for statement in body:
        if not (isinstance(statement, ast.ClassDef) and _is_model(statement, classes)):
            raise _unexpected(module, ast.unparse(statement))
    if len(classes) != len(body) or classes & NAMES:
        raise _unexpected(module, f"two classes of the same name among {', '.join(sorted(classes))}")
    return CheckedSource("\n\n\n".join([_imports(renamed.used), *map(_unparse, body)]) + "\n")


def assemble_source(module: str, fields: Mapping[str, str], names: PlaceholderNames) -> CheckedSource:
    """Security boundary: return the source of a model with one class, from the code of each field by its placeholder.

    The result is that of `check_source` for the whole class. Models share most of their fields, and each is checked once.

    Raises:
        SpeccastError: the code of a field has another form than parameter models need.
    """
    used = {"Params"}
    lines = []
    for placeholder, code in fields.items():
        name, wire = names.fields[placeholder]
        checked = _check_field(code, None if name == wire else wire)
        if checked is None or not _is_legal_field(name):
            raise _unexpected(module, f"{name}: {code}")
        lines.append(f"    {name}: {checked[0]}\n")
        used |= checked[1]
    (class_name,) = names.classes.values()
    if class_name in NAMES:
        raise _unexpected(module, f"class {class_name}")
    body = "".join(lines) or "    pass\n"
    return CheckedSource(f"{_imports(used)}\n\n\nclass {class_name}(Params):\n{body}")


@lru_cache(maxsize=4096)
def _check_field(code: str, alias: str | None) -> tuple[str, frozenset[str]] | None:
    """Security boundary: return the checked code of a field and the names in it; None if it has another form."""
    names = PlaceholderNames(fields={"f0": ("f0", "f0" if alias is None else alias)})
    try:
        tree = ast.parse(f"class O0(Params):\n    f0: {code}\n")
    except SyntaxError:
        return None
    if len(tree.body) != 1:
        return None
    renamed = _Renamer(tree, names)
    statement = renamed.visit(tree.body[0])
    if not (isinstance(statement, ast.ClassDef) and len(statement.body) == 1 and _is_model(statement, set())):
        return None
    source = ast.unparse(_Literals().visit(statement.body[0]))
    return source.removeprefix("f0: "), frozenset(renamed.used)


def _imports(used: set[str]) -> str:
    """Return the imports of the used names. Ruff could remove unused ones, but would check each file three times."""
    groups = (
        [
            f"from {module} import {', '.join(used_names)}"
            for module, names in group
            if (used_names := [name for name in names if name in used])
        ]
        for group in _IMPORTS
    )
    return "\n\n".join("\n".join(lines) for lines in groups if lines)


def _unparse(statement: ast.ClassDef) -> str:
    source = ast.unparse(_Literals().visit(statement))
    return source if isinstance(statement.bases[0], ast.Name) else f"{source}\n\n{_CONFIG}"


def _unexpected(module: str, what: str) -> SpeccastError:
    return SpeccastError(
        f"parameters of {module}: datamodel-code-generator returned unexpected code:\n{what}",
        hint="please report it, with the spec: a pattern or enum value may be the cause",
    )


class _Renamer(ast.NodeTransformer):
    """Renames classes and fields, and gives each field the alias that its wire name needs."""

    def __init__(self, tree: ast.Module, names: PlaceholderNames) -> None:
        self.used: set[str] = set()
        """All names in the visited statements."""
        self._fields = names.fields
        self._names: dict[str, str] = dict(names.classes)
        for statement in tree.body:
            if isinstance(statement, ast.ImportFrom):
                # An import has an alias if a class has the same name.
                self._names |= {alias.asname: alias.name for alias in statement.names if alias.asname}
        for statement in tree.body:
            if isinstance(statement, ast.ClassDef) and statement.name not in self._names:
                self._names[statement.name] = self._value_class(statement.name, names.values)

    def _value_class(self, placeholder: str, values: Mapping[str, str]) -> str:
        found = _PLACEHOLDER_FIELD.match(placeholder)
        stem = values.get(found[0].lower(), "") if found else ""
        name = f"{stem}{placeholder[found.end() :]}Value" if found and stem else placeholder
        taken = self._names.values()
        return next(
            other for count in range(len(taken) + 2) if (other := f"{name}{count or ''}") not in taken
        )

    def visit_Name(self, node: ast.Name) -> ast.Name:
        name = "MediaInput" if node.id == "bytes" else self._names.get(node.id, node.id)
        self.used.add(name)
        if name == "RootModel":
            self.used |= _CONFIG_NAMES
        return ast.Name(name, node.ctx)

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.AST:
        node.name = self._names.get(node.name, node.name)
        return self.generic_visit(node)

    def visit_Assign(self, node: ast.Assign) -> ast.AST | None:
        # The generator selects Python's regular expressions only for patterns that need them; the base class always does.
        is_config = [*map(ast.unparse, node.targets)] == ["model_config"]
        return None if is_config else node

    def visit_keyword(self, node: ast.keyword) -> ast.AST:
        if node.arg == "discriminator" and isinstance(node.value, ast.Constant):
            name, _ = self._fields[str(node.value.value)]
            return ast.keyword("discriminator", ast.Constant(name))
        return self.generic_visit(node)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.AST:
        self.generic_visit(node)
        if isinstance(node.target, ast.Name) and node.target.id in self._fields:
            name, wire = self._fields[node.target.id]
            node.target = ast.Name(name, ast.Store())
            if name != wire:
                self.used |= _ALIAS_NAMES
                node.annotation = _with_alias(node.annotation, wire)
        return node


def _with_alias(annotation: ast.expr, wire: str) -> ast.expr:
    """Return the annotation with `Field(alias=…)`, in its existing `Field` or in a new one."""
    alias = ast.keyword("alias", ast.Constant(wire))
    match annotation:
        case ast.Subscript(value=ast.Name(id="Annotated"), slice=ast.Tuple(elts=[_, ast.Call() as call])):
            call.keywords = [alias, *call.keywords]
            return annotation
    call = ast.Call(ast.Name("Field", ast.Load()), [], [alias])
    parts = ast.Tuple([annotation, call], ast.Load())
    return ast.Subscript(ast.Name("Annotated", ast.Load()), parts, ast.Load())


class _Literals(ast.NodeTransformer):
    """Writes strings as `literal` does, independent of the version of Python."""

    def visit_Constant(self, node: ast.Constant) -> ast.AST:
        return ast.Name(literal(node.value), ast.Load()) if isinstance(node.value, str) else node


def _is_import(statement: ast.stmt) -> bool:
    """Return whether a statement imports names that our own imports provide."""
    if not isinstance(statement, ast.ImportFrom) or statement.level:
        return False
    if statement.module == "__future__":
        return [alias.name for alias in statement.names] == ["annotations"]
    return statement.module in _IMPORTED_FROM and all(alias.name in NAMES for alias in statement.names)


def _is_model(statement: ast.ClassDef, classes: set[str]) -> bool:
    if statement.decorator_list or statement.keywords or len(statement.bases) != 1:
        return False
    match statement.bases[0]:
        case ast.Name(id="Params"):
            pass
        case ast.Subscript(value=ast.Name(id="RootModel"), slice=slice_) if _is_type(slice_, classes):
            pass
        case _:
            return False
    return all(_is_field(member, classes) for member in statement.body)


def _is_field(member: ast.stmt, classes: set[str]) -> bool:
    match member:
        case ast.Pass():
            return True
        case ast.AnnAssign(target=ast.Name(id=name), value=None | ast.Name(id="MISSING")):
            return _is_legal_field(name) and _is_type(member.annotation, classes)
    return False


def _is_legal_field(name: str) -> bool:
    return name.isidentifier() and not name.startswith("_") and name not in NAMES


def _is_type(node: ast.expr, classes: set[str]) -> bool:
    match node:
        case ast.Name(id=name):
            return name in _TYPES or name in classes
        case ast.Constant(value=value):
            return value is None
        case ast.BinOp(left=left, op=ast.BitOr(), right=right):
            return _is_type(left, classes) and _is_type(right, classes)
        case ast.Subscript(value=ast.Name(id="Literal"), slice=slice_):
            return all(_is_constant(value) for value in _parts(slice_))
        case ast.Subscript(value=ast.Name(id="list" | "dict"), slice=slice_):
            return all(_is_type(part, classes) for part in _parts(slice_))
        case ast.Subscript(value=ast.Name(id="Annotated"), slice=ast.Tuple(elts=[type_, limits])):
            return _is_type(type_, classes) and _is_limits(limits)
    return False


def _is_limits(node: ast.expr) -> bool:
    match node:
        case ast.Call(func=ast.Name(id="Field"), args=[], keywords=keywords):
            return all(keyword.arg in _LIMITS and _is_constant(keyword.value) for keyword in keywords)
    return False


def _parts(slice_: ast.expr) -> list[ast.expr]:
    return slice_.elts if isinstance(slice_, ast.Tuple) else [slice_]


def _is_constant(node: ast.expr) -> bool:
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        node = node.operand
    return isinstance(node, ast.Constant)
