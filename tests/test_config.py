"""How a project is found, and the errors of its configuration."""

from __future__ import annotations

import os
import re
import tomllib
from pathlib import Path

import pytest

from speccast import __version__
from speccast.cli import COMMANDS
from speccast.config import KEYS, Project, find_project, project_in
from speccast.errors import SpeccastError
from speccast.lint.configuration import KEYS as LINT_KEYS
from speccast.lint.configuration import configuration


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A folder that is in no project."""
    return tmp_path.resolve()


def load_refused(folder: Path) -> SpeccastError:
    with pytest.raises(SpeccastError) as caught:
        find_project(folder)
    return caught.value


def test_folder_without_configuration_is_a_project_with_defaults(root: Path) -> None:
    project = find_project(root)
    assert project == Project(root, root / "specs", root / "templates", root / "generated")
    assert "python" in project.targets
    assert project.format_types is None
    assert project.cache == root / ".speccast_cache"


def test_project_is_the_nearest_folder_with_specs(root: Path) -> None:
    (root / "specs" / "acme").mkdir(parents=True)
    inside = root / "src" / "deep"
    inside.mkdir(parents=True)
    assert find_project(inside).root == root
    assert find_project(root / "specs" / "acme").root == root


def test_file_named_specs_is_not_a_project(root: Path) -> None:
    (root / "specs").write_text("")
    inside = root / "inside"
    inside.mkdir()
    assert find_project(inside).root == inside


def test_configuration_takes_precedence_over_a_nearer_specs_folder(root: Path) -> None:
    (root / "speccast.toml").write_text("")
    (root / "inside" / "specs").mkdir(parents=True)
    assert find_project(root / "inside").root == root


def test_nearest_configuration_wins(root: Path) -> None:
    (root / "speccast.toml").write_text('output = "far"')
    inside = root / "inside"
    inside.mkdir()
    (inside / "pyproject.toml").write_text('[tool.speccast]\noutput = "near"')
    assert find_project(inside).output == inside / "near"


def test_speccast_toml_takes_precedence_over_pyproject(root: Path) -> None:
    (root / "speccast.toml").write_text('output = "own"')
    (root / "pyproject.toml").write_text('[tool.speccast]\noutput = "shared"')
    assert find_project(root).output == root / "own"


@pytest.mark.parametrize(
    "text", ["", "[project]\nname = 'x'", "[tool.other]\nx = 1", "tool = 1", "[tool]\nother = []"]
)
def test_pyproject_without_our_table_is_ignored(root: Path, text: str) -> None:
    (root / "pyproject.toml").write_text(text)
    (root / "inside").mkdir()
    assert find_project(root / "inside").root == root / "inside"


def test_empty_table_is_a_project(root: Path) -> None:
    (root / "pyproject.toml").write_text("[tool.speccast]")
    (root / "inside").mkdir()
    assert find_project(root / "inside").root == root


def test_paths_are_relative_to_the_root(root: Path) -> None:
    (root / "speccast.toml").write_text(
        'specs = "api/specs"\n'
        'templates = "api/templates"\n'
        'output = "../elsewhere"\n'
        'targets = ["python", "docs", "python"]\n'
        f'required-version = "{__version__}"\n'
        'format-types = "types.py"\n'
        'lint = { ignore = ["D102"] }\n'
    )
    (root / "deep").mkdir()
    assert find_project(root / "deep") == Project(
        root=root,
        specs=root / "api" / "specs",
        templates=root / "api" / "templates",
        output=root / "../elsewhere",
        targets=("python", "docs"),
        format_types=root / "types.py",
        lint={"ignore": ["D102"]},
    )


def test_start_may_be_relative(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (root / "specs").mkdir()
    (root / "inside").mkdir()
    monkeypatch.chdir(root / "inside")
    assert find_project(Path()).root == root


def test_paths_are_relative_to_the_working_folder(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    project = find_project(root)
    (root / "specs").mkdir(exist_ok=True)
    for folder, path, shown in (
        (root, "specs/acme/api.yaml", "specs/acme/api.yaml"),
        (root / "specs", "specs/acme/api.yaml", "acme/api.yaml"),
        (root / "specs", "generated", "../generated"),
        (root.parent, "specs", f"{root.name}/specs"),
        (root, "../x", "../x"),
    ):
        monkeypatch.chdir(folder)
        assert project.format_path(Path(os.path.normpath(root / path))) == shown
    assert project.format_path(Path("/dev/null")) == "/dev/null"


def test_the_search_ends_at_the_root_of_the_repository(root: Path) -> None:
    (root / "specs").mkdir(exist_ok=True)
    inner = root / "vendor" / "repository" / "src"
    inner.mkdir(parents=True)
    assert find_project(inner).root == root.resolve()
    (inner.parent / ".git").mkdir()
    assert find_project(inner).root == inner.resolve()
    (root / "speccast.toml").write_text("")
    assert find_project(inner).root == inner.resolve()
    (inner.parent / "specs").mkdir()
    assert find_project(inner).root == inner.parent.resolve()
    assert find_project(inner).repository == inner.parent.resolve()


def test_the_named_project_is_used_instead_of_those_above_it(root: Path) -> None:
    (root / "speccast.toml").write_text('output = "out"\n')
    (root / "specs").mkdir(exist_ok=True)
    (root / "sub").mkdir()
    named = project_in(root / "sub")
    assert (named.root, named.output.name) == ((root / "sub").resolve(), "generated")
    with pytest.raises(SpeccastError, match="does not exist"):
        project_in(root / "none")


@pytest.mark.parametrize("name", ["pyproject.toml", "speccast.toml"])
@pytest.mark.parametrize("content", [b"[", b"a = ", b"\xff\xfe", b"x = 1\nx = 2"])
def test_invalid_toml_is_an_error_that_names_the_file(root: Path, name: str, content: bytes) -> None:
    (root / name).write_bytes(content)
    assert load_refused(root).message.startswith(f"{root / name}: not valid TOML: ")


def test_unknown_key_is_an_error_with_a_suggestion(root: Path) -> None:
    (root / "speccast.toml").write_text('template = "x"')
    error = load_refused(root)
    assert "unknown key 'template'" in error.message
    assert error.hint == "did you mean 'templates'?"


def test_unknown_key_without_a_similar_one_is_an_error_with_all_keys(root: Path) -> None:
    (root / "speccast.toml").write_text("zzz = 1")
    assert load_refused(root).hint == f"known keys: {', '.join(KEYS)}"


@pytest.mark.parametrize("key", ["specs", "templates", "output", "required-version", "format-types"])
@pytest.mark.parametrize("value", ["1", "true", '""', "[]", "{}", "2024-01-01"])
def test_paths_and_versions_must_be_strings(root: Path, key: str, value: str) -> None:
    (root / "speccast.toml").write_text(f"{key} = {value}")
    message = load_refused(root).message
    assert message.startswith(f"{root / 'speccast.toml'}: {key} must be a string such as ")


@pytest.mark.parametrize("value", ['"python"', "[]", "[1]", "1", '["python", []]'])
def test_targets_must_be_a_list_of_strings(root: Path, value: str) -> None:
    (root / "speccast.toml").write_text(f"targets = {value}")
    assert 'targets must be a list such as ["python"], not ' in load_refused(root).message


@pytest.mark.parametrize("name", ["..", ".", "../python", "a/b", "/etc", "a\\b", "", "-x", ".git", "a b"])
def test_target_must_be_the_name_of_a_folder(root: Path, name: str) -> None:
    (root / "speccast.toml").write_text(f"targets = ['{name}']")
    assert load_refused(root).message.endswith("is not a valid target")


@pytest.mark.parametrize("value", ["1", '"D102"', "[]"])
def test_lint_must_be_a_table(root: Path, value: str) -> None:
    (root / "speccast.toml").write_text(f"lint = {value}")
    assert "lint must be a table, not " in load_refused(root).message


def test_table_of_another_type_is_an_error(root: Path) -> None:
    (root / "pyproject.toml").write_text("[tool]\nspeccast = 1")
    assert load_refused(root).message == f"{root / 'pyproject.toml'}: tool.speccast must be a table"


@pytest.mark.parametrize(
    "required",
    [__version__, f"=={__version__}", ">=0.0.1", "<999", "!=0.0.0", f"~={__version__}", ">=0, <999"],
)
def test_matching_version_is_accepted(root: Path, required: str) -> None:
    (root / "speccast.toml").write_text(f'required-version = "{required}"')
    assert find_project(root).root == root


@pytest.mark.parametrize("required", [">=999", "999.0", "<0.0.1"])
def test_other_version_is_an_error_with_the_command_to_run(root: Path, required: str) -> None:
    (root / "speccast.toml").write_text(f'required-version = "{required}"')
    error = load_refused(root)
    assert error.message.endswith(f"but {__version__} is installed")
    assert error.hint.startswith('pip install "speccast')
    assert required in error.hint


@pytest.mark.parametrize("required", ["new", "^1.0", ">=", ">= x", "1.0; os"])
def test_invalid_version_is_an_error_with_an_example(root: Path, required: str) -> None:
    (root / "speccast.toml").write_text(f'required-version = "{required}"')
    error = load_refused(root)
    assert f"required-version '{required}' is not a version specifier" in error.message
    assert ">=0.1" in error.hint


DOCUMENT = Path(__file__).parents[1] / "docs" / "configuration.md"


def rows(section: str) -> dict[str, list[str]]:
    """Return the rows of a table in the document by their first cells."""
    text = DOCUMENT.read_text(encoding="utf-8").partition(f"## {section}\n")[2].partition("\n## ")[0]
    table = [line.strip("| ").split(" | ") for line in text.splitlines() if line.startswith("| `")]
    return {cells[0].strip("`"): cells[1:] for cells in table}


def test_the_document_has_every_key_with_its_default(root: Path) -> None:
    project = find_project(root)
    documented = rows("The project")
    assert list(documented) == list(KEYS)
    for key in ("specs", "templates", "output"):
        assert documented[key][0] == f'`"{getattr(project, key).relative_to(root)}"`'
    assert tomllib.loads(f"x = {documented['targets'][0].strip('`')}")["x"] == list(project.targets)
    linter = rows("The linter")
    assert list(linter) == list(LINT_KEYS)
    written = {key: cells[0].strip("`") for key, cells in linter.items() if cells[0] != "none"}
    defaults = tomllib.loads("\n".join(f"{key} = {value}" for key, value in written.items()))
    assert configuration(defaults).selection() == configuration({}).selection()
    assert defaults["fail-on"] == configuration({}).fail_on


def test_the_example_of_the_document_is_valid(root: Path) -> None:
    example = re.search(r"```toml\n(.*?)```", DOCUMENT.read_text(encoding="utf-8"), re.DOTALL)
    assert example is not None
    (root / "pyproject.toml").write_text(example[1])
    project = find_project(root)
    assert (project.output, project.targets) == (root / "clients", ("python",))
    assert configuration(project.lint).fail_on == "warning"


def test_the_document_has_the_exit_codes_of_every_command() -> None:
    assert list(rows("Exit codes")) == list(COMMANDS)


def test_the_attributes_in_the_document_are_those_of_this_repository() -> None:
    document = (DOCUMENT.parent / "merging.md").read_text(encoding="utf-8")
    shown = re.search(r"```text\n(.*?)```", document, re.DOTALL)
    assert shown is not None
    assert shown[1] in (DOCUMENT.parents[1] / ".gitattributes").read_text(encoding="utf-8")
