"""Digests of the syntax of a file, which distinguish a reformatted file from an edited one.

The syntax is the syntax tree of Python and the value of JSON. The tree is not serialized by `ast.dump`, whose result depends
on the version of Python.
"""

from __future__ import annotations

import ast
import hashlib
import inspect
import json
import warnings
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

_IGNORED: Final = frozenset({"ctx", "kind", "type_comment", "type_ignores"})
"""Fields of nodes that do not change the meaning."""

_DOCUMENTED: Final = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)


def syntax_digest(path: str, content: bytes) -> str | None:
    """Return the SHA-256 of the syntax; None for a file that is neither Python nor JSON, or is invalid."""
    parse = _PARSERS.get(path.rpartition(".")[2])
    if parse is None:
        return None
    try:
        said = parse(content)
    except (ValueError, SyntaxError, RecursionError, MemoryError):
        return None
    return hashlib.sha256(said.encode("utf-8", "backslashreplace")).hexdigest()


def _python(content: bytes) -> str:
    with warnings.catch_warnings():
        # Such as for an invalid escape sequence in an edited copy.
        warnings.simplefilter("ignore")
        written: list[str] = []
        _write(ast.parse(content), written)
        return "".join(written)


def _write(node: object, into: list[str]) -> None:
    match node:
        case ast.JoinedStr(values=pieces):
            # Some releases of Python 3.12 add empty strings between the parts of an f-string.
            into.append("(JoinedStr values=")
            _write([piece for piece in pieces if getattr(piece, "value", None) != ""], into)
            into.append(")")
        case ast.AST():
            into.append(f"({type(node).__name__}")
            for name, value in sorted(ast.iter_fields(node)):
                # Fields that a later Python adds are empty for code of an earlier one.
                if name not in _IGNORED and value is not None and value != []:
                    into.append(f" {name}=")
                    _write(_without_margin(node, value) if name == "body" else value, into)
            into.append(")")
        case list():
            into.append("[")
            for item in node:
                _write(item, into)
                into.append(",")
            into.append("]")
        case _:
            into.append(f"{type(node).__name__}:{node!r}")


def _without_margin(owner: ast.AST, body: object) -> object:
    """Return the statements of a body, with a dedented docstring: formatters change its indentation."""
    if not isinstance(owner, _DOCUMENTED) or ast.get_docstring(owner, clean=False) is None:
        return body
    text = inspect.cleandoc(ast.get_docstring(owner, clean=False) or "")
    docstring = "\n".join(line.rstrip() for line in text.split("\n")).strip()
    return [ast.Expr(ast.Constant(docstring)), *owner.body[1:]]


def _json(content: bytes) -> str:
    value = json.loads(content.decode("utf-8-sig"))
    # Members keep their order, which is that of the parameters of a model.
    return json.dumps(value, separators=(",", ":"))


_PARSERS: Final[dict[str, Callable[[bytes], str]]] = {"py": _python, "pyi": _python, "json": _json}
