"""Packages in zip archives: found, emulated, vendored and tested as those in folders."""

from __future__ import annotations

import shutil
import sys
import zipfile
from typing import TYPE_CHECKING, Any

import pytest

from speccast import packages
from speccast.emulator.source import read_source
from speccast.errors import SpeccastError
from speccast.packages import find_package, unpack
from speccast.testing import cases, emulator
from speccast.vendoring.source import find_client
from tests.pytest_command import PYTEST
from tests.targets.support import ROOT

if TYPE_CHECKING:
    from pathlib import Path

CLIENT = ROOT / "generated" / "segmind" / "python" / "segmind_client"
SLUG = "sd2.1-txt2img"


@pytest.fixture
def archive(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An archive on the path, with the client of Segmind as it is and vendored in another package."""
    for name in ("zipped_client", "zipped_host/_vendor/client"):
        shutil.copytree(CLIENT, tmp_path / "files" / name, ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / "files" / "zipped_host" / "__init__.py").touch()
    made = shutil.make_archive(str(tmp_path / "packed"), "zip", tmp_path / "files")
    shutil.rmtree(tmp_path / "files")
    monkeypatch.syspath_prepend(made)
    return tmp_path / "packed.zip"


@pytest.mark.parametrize("name", ["zipped_client", "zipped_host._vendor.client"])
def test_a_zipped_package_is_found_emulated_and_tested(archive: Path, name: str) -> None:
    folder = find_package(name)
    assert folder is not None
    assert (folder / "_specs.json").read_bytes() == (CLIENT / "_specs.json").read_bytes()
    assert find_package(name) == folder
    assert SLUG in read_source(name).models
    assert cases(name, SLUG)
    with emulator(name) as running:
        assert running.url.startswith("http")
    assert name not in sys.modules


@pytest.mark.parametrize("source", ["zipped_host._vendor.client", "ARCHIVE"])
def test_a_zipped_package_can_be_vendored(archive: Path, tmp_path: Path, source: str) -> None:
    if source == "ARCHIVE":
        with zipfile.ZipFile(archive) as packed, zipfile.ZipFile(tmp_path / "one.zip", "w") as one:
            for name in packed.namelist():
                if name.startswith("zipped_client/") and not name.endswith("/"):
                    one.writestr(name, packed.read(name))
        source = str(tmp_path / "one.zip")
    client = find_client(source, tmp_path)
    assert client.files["client.py"] == (CLIENT / "client.py").read_bytes()
    assert SLUG in client.bundle.models


def test_pytest_collects_a_zipped_package(archive: Path, tmp_path: Path, run: Any) -> None:
    words = [*PYTEST, "--pyargs", "zipped_client", "-k", "samples"]
    ran = run([sys.executable, *words], cwd=tmp_path, env={"PYTHONPATH": str(archive)}, code=0)
    assert " passed" in ran.out


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 damaged", b"text"])
def test_a_file_that_is_not_an_archive_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "client.whl").write_bytes(content)
    with pytest.raises(SpeccastError, match=r"cannot read .*client\.whl as a zip archive"):
        unpack(tmp_path / "client.whl")


def test_an_archive_stays_in_its_folder_and_has_a_maximum_size(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as packed:
        packed.writestr("../../outside/evil.py", "raise SystemExit")
    folder = unpack(tmp_path / "a.zip")
    assert [path.name for path in folder.rglob("*.py")] == ["evil.py"]
    monkeypatch.setattr(packages, "MOST_BYTES", 5)
    (tmp_path / "a.zip").touch()
    with pytest.raises(SpeccastError, match=r"a\.zip has more than 0 MB of files"):
        unpack(tmp_path / "a.zip")
