"""The runtime in a package: `acme_client`, assembled from the templates and the hand-written parts in `support`.

Tests are written once and run with the sync and the async client:

    def test_…(acme, server):
        result = acme.run(acme.client().fox_1_5.generate(prompt="a fox"))

`SPECCAST_RUNTIME` names another folder to take the runtime from, such as a copy in which the mutation run has changed a
rule: `SPECCAST_RUNTIME=… pytest tests/runtime/test_billing.py` must fail then.
"""

from __future__ import annotations

import asyncio
import atexit
import os
import shutil
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

_HERE = Path(__file__).parent
_REPOSITORY = _HERE.parents[1]
_PACKAGE = _REPOSITORY / "templates" / "python" / "__package__"
_RUNTIME = Path(os.environ.get("SPECCAST_RUNTIME") or _PACKAGE / "_runtime")
_CORE = _REPOSITORY / "generator" / "speccast" / "core"

ROOT = Path(tempfile.mkdtemp(prefix="acme-"))
atexit.register(shutil.rmtree, ROOT, ignore_errors=True)
shutil.copytree(_HERE / "support", ROOT, dirs_exist_ok=True)
for _source, _name in ((_RUNTIME, "_runtime"), (_PACKAGE / "batch", "batch"), (_CORE, "_core")):
    shutil.copytree(_source, ROOT / "acme_client" / _name, ignore=shutil.ignore_patterns("__pycache__"))
sys.path.insert(0, str(ROOT))


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing of the machine's environment reaches the client."""
    for name in (
        "ACME_KEY",
        "ACME_URL",
        "ACME_LOG",
        *(f"{kind}_PROXY" for kind in ("HTTP", "HTTPS", "ALL", "NO")),
    ):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


@pytest.fixture
def server() -> Iterator[Any]:
    from acme_support.server import serving

    with serving() as running:
        yield running


@pytest.fixture
def elsewhere() -> Iterator[Any]:
    """Another server: another origin."""
    from acme_support.server import serving

    with serving() as running:
        yield running


@pytest.fixture(params=["sync", "async"])
def acme(request: pytest.FixtureRequest, server: Any) -> Iterator[Any]:
    from acme_support.adapter import Adapter

    with asyncio.Runner() as runner:
        adapter = Adapter(request.param, server.url, runner)
        yield adapter
        adapter.close()


@pytest.fixture
def clock() -> Any:
    """Time that passes only in sleeps, and no jitter: a clock whose `slept` lists them."""
    from acme_support.clock import RecordedClock

    return RecordedClock()


@pytest.fixture
def in_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Run the test in its own folder."""
    monkeypatch.chdir(tmp_path)
