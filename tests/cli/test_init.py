"""`speccast init`: from an empty folder to a client of an API."""

from __future__ import annotations

import json
import re
import sys
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import pytest

from speccast.lint.rules.skeleton import TEXTS
from speccast.specs.load import load

if TYPE_CHECKING:
    from collections.abc import Callable

USE = """\
from {package} import {client}, __version__
client = {client}("key", base_url="http://127.0.0.1:9")
print(type(client.{module}).__name__, __version__)
"""


def test_from_nothing_to_a_client_takes_three_commands(empty: Any, run: Callable[..., Any]) -> None:
    assert empty.run("init").lines == [
        "wrote specs/acme/api.yaml",
        "wrote specs/.schema/api.schema.json",
        "wrote specs/.schema/model.schema.json",
    ]
    assert empty.run("init", "--model", "red-fox-2.0").lines == ["wrote specs/acme/red-fox-2.0.yaml"]
    lint = empty.run("lint")
    assert lint.lines[-1].startswith("1 model, 0 errors")
    assert set(re.findall(r"warning\[(\w+)\]", lint.out)) == {"D111"}  # the sample texts are to be replaced
    empty.run("generate")
    use = USE.format(package="acme_client", client="Acme", module="red_fox_2_0")
    ran = run([sys.executable, "-c", use], cwd=empty.output, code=0)
    assert ran.out == "RedFox20 0.1.0\n"


def test_the_texts_that_lint_knows_are_those_of_the_skeleton() -> None:
    folder = files("speccast.cli").joinpath("skeleton")
    written = "".join(
        folder.joinpath(name).read_text(encoding="utf-8") for name in ("api.yaml", "model.yaml")
    )
    assert [text for text in TEXTS if text not in written] == []


def test_what_is_commented_out_in_the_skeleton_is_valid_without_its_signs(empty: Any) -> None:
    empty.run("init")
    empty.run("init", "--model", "fox")
    place = empty.folder / "specs/acme/api.yaml"
    place.write_text(re.sub(r"^# (?=(async|answers|upload):| )", "", place.read_text(), flags=re.MULTILINE))
    of_model = empty.folder / "specs/acme/fox.yaml"
    image = r"^  # (?=image:|  (type: string|media:|forms:|max_size:))"
    of_model.write_text(re.sub(image, "  ", of_model.read_text(), flags=re.MULTILINE))
    [loaded] = load(empty.folder / "specs").apis
    assert isinstance(loaded.api.value, dict)
    assert loaded.api.value["upload"]["url"] == "/v1/files"
    [model] = loaded.models
    assert isinstance(model.value, dict)
    assert model.value["parameters"]["image"].keys() == {"type", "media", "forms", "max_size"}
    assert loaded.api.value["answers"].keys() == {"sync", "submit", "status", "result", "failed", "error"}
    assert set(re.findall(r"(?:warning|error)\[(\w+)\]", empty.run("lint").out)) == {"D111"}


def test_each_command_names_the_next_one(empty: Any) -> None:
    assert "speccast init --model" in empty.run("init").err
    assert "speccast generate" in empty.run("init", "--model", "fox").err


@pytest.mark.parametrize(
    ("name", "package", "client"),
    [
        ("Fal.ai", "fal_ai_client", "FalAi"),
        ("2captcha", "api_2captcha_client", "Api2captcha"),
        ("x", "x_client", "X"),
        ("class", "class_client", "Class"),
    ],
)
def test_any_name_of_a_folder_gives_a_valid_api(empty: Any, name: str, package: str, client: str) -> None:
    empty.run("init", name)
    empty.run("init", "--model", "fox")
    empty.run("generate")
    assert (
        empty.folder.joinpath(f"generated/{name}/python/{package}/client.py")
        .read_text()
        .count(f"class {client}(")
    )


@pytest.mark.parametrize(
    "slug", ["1e3", "null", "2024-01-01", "no", "0x1f", "class", "a--b", "run", "3d.scene_v2"]
)
def test_any_slug_gives_a_valid_model(empty: Any, slug: str) -> None:
    empty.run("init")
    empty.run("init", "--model", slug)
    [api] = load(empty.folder / "specs").apis
    [model] = api.models
    assert isinstance(model.value, dict)
    assert model.value["slug"] == slug
    if slug != "run":  # which is what every client calls a method of its own; `name:` resolves it
        empty.run("lint")


def test_the_api_is_named_after_the_folder_by_default(empty: Any) -> None:
    odd = empty.folder.rename(empty.folder.parent / "My API (v2)!")
    empty.run("init", cwd=odd)
    assert odd.joinpath("specs/my-api-v2/api.yaml").is_file()


def test_editors_find_the_schemas_that_the_modelines_name(empty: Any) -> None:
    empty.run("init")
    empty.run("init", "--model", "fox")
    for name in ("api", "fox"):
        file = empty.folder / f"specs/acme/{name}.yaml"
        modeline = file.read_text().splitlines()[0]
        assert modeline.startswith("# yaml-language-server: $schema=")
        schema = file.parent / modeline.partition("$schema=")[2]
        assert json.loads(schema.read_text())["type"] == "object"


def test_a_model_uses_the_schemas_that_its_api_names(empty: Any) -> None:
    empty.run("init")
    empty.folder.joinpath("specs/.schema").rename(empty.folder / "schemas")
    api = empty.folder / "specs/acme/api.yaml"
    api.write_text(api.read_text().replace("$schema=../.schema/", "$schema=../../schemas/"))
    assert empty.run("init", "--model", "fox").lines == ["wrote specs/acme/fox.yaml"]
    modeline = empty.folder.joinpath("specs/acme/fox.yaml").read_text().splitlines()[0]
    assert modeline.endswith("$schema=../../schemas/model.schema.json")


def test_schemas_are_copied_if_those_of_the_api_do_not_exist(empty: Any) -> None:
    empty.run("init")
    empty.folder.joinpath("specs/.schema/model.schema.json").unlink()
    assert "wrote specs/.schema/model.schema.json" in empty.run("init", "--model", "fox").lines


def test_nothing_is_overwritten(empty: Any) -> None:
    empty.run("init")
    empty.run("init", "--model", "fox")
    for words in (["init"], ["init", "acme"], ["init", "--model", "fox"]):
        before = empty.snapshot()
        ran = empty.run(*words, code=2)
        assert "already exists" in ran.err
        assert "nothing was written" in ran.err
        assert ran.out == ""
        assert empty.snapshot() == before


def test_a_model_is_for_the_only_api_or_for_the_one_that_is_named(empty: Any) -> None:
    empty.run("init", "one")
    empty.run("init", "two")
    ran = empty.run("init", "--model", "fox", code=2)
    assert "several APIs: one, two" in ran.err
    assert "speccast init --model fox --api NAME" in ran.err
    assert empty.run("init", "--model", "fox", "--api", "two").lines == ["wrote specs/two/fox.yaml"]
    assert "APIs: one, two" in empty.run("init", "--model", "fox", "--api", "three", code=2).err


def test_the_folder_of_specs_may_be_the_api(empty: Any) -> None:
    empty.run("init")
    for file in empty.folder.joinpath("specs/acme").iterdir():
        file.rename(empty.folder / "specs" / file.name)
    empty.folder.joinpath("specs/acme").rmdir()
    assert empty.run("init", "--model", "fox").lines[0] == "wrote specs/fox.yaml"
    modeline = empty.folder.joinpath("specs/fox.yaml").read_text().splitlines()[0]
    assert modeline.endswith("$schema=.schema/model.schema.json")
    empty.run("lint")
    assert "specs is an API itself" in empty.run("init", "other", code=2).err


def test_an_api_may_have_the_other_ending(empty: Any) -> None:
    empty.run("init")
    empty.folder.joinpath("specs/acme/api.yaml").rename(empty.folder / "specs/acme/api.yml")
    assert empty.run("init", "--model", "fox").lines == ["wrote specs/acme/fox.yaml"]


def test_a_model_of_an_api_without_blocking_calls_is_a_job(empty: Any) -> None:
    empty.run("init")
    api = empty.folder / "specs/acme/api.yaml"
    lines = api.read_text().splitlines()
    begin = lines.index("sync:")
    lines[begin : begin + 2] = []
    text = "\n".join(
        line.removeprefix("# ") if line.startswith(("# async:", "# answers:", "# upload:", "#   ")) else line
        for line in lines
    )
    api.write_text(text + "\n")
    empty.run("init", "--model", "fox")
    assert "surfaces: [async]" in empty.folder.joinpath("specs/acme/fox.yaml").read_text()
    empty.run("lint")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["../x"], "'../x' is not a valid name of an API"),
        (["a b"], "is not a valid name of an API"),
        (["--model", "fox"], "to create one: speccast init NAME"),
        (["--model", "fox 1"], "'fox 1' is not a slug"),
        (["--model", "../../x"], "'../../x' is not a slug"),
        (["--model", ""], "'' is not a slug"),
        (["--api", "acme"], "--api requires --model"),
        (["acme", "--model", "fox"], "use --api NAME"),
    ],
    ids=" ".join,
)
def test_invalid_arguments_are_refused_with_a_hint(empty: Any, words: list[str], message: str) -> None:
    ran = empty.run("init", *words, code=2)
    assert message in ran.err
    assert empty.snapshot() == {}


def test_a_file_in_place_of_a_folder_is_an_error(empty: Any) -> None:
    empty.write("specs", "no folder")
    ran = empty.run("init", code=2)
    assert "specs" in ran.err
    assert "internal error" not in ran.err


def test_configured_folders_are_used(empty: Any) -> None:
    empty.write("speccast.toml", 'specs = "api-specs"')
    assert "wrote api-specs/acme/api.yaml" in empty.run("init").lines
