"""The programs and commands of docs/cluster.md, on the cluster and against the emulator."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.timeout(1800)
ROOT = Path(__file__).resolve().parents[2]
DOCUMENT = (ROOT / "docs" / "cluster.md").read_text(encoding="utf-8")
START = """
import ray
ray.init(address={address!r}, log_to_driver=False, runtime_env={{"env_vars": {variables!r}}})
"""
PICTURE = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010806000000"
    "1f15c4890000000d49444154789c636464f8cf500f00030601805a347d6b0000000049454e44ae426082"
)


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", DOCUMENT, re.DOTALL | re.MULTILINE)


def test_programs_run(nodes: Any, api: Any, tmp_path: Path) -> None:
    (tmp_path / "rows.csv").write_text("key,prompt\nred,a red fox\nblue,a blue fox\n", encoding="utf-8")
    (tmp_path / "bucket" / "photos").mkdir(parents=True)
    (tmp_path / "bucket" / "photos" / "fox.png").write_bytes(PICTURE)
    start = START.format(
        address=nodes.address, variables={"SEGMIND_API_KEY": "key", "SEGMIND_BASE_URL": api.url}
    )
    programs = blocks("py")
    assert len(programs) == 3
    text = (
        "\n".join(programs)
        .replace('"/shared/', f'"{tmp_path}/')
        .replace("s3://bucket", f"file://{tmp_path}/bucket")
    )
    done = subprocess.run(
        [sys.executable, "-c", start + text], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-5000:]
    assert len(api.journal()) == 3  # the last program has the rows of the first one
    assert len(list((tmp_path / "foxes").glob("*/*.jpg"))) == 2
    assert [path.suffix for path in tmp_path.glob("bucket/snow/shard-*-of-16/fox-*")].count(".jpg") >= 1
    assert done.stdout.splitlines()[-1] == "2"
    assert list((tmp_path / "results").glob("*.parquet"))


def test_commands_install_what_is_needed() -> None:
    (command,) = blocks("sh")
    words = command.replace("'", "").split()
    assert words[:2] == ["pip", "install"]
    done = subprocess.run(
        [sys.executable, "-m", *words[:2], "--dry-run", "--no-deps", words[2]],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "Would install segmind-client-" in done.stdout
    extra = (ROOT / "generated/segmind/python/pyproject.toml").read_text(encoding="utf-8")
    assert '"ray[data]>=' in extra.partition("\nray = [")[2].partition("]\n")[0]
