"""The modules that importing a part of the package loads."""

from __future__ import annotations

import json
import re
import subprocess
import sys

import pytest
from acme_support.adapter import KEY, ROOT


def list_loaded(code: str) -> set[str]:
    """Return names of the top-level modules that are loaded after the code ran in a new Python process."""
    script = f"{code}\nimport sys, json; print(json.dumps(sorted({{name.partition('.')[0] for name in sys.modules}})))"
    environment = {"PYTHONPATH": str(ROOT), "ACME_KEY": KEY}
    run = subprocess.run(
        [sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=True
    )
    return set(json.loads(run.stdout))


@pytest.mark.parametrize(
    "module",
    [
        *(f"_core.{name}" for name in ("api", "check", "model", "omit", "parameter", "patterns", "values")),
        *(
            f"_runtime.{name}"
            for name in (
                "check",
                "conversion",
                "errors",
                "index",
                "lazy_params",
                "log",
                "options",
                "resources",
                "wording",
            )
        ),
        "models.owl",
    ],
)
def test_data_and_errors_load_neither_http_nor_pydantic(module: str) -> None:
    assert not {"httpx2", "pydantic", "asyncio"} & list_loaded(f"import acme_client.{module}")


def test_the_package_and_a_models_module_load_neither_http_nor_pydantic() -> None:
    assert not {"httpx2", "pydantic"} & list_loaded("import acme_client; acme_client.OMIT")


def test_a_checked_call_does_not_load_pydantic() -> None:
    modules = list_loaded(
        "from acme_client import Acme\n"
        "from acme_client._runtime.errors import APIConnectionError\n"
        "client = Acme(base_url='http://127.0.0.1:9', max_retries=0)\n"
        "try: client.fox_1_5.generate(prompt='a')\n"
        "except APIConnectionError: pass\n"
        "else: raise SystemExit('a request got an answer')\n"
    )
    assert "httpx2" in modules
    assert "pydantic" not in modules


def test_nothing_reads_the_environment_at_import() -> None:
    code = "import os; os.environ.clear(); from acme_client import Acme; os.environ['ACME_KEY'] = 'later'; Acme()"
    list_loaded(code)


def test_one_module_imports_the_http_library() -> None:
    runtime = ROOT / "acme_client" / "_runtime"
    importing = re.compile(r"^\s*(?:import|from) (?:httpx2|httpcore2)\b", re.MULTILINE)
    found = {path.name for path in runtime.glob("*.py") if importing.search(path.read_text(encoding="utf-8"))}
    assert found == {"http.py"}
