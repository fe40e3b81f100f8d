"""Temporary folders: those of killed runs are deleted by the next run, and a full disk is an error with a way out."""

from __future__ import annotations

import errno
import os
import re
import subprocess
import sys
import tempfile
from typing import TYPE_CHECKING

import pytest

from speccast import cli
from speccast.errors import SpeccastError
from speccast.temporary_folders import temporary_folder

if TYPE_CHECKING:
    from pathlib import Path

KILLED = "import os; from speccast.temporary_folders import temporary_folder\nwith temporary_folder() as folder: os._exit(9)"


@pytest.fixture(autouse=True)
def base(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    return tmp_path


def test_a_folder_is_empty_and_deleted_afterwards(base: Path) -> None:
    with temporary_folder() as folder:
        assert list(folder.iterdir()) == []
        (folder / "file").touch()
    assert list(base.iterdir()) == []


def test_the_folder_of_a_killed_run_is_deleted_and_that_of_a_running_one_is_not(base: Path) -> None:
    with temporary_folder() as running:
        assert subprocess.run([sys.executable, "-c", KILLED], check=False).returncode == 9
        assert len(list(base.iterdir())) == 2
        with temporary_folder():
            pass
        assert running.is_dir()
        assert [path.name for path in base.iterdir()] == [running.parent.name]


def test_nothing_else_is_deleted(base: Path) -> None:
    outside = base / "outside"
    outside.mkdir()
    (outside / "file").touch()
    (outside / "lock").touch()
    (base / "speccast-run-abcdefgh").symlink_to(outside)
    (base / "speccast-run-12345678").mkdir()  # a run that has just started
    (base / "speccast-run-87654321").mkdir()
    os.utime(base / "speccast-run-87654321", (1, 1))
    (base / "speccast-run-pipepipe").mkdir()
    os.mkfifo(base / "speccast-run-pipepipe" / "lock")
    (base / "speccast-run-abcdefgh.txt").mkdir()
    with temporary_folder():
        pass
    assert (outside / "file").exists()
    names = {path.name for path in base.iterdir()} - {"speccast-run-pipepipe"}
    assert names == {"outside", "speccast-run-abcdefgh", "speccast-run-12345678", "speccast-run-abcdefgh.txt"}


@pytest.mark.parametrize("has_name", [True, False])
def test_a_full_disk_is_an_error_that_names_the_folder(base: Path, has_name: bool) -> None:
    with (
        pytest.raises(
            SpeccastError, match=f"temporary folder {re.escape(str(base))}: No space left"
        ) as error,
        temporary_folder() as folder,
    ):
        names = (str(folder / "file"),) if has_name else ()
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), *names)
    assert "TMPDIR" in error.value.hint
    with pytest.raises(FileNotFoundError), temporary_folder():
        (base / "elsewhere" / "file").touch()


def test_a_lack_of_memory_is_an_error_with_a_way_out(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def call(_: list[str]) -> int:
        raise MemoryError

    monkeypatch.setattr(cli, "_call", call)
    assert cli.run(["generate"]) == 2
    assert "speccast generate ran out of memory" in (printed := capsys.readouterr().err)
    assert "SPECCAST_WORKERS=1" in printed
