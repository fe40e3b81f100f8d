"""The import graph of a package, read from its source.

Imports for type checkers count: a copy needs them to be typed. Strings such as `".client"` count as well, since lazy
packages import modules by them.
"""

from __future__ import annotations

import ast
import re
import sys
from typing import TYPE_CHECKING, Final

from speccast.errors import SpeccastError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

_RELATIVE: Final = re.compile(r"\.+[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*")

Module = tuple[str, ...]
"""A module of the package, by the names that lead to it: `()` is the package, `("models", "fox")` a module in it."""


def imported_modules(sources: Mapping[str, bytes], roots: Iterable[str]) -> frozenset[str]:
    """Return the paths of the modules that `roots` import, directly or not, for type checkers or at run time.

    `sources` maps the paths of all modules of a package (`models/fox.py`) to their source.

    Raises:
        SpeccastError: a module is not valid Python.
    """
    modules = {_module(path): path for path in sources}
    found: set[str] = set()
    waiting = [_module(path) for path in roots]
    while waiting:
        module = waiting.pop()
        # A module is loaded after the packages that it is in.
        for length in range(len(module) + 1):
            path = modules.get(module[:length])
            if path is not None and path not in found:
                found.add(path)
                waiting += _list_imported(path, _parse(path, sources[path]))
    return frozenset(found)


def third_party_packages(sources: Mapping[str, bytes]) -> tuple[str, ...]:
    """Return the third-party packages that modules import, sorted."""
    named: set[str] = set()
    for path, source in sources.items():
        for node in ast.walk(_parse(path, source)):
            if isinstance(node, ast.Import):
                named |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and not node.level and node.module:
                named.add(node.module.partition(".")[0])
    return tuple(sorted(named - sys.stdlib_module_names))


def _parse(path: str, source: bytes) -> ast.Module:
    try:
        return ast.parse(source)
    except (ValueError, SyntaxError) as error:
        raise SpeccastError(f"{path} of the client is not valid Python: {error}") from None


def _module(path: str) -> Module:
    parts = tuple(path.removesuffix(".py").split("/"))
    return parts[:-1] if parts[-1] == "__init__" else parts


def _list_imported(path: str, tree: ast.Module) -> Iterator[Module]:
    """Yield everything that a module imports; some of it may be names, not modules."""
    own = _module(path)
    package = own if path.endswith("__init__.py") else own[:-1]
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.level:
            base = _above(package, node.level - 1) + _parts(node.module or "")
            yield base
            yield from (base + _parts(alias.name) for alias in node.names)
        elif (
            isinstance(node, ast.Constant) and isinstance(node.value, str) and _RELATIVE.fullmatch(node.value)
        ):
            # import_module(text, __name__) counts dots from the module itself.
            name = node.value.lstrip(".")
            yield _above(own, len(node.value) - len(name) - 1) + _parts(name)


def _above(module: Module, levels: int) -> Module:
    return module[: max(len(module) - levels, 0)]


def _parts(dotted: str) -> Module:
    return tuple(part for part in dotted.split(".") if part)
