"""The `batch` commands, as processes against the emulator."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any

import pytest
from segmind_batches import CLIENT, JOBS, PICTURE, SYNC

if TYPE_CHECKING:
    from pathlib import Path

    from tests.command_server import CommandServer

TABLE = "key,prompt,num_inference_steps,guidance_scale\nred,a red fox,20,7.5\nblue,a blue fox,,\n"


class Command:
    """Runs `segmind-client batch` in a folder."""

    def __init__(self, api: Any, folder: Path, forking: CommandServer) -> None:
        self.folder, self._forking = folder, forking
        self.environment = {**os.environ, **api.environment, "PYTHONPATH": str(CLIENT)}

    def start(self, *words: str, **options: Any) -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "segmind_client", "batch", *words]
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "stdin": subprocess.PIPE, **options}
        return subprocess.Popen(command, cwd=self.folder, env=self.environment, encoding="utf-8", **pipes)

    def __call__(self, *words: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
        code, out, err = self._forking.run(
            ["batch", *words], cwd=self.folder, environment=self.environment, stdin=stdin.encode(), timeout=60
        )
        return subprocess.CompletedProcess(words, code, out.decode(), err.decode())


@pytest.fixture
def batch(api: Any, tmp_path: Path, forking: CommandServer) -> Command:
    return Command(api, tmp_path, forking)


def lines(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


def test_a_table_becomes_a_folder_of_pictures(batch: Command, api: Any, tmp_path: Path) -> None:
    (tmp_path / "rows.csv").write_text(TABLE, encoding="utf-8")
    done = batch("rows.csv", "-o", "out", "--model", SYNC, "--set", "seed=7")
    assert (done.returncode, done.stdout) == (0, "out/results.jsonl\n"), done.stderr
    assert "2 rows: 2 done; spent 0.02" in done.stderr
    assert sorted(path.name for path in (tmp_path / "out").glob("*.jpg")) == ["blue-7.jpg", "red-7.jpg"]
    bodies = {entry.body["prompt"]: entry.body for entry in api.journal()}
    assert bodies["a red fox"] == {
        "prompt": "a red fox",
        "num_inference_steps": 20,
        "guidance_scale": 7.5,
        "seed": 7,
    }
    assert bodies["a blue fox"] == {"prompt": "a blue fox", "seed": 7}


def test_the_model_may_stand_before_the_rows(batch: Command, api: Any, tmp_path: Path) -> None:
    (tmp_path / "rows.csv").write_text(TABLE, encoding="utf-8")
    done = batch(SYNC, "rows.csv", "-o", "out", "--set", "seed=7")
    assert (done.returncode, done.stdout) == (0, "out/results.jsonl\n"), done.stderr
    assert {entry.model for entry in api.journal()} == {SYNC}


def test_invalid_rows_are_a_usage_error_and_nothing_is_sent(batch: Command, api: Any, tmp_path: Path) -> None:
    (tmp_path / "rows.csv").write_text(
        "prompt,num_inference_steps\nfox,many\nhen,20\ncow,1.5\n", encoding="utf-8"
    )
    done = batch("rows.csv", "-o", "out", "--model", SYNC)
    assert done.returncode == 2
    assert "2 violations in the rows; nothing was sent" in done.stderr
    assert "rows.csv:2: num_inference_steps='many': must be an integer" in done.stderr
    assert "rows.csv:4: num_inference_steps=1.5: must be an integer" in done.stderr
    assert api.journal() == []


def test_a_batch_that_cannot_create_its_connections_ends(batch: Command, tmp_path: Path) -> None:
    (tmp_path / "rows.csv").write_text(TABLE, encoding="utf-8")
    batch.environment |= {"SSL_CERT_FILE": "none.pem", "SEGMIND_BASE_URL": "https://127.0.0.1:1"}
    done = batch("rows.csv", "-o", "out", "--model", SYNC)
    assert done.returncode == 2, done.stderr
    assert "SSL_CERT_FILE (none.pem) cannot be loaded" in done.stderr
    assert "2 rows: 2 planned" in batch("status", "out").stdout


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("rows.csv", "key;prompt\na;x\n", "the columns are separated by ';' instead of ','"),
        ("rows.tsv", "key,prompt\na,x\n", "the columns are separated by ',' instead of '\\t'"),
    ],
)
def test_a_table_with_other_separators_is_recognized(
    batch: Command, tmp_path: Path, name: str, text: str, message: str
) -> None:
    (tmp_path / name).write_text(text, encoding="utf-8")
    done = batch(name, "-o", "out", "--model", SYNC)
    assert done.returncode == 2
    assert f"{name}:1: {message}" in done.stderr


def test_an_unknown_model_is_reported_before_the_first_request(batch: Command, tmp_path: Path) -> None:
    (tmp_path / "rows.csv").write_text("prompt\na red fox\n", encoding="utf-8")
    done = batch("rows.csv", "-o", "out", "--model", f"{SYNC}s", "--dry-run")
    assert done.returncode == 0
    assert (
        done.stderr
        == f"Warning: This package does not know the model '{SYNC}s'; did you mean {SYNC!r}? Its parameters are not checked.\n"
    )
    assert batch("rows.csv", "-o", "out", "--model", SYNC, "--dry-run").stderr == ""


def test_rows_of_standard_input_and_results_as_json(batch: Command) -> None:
    rows = "".join(json.dumps({"prompt": f"fox {each}", "model": SYNC}) + "\n" for each in range(3))
    done = batch("-", "-o", "out", "--json", "--quiet", stdin=rows)
    assert done.returncode == 0, done.stderr
    found = lines(done.stdout)
    assert {row["state"] for row in found} == {"done"}
    assert sorted(row["line"] for row in found) == [1, 2, 3]
    table = batch("-", "-o", "table", "--model", SYNC, stdin="prompt\nfox\n")
    assert "1 row: 1 done" in table.stderr


def test_failed_rows_are_shown_and_made_again_on_request(batch: Command, api: Any, tmp_path: Path) -> None:
    api.fault("content-block=Not allowed;times=1;when=prompt:fox 1")
    rows = "".join(json.dumps({"prompt": f"fox {each}"}) + "\n" for each in range(3))
    (tmp_path / "rows.jsonl").write_text(rows, encoding="utf-8")
    done = batch("rows.jsonl", "-o", "out", "--model", JOBS)
    assert done.returncode == 1
    assert "2: failed: " in done.stderr
    assert "Not allowed" in done.stderr
    assert "segmind-client batch retry out" in done.stderr
    status = batch("status", "out")
    assert status.stdout.splitlines()[0] == "3 rows: 2 done, 1 failed; spent 0.02"
    again = batch("retry", "out", "--quiet")
    assert again.returncode == 0, again.stderr
    assert json.loads(batch("status", "out", "--json").stdout)["done"] == 3


def test_a_retry_of_unknown_rows_says_how_many_may_be_paid_twice(
    batch: Command, api: Any, tmp_path: Path
) -> None:
    api.fault("reset=after;times=1")
    (tmp_path / "rows.jsonl").write_text('{"prompt": "fox"}\n', encoding="utf-8")
    assert batch("rows.jsonl", "-o", "out", "--model", SYNC).returncode == 1
    again = batch("retry", "out", "--unknown")
    assert again.returncode == 0, again.stderr
    assert "1 unknown row may have been billed, and may be paid for twice." in again.stderr


def test_an_interruption_finishes_what_is_in_flight(batch: Command, api: Any, tmp_path: Path) -> None:
    api.fault("latency=0.5")
    rows = "".join(json.dumps({"prompt": f"fox {each}"}) + "\n" for each in range(100))
    (tmp_path / "rows.jsonl").write_text(rows, encoding="utf-8")
    process = batch.start("rows.jsonl", "-o", "out", "--model", SYNC, "--concurrency", "2")
    until = time.monotonic() + 30
    while len(api.journal()) < 2 and time.monotonic() < until:
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=30)
    assert process.returncode == 130
    assert re.search(r"Waiting for [12] requests? in flight", err)
    assert "To go on, run the same command again" in err
    progress = json.loads(batch("status", "out", "--json").stdout)
    assert progress["unknown"] == progress["sent"] == 0
    assert progress["done"] == len(api.journal())


def test_a_dry_run_needs_no_key_and_leaves_nothing(batch: Command, api: Any, tmp_path: Path) -> None:
    (tmp_path / "rows.csv").write_text(TABLE + "twin,a red fox,20,7.5\n", encoding="utf-8")
    del batch.environment["SEGMIND_API_KEY"]
    done = batch("rows.csv", "-o", "out", "--model", SYNC, "--dry-run")
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[0] == "3 rows: 2 requests with an unknown cost"
    assert "1 duplicates of other rows" in done.stdout
    assert (
        json.loads(batch("rows.csv", "-o", "out", "--model", SYNC, "--dry-run", "--json").stdout)["calls"]
        == 2
    )
    assert [path.name for path in tmp_path.iterdir()] == ["rows.csv"]
    assert api.journal() == []


def test_invalid_rows_are_set_aside_on_request(batch: Command, tmp_path: Path) -> None:
    (tmp_path / "rows.csv").write_text("prompt,seed\nfox,x\nhen,7\n", encoding="utf-8")
    done = batch("rows.csv", "-o", "out", "--model", SYNC, "--skip-invalid")
    assert done.returncode == 0, done.stderr
    assert "Invalid rows were skipped: out/invalid.jsonl" in done.stderr
    (aside,) = lines((tmp_path / "out" / "invalid.jsonl").read_text(encoding="utf-8"))
    assert (aside["line"], aside["row"]["prompt"]) == (2, "fox")


def test_a_canceled_batch_makes_no_more_rows(batch: Command, api: Any, tmp_path: Path) -> None:
    rows = "".join(json.dumps({"prompt": f"fox {each}"}) + "\n" for each in range(5))
    (tmp_path / "rows.jsonl").write_text(rows, encoding="utf-8")
    api.fault("status=401;times=1")
    assert batch("rows.jsonl", "-o", "out", "--model", SYNC, "--concurrency", "1").returncode == 1
    done = batch("cancel", "out")
    assert done.stdout == "5 rows will not be made, 0 jobs canceled\n", done.stderr
    assert json.loads(batch("cancel", "out", "--json").stdout) == {"rows": 0, "jobs": 0, "accepted": 0}
    assert batch("rows.jsonl", "-o", "out", "--model", SYNC).returncode == 1
    assert len(api.journal()) == 1


def test_a_batch_that_runs_is_canceled_by_another_process(batch: Command, api: Any, tmp_path: Path) -> None:
    api.fault("latency=0.5")
    rows = "".join(json.dumps({"prompt": f"fox {each}"}) + "\n" for each in range(30))
    (tmp_path / "rows.jsonl").write_text(rows, encoding="utf-8")
    process = batch.start("rows.jsonl", "-o", "out", "--model", SYNC, "--concurrency", "1")
    until = time.monotonic() + 30
    while not api.journal() and time.monotonic() < until:
        time.sleep(0.05)
    canceled = json.loads(batch("cancel", "out", "--json").stdout)
    _, errors = process.communicate(timeout=30)
    assert process.returncode == 1
    assert "Another process has stopped the batch." in errors
    assert canceled["rows"] + len(api.journal()) == 30


def test_a_second_process_is_refused(batch: Command, api: Any, tmp_path: Path) -> None:
    api.fault("latency=4")
    (tmp_path / "rows.jsonl").write_text('{"prompt": "fox"}\n', encoding="utf-8")
    first = batch.start("rows.jsonl", "-o", "out", "--model", SYNC)
    until = time.monotonic() + 30
    while not api.journal() and time.monotonic() < until:
        time.sleep(0.05)
    second = batch("rows.jsonl", "-o", "out", "--model", SYNC)
    assert second.returncode == 1
    assert str(first.pid) in second.stderr
    assert first.wait(30) == 0
    first.communicate()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["rows.jsonl"], "Missing option '-o'"),
        (["rows.jsonl", "-o", "out", "--concurrency", "0"], "must be a number from 1 to 10000, or auto"),
        (["rows.jsonl", "-o", "out", "--set", "steps"], "--set steps: must be NAME=VALUE"),
        (
            ["rows.jsonl", "-o", "out", "--set", "key=x"],
            "key is the name of one row and cannot be set for all rows",
        ),
        (["rows.jsonl", "-o", ""], "is empty; the working folder is '.'"),
        (["status", ""], "is empty; the working folder is '.'"),
        (["none.jsonl", "-o", "out"], "cannot read none.jsonl: No such file or directory"),
        (["rows.jsonl", "-o", "out", "--rate", "fast"], "rate"),
        (["stat", "out"], "unknown command or file 'stat'; did you mean 'status'?"),
        (["retri", "-o", "out"], "unknown command or file 'retri'; did you mean 'retry'?"),
        (["show", "out"], "unknown command or file 'show': the commands are status, retry and cancel"),
        *(
            (["rows.jsonl", "-o", "out", "--max-cost", wrong], "must be a number of at least 0.")
            for wrong in ("1eur", "nan", "inf", "-1")
        ),
        *(
            (["rows.jsonl", "-o", "out", "--max-failures", wrong], "must be an integer of at least 1.")
            for wrong in ("many", "0", "1.5")
        ),
        *(
            (["rows.jsonl", "-o", "out", "--deadline", wrong], f"such as 90, 90s, 15m or 2h (got {wrong!r})")
            for wrong in ("0", "0m", "soon", "1h30m", "h", "nan")
        ),
    ],
)
def test_wrong_usage(batch: Command, tmp_path: Path, words: list[str], message: str) -> None:
    (tmp_path / "rows.jsonl").write_text('{"prompt": "fox"}\n', encoding="utf-8")
    done = batch(*words)
    assert done.returncode == 2, done.stderr
    assert message in done.stderr


def test_a_file_may_be_called_like_a_misspelled_command(batch: Command, tmp_path: Path) -> None:
    (tmp_path / "stat").write_text('{"prompt": "fox"}\n', encoding="utf-8")
    done = batch("stat", "-o", "out", "--model", SYNC, "--dry-run")
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("rows.csv", ""),
        ("rows.csv", "prompt\n"),
        ("rows.tsv", "prompt\tkey\n\n"),
        ("rows.jsonl", ""),
        ("rows.jsonl", "\n \n"),
        ("-", ""),
        ("-", "prompt\n"),
    ],
)
@pytest.mark.parametrize("option", ["--quiet", "--dry-run", "--skip-invalid"])
def test_no_rows_are_an_error(batch: Command, tmp_path: Path, name: str, text: str, option: str) -> None:
    if name != "-":
        (tmp_path / name).write_text(text, encoding="utf-8")
    done = batch(name, "-o", "out", "--model", SYNC, option, stdin=text)
    assert done.returncode == 2, done.stderr
    assert f"{'standard input' if name == '-' else name} has no rows" in done.stderr


def test_paths_are_relative_to_the_rows_or_for_all_rows_to_the_working_folder(
    batch: Command, api: Any, tmp_path: Path
) -> None:
    (tmp_path / "rows").mkdir()
    (tmp_path / "rows" / "fox.png").write_bytes(PICTURE)
    (tmp_path / "hen.png").write_bytes(PICTURE)
    (tmp_path / "rows" / "rows.csv").write_text("prompt,image\nfox,fox.png\nhen,\n", encoding="utf-8")
    words = ("rows/rows.csv", "-o", "out", "--model", "sd3-med-img2img")
    done = batch(*words, "--set", "image=hen.png")
    assert done.returncode == 0, done.stderr
    assert {entry.body["image"].partition(",")[0] for entry in api.journal()} == {"data:image/png;base64"}
    wrong = batch(*words[:2], "other", *words[3:], "--set", "image=fox.png")
    assert "defaults (--set): image=Path(" in wrong.stderr
    assert f"cannot read {tmp_path}/fox.png: No such file" in wrong.stderr


def test_an_invalid_value_for_all_rows_is_reported_once(batch: Command, api: Any, tmp_path: Path) -> None:
    (tmp_path / "rows.csv").write_text(
        "prompt,seed,num_inference_steps\n" + "fox,,\n" * 20 + "fox,many,\n" + "fox,,few\n", encoding="utf-8"
    )
    words = ("rows.csv", "-o", "out", "--model", SYNC)
    done = batch(*words, "--set", "num_inference_steps=lots")
    assert done.returncode == 2
    found = done.stderr[done.stderr.index("Error: ") :].splitlines()
    assert found[0] == "Error: 3 violations in the rows; nothing was sent"
    assert [line.strip().partition("=")[0] for line in found[1:]] == [
        "defaults (--set): num_inference_steps",
        "rows.csv:22: seed",
        "rows.csv:23: num_inference_steps",
    ]
    assert batch(*words, "--set", "stepz=5").stderr.count("stepz") == 1
    (tmp_path / "good.csv").write_text("prompt,num_inference_steps\nfox,20\n", encoding="utf-8")
    right = batch("good.csv", *words[1:], "--set", "num_inference_steps=lots", "--dry-run")
    assert right.returncode == 0, right.stderr
    assert api.journal() == []


@pytest.mark.parametrize("deadline", ["30", "30s", "1.5m", "1h"])
def test_a_deadline_has_units(batch: Command, tmp_path: Path, deadline: str) -> None:
    (tmp_path / "rows.csv").write_text(TABLE, encoding="utf-8")
    done = batch("rows.csv", "-o", "out", "--model", SYNC, "--deadline", deadline, "--dry-run")
    assert done.returncode == 0, done.stderr


def test_a_deadline_below_a_second_ends_a_batch(batch: Command, api: Any, tmp_path: Path) -> None:
    api.fault("latency=0.5")
    (tmp_path / "rows.csv").write_text(TABLE, encoding="utf-8")
    done = batch("rows.csv", "-o", "out", "--model", SYNC, "--deadline", "0.005m", "--concurrency", "1")
    assert done.returncode == 1, done.stderr
    assert "(deadline)" in done.stderr


def test_a_folder_without_a_batch(batch: Command, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    for words in (["status", "out"], ["retry", "out"], ["cancel", "out"]):
        done = batch(*words)
        assert done.returncode == 1, done.stdout
        assert "out" in done.stderr
        assert "Traceback" not in done.stderr
    assert list((tmp_path / "out").iterdir()) == []
