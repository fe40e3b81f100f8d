"""Write docs/templates.md, the reference of what templates can use, from the code of the targets.

.venv/bin/python tools/scripts/templates.py [FILE]
"""

from __future__ import annotations

import ast
import inspect
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from speccast.core import api, model, parameter
from speccast.targets.filters import FILTERS
from speccast.targets.openapi.target import TARGET as OPENAPI
from speccast.targets.python.target import TARGET as PYTHON
from speccast.targets.rendering import VARIABLES

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from types import ModuleType

    from speccast.targets.target import Target

REFERENCE = Path(__file__).resolve().parents[2] / "docs" / "templates.md"

INTRODUCTION = """\
<!-- Made by tools/scripts/templates.py from generator/speccast/targets/ and generator/speccast/core/; do not edit. -->
# What templates can use

[targets.md](targets.md) explains how to write a target. Every template has the variables and filters of this page, in addition to
those of [Jinja](https://jinja.palletsprojects.com/en/stable/templates/). What it prints must come out of one of these filters.

## Variables

| variable | meaning |
|---|---|
| `api` | the API, see below; in a template of one model, `api.models` has that model alone |
| `model` | the model, in a template whose path has `__model__`; else none |
| `spec` | the path of the spec that the file comes from: that of the model, or the `api.yaml` |
| `file_name(model)` | what replaces `__model__` in a path |
"""


def page() -> str:
    """Return the text of docs/templates.md."""
    parts = [
        INTRODUCTION + "".join(_rows(VARIABLES)),
        _section("Filters", "filter", FILTERS),
        "## Objects\n",
        *(
            _class(module, name)
            for module, name in ((api, "Api"), (model, "Model"), (parameter, "Parameter"))
        ),
        *(part for target in (PYTHON, OPENAPI) for part in _target(target)),
    ]
    return "\n".join(parts)


def _target(target: Target) -> Iterator[str]:
    batch = target.batch_variables((), None)  # type: ignore[arg-type] # no model, so the cache is not used
    yield _section(f"Variables of the target {target.name}", "variable", {**target.variables, **batch})
    if target.filters:
        yield _section(f"Filters of the target {target.name}", "filter", target.filters)


def _section(title: str, kind: str, members: Mapping[str, object]) -> str:
    return f"## {title}\n\n| {kind} | meaning |\n|---|---|\n{''.join(_rows(members, is_filter=kind == 'filter'))}"


def _rows(members: Mapping[str, object], *, is_filter: bool = False) -> Iterator[str]:
    for name, value in sorted(members.items(), key=lambda item: item[0].lower()):
        if callable(value):
            parameters = list(inspect.signature(value).parameters.values())[1 if is_filter else 0 :]
            arguments = ", ".join(
                each.name if each.default is each.empty else f"{each.name}={each.default!r}"
                for each in parameters
            )
            shown = name if is_filter and not arguments else f"{name}({arguments})"
            returned = (inspect.getdoc(value) or "").removeprefix("Return ")
            yield _row(shown, returned[:1].upper() + returned[1:])
        else:
            kind = "constant" if isinstance(value, str | int | tuple) else "object"
            yield _row(name, f"{kind} `{_clip(repr(value))}`")


def _clip(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:59]}…"


def _class(module: ModuleType, name: str) -> str:
    """Return a table of the fields and properties of a dataclass, as its source documents them."""
    tree = ast.parse(inspect.getsource(module))
    (found,) = (node for node in tree.body if isinstance(node, ast.ClassDef) and node.name == name)
    rows = []
    for node, following in zip(found.body, [*found.body[1:], None], strict=True):
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            documented = ""
            if isinstance(following, ast.Expr) and isinstance(following.value, ast.Constant):
                documented = str(following.value.value)
            rows.append(_row(node.target.id, f"`{ast.unparse(node.annotation)}`. {documented}".strip()))
        elif isinstance(node, ast.FunctionDef) and any(
            isinstance(decorator, ast.Name) and decorator.id == "property"
            for decorator in node.decorator_list
        ):
            kind = ast.unparse(node.returns) if node.returns else ""
            rows.append(_row(node.name, f"`{kind}`. {ast.get_docstring(node) or ''}"))
    return f"### {name}\n\n{ast.get_docstring(found)}\n\n| attribute | meaning |\n|---|---|\n{''.join(rows)}"


def _row(name: str, meaning: str) -> str:
    text = " ".join(meaning.partition("\n\n")[0].split())
    return f"| `{name}` | {text.replace('|', chr(92) + '|')} |\n"


def main() -> None:
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else REFERENCE
    target.write_text(page(), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
