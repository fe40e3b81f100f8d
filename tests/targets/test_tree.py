"""The tree of templates is the tree of outputs: discovery, overlays and output paths."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from speccast.errors import SpeccastError
from speccast.targets.registry import built_in_templates
from speccast.targets.rendering import draft
from speccast.targets.tree import Template, find_templates

from .support import NO_OVERLAY, ROOT, api_of

if TYPE_CHECKING:
    from speccast.core.api import Api

MINIMAL = ROOT / "tests" / "apis" / "minimal"


@cache
def minimal() -> Api:
    return api_of(MINIMAL)


@pytest.fixture
def overlay(tmp_path: Path) -> Path:
    """A project's own templates, none yet."""
    return tmp_path / "templates"


def write(overlay: Path, path: str, text: str = "x = 1\n") -> None:
    file = overlay / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)


def paths(target: str, overlay: Path) -> list[str]:
    return [template.path for template in find_templates(target, overlay)]


def outputs(target: str, overlay: Path, api: Api | None = None) -> dict[str, str]:
    """Return what a target gives, where it goes and what it says."""
    made = draft(api or minimal(), target, overlay)
    return (
        made.texts
        | made.selected
        | {path: file.read_text(encoding="utf-8") for path, file in made.copied.items()}
    )


def place(path: str, *, package: str = "acme", folder: str = "acme-api") -> str:
    """Return where a template of this path goes for the minimal API's model."""
    api = replace(minimal(), package=package, id=folder)
    return Template(path, Path(), path).output(api, "only")


def test_built_in_tree_is_the_repositorys_when_installed_editable() -> None:
    assert built_in_templates() == ROOT / "templates"


def test_templates_are_sorted_without_files_of_tools(overlay: Path) -> None:
    for path in ("b.txt", "a/c.txt", "a.txt"):
        write(overlay, f"own/{path}")
    for path in (
        "a/__pycache__/x.txt",
        "a/x.pyc",
        ".mypy_cache/x",
        ".ruff_cache/x",
        ".pytest_cache/x",
        ".DS_Store",
    ):
        write(overlay, f"own/{path}")
    assert paths("own", overlay) == ["a.txt", "a/c.txt", "b.txt"]


def test_hidden_files_are_files(overlay: Path) -> None:
    write(overlay, "own/.gitattributes")
    assert paths("own", overlay) == [".gitattributes"]


def test_an_overlay_replaces_a_file_and_leaves_the_others(overlay: Path) -> None:
    write(overlay, "python/__package__/LICENSE", "Ours.\n")
    made = outputs("python", overlay)
    assert made["minimal_client/LICENSE"] == "Ours.\n"
    assert made.keys() == outputs("python", NO_OVERLAY).keys()


def test_the_core_is_part_of_the_python_target(overlay: Path) -> None:
    core = ROOT / "generator" / "speccast" / "core"
    found = {each.path: each for each in find_templates("python", overlay)}
    parameter = found["__package__/_core/parameter.py"]
    assert (parameter.file, parameter.shown) == (
        core / "parameter.py",
        "templates/python/__package__/_core/parameter.py",
    )
    assert {path.name for path in core.glob("*.py")} == {
        each.file.name for path, each in found.items() if path.startswith("__package__/_core/")
    }
    assert not any("_core" in path for path in paths("openapi", overlay))


def test_an_overlay_replaces_a_file_of_the_core(overlay: Path) -> None:
    write(overlay, "python/__package__/_core/parameter.py", "x = 2\n")
    assert outputs("python", overlay)["minimal_client/_core/parameter.py"] == "x = 2\n"


def test_an_overlay_adds_a_file(overlay: Path) -> None:
    write(overlay, "python/__package__/extra.py.jinja", "x = {{ api.title | literal }}\n")
    made = outputs("python", overlay)
    assert made["minimal_client/extra.py"] == "x = 'Minimal'\n"
    assert made.keys() - outputs("python", NO_OVERLAY).keys() == {"minimal_client/extra.py"}


def test_an_overlay_does_away_with_a_file_by_rendering_it_to_nothing(overlay: Path) -> None:
    write(overlay, "python/README.md.jinja", "{# no read-me #}\n \n")
    assert "README.md" not in outputs("python", overlay)


def test_an_overlay_can_be_another_target(overlay: Path) -> None:
    write(overlay, "typescript/__package__/__model__.ts.jinja", "// {{ model.slug | comment }}\n")
    assert outputs("typescript", overlay) == {"minimal_client/only.ts": "// only\n"}


def test_an_overlay_of_one_target_does_not_touch_another(overlay: Path) -> None:
    write(overlay, "typescript/LICENSE", "Ours.\n")
    assert outputs("python", overlay) == outputs("python", NO_OVERLAY)


def test_unknown_target_is_an_error_with_the_known_ones(overlay: Path) -> None:
    write(overlay, "typescript/a.ts")
    write(overlay, ".hidden/a.ts")
    (overlay / "notes.txt").write_text("no folder")
    with pytest.raises(SpeccastError, match="unknown target 'pyhton'") as caught:
        find_templates("pyhton", overlay)
    known = caught.value.hint.removeprefix("known targets: ").split(", ")
    assert {"python", "typescript"} <= set(known)
    assert not {".hidden", "notes.txt", "pyhton"} & set(known)
    assert known == sorted(set(known))


@pytest.mark.parametrize(
    "path", ["__paket__/a.py", "a/__pakage__.py", "test___modell__.py", "__models__.py.jinja"]
)
def test_unknown_placeholder_is_an_error_that_names_the_file_and_the_known_ones(
    overlay: Path, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(overlay, f"python/{path}")
    monkeypatch.chdir(overlay.parent)
    with pytest.raises(SpeccastError, match=r"unknown placeholder") as caught:
        find_templates("python", overlay)
    assert caught.value.message.startswith(f"templates/python/{path}: unknown placeholder __")
    assert caught.value.hint == "a path may have __package__, __model__ and __api__"


@pytest.mark.parametrize(
    ("path", "output"),
    [
        ("a.py", "a.py"),
        ("a.py.jinja", "a.py"),
        ("a.jinja.jinja", "a.jinja"),
        ("__package__/__init__.py.jinja", "acme/__init__.py"),
        ("__package__/__main__.py", "acme/__main__.py"),
        ("__package__/models/__model__.py.jinja", "acme/models/only.py"),
        ("tests/test___model__.py.jinja", "tests/test_only.py"),
        ("__api__/__package__-__model__.txt", "acme-api/acme-only.txt"),
        ("__package____model__", "acmeonly"),
        ("_package_/__Model__/__model", "_package_/__Model__/__model"),
    ],
)
def test_placeholders_of_a_path_are_replaced_and_init_and_main_are_themselves(path: str, output: str) -> None:
    assert place(path) == output


def test_names_that_look_like_placeholders_are_not_replaced() -> None:
    assert (
        place("__package__/__api__.txt", package="a__api__", folder="__model__") == "a__api__/__model__.txt"
    )
    assert place("__api__/__model__", folder="__package__") == "__package__/only"


def test_only_a_path_with_the_model_is_rendered_once_per_model(overlay: Path) -> None:
    write(overlay, "own/docs/__model__.md.jinja", "{{ model.title | markdown }}\n")
    write(overlay, "own/all.md.jinja", "{{ api.models | length | json }}\n")
    api = api_of(ROOT / "tests" / "apis" / "harmonia")
    made = outputs("own", overlay, api)
    assert made["all.md"] == f"{len(api.models)}\n"
    assert made["docs/voice_clone.md"] == "Voice Clone\n"
    assert len(made) == len(api.models) + 1


def test_a_static_file_is_copied_for_every_model(overlay: Path) -> None:
    write(overlay, "own/__model__.txt", "{{ not rendered }}\n")
    assert outputs("own", overlay) == {"only.txt": "{{ not rendered }}\n"}


@pytest.mark.parametrize(
    ("one", "other", "path"),
    [("a.py", "a.py.jinja", "a.py"), ("minimal_client/x.txt", "__package__/x.txt", "minimal_client/x.txt")],
)
def test_two_templates_of_one_path_are_an_error_that_names_both(
    overlay: Path, one: str, other: str, path: str
) -> None:
    write(overlay, f"own/{one}")
    write(overlay, f"own/{other}")
    with pytest.raises(SpeccastError) as caught:
        outputs("own", overlay)
    first, second = sorted((one, other))
    assert (
        caught.value.message
        == f"templates/own/{second} and templates/own/{first} have the same output: {path}"
    )


def test_two_models_of_one_module_are_an_error(overlay: Path) -> None:
    write(overlay, "own/__model__.txt")
    (model,) = minimal().models
    with pytest.raises(SpeccastError, match=r"have the same output: only\.txt"):
        outputs("own", overlay, replace(minimal(), models=(model, model)))


@pytest.mark.parametrize("path", ["_macros.jinja", "docs/_row.jinja", "__package__/_ts.jinja"])
def test_template_with_an_underscore_and_no_other_ending_has_no_output(overlay: Path, path: str) -> None:
    write(overlay, f"own/{path}")
    write(overlay, "own/a.txt.jinja", "one\n")
    assert outputs("own", overlay) == {"a.txt": "one\n"}
    assert path in paths("own", overlay), "an edit of it makes the output stale"


@pytest.mark.parametrize(
    ("path", "output"),
    [
        ("_api.py.jinja", "_api.py"),
        ("_config.yml", "_config.yml"),
        ("__model__.jinja", "only"),
        ("__init__.jinja", "__init__"),
    ],
)
def test_other_templates_with_an_underscore_have_an_output(overlay: Path, path: str, output: str) -> None:
    write(overlay, f"own/{path}")
    assert outputs("own", overlay).keys() == {output}
