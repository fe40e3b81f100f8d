"""Turns what datamodel-code-generator answers into the source of a module: our names, and nothing unexpected.

Security boundary: patterns and enum values of a spec went into that answer. It is parsed, its made-up names are replaced
by those of the spec, every node of the result is compared with the few forms that parameter models consist of, and what
is written is the tree that passed.
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from speccast.errors import SpeccastError
from speccast.targets.python.filters import CheckedSource, literal

if TYPE_CHECKING:
    from collections.abc import Mapping

_IMPORTS = (
    (("typing", ("Annotated", "Any", "ClassVar", "Literal")),),
    (("pydantic", ("ConfigDict", "Field", "RootModel")), ("pydantic_core", ("MISSING",))),
    (("..._runtime.params", ("Params",)),),
)
"""What a module may import, sorted and in the groups that ruff makes. `MISSING` is pydantic's experimental one, of which
pydantic itself warns since 2.14; the core has the same object."""

NAMES = frozenset(name for group in _IMPORTS for _, names in group for name in names)
"""Names that the imports bind, which no class or field can have."""

_IMPORTED_FROM = frozenset(
    {"typing", "pydantic", "pydantic.experimental.missing_sentinel", "speccast_base.params"}
)
_CONFIG = """\
    model_config: ClassVar[ConfigDict] = ConfigDict(strict=True, allow_inf_nan=False, regex_engine="python-re")
"""
"""What the base class of objects says for them, said to each value that needs a class."""

_CONFIG_NAMES = frozenset({"ClassVar", "ConfigDict"})
_ALIAS_NAMES = frozenset({"Annotated", "Field"})

_TYPES = frozenset({"str", "int", "float", "bool", "list", "dict", "Any", "MISSING"})
_LIMITS = frozenset({"alias", "ge", "gt", "le", "lt", "multiple_of", "min_length", "max_length", "pattern"})
_MADE_UP_FIELD = re.compile(r"F(\d+)")


@dataclass(frozen=True)
class MadeUpNames:
    """The names under which datamodel-code-generator was told of a model, to the ones that its source is to have.

    `classes` are those of objects; `fields` leads to the name in Python and on the wire; `values` to the class of a value
    that is no object but needs one, such as the items of an array that have a limit.
    """

    classes: dict[str, str] = field(default_factory=dict)
    fields: dict[str, tuple[str, str]] = field(default_factory=dict)
    values: dict[str, str] = field(default_factory=dict)


def checked_source(module: str, text: str, names: MadeUpNames) -> CheckedSource:
    """Security boundary: the source, once every node of it is of a form that parameter models consist of.

    Raises:
        SpeccastError: it is not; or what came back is no Python at all.
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
    return CheckedSource("\n\n\n".join([_imports(renamed.used), *map(_written, body)]) + "\n")


def _imports(used: set[str]) -> str:
    """The imports of some names. Ruff would leave out the others as well, but has to look three times for that."""
    groups = (
        [
            f"from {module} import {', '.join(wanted)}"
            for module, names in group
            if (wanted := [name for name in names if name in used])
        ]
        for group in _IMPORTS
    )
    return "\n\n".join("\n".join(lines) for lines in groups if lines)


def _written(statement: ast.ClassDef) -> str:
    source = ast.unparse(_Literals().visit(statement))
    return source if isinstance(statement.bases[0], ast.Name) else f"{source}\n\n{_CONFIG}"


def _unexpected(module: str, what: str) -> SpeccastError:
    return SpeccastError(
        f"parameters of {module}: datamodel-code-generator gave something unexpected:\n{what}",
        hint="a pattern or enum value in the spec may be at fault; please report it",
    )


class _Renamer(ast.NodeTransformer):
    """Gives classes and fields the names of the spec, and every field the alias that it needs for its name on the wire."""

    def __init__(self, tree: ast.Module, names: MadeUpNames) -> None:
        self.used: set[str] = set()
        """Every name that the statements visited so far have, in the end."""
        self._fields = names.fields
        self._names: dict[str, str] = dict(names.classes)
        for statement in tree.body:
            if isinstance(statement, ast.ImportFrom):
                # An import goes by another name where a class has its own.
                self._names |= {alias.asname: alias.name for alias in statement.names if alias.asname}
        for statement in tree.body:
            if isinstance(statement, ast.ClassDef) and statement.name not in self._names:
                self._names[statement.name] = self._value_class(statement.name, names.values)

    def _value_class(self, made_up: str, values: Mapping[str, str]) -> str:
        found = _MADE_UP_FIELD.match(made_up)
        stem = values.get(found[0].lower(), "") if found else ""
        name = f"{stem}{made_up[found.end() :]}Value" if found and stem else made_up
        taken = self._names.values()
        return next(
            other for count in range(len(taken) + 2) if (other := f"{name}{count or ''}") not in taken
        )

    def visit_Name(self, node: ast.Name) -> ast.Name:
        name = self._names.get(node.id, node.id)
        self.used.add(name)
        if name == "RootModel":
            self.used |= _CONFIG_NAMES
        return ast.Name(name, node.ctx)

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.AST:
        node.name = self._names.get(node.name, node.name)
        return self.generic_visit(node)

    def visit_Assign(self, node: ast.Assign) -> ast.AST | None:
        # It asks for Python's own regular expressions where it finds that a pattern needs them; we always do.
        is_config = [*map(ast.unparse, node.targets)] == ["model_config"]
        return None if is_config else node

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
    """The annotation with `Field(alias=…)`, in the `Field` that is there or in one of its own."""
    alias = ast.keyword("alias", ast.Constant(wire))
    match annotation:
        case ast.Subscript(value=ast.Name(id="Annotated"), slice=ast.Tuple(elts=[_, ast.Call() as call])):
            call.keywords = [alias, *call.keywords]
            return annotation
    call = ast.Call(ast.Name("Field", ast.Load()), [], [alias])
    parts = ast.Tuple([annotation, call], ast.Load())
    return ast.Subscript(ast.Name("Annotated", ast.Load()), parts, ast.Load())


class _Literals(ast.NodeTransformer):
    """Writes texts the way that `literal` does everywhere else, whatever Python it is that unparses them."""

    def visit_Constant(self, node: ast.Constant) -> ast.AST:
        return ast.Name(literal(node.value), ast.Load()) if isinstance(node.value, str) else node


def _is_import(statement: ast.stmt) -> bool:
    """Whether a statement imports what our own imports bind, and so can be left out."""
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
            legal = name.isidentifier() and not name.startswith("_") and name not in NAMES
            return legal and _is_type(member.annotation, classes)
    return False


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
