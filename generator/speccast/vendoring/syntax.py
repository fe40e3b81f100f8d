"""What a file says, whatever it looks like: tells a file that was reformatted from one that was edited.

Of Python that is the syntax tree, of JSON the value. A tree is written out in a form of its own, since `ast.dump` gives
another text under another Python, and a copy may be checked under any.
"""

from __future__ import annotations

import ast
import hashlib
import inspect
import json
import warnings
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_LOOKS: Final = frozenset({"ctx", "kind", "type_comment", "type_ignores"})
"""Fields of nodes that say how a thing is written, or nothing that its place does not say."""

_DOCUMENTED: Final = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)


def syntax_digest(path: str, content: bytes) -> str | None:
    """The SHA-256 of what a file says; None of a file that is neither Python nor JSON, or is broken."""
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
        # What somebody wrote into a copy, such as an escape that means nothing, is not for us to comment on.
        warnings.simplefilter("ignore")
        return "".join(_written(ast.parse(content)))


def _written(node: object) -> Iterator[str]:
    match node:
        case ast.JoinedStr(values=pieces):
            # Some releases of Python 3.12 put empty texts between the pieces of a format.
            yield "(JoinedStr values="
            yield from _written([piece for piece in pieces if getattr(piece, "value", None) != ""])
            yield ")"
        case ast.AST():
            yield f"({type(node).__name__}"
            for name, value in sorted(ast.iter_fields(node)):
                # What a later Python adds to a node is empty in code that an earlier one reads.
                if name not in _LOOKS and value is not None and value != []:
                    yield f" {name}="
                    yield from _written(_without_margin(node, value) if name == "body" else value)
            yield ")"
        case list():
            yield "["
            for item in node:
                yield from _written(item)
                yield ","
            yield "]"
        case _:
            yield f"{type(node).__name__}:{node!r}"


def _without_margin(owner: ast.AST, body: object) -> object:
    """The statements of a body, with the docstring's indentation taken off: formatters move it."""
    if not isinstance(owner, _DOCUMENTED) or ast.get_docstring(owner, clean=False) is None:
        return body
    text = inspect.cleandoc(ast.get_docstring(owner, clean=False) or "")
    told = "\n".join(line.rstrip() for line in text.split("\n")).strip()
    return [ast.Expr(ast.Constant(told)), *owner.body[1:]]


def _json(content: bytes) -> str:
    value = json.loads(content.decode("utf-8-sig"))
    # The order of members stays: it is the order of a model's parameters.
    return json.dumps(value, separators=(",", ":"))


_PARSERS: Final[dict[str, Callable[[bytes], str]]] = {"py": _python, "pyi": _python, "json": _json}
