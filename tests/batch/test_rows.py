"""Rows of tables, JSON Lines, Parquet and programs: what is read, and what is reported without a request."""

from __future__ import annotations

import datetime
import decimal
import logging
import math
from typing import TYPE_CHECKING, Any

import pyarrow
import pytest
from pyarrow import parquet
from segmind_batches import JOBS, SYNC

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(scope="module")
def offline() -> Iterator[Any]:
    from segmind_client import Segmind

    with Segmind("key", base_url="http://127.0.0.1:9") as client:
        yield client


def calls(client: Any, rows: Any, **options: Any) -> int:
    from segmind_client.batch import estimate

    number: int = estimate(client, rows, **{"model": SYNC, **options}).calls
    return number


def problems(client: Any, rows: Any, **options: Any) -> str:
    from segmind_client import ApiError

    with pytest.raises(ApiError) as caught:
        calls(client, rows, **options)
    return str(caught.value)


@pytest.mark.parametrize(
    ("name", "content", "number"),
    [
        ("rows.csv", b'\xef\xbb\xbfprompt,seed\r\nfox,1\r\n"hen\r\ncow",2\r\n', 2),
        ("rows.csv", b"prompt,seed\rfox,1\rhen,2\r", 2),
        ("rows.csv", b"prompt,seed\nfox\n\n,\n", 1),
        ("rows.csv", b" prompt , seed \nfox, 7\n", 1),
        ("rows.csv", b"prompt\n" + b"x" * 1_000_000, 1),
        ("rows.jsonl", b'\xef\xbb\xbf{"prompt": "fox"}\r\n\r\n{"prompt": "hen"}', 2),
        ("rows.jsonl", b'{"prompt": "a\\u0000b", "seed": 7.0}\n', 1),
        ("rows.txt", b'{"prompt": "fox"}\n', 1),
    ],
)
def test_files_as_other_programs_write_them(
    offline: Any, tmp_path: Path, name: str, content: bytes, number: int
) -> None:
    (tmp_path / name).write_bytes(content)
    assert calls(offline, tmp_path / name) == number


NOT_JSON_LINES = (
    "is not JSON Lines in UTF-8, with an object in each line. Tables are named .csv, .tsv or .parquet"
)
NOT_UTF_8 = "the line is not UTF-8: save the file as UTF-8"


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("rows.csv", "prompt\nföx\nhen\n".encode("latin-1"), [f":2: {NOT_UTF_8}"]),
        ("rows.csv", "prompt\nfox\n".encode("utf-16"), [f":1: {NOT_UTF_8}"]),
        ("rows.csv", b"prompt\nf\xf6x\nhen\nc\xf6w\n", [f":2: {NOT_UTF_8} (also line 4)"]),
        (
            "rows.csv",
            b'prompt,seed\nhen,2\n"fox,1\ncow,2\n',
            [":3: ", "a quote that begins here is not closed"],
        ),
        ("rows.csv", b'prompt,seed\n"a"b,1\nfox,x\n', [":2: the line is not CSV", ":3: seed='x': must be"]),
        ("rows.csv", b"prompt,prompt\na,b\n", [":1: duplicate column prompt"]),
        ("rows.csv", b"prompt,seed\na,1,2\n", [":2: the line has 3 cells, and the first line 2"]),
        (
            "rows.csv",
            b"prompt,sead\n" + b"fox,1\nhen,2\n" * 4,
            ["8 violations", ":2: sead: is not", "did you mean 'seed'? (also lines 3, 4, 5, 6 and 3 more)"],
        ),
        ("rows.csv", b"prompt,seed\nfox,true\nhen,true\n", [":2: seed='true': must be", " (also line 3)"]),
        ("rows.jsonl", b'{"prompt": "f\xf6x"}\n', [f":1: {NOT_UTF_8}"]),
        ("rows.json", b'[\n{"prompt": "fox"}\n]\n', [NOT_JSON_LINES]),
        ("rows.txt", b"prompt\nfox\n", [NOT_JSON_LINES]),
        ("rows.csv.gz", b"\x1f\x8b\x08", [NOT_JSON_LINES]),
        (
            "rows.json",
            b'{\n"prompt": "fox"\n}\n',
            [":1: ", "at column 2, where the line ends: an object must be in one"],
        ),
        ("rows.jsonl", b'{"prompt": "fox"}\n["fox"]\n', [":2: the line is not a JSON object"]),
        (
            "rows.jsonl",
            b'{"prompt": "fox", "seed": ' + b"9" * 5000 + b"}",
            ["an integer has too many digits"],
        ),
        ("rows.jsonl", b'{"prompt": "fox", "guidance_scale": 1e999}', ["must be a finite number"]),
        ("rows.jsonl", b'{"prompt": "fox", "seed": "7"}', ["must be an integer, not text"]),
        (
            "rows.jsonl",
            b'{"prompt": "fox", "key": ""}\n{"prompt": "hen", "key": 1.5}',
            [":1: key must", ":2: key must"],
        ),
    ],
)
def test_mistakes_in_files_are_reported_once_with_their_lines(
    offline: Any, tmp_path: Path, name: str, content: bytes, expected: list[str]
) -> None:
    (tmp_path / name).write_bytes(content)
    found = problems(offline, tmp_path / name)
    assert [text for text in expected if text not in found] == [], found


def test_lines_after_one_that_is_not_utf_8_are_not_lost(offline: Any, tmp_path: Path) -> None:
    (tmp_path / "rows.csv").write_bytes(b"prompt\nfox\nf\xf6x\nhen\n")
    assert calls(offline, tmp_path / "rows.csv", skip_invalid=True) == 2


def test_a_missing_model_is_reported_once(offline: Any) -> None:
    rows = [{"prompt": f"fox {each}"} for each in range(30)]
    found = problems(offline, rows, model=None)
    assert found.splitlines()[1:] == [
        "  row 1: model is missing: name one in the row, or one for all rows (model=, --model) (also rows 2, 3, 4, 5 and 25 more)"
    ]


@pytest.mark.parametrize(
    ("columns", "expected"),
    [
        ({"prompt": ["fox"], "seed": [decimal.Decimal(7)], "guidance_scale": [decimal.Decimal("7.5")]}, ""),
        ({"prompt": ["fox", "hen"], "seed": [1, None]}, ""),
        (
            {"prompt": ["fox"], "seed": [datetime.datetime(2026, 1, 1)]},
            "seed: must be JSON, or the path of a file (got",
        ),
        ({"prompt": [b"fox"]}, "prompt: must be JSON, or the path of a file (got bytes)"),
        ({"prompt": [{"text": "fox"}]}, "prompt={'text': 'fox'}: must be text, not a dict"),
        ({"prompt": ["fox"], "seed": [math.nan]}, "seed=nan: must be a finite number"),
    ],
)
def test_types_of_parquet(offline: Any, tmp_path: Path, columns: dict[str, list[Any]], expected: str) -> None:
    parquet.write_table(pyarrow.table(columns), tmp_path / "rows.parquet")
    if expected:
        assert f"rows.parquet:1: {expected}" in problems(offline, tmp_path / "rows.parquet")
    else:
        assert calls(offline, tmp_path / "rows.parquet") == len(columns["prompt"])


def test_two_columns_of_parquet_with_the_same_name_are_ambiguous(offline: Any, tmp_path: Path) -> None:
    table = pyarrow.Table.from_arrays(
        [pyarrow.array(["fox"]), pyarrow.array(["hen"])], names=["prompt", "prompt"]
    )
    parquet.write_table(table, tmp_path / "rows.parquet")
    assert "duplicate column prompt" in problems(offline, tmp_path / "rows.parquet")


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        (5, "rows must be a path or an iterable of mappings, not int"),
        ({"prompt": "fox"}, "an iterable of mappings, not dict"),
        (b"rows.csv", "an iterable of mappings, not bytes"),
        ([("prompt", "fox")], "row 1: a row is a mapping, not tuple"),
        ([{"prompt": "fox"}, {"prompt": "hen", 5: 6}], "row 2: the names in a row are texts, not 5"),
        ([{"prompt": "fox", "image": b"x"}], "row 1: image: must be JSON, or the path of a file (got bytes)"),
        ([{"prompt": "fox", "key": True}], "row 1: key must be a text or an integer, not True"),
    ],
)
def test_invalid_rows_of_a_program_are_an_error(offline: Any, rows: Any, expected: str) -> None:
    assert expected in problems(offline, rows)


def test_an_error_of_a_program_that_makes_rows_leaves_nothing(client: Any, api: Any, tmp_path: Path) -> None:
    def rows() -> Iterator[dict[str, str]]:
        yield {"prompt": "fox"}
        raise ValueError("a bug")

    with pytest.raises(ValueError, match="a bug"):
        list(client.batch(rows(), out=tmp_path, model=SYNC))
    assert api.journal() == []
    assert len(list(client.batch([{"prompt": "hen"}], out=tmp_path, model=SYNC))) == 1


def test_a_model_has_its_slug_or_its_name_in_python(offline: Any, caplog: pytest.LogCaptureFixture) -> None:
    rows = [{"prompt": "fox", "model": SYNC}, {"prompt": "fox", "model": "sd2_1_txt2img"}]
    with caplog.at_level(logging.WARNING):
        assert calls(offline, rows, model=None) == 1
        assert caplog.messages == []
        assert calls(offline, [{"prompt": f"fox {each}", "model": f"{SYNC}s"} for each in range(3)]) == 3
    assert caplog.messages == [
        f"This package does not know the model '{SYNC}s'; did you mean {SYNC!r}? Its parameters are not checked."
    ]


def test_a_surface_that_a_model_does_not_have_is_reported_before_the_first_call(offline: Any) -> None:
    found = problems(offline, [{"prompt": "fox"}, {"prompt": "hen"}], surface="async")
    assert f"row 1: {SYNC} has no jobs (surface=async) (also row 2)" in found
    assert calls(offline, [{"prompt": "fox"}], model=JOBS, surface="async") == 1


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"max_costs": 5}, "a batch has no option 'max_costs'; did you mean 'max_cost'?"),
        ({"max_cost": math.nan}, "max_cost must be a number of at least 0, not nan"),
        ({"max_cost": "1"}, "max_cost must be a number of at least 0, not '1'"),
        ({"concurrency": 0}, "concurrency must be an integer of at least 1, not 0"),
        ({"concurrency": "8"}, "concurrency must be"),
        ({"max_failures": 1.5}, "max_failures must be an integer of at least 1, not 1.5"),
        ({"deadline": "1h"}, "deadline must be a number of seconds above 0, not '1h'"),
        ({"deadline": -1}, "deadline must be"),
        ({"rate": 50}, "rate must be REQUESTS/SECONDS, such as 50/60s, not 50"),
        ({"surface": "v2"}, "surface must be 'sync' or 'async', not 'v2'"),
        ({"retry": "all"}, "retry must be 'failed' or 'unknown', not 'all'"),
        ({"defaults": ["seed"]}, "defaults must be a mapping of parameters"),
        ({"defaults": {"key": "x"}}, "key is the name of one row and cannot be set for all rows"),
    ],
)
def test_options_are_checked_before_anything_is_written(
    offline: Any, tmp_path: Path, options: dict[str, Any], message: str
) -> None:
    from segmind_client import ConfigurationError

    kind = TypeError if message.startswith("a batch has no option") else ConfigurationError
    with pytest.raises(kind) as caught:
        list(offline.batch([{"prompt": "fox"}], out=tmp_path / "out", **{"model": SYNC, **options}))
    assert message in str(caught.value)
    assert not (tmp_path / "out").exists()
    with pytest.raises(kind):
        calls(offline, [{"prompt": "fox"}], **options)


def test_rows_that_a_file_has_lost_are_told(
    client: Any, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    file = tmp_path / "rows.csv"
    file.write_text("key,prompt\na,fox\nb,hen\nc,cow\n", encoding="utf-8")
    list(client.batch(file, out=tmp_path / "out", model=SYNC))
    for text, message in (("c,cow\nd,dog\n", "2 rows are"), ("a,fox\nb,hen\nc,cow\nd,dog\n", "")):
        caplog.clear()
        file.write_text(f"key,prompt\n{text}", encoding="utf-8")
        with caplog.at_level(logging.WARNING):
            list(client.batch(file, out=tmp_path / "out", model=SYNC))
        expected = [f"{message} of earlier runs not in {file}: planned rows are sent nevertheless."]
        assert caplog.messages == expected * bool(message)
    file.write_text("prompt\nfox\n", encoding="utf-8")
    list(client.batch(file, out=tmp_path / "lines", model=SYNC))
    file.write_text("prompt\nhen\nfox\n", encoding="utf-8")
    found = problems(client, file, out=tmp_path / "lines")
    assert "rows.csv:2: the journal has other parameters for this key" in found
    assert "named by their line, so add new ones at the end" in found
