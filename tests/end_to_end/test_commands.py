"""The options of every model's command give the request that the same arguments give in Python."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

import pytest

from speccast.core.envelope import enclose
from speccast.specs.build import build_bundle
from speccast.specs.bundle import read_bundle
from speccast.targets.python.names import python_model
from speccast.testing.table import case_table

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from speccast.core.api import Api
    from speccast.core.parameter import Json, Parameter
    from speccast.targets.python.names import PythonModel

SCRIPT = """\
import contextlib, importlib, io, json, sys

main = importlib.import_module(sys.argv[1] + ".cli").main
for words in json.load(open(sys.argv[2])):
    with contextlib.redirect_stdout(io.StringIO()) as output:
        assert main([*words, "--dry-run", "--json"]) == 0, words
    print(json.dumps(json.loads(output.getvalue())["body"]))
"""


@pytest.mark.parametrize("name", ["segmind", "harmonia"])
def test_options_give_the_same_request(
    generated: Path, run: Callable[..., Any], tmp_path: Path, name: str
) -> None:
    project = generated / "generated" / name / "python"
    [specs] = project.glob("*/_specs.json")
    api = build_bundle(read_bundle(specs))
    requests = [
        (words, enclose(body, model.sends, api.wrap_of(model.body, job=not model.is_sync)))
        for model in map(python_model, api.models)
        if model.body in (None, "json")  # see tests/client_cli/test_files.py for forms
        for words, body in _requests(api, model)
    ]
    assert len(requests) > 100
    (tmp_path / "words.json").write_text(json.dumps([words for words, _ in requests]), encoding="utf-8")
    ran = run([sys.executable, "-c", SCRIPT, api.package, tmp_path / "words.json"], cwd=project, code=0)
    for line, (words, body) in zip(ran.lines, requests, strict=True):
        assert json.loads(line) == body, words


def _requests(api: Api, model: PythonModel) -> Iterator[tuple[list[str], dict[str, Json]]]:
    """Yield words for the command line, and the body that they must give, for every valid case of the model."""
    parameters = {parameter.wire: parameter for parameter in model.parameters}
    added: dict[str, Any] = {
        parameter.wire: parameter.default for parameter in model.parameters if parameter.is_sent_by_default
    }
    events = api.event_places(model)
    asked = {} if events is None else events.asks  # see tests/client_cli/test_texts.py for streamed responses
    for case in case_table(model):
        if any(case.arguments.get(wire) in accepted for wire, accepted in asked.items()):
            continue
        typed = [
            _can_be_typed(parameters[wire], value)
            for wire, value in case.arguments.items()
            if wire in parameters
        ]
        if case.expected == "accepted" and all(typed):
            options = [_option(model, parameters[wire], value) for wire, value in case.arguments.items()]
            yield [model.command, *options], {**added, **case.arguments}


def _can_be_typed(parameter: Parameter, value: Json) -> bool:
    """Return whether an option can express the value: some texts have another meaning on the command line."""
    if parameter.type == "boolean":
        return isinstance(value, bool)  # a flag has no text
    if (parameter.items or parameter).type == "file":
        return False  # see tests/client_cli/test_files.py
    if not isinstance(value, str):
        return not _has_content(value)
    if parameter.media and not value.startswith(("http:", "https:", "data:")):
        return False  # the name of a file
    return value != "-" and not value.startswith("@") and not (parameter.nullable and value == "null")


def _has_content(value: object) -> bool:
    """Return whether a value contains a file, which has no text."""
    if isinstance(value, dict):
        return any(map(_has_content, value.values()))
    if isinstance(value, list):
        return any(map(_has_content, value))
    return not isinstance(value, str | int | float | None)


def _option(model: PythonModel, parameter: Parameter, value: Json) -> str:
    if parameter.type == "boolean" and isinstance(value, bool):
        negative = f"--no-{parameter.flag.removeprefix('--')}"
        if any(negative == other.flag for other in model.parameters):
            negative = f"--param-no-{parameter.flag.removeprefix('--')}"
        return parameter.flag if value else negative
    return f"{parameter.flag}={value if isinstance(value, str) else json.dumps(value)}"
