"""Folders, files and rows from elsewhere: nothing outside the folder is touched, and nothing that was paid for is lost."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest
from segmind_batches import CLIENT, SYNC

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

ROWS = [{"prompt": "fox"}, {"prompt": "hen"}]


def test_links_in_the_folder_are_not_followed(client: Any, tmp_path: Path) -> None:
    out, victim = tmp_path / "out", tmp_path / "victim"
    out.mkdir()
    victim.write_text("precious", encoding="utf-8")
    for name in (".results.jsonl.part", ".invalid.jsonl.part", "results.jsonl", "invalid.jsonl", "1.jpg"):
        (out / name).symlink_to(victim)
    made = client.batch([*ROWS, {"prompt": 5}], out=out, model=SYNC, skip_invalid=True)
    assert [row.state for row in made] == ["done", "done"]
    assert victim.read_text(encoding="utf-8") == "precious"


@pytest.mark.parametrize("name", ["journal.lock", "journal.sqlite", ".parts"])
def test_links_in_place_of_the_journal_are_refused(client: Any, tmp_path: Path, name: str) -> None:
    from segmind_client import ApiError

    out, elsewhere = tmp_path / "out", tmp_path / "elsewhere"
    list(client.batch(ROWS, out=elsewhere, model=SYNC))
    out.mkdir()
    target = elsewhere if name == ".parts" else elsewhere / name
    before = sorted((path.name, path.stat().st_size) for path in elsewhere.iterdir())
    (out / name).symlink_to(target)
    with pytest.raises(ApiError, match=name):
        list(client.batch(ROWS, out=out, model=SYNC))
    assert sorted((path.name, path.stat().st_size) for path in elsewhere.iterdir()) == before


def test_files_in_the_hidden_folder_replace_nothing(client: Any, tmp_path: Path) -> None:
    (first, _) = sorted(client.batch(ROWS, out=tmp_path, model=SYNC), key=lambda row: row.key)
    picture = first.paths[0].read_bytes()
    parts = tmp_path / ".parts"
    (parts / "folder").mkdir(parents=True)
    for name in ("1.jpg", "notes.txt", ".7.0123456789abcdef.part"):
        (parts / name).write_bytes(b"other")
    assert list(client.batch(ROWS, out=tmp_path, model=SYNC)) == []
    assert first.paths[0].read_bytes() == picture
    assert sorted(path.name for path in parts.iterdir()) == ["folder", "notes.txt"]


@pytest.mark.parametrize(
    "change",
    ["paths='[\"../../escaped.jpg\"]'", "paths='[\"/tmp/x\"]'", "paths='{'", "paths='[5]'", "state=77"],
)
def test_a_journal_with_invalid_values_is_reported_and_changes_no_other_files(
    client: Any, tmp_path: Path, change: str
) -> None:
    from segmind_client.batch import JournalError

    out = tmp_path / "folder" / "out"
    list(client.batch(ROWS, out=out, model=SYNC))
    with closing(sqlite3.connect(out / "journal.sqlite")) as journal, journal:
        journal.execute(f"UPDATE calls SET {change} WHERE number=1")
        journal.execute("DELETE FROM facts WHERE name='results are written'")
    (out / ".parts").mkdir()
    (out / ".parts" / "1.jpg").write_bytes(b"evil")
    with pytest.raises(JournalError, match="row 1 has invalid values"):
        list(client.batch(ROWS, out=out, model=SYNC))
    assert [path.name for path in tmp_path.iterdir()] == ["folder"]
    assert [path.name for path in (tmp_path / "folder").iterdir()] == ["out"]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda content: b"", "it is empty, although there are results. Restore it"),
        (lambda content: content[:5000], "its end is missing. Restore it"),
        (lambda content: content[:4096] + b"\xff" * 4096 + content[8192:], "is damaged: .*. Restore it"),
        (lambda content: b"a text", "is not the journal of a batch: choose another folder"),
        (
            lambda content: content[:63] + b"\x02" + content[64:],
            "has version 2 .*: use the package that wrote it",
        ),
    ],
)
def test_a_damaged_journal_is_reported_and_stays(
    client: Any, api: Any, tmp_path: Path, change: Callable[[bytes], bytes], message: str
) -> None:
    from segmind_client.batch import JournalError, estimate, status

    list(client.batch(ROWS, out=tmp_path, model=SYNC))
    path = tmp_path / "journal.sqlite"
    path.write_bytes(change(path.read_bytes()))
    before, sent = path.read_bytes(), len(api.journal())
    for use in (
        lambda: status(tmp_path),
        lambda: estimate(client, ROWS, out=tmp_path, model=SYNC),
        lambda: list(client.batch(ROWS, out=tmp_path, model=SYNC)),
    ):
        with pytest.raises(JournalError, match=message):
            use()
    assert path.read_bytes() == before
    assert len(api.journal()) == sent


def test_keys_of_any_kind_become_names_of_files_on_every_system(client: Any, tmp_path: Path) -> None:
    names = {
        "../x": "x",
        "CON": "_CON",
        "aux.txt": "_aux.txt",
        "a/b": "a_b",
        "a\0b": "a_b-5",
        "k" * 300: "k" * 100,
        "狐狸": "狐狸",
        "ä": "ä",
        "a\u0308": "ä-9",
        "é" * 200: "é" * 50,
        "...": "output",
    }
    made = client.batch(
        [{"prompt": key, "key": key} for key in names], out=tmp_path, model=SYNC, name="{key}", concurrency=1
    )
    assert {row.key: row.paths[0].name for row in made} == {key: f"{name}.jpg" for key, name in names.items()}


def test_names_that_differ_in_case_are_different_also_while_they_are_written(tmp_path: Path) -> None:
    from segmind_client.batch._files import Files

    files, saved = Files(tmp_path, "{key}"), [tmp_path / "1.jpg"]
    assert files.names(saved, 1, "Fox", SYNC, None) == ["Fox.jpg"]
    assert files.names(saved, 2, "fox", SYNC, None) == ["fox-2.jpg"]


def test_a_batch_whose_journal_is_removed_sends_no_more(client: Any, api: Any, tmp_path: Path) -> None:
    from segmind_client.batch import JournalError

    api.fault("latency=0.2")
    batch = client.batch([{"prompt": f"fox {each}"} for each in range(60)], out=tmp_path / "out", model=SYNC)
    next(batch)
    (tmp_path / "out").rename(tmp_path / "elsewhere")
    with pytest.raises(JournalError, match="was removed while the batch was running"):
        list(batch)
    assert len(api.journal()) < 30


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("{key:>300}", "file names that can be too long"),
        ("{number:05d}", "is not a template"),
        ("{key}\x01", "characters that file names cannot have"),
        ("{key:\ud800>200}", "characters that|file names that can be too long"),
        ("{seed:.>2}/{key}", "below the folder"),
    ],
)
def test_names_that_cannot_be_those_of_files_are_refused_before_a_call(
    client: Any, api: Any, tmp_path: Path, name: str, message: str
) -> None:
    from segmind_client import ConfigurationError

    with pytest.raises(ConfigurationError, match=message):
        list(client.batch(ROWS, out=tmp_path, model=SYNC, name=name))
    assert api.journal() == []


@pytest.mark.skipif(sys.platform == "win32", reason="pipes with names")
def test_rows_of_a_pipe_are_read_once(client: Any, tmp_path: Path) -> None:
    pipe = tmp_path / "rows.jsonl"
    os.mkfifo(pipe)
    writer = threading.Thread(target=pipe.write_text, args=('{"prompt": "fox"}\n{"prompt": "hen"}\n',))
    writer.start()
    made = list(client.batch(pipe, out=tmp_path / "out", model=SYNC))
    writer.join()
    assert [row.state for row in made] == ["done", "done"]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ('{"prompt": "a", "prompt": "b"}', "duplicate member 'prompt'"),
        ("[" * 100_000, "nested too deeply"),
        ('[{"prompt": "a"}]', "JSON Lines has one in each line"),
    ],
)
def test_lines_that_are_ambiguous_are_violations(
    client: Any, tmp_path: Path, line: str, message: str
) -> None:
    from segmind_client.batch import RowsError

    (tmp_path / "rows.jsonl").write_text(f'{{"prompt": "fox"}}\n{line}', encoding="utf-8")
    with pytest.raises(RowsError, match=message):
        list(client.batch(tmp_path / "rows.jsonl", out=tmp_path / "out", model=SYNC))


def test_nothing_is_sent_if_the_batch_may_cost_nothing(client: Any, api: Any, tmp_path: Path) -> None:
    from segmind_client.batch import BatchStoppedError

    with pytest.raises(BatchStoppedError, match="2 rows to make"):
        list(client.batch(ROWS, out=tmp_path, model=SYNC, max_cost=0))
    assert api.journal() == []


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_terminated_command_finishes_what_is_in_flight(
    api: Any, tmp_path: Path, number: signal.Signals
) -> None:
    from segmind_client.batch import status

    api.fault("latency=1")
    rows = "".join(f'{{"prompt": "fox {each}"}}\n' for each in range(40))
    (tmp_path / "rows.jsonl").write_text(rows, encoding="utf-8")
    process = subprocess.Popen(
        [sys.executable, "-m", "segmind_client", "batch", "rows.jsonl", "-o", "out", "--model", SYNC],
        cwd=tmp_path,
        env={**os.environ, **api.environment, "PYTHONPATH": str(CLIENT)},
        stderr=subprocess.PIPE,
        text=True,
    )
    until = time.monotonic() + 60
    while not api.journal() and time.monotonic() < until:
        time.sleep(0.05)
    process.send_signal(number)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 130, errors
    progress = status(tmp_path / "out").progress
    assert (progress.unknown, progress.sent) == (0, 0)
    assert progress.done == len(api.journal())
