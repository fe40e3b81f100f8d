"""Try mutants of the rules that decide whether a request is repeated, in one run of the tests about billing.

    python -m tools.mutation.retries EVERY

Every EVERYth mutant of the runtime's `retry.py` is tried: a status added to a table or removed from it, or an operator
or number of a rule changed. Tests are collected once. Each mutant replaces the code of the imported module, and the tests
run until one fails. Prints a line of JSON per mutant.
"""

from __future__ import annotations

import ast
import copy
import json
import os
import sys
from dataclasses import asdict, replace
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tools.mutation.trial import Outcome, has_failed

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[2]
RULES = ROOT / "templates" / "python" / "__package__" / "_runtime" / "retry.py"
TESTS = ROOT / "tests" / "runtime" / "test_billing.py"
MODULE = "acme_client._runtime.retry"
FASTEST = "test_the_decisions_agree_with_the_requests"
STATUSES = range(400, 600)

OPERATORS: dict[type, type] = {
    ast.And: ast.Or,
    ast.Or: ast.And,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
}


def rule_mutants(source: str) -> Iterator[tuple[str, str]]:
    """Yield each mutant of the tables of statuses and of the functions that return a bool, as a description and source."""
    tree = ast.parse(source)
    for index, node in enumerate(tree.body):
        for change, mutated in (*_table_mutants(node), *_function_mutants(node)):
            module = ast.Module([*tree.body[:index], mutated, *tree.body[index + 1 :]], [])
            yield change, ast.unparse(ast.fix_missing_locations(module))


def _table_mutants(node: ast.stmt) -> Iterator[tuple[str, ast.stmt]]:
    match node:
        case ast.Assign(
            targets=[ast.Name(id=name)],
            value=ast.Call(func=ast.Name(id="frozenset"), args=[ast.Set(elts=elements)]),
        ):
            statuses: set[Any] = {element.value for element in elements if isinstance(element, ast.Constant)}
            for status in STATUSES:
                change = (
                    f"{status} removed from {name}" if status in statuses else f"{status} added to {name}"
                )
                yield change, ast.parse(f"{name} = frozenset({sorted(statuses ^ {status})})").body[0]


def _function_mutants(node: ast.stmt) -> Iterator[tuple[str, ast.stmt]]:
    match node:
        case ast.FunctionDef(name=name, returns=ast.Name(id="bool")):
            for index, part in enumerate(ast.walk(node)):
                for description, mutate in _node_mutants(part):
                    mutated = copy.deepcopy(node)
                    mutate(list(ast.walk(mutated))[index])
                    before, after = ast.unparse(part), ast.unparse(list(ast.walk(mutated))[index])
                    yield f"{name}: {description} `{before}` to `{after}`", mutated


def _node_mutants(part: ast.AST) -> Iterator[tuple[str, Any]]:
    match part:
        case ast.BoolOp(op=operator):
            yield "changed", lambda node: setattr(node, "op", OPERATORS[type(operator)]())
            for index in range(len(part.values)):
                yield f"operand {index + 1} removed from", lambda node, index=index: node.values.pop(index)
        case ast.Compare(ops=[operator]):
            yield "changed", lambda node: setattr(node, "ops", [OPERATORS[type(operator)]()])
        case ast.UnaryOp(op=ast.Not()):
            yield "changed", lambda node: setattr(node, "op", ast.UAdd())
        case ast.Constant(value=int(number)) if not isinstance(number, bool):
            yield "changed", lambda node: setattr(node, "value", number + 1)


class Trial:
    """The pytest plugin: replaces the loop over all tests."""

    def __init__(self, every: int) -> None:
        self._every = every

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        module = import_module(MODULE)
        source = RULES.read_text(encoding="utf-8")
        items = sorted(session.items, key=lambda item: not item.name.startswith(FASTEST))
        passed: set[str] = set()
        before = _decisions(module)
        for change, mutated in list(rule_mutants(source))[:: self._every]:
            _load(module, mutated)
            if " added to " in change and _decisions(module) == before:
                continue  # another rule covers the status, so the mutant is equivalent
            killer = _killer(items)
            print(
                json.dumps(asdict(Outcome(RULES.name, change, None if killer is None else killer.name))),
                flush=True,
            )
            _load(module, source)
            if killer is not None and killer.name not in passed:
                # A test that fails without a mutant would kill every mutant.
                if _killer([killer]):
                    raise RuntimeError(f"{killer.name} fails without a mutant")
                passed.add(killer.name)
        return True


def _decisions(module: Any) -> list[tuple[bool, bool]]:
    """Return what the rules decide about each status of an API whose spec says nothing about it."""
    api = replace(import_module("acme_client._api").API, errors=())
    steps = import_module("acme_client._runtime.steps")
    answers = [steps.Response(status, "", {}, b"") for status in STATUSES]
    return [(module.was_not_accepted(answer, api), module.is_transient(answer)) for answer in answers]


def _load(module: Any, source: str) -> None:
    """Replace the code of a module. Its functions keep their identity, since other modules have imported them."""
    namespace: dict[str, Any] = {"__name__": module.__name__, "__package__": module.__package__}
    exec(compile(source, RULES, "exec"), namespace)
    for name, value in namespace.items():
        function: Any = getattr(module, name, None)
        if hasattr(function, "__code__") and hasattr(value, "__code__"):
            function.__code__ = value.__code__
        elif isinstance(value, frozenset):
            setattr(module, name, value)


def _killer(items: list[pytest.Item]) -> pytest.Item | None:
    """Run the tests until one fails, and return it."""
    for index, item in enumerate(items):
        following = items[index + 1] if index + 1 < len(items) else None
        if has_failed(item, following):
            item.session._setupstate.teardown_exact(None)
            return item
    return None


def main(every: int) -> int:
    options = ["-p", "no:cacheprovider", "-p", "no:terminal", "-p", "no:schemathesis"]
    # Not the configuration of this repository, whose options are for the terminal.
    options += ["--import-mode=importlib", f"--rootdir={ROOT}", "-c", os.devnull]
    return pytest.main([*options, str(TESTS)], plugins=[Trial(every)])


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1])))
