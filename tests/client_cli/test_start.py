"""Which modules a command imports, and what it prints without the packages of the extra `cli`."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from .conftest import Cli

HEAVY = ("pydantic", "httpx2", "rich.console", "asyncio", "acme_client.client")


def modules_loaded(cli: Cli, *arguments: str) -> set[str]:
    """Return names of the modules that the command has imported when it ends."""
    program = f"""
import json, sys
from acme_client.cli import main
assert main({list(arguments)!r}) == 0
json.dump(list(sys.modules), open("loaded.json", "w"))
"""
    subprocess.run(
        [sys.executable, "-c", program], cwd=cli.folder, env=cli.environment, capture_output=True, check=True
    )
    return set(json.loads((cli.folder / "loaded.json").read_text()))


@pytest.mark.parametrize(
    "arguments", [["--help"], ["--version"], ["models"], ["models", "--json"], ["job", "--help"]]
)
def test_commands_without_a_model_load_none(cli: Cli, arguments: list[str]) -> None:
    loaded = modules_loaded(cli, *arguments)
    assert "acme_client.cli.app" in loaded
    assert not [name for name in loaded if name.startswith("acme_client.models")]
    assert not loaded & set(HEAVY)


def test_the_help_of_a_model_loads_that_model_only(cli: Cli) -> None:
    loaded = modules_loaded(cli, "film", "--help")
    models = {name for name in loaded if name.startswith("acme_client.models.")}
    assert models == {"acme_client.models.film"}
    assert not loaded & set(HEAVY)


def test_rich_is_loaded_only_for_a_terminal(cli: Cli) -> None:
    assert "rich.console" not in modules_loaded(cli, "paint-1.0", "--prompt", "x")


def error_of(cli: Cli, package: str, blocked: list[str]) -> str:
    """Return the error of a package's command if modules are not installed."""
    program = f"""
import sys

class Blocker:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {blocked!r}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)

sys.meta_path.insert(0, Blocker())
from {package}.cli import main
sys.exit(main(["--help"]))
"""
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=cli.folder,
        env=cli.environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert done.stdout == ""
    assert "Traceback" not in done.stderr
    return done.stderr


@pytest.mark.parametrize(
    ("blocked", "named"), [(["click"], "click"), (["rich"], "rich"), (["click", "rich"], "click and rich")]
)
def test_a_missing_extra_is_an_error_with_the_command_to_install_it(
    cli: Cli, blocked: list[str], named: str
) -> None:
    error = error_of(cli, "acme_client", blocked)
    assert f"acme-client requires {named} (the extra `cli`)." in error
    assert 'pip install "acme-client[cli]"' in error


def test_a_vendored_copy_names_the_missing_packages(cli: Cli, package: Path) -> None:
    shutil.copytree(package / "acme_client", cli.folder / "shop" / "acme")
    error = error_of(cli, "shop.acme", ["click", "rich"])
    assert error == "acme-client requires click and rich. To install:\n    pip install click rich\n"


def test_the_version_is_the_package_s(cli: Cli) -> None:
    done = cli("--version")
    assert (done.returncode, done.stdout) == (0, "acme-client 1.2.3\n")


INTERRUPTED_IMPORT = """
import os, signal, sys

class Attribute:
    def __set_name__(self, owner, name):
        os.kill(os.getpid(), signal.SIGINT)

class Interrupter:
    def find_spec(self, name, path=None, target=None):
        if name == "MODULE":
            type("Class", (), {"attribute": Attribute()}) if CLASS else os.kill(os.getpid(), signal.SIGINT)

sys.meta_path.insert(0, Interrupter())
"""


@pytest.mark.parametrize(
    ("module", "in_class"), [("click", False), ("click", True), ("acme_client.client", True)]
)
def test_ctrl_c_while_modules_are_imported_ends_quietly(cli: Cli, module: str, in_class: bool) -> None:
    interrupted = INTERRUPTED_IMPORT.replace("MODULE", module).replace("CLASS", str(in_class))
    program = (
        f"{interrupted}\nfrom acme_client.cli import main\nsys.exit(main(['paint-1.0', '--prompt', 'x']))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=cli.folder,
        env=cli.environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "")
