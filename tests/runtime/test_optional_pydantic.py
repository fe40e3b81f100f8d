"""The client works without pydantic; the pydantic models of parameters say what to install."""

from __future__ import annotations

import shutil
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
from acme_client._runtime.check import Prepared, check_body
from acme_client.models.fox_1_5 import PARAMETERS
from acme_support.adapter import KEY, ROOT

if TYPE_CHECKING:
    from pathlib import Path

WITHOUT_PYDANTIC = """
import sys

class Missing:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in ("pydantic", "pydantic_core"):
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

sys.meta_path.insert(0, Missing())
"""


def run(code: str, root: Path = ROOT) -> subprocess.CompletedProcess[str]:
    environment = {"PYTHONPATH": str(root), "ACME_KEY": KEY}
    return subprocess.run(
        [sys.executable, "-c", WITHOUT_PYDANTIC + code],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


def test_parameters_are_checked_without_pydantic() -> None:
    done = run(
        "from acme_client import Acme\n"
        "from acme_client._runtime.errors import ParameterError\n"
        "try: Acme().fox_1_5.generate(prompt='', width=7, urls=[{'a': 1}])\n"
        "except ParameterError as error: print(len(error.violations))\n"
    )
    assert (done.stdout, done.stderr) == ("3\n", "")


def test_without_pydantic_a_params_class_says_what_to_install() -> None:
    done = run(
        "from acme_client._runtime.lazy_params import load_params\n"
        "try: load_params('.._params.fox_1_5', 'acme_client.models.fox_1_5', 'Fox15Params')\n"
        "except ImportError as error: print(error, '|', error.name)\n"
    )
    assert done.stderr == ""
    needed = "Fox15Params needs pydantic. To install it, run: pip install"
    assert done.stdout == f'{needed} "acme-client[pydantic]" | pydantic\n'


def test_a_vendored_copy_asks_for_pydantic_itself(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "acme_client", tmp_path / "vendored")
    done = run(
        "from vendored._runtime.lazy_params import load_params\n"
        "try: load_params('..params', 'vendored._runtime.lazy_params', 'Params')\n"
        "except ImportError as error: print(error)\n",
        tmp_path,
    )
    assert done.stdout.endswith('run: pip install "pydantic>=2.13"\n'), done.stderr


def test_another_missing_module_is_not_blamed_on_pydantic() -> None:
    done = run(
        "from acme_client._runtime.lazy_params import load_params\n"
        "try: load_params('.._params.nothing', 'acme_client.models.fox_1_5', 'NothingParams')\n"
        "except ImportError as error: print(error)\n"
    )
    assert "acme_client.models._params.nothing" in done.stdout
    assert "pip install" not in done.stdout


def test_pydantic_models_are_values_without_being_imported_by_the_client() -> None:
    from pydantic import BaseModel, Field

    class Weighted(BaseModel):
        """A model of the caller's own, with a nested alias."""

        place: str = Field(serialization_alias="path")
        weight: float = 1.0

    body = check_body("fox-1.5", Prepared(PARAMETERS), {"prompt": "a", "loras": (Weighted(place="p"),)})

    assert body["loras"] == [{"path": "p", "weight": 1.0}]


@pytest.mark.parametrize(
    ("values", "refused"),
    [
        ({"width": 64.0, "urls": ("one", "two"), "class": "c"}, {}),
        ({"width": True}, {("width",): "must be an integer, not a boolean"}),
        (
            {"loras": [{"path": "p", "weight": 0.30000000000000004}]},
            {("loras", 0, "weight"): "must be 0 to 2, in steps of 0.1"},
        ),
        ({"format": "gif"}, {("format",): "must be one of 'jpeg', 'png'"}),
        ({"class_": b"x"}, {("class",): "is bytes: pass base64 text or a URL, whichever the API accepts"}),
    ],
)
def test_the_parameter_models_decide_as_the_client_does(
    values: dict[str, Any], refused: dict[tuple[str | int, ...], str]
) -> None:
    from acme_client.models._params.fox_1_5 import Fox15Params
    from pydantic import ValidationError

    try:
        made = Fox15Params.model_validate({"prompt": "a", "sampler": "euler", **values})
    except ValidationError as error:
        assert {problem["loc"]: problem["msg"] for problem in error.errors()} == refused
    else:
        assert not refused
        assert made.model_dump(by_alias=True) == {
            **check_body("fox-1.5", Prepared(PARAMETERS), {"prompt": "a", "sampler": "euler", **values})
        }
