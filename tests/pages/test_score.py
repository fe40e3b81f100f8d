"""The scorer counts each fact once, and sees certain facts that are wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import yaml

from speccast.pages.score import main
from tests.pages.printers import page

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


def test_score_counts_outcomes(
    project: Path, fox: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    fox["example"]["tone"] = 3
    text = page(fox, "labelled")
    (project / "fox-1.txt").write_text(text, encoding="utf-8")
    spec = {**fox, "parameters": {**fox["parameters"], "tone": {"type": "number"}}}
    path = project / "specs/acme/fox-1.yaml"
    path.write_text(yaml.safe_dump(spec), encoding="utf-8")
    assert main([str(project), str(path.parent), "--list"]) == 0
    out = capsys.readouterr().out
    assert "right-doubtful: fox-1.txt: parameters/tone/type: read 'integer', spec 'number'" in out
    rows = {line.split("  ")[0]: line.split()[-6:] for line in out.splitlines()}
    assert rows["type"] == ["2", "2", "0", "0", "0", "100.0%"]
    assert rows["type (sample)"] == ["1", "0", "1", "0", "0", "0.0%"]
    total, printed = rows["total"], rows["printed"]
    assert int(total[0]) == int(printed[0]) + 1
    assert printed[-1] == "100.0%"


def test_wrong_certain_fact_fails(
    project: Path, fox: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    (project / "fox-1.txt").write_text(page(fox, "squashed"), encoding="utf-8")
    fox["parameters"]["seed"]["maximum"] = 100
    path = project / "specs/acme/fox-1.yaml"
    path.write_text(yaml.safe_dump(fox), encoding="utf-8")
    assert main([str(project), str(path.parent), "--list"]) == 1
    assert "wrong-certain: fox-1.txt: parameters/seed/maximum: read 99, spec 100" in capsys.readouterr().out


def test_keys_that_all_specs_are_older_than_do_not_count(
    project: Path, fox: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    text = "Fox 1\nDraws foxes.\n~$0.03\n" + page(fox, "attributes").partition("\n")[2]
    (project / "fox-1.txt").write_text(text, encoding="utf-8")
    path = project / "specs/acme/fox-1.yaml"
    for price, expected in ({}, 0), ({"price": "~$0.03"}, 0), ({"price": "~$0.05"}, 1):
        path.write_text(yaml.safe_dump({**fox, **price}), encoding="utf-8")
        assert main([str(project), str(path.parent)]) == expected
        assert ("price " in capsys.readouterr().out) == bool(price)
