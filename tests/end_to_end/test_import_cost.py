"""Importing a generated package is cheap, however many models it has. The tests count modules, not seconds."""

from __future__ import annotations

import shutil
import sys
from typing import TYPE_CHECKING, Any

import pytest

from speccast.config import find_project
from speccast.generation import read_specs
from speccast.targets.rendering import draft
from tests.thorough import cases

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

COUNT = """\
import sys
before = set(sys.modules)
{statement}
print(*sorted(set(sys.modules) - before), sep="\\n")
"""
API = """\
speccast: 1
title: Many
base_url: https://api.many.example
package: many
distribution: many
command: many
client: Many
version: 1.0.0
sync:
  path: /v1/{slug}
"""
MODEL = """\
speccast: 1
slug: model-{number}
title: Model {number}
surfaces: [sync]
returns: [image/png]
parameters:
  prompt: {{ type: string, required: true }}
  steps: {{ type: integer, minimum: 1, maximum: 50 }}
"""
IMPORT = "import many"
GET_CLASS = "from many import Many"
MAKE_CLIENT = "from many import Many; client = Many('key'); names = dir(client)"
USE_MODEL = """
from many import Many, ParameterError
try:
    Many('key').model_3.generate(prompt=1)
except ParameterError:
    pass
"""
STATEMENTS = (IMPORT, GET_CLASS, MAKE_CLIENT, USE_MODEL)


@pytest.fixture
def loaded(run: Callable[..., Any]) -> Callable[[Path, str], set[str]]:
    """Return the modules that a statement loads in a new process."""

    def found(folder: Path, statement: str) -> set[str]:
        script = COUNT.format(statement=statement)
        return set(run([sys.executable, "-c", script], cwd=folder, code=0).lines)

    return found


def _roots(modules: set[str]) -> set[str]:
    return {name.partition(".")[0] for name in modules}


def test_importing_the_package_loads_no_dependency_and_no_model(
    segmind: Path, loaded: Callable[[Path, str], set[str]]
) -> None:
    modules = loaded(segmind, "import segmind_client")
    assert not _roots(modules) & {
        "httpx2",
        "httpcore2",
        "pydantic",
        "pydantic_core",
        "click",
        "rich",
        "asyncio",
    }
    assert {name for name in modules if name.startswith("segmind_client")} == {"segmind_client"}


def test_getting_the_client_loads_no_model(segmind: Path, loaded: Callable[[Path, str], set[str]]) -> None:
    modules = loaded(
        segmind, "from segmind_client import Segmind, AsyncSegmind; Segmind('key'); AsyncSegmind('key')"
    )
    assert "segmind_client.client" in modules
    assert not {name for name in modules if name.startswith("segmind_client.models")}
    assert "pydantic" not in modules


def test_getting_a_model_loads_that_one(segmind: Path, loaded: Callable[[Path, str], set[str]]) -> None:
    modules = loaded(segmind, "from segmind_client import Segmind; Segmind('key').sd2_1_txt2img")
    assert {name for name in modules if name.startswith("segmind_client.models")} == {
        "segmind_client.models",
        "segmind_client.models.sd2_1_txt2img",
    }


def test_help_of_the_command_loads_no_model(segmind: Path, loaded: Callable[[Path, str], set[str]]) -> None:
    statement = "from segmind_client.cli import main; main(['--help'])"
    modules = loaded(segmind, statement)
    assert not {name for name in modules if name.startswith("segmind_client.models.")}
    assert not _roots(modules) & {"httpx2", "pydantic"}


MANY = cases(500, 2000)


def test_many_models_load_as_few_modules_as_five(
    tmp_path: Path, speccast: Callable[..., Any], loaded: Callable[[Path, str], set[str]]
) -> None:
    five = write_specs(tmp_path / "5", 5)
    speccast("generate", "--quiet", cwd=five, code=0)
    few = five / "generated" / "many" / "python"
    many = shutil.copytree(few, tmp_path / "many")
    # Only the files that list the models are rendered, since the files of all models would take long.
    api = read_specs(find_project(write_specs(tmp_path / "specs", MANY))).apis[0]
    lists = draft(api, "python", tmp_path / "none", only=lambda template: not template.is_per_model)
    for path, text in lists.texts.items():
        (many / path).write_text(text, encoding="utf-8")
    assert f"model_{MANY - 1}" in (many / "many" / "_index.py").read_text(encoding="utf-8")
    for statement in STATEMENTS:
        assert loaded(few, statement) == loaded(many, statement)


def write_specs(project: Path, count: int) -> Path:
    specs = project / "specs" / "many"
    specs.mkdir(parents=True)
    (specs / "api.yaml").write_text(API)
    for number in range(count):
        (specs / f"model-{number}.yaml").write_text(MODEL.format(number=number))
    return project
