"""The user's cache folder: nothing in it can come from another user or a checkout."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from speccast.cache import Entries, read_own_file, user_folder

if TYPE_CHECKING:
    from pathlib import Path

NOBODY = 65534
needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files to another user")


@pytest.fixture
def entries_folder(home: Path) -> Path:
    Entries().put("a", b"content")
    assert Entries().get("a") == b"content"
    return home / "speccast" / "entries"


def test_it_is_private(entries_folder: Path) -> None:
    assert [folder.stat().st_mode & 0o777 for folder in (entries_folder, entries_folder.parent)] == [
        0o700,
        0o700,
    ]


@pytest.mark.parametrize("depth", [0, 1])
def test_a_link_is_not_followed(entries_folder: Path, tmp_path: Path, depth: int) -> None:
    folder = [entries_folder, entries_folder.parent][depth]
    folder.rename(tmp_path / "outside")
    folder.symlink_to(tmp_path / "outside")
    before = sorted((tmp_path / "outside").rglob("*"))
    with Entries(limit=0) as entries:
        assert entries.get("a") is None
        entries.put("b", b"content")
    assert sorted((tmp_path / "outside").rglob("*")) == before


def test_nothing_is_created_behind_a_link(home: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    home.mkdir(exist_ok=True)
    (home / "speccast").symlink_to(outside)
    with Entries() as entries:
        entries.put("a", b"content")
    assert list(outside.iterdir()) == []


@pytest.mark.parametrize("depth", [0, 1])
def test_a_folder_that_others_can_write_to_is_not_used(entries_folder: Path, depth: int) -> None:
    [entries_folder, entries_folder.parent][depth].chmod(0o777)
    assert Entries().get("a") is None


@needs_root
@pytest.mark.parametrize("depth", [0, 1])
def test_a_folder_of_another_user_is_not_used(entries_folder: Path, depth: int) -> None:
    os.chown([entries_folder, entries_folder.parent][depth], NOBODY, NOBODY)
    assert Entries().get("a") is None


@needs_root
def test_an_entry_of_another_user_is_not_used(entries_folder: Path) -> None:
    for file in entries_folder.iterdir():
        os.chown(file, NOBODY, NOBODY)
    assert Entries().get("a") is None


@pytest.mark.parametrize("kind", ["link", "pipe", "folder"])
def test_only_a_regular_file_is_an_entry(entries_folder: Path, tmp_path: Path, kind: str) -> None:
    [file] = entries_folder.iterdir()
    file.rename(tmp_path / "elsewhere")
    if kind == "link":
        file.symlink_to(tmp_path / "elsewhere")
    elif kind == "pipe":
        os.mkfifo(file)
    else:
        file.mkdir()
    assert Entries().get("a") is None
    assert read_own_file(file) is None
    with Entries(limit=0) as entries:
        entries.put("b", b"content")
    assert (tmp_path / "elsewhere").exists()


@pytest.mark.parametrize(
    "variables", [{"XDG_CACHE_HOME": "/dev/null"}, {"XDG_CACHE_HOME": "", "HOME": "/dev/null"}]
)
def test_a_temporary_folder_is_the_fallback(tmp_path: Path, variables: dict[str, str]) -> None:
    script = "from speccast.cache import user_folder; print(user_folder('entries', create=True))"
    (tmp_path / "tmp").mkdir()
    ran = subprocess.run(
        [sys.executable, "-c", script], env=os.environ | variables, capture_output=True, text=True, check=True
    )
    folder = tmp_path / "tmp" / f"speccast-{os.geteuid()}" / "entries"
    assert ran.stdout == f"{folder}\n"
    assert folder.stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("name", [".git", "pyproject.toml", "speccast.toml"])
@pytest.mark.parametrize("through_link", [False, True])
def test_a_folder_in_a_checkout_is_not_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, through_link: bool
) -> None:
    """CI systems are often configured to keep the caches of programs in the project, where a pull request can write."""
    cache = tmp_path / "checkout" / ".cache"
    entries = cache / "speccast" / "entries"
    entries.mkdir(parents=True, mode=0o700)
    (tmp_path / "checkout" / name).mkdir()
    (tmp_path / "link").symlink_to(cache)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "link" if through_link else cache))
    monkeypatch.setenv("TMPDIR", str(cache))
    assert user_folder("entries") is None
    assert user_folder("entries", create=True) is None
    (tmp_path / "checkout" / name).rmdir()
    assert user_folder("entries") is not None


def test_a_folder_that_all_users_share_is_not_a_checkout(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shared = tmp_path / "shared"
    shared.mkdir()
    (shared / ".git").mkdir()
    monkeypatch.setenv("XDG_CACHE_HOME", str(shared / "own"))
    monkeypatch.setenv("TMPDIR", str(shared))
    assert user_folder("entries", create=True) is None
    shared.chmod(0o1777)
    assert user_folder("entries", create=True) == shared / "own" / "speccast" / "entries"


def test_without_a_usable_folder_nothing_is_stored(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", "/dev/null")
    monkeypatch.setenv("TMPDIR", "/dev/null")
    with Entries() as entries:
        entries.put("a", b"content")
        assert entries.get("a") is None
    assert user_folder("entries", create=True) is None
